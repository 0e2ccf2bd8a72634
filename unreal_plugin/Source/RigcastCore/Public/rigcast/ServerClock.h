#pragma once

#include <cstddef>

namespace rigcast {

/**
 * The session's present, seen from here.
 *
 * Each message that tells the session's time arrives some way later. Local arrival less session time, at its least over
 * the newest observations, is the base: the difference of the clocks and the fastest way here. What observations lie
 * above it is jitter; how the least moves from the older to the newer half is the drift. For one thread, no storage beyond itself.
 */
class ServerClock {
public:
  void reset();

  /** The session's time was `sessionUs` when a message was sent that arrived at `localUs`. Once a second is enough. */
  void observe(double localUs, double sessionUs);

  /** The session's present at a local time, less the fastest way here. Microseconds. */
  double now(double localUs) const { return localUs - _baseUs; }

  /** The 90th percentile of delays beyond the fastest, microseconds. */
  double jitterUs() const { return _jitterUs; }

  /** How fast the local clock runs against the session's, parts per million; 0 before a minute is seen. */
  double driftPpm() const;

private:
  struct Observation {
    double localUs, offsetUs;
  };

  static constexpr std::size_t WINDOW = 120;

  const Observation& newest(std::size_t back) const { return _seen[(_next + WINDOW - 1 - back) % WINDOW]; }
  void keepNewest(std::size_t count) { _count = count < _count ? count : _count; }
  void dropOutdated();
  void measure();
  /** The least offset among those from `begin` to `end` back. */
  Observation fastest(std::size_t begin, std::size_t end) const;

  Observation _seen[WINDOW] = {};
  std::size_t _next = 0;
  std::size_t _count = 0;
  double _baseUs = 0;
  double _jitterUs = 0;
};

} // namespace rigcast
