#include "rigcast/BodyMap.h"

#include "rigcast/Coordinates.h"

#include <cmath>

namespace rigcast {
namespace {

struct Pair {
  const char* bone;
  const char* joint;
};

constexpr Pair METAHUMAN[] = {
    {"pelvis", "hips"},
    {"spine_01", "spine"},
    {"spine_03", "chest"},
    {"spine_05", "upperChest"},
    {"neck_01", "neck"},
    {"head", "head"},
    {"clavicle_l", "leftShoulder"},
    {"upperarm_l", "leftUpperArm"},
    {"lowerarm_l", "leftLowerArm"},
    {"hand_l", "leftHand"},
    {"thigh_l", "leftUpperLeg"},
    {"calf_l", "leftLowerLeg"},
    {"foot_l", "leftFoot"},
    {"ball_l", "leftToes"},
    {"clavicle_r", "rightShoulder"},
    {"upperarm_r", "rightUpperArm"},
    {"lowerarm_r", "rightLowerArm"},
    {"hand_r", "rightHand"},
    {"thigh_r", "rightUpperLeg"},
    {"calf_r", "rightLowerLeg"},
    {"foot_r", "rightFoot"},
    {"ball_r", "rightToes"},
};

// An arm's bone, the next one, and the bone that is turned along with it.
struct Arm {
  const char *joint, *next, *along;
};

constexpr Arm ARMS[] = {
    {"leftUpperArm", "leftLowerArm", nullptr},
    {"leftLowerArm", "leftHand", "leftHand"},
    {"rightUpperArm", "rightLowerArm", nullptr},
    {"rightLowerArm", "rightHand", "rightHand"},
};

Vec3 plus(const Vec3& a, const Vec3& b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}

Vec3 minus(const Vec3& a, const Vec3& b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}

Vec3 times(const Vec3& v, float factor) {
  return {v.x * factor, v.y * factor, v.z * factor};
}

int driverOf(const std::string& bone, const Rig& rig) {
  // Without an upper chest the chest is the uppermost of the spine.
  if (bone == "spine_03" && rig.joint("upperChest") < 0)
    return -1;
  if (bone == "spine_05" && rig.joint("upperChest") < 0)
    return rig.joint("chest");
  for (const Pair& pair : METAHUMAN) {
    if (bone == pair.bone)
      return rig.joint(pair.joint);
  }
  return rig.joint(bone);
}

bool parentsFirst(const std::vector<Bone>& bones) {
  for (std::size_t i = 0; i < bones.size(); ++i) {
    if (bones[i].parent < -1 || bones[i].parent >= static_cast<int>(i))
      return false;
  }
  return true;
}

/** Which bones are sent: those driven and all above them. */
std::vector<bool> neededBones(const Rig& rig, const std::vector<Bone>& bones) {
  std::vector<bool> needed(bones.size());
  for (std::size_t i = bones.size(); i-- > 0;) {
    if (driverOf(bones[i].name, rig) >= 0)
      needed[i] = true;
    if (needed[i] && bones[i].parent >= 0)
      needed[static_cast<std::size_t>(bones[i].parent)] = true;
  }
  return needed;
}

int indexOf(const std::vector<int>& drivers, int joint) {
  for (std::size_t i = 0; joint >= 0 && i < drivers.size(); ++i) {
    if (drivers[i] == joint)
      return static_cast<int>(i);
  }
  return -1;
}

} // namespace

std::vector<Bone> humanoidSkeleton(const Rig& rig) {
  std::vector<Bone> bones;
  for (const Joint& joint : rig.joints)
    bones.push_back({joint.name, joint.parent, toUnrealMesh(joint.offset), {}});
  return bones;
}

bool BodyMap::build(const Rig& rig, const std::vector<Bone>& target) {
  _bones.clear();
  _drivers.clear();
  if (!parentsFirst(target))
    return false;
  const std::vector<bool> needed = neededBones(rig, target);
  std::vector<int> places(target.size(), -1);
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (!needed[i])
      continue;
    places[i] = static_cast<int>(_bones.size());
    _bones.push_back(target[i]);
    _bones.back().parent = target[i].parent < 0 ? -1 : places[static_cast<std::size_t>(target[i].parent)];
    _drivers.push_back(driverOf(target[i].name, rig));
  }
  restOf(rig);
  alignArms(rig);
  return !_bones.empty();
}

void BodyMap::restOf(const Rig& rig) {
  _rest.assign(_bones.size(), {});
  _restPositions.assign(_bones.size(), {});
  _global = _rest;
  for (std::size_t i = 0; i < _bones.size(); ++i) {
    const auto parent = static_cast<std::size_t>(_bones[i].parent);
    const bool root = _bones[i].parent < 0;
    _rest[i] = root ? _bones[i].rotation : multiply(_rest[parent], _bones[i].rotation);
    _restPositions[i] = root ? _bones[i].position : plus(_restPositions[parent], rotate(_rest[parent], _bones[i].position));
  }
  _parents.clear();
  for (const Joint& joint : rig.joints)
    _parents.push_back(joint.parent);
  _model.assign(rig.joints.size(), {});
  const int hips = rig.joint("hips"), pelvis = indexOf(_drivers, hips);
  const float height = hips < 0 ? 0 : 100 * rig.joints[static_cast<std::size_t>(hips)].offset.y;
  _heightRatio = pelvis < 0 || height < 1 ? 1 : _restPositions[static_cast<std::size_t>(pelvis)].z / height;
}

void BodyMap::alignArms(const Rig& rig) {
  for (const Arm& arm : ARMS) {
    const int bone = indexOf(_drivers, rig.joint(arm.joint)), next = indexOf(_drivers, rig.joint(arm.next));
    if (bone < 0 || next < 0)
      continue;
    const auto b = static_cast<std::size_t>(bone), n = static_cast<std::size_t>(next);
    const Vec3 source = toUnrealMesh(rig.joints[static_cast<std::size_t>(rig.joint(arm.next))].offset);
    const Quat turn = shortestArc(minus(_restPositions[n], _restPositions[b]), source);
    _rest[b] = multiply(turn, _rest[b]);
    if (arm.along)
      _rest[n] = multiply(turn, _rest[n]);
  }
}

void BodyMap::apply(const Pose& pose, std::vector<Bone>& out) {
  for (std::size_t j = 0; j < _model.size() && j < pose.rotations.size(); ++j) {
    const int parent = _parents[j];
    _model[j] = parent < 0 ? pose.rotations[j] : multiply(_model[static_cast<std::size_t>(parent)], pose.rotations[j]);
  }
  for (std::size_t i = 0; i < _bones.size(); ++i) {
    const Quat parent = _bones[i].parent < 0 ? Quat() : _global[static_cast<std::size_t>(_bones[i].parent)];
    const int driver = _drivers[i];
    if (driver < 0) {
      _global[i] = multiply(parent, _bones[i].rotation);
      continue;
    }
    _global[i] = normalised(multiply(toUnrealMesh(_model[static_cast<std::size_t>(driver)]), _rest[i]));
    out[i].rotation = multiply(inverse(parent), _global[i]);
    if (_parents[static_cast<std::size_t>(driver)] < 0)
      out[i].position =
          plus(_bones[i].position, rotate(inverse(parent), times(toUnrealMesh(pose.root), _heightRatio)));
  }
}

} // namespace rigcast
