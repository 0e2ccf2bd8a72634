// What is kept by session time: poses, sound, events.

#include "ServerBytes.h"
#include "rigcast/Agenda.h"
#include "rigcast/FrameBuffer.h"
#include "rigcast/SoundBuffer.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace rigcast;

namespace {

Rig rigOf(std::size_t curves, std::size_t joints) {
  Rig rig;
  rig.curves.resize(curves);
  rig.joints.resize(joints);
  rig.frameRate = 60;
  rig.audioRate = 24000;
  return rig;
}

Pose pose(std::uint64_t timeUs, float weight, std::uint32_t sequence = 0) {
  Pose out;
  setToRest(out, 1, 1);
  out.timeUs = timeUs;
  out.sequence = sequence;
  out.curves[0] = weight;
  return out;
}

class Frames : public testing::Test {
protected:
  Frames() { frames.reset(rigOf(1, 1)); }

  float shown(double timeUs) {
    Pose out;
    return frames.sample(timeUs, out) ? out.curves[0] : NAN;
  }

  FrameBuffer frames;
};

TEST_F(Frames, AreShownByTimeWhateverTheOrderOfArrival) {
  for (std::uint64_t timeUs : {30000, 10000, 40000, 20000})
    frames.insert(pose(timeUs, static_cast<float>(timeUs) / 100000));
  EXPECT_FLOAT_EQ(shown(15000), 0.15f);
  EXPECT_FLOAT_EQ(shown(32500), 0.325f);
  EXPECT_FLOAT_EQ(shown(0), 0.1f);
  EXPECT_FLOAT_EQ(shown(90000), 0.4f);
  EXPECT_NEAR(frames.horizonUs(), 40000 + 1e6 / 60, 1e-6);
}

TEST_F(Frames, NothingIsShownBeforeTheFirst) {
  EXPECT_TRUE(std::isnan(shown(0)));
  EXPECT_EQ(frames.horizonUs(), 0);
}

TEST_F(Frames, OfTwoForOneInstantTheLaterEmittedCounts) {
  frames.insert(pose(10000, 0.5f, 0xFFFFFFFF));
  frames.insert(pose(10000, 0.7f, 2)); // the count has wrapped
  frames.insert(pose(10000, 0.1f, 0xFFFFFFFE));
  EXPECT_EQ(frames.size(), 1u);
  EXPECT_FLOAT_EQ(shown(10000), 0.7f);
}

TEST_F(Frames, AreForgottenFromATimeOn) {
  for (std::uint64_t i = 0; i < 5; ++i)
    frames.insert(pose(i * 10000, 1));
  frames.forget(20000);
  EXPECT_EQ(frames.size(), 2u);
  frames.insert(pose(20000, 0));
  EXPECT_FLOAT_EQ(shown(15000), 0.5f);
}

TEST_F(Frames, OldOnesGiveWay) {
  for (std::uint64_t i = 0; i < 2000; ++i)
    frames.insert(pose(i * 10000, static_cast<float>(i)));
  EXPECT_EQ(frames.size(), 512u);
  EXPECT_FLOAT_EQ(shown(0), 2000 - 512);
  frames.insert(pose(5, 7)); // older than all that is held
  EXPECT_FLOAT_EQ(shown(0), 2000 - 512);
  frames.trim(19990000 - 5);
  EXPECT_EQ(frames.size(), 2u);
}

TEST_F(Frames, OfAnotherSizeAreCutOrAtRest) {
  Pose odd;
  setToRest(odd, 3, 0);
  odd.curves[0] = 0.25f;
  frames.insert(odd);
  Pose out;
  ASSERT_TRUE(frames.sample(0, out));
  EXPECT_EQ(out.curves.size(), 1u);
  EXPECT_EQ(out.rotations.size(), 1u);
  EXPECT_EQ(out.rotations[0].w, 1);
}

TEST(Slerp, TurnsEvenlyAndTheShorterWay) {
  const auto about = [](double degrees) {
    const double half = degrees * 3.14159265358979 / 360;
    return Quat{0, static_cast<float>(std::sin(half)), 0, static_cast<float>(std::cos(half))};
  };
  const auto angle = [](const Quat& q) { return 2 * std::atan2(q.y, q.w) * 180 / 3.14159265358979; };
  EXPECT_NEAR(angle(slerp(about(0), about(120), 0.25f)), 30, 1e-3);
  EXPECT_NEAR(angle(slerp(about(10), about(11), 0.5f)), 10.5, 1e-3);
  const Quat far = about(100);
  EXPECT_NEAR(std::fabs(angle(slerp(about(0), {-far.x, -far.y, -far.z, -far.w}, 0.5f))), 50, 1e-3);
  EXPECT_EQ(normalised({0, 0, 0, 0}).w, 1);
  EXPECT_EQ(normalised({NAN, 0, 0, 1}).w, 1);
}

std::string ramp(int first, int count) {
  std::string out;
  for (int i = first; i < first + count; ++i)
    out += server_bytes::int16(i);
  return out;
}

class Sound : public testing::Test {
protected:
  Sound() { sound.reset(24000); }
  void write(std::uint64_t timeUs, const std::string& pcm) { sound.write(timeUs, server_bytes::view(pcm)); }
  SoundBuffer sound;
};

TEST_F(Sound, IsSilenceWhereNoneCame) {
  write(1000000, ramp(1, 100));
  write(2000000, ramp(1, 100));
  EXPECT_EQ(sound.at(std::int64_t{23999}), 0);
  EXPECT_EQ(sound.at(std::int64_t{24000}), 1);
  EXPECT_EQ(sound.at(std::int64_t{24099}), 100);
  EXPECT_EQ(sound.at(std::int64_t{24100}), 0);
  EXPECT_EQ(sound.at(std::int64_t{48000}), 1);
  EXPECT_EQ(sound.at(std::int64_t{99999999}), 0);
  EXPECT_EQ(sound.at(std::int64_t{-5}), 0);
}

TEST_F(Sound, ChunksMeetWithoutAGapWhateverTheirRounding) {
  for (std::uint64_t chunk = 0; chunk < 30; ++chunk) // 1001 samples last no whole number of microseconds
    write((chunk * 1001 * 1000000 + 12000) / 24000, ramp(1, 1001));
  for (std::int64_t i = 0; i < 30 * 1001; ++i)
    ASSERT_EQ(sound.at(i), 1 + i % 1001) << i;
}

TEST_F(Sound, IsForgottenInsideAChunk) {
  write(0, ramp(1, 2400));
  sound.forget(50000);
  EXPECT_EQ(sound.at(std::int64_t{1199}), 1200);
  EXPECT_EQ(sound.at(std::int64_t{1200}), 0);
  write(50000, ramp(7, 1));
  EXPECT_EQ(sound.at(std::int64_t{1200}), 7);
}

TEST_F(Sound, BetweenSamplesIsOnTheCurve) {
  write(0, ramp(1, 100));
  EXPECT_FLOAT_EQ(sound.at(10.0), 11);
  EXPECT_FLOAT_EQ(sound.at(10.25), 11.25);
}

TEST_F(Sound, OldSoundGivesWayAndTheImpossibleIsLeftOut) {
  write(0, ramp(1, 100));
  write(60000000, ramp(1, 100));
  EXPECT_EQ(sound.at(std::int64_t{0}), 0);
  write(0, ramp(1, 100)); // far too late
  EXPECT_EQ(sound.at(std::int64_t{0}), 0);
  write(~0ULL, ramp(1, 100));
  sound.forget(~0ULL);
  EXPECT_EQ(sound.at(std::int64_t{1440000}), 1);
}

TEST(Events, ComeAtTheirTimeAndAreForgotten) {
  Agenda agenda;
  for (std::uint64_t timeUs : {30, 10, 20, 10}) {
    Event event;
    event.timeUs = timeUs;
    event.text = std::to_string(timeUs);
    agenda.insert(event);
  }
  Event out;
  EXPECT_FALSE(agenda.take(9, out));
  EXPECT_TRUE(agenda.take(10, out));
  EXPECT_TRUE(agenda.take(10, out));
  EXPECT_EQ(out.text, "10");
  EXPECT_FALSE(agenda.take(10, out));
  agenda.forget(30);
  EXPECT_TRUE(agenda.take(1e9, out));
  EXPECT_EQ(out.timeUs, 20u);
  EXPECT_FALSE(agenda.take(1e9, out));
}

} // namespace
