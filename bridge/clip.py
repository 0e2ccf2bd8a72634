"""What has its time on the grid: a share of the poses and of the sound from one frame to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from bridge.body.gesture import gesture
from bridge.face.articulation import FaceTrack, articulate, loudness
from bridge.frames import AUDIO_RATE, SAMPLES_PER_FRAME, Motion, Pcm, Speech
from bridge.skeleton import Array, scaled

ANTICIPATION = 12
"""Frames by which the face may begin before the sound: 200 ms, as lips round and close ahead of their phone."""

FACE_TAIL = 18
GESTURE_TAIL = 60
"""Frames by which face and body go on after the sound, easing to rest."""

FACE_FADE = 9
GESTURE_FADE = 30
"""Frames in which face and body leave an interrupted sentence: 150 and 500 ms."""

FACE_ONSET = 4
"""Frames in which a sentence takes the face when there was no time for its anticipation: 67 ms."""

SOUND_FADE = AUDIO_RATE // 100
"""Samples of the fade that ends an interrupted sound: 10 ms, enough not to click."""

FOREVER = 2**40
"""A frame that never comes."""


class Part(NamedTuple):
    """A clip's share of a block: curves (count, 52), authority (count,), and what the body adds; where that follows
    from the emphasis, rows of Emphasis (count, 2) stand for it until all sessions' are mixed."""

    speech: Array
    authority: Array
    body: Motion | None
    emphasis: Array | None = None


class Clip(Protocol):
    """Something that is spoken, at its place on the grid. All times are frames."""

    utterance: int
    start: int
    """Its sound begins with this frame."""
    cut: int | None
    """The frame at which it was interrupted."""

    @property
    def begin(self) -> int:
        """The first frame that it has a part in."""
        ...

    @property
    def known(self) -> int:
        """The first frame whose part is not known yet; FOREVER if all is."""
        ...

    @property
    def sound_end(self) -> int:
        """The first frame after its sound; FOREVER while that is open."""
        ...

    @property
    def end(self) -> int:
        """The first frame that it has no part in any more."""
        ...

    def part(self, first: int, count: int) -> Part:
        """Its share of `count` frames from `first` on: zeros and rest where it has none."""
        ...

    def sound(self, first: int, end: int) -> Pcm:
        """Its samples for frames first to end, both within start and known; fewer where it ends before."""
        ...


class Mark(NamedTuple):
    """Turn the emotion at a word: seconds from the speech's start."""

    seconds: float
    emotion: str
    intensity: float


class Rehearsal(NamedTuple):
    """A sentence with what face and body do to it. Row i of both is the frame `i - ANTICIPATION` of the speech."""

    speech: Speech
    face: FaceTrack
    body: Motion


def rehearse(speech: Speech, seed: int) -> Rehearsal:
    """Work out face and body of a sentence; `seed` chooses its gestures. Takes milliseconds; may run in any thread."""
    sound = frames_of(len(speech.pcm))
    face_count, body_count = ANTICIPATION + sound + FACE_TAIL, ANTICIPATION + sound + GESTURE_TAIL
    energy = loudness(speech.pcm, body_count, -ANTICIPATION)
    face = articulate(speech.phones, face_count, first_frame=-ANTICIPATION, loudness=energy[:face_count])
    face = FaceTrack(_lengthened(face.curves, body_count), _lengthened(face.authority, body_count))
    return Rehearsal(speech, face, gesture(speech, -ANTICIPATION, body_count, seed, energy))


def _lengthened(rows: Array, count: int) -> Array:
    """So many rows, zeros after the others."""
    out = np.zeros((count, *rows.shape[1:]), np.float32)
    out[: len(rows)] = rows
    return out


@dataclass(slots=True)
class Line:
    """One sentence of an utterance, ready to be performed."""

    rehearsal: Rehearsal
    utterance: int
    text: str
    """The utterance's whole text."""
    first: bool
    last: bool
    marks: Sequence[Mark] = ()


