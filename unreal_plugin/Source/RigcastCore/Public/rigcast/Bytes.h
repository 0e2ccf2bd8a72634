#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace rigcast {

/** A view of bytes that somebody else owns. */
struct Bytes {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;

  /** The same bytes as text; not checked to be UTF-8. */
  std::string_view text() const {
    return {reinterpret_cast<const char*>(data), size};
  }
};

/** A little-endian signed 16-bit integer, at any alignment, on any machine. */
inline std::int16_t readInt16(const std::uint8_t* at) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(at[0] | at[1] << 8));
}

/** A little-endian 32-bit float, at any alignment, on any machine. */
inline float readFloat32(const std::uint8_t* at) {
  std::uint32_t bits = 0;
  for (int i = 3; i >= 0; --i)
    bits = bits << 8 | at[i];
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/** True if the text is well-formed UTF-8: no overlong form, no surrogate, nothing beyond U+10FFFF. */
bool isUtf8(std::string_view text);

} // namespace rigcast
