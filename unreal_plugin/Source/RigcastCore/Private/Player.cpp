#include "rigcast/Player.h"

#include <algorithm>

namespace rigcast {
namespace {

// A device that has not pulled for so long is taken for absent.
constexpr double ABSENT_US = 300e3;
// What lies farther ahead than this cannot be meant.
constexpr double FARTHEST_US = 60e6;
// A face whose stream has ended closes its mouth in this time.
constexpr double EASE_US = 300e3;
// Sound that begins or ends within a word is faded over so many samples, else it clicks.
constexpr std::size_t FADE = 48;

using Lock = std::lock_guard<std::mutex>;

void fadeIn(float* samples, std::size_t count) {
  const std::size_t length = std::min(count, FADE);
  for (std::size_t i = 0; i < length; ++i)
    samples[i] *= static_cast<float>(i) / static_cast<float>(length);
}

void fadeOut(float* end, std::size_t count) {
  const std::size_t length = std::min(count, FADE);
  for (std::size_t i = 1; i <= length; ++i)
    end[-static_cast<std::ptrdiff_t>(i)] *= static_cast<float>(i - 1) / static_cast<float>(length);
}

} // namespace

void Player::begin(const Welcome& welcome, double localUs) {
  const Lock lock(_mutex);
  _rig = welcome.rig;
  _frames.reset(_rig);
  _sound.reset(_rig.audioRate);
  _agenda.reset();
  _clock.reset();
  _clock.observe(localUs, static_cast<double>(welcome.nowUs));
  _playOut.reset();
  _shownUs = _clock.now(localUs) - _playOut.delayUs(0);
  _head.begin(localUs, _shownUs);
  _pulledUs = 0;
  _droppedFrames = 0;
  ++_generation;
  _begun = true;
  _ended = false;
  _restUs = 0;
  _sounding = false;
}

void Player::end() {
  const Lock lock(_mutex);
  _ended = true;
}

void Player::addFrame(const Pose& pose) {
  const Lock lock(_mutex);
  if (plausible(pose.timeUs))
    _frames.insert(pose);
}

void Player::addSound(const AudioChunk& chunk) {
  const Lock lock(_mutex);
  if (plausible(chunk.timeUs))
    _sound.write(chunk.timeUs, chunk.pcm);
}

void Player::addEvent(const Event& event) {
  const Lock lock(_mutex);
  if (plausible(event.timeUs))
    _agenda.insert(event);
}

void Player::forget(std::uint64_t timeUs) {
  const Lock lock(_mutex);
  if (!_begun)
    return;
  _frames.forget(timeUs);
  _sound.forget(timeUs);
  _agenda.forget(timeUs);
}

void Player::observe(double localUs, std::uint64_t sessionUs) {
  const Lock lock(_mutex);
  _clock.observe(localUs, static_cast<double>(sessionUs));
}

void Player::addDropped(const Dropped& dropped) {
  const Lock lock(_mutex);
  _droppedFrames += dropped.frames;
}

void Player::setLatencyUs(double latencyUs) {
  const Lock lock(_mutex);
  _playOut.setLatencyUs(latencyUs);
}

std::uint32_t Player::audioRate() const {
  const Lock lock(_mutex);
  return _rig.audioRate;
}

void Player::pull(float* out, std::size_t count, double localUs) {
  const Lock lock(_mutex);
  std::fill_n(out, count, 0.0f);
  if (!_begun || count == 0)
    return;
  const double perUs = _rig.audioRate / 1e6;
  const double durationUs = static_cast<double>(count) / perUs;
  _pulledUs = localUs;
  const Stretch& stretch = advance(_device.due(localUs, durationUs) + _playOut.latencyUs(), durationUs);
  const double first = stretch.sessionUs * perUs;
  const auto moving = std::min(count, static_cast<std::size_t>(stretch.movingUs * perUs + 0.5));
  for (std::size_t i = 0; i < moving; ++i)
    out[i] = _sound.at(first + static_cast<double>(i) * stretch.rate);
  _sounding = std::any_of(out, out + moving, [](float sample) { return sample != 0.0f; });
  if (stretch.fresh)
    fadeIn(out, moving);
  if (moving < count)
    fadeOut(out + moving, moving);
}

bool Player::sample(double localUs, Pose& out) {
  const Lock lock(_mutex);
  if (!_begun)
    return false;
  if (localUs - _pulledUs > ABSENT_US && localUs > _head.endUs())
    advance(_head.endUs(), localUs - _head.endUs());
  _shownUs = std::max(_shownUs, _head.at(localUs));
  _frames.trim(static_cast<std::uint64_t>(std::max(0.0, _shownUs)));
  const bool sampled = _frames.sample(_shownUs, out);
  if (sampled && _ended && _head.waiting())
    easeToRest(localUs, out);
  return sampled;
}

bool Player::takeEvent(Event& out) {
  const Lock lock(_mutex);
  return _begun && _agenda.take(_shownUs, out);
}

PlayerStats Player::stats() const {
  const Lock lock(_mutex);
  PlayerStats stats;
  stats.delayUs = _begun ? _clock.now(_head.endUs()) - _head.positionUs() : 0;
  stats.jitterUs = _clock.jitterUs();
  stats.driftPpm = _clock.driftPpm();
  stats.underrunUs = _head.underrunUs();
  stats.jumps = _head.jumps();
  stats.droppedFrames = _droppedFrames;
  stats.waiting = _head.waiting();
  return stats;
}

Rig Player::rig() const {
  const Lock lock(_mutex);
  return _rig;
}

std::uint32_t Player::generation() const {
  const Lock lock(_mutex);
  return _generation;
}

const Stretch& Player::advance(double localUs, double durationUs) {
  if (_head.waiting())
    _playOut.waiting(_clock.now(localUs) - _head.positionUs());
  else
    _playOut.going();
  const double goalUs = _clock.now(localUs) - _playOut.delayUs(_clock.jitterUs());
  const Stretch& stretch = _head.advance(localUs, durationUs, goalUs, _frames.horizonUs(), _sounding);
  if (!_sounding)
    _playOut.relax(durationUs);
  return stretch;
}

void Player::easeToRest(double localUs, Pose& out) {
  if (_restUs == 0)
    _restUs = localUs;
  const double weight = 1 - std::clamp((localUs - _restUs) / EASE_US, 0.0, 1.0);
  for (float& curve : out.curves)
    curve *= static_cast<float>(weight);
}

bool Player::plausible(std::uint64_t timeUs) const {
  return _begun && static_cast<double>(timeUs) < _head.positionUs() + FARTHEST_US;
}

} // namespace rigcast
