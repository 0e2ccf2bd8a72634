#pragma once

#include <cstdint>

namespace rigcast {

/**
 * How long to wait before the next attempt to connect: 0.25 s, doubled up to 8 s, each less up to a quarter by chance so
 * that many clients of a restarted server do not come at once. For one thread.
 */
class Backoff {
public:
  explicit Backoff(std::uint64_t seed = 1) : _random(seed) {}
  /** It worked: begin anew. */
  void reset() { _attempts = 0; }
  /** Microseconds to wait now. */
  double nextUs();

private:
  std::uint64_t _random;
  int _attempts = 0;
};

} // namespace rigcast
