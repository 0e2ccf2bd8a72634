#pragma once

#include "rigcast/Pose.h"

namespace rigcast {

// From the wire (glTF, VRM 1.0: right-handed, Y up, metres, the character faces +Z) to Unreal (left-handed, Z up,
// centimetres). Each pair keeps the algebra: converting a product of rotations gives the product of the converted.
// Checked in the tests by carrying points and directions through both.

/** Unreal's mesh space, in which characters face +Y. */
inline Vec3 toUnrealMesh(const Vec3& metres) {
  return {100 * metres.x, 100 * metres.z, 100 * metres.y};
}

inline Quat toUnrealMesh(const Quat& q) {
  return {-q.x, -q.z, -q.y, q.w};
}

/** Unreal's actors and world, in which characters face +X. */
inline Vec3 toUnrealWorld(const Vec3& metres) {
  return {100 * metres.z, -100 * metres.x, 100 * metres.y};
}

inline Quat toUnrealWorld(const Quat& q) {
  return {-q.z, q.x, -q.y, q.w};
}

/** From Unreal's actor space, centimetres, to the wire's, metres: for a target to look at. */
inline Vec3 fromUnrealWorld(const Vec3& centimetres) {
  return {-centimetres.y / 100, centimetres.z / 100, centimetres.x / 100};
}

} // namespace rigcast
