#include "rigcast/SoundBuffer.h"

#include <algorithm>
#include <cmath>

namespace rigcast {
namespace {

constexpr std::uint64_t LATEST_US = 1ULL << 52; // 142 years: exact as a double, and its samples fit 64 bits

} // namespace

void SoundBuffer::reset(std::uint32_t audioRate) {
  _samples.assign(static_cast<std::size_t>(CAPACITY), 0);
  _end = 0;
  _rate = audioRate;
}

void SoundBuffer::write(std::uint64_t timeUs, Bytes pcm) {
  const auto count = static_cast<std::int64_t>(pcm.size / 2);
  if (_samples.empty() || count > CAPACITY || timeUs > LATEST_US)
    return;
  const std::int64_t first = index(timeUs);
  extend(first + count);
  const std::int64_t held = std::max(first, _end - CAPACITY);
  for (std::int64_t i = held; i < first + count; ++i)
    slot(i) = readInt16(pcm.data + 2 * (i - first));
}

void SoundBuffer::forget(std::uint64_t timeUs) {
  if (timeUs > LATEST_US)
    return;
  for (std::int64_t i = std::max(index(timeUs), _end - CAPACITY); i < _end; ++i)
    slot(i) = 0;
}

std::int16_t SoundBuffer::at(std::int64_t index) const {
  if (index >= _end || index < _end - CAPACITY || _samples.empty())
    return 0;
  return _samples[static_cast<std::size_t>(index & (CAPACITY - 1))];
}

float SoundBuffer::at(double index) const {
  const double whole = std::floor(index);
  const auto i = static_cast<std::int64_t>(whole);
  const auto t = static_cast<float>(index - whole);
  const float a = at(i - 1), b = at(i), c = at(i + 1), d = at(i + 2);
  return b + 0.5f * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

std::int64_t SoundBuffer::index(std::uint64_t timeUs) const {
  const std::uint64_t seconds = timeUs / 1000000, rest = timeUs % 1000000;
  return static_cast<std::int64_t>(seconds * _rate + (rest * _rate + 500000) / 1000000);
}

void SoundBuffer::extend(std::int64_t end) {
  for (std::int64_t i = std::max(_end, end - CAPACITY); i < end; ++i)
    slot(i) = 0;
  _end = std::max(_end, end);
}

} // namespace rigcast
