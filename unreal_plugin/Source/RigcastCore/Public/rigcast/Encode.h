#pragma once

#include "rigcast/Pose.h"

#include <string>
#include <string_view>

namespace rigcast {

/** What to speak, as Say in session.proto. Text must be UTF-8. */
struct Line {
  std::string_view text = {};
  /** Empty keeps the server's default. */
  std::string_view voice = {};
  /** Speed and pitch, 1 is the voice's own; 0 means 1. */
  float rate = 0;
  float pitch = 0;
  /** Cut off what is being said. */
  bool interrupt = false;
};

// Messages of the client in protobuf's binary form. `requestId` is echoed in the answer; 0 asks for none. Any thread.
std::string encodeJoin(std::uint32_t requestId, std::string_view session);
std::string encodeSay(std::uint32_t requestId, const Line& line);
/** @param timeUs session time of the cut, microseconds; 0 means now. */
std::string encodeInterrupt(std::uint32_t requestId, std::uint64_t timeUs);
/** @param intensity from 0 to 1. */
std::string encodeSetEmotion(std::uint32_t requestId, std::string_view emotion, float intensity);
/** @param target in the model's space, metres; nullptr sets the gaze free. */
std::string encodeLookAt(std::uint32_t requestId, const Vec3* target);
std::string encodePing(std::uint32_t requestId);

} // namespace rigcast
