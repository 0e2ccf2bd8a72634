"""The C++ listener against a real bridge: runs it, reads what was sent meanwhile, and compares."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
from real_bridge import Bridge, joined
from unreal_builds import built

from bridge.curves import INDEX
from bridge.frames import AUDIO_RATE, time_us_sample
from bridge.wire import unpack
from rigcast.v1 import session_pb2

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
    """What the listener wrote down: images (local us, session us, jaw, the how-manieth session), and its sound."""

    images: Samples
    blocks: Samples
    """Blocks of BLOCK samples."""

    blocks_us: Samples
    """Local time at which the first sample of each is heard, microseconds."""

    events: list[int]


def program() -> Path:
    """The listener, built."""
    return built("release", "listener", "-DRIGCAST_UNITY=OFF", "-DRIGCAST_LISTENER=ON") / "Tests" / "listener"


def arguments(bridge: Bridge, session: str, what: str) -> list[str]:
    """The listener's command: it lets this text, or the sound of this @FILE, be spoken."""
    address = urlsplit(bridge.websocket)
    return [str(program()), str(address.hostname), str(address.port), session, what]


def perceived(log: str) -> Perceived:
    """Read the listener's words."""
    lines = [line.split() for line in log.splitlines()]
    blocks = [np.array(line[1:], float) for line in lines if line[0] == "sound"]
    images = np.array([line[1:] for line in lines if line[0] == "image"], float)
    events = [int(line[2]) for line in lines if line[0] == "event"]
    return Perceived(
        images, np.array([block[1:] for block in blocks]), np.array([block[0] for block in blocks]), events
    )


async def follow(bridge: Bridge, session: str, what: str) -> tuple[Perceived, Sent]:
    """Let the listener speak in a session and follow it without trouble; read all that was sent meanwhile."""
    sent = Sent()
    async with joined(bridge, session) as connection:
        command = arguments(bridge, session, what)
        listener = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)

        async def read() -> None:
            while True:
                sent.add(session_pb2.ServerMessage.FromString(await connection.recv(decode=False)))

        reading = asyncio.create_task(read())
        log, _ = await listener.communicate()
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
    assert listener.returncode == 0, log.decode()[-2000:]
    assert "trouble" not in log.decode(), log.decode()[:2000]
    return perceived(log.decode()), sent


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


def lips_against_sound_us(seen: Perceived, sent: Sent) -> Samples:
    """Of each image during which sound is heard: how far the face is from it, microseconds."""
    sound = sent.sound()
    pairs = [(shown, heard_at(t, shown, seen, sound)) for t, shown, _, _ in seen.images]
    return np.abs([shown - heard for shown, heard in pairs if heard is not None])
