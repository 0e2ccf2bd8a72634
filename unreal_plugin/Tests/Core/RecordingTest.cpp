// Sound of our own: recorded on one thread, sent by the session from another.

#include "Allocations.h"
#include "ServerBytes.h"
#include "rigcast/Session.h"

#include <atomic>
#include <cmath>
#include <gtest/gtest.h>
#include <thread>

using namespace rigcast;

namespace {

constexpr std::uint32_t RATE = 48000;
constexpr std::size_t PIECE = RATE / 50;
constexpr unsigned FINISHED = 1, INTERRUPTED = 2;

std::vector<int> samplesOf(const std::string& pcm) {
  std::vector<int> out;
  const Bytes bytes = server_bytes::view(pcm);
  for (std::size_t i = 0; i + 1 < bytes.size; i += 2)
    out.push_back(readInt16(bytes.data + i));
  return out;
}

class ARecording : public testing::Test {
protected:
  ARecording() { recording.begin(RATE); }

  /** So many samples that count on. */
  void count(std::size_t samples) {
    std::vector<float> ramp(samples);
    for (float& sample : ramp)
      sample = static_cast<float>(counted++ % 32767) / 32767;
    recording.record(ramp.data(), samples, 1);
  }

  Recording recording;
  std::string pcm;
  std::uint64_t first = 0;
  int counted = 0;
};

TEST_F(ARecording, GivesWhatWasRecordedInPiecesOf20Ms) {
  EXPECT_FALSE(recording.take(pcm, first));
  count(PIECE + 5);
  ASSERT_TRUE(recording.take(pcm, first));
  EXPECT_EQ(first, 0u);
  const std::vector<int> samples = samplesOf(pcm);
  ASSERT_EQ(samples.size(), PIECE);
  for (std::size_t i = 0; i < PIECE; ++i)
    ASSERT_EQ(samples[i], static_cast<int>(i));
  ASSERT_TRUE(recording.take(pcm, first));
  EXPECT_EQ(first, PIECE);
  EXPECT_EQ(samplesOf(pcm).size(), 5u);
  EXPECT_FALSE(recording.take(pcm, first));
}

TEST_F(ARecording, MixesItsChannelsAndClips) {
  const float stereo[] = {0.5f, 0, 2, 2, -3, -3, NAN, 0, INFINITY, 0};
  recording.record(stereo, 5, 2);
  ASSERT_TRUE(recording.take(pcm, first));
  EXPECT_EQ(samplesOf(pcm), (std::vector<int>{8192, 32767, -32767, 0, 32767}));
}

TEST_F(ARecording, HoldsTwoSecondsOfTheNewest) {
  count(3 * RATE);
  ASSERT_TRUE(recording.take(pcm, first));
  EXPECT_EQ(first, RATE);
  EXPECT_EQ(samplesOf(pcm)[0], static_cast<int>(RATE % 32767));
}

TEST_F(ARecording, BeginsAnewAndKeepsQuietBefore) {
  count(7);
  recording.begin(16000);
  EXPECT_EQ(recording.sampleRate(), 16000u);
  EXPECT_FALSE(recording.take(pcm, first));
  Recording untold;
  const float sample = 1;
  untold.record(&sample, 1, 1);
  EXPECT_FALSE(untold.take(pcm, first));
  for (const std::uint32_t impossible : {0u, 7999u, 96001u, 4000000000u}) {
    untold.begin(impossible);
    untold.record(&sample, 1, 1);
    EXPECT_EQ(untold.sampleRate(), 0u);
    EXPECT_FALSE(untold.take(pcm, first));
  }
}

TEST_F(ARecording, AllocatesNothingOnceItIsWarm) {
  const std::vector<float> block(2 * PIECE, 0.5f);
  recording.record(block.data(), PIECE, 2);
  ASSERT_TRUE(recording.take(pcm, first));
  const std::size_t before = allocations;
  for (int i = 0; i < 500; ++i) {
    recording.record(block.data(), PIECE, 2);
    ASSERT_TRUE(recording.take(pcm, first));
  }
  EXPECT_EQ(allocations - before, 0u);
}

// For the thread sanitizer above all.
TEST_F(ARecording, MayBeTakenFromWhileItRecords) {
  std::atomic<bool> done{false};
  std::thread device([&] {
    for (int i = 0; i < 500; ++i)
      count(64);
    done = true;
  });
  std::uint64_t next = 0;
  for (bool last = false; !last;) {
    last = done;
    while (recording.take(pcm, first)) {
      ASSERT_EQ(first, next);
      ASSERT_EQ(samplesOf(pcm)[0], static_cast<int>(first));
      next += pcm.size() / 2;
    }
  }
  device.join();
  EXPECT_EQ(next, 500u * 64);
}

/** A live session that may send. */
class ASpeaker : public ARecording {
protected:
  ASpeaker() { join(); }

