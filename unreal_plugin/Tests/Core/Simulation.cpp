#include "Simulation.h"

#include "ServerBytes.h"

#include <algorithm>
#include <cmath>

namespace {

constexpr double TAU = 6.283185307179586;

double nan() {
  return std::nan("");
}

} // namespace

double Chance::uniform() {
  std::uint64_t z = _state += 0x9E3779B97F4A7C15ULL;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
  return static_cast<double>((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

Simulation::Simulation(const nlohmann::json& world, const nlohmann::json& scenario)
    : _world(world), _case(scenario), _chance(scenario.at("seed")),
      _deviceChance(scenario.at("seed").get<std::uint64_t>() + 1000),
      _renderChance(scenario.at("seed").get<std::uint64_t>() + 2000),
      _pingChance(scenario.at("seed").get<std::uint64_t>() + 3000),
      _rate(world.at("audio_rate").get<double>() * (1 + scenario.at("device_ppm").get<double>() / 1e6)) {}

void Simulation::run() {
  _player.setLatencyUs(static_cast<double>(value("device_latency_us")));
  _session.start("main");
  at(0, Server, [this] { connect(); });
  at(0, Server, [this] { nextTick(0); });
  at(0, Device, [this] { device(0); });
  at(0, Renderer, [this] { render(0); });
  disturb();
  const Time end = _case.at("duration_us");
  while (!_events.empty()) {
    const auto next = _events.begin();
    _t = std::get<0>(next->first);
    if (_t > end)
      return;
    const auto action = std::move(next->second);
    _events.erase(next);
    action();
  }
}

void Simulation::at(Time t, Class rank, std::function<void()> action) {
  _events.emplace(std::make_tuple(t, static_cast<int>(rank), _eventCount++), std::move(action));
}

double Simulation::local(Time t) const {
  return static_cast<double>(value("local_epoch_us") + t) + static_cast<double>(t) * _case.at("local_ppm").get<double>() / 1e6;
}

bool Simulation::stalled(const char* kind, Time t) const {
  const auto& disturbance = _case.at("disturbance");
  return !disturbance.is_null() && disturbance.at("kind") == kind && t >= disturbance.at("begin_us").get<Time>() &&
         t < disturbance.at("end_us").get<Time>();
}

// Server ----------------------------------------------------------------------------------------------------------------

void Simulation::connect() {
  ++_connection;
  _lane = _t;
  _shift = value("epoch_us") - _t;
  _frameEnd = _soundEnd = now(_t);
  std::string out;
  (void)_session.takeOpen();
  _session.opened();
  while (_session.takeOutgoing(out)) {
  }
  send(server_bytes::welcome(server_bytes::rig(value("curves"), value("joints")), now(_t)), false);
}

void Simulation::nextTick(Time t) {
  if (stalled("server_stall", t))
    t = _case.at("disturbance").at("end_us");
  if (stalled("server_restart", t))
    return;
  at(t, Server, [this, connection = _connection] {
    if (connection == _connection)
      tick();
  });
}

void Simulation::tick() {
  emit(now(_t) + value("lead_us"));
  nextTick(_t + value("tick_us"));
}

Simulation::Time Simulation::now(Time t) const {
  const Time present = t + _shift;
  return stalled("server_stall", t) ? std::min(present, _frameEnd) : present;
}

void Simulation::emit(Time untilUs) {
  emitSound(_soundEnd, untilUs);
  const Time rate = value("frame_rate");
  for (Time k = (_frameEnd * rate + 999999) / 1000000; k * 1000000 < untilUs * rate; ++k)
    emitFrame(k);
  _frameEnd = _soundEnd = std::max(_frameEnd, untilUs);
}

void Simulation::emitSound(Time beginUs, Time endUs) {
  for (const auto& span : _case.at("sound")) {
    const Time begin = std::max(beginUs, span.at("begin_us").get<Time>() + value("epoch_us"));
    const Time end = std::min(endUs, span.at("end_us").get<Time>() + value("epoch_us"));
    if (_voidEnd > 0 && begin < _voidEnd && end > _voidBegin) {
      emitChunk(begin, std::min(end, _voidBegin));
      emitChunk(std::max(begin, _voidEnd), end);
    } else {
      emitChunk(begin, end);
    }
  }
}

void Simulation::emitChunk(Time beginUs, Time endUs) {
  if (beginUs >= endUs)
    return;
  const Time rate = value("audio_rate");
  std::string pcm;
  for (Time n = beginUs * rate / 1000000; n < endUs * rate / 1000000; ++n)
    pcm += server_bytes::int16(static_cast<double>(1 + n % value("mark_period")));
  send(server_bytes::audio(static_cast<std::uint64_t>(beginUs), pcm), false);
}

void Simulation::emitFrame(Time k) {
  const Time rate = value("frame_rate");
  rigcast::Pose pose;
  rigcast::setToRest(pose, value("curves"), value("joints"));
  pose.timeUs = static_cast<std::uint64_t>((k * 1000000 + rate / 2) / rate);
  pose.sequence = _sequence++;
  const double phi = TAU * static_cast<double>(pose.timeUs) / static_cast<double>(value("phase_period_us"));
  pose.curves[0] = static_cast<float>(0.5 + 0.5 * std::cos(phi));
  pose.curves[1] = static_cast<float>(0.5 + 0.5 * std::sin(phi));
  pose.curves[2] = 0.125f * static_cast<float>(_generation);
  pose.curves[3] = 0.125f * static_cast<float>(_epoch);
  const double half = 0.25 * std::sin(phi);
  pose.rotations[value("head_joint")] = {0, static_cast<float>(std::sin(half)), 0, static_cast<float>(std::cos(half))};
  pose.root.y = static_cast<float>(0.1 * std::sin(phi));
  send(server_bytes::frame(pose), true);
}

void Simulation::takeBack() {
  const Time rate = value("frame_rate");
  const Time k = ((now(_t) + _case.at("disturbance").at("from_us").get<Time>()) * rate + 999999) / 1000000;
  forgetUs = (k * 1000000 + rate / 2) / rate;
  const Time until = _frameEnd;
  send(server_bytes::forget(static_cast<std::uint64_t>(forgetUs)), false);
  _voidBegin = forgetUs;
  _voidEnd = forgetUs + _case.at("disturbance").at("silence_us").get<Time>();
  _frameEnd = _soundEnd = forgetUs;
  ++_generation;
  emit(until);
}

void Simulation::disturb() {
  const auto& disturbance = _case.at("disturbance");
  if (disturbance.is_null())
    return;
  const Time begin = disturbance.at("begin_us"), end = disturbance.at("end_us");
  if (disturbance.at("kind") == "forget")
    at(begin, Arrival, [this] { takeBack(); });
  if (disturbance.at("kind") == "server_stall")
    at(end, Server, [this, end] { _shift = std::min(_shift, _frameEnd - end); });
  if (disturbance.at("kind") == "server_restart") {
    at(begin, Server, [this] {
      ++_connection;
      _session.closed(1006, "", local(_t));
    });
    at(end, Server, [this] {
      ++_epoch;
      connect();
      nextTick(_t);
    });
  }
}

// Network ---------------------------------------------------------------------------------------------------------------

void Simulation::send(const std::string& bytes, bool frame) {
  const Time jitter = _chance.below(network("jitter_us"));
  const bool lost = _chance.uniform() < _case.at("network").at("loss").get<double>();
  const bool datagram = frame && _case.at("network").at("datagram");
  if (datagram && lost)
    return;
  Time arrival = _t + network("base_us") + jitter + (lost ? network("retransmit_us") : 0);
  if (!datagram)
    arrival = _lane = std::max(_lane, arrival);
  arrive(arrival, bytes);
}

void Simulation::arrive(Time t, const std::string& bytes) {
  if (stalled("network_stall", t))
    t = _case.at("disturbance").at("end_us");
  at(t, Arrival, [this, bytes, connection = _connection] {
    if (connection != _connection)
      return;
    _session.received(server_bytes::view(bytes), local(_t));
    if (bytes[0] == (5 << 3 | 2))
      forgetArrived = _t;
  });
}

void Simulation::ping() {
  const Time up = network("base_us") + _pingChance.below(network("jitter_us"));
  const Time down = network("base_us") + _pingChance.below(network("jitter_us"));
  Time reached = _t + up;
  for (const char* kind : {"network_stall", "server_stall"}) {
    if (stalled(kind, reached))
      reached = _case.at("disturbance").at("end_us");
  }
  at(reached, Arrival, [this, down, connection = _connection] {
    if (connection != _connection)
      return;
    _lane = std::max(_lane, _t + down);
    arrive(_lane, server_bytes::pong(static_cast<std::uint64_t>(now(_t))));
  });
}

// Device and renderer -----------------------------------------------------------------------------------------------------

void Simulation::device(Time k) {
  const Time block = value("device_block");
  const std::size_t first = _sounded.size();
  _sounded.resize(first + block);
  _player.pull(_sounded.data() + first, block, local(_t));
  const double due = static_cast<double>((k + 1) * block) / _rate * 1e6;
  at(static_cast<Time>(due) + _deviceChance.below(value("device_jitter_us")), Device, [this, k] { device(k + 1); });
}

double Simulation::heard(Time t) const {
  const double index = static_cast<double>(t - value("device_latency_us")) * _rate / 1e6;
  const Time run = value("mark_run"), last = static_cast<Time>(index);
  if (last < run || last >= static_cast<Time>(_sounded.size()))
    return nan();
  const float* marks = _sounded.data() + last - run + 1;
  if (!std::is_sorted(marks, marks + run) || std::fabs(marks[run - 1] - marks[0] - static_cast<float>(run - 1)) > 1.5f)
    return nan();
  return (marks[run - 1] - 1 + (index - static_cast<double>(last))) / value("audio_rate") * 1e6;
}

void Simulation::render(Time n) {
  const Time next = (n + 1) * 1000000 / value("render_hz");
  at(next + _renderChance.below(value("render_jitter_us")), Renderer, [this, n] { render(n + 1); });
  _session.tick(local(_t));
  std::string out;
  while (_session.takeOutgoing(out))
    ping();
  if (!_player.sample(local(_t), _pose) || std::lround(_pose.curves[3] * 8) != _epoch || stalled("server_restart", _t))
    return;
  Image image;
  image.t = _t;
  image.present = static_cast<double>(now(_t));
  const double period = static_cast<double>(value("phase_period_us"));
  const double phase = std::atan2(2 * _pose.curves[1] - 1, 2 * _pose.curves[0] - 1) / TAU * period;
  image.shown = image.present + std::remainder(phase - image.present, period);
  image.heard = heard(_t);
  image.epoch = static_cast<int>(std::lround(_pose.curves[3] * 8));
  image.generation = _pose.curves[2] * 8;
  image.headY = _pose.rotations[value("head_joint")].y;
  image.rootY = _pose.root.y;
  _images.push_back(image);
}
