"""How the bridge and a speech worker talk: messages over the worker's standard input and output.

A message is two little-endian u32 lengths, then a JSON object in UTF-8 of the first length, then as many bytes of sound
as the second says. Both sides refuse a message over the limits, so neither can make the other swell.
"""

import json
import struct
from typing import Any

LENGTHS = struct.Struct("<II")
MAX_HEADER = 1 << 20
"""Bytes of JSON in one message; two minutes of events take about a tenth of it."""
MAX_BODY = 8 << 20
"""Bytes of sound in one message; two minutes at 22,050 Hz and 16 bits are 5.3 million."""

Header = dict[str, Any]


class MessageError(Exception):
    """The other side sent something that is not a message; the stream cannot be trusted any more."""


def pack(header: Header, body: bytes = b"") -> bytes:
    """A whole message. Raises MessageError over a limit."""
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    start = LENGTHS.pack(len(text), len(body))
    lengths(start)
    return start + text + body


def lengths(data: bytes) -> tuple[int, int]:
    """The lengths of the header and of the body, from a message's first bytes. Raises MessageError over a limit."""
    header, body = LENGTHS.unpack(data)
    if header > MAX_HEADER or body > MAX_BODY:
        raise MessageError(f"message of {header} + {body} bytes is over the limit of {MAX_HEADER} + {MAX_BODY}")
    return header, body


def parse(text: bytes) -> Header:
    """The JSON object of a message. Raises MessageError if it is none."""
    try:
        header = json.loads(text)
    except ValueError as error:
        raise MessageError(f"message is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise MessageError("message is not a JSON object")
    return header
