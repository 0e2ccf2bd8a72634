#include "rigcast/Session.h"

#include "rigcast/Explain.h"

#include <utility>

namespace rigcast {
namespace {

constexpr double PING_US = 1e6;
// While the clock is new, or nothing is there to play, the present is asked for more often.
constexpr double FAST_PING_US = 100e3;
constexpr std::uint32_t FIRST_PINGS = 8;
// The idle character never stops sending: so long without a word means that the connection is dead.
constexpr double SILENCE_US = 10e6;
constexpr std::size_t MOST_WAITING = 256;

constexpr State NONE = static_cast<State>(255);

// What each state admits; anything else changes nothing.
//                           Start              Stop            Opened          Welcomed     Lost             Refused         Due
constexpr State NEXT[6][7] = {
    /* Stopped    */ {State::Connecting, NONE,           NONE,           NONE,        NONE,           NONE,           NONE},
    /* Connecting */ {NONE,              State::Stopped, State::Joining, NONE,        State::Waiting, State::Refused, NONE},
    /* Joining    */ {NONE,              State::Stopped, NONE,           State::Live, State::Waiting, State::Refused, NONE},
    /* Live       */ {NONE,              State::Stopped, NONE,           NONE,        State::Waiting, State::Refused, NONE},
    /* Waiting    */ {State::Connecting, State::Stopped, NONE,           NONE,        NONE,           NONE,           State::Connecting},
    /* Refused    */ {State::Connecting, State::Stopped, NONE,           NONE,        NONE,           NONE,           NONE},
};

constexpr const char* NAMES[] = {"stopped", "connecting", "joining", "live", "waiting to try again", "refused"};

bool take(bool& flag) {
  return std::exchange(flag, false);
}

template <typename Item> bool takeFirst(std::deque<Item>& queue, Item& out) {
  if (queue.empty())
    return false;
  out = std::move(queue.front());
  queue.pop_front();
  return true;
}

} // namespace

const char* name(State state) {
  return NAMES[static_cast<std::size_t>(state)];
}

void Session::start(std::string_view session) {
  _session = session;
  _backoff.reset();
  turn(Input::Start);
}

void Session::stop() {
  turn(Input::Stop);
}

std::uint32_t Session::say(const Line& line) {
  return request(encodeSay(_lastId + 1, line));
}

std::uint32_t Session::interrupt(std::uint64_t timeUs) {
  return request(encodeInterrupt(_lastId + 1, timeUs));
}

std::uint32_t Session::setEmotion(std::string_view emotion, float intensity) {
  return request(encodeSetEmotion(_lastId + 1, emotion, intensity));
}

std::uint32_t Session::lookAt(const Vec3* target) {
  return request(encodeLookAt(_lastId + 1, target));
}

std::uint32_t Session::startAudio(Recording& recording, AudioFormat format) {
  if (_state != State::Live || sending())
    return 0;
  const std::string wrong = explainNoAudio(_welcome, recording.sampleRate());
  if (!wrong.empty()) {
    trouble(wrong);
    return 0;
  }
  format.sampleRate = recording.sampleRate();
  format.channels = 1;
  format.isFloat = false;
  _audioRequest = request(encodeStartAudio(_lastId + 1, format));
  if (_audioRequest == 0)
    return 0;
  _recording = &recording;
  _audioUtterance = 0;
  notify({Notice::Kind::SendingChanged, _state, _audioRequest, 0, {}});
  return _audioRequest;
}

void Session::endAudio() {
  if (!sending())
    return;
  sendRecorded();
  _outgoing.push_back(encodeEndAudio(nextId()));
  stopSending();
}

void Session::opened() {
  if (turn(Input::Opened))
    _outgoing.push_back(encodeJoin(nextId(), _session));
}

void Session::received(Bytes message, double localUs) {
  if (_state != State::Joining && _state != State::Live)
    return;
  _heardUs = localUs;
  if (!decode(message, _message)) {
    if (_badMessages++ == 0)
      trouble("The server sent bytes that are no message; they are skipped. Versions of plugin and bridge may not fit.");
    return;
  }
  switch (_message.body) {
  case Body::Welcome:
    return welcomed(localUs);
  case Body::Frame:
    return _player.addFrame(_message.frame);
  case Body::Audio:
    return _player.addSound(_message.audio);
  case Body::Forget:
    return _player.forget(_message.forgetUs);
  case Body::Event:
    followOwnSound(_message.event);
    return _player.addEvent(_message.event);
  case Body::Dropped:
    return _player.addDropped(_message.dropped);
  case Body::Accepted:
    if (sending() && _message.accepted.requestId == _audioRequest)
      _audioUtterance = _message.accepted.utterance;
    return notify({Notice::Kind::Accepted, _state, _message.accepted.requestId, _message.accepted.utterance, {}});
  case Body::Pong:
    return _player.observe(localUs, _message.pong.nowUs);
  case Body::Error:
    return refused(_message.error);
  case Body::None:
    return;
  }
}

void Session::closed(int code, std::string_view reason, double localUs) {
  if (_state == State::Stopped || _state == State::Refused || _state == State::Waiting)
    return;
  if (code == 0 && _state != State::Connecting)
    code = 1006; // it had answered
  if (isFinal(code) && _state != State::Live)
    return refuse(explainClose(code, reason));
  trouble(explainClose(code, reason));
  _retryUs = localUs + _backoff.nextUs();
  turn(Input::Lost);
}

void Session::tick(double localUs) {
  if (_state == State::Waiting && localUs >= _retryUs)
    turn(Input::Due);
  if (_state != State::Live)
    return;
  sendRecorded();
  ping(localUs);
  if (localUs - _heardUs > SILENCE_US) {
    _close = true;
    closed(1006, "nothing came for 10 s", localUs);
  }
}

bool Session::takeOpen() {
  return take(_open);
}

bool Session::takeClose() {
  return take(_close);
}

bool Session::takeOutgoing(std::string& bytes) {
  return takeFirst(_outgoing, bytes);
}

bool Session::takeNotice(Notice& notice) {
  return takeFirst(_notices, notice);
}

bool Session::turn(Input input) {
  const State next = NEXT[static_cast<std::size_t>(_state)][static_cast<std::size_t>(input)];
  if (next == NONE)
    return false;
  _close = _close || input == Input::Stop || input == Input::Refused;
  _open = next == State::Connecting;
  if (next != State::Live && next != State::Joining)
    _outgoing.clear();
  if (_state == State::Live)
    _player.end();
  _state = next;
  notify({Notice::Kind::StateChanged, next, 0, 0, {}});
  if (next != State::Live)
    stopSending();
  return true;
}

void Session::trouble(std::string message, std::uint32_t requestId) {
  notify({Notice::Kind::Trouble, _state, requestId, 0, std::move(message)});
}

void Session::notify(Notice notice) {
  _notices.push_back(std::move(notice));
  if (_notices.size() > MOST_WAITING)
    _notices.pop_front();
}

std::uint32_t Session::request(std::string bytes) {
  if (_state != State::Live || _outgoing.size() >= MOST_WAITING)
    return 0;
  _outgoing.push_back(std::move(bytes));
  return nextId();
}

void Session::welcomed(double localUs) {
  if (_state != State::Joining)
    return;
  const std::string wrong = explainWelcome(_message.welcome);
  if (!wrong.empty())
    return refuse(wrong);
  _welcome = _message.welcome;
  _player.begin(_welcome, localUs);
  _backoff.reset();
  _badMessages = 0;
  _pings = 0;
  _pingUs = localUs;
  turn(Input::Welcomed);
}

void Session::refused(const Error& error) {
  if (_state == State::Joining && isFinal(error.code))
    return refuse(explainError(error));
  trouble(explainError(error), error.requestId);
  if (sending() && error.requestId == _audioRequest)
    stopSending();
}

void Session::refuse(std::string cause) {
  trouble(std::move(cause));
  turn(Input::Refused);
}

void Session::ping(double localUs) {
  const bool fast = _pings < FIRST_PINGS || _player.stats().waiting;
  if (localUs - _pingUs < (fast ? FAST_PING_US : PING_US) || _outgoing.size() >= MOST_WAITING)
    return;
  _pingUs = localUs;
  ++_pings;
  _outgoing.push_back(encodePing(nextId()));
}

std::uint32_t Session::nextId() {
  return ++_lastId ? _lastId : ++_lastId;
}

void Session::sendRecorded() {
  std::uint64_t first = 0;
  while (sending() && _outgoing.size() < MOST_WAITING && _recording->take(_pcm, first))
    _outgoing.push_back(encodePushAudio(_pcm, first));
}

void Session::stopSending() {
  if (!sending())
    return;
  _recording = nullptr;
  notify({Notice::Kind::SendingChanged, _state, _audioRequest, _audioUtterance, {}});
}

void Session::followOwnSound(const Event& event) {
  if (!sending() || event.kind != EventKind::UtteranceEnded || event.utterance != _audioUtterance)
    return;
  if (event.reason == EndReason::Interrupted)
    trouble("Your sound was cut off by an interruption. Start it again to go on.", _audioRequest);
  stopSending();
}

} // namespace rigcast
