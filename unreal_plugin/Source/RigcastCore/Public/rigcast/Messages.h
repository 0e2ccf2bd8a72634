#pragma once

#include "rigcast/Bytes.h"
#include "rigcast/Rig.h"

namespace rigcast {

/** The protocol that this core reads, also the WebSocket subprotocol. */
inline constexpr const char* PROTOCOL = "rigcast.v1";

/** The server's first words: what is needed to read the stream that follows. */
struct Welcome {
  std::string protocol;
  std::string server;
  std::string session;
  Rig rig;
  /** The session's time when this was sent, microseconds. */
  std::uint64_t nowUs = 0;
  /** How far frames and sound run ahead of the present at most, microseconds. */
  std::uint32_t leadUs = 0;
  std::vector<std::string> emotions;
  /** Why the server takes no sound of ours; empty where it does. */
  std::string noLiveAudio;
};

/** Mono samples from `timeUs` on, signed 16-bit little-endian, in the message's own bytes. */
struct AudioChunk {
  std::uint64_t timeUs = 0;
  std::uint32_t sequence = 0;
  Bytes pcm;
};

enum class EventKind : std::uint8_t { Unknown, UtteranceStarted, UtteranceEnded, Phone, Word, EmotionChanged };
enum class EndReason : std::uint8_t { Unspecified, Finished, Interrupted, Failed };

/** Something that happens at an instant of the performance. Which fields count depends on the kind. */
struct Event {
  /** Session time, microseconds. */
  std::uint64_t timeUs = 0;
  EventKind kind = EventKind::Unknown;
  /** UtteranceStarted, UtteranceEnded, Word. */
  std::uint32_t utterance = 0;
  /** The spoken text, the word, the phone in IPA, the emotion, or why an utterance failed. */
  std::string text;
  /** Phone: microseconds. */
  std::uint32_t durationUs = 0;
  /** UtteranceEnded. */
  EndReason reason = EndReason::Unspecified;
  /** EmotionChanged: from 0 to 1. */
  float intensity = 0;
};

struct Dropped {
  std::uint32_t frames = 0;
  std::uint64_t audioUs = 0;
};

struct Accepted {
  std::uint32_t requestId = 0;
  std::uint32_t utterance = 0;
};

struct Pong {
  std::uint32_t requestId = 0;
  /** Session time when it was sent, microseconds. */
  std::uint64_t nowUs = 0;
};

/** As in proto/rigcast/v1/session.proto. */
enum class ErrorCode : std::uint8_t {
  Unspecified,
  InvalidArgument,
  FailedPrecondition,
  NotFound,
  ResourceExhausted,
  Unauthenticated,
  Unavailable,
  Internal,
  PermissionDenied
};

struct Error {
  std::uint32_t requestId = 0;
  ErrorCode code = ErrorCode::Unspecified;
  std::string message;
  std::string field;
  std::uint64_t limit = 0;
};

/** What a message of the server holds; None also for bodies of a later version. */
enum class Body : std::uint8_t { None, Welcome, Frame, Audio, Forget, Event, Dropped, Accepted, Pong, Error };

/** A message of the server. Only what `body` names counts. Keep one and decode into it again: storage is kept. */
struct ServerMessage {
  Body body = Body::None;
  Welcome welcome;
  /** A packed or a plain frame. */
  Pose frame;
  AudioChunk audio;
  /** Everything for this session time and later is void, microseconds. */
  std::uint64_t forgetUs = 0;
  Event event;
  Dropped dropped;
  Accepted accepted;
  Pong pong;
  Error error;
};

/**
 * Reads a message of the server.
 * @param bytes must live as long as `message.audio` is used.
 * @return false if the bytes are no message or a frame's size is impossible; then `message.body` is None.
 * Numbers that no pose can have become rest. Does not allocate for frames and sound once `message` has held one.
 * Any thread; each with its own `message`.
 */
bool decode(Bytes bytes, ServerMessage& message);

} // namespace rigcast
