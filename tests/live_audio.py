"""What tests of live audio share: a sound whose loudness moves, and what a client makes of the stream it gets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from bridge.curves import INDEX
from bridge.frames import AUDIO_RATE, FRAME_RATE, SAMPLES_PER_FRAME, time_us_sample
from bridge.wire import unpack
from rigcast.v1 import session_pb2 as pb
from rigcast.v1 import stream_pb2
from tests.tiny_model import HALF

REACH = HALF * AUDIO_RATE // 16_000
"""Samples to either side of an instant whose mean magnitude, times 4, is the tiny model's jawOpen."""

LIPS_ARE_SOUND = 0.03
"""How far jawOpen may be from what the sound makes it: resampling, packing, and what idle life adds."""


def voice(seconds: float, rate: int = AUDIO_RATE, hum: float = 220.0) -> np.ndarray:
    """Syllables with pauses: mono float32, below half of the full scale; the same instants at every rate."""
    t = np.arange(round(seconds * rate)) / rate
    envelope = 0.3 * np.clip(np.sin(2 * np.pi * 1.7 * t), 0, 1) ** 2 * (1 + 0.4 * np.sin(2 * np.pi * 0.31 * t))
    return (envelope * np.sin(2 * np.pi * hum * t)).astype(np.float32)


def pcm(samples: np.ndarray) -> np.ndarray:
    """As the session's own samples."""
    return np.rint(samples * 32768).astype(np.int16)


def chunks(samples: np.ndarray, size: int) -> list[np.ndarray]:
    """In pieces of `size`."""
    return [samples[i : i + size] for i in range(0, len(samples), size)]


def push(samples: np.ndarray, first: int | None = None) -> pb.PushAudio:
    """float32 as F32."""
    return pb.PushAudio(samples=samples.astype("<f4").tobytes(), first_sample=first)


@dataclass
class Record:
    """What a client keeps of a stream, by sample and by frame, with what is taken back taken back."""

    sound: np.ndarray = field(default_factory=lambda: np.zeros(AUDIO_RATE * 60, np.int16))
    heard: np.ndarray = field(default_factory=lambda: np.zeros(AUDIO_RATE * 60, np.int8))
    frames: dict[int, np.ndarray] = field(default_factory=dict)
    events: list[stream_pb2.Event] = field(default_factory=list)
    replies: list[pb.ServerMessage] = field(default_factory=list)
    forgets: list[int] = field(default_factory=list)

    def take(self, messages: Iterable[pb.ServerMessage]) -> "Record":
        """Read on."""
        for message in messages:
            match message.WhichOneof("body"):
                case "audio":
                    self._hear(message.audio)
                case "frame":
                    self.frames[round(message.frame.time_us * FRAME_RATE / 1e6)] = unpack(message.frame).curves[0]
                case "plain_frame":
                    frame = round(message.plain_frame.time_us * FRAME_RATE / 1e6)
                    self.frames[frame] = np.array(message.plain_frame.curves)
                case "forget":
                    self._forget(message.forget.time_us)
                case "event":
                    self.events.append(message.event)
                case _:
                    self.replies.append(message)
        return self

    def _hear(self, chunk: stream_pb2.AudioChunk) -> None:
        first, samples = time_us_sample(chunk.time_us), np.frombuffer(chunk.pcm, "<i2")
        self.sound[first : first + len(samples)] = samples
        self.heard[first : first + len(samples)] += 1

    def _forget(self, time_us: int) -> None:
        self.forgets.append(time_us)
        self.sound[time_us_sample(time_us) :] = 0
        self.heard[time_us_sample(time_us) :] = 0
        self.frames = {k: v for k, v in self.frames.items() if round(k * 1e6 / FRAME_RATE) < time_us}
        self.events = [event for event in self.events if event.time_us < time_us]

    def times(self, kind: str) -> list[int]:
        """The samples at which events of this kind lie."""
        return [time_us_sample(event.time_us) for event in self.events if event.WhichOneof("kind") == kind]

    def endings(self) -> list[tuple[int, int]]:
        """Utterance and reason of each end."""
        ends = [event.utterance_ended for event in self.events if event.WhichOneof("kind") == "utterance_ended"]
        return [(end.utterance, end.reason) for end in ends]

    @property
    def errors(self) -> list[pb.Error]:
        """What was refused."""
        return [message.error for message in self.replies if message.WhichOneof("body") == "error"]

    def span(self, begin: int, length: int) -> np.ndarray:
        """Samples, each of which must have come once."""
        assert (self.heard[begin : begin + length] == 1).all()
        return self.sound[begin : begin + length]

    def jaw(self, first: int, last: int) -> np.ndarray:
        """jawOpen of frames first to last; none may be missing."""
        return np.array([self.frames[frame][INDEX["jawOpen"]] for frame in range(first, last)])

    def came(self, first: int, last: int) -> float:
        """The share of these frames that came."""
        return sum(frame in self.frames for frame in range(first, last)) / (last - first)

    def loudness(self, frames: Sequence[int]) -> np.ndarray:
        """What jawOpen must be at these frames for the sound that came with them."""
        magnitude = np.abs(self.sound / 32768)
        middles = np.array(frames) * SAMPLES_PER_FRAME
        return np.minimum([4 * magnitude[at - REACH : at + REACH].mean() for at in middles], 1)

    def assert_lips_are_sound(self, first: int, last: int, *, share: float = 1.0) -> None:
        """Over these frames the jaw follows the sound of its own instant, and really moves.

        `share`: how many of the frames must have come; a busy machine reads too slowly to get them all.
        """
        frames = [frame for frame in range(first, last) if frame in self.frames]
        assert len(frames) >= share * (last - first)
        jaw = np.array([self.frames[frame][INDEX["jawOpen"]] for frame in frames])
        loudness = self.loudness(frames)
        assert np.abs(jaw - loudness).max() < LIPS_ARE_SOUND
        assert loudness.max() > 0.3
        likeness = {s: np.corrcoef(jaw, self.loudness([f + s for f in frames]))[0, 1] for s in range(-4, 5)}
        assert max(likeness, key=likeness.__getitem__) == 0
