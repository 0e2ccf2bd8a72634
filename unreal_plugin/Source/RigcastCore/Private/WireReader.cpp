#include "rigcast/WireReader.h"

#include <cstring>

namespace rigcast {
namespace {

constexpr int MOST_GROUPS = 100; // protobuf's own limit of nesting

} // namespace

bool WireReader::next() {
  if (!_ok || _at == _end)
    return false;
  _ok = readTag() && _type != WireType::EndGroup && (_type == WireType::StartGroup ? skipGroup() : readValue());
  return _ok;
}

std::int32_t WireReader::sint32() const {
  const std::uint32_t n = uint32();
  return static_cast<std::int32_t>((n >> 1) ^ (~(n & 1) + 1));
}

float WireReader::float32() const {
  const std::uint32_t bits = uint32();
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

bool WireReader::readVarint(std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 70 && _at != _end; shift += 7) {
    const std::uint8_t byte = *_at++;
    value |= static_cast<std::uint64_t>(byte & 0x7F) << (shift < 64 ? shift : 63);
    if (byte < 0x80)
      return true;
  }
  return false;
}

bool WireReader::readTag() {
  std::uint64_t tag;
  if (!readVarint(tag) || tag >> 32 != 0 || (tag & 7) > 5)
    return false;
  _field = static_cast<std::uint32_t>(tag >> 3);
  _type = static_cast<WireType>(tag & 7);
  return _field != 0;
}

bool WireReader::readValue() {
  switch (_type) {
  case WireType::Varint:
    return readVarint(_value);
  case WireType::Fixed64:
    return readFixed(8);
  case WireType::Fixed32:
    return readFixed(4);
  default:
    break;
  }
  std::uint64_t size;
  if (!readVarint(size) || size > static_cast<std::uint64_t>(_end - _at))
    return false;
  _bytes = {_at, static_cast<std::size_t>(size)};
  _at += size;
  return true;
}

bool WireReader::readFixed(std::size_t size) {
  if (static_cast<std::size_t>(_end - _at) < size)
    return false;
  _value = 0;
  for (std::size_t i = size; i > 0; --i)
    _value = _value << 8 | _at[i - 1];
  _at += size;
  return true;
}

bool WireReader::skipGroup() {
  std::uint32_t open[MOST_GROUPS];
  int depth = 0;
  open[depth++] = _field;
  while (depth > 0) {
    if (!readTag())
      return false;
    if (_type == WireType::StartGroup) {
      if (depth == MOST_GROUPS)
        return false;
      open[depth++] = _field;
    } else if (_type == WireType::EndGroup) {
      if (open[--depth] != _field)
        return false;
    } else if (!readValue()) {
      return false;
    }
  }
  _type = WireType::EndGroup; // asked for by nobody: skipped
  return true;
}

} // namespace rigcast
