#include "Decode.h"

namespace rigcast {
namespace {

bool readDropped(Bytes bytes, Dropped& out) {
  out = {};
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.is(1, WireType::Varint))
      out.frames = reader.uint32();
    else if (reader.is(2, WireType::Varint))
      out.audioUs = reader.varint();
  }
  return reader.ok();
}

bool readAccepted(Bytes bytes, Accepted& out) {
  out = {};
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.is(1, WireType::Varint))
      out.requestId = reader.uint32();
    else if (reader.is(2, WireType::Varint))
      out.utterance = reader.uint32();
  }
  return reader.ok();
}

bool readPong(Bytes bytes, Pong& out) {
  out = {};
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.is(1, WireType::Varint))
      out.requestId = reader.uint32();
    else if (reader.is(2, WireType::Varint))
      out.nowUs = reader.varint();
  }
  return reader.ok();
}

bool readAudio(Bytes bytes, AudioChunk& out) {
  out = {};
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.is(1, WireType::Varint))
      out.timeUs = reader.varint();
    else if (reader.is(2, WireType::Varint))
      out.sequence = reader.uint32();
    else if (reader.is(3, WireType::Length))
      out.pcm = reader.bytes();
  }
  return reader.ok() && out.pcm.size % 2 == 0;
}

bool readForget(Bytes bytes, std::uint64_t& timeUs) {
  timeUs = 0;
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.is(1, WireType::Varint))
      timeUs = reader.varint();
  }
  return reader.ok();
}

bool readError(Bytes bytes, Error& out) {
  out = {};
  bool good = true;
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.is(1, WireType::Varint))
      out.requestId = reader.uint32();
    else if (reader.is(2, WireType::Varint))
      out.code = reader.varint() <= 8 ? static_cast<ErrorCode>(reader.varint()) : ErrorCode::Unspecified;
    else if (reader.is(3, WireType::Length))
      good = readText(reader.bytes(), out.message) && good;
    else if (reader.is(4, WireType::Length))
      good = readText(reader.bytes(), out.field) && good;
    else if (reader.is(5, WireType::Varint))
      out.limit = reader.varint();
  }
  return reader.ok() && good;
}

// The numbers are those of ServerMessage.body in session.proto.
bool readBody(std::uint32_t field, Bytes bytes, ServerMessage& out) {
  switch (field) {
  case 1:
    out.body = Body::Welcome;
    return readWelcome(bytes, out.welcome);
  case 2:
    out.body = Body::Frame;
    return readFrame(bytes, out.frame);
  case 3:
    out.body = Body::Frame;
    return readPlainFrame(bytes, out.frame);
  case 4:
    out.body = Body::Audio;
    return readAudio(bytes, out.audio);
  case 5:
    out.body = Body::Forget;
    return readForget(bytes, out.forgetUs);
  case 6:
    out.body = Body::Event;
    return readEvent(bytes, out.event);
  case 7:
    out.body = Body::Dropped;
    return readDropped(bytes, out.dropped);
  case 8:
    out.body = Body::Accepted;
    return readAccepted(bytes, out.accepted);
  case 9:
    out.body = Body::Pong;
    return readPong(bytes, out.pong);
  case 10:
    out.body = Body::Error;
    return readError(bytes, out.error);
  default:
    return true;
  }
}

} // namespace

bool readText(Bytes bytes, std::string& out) {
  out.assign(bytes.text());
  return isUtf8(out);
}

bool decode(Bytes bytes, ServerMessage& message) {
  message.body = Body::None;
  bool good = true;
  WireReader reader(bytes);
  while (good && reader.next()) {
    if (reader.type() == WireType::Length)
      good = readBody(reader.field(), reader.bytes(), message);
  }
  good = good && reader.ok();
  if (!good)
    message.body = Body::None;
  return good;
}

} // namespace rigcast
