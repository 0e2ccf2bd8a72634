#include "Decode.h"

#include <cmath>

namespace rigcast {
namespace {

// Where each kind keeps what, stream.proto; 0 stands for nowhere.
struct Layout {
  EventKind kind;
  std::uint32_t utterance, text, duration, reason, intensity;
};

constexpr Layout LAYOUTS[] = {
    {EventKind::UtteranceStarted, 1, 2, 0, 0, 0}, // field 2 of Event
    {EventKind::UtteranceEnded, 1, 3, 0, 2, 0},
    {EventKind::Phone, 0, 1, 2, 0, 0},
    {EventKind::Word, 2, 1, 0, 0, 0},
    {EventKind::EmotionChanged, 0, 1, 0, 0, 2},
};
constexpr std::uint32_t FIRST_KIND = 2;

bool readKind(Bytes bytes, const Layout& layout, Event& out) {
  const std::uint64_t timeUs = out.timeUs;
  out = {};
  out.timeUs = timeUs;
  out.kind = layout.kind;
  bool good = true;
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.is(layout.utterance, WireType::Varint))
      out.utterance = reader.uint32();
    else if (reader.is(layout.text, WireType::Length))
      good = readText(reader.bytes(), out.text) && good;
    else if (reader.is(layout.duration, WireType::Varint))
      out.durationUs = reader.uint32();
    else if (reader.is(layout.reason, WireType::Varint))
      out.reason = reader.varint() <= 3 ? static_cast<EndReason>(reader.varint()) : EndReason::Unspecified;
    else if (reader.is(layout.intensity, WireType::Fixed32))
      out.intensity = std::isfinite(reader.float32()) ? reader.float32() : 0.0f;
  }
  return reader.ok() && good;
}

} // namespace

bool readEvent(Bytes bytes, Event& out) {
  out = {};
  bool good = true;
  WireReader reader(bytes);
  while (reader.next()) {
    const std::uint32_t kind = reader.field() - FIRST_KIND; // wraps below, so is beyond the table
    if (reader.is(1, WireType::Varint))
      out.timeUs = reader.varint();
    else if (reader.type() == WireType::Length && kind < sizeof LAYOUTS / sizeof *LAYOUTS)
      good = readKind(reader.bytes(), LAYOUTS[kind], out) && good;
  }
  return reader.ok() && good;
}

} // namespace rigcast
