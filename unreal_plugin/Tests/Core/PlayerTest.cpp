// A session played: sound and face together, from several threads, without allocation.

#include "Allocations.h"
#include "ServerBytes.h"
#include "rigcast/BodyMap.h"
#include "rigcast/FaceMap.h"
#include "rigcast/Session.h"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>

using namespace rigcast;

namespace {

constexpr double LOCAL = 7e9;
constexpr std::uint64_t START = 5000000;

Pose pose(std::uint64_t k) {
  Pose out;
  setToRest(out, 52, 22);
  out.timeUs = START + k * 1000000 / 60;
  out.sequence = static_cast<std::uint32_t>(k);
  out.curves[17] = 0.5f;
  return out;
}

std::string sound(int count, int value) {
  std::string pcm;
  for (int i = 0; i < count; ++i)
    pcm += server_bytes::int16(value);
  return pcm;
}

/** A session that is live, and speaks. */
class APlayer : public testing::Test {
protected:
  APlayer() {
    session.start("");
    session.opened();
    receive(server_bytes::welcome(server_bytes::rig(52, 22), START), 0);
  }

  void receive(const std::string& bytes, double t) { session.received(server_bytes::view(bytes), LOCAL + t); }

  /** What a server sends for 100 ms at this tick. */
  void block(int tick, const std::string& pcm) {
    const double t = tick * 100e3;
    receive(server_bytes::audio(START + static_cast<std::uint64_t>(tick) * 100000 + 100000, pcm), t);
    for (std::uint64_t k = 0; k < 6; ++k)
      receive(server_bytes::frame(pose(6 + 6 * static_cast<std::uint64_t>(tick) + k)), t);
  }

  /** Pulls 100 ms in five blocks, samples six images. */
  void play(int tick) {
    for (int i = 0; i < 5; ++i)
      player.pull(pulled + 480 * i, 480, LOCAL + tick * 100e3 + i * 20e3);
    for (int i = 0; i < 6; ++i)
      shown = player.sample(LOCAL + tick * 100e3 + i * 16666, out);
  }

