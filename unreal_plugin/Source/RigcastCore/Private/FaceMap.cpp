#include "rigcast/FaceMap.h"

#include <algorithm>
#include <cmath>

namespace rigcast {
namespace {

constexpr const char* LIPS_TOGETHER[] = {
    "CTRL_expressions_mouthLipsTogetherUL", "CTRL_expressions_mouthLipsTogetherUR",
    "CTRL_expressions_mouthLipsTogetherDL", "CTRL_expressions_mouthLipsTogetherDR"};
constexpr const char* HEAD[] = {"HeadYaw", "HeadPitch", "HeadRoll"};
// Below this the jaw is shut, and so are the lips.
constexpr float SHUT = 1e-3f;

float weight(const Pose& pose, int index) {
  return index < 0 ? 0 : pose.curves[static_cast<std::size_t>(index)];
}

} // namespace

std::string liveLinkName(const std::string& curve) {
  std::string name = curve;
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z')
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return name;
}

float lipsTogether(float mouthClose, float jawOpen) {
  return jawOpen < SHUT ? 0 : std::clamp(mouthClose / jawOpen, 0.0f, 1.0f);
}

HeadAngles headAngles(const Quat& q) {
  const float sinePitch = std::clamp(2 * (q.w * q.x - q.y * q.z), -1.0f, 1.0f);
  return {
      -std::atan2(2 * (q.w * q.y + q.x * q.z), 1 - 2 * (q.x * q.x + q.y * q.y)), std::asin(sinePitch),
      std::atan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.x * q.x + q.z * q.z))};
}

void FaceMap::build(const Rig& rig) {
  _curves = rig.curves.size();
  _jawOpen = rig.curve("jawOpen");
  _mouthClose = rig.curve("mouthClose");
  _names.clear();
  for (const std::string& curve : rig.curves)
    _names.push_back(liveLinkName(curve));
  _names.insert(_names.end(), std::begin(LIPS_TOGETHER), std::end(LIPS_TOGETHER));
  _names.insert(_names.end(), std::begin(HEAD), std::end(HEAD));
  _neckToHead.clear();
  for (const char* joint : {"neck", "head"}) {
    if (rig.joint(joint) >= 0)
      _neckToHead.push_back(rig.joint(joint));
  }
}

void FaceMap::values(const Pose& pose, std::vector<float>& out) const {
  out.assign(_names.size(), 0.0f);
  std::copy_n(pose.curves.begin(), std::min(_curves, pose.curves.size()), out.begin());
  std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(_curves), 4,
              lipsTogether(weight(pose, _mouthClose), weight(pose, _jawOpen)));
  const HeadAngles angles = headAngles(head(pose));
  float* last = out.data() + _curves + 4;
  last[0] = angles.yaw;
  last[1] = angles.pitch;
  last[2] = angles.roll;
}

Quat FaceMap::head(const Pose& pose) const {
  Quat q;
  for (int joint : _neckToHead)
    q = multiply(q, pose.rotations[static_cast<std::size_t>(joint)]);
  return q;
}

} // namespace rigcast
