"""Hearing: live sound in, the face's curves out, one run of the model for all streams that are due.

    hearing = Hearing(load(locate()))
    ear = Ear(hearing.model, start=session_sample)     # a stream
    ear.feed(pcm)                                       # whenever sound comes, in chunks of any size
    for heard in await hearing.listen(ears):            # every tick, with all ears there are; or hear(ears)
        heard.ear, heard.first_frame, heard.curves ...

An Ear belongs to the thread that feeds it (the event loop) and only ever changes there. `listen` looks at the ears,
computes in the one worker thread, where onnxruntime releases the GIL, and then, on the loop again, moves the ears on.
So ears may be fed, reset, made or forgotten at any time: nothing needs to be told who comes and goes. What a reset
overtakes is dropped.

When is a frame due? The one that shows sample s can be heard once `ear.delay` samples more have been fed: the model's
look-ahead (80 ms, 1920 samples, for the default one) and 1.04 ms for the way to 16 kHz (see `bridge.face.downsample`;
soxr would take 20 to 77).
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bridge import metrics
from bridge.curves import CURVES
from bridge.face.batch import LIMIT, Batch
from bridge.face.card import RATE
from bridge.face.downsample import DELAY, Downsampler
from bridge.face.emotion import EMOTIONS
from bridge.face.model import Answer, Model, load
from bridge.frames import AUDIO_RATE, FRAME_RATE, SAMPLES_PER_FRAME, Pcm
from bridge.skeleton import Array

HELD_S = 30
"""Seconds of sound that an ear holds unheard; `feed` refuses more."""

FRAMES = 8
"""Frames of one ear in one call of `hear`, so that who is far behind (a file sent in one go) keeps no other waiting."""

MAX_STRENGTH = 2.0

logger = logging.getLogger(__name__)


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
        self._sound: Array = np.zeros(-self._first, np.float32)  # replaced, never written to: the worker may read it
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

    def _job(self, frames: int) -> "_Job":
        """What is needed to hear up to `frames` frames, apart from the ear."""
        shares = self._emotion[self.model.emotions]
        return _Job(self, min(self.due, frames), self._memory, self._sound, self._first, self._strength, shares)

    def _settle(self, job: "_Job") -> bool:
        """Move on by what has been heard; False if the stream has been reset, or heard that far, meanwhile."""
        if job.begun is not self._memory:
            return False
        self._memory = _Memory(job.begun.frame + job.count, job.state)
        self._count()
        return True


class _Memory(NamedTuple):
    """Where a stream stands: its next frame, counted from its origin, and the model's state (S,) before it.

    A new object for each step, so that a stream that was changed is told from one that was not.
    """

    frame: int
    state: Array


@dataclass(slots=True, eq=False)
class _Job:
    """Some frames of one ear, to be heard in any thread: the worker changes this, never the ear."""

    ear: Ear
    count: int
    begun: _Memory
    sound: Array
    first: int
    strength: float
    emotion: Array
    state: Array = field(init=False)
    """The model's, after the last of them."""
    rows: Array = field(init=False)
    """Of each frame the curves, authority and emphasis in one: (count, 54)."""
    failed: int = 0

    def window(self, i: int) -> Array:
        """The sound that is heard for the i-th of them."""
        model = self.ear.model
        end = heard_until(self.begun.frame + i, model.card.look_ahead) - self.first
        return self.sound[end - model.window : end]

    def heard(self, first_frame: int) -> Heard:
        """What came of it."""
        return Heard(self.ear, first_frame, self.rows[:, :-2], self.rows[:, -2], self.rows[:, -1], self.failed)


class _Inputs(NamedTuple):
    """The next frame of many, a row each."""

    audio: Array
    strength: Array
    emotion: Array
    state: Array


class _Told(NamedTuple):
    """What a run says of them, a row each: curves, authority and emphasis in one; the state; whether it failed."""

    rows: Array
    state: Array
    failed: npt.NDArray[np.bool_]


