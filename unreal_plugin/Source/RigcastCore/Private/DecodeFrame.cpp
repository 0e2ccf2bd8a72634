#include "Decode.h"

#include <cmath>

namespace rigcast {
namespace {

// Units of the packed frame, stream.proto.
constexpr float CURVE_UNIT = 1.0f / 16384;
constexpr float ROTATION_UNIT = 1.0f / 32767;
constexpr float ROOT_UNIT = 1.0f / 8192;
// What a packed frame can hold at most; plain numbers beyond it are of no pose.
constexpr float MOST_WEIGHT = 2;
constexpr float MOST_METRES = 4;

float unpack(Bytes bytes, std::size_t index, float unit) {
  return static_cast<float>(readInt16(bytes.data + 2 * index)) * unit;
}

void begin(Pose& out) {
  out.timeUs = 0;
  out.sequence = 0;
  setToRest(out, 0, 0);
}

bool unpackCurves(Bytes bytes, Pose& out) {
  out.curves.resize(bytes.size / 2);
  for (std::size_t i = 0; i < out.curves.size(); ++i)
    out.curves[i] = unpack(bytes, i, CURVE_UNIT);
  return bytes.size % 2 == 0;
}

bool unpackRotations(Bytes bytes, Pose& out) {
  out.rotations.resize(bytes.size / 8);
  for (std::size_t i = 0; i < out.rotations.size(); ++i) {
    const std::size_t at = 4 * i;
    out.rotations[i] = normalised(
        {unpack(bytes, at, ROTATION_UNIT), unpack(bytes, at + 1, ROTATION_UNIT), unpack(bytes, at + 2, ROTATION_UNIT),
         unpack(bytes, at + 3, ROTATION_UNIT)});
  }
  return bytes.size % 8 == 0;
}

bool unpackRoot(Bytes bytes, Pose& out) {
  out.root = {};
  if (bytes.size == 6)
    out.root = {unpack(bytes, 0, ROOT_UNIT), unpack(bytes, 1, ROOT_UNIT), unpack(bytes, 2, ROOT_UNIT)};
  return bytes.size == 6 || bytes.size == 0;
}

/** Calls take(float) for each float of a repeated field, packed or one by one. */
template <typename Take> bool eachFloat(const WireReader& reader, Take take) {
  if (reader.type() == WireType::Fixed32) {
    take(reader.float32());
    return true;
  }
  if (reader.type() != WireType::Length)
    return true;
  const Bytes bytes = reader.bytes();
  for (std::size_t i = 0; i + 4 <= bytes.size; i += 4)
    take(readFloat32(bytes.data + i));
  return bytes.size % 4 == 0;
}

float within(float value, float most) {
  return std::fabs(value) <= most ? value : 0.0f; // NaN too is not within
}

/** Gathers x, y, z, w as they come, into out.rotations. */
struct Rotations {
  Pose& out;
  Quat part{};
  int count = 0;

  void take(float value) {
    (count == 0 ? part.x : count == 1 ? part.y : count == 2 ? part.z : part.w) = value;
    count = (count + 1) % 4;
    if (count == 0)
      out.rotations.push_back(normalised(part));
  }
};

} // namespace

bool readFrame(Bytes bytes, Pose& out) {
  begin(out);
  bool good = true;
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.is(1, WireType::Varint))
      out.timeUs = reader.varint();
    else if (reader.is(2, WireType::Varint))
      out.sequence = reader.uint32();
    else if (reader.is(3, WireType::Length))
      good = unpackCurves(reader.bytes(), out) && good;
    else if (reader.is(4, WireType::Length))
      good = unpackRotations(reader.bytes(), out) && good;
    else if (reader.is(5, WireType::Length))
      good = unpackRoot(reader.bytes(), out) && good;
  }
  return reader.ok() && good;
}

bool readPlainFrame(Bytes bytes, Pose& out) {
  begin(out);
  bool good = true;
  Rotations rotations{out};
  float root[3] = {};
  int rootCount = 0;
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.is(1, WireType::Varint))
      out.timeUs = reader.varint();
    else if (reader.is(2, WireType::Varint))
      out.sequence = reader.uint32();
    else if (reader.field() == 3)
      good = eachFloat(reader, [&](float v) { out.curves.push_back(within(v, MOST_WEIGHT)); }) && good;
    else if (reader.field() == 4)
      good = eachFloat(reader, [&](float v) { rotations.take(v); }) && good;
    else if (reader.field() == 5)
      good = eachFloat(reader, [&](float v) { root[rootCount++ % 3] = within(v, MOST_METRES); }) && good;
  }
  out.root = {root[0], root[1], root[2]};
  return reader.ok() && good && rotations.count == 0 && rootCount % 3 == 0;
}

} // namespace rigcast
