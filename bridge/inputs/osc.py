"""Open Sound Control 1.0, reading, as far as VMC needs it; bridge/outputs/osc.py writes it.

python-osc, which the tests write with, takes some ten times as long a message and does not bound what it makes.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from bridge.inputs.captured import PacketError
from bridge.outputs.osc import BUNDLE

MOST_MESSAGES = 1024
"""Of one datagram; a body and a face are 110."""

DEEPEST = 4
"""Bundles within bundles."""

MOST_ARGUMENTS = 64
MOST = 1e6
"""Of a number; no metre, weight or second of a sender's comes near."""

_NUMBERS = {kind: struct.Struct(form) for kind, form in {"i": ">i", "f": ">f", "d": ">d", "h": ">q"}.items()}
_WITHOUT_BYTES = {"T": 1, "F": 0, "N": 0, "I": 1}


class Message(NamedTuple):
    """An address and its arguments."""

    address: str
    arguments: tuple[str | float, ...]


def messages(data: bytes) -> list[Message]:
    """All of a datagram. Raises PacketError."""
    found = list[Message]()
    for part in _parts(data, 0):
        if len(found) >= MOST_MESSAGES:
            raise PacketError(f"more than {MOST_MESSAGES} OSC messages in one datagram")
        found.append(_message(part))
    return found


def _parts(data: bytes, depth: int) -> Iterator[bytes]:
    """The messages' bytes."""
    if not data.startswith(BUNDLE):
        yield data
        return
    if depth >= DEEPEST:
        raise PacketError(f"OSC bundles are nested deeper than {DEEPEST}")
    at = len(BUNDLE) + 8  # the time tag: everything is taken at once
    if len(data) < at:
        raise PacketError("an OSC bundle is cut short")
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big", signed=True)
        at += 4
        if size <= 0 or size % 4 or at + size > len(data):
            raise PacketError("the size of an OSC message leaves its bundle")
        yield from _parts(data[at : at + size], depth + 1)
        at += size


def _message(data: bytes) -> Message:
    address, at = _string(data, 0)
    if not address.startswith("/"):
        raise PacketError("an OSC address begins with /")
    types, at = _string(data, at)
    if not types.startswith(",") or len(types) > MOST_ARGUMENTS + 1:
        raise PacketError(f"an OSC message tells the types of its arguments, {MOST_ARGUMENTS} at most")
    arguments = list[str | float]()
    for kind in types[1:]:
        if kind in _NUMBERS:
            value, at = _number(data, at, _NUMBERS[kind])
            arguments.append(value)
        elif kind in "sS":
            text, at = _string(data, at)
            arguments.append(text)
        elif kind in _WITHOUT_BYTES:
            arguments.append(_WITHOUT_BYTES[kind])
        else:
            raise PacketError(f"OSC arguments of type {kind!r} are not read")
    return Message(address, tuple(arguments))


def _number(data: bytes, at: int, form: struct.Struct) -> tuple[float, int]:
    end = at + form.size
    if end > len(data):
        raise PacketError("an OSC message is cut short")
    (value,) = form.unpack_from(data, at)
    if not -MOST < value < MOST:  # false for NaN too
        raise PacketError("an OSC message holds a number that is none")
    return value, end


def _string(data: bytes, at: int) -> tuple[str, int]:
    """The text that begins at `at`, and where its filling ends."""
    end = data.find(b"\0", at)
    if end < 0:
        raise PacketError("a text in an OSC message has no end")
    try:
        return data[at:end].decode(), min(end + 4 - (end - at) % 4, len(data))
    except UnicodeDecodeError:
        raise PacketError("a text in an OSC message is not UTF-8") from None