  void join(const std::string& noLiveAudio = "") {
    session.start("");
    session.opened();
    receive(server_bytes::welcome(server_bytes::rig(52, 22), 5000000, PROTOCOL, noLiveAudio));
    (void)sent();
    (void)told();
  }

  void receive(const std::string& bytes) { session.received(server_bytes::view(bytes), 1e6); }

  std::vector<std::string> sent() {
    std::vector<std::string> out;
    for (std::string bytes; session.takeOutgoing(bytes);)
      out.push_back(bytes);
    return out;
  }

  /** How often sending began or ended, and the last trouble. */
  std::pair<int, std::string> told() {
    std::pair<int, std::string> out;
    for (Notice notice; session.takeNotice(notice);) {
      out.first += notice.kind == Notice::Kind::SendingChanged;
      out.second = notice.kind == Notice::Kind::Trouble ? notice.message : out.second;
    }
    return out;
  }

  std::uint32_t start() {
    AudioFormat format;
    format.interrupt = true;
    return session.startAudio(recording, format);
  }

  Player player;
  Session session{player};
};

TEST_F(ASpeaker, SendsWhatIsRecordedWithEachTick) {
  const std::uint32_t id = start();
  ASSERT_NE(id, 0u);
  EXPECT_TRUE(session.sending());
  AudioFormat format;
  format.sampleRate = RATE;
  format.channels = 1;
  format.interrupt = true;
  EXPECT_EQ(sent(), std::vector<std::string>{encodeStartAudio(id, format)});
  count(PIECE + 3);
  session.tick(1e6);
  const std::vector<std::string> messages = sent();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[1].size(), encodePushAudio("123456", PIECE).size());
  count(2);
  session.endAudio();
  EXPECT_FALSE(session.sending());
  EXPECT_EQ(sent().back(), encodeEndAudio(id + 1));
  EXPECT_EQ(told().first, 2);
}

TEST_F(ASpeaker, StopsWhenItIsCutOff) {
  const std::uint32_t id = start();
  receive(server_bytes::accepted(id, 3));
  receive(server_bytes::utteranceEnded(5000000, 2, INTERRUPTED)); // somebody else's
  EXPECT_TRUE(session.sending());
  receive(server_bytes::utteranceEnded(5000000, 3, INTERRUPTED));
  EXPECT_FALSE(session.sending());
  const auto [changes, trouble] = told();
  EXPECT_EQ(changes, 2);
  EXPECT_NE(trouble.find("cut off"), std::string::npos);
  (void)sent();
  count(PIECE);
  session.tick(1e6);
  EXPECT_TRUE(sent().empty());
}

TEST_F(ASpeaker, StopsWhenTheServerEndedIt) {
  receive(server_bytes::accepted(start(), 3));
  receive(server_bytes::utteranceEnded(5000000, 3, FINISHED));
  EXPECT_FALSE(session.sending());
  EXPECT_EQ(told().second, "");
}

TEST_F(ASpeaker, StopsWhenItIsRefused) {
  const std::uint32_t id = start();
  receive(server_bytes::error(id + 9, 1, "another request"));
  EXPECT_TRUE(session.sending());
  receive(server_bytes::error(id, 2, "no model"));
  EXPECT_FALSE(session.sending());
  EXPECT_EQ(told().second, "no model");
}

TEST_F(ASpeaker, StopsWithTheConnection) {
  (void)start();
  session.closed(1006, "", 1e6);
  EXPECT_FALSE(session.sending());
  EXPECT_EQ(start(), 0u);
  session.endAudio();
  EXPECT_TRUE(sent().empty());
}

TEST_F(ASpeaker, OneSoundAtATime) {
  EXPECT_NE(start(), 0u);
  EXPECT_EQ(start(), 0u);
}

TEST_F(ASpeaker, IsToldWhyAServerTakesNone) {
  session.stop();
  join("no model was given");
  EXPECT_EQ(start(), 0u);
  EXPECT_FALSE(session.sending());
  EXPECT_NE(told().second.find("no model was given"), std::string::npos);
}

TEST_F(ASpeaker, IsToldWhatRateItMayHave) {
  recording.begin(4000);
  EXPECT_EQ(start(), 0u);
  EXPECT_NE(told().second.find("8000 to 96000"), std::string::npos);
}

TEST_F(ASpeaker, QueuesNoMoreThanItMay) {
  (void)start();
  for (int i = 0; i < 100; ++i) {
    count(PIECE * 10);
    session.tick(1e6);
  }
  EXPECT_EQ(sent().size(), 256u);
}

} // namespace
