// A program that follows a real bridge as an engine would, by Boost's WebSocket: one thread for the network, a sound device
// and a renderer on threads of their own. It lets the character speak a text and writes down what was heard and seen.
//
//     listener HOST PORT SESSION TEXT
//
// Output, local time in microseconds:
//     sound T S S S ...   a block of samples, the first of which is heard at T
//     image T TIME JAW    the pose shown at T: its session time and its weight of jawOpen
//     event T KIND TIME   an event that came due
//     trouble WORDS       whatever went wrong
// Exit code 0 once the text was spoken, 1 if it was not within 30 seconds.

#include "rigcast/Session.h"

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <cstdio>
#include <thread>

namespace beast = boost::beast;
namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

constexpr double LATENCY_US = 40e3;
constexpr std::chrono::milliseconds TICK(5);
constexpr std::chrono::microseconds BLOCK(20000), IMAGE(16667);
constexpr std::chrono::seconds PATIENCE(30);

double localUs(Clock::time_point time = Clock::now()) {
  return std::chrono::duration<double, std::micro>(time.time_since_epoch()).count();
}

/** The socket of a session, on one thread. */
class Network {
public:
  Network(rigcast::Session& session, std::string host, std::string port)
      : _session(session), _host(std::move(host)), _port(std::move(port)) {}

  void run(const std::string& name) {
    _session.start(name);
    open();
    tick();
    _io.run();
  }

  void stop() { asio::post(_io, [this] { _io.stop(); }); }
  void say(std::string text) { _text = std::move(text); }

private:
  void open() {
    (void)_session.takeOpen();
    error_code error;
    asio::connect(beast::get_lowest_layer(_socket), asio::ip::tcp::resolver(_io).resolve(_host, _port), error);
    _socket.set_option(beast::websocket::stream_base::decorator([](beast::websocket::request_type& request) {
      request.set(beast::http::field::sec_websocket_protocol, rigcast::PROTOCOL);
    }));
    if (!error)
      _socket.handshake(_host + ":" + _port, "/rigcast", error);
    if (error)
      return _session.closed(0, error.message(), localUs());
    _socket.binary(true);
    _session.opened();
    read();
  }

  void read() {
    _socket.async_read(_buffer, [this](error_code error, std::size_t) {
      if (error)
        return _session.closed(static_cast<int>(_socket.reason().code), error.message(), localUs());
      const auto bytes = _buffer.cdata();
      _session.received({static_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, localUs());
      _buffer.consume(_buffer.size());
      read();
    });
  }

  void tick() {
    _timer.expires_after(TICK);
    _timer.async_wait([this](error_code) {
      _session.tick(localUs());
      if (_session.state() == rigcast::State::Live && !_text.empty())
        _session.say({std::exchange(_text, {})});
      for (std::string bytes; _session.takeOutgoing(bytes);)
        _socket.write(asio::buffer(bytes));
      for (rigcast::Notice notice; _session.takeNotice(notice);) {
        if (notice.kind == rigcast::Notice::Kind::Trouble)
          std::printf("trouble %s\n", notice.message.c_str());
      }
      tick();
    });
  }

  rigcast::Session& _session;
  std::string _host, _port, _text;
  asio::io_context _io;
  beast::websocket::stream<asio::ip::tcp::socket> _socket{_io};
  beast::flat_buffer _buffer;
  asio::steady_timer _timer{_io};
};

/** Calls `step` with the time it was due, at an even pace, until `done`. */
template <typename Step> void pace(std::atomic<bool>& done, std::chrono::microseconds period, Step step) {
  for (auto due = Clock::now(); !done; due += period) {
    std::this_thread::sleep_until(due);
    if (localUs() - localUs(due) > LATENCY_US)
      due = Clock::now(); // too late even for a sound device's own buffer: it ran dry, and goes on from here
    step(due);
  }
}

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
           std::to_string(pose.curves[static_cast<std::size_t>(jaw)]) + "\n";
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
    return std::fprintf(stderr, "listener HOST PORT SESSION TEXT\n"), 2;
  rigcast::Player player;
  player.setLatencyUs(LATENCY_US);
  rigcast::Session session(player);
  Network network(session, arguments[1], arguments[2]);
  network.say(arguments[4]);
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
