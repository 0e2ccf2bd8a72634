"""The core against the real server: a C++ program with Boost's WebSocket hears and shows a spoken sentence.

What it heard and showed is compared with what the server sent, read by Python at the same time.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import pytest
from real_bridge import Bridge, joined, started
from unreal_builds import built

from bridge.curves import INDEX
from bridge.frames import AUDIO_RATE, time_us_sample
from bridge.wire import unpack
from rigcast.v1 import session_pb2

TEXT = "The quick brown fox jumps over the lazy dog, and by the time it lands, everybody has gone home."
JAW = INDEX["jawOpen"]
BLOCK = 480
BLOCK_US = 20_000
"""What the listener's sound device takes at a time: samples, microseconds."""

WINDOW = BLOCK
"""Samples of sound that are looked for in what was sent."""

REACH = 1440
"""So many samples, 60 ms, they may be away from where the face is."""

LOUD = 300.0
"""Root mean square of a window that can be told from others, in units of int16."""

LIPS_P99_US = 15_000

Samples = npt.NDArray[np.float64]


@dataclass
class Sent:
    """What the server sent for a session, by session time, with all that it took back removed."""

    jaw: dict[int, float] = field(default_factory=dict)
    chunks: list[tuple[int, Samples]] = field(default_factory=list)

    def add(self, message: session_pb2.ServerMessage) -> None:
        """Take in one message."""
        match message.WhichOneof("body"):
            case "frame":
                self.jaw[message.frame.time_us] = float(unpack(message.frame).curves[0, JAW])
            case "audio":
                pcm = np.frombuffer(message.audio.pcm, "<i2").astype(np.float64)
                self.chunks.append((time_us_sample(message.audio.time_us), pcm))
            case "forget":
                self.forget(message.forget.time_us)

    def forget(self, time_us: int) -> None:
        """Take back all from a time on."""
        end = time_us_sample(time_us)
        self.jaw = {t: jaw for t, jaw in self.jaw.items() if t < time_us}
        self.chunks = [(first, pcm[: max(0, end - first)]) for first, pcm in self.chunks]

    def sound(self) -> Samples:
        """All samples of the session from its start, 0 where none was sent."""
        out = np.zeros(max(first + len(pcm) for first, pcm in self.chunks) + REACH + WINDOW)
        for first, pcm in self.chunks:
            out[first : first + len(pcm)] = pcm
        return out


@dataclass
class Perceived:
    """What the listener wrote down: images (local us, session us, jaw), and its sound by local time."""

    images: Samples
    blocks: Samples
    """Blocks of BLOCK samples."""

    blocks_us: Samples
    """Local time at which the first sample of each is heard, microseconds."""

    events: list[int]


def perceived(log: str) -> Perceived:
    """Read the listener's words."""
    lines = [line.split() for line in log.splitlines()]
    assert [line for line in lines if line[0] == "trouble"] == []
    blocks = [np.array(line[1:], float) for line in lines if line[0] == "sound"]
    images = np.array([line[1:] for line in lines if line[0] == "image"], float)
    events = [int(line[2]) for line in lines if line[0] == "event"]
    return Perceived(
        images, np.array([block[1:] for block in blocks]), np.array([block[0] for block in blocks]), events
    )


async def follow(bridge: Bridge, listener: Path, session: str) -> tuple[str, Sent]:
    """Let the listener speak in a session and follow it; read all that was sent meanwhile."""
    address = urlsplit(bridge.websocket)
    sent = Sent()
    async with joined(bridge, session) as connection:
        program = await asyncio.create_subprocess_exec(
            *[str(listener), str(address.hostname), str(address.port), session, TEXT], stdout=asyncio.subprocess.PIPE
        )

        async def read() -> None:
            while True:
                sent.add(session_pb2.ServerMessage.FromString(await connection.recv(decode=False)))

        reading = asyncio.create_task(read())
        log, _ = await program.communicate()
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
    assert program.returncode == 0, log.decode()[-2000:]
    return log.decode(), sent


def heard_at(t: float, shown_us: float, seen: Perceived, sound: Samples) -> float | None:
    """Session time of the sound heard at a local time, microseconds, found in what was sent; None in silence."""
    block = int(np.searchsorted(seen.blocks_us, t, "right")) - 1
    if block < 1 or seen.blocks_us[block] - seen.blocks_us[block - 1] > BLOCK_US + 1:
        return None  # the device itself ran dry
    end = min(BLOCK, round((t - seen.blocks_us[block]) * AUDIO_RATE / 1e6))
    window = seen.blocks[block - 1 : block + 1].ravel()[end : end + WINDOW]
    first = time_us_sample(int(shown_us)) - WINDOW - REACH
    where = sound[first : first + 2 * REACH + WINDOW]
    if len(where) < 2 * REACH + WINDOW or np.sqrt(np.mean(window**2)) < LOUD:
        return None
    places = np.lib.stride_tricks.sliding_window_view(where, WINDOW)
    best = int(np.argmin(((places - window) ** 2).sum(axis=1)))
    return (first + best + WINDOW) * 1e6 / AUDIO_RATE


@pytest.fixture(scope="module")
def listened() -> tuple[Perceived, Sent]:
    """A sentence, heard and seen by the core."""
    options = ["-DRIGCAST_UNITY=OFF", "-DRIGCAST_LISTENER=ON"]
    listener = built("release", "listener", *options) / "Tests" / "listener"
    with started() as bridge:
        log, sent = asyncio.run(follow(bridge, listener, "listened"))
    return perceived(log), sent


def test_the_lips_are_with_the_sound(listened: tuple[Perceived, Sent]) -> None:
    seen, sent = listened
    sound = sent.sound()
    pairs = [(shown, heard_at(t, shown, seen, sound)) for t, shown, _ in seen.images]
    errors = np.abs([shown - heard for shown, heard in pairs if heard is not None])
    print(f"sound against lips: p50 {np.median(errors) / 1e3:.1f} ms, p99 {np.quantile(errors, 0.99) / 1e3:.1f} ms")
    assert len(errors) > 120  # two seconds of speech
    assert np.quantile(errors, 0.99) <= LIPS_P99_US


def test_no_frame_is_out_of_order(listened: tuple[Perceived, Sent]) -> None:
    seen, _ = listened
    assert np.all(np.diff(seen.images[:, 1]) >= 0)


def test_what_is_shown_is_what_was_sent_for_that_time(listened: tuple[Perceived, Sent]) -> None:
    seen, sent = listened
    times = np.array(sorted(sent.jaw))
    jaw = np.array([sent.jaw[t] for t in times])
    inside = (seen.images[:, 1] > times[0]) & (seen.images[:, 1] < times[-1])
    assert inside.sum() > 240
    wrong = np.abs(np.interp(seen.images[inside, 1], times, jaw) - seen.images[inside, 2])
    # Where a forgotten stretch was shown just before it was forgotten there is nothing to compare with.
    assert np.mean(wrong > 1e-3) < 0.02
    assert seen.images[:, 2].max() > 0.2


def test_the_sentence_begins_and_ends(listened: tuple[Perceived, Sent]) -> None:
    seen, _ = listened
    started_kind, ended_kind = 1, 2
    assert seen.events[0] == started_kind
    assert seen.events[-1] == ended_kind
