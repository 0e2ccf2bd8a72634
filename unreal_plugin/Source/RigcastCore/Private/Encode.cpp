#include "rigcast/Encode.h"

#include "rigcast/WireReader.h"

#include <cstring>

namespace rigcast {
namespace {

/** Writes fields of one message; values that are protobuf's default are left out. */
class WireWriter {
public:
  WireWriter& varint(std::uint32_t field, std::uint64_t value) { return value == 0 ? *this : givenVarint(field, value); }

  WireWriter& float32(std::uint32_t field, float value) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits == 0 ? *this : givenFloat32(field, value);
  }

  /** Of an optional field, which is written even where it is 0. */
  WireWriter& givenVarint(std::uint32_t field, std::uint64_t value) {
    tag(field, WireType::Varint);
    number(value);
    return *this;
  }

  /** Likewise. */
  WireWriter& givenFloat32(std::uint32_t field, float value) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    tag(field, WireType::Fixed32);
    for (int shift = 0; shift < 32; shift += 8)
      _bytes.push_back(static_cast<char>(bits >> shift & 0xFF));
    return *this;
  }

  WireWriter& text(std::uint32_t field, std::string_view value) {
    return value.empty() ? *this : message(field, value);
  }

  WireWriter& message(std::uint32_t field, std::string_view value) {
    tag(field, WireType::Length);
    number(value.size());
    _bytes.append(value);
    return *this;
  }

  const std::string& bytes() const { return _bytes; }

private:
  void tag(std::uint32_t field, WireType type) { number(field << 3 | static_cast<std::uint32_t>(type)); }

  void number(std::uint64_t value) {
    for (; value > 0x7F; value >>= 7)
      _bytes.push_back(static_cast<char>((value & 0x7F) | 0x80));
    _bytes.push_back(static_cast<char>(value));
  }

  std::string _bytes;
};

std::string request(std::uint32_t requestId, std::uint32_t body, const WireWriter& inner) {
  return WireWriter().varint(1, requestId).message(body, inner.bytes()).bytes();
}

} // namespace

std::string encodeJoin(std::uint32_t requestId, std::string_view session) {
  return request(requestId, 2, WireWriter().text(1, session));
}

std::string encodeSay(std::uint32_t requestId, const Line& line) {
  WireWriter inner;
  inner.text(1, line.text).text(2, line.voice).float32(3, line.rate).float32(4, line.pitch).varint(5, line.interrupt);
  return request(requestId, 3, inner);
}

std::string encodeInterrupt(std::uint32_t requestId, std::uint64_t timeUs) {
  return request(requestId, 4, WireWriter().varint(1, timeUs));
}

std::string encodeSetEmotion(std::uint32_t requestId, std::string_view emotion, float intensity) {
  return request(requestId, 5, WireWriter().text(1, emotion).float32(2, intensity));
}

std::string encodeLookAt(std::uint32_t requestId, const Vec3* target) {
  WireWriter inner;
  if (target)
    inner.message(1, WireWriter().float32(1, target->x).float32(2, target->y).float32(3, target->z).bytes());
  return request(requestId, 6, inner);
}

std::string encodePing(std::uint32_t requestId) {
  return request(requestId, 7, WireWriter());
}

std::string encodeStartAudio(std::uint32_t requestId, const AudioFormat& format) {
  WireWriter inner;
  inner.varint(1, format.sampleRate).varint(2, format.channels).varint(3, format.isFloat ? 2 : 0);
  inner.varint(4, format.interrupt).varint(5, format.noEcho);
  if (format.strength)
    inner.givenFloat32(6, *format.strength);
  return request(requestId, 8, inner);
}

std::string encodePushAudio(std::string_view samples, std::optional<std::uint64_t> firstSample) {
  WireWriter inner;
  inner.text(1, samples);
  if (firstSample)
    inner.givenVarint(2, *firstSample);
  return request(0, 9, inner);
}

std::string encodeEndAudio(std::uint32_t requestId) {
  return request(requestId, 10, WireWriter());
}

} // namespace rigcast
