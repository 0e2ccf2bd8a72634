#pragma once

#include <cstdint>
#include <vector>

namespace rigcast {

/** Metres on the wire; axes as `Rig` says: right-handed, Y up, the character faces +Z, +X is its left. */
struct Vec3 {
  float x = 0, y = 0, z = 0;
};

/** A unit quaternion. */
struct Quat {
  float x = 0, y = 0, z = 0, w = 1;
};

/** A face and a body at one instant. Keeps its storage when it is written again. For one thread. */
struct Pose {
  /** Session time, microseconds. */
  std::uint64_t timeUs = 0;
  /** Counts the frames of a session as they are emitted. */
  std::uint32_t sequence = 0;
  /** A weight each of `Rig::curves`; 0 is rest, 1 the full shape, [-2, 2] at most. */
  std::vector<float> curves;
  /** A rotation each of `Rig::joints`, parent-local, relative to the rest pose. */
  std::vector<Quat> rotations;
  /** The hips' offset from rest, metres. */
  Vec3 root;
};

/** The pose of weight 0 and of no rotation, in the storage of `pose`; its time and sequence are left. */
void setToRest(Pose& pose, std::size_t curves, std::size_t joints);

/**
 * The pose between two others: weights and root in a straight line, rotations along the shorter arc.
 * @param fraction 0 gives `a`, 1 gives `b`.
 * @param out any pose but `a` and `b`; its time and sequence are left. `a` and `b` must have the same counts.
 */
void interpolate(const Pose& a, const Pose& b, float fraction, Pose& out);

/** Spherical interpolation along the shorter arc. */
Quat slerp(const Quat& a, const Quat& b, float fraction);

/** The Hamilton product: rotate by b first, then by a. */
Quat multiply(const Quat& a, const Quat& b);

/** The opposite rotation. */
Quat inverse(const Quat& q);

/** The same direction with length 1; the identity where there is no direction or a number is not finite. */
Quat normalised(const Quat& q);

/** A vector turned by a rotation. */
Vec3 rotate(const Quat& q, const Vec3& v);

/** The smallest rotation that turns one direction into another; neither needs length 1. */
Quat shortestArc(const Vec3& from, const Vec3& to);

} // namespace rigcast
