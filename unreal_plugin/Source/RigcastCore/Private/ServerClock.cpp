#include "rigcast/ServerClock.h"

#include <algorithm>

namespace rigcast {
namespace {

// Base and jitter follow from so many of the newest observations; drift from all.
constexpr std::size_t RECENT = 20;
// So many observations in a row late by more than STEP mean that the session's time stood still.
constexpr std::size_t SURPRISE = 3;
constexpr double LATE_US = 100e3;
constexpr double DRIFT_SPAN_US = 60e6;

} // namespace

void ServerClock::reset() {
  *this = ServerClock();
}

void ServerClock::observe(double localUs, double sessionUs) {
  _seen[_next] = {localUs, localUs - sessionUs};
  _next = (_next + 1) % WINDOW;
  _count = std::min(_count + 1, WINDOW);
  dropOutdated();
  measure();
}

void ServerClock::dropOutdated() {
  if (_count == 1)
    return;
  if (newest(0).offsetUs < _baseUs - LATE_US) {
    keepNewest(1);
    return;
  }
  for (std::size_t i = 0; i < SURPRISE; ++i) {
    if (i == _count || newest(i).offsetUs < _baseUs + LATE_US)
      return;
  }
  keepNewest(SURPRISE);
}

void ServerClock::measure() {
  double offsets[RECENT] = {};
  const std::size_t count = std::min(_count, RECENT);
  for (std::size_t i = 0; i < count; ++i)
    offsets[i] = newest(i).offsetUs;
  std::sort(offsets, offsets + count);
  _baseUs = offsets[0];
  _jitterUs = offsets[count * 9 / 10] - _baseUs;
}

double ServerClock::driftPpm() const {
  if (_count < 2 || newest(0).localUs - newest(_count - 1).localUs < DRIFT_SPAN_US)
    return 0;
  const Observation late = fastest(0, _count / 2), early = fastest(_count / 2, _count);
  return (late.offsetUs - early.offsetUs) / (late.localUs - early.localUs) * 1e6;
}

ServerClock::Observation ServerClock::fastest(std::size_t begin, std::size_t end) const {
  Observation best = newest(begin);
  for (std::size_t i = begin; i < end; ++i) {
    if (newest(i).offsetUs < best.offsetUs)
      best = newest(i);
  }
  return best;
}

} // namespace rigcast
