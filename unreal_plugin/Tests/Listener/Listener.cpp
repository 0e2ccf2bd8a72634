// A program that follows a real bridge as an engine would, by Boost's WebSocket: one thread for the network, a sound device
// and a renderer on threads of their own. Whenever it is live it lets the character speak a text, or a sound as if it were
// recorded now, and it writes down what was heard and seen.
//
//     listener HOST PORT SESSION TEXT
//     listener HOST PORT SESSION @FILE    32-bit floats, mono, 48 kHz
//
// Output, local time in microseconds; states and troubles at once, the rest at the end:
//     state T NAME              where the connection stands
//     trouble WORDS             whatever went wrong
//     sound T S S S ...         a block of samples, the first of which is heard at T
//     image T TIME JAW SESSION  the pose shown at T: its session time, its weight of jawOpen, and the how-manieth session
//     event T KIND TIME         an event that came due
// Exit code 0 once it was spoken to its end, 1 if it was not within 30 seconds.

#include "rigcast/Session.h"

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>
#include <thread>

namespace beast = boost::beast;
namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

constexpr double LATENCY_US = 40e3;
constexpr std::chrono::milliseconds TICK(5);
constexpr std::chrono::microseconds BLOCK(20000), IMAGE(16667), RECORDED(10000);
constexpr std::uint32_t RECORD_RATE = 48000;
constexpr std::chrono::seconds PATIENCE(30);

double localUs(Clock::time_point time = Clock::now()) {
  return std::chrono::duration<double, std::micro>(time.time_since_epoch()).count();
}

/** Calls `step` with the time it was due, at an even pace, until `done`. */
template <typename Step> void pace(std::atomic<bool>& done, std::chrono::microseconds period, Step step) {
  for (auto due = Clock::now(); !done; due += period) {
    std::this_thread::sleep_until(due);
    if (localUs() - localUs(due) > LATENCY_US)
      due = Clock::now(); // too late even for a sound device's own buffer: it ran dry, and goes on from here
    step(due);
  }
}

/** A file that is recorded as if it were spoken now, on a thread of its own. */
class Microphone {
public:
  explicit Microphone(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    for (float sample; file.read(reinterpret_cast<char*>(&sample), sizeof sample);)
      _samples.push_back(sample);
    recording.begin(RECORD_RATE);
  }

  ~Microphone() {
    _over = true;
    if (_thread.joinable())
      _thread.join();
  }

  void begin() {
    _thread = std::thread([this] {
      const std::size_t block = RECORD_RATE / 100;
      std::size_t at = 0;
      pace(_over, RECORDED, [&](Clock::time_point) {
        recording.record(_samples.data() + at, std::min(block, _samples.size() - at), 1);
        at = std::min(at + block, _samples.size());
        _over = _over || at == _samples.size();
      });
    });
  }

  bool over() const { return _over; }

  rigcast::Recording recording;

private:
  std::vector<float> _samples;
  std::thread _thread;
  std::atomic<bool> _over{false};
};

/** The socket of a session, on one thread. */
class Network {
public:
  Network(rigcast::Session& session, std::string host, std::string port, std::string what)
      : _session(session), _host(std::move(host)), _port(std::move(port)), _what(std::move(what)) {
    if (_what[0] == '@')
      _microphone.emplace(_what.substr(1));
  }

  void run(const std::string& name) {
    _session.start(name);
    tick();
    _io.run();
  }

  void stop() { asio::post(_io, [this] { _io.stop(); }); }

private:
  using Socket = beast::websocket::stream<asio::ip::tcp::socket>;

  void open() {
    _socket = std::make_shared<Socket>(_io);
    error_code error;
    asio::connect(beast::get_lowest_layer(*_socket), asio::ip::tcp::resolver(_io).resolve(_host, _port), error);
    _socket->set_option(beast::websocket::stream_base::decorator([](beast::websocket::request_type& request) {
      request.set(beast::http::field::sec_websocket_protocol, rigcast::PROTOCOL);
    }));
    if (!error)
      _socket->handshake(_host + ":" + _port, "/rigcast", error);
    if (error)
      return closed(error);
    _socket->binary(true);
    _session.opened();
    _buffer.clear();
    read(_socket);
  }

