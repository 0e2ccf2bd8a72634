#pragma once

#include "rigcast/Bytes.h"

namespace rigcast {

/** Kinds of value in protobuf's wire format (protobuf.dev/programming-guides/encoding). */
enum class WireType : std::uint8_t { Varint = 0, Fixed64 = 1, Length = 2, StartGroup = 3, EndGroup = 4, Fixed32 = 5 };

/**
 * Walks over the fields of one protobuf message, without a copy or an allocation.
 *
 *     WireReader reader(bytes);
 *     while (reader.next()) if (reader.is(1, WireType::Varint)) use(reader.varint());
 *     if (!reader.ok()) refuse();
 *
 * A field whose number or type is not asked for is skipped, as protobuf wants it. Any bytes are safe to read. For one
 * thread; the bytes must outlive it.
 */
class WireReader {
public:
  explicit WireReader(Bytes bytes) : _at(bytes.data), _end(bytes.data + bytes.size) {}

  /** Goes to the next field. False at the end, and as soon as the bytes are no message. */
  bool next();

  /** False once bytes were met that are no message. */
  bool ok() const { return _ok; }

  /** True if the present field has this number and type. */
  bool is(std::uint32_t field, WireType type) const { return field == _field && type == _type; }

  std::uint32_t field() const { return _field; }
  WireType type() const { return _type; }

  /** The present value of type Varint. */
  std::uint64_t varint() const { return _value; }
  std::uint32_t uint32() const { return static_cast<std::uint32_t>(_value); }
  std::int32_t int32() const { return static_cast<std::int32_t>(static_cast<std::uint32_t>(_value)); }
  /** The present value of type Varint, zigzag (sint32). */
  std::int32_t sint32() const;
  /** The present value of type Fixed32, as a float. */
  float float32() const;
  /** The present value of type Length. */
  Bytes bytes() const { return _bytes; }

private:
  bool readVarint(std::uint64_t& value);
  bool readTag();
  bool readValue();
  bool readFixed(std::size_t size);
  bool skipGroup();

  const std::uint8_t* _at;
  const std::uint8_t* _end;
  bool _ok = true;
  std::uint32_t _field = 0;
  WireType _type = WireType::Varint;
  std::uint64_t _value = 0;
  Bytes _bytes;
};

} // namespace rigcast
