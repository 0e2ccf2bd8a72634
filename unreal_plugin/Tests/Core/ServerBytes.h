#pragma once

// A server's messages, written by hand for tests. Independent of the core's own reader and writer.

#include "rigcast/Messages.h"

#include <cmath>
#include <string>

namespace server_bytes {

inline std::string varint(std::uint64_t value) {
  std::string out;
  for (; value > 127; value >>= 7)
    out += static_cast<char>((value & 127) | 128);
  return out + static_cast<char>(value);
}

inline std::string number(unsigned field, std::uint64_t value) {
  return varint(field << 3) + varint(value);
}

inline std::string bytes(unsigned field, const std::string& value) {
  return varint(field << 3 | 2) + varint(value.size()) + value;
}

inline std::string int16(double value) {
  const auto n = static_cast<int>(std::lround(value));
  return {static_cast<char>(n & 255), static_cast<char>(n >> 8 & 255)};
}

inline std::string frame(const rigcast::Pose& pose) {
  std::string curves, rotations;
  for (float weight : pose.curves)
    curves += int16(weight * 16384);
  for (const rigcast::Quat& q : pose.rotations)
    rotations += int16(q.x * 32767) + int16(q.y * 32767) + int16(q.z * 32767) + int16(q.w * 32767);
  const std::string root = int16(pose.root.x * 8192) + int16(pose.root.y * 8192) + int16(pose.root.z * 8192);
  return bytes(2, number(1, pose.timeUs) + number(2, pose.sequence) + bytes(3, curves) + bytes(4, rotations) + bytes(5, root));
}

inline std::string audio(std::uint64_t timeUs, const std::string& pcm) {
  return bytes(4, number(1, timeUs) + bytes(3, pcm));
}

inline std::string forget(std::uint64_t timeUs) {
  return bytes(5, number(1, timeUs));
}

inline std::string pong(std::uint64_t nowUs) {
  return bytes(9, number(2, nowUs));
}

inline std::string word(std::uint64_t timeUs, const std::string& text) {
  return bytes(6, number(1, timeUs) + bytes(5, bytes(1, text) + number(2, 1)));
}

inline std::string rig(unsigned curves, unsigned joints, unsigned frameRate = 60, unsigned audioRate = 24000) {
  std::string out;
  for (unsigned i = 0; i < curves; ++i)
    out += bytes(1, "curve" + std::to_string(i));
  for (unsigned i = 0; i < joints; ++i)
    out += bytes(2, bytes(1, "joint" + std::to_string(i)) + number(2, i == 0 ? 1 : 2 * (i - 1)));
  return out + number(3, frameRate) + number(4, audioRate);
}

inline std::string welcome(const std::string& rigBytes, std::uint64_t nowUs, const std::string& protocol = "rigcast.v1",
                           const std::string& noLiveAudio = "") {
  return bytes(1, bytes(1, protocol) + bytes(3, "main") + bytes(4, rigBytes) + number(5, nowUs) + number(6, 200000) +
                      (noLiveAudio.empty() ? "" : bytes(9, noLiveAudio)));
}

inline std::string accepted(std::uint32_t requestId, std::uint32_t utterance) {
  return bytes(8, number(1, requestId) + number(2, utterance));
}

/** @param reason as rigcast::EndReason. */
inline std::string utteranceEnded(std::uint64_t timeUs, std::uint32_t utterance, unsigned reason) {
  return bytes(6, number(1, timeUs) + bytes(3, number(1, utterance) + number(2, reason)));
}

inline std::string error(std::uint32_t requestId, unsigned code, const std::string& message) {
  return bytes(10, number(1, requestId) + number(2, code) + bytes(3, message));
}

inline rigcast::Bytes view(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

} // namespace server_bytes
