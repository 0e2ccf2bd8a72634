#include "rigcast/Bytes.h"

namespace rigcast {
namespace {

// The table of well-formed byte sequences, Unicode standard, table 3-7: lead bytes, and the range of the byte after.
struct Lead {
  std::uint8_t first, last, low, high;
  std::size_t length;
};

constexpr Lead LEADS[] = {
    {0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

const Lead* leadOf(std::uint8_t byte) {
  for (const Lead& lead : LEADS) {
    if (byte >= lead.first && byte <= lead.last)
      return &lead;
  }
  return nullptr;
}

bool follows(const std::uint8_t* at, const Lead& lead) {
  if (lead.length > 1 && (at[1] < lead.low || at[1] > lead.high))
    return false;
  for (std::size_t i = 2; i < lead.length; ++i) {
    if ((at[i] & 0xC0) != 0x80)
      return false;
  }
  return true;
}

} // namespace

bool isUtf8(std::string_view text) {
  const auto* at = reinterpret_cast<const std::uint8_t*>(text.data());
  for (std::size_t left = text.size(); left > 0;) {
    const Lead* lead = leadOf(*at);
    if (!lead || lead->length > left || !follows(at, *lead))
      return false;
    at += lead->length;
    left -= lead->length;
  }
  return true;
}

} // namespace rigcast
