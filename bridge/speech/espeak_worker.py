"""espeak-ng in a process of its own: `python -m bridge.speech.espeak_worker`.

espeak-ng keeps global state, is not thread-safe, may crash on odd input, and is GPL-3.0-or-later. So it is loaded here
only, and the bridge talks to this program through pipes (see pipes.py); nothing of espeak-ng is linked into or shipped
with the bridge, which runs without it wherever another voice is used.

On its start the worker sends what it can do: {"rate", "languages": [[label, [[priority, tag]…], identifier]…],
"variants": […]}. Then to each request {"text", "voice", "wpm", "pitch"} it answers {"events": […]} and the sound as
16-bit mono at `rate`, an event being ["p", sample, name] or ["w", sample, offset, length]; or {"error": message}.
It ends when its input ends.
"""

import os
import signal
import sys
from typing import BinaryIO

from bridge.speech import pipes
from bridge.speech.espeak_library import Espeak, LibraryError, Phone

MAX_SECONDS = 120
"""Longest sound of one request."""


def main() -> None:
    """Serves requests until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the bridge's to handle
    source, sink = _binary_pipes()
    try:
        espeak = Espeak()
    except (OSError, LibraryError) as error:
        _send(sink, {"error": f"espeak-ng cannot be loaded: {error}"})
        return
    _send(sink, {"rate": espeak.rate, "languages": espeak.languages(), "variants": espeak.variants()})
    while (request := _receive(source)) is not None:
        _send(sink, *_answer(espeak, request))


def _binary_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The standard pipes, with whatever anyone prints sent to the error stream instead of into the messages."""
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sys.stdin.buffer, sink


def _answer(espeak: Espeak, request: pipes.Header) -> tuple[pipes.Header, bytes]:
    try:
        pcm, events = espeak.speak(
            request["text"], request["voice"], request["wpm"], request["pitch"], MAX_SECONDS * espeak.rate
        )
    except LibraryError as error:
        return {"error": str(error)}, b""
    return {"events": [("p" if isinstance(e, Phone) else "w", *e) for e in events]}, pcm


def _send(sink: BinaryIO, header: pipes.Header, body: bytes = b"") -> None:
    sink.write(pipes.pack(header, body))
    sink.flush()


def _receive(source: BinaryIO) -> pipes.Header | None:
    """The next request; None when the input has ended."""
    start = source.read(pipes.LENGTHS.size)
    if len(start) < pipes.LENGTHS.size:
        return None
    header, body = pipes.lengths(start)
    text = source.read(header + body)
    return pipes.parse(text[:header]) if len(text) == header + body else None


if __name__ == "__main__":
    main()
