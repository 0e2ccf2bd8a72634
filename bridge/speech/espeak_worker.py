"""espeak-ng in a process of its own: `python -m bridge.speech.espeak_worker`.

espeak-ng keeps global state, is not thread-safe, may crash on odd input, and is GPL-3.0-or-later. So it is loaded here
only, and the bridge talks to this program through pipes (see pipes.py); nothing of espeak-ng is linked into or shipped
with the bridge, which runs without it wherever another voice is used.

On its start the worker sends what it can do: {"languages": [[label, [[priority, tag]…], identifier]…], "variants":
[…]}. Then to each request {"text", "voice", "wpm", "pitch"} it answers with the Speech (see message.py), or
{"error": message}. It ends when its input ends.
"""

from functools import partial

import numpy as np
import soxr

from bridge import pipes
from bridge.frames import AUDIO_RATE, Speech
from bridge.speech import message
from bridge.speech.alignment import Samples, align
from bridge.speech.espeak_library import Espeak, LibraryError, Phone

LEADING, TRAILING = 0.010, 0.200
"""Seconds of silence before the first sound and after the last; the latter is the gap between two sentences."""

MAX_SECONDS = 120
"""Longest sound of one request."""


def main() -> None:
    """Serves requests until the input ends."""
    pipes.work(_begin)


def _begin() -> tuple[pipes.Header, pipes.Answerer]:
    try:
        espeak = Espeak()
    except (OSError, LibraryError) as error:
        refusal = {"error": f"espeak-ng cannot be loaded: {error}"}
        return refusal, lambda *_: (refusal, b"")
    return {"languages": espeak.languages(), "variants": espeak.variants()}, partial(_answer, espeak)


def _answer(espeak: Espeak, request: pipes.Header, _: bytes) -> tuple[pipes.Header, bytes]:
    try:
        pcm, events = espeak.speak(
            request["text"], request["voice"], request["wpm"], request["pitch"], MAX_SECONDS * espeak.rate
        )
    except LibraryError as error:
        return {"error": str(error)}, b""
    named = [["p" if isinstance(event, Phone) else "w", *event] for event in events]
    return message.packed(_speech(named, np.frombuffer(pcm, np.int16), espeak.rate, request["text"]))


def _speech(events: list[list[str | int]], pcm: Samples, rate: int, text: str) -> Speech:
    """Trims the sound to its phones and brings it to AUDIO_RATE."""
    phones, words = align(events, pcm, rate, text)
    if not phones:
        return Speech(np.zeros(round(TRAILING * AUDIO_RATE), np.int16))
    first = max(round((phones[0].start - LEADING) * rate), 0)
    last = round((phones[-1].end + TRAILING) * rate)
    shift = first / rate
    resampled: Samples = soxr.resample(_padded(pcm[first:last], last - first), rate, AUDIO_RATE)
    return Speech(
        resampled,
        [p._replace(start=p.start - shift, end=p.end - shift) for p in phones],
        [w._replace(start=w.start - shift, end=w.end - shift) for w in words],
    )


def _padded(pcm: Samples, count: int) -> Samples:
    return np.pad(pcm, (0, count - len(pcm)))


if __name__ == "__main__":
    main()
