"""The One Euro filter (Casiez, Roussel & Vogel 2012, CHI): a low-pass whose cutoff rises with speed.

So a face at rest does not tremble, and one that moves is not late. Rows of numbers are filtered each for itself,
rotations as wholes, by their angular speed.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bridge.skeleton import Array

CURVE_CUTOFF, CURVE_BETA = 3.0, 5.0
"""Hz at rest, and Hz more per weight a second: what a phone's curve trembles with at rest is halved, and a blink, at 10
weights a second, passes at 53 Hz."""

TURN_CUTOFF, TURN_BETA = 2.0, 8.0
"""Hz at rest, and Hz more per radian a second."""

SPEED_CUTOFF = 6.0
"""Hz of the low-pass on speed. The paper's 1 Hz would notice a blink when it is over."""

LONGEST_STEP = 0.25
"""Seconds; after a longer pause the filter begins anew."""


class OneEuro:
    """Filters curves (n,) and rotations (joints, 4) that come together.

    `strength` 0 leaves them as they are, 1 is usual, more is calmer and later.
    """

    def __init__(self, strength: float = 1.0) -> None:
        self._strength = strength
        self.state: State | None = None
        """After the last sample; may be set back to an earlier one."""

    def __call__(self, curves: Array, rotations: Array, seconds: float) -> tuple[Array, Array]:
        """The filtered numbers; `seconds` have passed since the last ones."""
        if self._strength <= 0:
            return curves, rotations
        last = self.state
        if last is None or not 0 < seconds <= LONGEST_STEP:
            still = np.zeros(len(curves), np.float32), np.zeros(len(rotations), np.float32)
            self.state = State(curves, rotations, curves, rotations, *still)
            return curves, rotations
        share = alpha(SPEED_CUTOFF, seconds)
        speed = last.speed + share * ((curves - last.raw_curves) / seconds - last.speed)
        cosine = np.minimum(np.abs((last.raw_rotations * rotations).sum(-1)), np.float32(1))
        turning = last.turning + share * (2 * np.arccos(cosine) / seconds - last.turning)
        curve_share = alpha((CURVE_CUTOFF + CURVE_BETA * np.abs(speed)) / self._strength, seconds)
        turn_share = alpha((TURN_CUTOFF + TURN_BETA * turning) / self._strength, seconds)
        calm = last.curves + curve_share * (curves - last.curves)
        turns = towards(last.rotations, rotations, turn_share)
        self.state = State(calm, turns, curves, rotations, speed, turning)
        return calm, turns


class State(NamedTuple):
    """After a sample: what was given out, what came in, and how fast that moves, a second."""

    curves: Array
    rotations: Array
    raw_curves: Array
    raw_rotations: Array
    speed: Array
    turning: Array


def alpha(cutoff: npt.ArrayLike, seconds: float) -> Array:
    """The share of the new value in a first-order low-pass with this cutoff in Hz."""
    rate = np.asarray(cutoff, np.float32) * np.float32(2 * math.pi * seconds)
    return np.asarray(rate / (rate + 1), np.float32)


def towards(a: Array, b: Array, share: Array) -> Array:
    """Rotations (…, 4) on the shorter way from a to b: a where share (…) is 0, b where it is 1. A normalised lerp."""
    nearer: Array = np.where((a * b).sum(-1, keepdims=True) < 0, -b, b)
    out: Array = a + share[..., None] * (nearer - a)
    return np.asarray(out / np.sqrt((out * out).sum(-1, keepdims=True)), np.float32)
