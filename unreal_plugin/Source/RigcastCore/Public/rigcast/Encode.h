#pragma once

#include "rigcast/Pose.h"

#include <optional>
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

/** Sound of our own that is about to come, as StartAudio in session.proto. */
struct AudioFormat {
  /** Samples a second and channel, 8000 to 96000; 0 means the session's own, 24000. */
  std::uint32_t sampleRate = 0;
  /** 1, or 2 interleaved; 0 means 1. */
  std::uint32_t channels = 0;
  /** 32-bit floats within -1 to 1; else 16-bit integers. Both little-endian. */
  bool isFloat = false;
  /** Cut off what is being said: what a microphone wants. */
  bool interrupt = false;
  /** Only the face shows it. */
  bool noEcho = false;
  /** How far the mouth goes, 0 to 2; without it 1. */
  std::optional<float> strength = {};
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
std::string encodeStartAudio(std::uint32_t requestId, const AudioFormat& format);
/**
 * @param samples bytes of whole samples.
 * @param firstSample how many samples of each channel were recorded before these since StartAudio, so that what is
 * lost on the way is known; without it these follow the last.
 */
std::string encodePushAudio(std::string_view samples, std::optional<std::uint64_t> firstSample = {});
std::string encodeEndAudio(std::uint32_t requestId);

} // namespace rigcast
