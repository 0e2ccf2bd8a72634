#pragma once

// The world of proto/cases, in which a session and a player run without sockets, threads or waiting.

#include "rigcast/Session.h"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>
#include <vector>

/** splitmix64, Steele, Lea and Flood 2014. */
class Chance {
public:
  explicit Chance(std::uint64_t seed) : _state(seed) {}
  double uniform();
  std::int64_t below(std::int64_t most) { return static_cast<std::int64_t>(uniform() * static_cast<double>(most)); }

private:
  std::uint64_t _state;
};

/** What the renderer saw and heard at one image. Microseconds; NaN where it cannot be told. */
struct Image {
  std::int64_t t = 0;
  /** The server's present; the shown time, near it. */
  double present = 0, shown = 0;
  /** Heard session time, modulo the marks' period. */
  double heard = 0;
  int epoch = -1;
  double generation = 0;
  float headY = 0, rootY = 0;
};

class Simulation {
public:
  using Time = std::int64_t;

  Simulation(const nlohmann::json& world, const nlohmann::json& scenario);
  void run();

  const std::vector<Image>& images() const { return _images; }
  rigcast::PlayerStats stats() const { return _player.stats(); }
  rigcast::State state() const { return _session.state(); }
  /** When the Forget arrived, and its time; 0 if none did. */
  Time forgetArrived = 0, forgetUs = 0;

private:
  enum Class { Server, Arrival, Device, Renderer };

  void at(Time t, Class rank, std::function<void()> action);
  double local(Time t) const;
  Time value(const char* name) const { return _world.at(name).get<Time>(); }
  Time network(const char* name) const { return _case.at("network").at(name).get<Time>(); }
  bool stalled(const char* kind, Time t) const;

  void connect();
  void tick();
  void nextTick(Time t);
  Time now(Time t) const;
  void emit(Time untilUs);
  void emitSound(Time beginUs, Time endUs);
  void emitChunk(Time beginUs, Time endUs);
  void emitFrame(Time k);
  void takeBack();
  void send(const std::string& bytes, bool frame);
  void arrive(Time t, const std::string& bytes);
  void ping();
  void device(Time k);
  void render(Time n);
  void disturb();
  double heard(Time t) const;

  nlohmann::json _world, _case;
  Chance _chance, _deviceChance, _renderChance, _pingChance;
  rigcast::Player _player;
  rigcast::Session _session{_player};
  rigcast::Pose _pose;
  std::map<std::tuple<Time, int, std::uint64_t>, std::function<void()>> _events;
  std::uint64_t _eventCount = 0;
  std::vector<Image> _images;
  std::vector<float> _sounded;
  Time _t = 0, _lane = 0, _frameEnd = 0, _soundEnd = 0, _shift = 0;
  Time _voidBegin = 0, _voidEnd = 0;
  std::uint32_t _sequence = 0;
  int _epoch = 0, _generation = 0, _connection = 0;
  double _rate = 0;
};
