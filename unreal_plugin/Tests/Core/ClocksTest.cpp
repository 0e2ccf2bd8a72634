// Where the performance stands: server clock, device clock, delay, play-head.

#include "rigcast/Backoff.h"
#include "rigcast/DeviceClock.h"
#include "rigcast/PlayHead.h"
#include "rigcast/PlayOut.h"
#include "rigcast/ServerClock.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

using namespace rigcast;

namespace {

TEST(TheServersClock, IsThatOfTheFastestMessage) {
  ServerClock clock;
  for (int i = 0; i < 10; ++i)
    clock.observe(1e9 + i * 1e6 + (i == 4 ? 3000 : 20000), i * 1e6);
  EXPECT_NEAR(clock.now(1e9 + 3000 + 20e6), 20e6, 1);
  EXPECT_NEAR(clock.jitterUs(), 17000, 1);
}

TEST(TheServersClock, StandsStillWithTheServer) {
  ServerClock clock;
  for (int i = 0; i < 10; ++i)
    clock.observe(i * 1e6, i * 1e6);
  clock.observe(12e6, 10e6); // one late message tells nothing
  EXPECT_NEAR(clock.now(12e6), 12e6, 1);
  clock.observe(12.1e6, 10.1e6);
  clock.observe(12.2e6, 10.2e6);
  EXPECT_NEAR(clock.now(12.2e6), 10.2e6, 1);
  clock.observe(13e6, 13e6); // it was the network after all
  EXPECT_NEAR(clock.now(13e6), 13e6, 1);
  EXPECT_EQ(clock.jitterUs(), 0);
}

TEST(TheServersClock, TellsTheDrift) {
  ServerClock clock;
  for (int i = 0; i < 120; ++i)
    clock.observe(i * 1e6 * (1 + 100e-6) + (i * 7919 % 13) * 100, i * 1e6);
  EXPECT_NEAR(clock.driftPpm(), 100, 15);
  clock.reset();
  clock.observe(0, 0);
  EXPECT_EQ(clock.driftPpm(), 0);
}

TEST(TheDevicesClock, IsEvenWhereItsCallsAreNot) {
  DeviceClock clock;
  double worst = 0;
  for (int i = 0; i < 1000; ++i) {
    const double late = i * 7919 % 4000;
    const double due = clock.due(1e9 + i * 20002.0 + late, 20000); // 100 ppm slow
    if (i > 200)
      worst = std::max(worst, std::fabs(due - (1e9 + i * 20002.0 + 2000)));
  }
  EXPECT_LT(worst, 1000);
  EXPECT_EQ(clock.due(5e9, 20000), 5e9); // it had stopped
}

TEST(TheDelay, CoversJitterAndLatencyWithinBounds) {
  PlayOut playOut;
  playOut.setLatencyUs(40000);
  EXPECT_EQ(playOut.delayUs(10000), 67000);
  EXPECT_EQ(playOut.delayUs(1e6), 40000 + 60000 + 17000);
}

TEST(TheDelay, LearnsFromWaitsThatCanBeBorneAndForgetsInSilence) {
  PlayOut playOut;
  playOut.going();
  playOut.waiting(200000);
  playOut.waiting(300000);
  playOut.going();
  EXPECT_EQ(playOut.delayUs(0), 300000);
  playOut.waiting(450000);
  playOut.waiting(900000);
  EXPECT_EQ(playOut.delayUs(0), 300000);
  playOut.relax(60e6);
  EXPECT_NEAR(playOut.delayUs(0), 17000, 1);
}

constexpr double BLOCK = 20000;
constexpr double FAR = 1e12;

class Head : public testing::Test {
protected:
  Head() { head.begin(0, 0); }

  void run(int blocks, double goalAhead, double horizonUs, bool sounding) {
    for (int i = 0; i < blocks; ++i, local += BLOCK)
      head.advance(local, BLOCK, local + goalAhead, horizonUs, sounding);
  }

  PlayHead head;
  double local = 0;
};

TEST_F(Head, FollowsItsGoal) {
  run(10, 0, FAR, true);
  EXPECT_NEAR(head.at(100000), 100000, 1e-6);
  EXPECT_NEAR(head.at(205000), 205000, 1e-6); // a little beyond what is known
  EXPECT_NEAR(head.at(900000), 250000, 1e-6); // not far beyond
}

TEST_F(Head, SlewsSmallErrorsUnheard) {
  run(50, 50000, FAR, true);
  EXPECT_NEAR(head.positionUs(), 1e6 * 1.002, 1);
  run(250, 50000, FAR, false);
  EXPECT_NEAR(head.positionUs() - local, 50000, 2500);
  EXPECT_EQ(head.jumps(), 0u);
}

TEST_F(Head, JumpsForwardOnceOverLargeErrors) {
  run(10, 0, FAR, true);
  run(10, 500000, FAR, true);
  EXPECT_EQ(head.jumps(), 1u);
  EXPECT_NEAR(head.positionUs() - local, 500000, 1);
}

TEST_F(Head, DoesNotJumpToWhereNothingIs) {
  run(10, 0, FAR, true);
  run(3, 500000, head.positionUs() + 150000, true);
  EXPECT_EQ(head.jumps(), 0u);
  EXPECT_FALSE(head.waiting());
}

TEST_F(Head, NeverStepsBack) {
  run(10, 0, FAR, true);
  const double before = head.positionUs();
  run(10, -400000, FAR, true);
  EXPECT_EQ(head.positionUs(), before);
  EXPECT_EQ(head.underrunUs(), 0); // it waits by its own will
  run(30, -400000, FAR, true);
  EXPECT_NEAR(head.positionUs() - local, -400000, 150000);
}

TEST_F(Head, WaitsAtTheHorizonAndCountsIt) {
  run(10, 0, 150000, true);
  EXPECT_EQ(head.positionUs(), 150000);
  EXPECT_TRUE(head.waiting());
  EXPECT_NEAR(head.underrunUs(), 50000, 1);
  EXPECT_NEAR(head.at(199000), 150000, 1e-6);
  const Stretch& next = head.advance(local, BLOCK, local - 50000, FAR, true);
  EXPECT_TRUE(next.fresh);
  EXPECT_NEAR(next.sessionUs, 150000, 1e-6);
}

TEST_F(Head, GoesOnWhileTheDeviceIsAway) {
  run(10, 0, FAR, true);
  local += 1e6;
  run(1, 0, FAR, true);
  EXPECT_NEAR(head.positionUs(), local, 1e-3);
}

TEST(TheBackoff, DoublesUpToEightSecondsAndBeginsAnew) {
  Backoff backoff(7);
  for (double longest : {0.25e6, 0.5e6, 1e6, 2e6, 4e6, 8e6, 8e6}) {
    const double wait = backoff.nextUs();
    EXPECT_LE(wait, longest);
    EXPECT_GE(wait, 0.75 * longest);
  }
  backoff.reset();
  EXPECT_LE(backoff.nextUs(), 0.25e6);
}

} // namespace
