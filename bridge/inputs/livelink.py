"""Live Link Face as a phone sends it in the mode "Live Link (ARKit)"; the layout is told in bridge/outputs/livelink.py.

A packet without values says that the phone sees no face. The signs of angles are told there too, and can be turned
round in the receiver.
"""

import struct

import numpy as np

from bridge.curves import CURVES
from bridge.inputs.captured import EYES, Captured, PacketError, finite, name_of, turned
from bridge.skeleton import Array

VERSION = 6
COUNT = len(CURVES) + 9
LONGEST_STRING = 256

MHA_HEADER = b"CPSDISCOVER\0"
"""How packets begin by which phones and programs find each other for MetaHuman Animator."""

MHA = "this is the MetaHuman Animator mode, which is another protocol: switch the app to Live Link (ARKit)"

_TIME = struct.Struct(">ifii")


def read(data: bytes) -> Captured:
    """One packet. Raises PacketError."""
    _check_version(data)
    device, at = _string(data, 1, "the device's identifier")
    subject, at = _string(data, at, "the subject's name")
    if len(data) < at + _TIME.size + 1:
        raise PacketError("a Live Link Face packet is cut short")
    frame, part, rate, per = _TIME.unpack_from(data, at)
    at += _TIME.size + 1
    count = data[at - 1]
    if count not in (0, COUNT) or len(data) != at + 4 * count:
        raise PacketError(f"a Live Link Face packet has {COUNT} values or none, not {count} in {len(data)} bytes")
    finite(part, "the frame's time")
    captured = Captured(device, (frame + part) * per / rate if rate > 0 and per > 0 else None, subject=subject)
    captured.seen = count > 0
    if captured.seen:
        _take(captured, np.frombuffer(data, ">f4", COUNT, at).astype(np.float32))
    return captured


def _take(captured: Captured, values: Array) -> None:
    if not np.isfinite(values).all():
        raise PacketError("a Live Link Face packet holds a number that is none")
    captured.curves = np.clip(values[: len(CURVES)], np.float32(0), np.float32(1))
    captured.heard[:] = True
    angles = values[len(CURVES) :].tolist()
    captured.head = turned(*(-angle for angle in angles[:3]))
    for eye, place in zip(EYES, (3, 6), strict=True):
        captured.rotations[eye] = turned(*angles[place : place + 3])
        captured.turned[eye] = True


def _check_version(data: bytes) -> None:
    """Raises PacketError unless it is VERSION. MetaHuman Animator begins with a version of two bytes, low one first."""
    same_kind = data[1:4] == bytes(3) and data[4:5] > b"\0"  # a byte, then the length of a short string
    if same_kind and data[0] == VERSION:
        return
    if data.startswith(MHA_HEADER) or (not same_kind and len(data) > 2 and 0 < data[0] < 16 and not data[1]):
        raise PacketError(MHA)
    if same_kind:
        raise PacketError(f"Live Link Face of version {data[0]}; version {VERSION} is read: update the app")
    raise PacketError("this is no Live Link Face packet")


def _string(data: bytes, at: int, what: str) -> tuple[str, int]:
    """The string that begins at `at`, and where it ends."""
    length = int.from_bytes(data[at : at + 4], "big", signed=True)
    end = at + 4 + length
    if not 0 <= length <= LONGEST_STRING or end > len(data):
        raise PacketError(f"{what} has {length} bytes; 0..{LONGEST_STRING} fit, within the packet")
    try:
        return name_of(data[at + 4 : end].decode(), what), end
    except UnicodeDecodeError:
        raise PacketError(f"{what} is not UTF-8") from None
