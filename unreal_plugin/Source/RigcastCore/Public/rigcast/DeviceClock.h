#pragma once

namespace rigcast {

/**
 * Even times for a sound device's uneven calls: the device takes samples at a steady rate, but asks for them in time
 * slices of a thread. For one thread.
 */
class DeviceClock {
public:
  void reset() { _expectedUs = 0; }

  /**
   * The time at which this call was due, microseconds of the local clock.
   * @param localUs when it came. @param durationUs how much sound it takes.
   */
  double due(double localUs, double durationUs);

private:
  double _expectedUs = 0;
};

} // namespace rigcast
