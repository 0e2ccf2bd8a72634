#pragma once

namespace rigcast {

/**
 * How far behind the session's present to play: enough for the jitter that was measured, the sound device, and what came
 * too late of late; forgotten slowly in silence. For one thread.
 */
class PlayOut {
public:
  void reset() { _patienceUs = _grantedUs = 0; }

  /** From samples' being asked for until they are heard, microseconds. */
  void setLatencyUs(double latencyUs) { _latencyUs = latencyUs; }
  double latencyUs() const { return _latencyUs; }

  /** The delay to play with, microseconds. @param jitterUs as measured by ServerClock. */
  double delayUs(double jitterUs) const;

  /** The play-head waits for content, so far behind the present by now, microseconds: keep to that if bearable. */
  void waiting(double delayUs);
  /** It does not wait. */
  void going() { _grantedUs = _patienceUs; }

  /** Time went by, microseconds, without speech. */
  void relax(double elapsedUs);

private:
  double _latencyUs = 0;
  /** What late content asked for; the same before the present wait. */
  double _patienceUs = 0;
  double _grantedUs = 0;
};

} // namespace rigcast
