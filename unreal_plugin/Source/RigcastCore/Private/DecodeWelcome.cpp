#include "Decode.h"

#include <cmath>

namespace rigcast {
namespace {

constexpr std::size_t MOST_NAMES = 2048; // more than fault(Rig) allows, so that it can say so

bool addText(Bytes bytes, std::vector<std::string>& out) {
  if (out.size() == MOST_NAMES)
    return false;
  return readText(bytes, out.emplace_back());
}

float finite(float value) {
  return std::isfinite(value) ? value : 0.0f;
}

bool readVector(Bytes bytes, Vec3& out) {
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.is(1, WireType::Fixed32))
      out.x = finite(reader.float32());
    else if (reader.is(2, WireType::Fixed32))
      out.y = finite(reader.float32());
    else if (reader.is(3, WireType::Fixed32))
      out.z = finite(reader.float32());
  }
  return reader.ok();
}

bool readJoint(Bytes bytes, Joint& out) {
  out.parent = 0; // what protobuf leaves out is 0
  bool good = true;
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.is(1, WireType::Length))
      good = readText(reader.bytes(), out.name) && good;
    else if (reader.is(2, WireType::Varint))
      out.parent = reader.sint32();
    else if (reader.is(3, WireType::Length))
      good = readVector(reader.bytes(), out.offset) && good;
  }
  return reader.ok() && good;
}

bool readRig(Bytes bytes, Rig& out) {
  bool good = true;
  WireReader reader(bytes);
  while (good && reader.next()) {
    if (reader.is(1, WireType::Length))
      good = addText(reader.bytes(), out.curves);
    else if (reader.is(2, WireType::Length))
      good = out.joints.size() < MOST_NAMES && readJoint(reader.bytes(), out.joints.emplace_back());
    else if (reader.is(3, WireType::Varint))
      out.frameRate = reader.uint32();
    else if (reader.is(4, WireType::Varint))
      out.audioRate = reader.uint32();
  }
  return good && reader.ok();
}

} // namespace

bool readWelcome(Bytes bytes, Welcome& out) {
  out = {};
  bool good = true;
  WireReader reader(bytes);
  while (good && reader.next()) {
    if (reader.is(1, WireType::Length))
      good = readText(reader.bytes(), out.protocol);
    else if (reader.is(2, WireType::Length))
      good = readText(reader.bytes(), out.server);
    else if (reader.is(3, WireType::Length))
      good = readText(reader.bytes(), out.session);
    else if (reader.is(4, WireType::Length))
      good = readRig(reader.bytes(), out.rig);
    else if (reader.is(5, WireType::Varint))
      out.nowUs = reader.varint();
    else if (reader.is(6, WireType::Varint))
      out.leadUs = reader.uint32();
    else if (reader.is(7, WireType::Length))
      good = addText(reader.bytes(), out.emotions);
    else if (reader.is(9, WireType::Length))
      good = readText(reader.bytes(), out.noLiveAudio);
  }
  return good && reader.ok();
}

} // namespace rigcast
