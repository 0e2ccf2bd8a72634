#include "rigcast/PlayHead.h"

#include <algorithm>

namespace rigcast {
namespace {

// An error beyond this is not slewed away.
constexpr double JUMP_US = 100e3;
// A jump lands so far before the horizon at least: else it would have to wait there.
constexpr double CUSHION_US = 100e3;
// An error is gone after about so long, where the limits below allow it.
constexpr double APPROACH_US = 1e6;
// Rates: 1/500 is a thirtieth of a semitone; idle life may hurry more.
constexpr double SLEW_SOUNDING = 0.002;
constexpr double SLEW_SILENT = 0.02;
// Pieces of time that do not meet by up to this are taken as met: clocks are smoothed.
constexpr double SEAM_US = 50e3;

} // namespace

void PlayHead::begin(double localUs, double sessionUs) {
  *this = PlayHead();
  _endUs = localUs;
  _positionUs = sessionUs;
  _jumped = true;
  for (Stretch& stretch : _stretches)
    stretch = {localUs, sessionUs, 1, 0, true};
}

const Stretch& PlayHead::advance(double localUs, double durationUs, double goalUs, double horizonUs, bool sounding) {
  passGap(localUs, horizonUs);
  const double rate = steer(goalUs, horizonUs, sounding);
  const double playableUs = std::max(0.0, horizonUs - _positionUs);
  Stretch& stretch = add(localUs);
  stretch.rate = rate;
  stretch.movingUs = rate > 0 ? std::min(durationUs, playableUs / rate) : 0;
  stretch.fresh = _jumped || _waiting;
  _jumped = false;
  const double waitedUs = durationUs - stretch.movingUs;
  _waiting = waitedUs > 1;
  if (rate > 0)
    _underrunUs += waitedUs;
  _positionUs += stretch.movingUs * rate;
  _endUs = localUs + durationUs;
  return stretch;
}

double PlayHead::at(double localUs) const {
  std::size_t back = 1;
  while (back < STRETCHES && _stretches[(_next + STRETCHES - back) % STRETCHES].localUs > localUs)
    ++back;
  const Stretch& stretch = _stretches[(_next + STRETCHES - back) % STRETCHES];
  const bool last = back == 1 && !_waiting;
  const double mostUs = stretch.movingUs + (last ? SEAM_US : 0);
  return stretch.sessionUs + stretch.rate * std::clamp(localUs - stretch.localUs, 0.0, mostUs);
}

Stretch& PlayHead::add(double localUs) {
  Stretch& stretch = _stretches[_next];
  _next = (_next + 1) % STRETCHES;
  stretch.localUs = localUs;
  stretch.sessionUs = _positionUs;
  return stretch;
}

// A device that was away: the performance went on.
void PlayHead::passGap(double localUs, double horizonUs) {
  const double gapUs = localUs - _endUs;
  if (gapUs <= SEAM_US)
    return;
  _positionUs = std::max(_positionUs, std::min(_positionUs + gapUs, horizonUs));
  _jumped = true;
}

// The rate at which to go on; 0 waits. Jumps where it must.
double PlayHead::steer(double goalUs, double horizonUs, bool sounding) {
  const double error = goalUs - _positionUs;
  if (error < -JUMP_US)
    return 0;
  const double landing = std::min(goalUs, horizonUs - CUSHION_US);
  if (landing - _positionUs > JUMP_US) {
    _positionUs = landing;
    _jumped = true;
    ++_jumps;
    return 1;
  }
  const double most = sounding ? SLEW_SOUNDING : SLEW_SILENT;
  return 1 + std::clamp(error / APPROACH_US, -most, most);
}

} // namespace rigcast
