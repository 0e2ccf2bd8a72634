#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace rigcast {

/**
 * Recorded sound on its way from the thread that records to the one that sends: mono, 16 bits. Holds two seconds; where
 * more waits the oldest gives way, and the indices tell.
 *
 * Every method may be called by any thread; each holds a lock for some microseconds. All storage is taken by `begin`.
 */
class Recording {
public:
  /**
   * Empties it and begins to count anew.
   * @param sampleRate samples a second and channel, 8000 to 96000; with any other it takes nothing.
   */
  void begin(std::uint32_t sampleRate);

  /** As told to `begin`; 0 before, and where that was no rate to record with. */
  std::uint32_t sampleRate() const;

  /**
   * Mixes interleaved samples to one channel. What is beyond -1 to 1 is clipped, what is no number is silence. Before
   * `begin` it takes nothing.
   * @param frames how many samples of each channel.
   */
  void record(const float* samples, std::size_t frames, std::size_t channels);

  /**
   * Moves out what waits, the oldest first, 20 ms at most.
   * @param pcm 16-bit little-endian; keeps its storage. @param first how many samples were recorded before these.
   * @return false if nothing waits.
   */
  bool take(std::string& pcm, std::uint64_t& first);

private:
  mutable std::mutex _mutex;
  /** A ring; the sample of index i is at i modulo its size. Those from _taken to _recorded wait. */
  std::vector<std::int16_t> _samples;
  std::uint64_t _recorded = 0;
  std::uint64_t _taken = 0;
  std::uint32_t _sampleRate = 0;
};

} // namespace rigcast
