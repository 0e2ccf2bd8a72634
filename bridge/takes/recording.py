"""What a client of a session hears and sees, made into a take: whole, in order, and only what really happened."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

import numpy as np

from bridge.frames import FRAME_RATE, SAMPLES_PER_FRAME, Motion, Pcm, time_us_sample
from bridge.takes.take import LONGEST_S, Writer
from bridge.takes.wav import WavWriter
from bridge.wire import unpack
from rigcast.v1 import session_pb2, stream_pb2

MOST = LONGEST_S * FRAME_RATE
"""Frames of a take."""

STEP = FRAME_RATE
"""Frames written at once, so that a gap of hours needs no memory, and a disk that is full takes no more than these."""

MOST_GAPS = 1000
"""Gaps that are told apart; what is missed after them is only counted."""


class Gap(NamedTuple):
    """Frames that never came: the last one before stands in for them."""

    first: int
    """Of the take, from 0."""
    length: int


class Recorder:
    """Takes a session's messages in, and writes what has become the past.

    What is yet to come may be taken back (Forget), `lead_us` ahead of the present at most. So a frame is written when
    one has been seen that lies that much later. OSError says that the disk is full.
    """

    def __init__(self, take: Writer | None, sound: WavWriter | None, lead_us: int, most: int = MOST) -> None:
        """most: frames of the take at most."""
        self.frames = 0
        """Written so far."""
        self.gaps: list[Gap] = []
        self.missed = 0
        """Frames of all gaps."""
        self._take, self._sound = take, sound
        self._lead_us, self._most = lead_us, min(most, MOST)
        self._first: int | None = None  # the session's frame that is the take's first
        self._poses: dict[int, Motion] = {}
        self._chunks: list[tuple[int, Pcm]] = []  # by first sample
        self._last = Motion.rest(1)

    @property
    def full(self) -> bool:
        """Whether it is as long as it may be."""
        return self.frames >= self._most

    def receive(self, message: session_pb2.ServerMessage) -> None:
        """One message of the stream, in its order."""
        match message.WhichOneof("body"):
            case "frame":
                self._see(message.frame)
            case "audio" if self._sound:
                pcm = np.frombuffer(message.audio.pcm, "<i2").astype(np.int16)
                self._chunks.append((time_us_sample(message.audio.time_us), pcm))
            case "forget":
                self._forget(message.forget.time_us)

    def _see(self, frame: stream_pb2.Frame) -> None:
        number = _frame(frame.time_us)
        if self._first is None:
            self._first = number
        if number >= self._first + self.frames:
            self._poses[number] = unpack(frame)
        self._write(_frame(max(frame.time_us - self._lead_us, 0)))

    def _forget(self, time_us: int) -> None:
        frame, sample = _frame(time_us), time_us_sample(time_us)
        self._poses = {number: pose for number, pose in self._poses.items() if number < frame}
        self._chunks = [(first, pcm[: sample - first]) for first, pcm in self._chunks if first < sample]

    def _write(self, until: int) -> None:
        """Write the session's frames before `until`, and their sound."""
        assert self._first is not None
        until = min(until, self._first + self._most)
        while (begin := self._first + self.frames) < until:
            self._write_step(begin, min(until, begin + STEP))

    def _write_step(self, begin: int, until: int) -> None:
        if self._sound:
            self._sound.write(self._heard(begin * SAMPLES_PER_FRAME, until * SAMPLES_PER_FRAME))
        for held, motion in self._runs(begin, until):
            if self._take:
                self._take.write(motion, held=held)
            if held:
                self._miss(len(motion))
            self.frames += len(motion)

    def _runs(self, begin: int, until: int) -> Iterator[tuple[bool, Motion]]:
        """What was seen and what was not, by turns."""
        for held, numbers in groupby(range(begin, until), lambda number: number not in self._poses):
            poses = [self._last if held else self._poses.pop(number) for number in numbers]
            self._last = poses[-1]
            yield held, Motion(*(np.concatenate(part) for part in zip(*map(_parts, poses), strict=True)))

    def _miss(self, count: int) -> None:
        self.missed += count
        if self.gaps and self.gaps[-1].first + self.gaps[-1].length == self.frames:
            self.gaps[-1] = Gap(self.gaps[-1].first, self.gaps[-1].length + count)
        elif len(self.gaps) < MOST_GAPS:
            self.gaps.append(Gap(self.frames, count))

    def _heard(self, begin: int, until: int) -> Pcm:
        """The sound of these samples, silence where there is none; it is let go of."""
        out = np.zeros(until - begin, np.int16)
        for first, pcm in self._chunks:
            skip = max(begin - first, 0)
            part = pcm[skip : max(until - first, 0)]
            if len(part):
                out[first + skip - begin :][: len(part)] = part
        self._chunks = [(first, pcm) for first, pcm in self._chunks if first + len(pcm) > until]
        return out


def _parts(motion: Motion) -> tuple[np.ndarray, ...]:
    return motion.curves, motion.rotations, motion.root


def _frame(time_us: int) -> int:
    """The grid's frame at its own time."""
    return (time_us * FRAME_RATE + 500_000) // 1_000_000
