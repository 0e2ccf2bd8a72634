#pragma once

#include "rigcast/Agenda.h"
#include "rigcast/DeviceClock.h"
#include "rigcast/FrameBuffer.h"
#include "rigcast/Messages.h"
#include "rigcast/PlayHead.h"
#include "rigcast/PlayOut.h"
#include "rigcast/ServerClock.h"
#include "rigcast/SoundBuffer.h"

#include <mutex>

namespace rigcast {

/** How playing goes. Microseconds unless said otherwise. */
struct PlayerStats {
  /** How far the play-head, where samples are taken, stands behind the session's present. */
  double delayUs = 0;
  double jitterUs = 0;
  /** Local against session clock, parts per million. */
  double driftPpm = 0;
  /** How long nothing was there to play. */
  double underrunUs = 0;
  /** How often the play-head jumped. */
  std::uint32_t jumps = 0;
  /** Left out by the server because this side read too slowly. */
  std::uint32_t droppedFrames = 0;
  bool waiting = false;
};

/**
 * Plays a session: what comes from the network is put in by session time; the sound device pulls sound; the renderer
 * samples poses where the sound is.
 *
 * Every method may be called by any thread; each holds a lock for some microseconds (`begin` for longer, it takes all
 * storage). Local time is any steady clock in microseconds, the same for all callers. Owns all it holds; after `begin` it
 * allocates for events only.
 */
class Player {
public:
  // Network side ----------------------------------------------------------------------------------------------------

  /** Begins a session anew and forgets all of the last one. The rig must have no fault(). */
  void begin(const Welcome& welcome, double localUs);
  /** No more will come: what is there is played, then the face eases to rest. */
  void end();
  void addFrame(const Pose& pose);
  void addSound(const AudioChunk& chunk);
  void addEvent(const Event& event);
  /** All from this session time on is void, microseconds. */
  void forget(std::uint64_t timeUs);
  /** The session's time was `sessionUs` when a message was sent that arrived at `localUs`. */
  void observe(double localUs, std::uint64_t sessionUs);
  void addDropped(const Dropped& dropped);

  // Sound device's side ---------------------------------------------------------------------------------------------

  /** From samples' being pulled until they are heard, microseconds. */
  void setLatencyUs(double latencyUs);
  /** Samples a second that `pull` gives: the rig's audio rate; 0 before a session. */
  std::uint32_t audioRate() const;
  /** Gives the next samples, mono, in units of int16. @param localUs when the device asked. */
  void pull(float* out, std::size_t count, double localUs);

  // Renderer's side -------------------------------------------------------------------------------------------------

  /**
   * The pose that belongs to the sound heard at a local time, microseconds. Without a device that pulls, time goes on by
   * itself. False, and `out` as it was, if there is none yet.
   */
  bool sample(double localUs, Pose& out);
  /** Moves the next event out whose time the last sampled pose has reached. False if there is none. */
  bool takeEvent(Event& out);
  PlayerStats stats() const;
  /** Copies the rig; empty before a session. Changes only with `begin`. */
  Rig rig() const;
  /** Counts the calls of `begin`: ask for the rig again if it changed. */
  std::uint32_t generation() const;

private:
  const Stretch& advance(double localUs, double durationUs);
  bool plausible(std::uint64_t timeUs) const;
  void easeToRest(double localUs, Pose& out);

  mutable std::mutex _mutex;
  Rig _rig;
  FrameBuffer _frames;
  SoundBuffer _sound;
  Agenda _agenda;
  ServerClock _clock;
  DeviceClock _device;
  PlayHead _head;
  PlayOut _playOut;
  double _pulledUs = 0;
  double _shownUs = 0;
  std::uint32_t _droppedFrames = 0;
  std::uint32_t _generation = 0;
  double _restUs = 0;
  bool _begun = false;
  bool _ended = false;
  bool _sounding = false;
};

} // namespace rigcast
