#include "rigcast/PlayOut.h"

#include <algorithm>
#include <cmath>

namespace rigcast {
namespace {

// On top of what was measured: one frame at 60 Hz, the server's tick.
constexpr double GUARD_US = 17e3;
// Jitter beyond this is left to waiting, so that one hiccup does not slow every answer.
constexpr double MOST_JITTER_US = 60e3;
// A conversation bears no more than this; what would need more is jumped over.
constexpr double MOST_DELAY_US = 500e3;
// What came late is forgiven with this time constant.
constexpr double FORGIVE_US = 15e6;

} // namespace

double PlayOut::delayUs(double jitterUs) const {
  const double measured = _latencyUs + std::min(jitterUs, MOST_JITTER_US) + GUARD_US;
  return std::min(MOST_DELAY_US, std::max(measured, _patienceUs));
}

void PlayOut::waiting(double delayUs) {
  _patienceUs = delayUs <= MOST_DELAY_US ? std::max(_grantedUs, delayUs) : _grantedUs;
}

void PlayOut::relax(double elapsedUs) {
  _patienceUs *= std::exp(-elapsedUs / FORGIVE_US);
}

} // namespace rigcast
