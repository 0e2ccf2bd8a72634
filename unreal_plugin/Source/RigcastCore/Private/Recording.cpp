#include "rigcast/Recording.h"

#include <algorithm>
#include <cmath>

namespace rigcast {
namespace {

constexpr std::uint32_t HELD_SECONDS = 2;
// StartAudio.sample_rate in session.proto.
constexpr std::uint32_t LEAST_RATE = 8000, MOST_RATE = 96000;
// A message holds 20 ms at most.
constexpr std::uint32_t PIECES_PER_SECOND = 50;

using Lock = std::lock_guard<std::mutex>;

std::int16_t mixed(const float* frame, std::size_t channels) {
  float sum = 0;
  for (std::size_t channel = 0; channel < channels; ++channel)
    sum += frame[channel];
  const float mean = sum / static_cast<float>(channels);
  return std::isnan(mean) ? std::int16_t{0} : static_cast<std::int16_t>(std::lround(std::clamp(mean, -1.0f, 1.0f) * 32767.0f));
}

} // namespace

void Recording::begin(std::uint32_t sampleRate) {
  const Lock lock(_mutex);
  _sampleRate = sampleRate >= LEAST_RATE && sampleRate <= MOST_RATE ? sampleRate : 0;
  _samples.assign(std::size_t{HELD_SECONDS} * _sampleRate, 0);
  _recorded = _taken = 0;
}

std::uint32_t Recording::sampleRate() const {
  const Lock lock(_mutex);
  return _sampleRate;
}

void Recording::record(const float* samples, std::size_t frames, std::size_t channels) {
  const Lock lock(_mutex);
  if (_samples.empty() || channels == 0)
    return;
  for (std::size_t i = 0; i < frames; ++i, ++_recorded)
    _samples[_recorded % _samples.size()] = mixed(samples + i * channels, channels);
  if (_recorded - _taken > _samples.size())
    _taken = _recorded - _samples.size();
}

bool Recording::take(std::string& pcm, std::uint64_t& first) {
  const Lock lock(_mutex);
  const std::uint64_t count = std::min<std::uint64_t>(_recorded - _taken, _sampleRate / PIECES_PER_SECOND);
  first = _taken;
  pcm.clear();
  for (; _taken < first + count; ++_taken) {
    const auto bits = static_cast<std::uint16_t>(_samples[_taken % _samples.size()]);
    pcm.push_back(static_cast<char>(bits & 0xFF));
    pcm.push_back(static_cast<char>(bits >> 8));
  }
  return count > 0;
}

} // namespace rigcast
