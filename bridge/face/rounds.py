"""A round: some frames of up to LIMIT streams, run after run of the model, each run for all that have a frame in it.

It knows of arrays only. They may lie in memory that another process sees too, so a round can be worked out there.
"""

import logging
import math
import time
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from bridge import metrics
from bridge.curves import CURVES
from bridge.face.batch import Batch
from bridge.face.card import RATE
from bridge.face.model import Answer, Model, load
from bridge.frames import FRAME_RATE
from bridge.skeleton import Array

WIDTH = len(CURVES) + 2
"""Numbers of a frame: curves, authority and emphasis."""

FRAMES = 8
"""Frames of one stream in a round of live audio, so that who is far behind (a file sent in one go) keeps no other
waiting."""

_ALIGNED = 64
"""Bytes; where an array begins in shared memory."""

logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Round:
    """n streams, those with most frames first, and at most F frames of each.

    What is heard: `sound` (n, samples at 16 kHz), a row of which begins with the window of the stream's first frame;
    `frames` (n,), that frame's number in its stream; `counts` (n,), 1..F; `strength` (n, 1), `emotion` (n, E) and
    `state` (n, S), the model's. What comes of it: `rows` (F, n, WIDTH), `failed` (F, n), and the state after the last
    frame in `state`.
    """

    frames: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    sound: Array
    strength: Array
    emotion: Array
    state: Array
    rows: Array
    failed: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, model: Model, streams: int, frames: int, memory: Any = None) -> Self:
        """A round for so many, in `size` bytes of this memory, or in memory of its own."""
        parts = _parts(model, streams, frames)
        memory = np.empty(cls.size(model, streams, frames), np.uint8) if memory is None else memory
        arrays: list[Any] = []
        at = 0
        for shape, kind in parts:
            arrays.append(np.ndarray(shape, kind, memory, at))
            at += _room(shape, kind)
        return cls(*arrays)

    @staticmethod
    def size(model: Model, streams: int, frames: int) -> int:
        """Bytes of memory that it takes."""
        return sum(_room(*part) for part in _parts(model, streams, frames))

    def part(self, streams: int, frames: int) -> "Round":
        """The round of the first so many of both."""
        inputs = (self.frames, self.counts, self.sound, self.strength, self.emotion, self.state)
        parts: list[Any] = [array[:streams] for array in inputs]
        parts += [array[:frames, :streams] for array in (self.rows, self.failed)]
        return Round(*parts)

    def windows(self, i: int, count: int, window: int) -> Array:
        """(count, window): what is heard for the i-th frame of the first so many streams."""
        frames = self.frames[:count]
        offsets = (frames + i) * RATE // FRAME_RATE - frames * RATE // FRAME_RATE
        length, (row, sample) = self.sound.shape[1], self.sound.strides
        # not sliding_window_view: in numpy 2.4 each leaves some bytes behind for good
        every = np.ndarray((count, length - window + 1, window), np.float32, self.sound, 0, (row, sample, sample))
        found: Array = every[np.arange(count), offsets]
        return found


def _parts(model: Model, streams: int, frames: int) -> list[tuple[tuple[int, ...], Any]]:
    window, _, emotions, state = model.sizes
    longest = window + -(-(frames - 1) * RATE // FRAME_RATE)
    inputs = [((streams, width), np.float32) for width in (longest, 1, emotions, state)]
    outputs = [((frames, streams, WIDTH), np.float32), ((frames, streams), np.bool_)]
    return [((streams,), np.int64), ((streams,), np.int64), *inputs, *outputs]


def _room(shape: tuple[int, ...], kind: Any) -> int:
    size = math.prod(shape) * int(np.dtype(kind).itemsize)
    return -(-size // _ALIGNED) * _ALIGNED


class Done(NamedTuple):
    """What to tell of a round: the seconds that each run took, and why frames failed, where any did."""

    seconds: list[float]
    trouble: str = ""


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


class Runner:
    """The model, at work on one round at a time; for one thread at a time."""

    def __init__(self, model: Model) -> None:
        """Takes as long as `load` where the model is on a GPU: the CPU stands by, for loading it then would hold every
        session up."""
        self.model = model
        self._spare = load(model.card.file, "cpu") if model.device == "cuda" else None
        self._batch = Batch(model)
        self._seconds: list[float] = []
        self._trouble = ""

    def run(self, work: Round) -> Done:
        """Frame after frame, each in one run for all that have it. Whole arrays at a time: while a thread works row by
        row, the event loop waits for the interpreter."""
        self._seconds, self._trouble = [], ""
        for i in range(len(work.rows)):
            n = int(np.count_nonzero(work.counts > i))
            audio = work.windows(i, n, self.model.window)
            told = self._run(_Inputs(audio, work.strength[:n], work.emotion[:n], work.state[:n]))
            work.rows[i, :n], work.state[:n], work.failed[i, :n] = told
        return Done(self._seconds, self._trouble)

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
            self._trouble = str(error)
            return _Told(np.zeros((1, WIDTH), np.float32), np.zeros_like(inputs.state), np.ones(1, bool))
        rows, state = self._rows(answer), answer.state
        failed = ~np.all(np.isfinite(rows), axis=1)
        if failed.any():
            self._trouble = "it gives numbers that are none"
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
        """Curves in the house's order, authority, emphasis: (n, WIDTH) within 0..1, but for what is not a number."""
        rows = np.zeros((len(answer.curves), WIDTH), np.float32)
        rows[:, self.model.curves] = answer.curves
        rows[:, -2:-1], rows[:, -1:] = answer.authority, answer.emphasis
        return np.where(np.isfinite(rows), np.clip(rows, 0, 1), rows)

    def _compute(self, inputs: _Inputs) -> Answer:
        count, batch = len(inputs.audio), self._batch
        batch.audio[:count], batch.strength[:count], batch.emotion[:count], batch.state[:count] = inputs
        began = time.perf_counter()
        answer = batch.run(count)
        self._seconds.append(time.perf_counter() - began)
        return answer
