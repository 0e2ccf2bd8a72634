#include "rigcast/DeviceClock.h"

#include <cmath>

namespace rigcast {
namespace {

// A first-order loop: it follows a drift of 100 ppm to within 40 us at calls of 20 ms, and lets 5 % of a jitter through.
constexpr double GAIN = 0.05;
// Beyond this the device stood still, or was another: take its word.
constexpr double STEP_US = 40e3;

} // namespace

double DeviceClock::due(double localUs, double durationUs) {
  const double error = localUs - _expectedUs;
  const double dueUs = std::fabs(error) > STEP_US ? localUs : _expectedUs + GAIN * error;
  _expectedUs = dueUs + durationUs;
  return dueUs;
}

} // namespace rigcast
