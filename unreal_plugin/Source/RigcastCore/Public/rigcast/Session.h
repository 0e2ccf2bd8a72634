#pragma once

#include "rigcast/Backoff.h"
#include "rigcast/Encode.h"
#include "rigcast/Player.h"
#include "rigcast/Recording.h"

#include <deque>

namespace rigcast {

/** Where a connection stands. Refused stays until `start` is called again: trying again would not help. */
enum class State : std::uint8_t { Stopped, Connecting, Joining, Live, Waiting, Refused };

/** The state in a word, for people. */
const char* name(State state);

/** What the owner should tell its user. */
struct Notice {
  enum class Kind : std::uint8_t { StateChanged, Accepted, Trouble, SendingChanged } kind = Kind::StateChanged;
  State state = State::Stopped;
  /** Accepted: of the request, and the number that the utterance's events carry. */
  std::uint32_t requestId = 0;
  std::uint32_t utterance = 0;
  /** Trouble: the cause and what to do, for people. */
  std::string message;
};

/**
 * One connection to a bridge, without a socket: the owner opens sockets when asked, hands over what comes and sends what
 * is given. Frames, sound and events go on to the player.
 *
 *     session.start("main");
 *     loop: session.tick(now);
 *           if (session.takeClose()) close the WebSocket, and tell nothing more of it
 *           if (session.takeOpen()) open a WebSocket; tell opened(), received(), closed()
 *           while (session.takeOutgoing(bytes)) send(bytes);
 *           while (session.takeNotice(notice)) show(notice);
 *
 * For one thread at a time (in Unreal the game thread, on which sockets call back). The player must outlive it. Never
 * throws, whatever the bytes. Local time as in Player.
 */
class Session {
public:
  explicit Session(Player& player, std::uint64_t seed = 1) : _player(player), _backoff(seed) {}

  // The user's wishes -----------------------------------------------------------------------------------------------

  /** Connects, and again whenever the connection breaks; at once where it waits to. @param session the session's name; empty means "main". */
  void start(std::string_view session);
  void stop();

  // Requests return the id that Accepted or Trouble will carry; 0, and nothing is sent, unless the state is Live.
  std::uint32_t say(const Line& line);
  std::uint32_t interrupt(std::uint64_t timeUs = 0);
  std::uint32_t setEmotion(std::string_view emotion, float intensity);
  std::uint32_t lookAt(const Vec3* target);

  /**
   * Speaks with recorded sound: whatever comes into the recording goes out with each `tick`, until `endAudio`.
   * @param recording has begun, and must live while `sending()`.
   * @param format its rate and kind of sample are the recording's, whatever it says.
   * @return as above; 0 also while sound is being sent already, or where the server takes none.
   */
  std::uint32_t startAudio(Recording& recording, AudioFormat format);
  /** Sends what still waits, and that this was all. */
  void endAudio();
  /** True from `startAudio` until `endAudio`, or until it was refused or cut off, or the connection broke. */
  bool sending() const { return _recording != nullptr; }

  // The socket's owner tells ----------------------------------------------------------------------------------------

  void opened();
  void received(Bytes message, double localUs);
  /**
   * The connection ended, or never came about.
   * @param code WebSocket close code, an HTTP status from 400 on if the handshake was refused, 0 if nothing is known.
   * @param reason in words, of the peer or the socket library.
   */
  void closed(int code, std::string_view reason, double localUs);
  /** Time goes by: call some ten times a second or more often. */
  void tick(double localUs);

  // The socket's owner takes ----------------------------------------------------------------------------------------

  /** True once each time that a socket is to be opened. */
  bool takeOpen();
  /** True once each time that the socket is to be closed. */
  bool takeClose();
  bool takeOutgoing(std::string& bytes);
  bool takeNotice(Notice& notice);

  State state() const { return _state; }
  /** What the server offers, of the last Welcome. */
  const Welcome& welcome() const { return _welcome; }
  /** Messages that could not be read. */
  std::uint32_t badMessages() const { return _badMessages; }

private:
  enum class Input : std::uint8_t { Start, Stop, Opened, Welcomed, Lost, Refused, Due };

  bool turn(Input input);
  void notify(Notice notice);
  void trouble(std::string message, std::uint32_t requestId = 0);
  std::uint32_t request(std::string bytes);
  void welcomed(double localUs);
  void refused(const Error& error);
  void refuse(std::string cause);
  void ping(double localUs);
  std::uint32_t nextId();
  void sendRecorded();
  void stopSending();
  void followOwnSound(const Event& event);

  Player& _player;
  Backoff _backoff;
  ServerMessage _message;
  Welcome _welcome;
  std::string _session;
  std::deque<std::string> _outgoing;
  std::deque<Notice> _notices;
  State _state = State::Stopped;
  std::uint32_t _lastId = 0;
  std::uint32_t _badMessages = 0;
  std::uint32_t _pings = 0;
  /** What is being sent, if any; the request of it, and the number its events carry once it is known. */
  Recording* _recording = nullptr;
  std::uint32_t _audioRequest = 0;
  std::uint32_t _audioUtterance = 0;
  std::string _pcm;
  double _retryUs = 0;
  double _pingUs = 0;
  double _heardUs = 0;
  bool _open = false;
  bool _close = false;
};

} // namespace rigcast
