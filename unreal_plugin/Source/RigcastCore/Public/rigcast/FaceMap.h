#pragma once

#include "rigcast/Rig.h"

namespace rigcast {

/** ARKit's spelling to Live Link's: "jawOpen" is "JawOpen". */
std::string liveLinkName(const std::string& curve);

/**
 * How far the lips stay together while the jaw opens, as MetaHuman's rig wants it: clamp(mouthClose / jawOpen, 0, 1).
 * ARKit's mouthClose closes the lips of an open jaw; MetaHuman's pose asset for ARKit has no such curve.
 */
float lipsTogether(float mouthClose, float jawOpen);

/** Angles in radians: + turns the head to the character's right, down, and tilts it to its right. */
struct HeadAngles {
  float yaw = 0, pitch = 0, roll = 0;
};

/** Of a rotation in the wire's axes; turned first, then nodded, then tilted. */
HeadAngles headAngles(const Quat& q);

/**
 * The properties of a Live Link face: the rig's curves in Live Link's spelling, then mouthLipsTogether of MetaHuman's rig
 * four times, then HeadYaw, HeadPitch, HeadRoll as Live Link Face sends them. For one thread; no allocation after `build`.
 */
class FaceMap {
public:
  void build(const Rig& rig);
  const std::vector<std::string>& names() const { return _names; }
  /** Writes a value each of `names`. */
  void values(const Pose& pose, std::vector<float>& out) const;

private:
  Quat head(const Pose& pose) const;

  std::vector<std::string> _names;
  std::vector<int> _neckToHead;
  std::size_t _curves = 0;
  int _jawOpen = -1;
  int _mouthClose = -1;
};

} // namespace rigcast
