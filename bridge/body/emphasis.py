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
        self._first = [0.0] * self.SIZE
        self._second = [0.0] * self.SIZE

    def follow(self, emphasis: Array) -> Array:
        """The rows of these frames (n, 2), which follow those before; emphasis (n,) 0..1."""
        rows = []
        for value in emphasis.tolist():  # single numbers, for which numpy would take ten times as long
            for i, step in enumerate(_STEP):
                self._first[i] += step * (value - self._first[i])
                self._second[i] += step * (self._first[i] - self._second[i])
            rows.append(tuple(self._second))
        return np.array(rows, np.float32).reshape(-1, self.SIZE)


def emphasised(rows: Array) -> Motion:
    """What the body does at these rows of Emphasis."""
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

_STEP = [1 - math.exp(-1 / (FRAME_RATE * seconds)) for seconds in RISE]
