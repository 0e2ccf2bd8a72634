"""`rigcast bench cost`: processor time of one session, part by part, in microseconds a second that it lasts.

Processor time hardly depends on what else the machine does, so this is the profile to look at before and after.
"""

import time
from collections.abc import Callable

from bridge.bench.house import TEXTS
from bridge.clip import Line, rehearse
from bridge.frames import FRAME_RATE, AudioChunk, Poses, Speech
from bridge.layers import Layers, mix
from bridge.performance import LEAD, Performance, block_frames
from bridge.speech.espeak import EspeakVoices
from bridge.transport.line import framed
from bridge.wire import PROTOCOL, parcels, wire

BLOCK = block_frames(LEAD)
BLOCKS_A_SECOND = FRAME_RATE / BLOCK
TRIES = 5


MOODS = {"speaking": (False, False), "with emotion": (True, False), "with emotion and gaze": (True, True)}


async def measure(sessions: int) -> dict[str, float]:
    """µs a session-second of each part."""
    voices = await EspeakVoices.start()
    try:
        speech = await voices.speak(TEXTS[0])
    finally:
        await voices.close()
    found = {"idle life": _idle_life()}
    for name, (emotion, gaze) in MOODS.items():
        for count in (1, sessions):
            cast = [_performer(seed, speech, emotion, gaze) for seed in range(count)]
            found[f"{name}, {count} at a tick"] = _poses(cast)
    found["encoding and framing"] = _encoding(speech)
    found["rehearsing a sentence"] = _us(lambda: rehearse(speech, 1)) / speech.seconds
    return {name: round(value, 1) for name, value in found.items()}


def _performer(seed: int, speech: Speech, emotion: bool, gaze: bool) -> Performance:
    performance = Performance(seed)
    performance.perform(Line(rehearse(speech, seed), 1, TEXTS[0], True, True), 0)
    if emotion:
        performance.set_emotion("happy", 1.0, 0)
    if gaze:
        performance.look_at((1.0, 1.0, 2.0), 0)
    for first in range(0, 512, 128):
        performance.layers(first, BLOCK)  # idle life is counted by itself
    return performance


def _poses(cast: list[Performance]) -> float:
    def blocks() -> None:
        for i in range(10):
            runs: list[Layers] = [performance.layers(100 + BLOCK * i, BLOCK) for performance in cast]
            mix(runs)

    return _us(blocks) / 10 / len(cast) * BLOCKS_A_SECOND


def _idle_life() -> float:
    minute = 60 * FRAME_RATE

    def live() -> None:
        performance = Performance(1)
        for first in range(0, minute, 60):
            performance.layers(first, BLOCK)

    return _us(live) / 60


def _encoding(speech: Speech) -> float:
    motion, writer = Performance(1).motion(0, BLOCK), wire(PROTOCOL)
    chunk = AudioChunk(100_000, 7, speech.pcm[: BLOCK * 400])

    def write() -> None:
        for _ in range(100):
            for item in (chunk, Poses(6000, 6000, motion)):
                b"".join(part for parcel in parcels(writer, item) for part in framed(parcel.data))

    return _us(write) / 100 * BLOCKS_A_SECOND


def _us(work: Callable[[], object]) -> float:
    """Microseconds of processor time, the least of some tries."""
    best = float("inf")
    for _ in range(TRIES):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best * 1e6


def described(found: dict[str, float]) -> str:
    """A line a part."""
    return "\n".join(f"{name:40} {value:8.1f} µs a session-second" for name, value in found.items())
