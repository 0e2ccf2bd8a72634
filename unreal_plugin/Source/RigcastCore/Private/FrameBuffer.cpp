#include "rigcast/FrameBuffer.h"

#include <algorithm>
#include <utility>

namespace rigcast {

void FrameBuffer::reset(const Rig& rig) {
  _curves = rig.curves.size();
  _joints = rig.joints.size();
  _frameUs = 1e6 / rig.frameRate;
  _first = _count = 0;
  _poses.resize(CAPACITY);
  _order.resize(CAPACITY);
  for (std::size_t i = 0; i < CAPACITY; ++i) {
    _order[i] = static_cast<std::uint16_t>(i);
    setToRest(_poses[i], _curves, _joints);
  }
}

void FrameBuffer::insert(const Pose& pose) {
  if (_poses.empty())
    return;
  std::size_t index = before(static_cast<double>(pose.timeUs));
  const bool taken = index < _count && at(index).timeUs == pose.timeUs;
  if (taken && static_cast<std::int32_t>(pose.sequence - at(index).sequence) < 0)
    return;
  if (!taken && _count == CAPACITY) {
    if (index == 0)
      return;
    dropFirst();
    --index;
  }
  Pose& slot = taken ? at(index) : open(index);
  slot = pose;
  slot.curves.resize(_curves);
  slot.rotations.resize(_joints);
}

void FrameBuffer::forget(std::uint64_t timeUs) {
  _count = before(static_cast<double>(timeUs));
}

void FrameBuffer::trim(std::uint64_t timeUs) {
  while (_count > 1 && at(1).timeUs <= timeUs)
    dropFirst();
}

bool FrameBuffer::sample(double timeUs, Pose& out) const {
  if (_count == 0)
    return false;
  const std::size_t next = before(timeUs);
  if (next == 0 || next == _count) {
    out = at(next == 0 ? 0 : _count - 1);
  } else {
    const Pose& a = at(next - 1);
    const Pose& b = at(next);
    const double fraction = (timeUs - static_cast<double>(a.timeUs)) / static_cast<double>(b.timeUs - a.timeUs);
    interpolate(a, b, static_cast<float>(fraction), out);
  }
  out.timeUs = static_cast<std::uint64_t>(std::max(0.0, timeUs));
  return true;
}

double FrameBuffer::horizonUs() const {
  return _count == 0 ? 0 : static_cast<double>(at(_count - 1).timeUs) + _frameUs;
}

std::size_t FrameBuffer::before(double timeUs) const {
  std::size_t low = 0, high = _count;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (static_cast<double>(at(middle).timeUs) < timeUs)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

Pose& FrameBuffer::open(std::size_t index) {
  for (std::size_t i = _count++; i > index; --i)
    std::swap(_order[(_first + i) % CAPACITY], _order[(_first + i - 1) % CAPACITY]);
  return at(index);
}

void FrameBuffer::dropFirst() {
  _first = (_first + 1) % CAPACITY;
  --_count;
}

} // namespace rigcast