class Hearing:
    """The model at work for all ears. `hear` or `listen`, one call at a time."""

    def __init__(self, model: Model) -> None:
        """Takes as long as `load` where the model is on a GPU: the CPU stands by, for loading it then would hold every
        session up."""
        self.model = model
        self._spare = load(model.card.file, "cpu") if model.device == "cuda" else None
        self._batch = Batch(model)
        self._at_work = Lock()
        self._worker = ThreadPoolExecutor(1, "hearing")
        self._failing = False

    def hear(self, ears: Iterable[Ear], frames: int = FRAMES) -> list[Heard]:
        """The frames that are due, at most `frames` an ear; call again while any has more. In the calling thread.

        One run serves the next frame of each ear that has one, LIMIT ears at most a run, until there is none.
        Ears with nothing due are not among the answers.
        """
        jobs = _jobs(ears, frames)
        self._work(jobs)
        return _settled(jobs)

    async def listen(self, ears: Iterable[Ear], frames: int = FRAMES) -> list[Heard]:
        """As `hear`, but computed in the worker thread. Cancelled, it leaves the ears as they were."""
        jobs = _jobs(ears, frames)
        if jobs:
            await asyncio.get_running_loop().run_in_executor(self._worker, self._work, jobs)
        return _settled(jobs)

    def close(self) -> None:
        """End the worker thread."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _work(self, jobs: Sequence[_Job]) -> None:
        with self._at_work:
            for first in range(0, len(jobs), LIMIT):
                self._hear_together(jobs[first : first + LIMIT])

    def _hear_together(self, jobs: Sequence[_Job]) -> None:
        """Frame after frame, each in one run for all that have it. Whole arrays at a time: while this thread works row
        by row, the loop waits for the interpreter."""
        jobs = sorted(jobs, key=lambda job: -job.count)
        strength = np.array([[job.strength] for job in jobs], np.float32)
        emotion, state = np.stack([job.emotion for job in jobs]), np.stack([job.begun.state for job in jobs])
        rows = np.zeros((jobs[0].count, len(jobs), len(CURVES) + 2), np.float32)
        failed = np.zeros(rows.shape[:2], bool)
        for i in range(len(rows)):
            n = sum(job.count > i for job in jobs)
            audio = np.stack([job.window(i) for job in jobs[:n]])
            rows[i, :n], state[:n], failed[i, :n] = self._run(_Inputs(audio, strength[:n], emotion[:n], state[:n]))
        for k, job in enumerate(jobs):  # copies: a view would keep everybody's alive
            job.rows, job.state, job.failed = rows[: job.count, k].copy(), state[k].copy(), int(failed[:, k].sum())

    def _run(self, inputs: _Inputs) -> _Told:
        """Where a run fails, each is tried alone, so that one's fault stays its own. A face whose frame could not be
        heard is at rest, and its stream goes on as if it began anew."""
        try:
            answer = self._compute(inputs)
        except Exception as error:  # onnxruntime's classes have no common base of their own
            if self.model.device == "cuda":
                self._leave_gpu(error)
                return self._run(inputs)
            if len(inputs.audio) > 1:
                alone = [self._run(_Inputs(*(value[i : i + 1] for value in inputs))) for i in range(len(inputs.audio))]
                return _Told(*map(np.concatenate, zip(*alone, strict=True)))
            self._tell(str(error))
            return _Told(np.zeros((1, len(CURVES) + 2), np.float32), np.zeros_like(inputs.state), np.ones(1, bool))
        rows, state = self._rows(answer), answer.state
        failed = ~np.all(np.isfinite(rows), axis=1)
        if failed.any():
            self._tell("it gives numbers that are none")
            rows, state = np.where(failed[:, None], 0, rows), np.where(failed[:, None], 0, state)
        return _Told(rows, state, failed)

    def _leave_gpu(self, error: Exception) -> None:
        """A GPU may be unplugged, reset or full: the CPU goes on where it stopped."""
        assert self._spare, "it was on a GPU"
        self.model = self._spare
        self._batch = Batch(self.model)
        metrics.failed("gpu")
        logger.error("the GPU fails, and the CPU hears from now on: %s", str(error).partition("\n")[0])

    def _rows(self, answer: Answer) -> Array:
        """Curves in the house's order, authority, emphasis: (n, 54) within 0..1, but for what is not a number."""
        rows = np.zeros((len(answer.curves), len(CURVES) + 2), np.float32)
        rows[:, self.model.curves] = answer.curves
        rows[:, -2:-1], rows[:, -1:] = answer.authority, answer.emphasis
        return np.where(np.isfinite(rows), np.clip(rows, 0, 1), rows)

    def _compute(self, inputs: _Inputs) -> Answer:
        count, batch = len(inputs.audio), self._batch
        batch.audio[:count], batch.strength[:count], batch.emotion[:count], batch.state[:count] = inputs
        with metrics.MODEL.time():
            return batch.run(count)

    def _tell(self, error: str) -> None:
        """Log the first failure; a model that fails would do so sixty times a second."""
        metrics.failed("model")
        if not self._failing:
            logger.error("%s fails, and the faces that it hears stay at rest: %s", self.model.card.file, error)
        self._failing = True


def _jobs(ears: Iterable[Ear], frames: int) -> list[_Job]:
    return [ear._job(frames) for ear in ears if ear.due > 0]


def _settled(jobs: Iterable[_Job]) -> list[Heard]:
    done = []
    for job in jobs:
        first_frame = job.ear.next_frame
        if job.ear._settle(job):
            done.append(job.heard(first_frame))
    return done


def follow(
    hearing: Hearing, pieces: Iterable[Pcm], *, strength: float = 1.0, emotion: Array | None = None
) -> Iterator[Heard]:
    """A whole recording, piece by piece, each of any length: frames 0 to the last before its end, as they come."""
    ear = Ear(hearing.model, strength=strength)
    if emotion is not None:
        ear.emotion = emotion
    for piece in pieces:
        for first in range(0, len(piece), AUDIO_RATE):
            ear.feed(piece[first : first + AUDIO_RATE])
            yield from hearing.hear([ear], FRAME_RATE)
    ear.flush()
    while ear.due:
        yield from hearing.hear([ear], FRAME_RATE)


def hear_clip(model: Model, pcm: Pcm, *, strength: float = 1.0, emotion: Array | None = None) -> Heard:
    """The face of a whole clip, 24 kHz: ceil(len(pcm) / 400) frames from 0 on, the same as if it had come live.

    Raises ValueError if the clip is empty.
    """
    if not len(pcm):
        raise ValueError("the clip is empty: there is nothing to hear")
    parts = list(follow(Hearing(model), [pcm], strength=strength, emotion=emotion))
    curves, authority, emphasis = (np.concatenate([part[i] for part in parts]) for i in (2, 3, 4))
    return Heard(parts[0].ear, 0, curves, authority, emphasis, sum(part.failed for part in parts))
