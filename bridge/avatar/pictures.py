"""How large a picture is, as its head tells: nothing is unpacked.

PNG: W3C PNG, 11.2.1. JPEG: ITU-T T.81, B.1.1.3 and B.2.2. WebP: RFC 9649, 2.5 to 2.7.
"""

import struct

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
_ALONE = {0x01, *range(0xD0, 0xD8)}
"""Markers of JPEG that no length follows."""
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN, _END = 0xDA, 0xD9


def size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG, JPEG or WebP. Raises ValueError where it is none of these or tells none."""
    try:
        if data.startswith(_PNG):
            width, height = struct.unpack_from(">II", data, 16)
            return width, height
        if data.startswith(_JPEG):
            return _jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError):
        raise ValueError("a picture that ends in its head") from None
    raise ValueError("neither PNG, JPEG nor WebP")


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while True:
        if data[at] != 0xFF:
            raise ValueError("no JPEG behind its first bytes")
        while data[at] == 0xFF:
            at += 1
        marker, at = data[at], at + 1
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 3)
            return width, height or 0xFFFF  # told after the first scan: who knows
        if marker in (_SCAN, _END):
            raise ValueError("a JPEG that tells no size")
        if marker not in _ALONE:
            at += struct.unpack_from(">H", data, at)[0]


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF
