"""An ear: one stream's sound, as far as it is still needed, and what the model remembers of it.

    ear = Ear(model, start=session_sample)
    ear.feed(pcm)                                       # whenever sound comes, in chunks of any size

An Ear belongs to the thread that feeds it (the event loop) and only ever changes there. Whoever hears (see hearing.py)
takes a `Job` of it, works that out in any thread or process, and then, on the loop again, lets the ear move on. So ears
may be fed, reset, made or forgotten at any time: nothing needs to be told who comes and goes. What a reset overtakes is
dropped.

When is a frame due? The one that shows sample s can be heard once `ear.delay` samples more have been fed: the model's
look-ahead (80 ms, 1920 samples, for the default one) and 1.04 ms for the way to 16 kHz (see `bridge.face.downsample`;
soxr would take 20 to 77).
"""

from typing import NamedTuple

import numpy as np

from bridge.face.card import RATE
from bridge.face.downsample import DELAY, Downsampler
from bridge.face.emotion import EMOTIONS
from bridge.face.model import Model
from bridge.frames import AUDIO_RATE, FRAME_RATE, SAMPLES_PER_FRAME, Pcm
from bridge.skeleton import Array

HELD_S = 30
"""Seconds of sound that an ear holds unheard; `feed` refuses more."""

MAX_STRENGTH = 2.0


class Heard(NamedTuple):
    """Frames of one ear: curves (n, 52) 0..1 in the order of CURVES, authority (n,) 0..1, emphasis (n,) 0..1, float32.

    Row i is frame first_frame + i of the session's grid. failed: how many of them the model could not compute (its run
    failed, or gave numbers that are none); they are at rest, all zeros.
    """

    ear: "Ear"
    first_frame: int
    curves: Array
    authority: Array
    emphasis: Array
    failed: int = 0


def heard_until(frame: int, look_ahead: int) -> int:
    """E_k: of its stream, frame k hears the samples at 16 kHz before this one."""
    return frame * RATE // FRAME_RATE + look_ahead


class Ear:
    """One stream's hearing: its sound, as far as it is still needed, and the model's memory of it.

    strength and emotion hold for all frames heard from then on.
    """

    def __init__(self, model: Model, start: int = 0, *, strength: float = 1.0) -> None:
        """`start`: session sample (24 kHz) of the first sample that will be fed. ValueError as `strength`, `reset`."""
        self.model = model
        self.strength = strength
        self.emotion = np.zeros(len(EMOTIONS), np.float32)
        self.reset(start)

    def reset(self, start: int = 0) -> None:
        """Begin a new stream at this session sample: of the old one nothing is left. Raises ValueError if below 0."""
        if start < 0:
            raise ValueError(f"a stream cannot start at sample {start}: a session's first is 0")
        look_ahead, window = self.model.card.look_ahead, self.model.window
        self._origin = start // SAMPLES_PER_FRAME
        self._fed = 0  # from the origin's instant on
        self._last: int | None = None
        self._downsampler = Downsampler()
        self._first = min(look_ahead - window, 0)  # where in the stream _sound begins, at 16 kHz
        self._sound: Array = np.zeros(-self._first, np.float32)  # replaced, never written to: a thread may read it
        self._memory = _Memory(0, np.zeros(self.model.state, np.float32))
        self.feed(np.zeros(start % SAMPLES_PER_FRAME, np.int16))

    @property
    def strength(self) -> float:
        """How far the mouth goes: 0 not at all, 1 as people do, up to 2. Setting raises ValueError outside 0..2."""
        return self._strength

    @strength.setter
    def strength(self, value: float) -> None:
        if not 0 <= value <= MAX_STRENGTH:
            raise ValueError(f"strength is {value}; it goes from 0 (the mouth stays still) to {MAX_STRENGTH:g}")
        self._strength = float(value)

    @property
    def emotion(self) -> Array:
        """Shares 0..1 of the EMOTIONS in their order, as a row of `EmotionTimeline.weights`; zeros: neutral.

        Setting raises ValueError for another shape or numbers outside 0..1.
        """
        return self._emotion

    @emotion.setter
    def emotion(self, shares: Array) -> None:
        if np.shape(shares) != (len(EMOTIONS),) or not np.all((shares >= 0) & (shares <= 1)):
            raise ValueError(f"emotion is {shares}; give a share 0..1 of each of {', '.join(EMOTIONS)}")
        self._emotion = np.array(shares, np.float32)

    @property
    def delay(self) -> int:
        """A frame is due once this many samples (24 kHz) have been fed from the instant on that it shows."""
        return -(-self.model.card.look_ahead * AUDIO_RATE // RATE) + DELAY

    @property
    def next_frame(self) -> int:
        """The frame of the session's grid that will be heard next; the first is the one at or before `start`."""
        return self._origin + self._memory.frame

    @property
    def end(self) -> int:
        """The session sample that will be fed next."""
        return self._origin * SAMPLES_PER_FRAME + self._fed

    @property
    def due(self) -> int:
        """How many frames can be heard now."""
        return self._due

    def _count(self) -> None:
        past = self._first + len(self._sound) - self.model.card.look_ahead + 1
        count = max(-(-past * FRAME_RATE // RATE), 0)  # of k with E_k <= first + len
        self._due = (count if self._last is None else min(count, self._last)) - self._memory.frame

    def feed(self, pcm: Pcm) -> None:
        """The stream's next samples: int16, mono, 24 kHz, any number of them. A gap must be fed as zeros.

        Raises ValueError if it is something else, after `flush`, or if more than HELD_S seconds wait unheard.
        """
        if self._last is not None:
            raise ValueError("this stream has been flushed; reset the ear to hear another")
        if pcm.dtype != np.int16 or pcm.ndim != 1:
            raise ValueError(f"sound is {pcm.dtype} {list(pcm.shape)}; give int16, mono, {AUDIO_RATE} Hz")
        if self._fed + len(pcm) - self._memory.frame * SAMPLES_PER_FRAME > HELD_S * AUDIO_RATE:
            raise ValueError(f"more than {HELD_S} s of sound wait unheard; hear some before more is fed")
        self._take_in(pcm)

    def flush(self) -> None:
        """The sound has ended: all that is left becomes due, up to the last frame before the end; silence follows.

        The mouth may still be open there; feed half a second of zeros first to see it close. Only `reset` goes on.
        """
        if self._last is None:
            self._last = -(-self._fed // SAMPLES_PER_FRAME)
            self._take_in(np.zeros(self.delay, np.int16))

    def _take_in(self, pcm: Pcm) -> None:
        self._fed += len(pcm)
        new = self._downsampler.feed(pcm)
        begin = heard_until(self._memory.frame, self.model.card.look_ahead) - self.model.window
        keep = min(max(begin - self._first, 0), len(self._sound))
        self._sound = np.concatenate((self._sound[keep:], new))
        self._first += keep
        self._count()

    def job(self, frames: int) -> "Job":
        """What is needed to hear up to `frames` frames that are due, at least one, apart from the ear."""
        begun, count, model = self._memory, min(self._due, frames), self.model
        first, last = (heard_until(frame, model.card.look_ahead) for frame in (begun.frame, begun.frame + count - 1))
        sound = self._sound[first - model.window - self._first : last - self._first]
        return Job(self, begun, count, sound, self._strength, self._emotion[model.emotions])

    def settle(self, job: "Job", state: Array) -> bool:
        """Move on by what has been heard; False if the stream has been reset, or heard that far, meanwhile.

        `state` is the model's after it, the ear's from now on.
        """
        if job.begun is not self._memory:
            return False
        self._memory = _Memory(job.begun.frame + job.frames, state)
        self._count()
        return True


class _Memory(NamedTuple):
    """Where a stream stands: its next frame, counted from its origin, and the model's state (S,) before it.

    A new object for each step, so that a stream that was changed is told from one that was not.
    """

    frame: int
    state: Array


class Job(NamedTuple):
    """Some frames of one ear, to be heard in any thread.

    sound: at 16 kHz, from the first sample that the first of them hears to the last that the last does. emotion (E,):
    of the model's emotions.
    """

    ear: Ear
    begun: _Memory
    frames: int
    sound: Array
    strength: float
    emotion: Array