class Spoken:
    """A line at its place: a Clip of which all is known."""

    known = FOREVER

    def __init__(self, line: Line, start: int, visible: int) -> None:
        """`visible`: the first frame that may show it; earlier ones had been presented when it came."""
        self.line = line
        self.utterance = line.utterance
        self.start = start
        self.cut: int | None = None
        self._visible = visible

    @property
    def begin(self) -> int:
        """See Clip."""
        return self.start - ANTICIPATION

    @property
    def sound_end(self) -> int:
        """See Clip."""
        return self.cut if self.cut is not None else self.start + frames_of(len(self.line.rehearsal.speech.pcm))

    @property
    def end(self) -> int:
        """See Clip."""
        last = self.begin + len(self.line.rehearsal.body)
        return last if self.cut is None else min(last, self.cut + GESTURE_FADE)

    def part(self, first: int, count: int) -> Part:
        """See Clip: eased in where it came late, and out where it was cut."""
        _, track, moves = self.line.rehearsal
        row = first - self.begin
        if self.cut is None and first >= self._visible + GESTURE_FADE and row + count <= len(moves):
            span = slice(row, row + count)  # most of it is shown as it is
            body = Motion(moves.curves[span], moves.rotations[span], moves.root[span])
            return Part(track.curves[span], track.authority[span], body)
        return _eased(track, moves, np.arange(row, row + count), *self._weights(np.arange(first, first + count)))

    def _weights(self, frames: npt.NDArray[np.intp]) -> tuple[Array, Array]:
        """How much of its face and body there is at these frames."""
        shown = frames - self._visible + 1
        face, body = ease(shown / FACE_ONSET), ease(shown / GESTURE_FADE)
        if self.cut is not None:
            left = self.cut - frames
            face = face * ease((left + FACE_FADE) / FACE_FADE)
            body = body * ease((left + GESTURE_FADE) / GESTURE_FADE)
        return face, body

    def sound(self, first: int, end: int) -> Pcm:
        """See Clip."""
        begin, last = (first - self.start) * SAMPLES_PER_FRAME, (end - self.start) * SAMPLES_PER_FRAME
        pcm = self.line.rehearsal.speech.pcm[begin:last]
        return pcm if self.cut is None else faded(pcm, (self.cut - first) * SAMPLES_PER_FRAME)


def _eased(track: FaceTrack, moves: Motion, rows: npt.NDArray[np.intp], face_weight: Array, body_weight: Array) -> Part:
    """These rows with these weights, nothing where there is no row."""
    face, inside = _inside(rows, len(track.curves))
    body, within = _inside(rows, len(moves))
    face_weight, body_weight = face_weight * inside, body_weight * within
    return Part(
        track.curves[face] * face_weight[:, None],
        track.authority[face] * face_weight,
        Motion(
            moves.curves[body] * body_weight[:, None],
            scaled(moves.rotations[body], body_weight[:, None]),
            moves.root[body] * body_weight[:, None],
        ),
    )


def _inside(rows: npt.NDArray[np.intp], count: int) -> tuple[npt.NDArray[np.intp], Array]:
    """Rows clamped into 0..count - 1, and 1 where they were within, 0 elsewhere."""
    return np.clip(rows, 0, count - 1), ((rows >= 0) & (rows < count)).astype(np.float32)


def ease(x: npt.NDArray[np.float64]) -> Array:
    """Smoothstep of 0..1, flat outside."""
    x = np.clip(x, 0, 1)
    return (x * x * (3 - 2 * x)).astype(np.float32)


def faded(pcm: Pcm, stop: int) -> Pcm:
    """Samples that fade out from index `stop` (below 0: before the first) on, and end where nothing is left."""
    pcm = pcm[: max(stop + SOUND_FADE, 0)].copy()
    tail = np.arange(len(pcm)) - stop
    fading = tail >= 0
    pcm[fading] = (pcm[fading] * (1 - tail[fading] / SOUND_FADE)).astype(np.int16)
    return pcm


def frames_of(samples: int) -> int:
    """Frames that so many samples last, the last one begun."""
    return -(-samples // SAMPLES_PER_FRAME)