  Player player;
  Session session{player};
  Pose out;
  float pulled[2400] = {};
  bool shown = false;
};

TEST_F(APlayer, AllocatesNothingOnceItIsWarm) {
  std::vector<std::string> frames, chunks;
  for (int tick = 0; tick < 50; ++tick) {
    chunks.push_back(server_bytes::audio(START + static_cast<std::uint64_t>(tick + 1) * 100000, sound(2400, 1000)));
    for (int k = 0; k < 6; ++k)
      frames.push_back(server_bytes::frame(pose(static_cast<std::uint64_t>(6 + 6 * tick + k))));
  }
  FaceMap face;
  face.build(player.rig());
  BodyMap body;
  ASSERT_TRUE(body.build(player.rig(), humanoidSkeleton(player.rig())));
  std::vector<Bone> bones = body.bones();
  std::vector<float> values;
  std::size_t before = 0;
  for (int tick = 0; tick < 50; ++tick) {
    if (tick == 5)
      before = allocations;
    receive(chunks[static_cast<std::size_t>(tick)], tick * 100e3);
    for (int k = 0; k < 6; ++k)
      receive(frames[static_cast<std::size_t>(6 * tick + k)], tick * 100e3);
    play(tick);
    face.values(out, values);
    body.apply(out, bones);
  }
  EXPECT_TRUE(shown);
  EXPECT_EQ(allocations - before, 0u);
}

TEST_F(APlayer, SoundsWhatItShows) {
  for (int tick = 0; tick < 10; ++tick) {
    block(tick, sound(2400, 1000));
    play(tick);
  }
  EXPECT_NEAR(pulled[1000], 1000, 1);
  EXPECT_FLOAT_EQ(out.curves[17], 0.5f);
  EXPECT_EQ(player.stats().underrunUs, 0);
  EXPECT_NEAR(player.stats().delayUs, 17e3, 3e3);
}

TEST_F(APlayer, DoesNotClickWhereSoundBeginsOrEndsWithinAWord) {
  receive(server_bytes::audio(START - 100000, sound(4800, 1000)), 0);
  receive(server_bytes::frame(pose(0)), 0); // so 16.7 ms after START there is nothing more
  float samples[1920];
  player.pull(samples, 1920, LOCAL);
  EXPECT_EQ(samples[0], 0);
  EXPECT_EQ(samples[24], 500);
  EXPECT_EQ(samples[400], 1000);
  const auto last = static_cast<std::size_t>(24e-3 * (17e3 + 1e6 / 60));
  EXPECT_EQ(samples[last - 100], 1000);
  EXPECT_NEAR(samples[last - 24], 500, 50);
  EXPECT_EQ(samples[last + 2], 0);
}

TEST_F(APlayer, ForgetsInsideAChunk) {
  for (int tick = 0; tick < 10; ++tick) {
    block(tick, sound(2400, 1000));
    if (tick == 9)
      receive(server_bytes::forget(START + 920000), tick * 100e3);
    play(tick);
  }
  EXPECT_NEAR(pulled[480], 1000, 1); // 0.9 s + 20 ms - 17 ms
  EXPECT_EQ(pulled[1200], 0);
}

TEST_F(APlayer, ShowsNothingThatIsForgotten) {
  for (int tick = 0; tick < 10; ++tick) {
    block(tick, "");
    play(tick);
  }
  receive(server_bytes::forget(START + 1000000), 985e3);
  for (int tick = 10; tick < 13; ++tick)
    play(tick);
  EXPECT_LE(out.timeUs, START + 1000000);
  EXPECT_TRUE(player.stats().waiting);
}

TEST_F(APlayer, GoesOnWithoutASoundDevice) {
  for (int tick = 0; tick < 10; ++tick) {
    block(tick, "");
    shown = player.sample(LOCAL + tick * 100e3, out);
  }
  EXPECT_TRUE(shown);
  EXPECT_NEAR(static_cast<double>(out.timeUs), START + 900e3 - 17e3, 3e3);
}

TEST_F(APlayer, ShutsTheMouthWhenTheConnectionIsGone) {
  for (int tick = 0; tick < 5; ++tick) {
    block(tick, sound(2400, 1000));
    play(tick);
  }
  session.closed(1006, "", LOCAL + 500e3);
  play(5);
  EXPECT_FLOAT_EQ(out.curves[17], 0.5f); // what had come is still played
  for (int tick = 6; tick < 12; ++tick)
    play(tick);
  EXPECT_EQ(out.curves[17], 0);
  EXPECT_EQ(pulled[2399], 0);
}

TEST_F(APlayer, EventsComeWhenTheyAreShown) {
  receive(server_bytes::word(START + 500000, "hello"), 0);
  Event event;
  double at = 0;
  for (int tick = 0; tick < 10 && at == 0; ++tick) {
    block(tick, "");
    play(tick);
    if (player.takeEvent(event))
      at = tick * 100e3;
  }
  EXPECT_EQ(event.text, "hello");
  EXPECT_EQ(at, 500e3);
}

TEST_F(APlayer, ImpossibleTimesDoNoHarm) {
  block(0, sound(2400, 1000));
  Pose far = pose(0);
  far.timeUs = ~0ULL;
  receive(server_bytes::frame(far), 0);
  receive(server_bytes::audio(~0ULL - 5, sound(10, 1)), 0);
  receive(server_bytes::pong(~0ULL), 0);
  receive(server_bytes::forget(~0ULL), 0);
  play(0);
  EXPECT_TRUE(shown);
  EXPECT_LT(out.timeUs, START + 200000);
}

TEST(APlayerBefore, ASessionIsSilentAndShowsNothing) {
  Player player;
  Pose out;
  float samples[16] = {1};
  player.pull(samples, 16, 0);
  EXPECT_EQ(samples[0], 0);
  EXPECT_FALSE(player.sample(0, out));
  EXPECT_EQ(player.audioRate(), 0u);
  player.end();
  player.forget(0);
  EXPECT_EQ(player.stats().delayUs, 0);
}

// For the thread sanitizer above all.
TEST_F(APlayer, MayBeUsedByThreeThreads) {
  std::atomic<int> tick{0};
  std::thread device([&] {
    float samples[480];
    for (int last; (last = tick) < 200;)
      player.pull(samples, 480, LOCAL + last * 10e3);
  });
  std::thread renderer([&] {
    Pose image;
    Event event;
    std::uint64_t newest = 0;
    for (int last; (last = tick) < 200;) {
      (void)player.sample(LOCAL + last * 10e3, image);
      EXPECT_GE(image.timeUs, newest);
      newest = image.timeUs;
      (void)player.takeEvent(event);
      (void)player.stats();
    }
  });
  for (; tick < 200; ++tick) {
    if (tick % 10 == 0)
      block(tick / 10, sound(2400, 500));
    session.tick(LOCAL + tick * 10e3);
    if (tick == 150)
      receive(server_bytes::forget(START + 1600000), tick * 10e3);
  }
  device.join();
  renderer.join();
  EXPECT_EQ(session.state(), State::Live);
}

} // namespace
