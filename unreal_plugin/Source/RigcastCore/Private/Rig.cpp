#include "rigcast/Rig.h"

#include <algorithm>

namespace rigcast {
namespace {

constexpr std::size_t MOST_CURVES = 1024;
constexpr std::size_t MOST_JOINTS = 1024;

bool parentsFirst(const std::vector<Joint>& joints) {
  for (std::size_t i = 0; i < joints.size(); ++i) {
    if (joints[i].parent < -1 || joints[i].parent >= static_cast<int>(i))
      return false;
  }
  return true;
}

} // namespace

int Rig::curve(const std::string& name) const {
  for (std::size_t i = 0; i < curves.size(); ++i) {
    if (curves[i] == name)
      return static_cast<int>(i);
  }
  return -1;
}

int Rig::joint(const std::string& name) const {
  for (std::size_t i = 0; i < joints.size(); ++i) {
    if (joints[i].name == name)
      return static_cast<int>(i);
  }
  return -1;
}

bool operator==(const Rig& a, const Rig& b) {
  const auto same = [](const Joint& one, const Joint& other) {
    return one.name == other.name && one.parent == other.parent && one.offset.x == other.offset.x &&
           one.offset.y == other.offset.y && one.offset.z == other.offset.z;
  };
  return a.curves == b.curves && a.frameRate == b.frameRate && a.audioRate == b.audioRate &&
         std::equal(a.joints.begin(), a.joints.end(), b.joints.begin(), b.joints.end(), same);
}

const char* fault(const Rig& rig) {
  if (rig.curves.size() > MOST_CURVES || rig.joints.size() > MOST_JOINTS)
    return "the rig has more than 1024 curves or joints";
  if (!parentsFirst(rig.joints))
    return "a joint of the rig stands before its parent";
  if (rig.frameRate < 1 || rig.frameRate > 1000)
    return "the rig's frame rate is not between 1 and 1000 a second";
  if (rig.audioRate < 8000 || rig.audioRate > 192000)
    return "the rig's audio rate is not between 8000 and 192000 a second";
  return nullptr;
}

} // namespace rigcast