  void read(const std::shared_ptr<Socket>& socket) {
    socket->async_read(_buffer, [this, socket](error_code error, std::size_t) {
      if (socket != _socket)
        return; // of an earlier connection
      if (error)
        return closed(error);
      const auto bytes = _buffer.cdata();
      _session.received({static_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, localUs());
      _buffer.consume(_buffer.size());
      read(socket);
    });
  }

  void closed(error_code error) {
    const int code = _socket->reason().code;
    _socket.reset();
    _session.closed(code, error.message(), localUs());
  }

  void tick() {
    _timer.expires_after(TICK);
    _timer.async_wait([this](error_code) {
      _session.tick(localUs());
      if (_session.takeClose())
        _socket.reset();
      if (_session.takeOpen())
        open();
      for (rigcast::Notice notice; _session.takeNotice(notice);)
        heed(notice);
      if (_microphone && _microphone->over())
        _session.endAudio();
      error_code error;
      for (std::string bytes; _socket && !error && _session.takeOutgoing(bytes);)
        _socket->write(asio::buffer(bytes), error);
      tick();
    });
  }

  void heed(const rigcast::Notice& notice) {
    if (notice.kind == rigcast::Notice::Kind::Trouble)
      std::printf("trouble %s\n", notice.message.c_str());
    if (notice.kind == rigcast::Notice::Kind::StateChanged) {
      std::printf("state %.0f %s\n", localUs(), rigcast::name(notice.state));
      if (notice.state == rigcast::State::Live)
        speak();
    }
    std::fflush(stdout);
  }

  void speak() {
    if (!_microphone)
      _session.say({_what});
    else if (_session.startAudio(_microphone->recording, {}) != 0)
      _microphone->begin();
  }

  rigcast::Session& _session;
  std::string _host, _port, _what;
  std::optional<Microphone> _microphone;
  asio::io_context _io;
  std::shared_ptr<Socket> _socket;
  beast::flat_buffer _buffer;
  asio::steady_timer _timer{_io};
};

void playSound(rigcast::Player& player, std::atomic<bool>& done, std::string& log) {
  pace(done, BLOCK, [&](Clock::time_point due) {
    float samples[480];
    player.pull(samples, 480, localUs());
    log += "sound " + std::to_string(localUs(due) + LATENCY_US);
    for (float sample : samples)
      log += " " + std::to_string(static_cast<int>(sample));
    log += "\n";
  });
}

void render(rigcast::Player& player, std::atomic<bool>& done, std::string& log) {
  rigcast::Pose pose;
  rigcast::Event event;
  pace(done, IMAGE, [&](Clock::time_point) {
    const double now = localUs();
    if (!player.sample(now, pose))
      return;
    const int jaw = player.rig().curve("jawOpen");
    log += "image " + std::to_string(now) + " " + std::to_string(pose.timeUs) + " " +
           std::to_string(pose.curves[static_cast<std::size_t>(jaw)]) + " " + std::to_string(player.generation()) + "\n";
    while (player.takeEvent(event)) {
      log += "event " + std::to_string(now) + " " + std::to_string(static_cast<int>(event.kind)) + " " +
             std::to_string(event.timeUs) + "\n";
      done = done || event.kind == rigcast::EventKind::UtteranceEnded;
    }
  });
}

} // namespace

int main(int count, char** arguments) {
  if (count != 5)
    return std::fprintf(stderr, "listener HOST PORT SESSION TEXT|@FILE\n"), 2;
  rigcast::Player player;
  player.setLatencyUs(LATENCY_US);
  rigcast::Session session(player);
  Network network(session, arguments[1], arguments[2], arguments[4]);
  std::atomic<bool> done{false}, late{false};
  std::string heard, seen;
  std::thread sockets([&] { network.run(arguments[3]); });
  std::thread device([&] { playSound(player, done, heard); });
  std::thread renderer([&] { render(player, done, seen); });
  for (const auto end = Clock::now() + PATIENCE; !done && !late; late = Clock::now() > end)
    std::this_thread::sleep_for(TICK);
  done = true;
  device.join();
  renderer.join();
  network.stop();
  sockets.join();
  std::fputs(heard.c_str(), stdout);
  std::fputs(seen.c_str(), stdout);
  return late ? 1 : 0;
}
