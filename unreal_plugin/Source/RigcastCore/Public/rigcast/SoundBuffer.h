#pragma once

#include "rigcast/Bytes.h"

#include <vector>

namespace rigcast {

/**
 * Sound by session time, silence where none came. Holds about five seconds at 24 kHz; what comes earlier than the
 * oldest second thereof is lost. All storage is taken by `reset`. For one thread.
 */
class SoundBuffer {
public:
  /** Empties it. @param audioRate samples a second. */
  void reset(std::uint32_t audioRate);

  /** Copies samples in. @param timeUs session time of the first, microseconds. @param pcm 16-bit little-endian. */
  void write(std::uint64_t timeUs, Bytes pcm);

  /** Silences all from this session time on, microseconds. */
  void forget(std::uint64_t timeUs);

  /** The sample of this index of the session; 0 where there is none. */
  std::int16_t at(std::int64_t index) const;

  /** The sound between samples, by the cubic through the four around (Catmull-Rom). */
  float at(double index) const;

  /** Index of the sample at a session time in microseconds, rounded to the nearest. */
  std::int64_t index(std::uint64_t timeUs) const;

private:
  static constexpr std::int64_t CAPACITY = 1 << 17;

  std::int16_t& slot(std::int64_t index) { return _samples[static_cast<std::size_t>(index & (CAPACITY - 1))]; }
  /** Moves the end forward, silent. */
  void extend(std::int64_t end);

  // Samples from _end - CAPACITY to _end are held.
  std::vector<std::int16_t> _samples;
  std::int64_t _end = 0;
  std::uint32_t _rate = 24000;
};

} // namespace rigcast
