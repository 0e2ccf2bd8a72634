"""Hearing: live sound in, the face's curves out, one run of the model for all streams that are due.

    hearing = Hearing(load(locate()))
    ear = Ear(hearing.model, start=session_sample)     # a stream, see ears.py
    ear.feed(pcm)
    for heard in await hearing.listen(ears):            # every tick, with all ears there are; or hear(ears)
        heard.ear, heard.first_frame, heard.curves ...

`listen` looks at the ears, lets them be heard from the one worker thread, there, where onnxruntime releases the
GIL, or in a process of its own, and then moves them on.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bridge import metrics
from bridge.face.batch import LIMIT
from bridge.face.ears import Ear, Heard, Job
from bridge.face.hearing_process import Process
from bridge.face.model import Model
from bridge.face.rounds import FRAMES, Done, Round, Runner
from bridge.frames import AUDIO_RATE, FRAME_RATE, Pcm
from bridge.skeleton import Array

logger = logging.getLogger(__name__)


class Hearing:
    """The model at work for all ears. `hear` or `listen`, one call at a time."""

    def __init__(self, model: Model) -> None:
        """As long as `Runner` takes."""
        self._runner = Runner(model)
        self._at_work = Lock()
        self._worker = ThreadPoolExecutor(1, "hearing")
        self.process: Process | None = None
        """Where `listen` has its rounds worked out, as long as that works; the caller's to start and to close."""
        self._failing = False

    @property
    def model(self) -> Model:
        """The one that hears now."""
        return self._runner.model

    def hear(self, ears: Iterable[Ear], frames: int = FRAMES) -> list[Heard]:
        """The frames that are due, at most `frames` an ear; call again while any has more. In the calling thread.

        One run serves the next frame of each ear that has one, LIMIT ears at most a run, until there is none.
        Ears with nothing due are not among the answers.
        """
        return _settled([heard for jobs in _rounds(ears, frames) for heard in self._here(jobs)])

    async def listen(self, ears: Iterable[Ear]) -> list[Heard]:
        """As `hear`, but beside the event loop, and LIMIT ears at most, those with most frames due.

        Cancelled, it leaves the ears as they were.
        """
        rounds = _rounds(ears, FRAMES)
        if not rounds:
            return []
        return _settled(await asyncio.get_running_loop().run_in_executor(self._worker, self._there, rounds[0]))

    def close(self) -> None:
        """End the worker thread."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _here(self, jobs: Sequence[Job]) -> list["_Outcome"]:
        work = Round.of(self.model, len(jobs), jobs[0].frames)
        _fill(work, jobs)
        with self._at_work:
            done = self._runner.run(work)
        self._tell(done)
        return _outcomes(work, jobs)

    def _there(self, jobs: Sequence[Job]) -> list["_Outcome"]:
        """In the process, where there is one; from the worker thread."""
        if self.process and self.process.free():
            work = self.process.round(len(jobs), jobs[0].frames)
            _fill(work, jobs)
            if done := self.process.run(work):
                self._tell(done)
                return _outcomes(work, jobs)
        return self._here(jobs)

    def _tell(self, done: Done) -> None:
        """Log the first failure; a model that fails would do so sixty times a second."""
        for seconds in done.seconds:
            metrics.MODEL.observe(seconds)
        if done.trouble:
            metrics.failed("model")
            if not self._failing:
                file = self.model.card.file
                logger.error("%s fails, and the faces that it hears stay at rest: %s", file, done.trouble)
            self._failing = True


class _Outcome(NamedTuple):
    """What came of a job: rows (frames, WIDTH), the model's state after it, and which frames failed."""

    job: Job
    rows: Array
    state: Array
    failed: npt.NDArray[np.bool_]


def _rounds(ears: Iterable[Ear], frames: int) -> list[list[Job]]:
    """What is due, LIMIT ears at a time, those with most frames first."""
    jobs = sorted((ear.job(frames) for ear in ears if ear.due > 0), key=lambda job: -job.frames)
    return [jobs[first : first + LIMIT] for first in range(0, len(jobs), LIMIT)]


def _fill(work: Round, jobs: Sequence[Job]) -> None:
    work.frames[:] = [job.begun.frame for job in jobs]
    work.counts[:] = [job.frames for job in jobs]
    work.strength[:, 0] = [job.strength for job in jobs]
    np.stack([job.emotion for job in jobs], out=work.emotion)
    np.stack([job.begun.state for job in jobs], out=work.state)
    for row, job in zip(work.sound, jobs, strict=True):
        row[: len(job.sound)] = job.sound


def _outcomes(work: Round, jobs: Sequence[Job]) -> list[_Outcome]:
    """Copies: a view would keep everybody's, and the next round overwrites it."""
    return [
        _Outcome(job, work.rows[: job.frames, k].copy(), work.state[k].copy(), work.failed[: job.frames, k].copy())
        for k, job in enumerate(jobs)
    ]


def _settled(outcomes: Iterable[_Outcome]) -> list[Heard]:
    done = []
    for job, rows, state, failed in outcomes:
        first_frame = job.ear.next_frame
        if job.ear.settle(job, state):
            done.append(Heard(job.ear, first_frame, rows[:, :-2], rows[:, -2], rows[:, -1], int(failed.sum())))
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
