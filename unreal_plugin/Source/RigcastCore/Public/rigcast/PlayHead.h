#pragma once

#include <cstddef>
#include <cstdint>

namespace rigcast {

/** A piece of local time, and the piece of the session that is played in it. Microseconds. */
struct Stretch {
  /** When it begins to sound, local time. */
  double localUs = 0;
  /** The session's time there. */
  double sessionUs = 0;
  /** Session time a local time, about 1. */
  double rate = 1;
  /** How long the session moves; from there on it stands still. Local time. */
  double movingUs = 0;
  /** True if the one before did not end where this begins. */
  bool fresh = true;
};

/**
 * Where the performance stands. Moved on by the sound device; where faces are sampled follows from it, so that face and
 * sound cannot drift apart.
 *
 * It aims at a goal, the session's present less a delay. It approaches it by playing a little faster or slower, jumps
 * forward if it is far behind, and waits if it is far ahead, or if nothing is there to play. It never steps back. For one
 * thread.
 */
class PlayHead {
public:
  /** Begins at a session time. */
  void begin(double localUs, double sessionUs);

  /**
   * Moves on by a piece of local time.
   * @param localUs when the piece sounds. @param durationUs its length.
   * @param goalUs where the play-head should stand at `localUs`, session time.
   * @param horizonUs until where there is something to play, session time.
   * @param sounding true if speech is heard: then the rate changes too little to be heard.
   */
  const Stretch& advance(double localUs, double durationUs, double goalUs, double horizonUs, bool sounding);

  /** The session's time at a local time. Pieces of the last second are known; the last one is drawn out by 50 ms. */
  double at(double localUs) const;

  /** Until which local time it has been moved on. */
  double endUs() const { return _endUs; }
  /** The session's time there. */
  double positionUs() const { return _positionUs; }
  /** True if it stands still because nothing is there to play. */
  bool waiting() const { return _waiting; }
  /** How long it stood still because nothing was there, microseconds. */
  double underrunUs() const { return _underrunUs; }
  /** How often it jumped. */
  std::uint32_t jumps() const { return _jumps; }

private:
  static constexpr std::size_t STRETCHES = 128;

  Stretch& add(double localUs);
  void passGap(double localUs, double horizonUs);
  double steer(double goalUs, double horizonUs, bool sounding);

  Stretch _stretches[STRETCHES] = {};
  std::size_t _next = 0;
  double _endUs = 0;
  double _positionUs = 0;
  double _underrunUs = 0;
  std::uint32_t _jumps = 0;
  bool _waiting = false;
  bool _jumped = false;
};

} // namespace rigcast
