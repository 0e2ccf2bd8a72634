#pragma once

#include "rigcast/Rig.h"

namespace rigcast {

/** A bone of an Unreal skeleton: parent-local, centimetres, Unreal's axes. */
struct Bone {
  std::string name;
  /** Index, before its children; -1 for the root. */
  int parent = -1;
  Vec3 position;
  Quat rotation;
};

/** The rig's own humanoid as an Unreal skeleton in T-pose, its axes parallel to the mesh's. */
std::vector<Bone> humanoidSkeleton(const Rig& rig);

/**
 * Carries the humanoid's poses over to another skeleton by their difference from rest.
 *
 * A joint's rotation from its T-pose, in the model's space, turns the target's bone from where that bone rests, so the
 * target may have any axes. Arms that rest in another direction (MetaHuman's A-pose) are first turned into the T-pose's.
 * Bones between (spine_02, neck_02 where it is not driven) keep their rest rotation, and all keep their length; the
 * pelvis moves in proportion to its height. Bones are found by MetaHuman's names, or the humanoid's own.
 *
 * For one thread; no allocation after `build`.
 */
class BodyMap {
public:
  /**
   * @param target the skeleton at rest, in mesh space, parents first.
   * @return false if no bone of it is known, or a parent stands behind its child; then the map is empty.
   */
  bool build(const Rig& rig, const std::vector<Bone>& target);

  /** The bones that are sent, at rest: those driven and all above them. */
  const std::vector<Bone>& bones() const { return _bones; }

  /** Writes the bones of a pose; only position and rotation change. `out` begins as a copy of `bones()`. */
  void apply(const Pose& pose, std::vector<Bone>& out);

private:
  void restOf(const Rig& rig);
  void alignArms(const Rig& rig);

  std::vector<Bone> _bones;
  /** Of each bone: the joint that drives it, or -1; its rest rotation in mesh space after alignment; its pose there. */
  std::vector<int> _drivers;
  std::vector<Quat> _rest;
  std::vector<Quat> _global;
  std::vector<Vec3> _restPositions;
  /** Of each joint of the rig. */
  std::vector<int> _parents;
  std::vector<Quat> _model;
  float _heightRatio = 1;
};

} // namespace rigcast
