"""How the bridge and its workers (see worker.py) talk: messages over a worker's standard input and output.

A message is two little-endian u32 lengths, then a JSON object in UTF-8 of the first length, then as many bytes, of
sound or of poses, as the second says. Both sides refuse a message over the limits, so neither can make the other swell.
"""

import json
import os
import signal
import struct
import sys
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any, BinaryIO

LENGTHS = struct.Struct("<II")
MAX_HEADER = 1 << 20
"""Bytes of JSON in one message; two minutes of events take about a tenth of it."""
MAX_BODY = 8 << 20
"""Bytes beside the JSON in one message; two minutes of sound or of a sentence's poses are under 6 million."""

NICENESS = 10
"""Of workers, on systems that know it."""

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
    except (ValueError, RecursionError) as error:
        raise MessageError(f"message is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise MessageError("message is not a JSON object")
    return header


Answerer = Callable[[Header, bytes], tuple[Header, bytes]]


def work(begin: Callable[[], tuple[Header, Answerer]], *, gives_way: bool = True) -> None:
    """A worker's whole life: greet with what `begin` says, then answer request after request until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the bridge's to handle
    if gives_way:
        _give_way()
    source, sink = _binary_pipes()
    messages: SimpleQueue[bytes | None] = SimpleQueue()
    sender = Thread(target=_send_all, args=(sink, messages))
    sender.start()
    try:
        greeting, answer = begin()
        messages.put(pack(greeting))
        while (request := receive(source)) is not None:
            messages.put(pack(*answer(*request)))
    finally:
        messages.put(None)
        sender.join()


def _give_way() -> None:
    """Let the bridge go first where cores are short: its frames are due now, what a worker makes is for later."""
    if sys.platform != "win32":
        os.nice(NICENESS)


def _binary_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The standard pipes, with whatever anyone prints sent to the error stream instead of into the messages."""
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sys.stdin.buffer, sink


def _send_all(sink: BinaryIO, messages: "SimpleQueue[bytes | None]") -> None:
    """Send message after message. In a thread of its own: a pipe holds less than one answer of poses, and a bridge that
    is busy for some milliseconds would keep its worker from working."""
    try:
        while (message := messages.get()) is not None:
            sink.write(message)
            sink.flush()
    except BrokenPipeError:  # the bridge is gone, and what is not sent nobody needs
        os._exit(0)


def receive(source: IO[bytes]) -> tuple[Header, bytes] | None:
    """The next message, waiting for it; None when the input has ended. Raises MessageError."""
    start = source.read(LENGTHS.size)
    if len(start) < LENGTHS.size:
        return None
    header, body = lengths(start)
    text = source.read(header + body)
    return (parse(text[:header]), text[header:]) if len(text) == header + body else None
