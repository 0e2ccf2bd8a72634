#pragma once

#include "rigcast/Pose.h"

#include <string>

namespace rigcast {

/** A joint of the humanoid in its T-pose, in which its axes are parallel to the model's. */
struct Joint {
  /** VRM 1.0's humanoid bone name ("leftUpperArm"). */
  std::string name;
  /** Index of the parent, before its children; -1 for the root. */
  int parent = -1;
  /** Rest position relative to the parent, metres. */
  Vec3 offset;
};

/** What a stream of poses drives. */
struct Rig {
  /** Names in ARKit's spelling ("jawOpen"), in the order of Pose::curves. */
  std::vector<std::string> curves;
  /** In the order of Pose::rotations. */
  std::vector<Joint> joints;
  /** Frames a second. */
  std::uint32_t frameRate = 0;
  /** Audio samples a second; the session's clock counts these. */
  std::uint32_t audioRate = 0;

  /** Index of a curve, -1 if there is none of that name. */
  int curve(const std::string& name) const;
  /** Index of a joint, -1 if there is none of that name. */
  int joint(const std::string& name) const;
};

/** True if poses of the one fit the other. */
bool operator==(const Rig& a, const Rig& b);

/** What is wrong with a rig, in words for people; nullptr if it can be played. */
const char* fault(const Rig& rig);

} // namespace rigcast
