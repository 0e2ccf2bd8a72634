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
import math
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

import numpy as np

from bridge.curves import CURVES, INDEX
from bridge.face.batch import LIMIT, Batch
from bridge.face.card import RATE
from bridge.face.downsample import DELAY, Downsampler
from bridge.face.emotion import EMOTIONS
from bridge.face.model import Answer, Model
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


class Ear:
    """One stream's hearing: its sound, as far as it is still needed, and the model's memory of it.

    strength and emotion hold for all frames heard from then on.
    """

    def __init__(self, model: Model, start: int = 0, *, strength: float = 1.0) -> None:
        """`start`: session sample (24 kHz) of the first sample that will be fed. ValueError as `strength`, `reset`."""
        self.model = model
        self.strength = strength
        self.emotion: Array = np.zeros(len(EMOTIONS), np.float32)
        self.reset(start)

    def reset(self, start: int = 0) -> None:
        """Begin a new stream at this session sample: of the old one nothing is left. Raises ValueError if below 0."""

    @property
    def strength(self) -> float:
        """How far the mouth goes: 0 not at all, 1 as people do, up to 2. Setting raises ValueError outside 0..2."""

    @property
    def emotion(self) -> Array:
        """Shares 0..1 of the EMOTIONS in their order, as a row of `EmotionTimeline.weights`; zeros: neutral.

        Setting raises ValueError for another shape or numbers outside 0..1.
        """

    @property
    def delay(self) -> int:
        """A frame is due once this many samples (24 kHz) have been fed from the instant on that it shows."""

    @property
    def next_frame(self) -> int:
        """The frame of the session's grid that will be heard next; the first is the one at or before `start`."""

    @property
    def end(self) -> int:
        """The session sample that will be fed next."""

    @property
    def due(self) -> int:
        """How many frames can be heard now."""

    def feed(self, pcm: Pcm) -> None:
        """The stream's next samples: int16, mono, 24 kHz, any number of them. A gap must be fed as zeros.

        Raises ValueError if it is something else, after `flush`, or if more than HELD_S seconds wait unheard.
        """

    def flush(self) -> None:
        """The sound has ended: all that is left becomes due, up to the last frame before the end; silence follows.

        The mouth may still be open there; feed half a second of zeros first to see it close. Only `reset` goes on.
        """


class Hearing:
    """The model at work for all ears. `hear` or `listen`, one call at a time."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def hear(self, ears: Iterable[Ear], frames: int = FRAMES) -> list[Heard]:
        """The frames that are due, at most `frames` an ear; call again while any has more. In the calling thread.

        One run serves the next frame of each ear that has one, LIMIT ears at most a run, until there is none.
        Ears with nothing due are not among the answers.
        """

    async def listen(self, ears: Iterable[Ear], frames: int = FRAMES) -> list[Heard]:
        """As `hear`, but computed in the worker thread. Cancelled, it leaves the ears as they were."""

    def close(self) -> None:
        """End the worker thread."""


def follow(
    hearing: Hearing, pieces: Iterable[Pcm], *, strength: float = 1.0, emotion: Array | None = None
) -> Iterator[Heard]:
    """A whole recording, piece by piece (each at most HELD_S long): frames 0 to the last before its end, as they come."""


def hear_clip(model: Model, pcm: Pcm, *, strength: float = 1.0, emotion: Array | None = None) -> Heard:
    """The face of a whole clip, 24 kHz: ceil(len(pcm) / 400) frames from 0 on, the same as if it had come live."""
