#include "rigcast/Pose.h"

#include <cmath>

namespace rigcast {
namespace {

float dot(const Quat& a, const Quat& b) {
  return a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
}

float mix(float a, float b, float fraction) {
  return a + (b - a) * fraction;
}

Quat weighted(const Quat& a, float wa, const Quat& b, float wb) {
  return normalised({a.x * wa + b.x * wb, a.y * wa + b.y * wb, a.z * wa + b.z * wb, a.w * wa + b.w * wb});
}

} // namespace

void setToRest(Pose& pose, std::size_t curves, std::size_t joints) {
  pose.curves.assign(curves, 0.0f);
  pose.rotations.assign(joints, Quat());
  pose.root = Vec3();
}

void interpolate(const Pose& a, const Pose& b, float fraction, Pose& out) {
  out.curves.resize(a.curves.size());
  for (std::size_t i = 0; i < a.curves.size(); ++i)
    out.curves[i] = mix(a.curves[i], b.curves[i], fraction);
  out.rotations.resize(a.rotations.size());
  for (std::size_t i = 0; i < a.rotations.size(); ++i)
    out.rotations[i] = slerp(a.rotations[i], b.rotations[i], fraction);
  out.root = {mix(a.root.x, b.root.x, fraction), mix(a.root.y, b.root.y, fraction), mix(a.root.z, b.root.z, fraction)};
}

Quat slerp(const Quat& a, const Quat& b, float fraction) {
  const float cosine = dot(a, b);
  const float sign = cosine < 0 ? -1.0f : 1.0f;
  if (cosine * sign > 0.9995f) // less than 2 degrees: a chord is as good, and has no division by nothing
    return weighted(a, 1 - fraction, b, sign * fraction);
  const float angle = std::acos(cosine * sign);
  return weighted(a, std::sin((1 - fraction) * angle), b, sign * std::sin(fraction * angle));
}

Quat multiply(const Quat& a, const Quat& b) {
  return {
      a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
      a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
      a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w,
      a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z};
}

Quat inverse(const Quat& q) {
  return {-q.x, -q.y, -q.z, q.w};
}

Quat normalised(const Quat& q) {
  const float length = std::sqrt(dot(q, q));
  if (!(length > 1e-6f) || !std::isfinite(length))
    return {};
  return {q.x / length, q.y / length, q.z / length, q.w / length};
}

Vec3 rotate(const Quat& q, const Vec3& v) {
  const Quat turned = multiply(multiply(q, {v.x, v.y, v.z, 0}), inverse(q));
  return {turned.x, turned.y, turned.z};
}

Quat shortestArc(const Vec3& from, const Vec3& to) {
  const float lengths = std::sqrt(
      (from.x * from.x + from.y * from.y + from.z * from.z) * (to.x * to.x + to.y * to.y + to.z * to.z));
  const float cosine = from.x * to.x + from.y * to.y + from.z * to.z;
  if (lengths > 0 && cosine < -0.99999f * lengths) // half a turn, about any axis across
    return std::fabs(from.x) > std::fabs(from.z) ? normalised({-from.y, from.x, 0, 0}) : normalised({0, -from.z, from.y, 0});
  return normalised(
      {from.y * to.z - from.z * to.y, from.z * to.x - from.x * to.z, from.x * to.y - from.y * to.x, lengths + cosine});
}

} // namespace rigcast
