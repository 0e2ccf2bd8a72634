#pragma once

#include "rigcast/Rig.h"

namespace rigcast {

/**
 * Poses in the order of session time, whatever the order of their arrival. Of two for one instant the one emitted later
 * counts. Holds 512 (8 s at 60 Hz): beyond that the oldest gives way. All storage is taken by `reset`.
 * For one thread.
 */
class FrameBuffer {
public:
  /** Empties it, and makes room for poses of this rig. */
  void reset(const Rig& rig);

  /** Copies a pose in. Missing weights and joints are at rest, surplus ones are left out. */
  void insert(const Pose& pose);

  /** Drops all poses of this session time and later, microseconds. */
  void forget(std::uint64_t timeUs);

  /** Drops poses that no sampling at this session time or later needs, microseconds. */
  void trim(std::uint64_t timeUs);

  /** Writes the pose at a session time, microseconds; beyond the ends the first or last one, with the
   *  time that was asked for. False if there is none. */
  bool sample(double timeUs, Pose& out) const;

  /** Until when there is something to show: the time of the last pose and the length of a frame, microseconds. */
  double horizonUs() const;

  std::size_t size() const { return _count; }

private:
  static constexpr std::size_t CAPACITY = 512;

  Pose& at(std::size_t index) { return _poses[_order[(_first + index) % CAPACITY]]; }
  const Pose& at(std::size_t index) const { return _poses[_order[(_first + index) % CAPACITY]]; }
  /** How many are of an earlier time. */
  std::size_t before(double timeUs) const;
  /** Makes a free pose stand at this index. */
  Pose& open(std::size_t index);
  void dropFirst();

  // _order is a ring of indices into _poses: those from _first on, _count of them, are held, by time; the rest is free.
  std::vector<Pose> _poses;
  std::vector<std::uint16_t> _order;
  std::size_t _first = 0;
  std::size_t _count = 0;
  std::size_t _curves = 0;
  std::size_t _joints = 0;
  double _frameUs = 0;
};

} // namespace rigcast
