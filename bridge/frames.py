"""What flows: poses, sound and events on one clock.

The clock of a session is its audio sample count. One frame lasts exactly `SAMPLES_PER_FRAME` samples, and every
layer of a performance works on that grid: frame k shows the instant k / FRAME_RATE seconds.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bridge.curves import CURVES
from bridge.skeleton import Array, rest_rotations

FRAME_RATE = 60
AUDIO_RATE = 24_000
SAMPLES_PER_FRAME = AUDIO_RATE // FRAME_RATE

Pcm = npt.NDArray[np.int16]
"""Mono samples at AUDIO_RATE."""


def frame_time_us(frame: int) -> int:
    """Session time of a frame of the grid, microseconds."""
    return (frame * 1_000_000 + FRAME_RATE // 2) // FRAME_RATE


def sample_time_us(sample: int) -> int:
    """Session time of an audio sample, microseconds; `time_us_sample` gives the sample back exactly."""
    return (sample * 1_000_000 + AUDIO_RATE // 2) // AUDIO_RATE


def time_us_sample(time_us: int) -> int:
    """The audio sample nearest to a session time in microseconds."""
    return (time_us * AUDIO_RATE + 500_000) // 1_000_000


@dataclass(slots=True)
class Motion:
    """A run of poses on the frame grid, one row a frame.

    curves (count, 52) weights; rotations (count, 22, 4) unit quaternions, parent-local, relative to rest; root
    (count, 3) the hips' offset from rest in metres. All float32.
    """

    curves: Array
    rotations: Array
    root: Array
    packed: npt.NDArray[np.int16] | None = field(default=None, init=False)
    """As wire.pack makes it, where that has been done already."""

    def __len__(self) -> int:
        return len(self.curves)

    @classmethod
    def rest(cls, count: int) -> "Motion":
        """`count` frames of the rest pose."""
        return cls(np.zeros((count, len(CURVES)), np.float32), rest_rotations(count), np.zeros((count, 3), np.float32))


class Poses(NamedTuple):
    """A run of frames from `first_frame` of the grid on; `sequence` counts the session's frames as they are emitted."""

    first_frame: int
    sequence: int
    motion: Motion

    @property
    def time_us(self) -> int:
        """Session time of the first of them."""
        return frame_time_us(self.first_frame)


class AudioChunk(NamedTuple):
    """Sound from `time_us` on."""

    time_us: int
    sequence: int
    pcm: Pcm


class Forget(NamedTuple):
    """Everything already sent with a time at or after this is void."""

    time_us: int


class EndReason(Enum):
    """Why an utterance ended."""

    FINISHED = 1
    INTERRUPTED = 2
    FAILED = 3


class UtteranceStarted(NamedTuple):
    """The first sound of a text."""

    time_us: int
    utterance: int
    text: str


class UtteranceEnded(NamedTuple):
    """The last sound of a text, or the instant at which it was cut off."""

    time_us: int
    utterance: int
    reason: EndReason
    detail: str = ""


class PhoneEvent(NamedTuple):
    """A speech sound begins."""

    time_us: int
    symbol: str
    duration_us: int


class WordEvent(NamedTuple):
    """A word begins."""

    time_us: int
    text: str
    utterance: int


class EmotionChanged(NamedTuple):
    """The emotion turns towards this one."""

    time_us: int
    emotion: str
    intensity: float


Event = UtteranceStarted | UtteranceEnded | PhoneEvent | WordEvent | EmotionChanged
Item = Poses | AudioChunk | Forget | Event
"""Whatever a performance emits."""


class Phone(NamedTuple):
    """A speech sound: IPA symbol, times in seconds from the speech's start, stress (0 none, 1 primary, 2 secondary)."""

    symbol: str
    start: float
    end: float
    stress: int = 0


class Word(NamedTuple):
    """A spoken word: its times in seconds from the start of the speech and its place in the text, in characters."""

    text: str
    start: float
    end: float
    offset: int


@dataclass(slots=True)
class Speech:
    """One sentence as spoken: the sound, and what is said when. Pauses are the times no phone covers."""

    pcm: Pcm
    phones: list[Phone] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """How long the sound lasts."""
        return len(self.pcm) / AUDIO_RATE
