"""What live speech adds to brows and head: they rise and nod with the prominence that the ear hears.

Small and smooth beside `gesture`, which knows the sentence: a live voice's accents are known only when they sound, so
the movement follows them by about a tenth of a second. Sizes are ours, made by eye.
"""

import math

import numpy as np

from bridge.body.gesture import BROWS, HEAD
from bridge.curves import CURVES, INDEX
from bridge.frames import FRAME_RATE, Motion
from bridge.skeleton import JOINT_INDEX, Array

NOD = 3.0
"""Degrees by which full emphasis lowers the head."""

BROW_SHARE = 0.5
"""Of what `gesture` raises the brows by."""

RISE = (0.06, 0.09)
"""Time constants of brows and head, seconds: each runs through two filters of the first order, so that speed has no
jumps."""


class Emphasis:
    """Follows one stream's emphasis, frame by frame. Its rows are (brows, nod), 0..1; rest is 0."""

    SIZE = 2

    def __init__(self) -> None:
        self._first = np.zeros(self.SIZE)
        self._second = np.zeros(self.SIZE)

    def follow(self, emphasis: Array) -> Array:
        """The rows of these frames (n, 2), which follow those before; emphasis (n,) 0..1."""
        rows = np.zeros((len(emphasis), self.SIZE), np.float32)
        for row, value in zip(rows, emphasis, strict=True):
            self._first += _STEP * (value - self._first)
            self._second += _STEP * (self._first - self._second)
            row[:] = self._second
        return rows

    @staticmethod
    def motion(rows: Array) -> Motion:
        """What the body does at these rows."""
        motion = Motion.rest(len(rows))
        motion.curves[:] = rows[:, :1] * _RAISED
        half = rows[:, 1:] * _NODS
        motion.rotations[:, _NODDING, 0], motion.rotations[:, _NODDING, 3] = np.sin(half), np.cos(half)
        return motion


_RAISED = np.zeros(len(CURVES), np.float32)
_RAISED[[INDEX[name] for name in BROWS]] = [BROW_SHARE * height for height in BROWS.values()]
"""What full emphasis does to the face."""

_NODDING = [JOINT_INDEX[name] for name, _ in HEAD]
_NODS = np.array([share * math.radians(NOD) / 2 for _, share in HEAD], np.float32)
"""Half of the angle about X by which each joint turns in a full nod."""

_STEP = 1 - np.exp(-1 / (FRAME_RATE * np.array(RISE)))
