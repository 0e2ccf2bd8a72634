// Golden vectors: the core reads what Python wrote, and refuses what it must.

#include "ServerBytes.h"
#include "rigcast/Encode.h"

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

using nlohmann::json;
using namespace rigcast;

namespace {

std::string file(const std::string& name) {
  std::ifstream in(RIGCAST_PROTO "/vectors/" + name, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<json> vectors(const std::string& direction) {
  std::vector<json> out;
  for (const json& entry : json::parse(file("index.json"))) {
    if (entry.at("direction") == direction)
      out.push_back(entry);
  }
  return out;
}

std::uint64_t number(const json& message, const char* name) {
  if (!message.contains(name))
    return 0;
  const json& value = message.at(name);
  return value.is_string() ? std::stoull(value.get<std::string>()) : value.get<std::uint64_t>();
}

std::string text(const json& message, const char* name) {
  return message.value(name, "");
}

void expectPose(const Pose& pose, const json& expected) {
  const auto curves = expected.value("curves", std::vector<float>()), root = expected.value("root", std::vector<float>());
  const auto rotations = expected.value("rotations", std::vector<float>());
  ASSERT_EQ(pose.curves.size(), curves.size());
  for (std::size_t i = 0; i < curves.size(); ++i)
    EXPECT_NEAR(pose.curves[i], curves[i], 1e-6);
  ASSERT_EQ(pose.rotations.size() * 4, rotations.size());
  for (std::size_t i = 0; i < pose.rotations.size(); ++i) {
    const Quat expectedRotation = normalised({rotations[4 * i], rotations[4 * i + 1], rotations[4 * i + 2], rotations[4 * i + 3]});
    EXPECT_NEAR(pose.rotations[i].x, expectedRotation.x, 2e-6);
    EXPECT_NEAR(pose.rotations[i].y, expectedRotation.y, 2e-6);
    EXPECT_NEAR(pose.rotations[i].z, expectedRotation.z, 2e-6);
    EXPECT_NEAR(pose.rotations[i].w, expectedRotation.w, 2e-6);
  }
  if (!root.empty()) {
    EXPECT_NEAR(pose.root.x, root[0], 1e-6);
    EXPECT_NEAR(pose.root.y, root[1], 1e-6);
    EXPECT_NEAR(pose.root.z, root[2], 1e-6);
  }
}

void expectWelcome(const Welcome& welcome, const json& expected) {
  EXPECT_EQ(welcome.protocol, text(expected, "protocol"));
  EXPECT_EQ(welcome.server, text(expected, "server"));
  EXPECT_EQ(welcome.session, text(expected, "session"));
  EXPECT_EQ(welcome.nowUs, number(expected, "nowUs"));
  EXPECT_EQ(welcome.leadUs, number(expected, "leadUs"));
  EXPECT_EQ(welcome.noLiveAudio, expected.value("noLiveAudio", ""));
  EXPECT_EQ(welcome.emotions, expected.at("emotions").get<std::vector<std::string>>());
  const json& rig = expected.at("rig");
  EXPECT_EQ(welcome.rig.curves, rig.at("curves").get<std::vector<std::string>>());
  EXPECT_EQ(welcome.rig.frameRate, number(rig, "frameRate"));
  EXPECT_EQ(welcome.rig.audioRate, number(rig, "audioRate"));
  ASSERT_EQ(welcome.rig.joints.size(), rig.at("joints").size());
  for (std::size_t i = 0; i < welcome.rig.joints.size(); ++i) {
    const json& joint = rig.at("joints")[i];
    EXPECT_EQ(welcome.rig.joints[i].name, text(joint, "name"));
    EXPECT_EQ(welcome.rig.joints[i].parent, joint.value("parent", 0));
    EXPECT_FLOAT_EQ(welcome.rig.joints[i].offset.y, joint.at("restOffset").value("y", 0.0f));
  }
  EXPECT_EQ(fault(welcome.rig), nullptr);
}

void expectEvent(const Event& event, const json& expected) {
  static const std::map<std::string, std::pair<EventKind, const char*>> KINDS = {
      {"utteranceStarted", {EventKind::UtteranceStarted, "text"}}, {"utteranceEnded", {EventKind::UtteranceEnded, "detail"}},
      {"phone", {EventKind::Phone, "symbol"}},                     {"word", {EventKind::Word, "text"}},
      {"emotionChanged", {EventKind::EmotionChanged, "emotion"}},
  };
  static const std::map<std::string, EndReason> REASONS = {
      {"END_REASON_FINISHED", EndReason::Finished}, {"END_REASON_FAILED", EndReason::Failed}};
  EXPECT_EQ(event.timeUs, number(expected, "timeUs"));
  for (const auto& [name, kind] : KINDS) {
    if (!expected.contains(name))
      continue;
    const json& inner = expected.at(name);
    EXPECT_EQ(event.kind, kind.first);
    EXPECT_EQ(event.text, text(inner, kind.second));
    EXPECT_EQ(event.utterance, number(inner, "utterance"));
    EXPECT_EQ(event.durationUs, number(inner, "durationUs"));
    EXPECT_FLOAT_EQ(event.intensity, inner.value("intensity", 0.0f));
    EXPECT_EQ(event.reason, inner.contains("reason") ? REASONS.at(inner.at("reason")) : EndReason::Unspecified);
    return;
  }
  FAIL() << "no event in " << expected;
}

void expectSame(const ServerMessage& message, const json& expected, const json& entry) {
  if (expected.contains("frame")) {
    ASSERT_EQ(message.body, Body::Frame);
    EXPECT_EQ(message.frame.timeUs, number(expected.at("frame"), "timeUs"));
    EXPECT_EQ(message.frame.sequence, number(expected.at("frame"), "sequence"));
    expectPose(message.frame, entry.value("pose", json::object()));
  } else if (expected.contains("plainFrame") && entry.at("name") != "nasty_not_finite") {
    ASSERT_EQ(message.body, Body::Frame);
    EXPECT_EQ(message.frame.timeUs, number(expected.at("plainFrame"), "timeUs"));
    expectPose(message.frame, expected.at("plainFrame"));
  } else if (expected.contains("plainFrame")) {
    ASSERT_EQ(message.body, Body::Frame);
    EXPECT_EQ(message.frame.curves, std::vector<float>(3, 0.0f));
    EXPECT_EQ(message.frame.rotations.at(0).w, 1);
  } else if (expected.contains("audio")) {
    ASSERT_EQ(message.body, Body::Audio);
    EXPECT_EQ(message.audio.timeUs, number(expected.at("audio"), "timeUs"));
    EXPECT_EQ(message.audio.sequence, number(expected.at("audio"), "sequence"));
    EXPECT_EQ((message.audio.pcm.size + 2) / 3 * 4, text(expected.at("audio"), "pcm").size()); // base64
  } else if (expected.contains("forget")) {
    ASSERT_EQ(message.body, Body::Forget);
    EXPECT_EQ(message.forgetUs, number(expected.at("forget"), "timeUs"));
  } else if (expected.contains("event")) {
    ASSERT_EQ(message.body, Body::Event);
    expectEvent(message.event, expected.at("event"));
  } else if (expected.contains("dropped")) {
    ASSERT_EQ(message.body, Body::Dropped);
    EXPECT_EQ(message.dropped.frames, number(expected.at("dropped"), "frames"));
    EXPECT_EQ(message.dropped.audioUs, number(expected.at("dropped"), "audioUs"));
  } else if (expected.contains("accepted")) {
    ASSERT_EQ(message.body, Body::Accepted);
    EXPECT_EQ(message.accepted.requestId, number(expected.at("accepted"), "requestId"));
    EXPECT_EQ(message.accepted.utterance, number(expected.at("accepted"), "utterance"));
  } else if (expected.contains("pong")) {
    ASSERT_EQ(message.body, Body::Pong);
    EXPECT_EQ(message.pong.nowUs, number(expected.at("pong"), "nowUs"));
  } else if (expected.contains("error")) {
    ASSERT_EQ(message.body, Body::Error);
    EXPECT_EQ(message.error.code, ErrorCode::ResourceExhausted);
    EXPECT_EQ(message.error.message, text(expected.at("error"), "message"));
    EXPECT_EQ(message.error.field, text(expected.at("error"), "field"));
    EXPECT_EQ(message.error.limit, number(expected.at("error"), "limit"));
  } else if (expected.contains("welcome")) {
    ASSERT_EQ(message.body, Body::Welcome);
    expectWelcome(message.welcome, expected.at("welcome"));
  } else {
    EXPECT_EQ(message.body, Body::None);
    EXPECT_TRUE(expected.empty()) << "no test for " << expected;
  }
}

TEST(Vectors, OfTheServerAreReadOrRefused) {
  ServerMessage message; // one for all: nothing may stay behind from the last
  int count = 0;
  for (const json& entry : vectors("server")) {
    const std::string name = entry.at("name");
    SCOPED_TRACE(name);
    const std::string data = file(name + ".bin");
    const bool read = entry.at("verdict") == "read";
    EXPECT_EQ(decode(server_bytes::view(data), message), read);
    if (read)
      expectSame(message, json::parse(file(name + ".json")), entry);
    else
      EXPECT_EQ(message.body, Body::None);
    ++count;
  }
  EXPECT_GT(count, 30);
}

TEST(Vectors, SoundIsByteForByte) {
  ServerMessage message;
  const std::string data = file("audio.bin");
  ASSERT_TRUE(decode(server_bytes::view(data), message));
  EXPECT_EQ(message.audio.pcm.size, 4800u);
  EXPECT_EQ(data.substr(data.size() - 4800), message.audio.pcm.text());
}

TEST(Vectors, OfTheClientAreWrittenAlike) {
  const Vec3 target = {0.5f, 1.5f, -2.0f};
  const std::map<std::string, std::string> written = {
      {"join_default", encodeJoin(0, "")},
      {"say", encodeSay(2, {"[happy] Grüße, 世界!", "de", 1.25f, 0.9f, false})},
      {"interrupt", encodeInterrupt(3, 2000000)},
      {"set_emotion", encodeSetEmotion(4, "sad", 0.5f)},
      {"look_at", encodeLookAt(5, &target)},
      {"look_free", encodeLookAt(6, nullptr)},
      {"ping", encodePing(0xFFFFFFFF)},
      {"start_audio", encodeStartAudio(7, {48000, 2, true, true, true, 0.0f})},
      {"start_audio_default", encodeStartAudio(0, {})},
      {"push_audio", encodePushAudio(std::string_view("\0\x80\xFF\x7F", 4), 0)},
      {"push_audio_next", encodePushAudio(std::string_view("\1\0", 2))},
      {"end_audio", encodeEndAudio(0)},
  };
  for (const auto& [name, bytes] : written)
    EXPECT_EQ(bytes, file(name + ".bin")) << name;
}

TEST(Decode, EveryCutOfAWelcomeIsRefusedOrHarmless) {
  const std::string whole = file("welcome.bin");
  ServerMessage message;
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(decode({reinterpret_cast<const std::uint8_t*>(whole.data()), size}, message), size == 0) << size;
}

TEST(Decode, AFieldNumberBeyondProtobufsIsRefused) {
  ServerMessage message;
  EXPECT_FALSE(decode(server_bytes::view(server_bytes::varint(1ULL << 35) + server_bytes::varint(1)), message));
}

TEST(Decode, AGroupThatEndsAsAnotherIsRefused) {
  ServerMessage message;
  EXPECT_TRUE(decode(server_bytes::view(server_bytes::varint(127 << 3 | 3) + server_bytes::varint(127 << 3 | 4)), message));
  EXPECT_FALSE(decode(server_bytes::view(server_bytes::varint(127 << 3 | 3) + server_bytes::varint(126 << 3 | 4)), message));
}

TEST(Utf8, TakesWellFormedTextOnly) {
  EXPECT_TRUE(isUtf8("naïve 你好 🙂"));
  for (const char* bad : {"\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8", "\xE4\xBD"})
    EXPECT_FALSE(isUtf8(bad));
}

} // namespace
