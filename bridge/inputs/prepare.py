"""From what a device tells to what a character does: turned round, freed of a neutral, mirrored, smoothed."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bridge.body.kinematics import inverse
from bridge.curves import CURVES
from bridge.inputs.binding import Binding
from bridge.inputs.captured import EYES, Captured, Mask, turned
from bridge.inputs.devices import Instant
from bridge.inputs.one_euro import OneEuro, State, towards
from bridge.outputs.livelink import euler
from bridge.outputs.target import ANGLES
from bridge.skeleton import JOINTS, Array, multiply, normalised, rest_rotations

CURVE = slice(0, len(CURVES))
HIPS = slice(len(CURVES), len(CURVES) + 3)
NUMBERS = HIPS.stop
"""A row's numbers: the curves, then where the hips are."""

SEEN_HEAD = len(JOINTS)
TURNS = SEEN_HEAD + 1
"""A row's rotations: the joints, then the head as a camera sees it."""

NEUTRAL_INSTANTS = 30
"""Instants whose mean is the neutral: half a second of a phone's."""

NEUTRAL_EASE = np.float32(0.1)
"""Share of the way to a new neutral that is gone with each instant, so that taking it does not jerk the face."""

MOST_NEUTRAL = 0.5
"""Weight of a curve that may be taken for rest; somebody who laughed meanwhile keeps half of the laugh."""

HEIGHT = JOINTS[0].offset[1]
"""Metres of our hips above the ground."""

FAR = 1e6
"""Metres: nobody stands further away (bridge.inputs.captured.finite)."""

LEAST_HEIGHT, MOST_STRAY = 0.2, 0.5
"""Metres: a sender's hips are on the ground below this, and ours stray from their place by at most this."""


class Row(NamedTuple):
    """A prepared instant: numbers (55,), rotations (23, 4), and which of them, numbers first, were told (78,)."""

    time: float
    numbers: Array
    turns: Array
    told: Mask


class Rest(NamedTuple):
    """What a device tells of a face at rest that looks ahead, and of where its body stands: what is taken away from
    all that it tells. numbers (55,), turns (23, 4).
    """

    numbers: Array
    turns: Array

    def written(self) -> tuple[float, ...]:
        """As plain numbers: all of `numbers`, and of `turns` those that are ever taken."""
        return tuple(round(value, 5) for part in (self.numbers, self.turns[_FACING]) for value in part.ravel().tolist())

    @classmethod
    def read(cls, values: Sequence[float]) -> "Rest":
        """What was written. Raises ValueError where it cannot have been."""
        if len(values) != NUMBERS + 4 * len(_FACING) or not all(map(math.isfinite, values)):
            raise ValueError("no neutral")
        row = np.array(values, np.float32)
        facing = row[NUMBERS:].reshape(-1, 4)
        if not (abs(np.linalg.norm(facing, axis=1) - 1) < 0.01).all() or abs(row[HIPS]).max() > FAR:
            raise ValueError("no neutral")
        numbers, turns = row[:NUMBERS], _REST.copy()
        numbers[CURVE] = np.clip(numbers[CURVE], 0, MOST_NEUTRAL)
        turns[_FACING] = normalised(facing)
        return cls(numbers, turns)


def _swapped(names: tuple[str, ...], left: str, right: str) -> list[int]:
    """Where the other side of each name stands."""
    return [names.index(name.replace(left, right) if left in name else name.replace(right, left)) for name in names]


_OTHER_CURVE = _swapped(CURVES, "Left", "Right")
_OTHER_JOINT = [*_swapped(tuple(joint.name for joint in JOINTS), "left", "right"), SEEN_HEAD]
_MIRROR = np.array([1, -1, -1, 1], np.float32)
_FACING = [*EYES, SEEN_HEAD]
_GAZE = [i for i, name in enumerate(CURVES) if name.startswith("eyeLook")]
_REST = rest_rotations(1)[0][[*range(len(JOINTS)), 0]]


class Preparer:
    """One device for one session."""

    def __init__(self, binding: Binding) -> None:
        self._flip = np.array([-1 if angle in binding.flip else 1 for angle in ANGLES], np.float32)
        self._mirror = binding.mirror
        self._strength, self._first = binding.smooth, binding.neutral
        self._smooth = OneEuro(binding.smooth)
        self._neutral = Neutral(binding.neutral)
        self._last: Row | None = None
        self._before: tuple[Row | None, State | None] = None, None

    def calibrate(self) -> None:
        """Take what is seen next for neutral."""
        self._neutral.begin()

    def restart(self, rest: Rest | None = None) -> None:
        """What comes next is another device's, of which this may be known."""
        self._smooth, self._neutral, self._last = OneEuro(self._strength), Neutral(self._first, rest), None

    @property
    def rest(self) -> Rest | None:
        """What the device's face at rest looks like, as far as it has been seen; the same object until it changes."""
        return self._neutral.rest

    def __call__(self, instant: Instant) -> Row:
        """The row of an instant; instants come in order."""
        told, numbers, turns = self._raw(instant.captured)
        numbers, turns = self._neutral(numbers, turns, told)
        if self._mirror:
            numbers, turns, told = mirrored(numbers, turns, told)
        if self._last is not None and instant.time == self._last.time:  # the rest of the same instant
            self._last, self._smooth.state = self._before
        last = self._last
        self._before = last, self._smooth.state
        if last is not None:  # what is not told stays, so that nothing is drawn towards zero
            numbers = np.where(told[:NUMBERS], numbers, last.numbers)
            turns = np.where(told[NUMBERS:, None], turns, last.turns)
        numbers, turns = self._smooth(numbers, turns, instant.time - last.time if last else 0.0)
        self._last = Row(instant.time, numbers, turns, told)
        return self._last

    def _raw(self, captured: Captured) -> tuple[Mask, Array, Array]:
        numbers, turns = np.zeros(NUMBERS, np.float32), _REST.copy()
        told = np.zeros(NUMBERS + TURNS, np.bool_)
        if captured.seen:
            numbers[CURVE], told[CURVE] = captured.curves, captured.heard
            turns[:SEEN_HEAD], told[NUMBERS:-1] = captured.rotations, captured.turned
            if captured.hips is not None:
                numbers[HIPS], told[HIPS] = captured.hips, True
            if captured.head is not None:
                turns[SEEN_HEAD], told[-1] = self._flipped(captured.head), True
        return told, numbers, turns

    def _flipped(self, head: Array) -> Array:
        """The head with some of its angles turned round."""
        return turned(*(euler(head) * self._flip).tolist())


class Neutral:
    """What a face at rest before its camera looks like, and what is left when that is taken away."""

    def __init__(self, first: bool, rest: Rest | None = None) -> None:
        """first: take the first instants for it, unless `rest` is known."""
        self._wanted = NEUTRAL_INSTANTS if first and rest is None else 0
        self._seen: list[tuple[Array, Array]] = []
        self._goal = rest or Rest(np.zeros(NUMBERS, np.float32), _REST.copy())
        self._numbers, self._turns = self._goal
        self._stands = bool(self._goal.numbers[HIPS].any())
        self.rest = rest

    def begin(self) -> None:
        """Take the next instants for neutral."""
        self._wanted = NEUTRAL_INSTANTS
        self._seen.clear()

    def __call__(self, numbers: Array, turns: Array, told: Mask) -> tuple[Array, Array]:
        """Curves count from the neutral up, head and eyes from where they looked, hips from where they stood."""
        if not self._stands and told[HIPS].all():
            self._stands = True
            self._numbers = _standing(self._numbers, numbers[HIPS])
            self.rest = self._goal = self._goal._replace(numbers=_standing(self._goal.numbers, numbers[HIPS]))
        if self._wanted and told.any():
            self._collect(numbers, turns)
        self._numbers = self._numbers + NEUTRAL_EASE * (self._goal.numbers - self._numbers)
        self._turns = towards(self._turns, self._goal.turns, np.full(TURNS, NEUTRAL_EASE, np.float32))
        out, curves = numbers.copy(), self._numbers[CURVE]
        out[CURVE] = np.maximum(numbers[CURVE] - curves, 0) / (1 - curves)
        out[HIPS] = self._stray(numbers[HIPS]) if told[HIPS].all() else 0
        return out, multiply(inverse(self._turns), turns)

    def _collect(self, numbers: Array, turns: Array) -> None:
        self._seen.append((numbers, turns))
        self._wanted -= 1
        if self._wanted:
            return
        rows, rotations = (np.stack(part) for part in zip(*self._seen, strict=True))
        self._seen.clear()
        mean = rows.mean(0).astype(np.float32)
        mean[CURVE] = np.minimum(mean[CURVE], MOST_NEUTRAL)
        mean[_GAZE] = 0  # where the eyes look is said by their joints
        same = np.sign((rotations * rotations[:1]).sum(-1, keepdims=True))
        middle = normalised((rotations * same).mean(0).astype(np.float32))
        goal = _REST.copy()
        goal[_FACING] = middle[_FACING]
        self.rest = self._goal = Rest(mean, goal)

    def _stray(self, hips: Array) -> Array:
        """How far hips are from their place, in metres of a body of our size."""
        place = self._numbers[HIPS]
        size = HEIGHT / float(place[1]) if place[1] > LEAST_HEIGHT else 1.0
        return np.asarray(np.clip((hips - place) * np.float32(size), -MOST_STRAY, MOST_STRAY))


def _standing(numbers: Array, place: Array) -> Array:
    """The numbers (55,), with hips at a place (3,)."""
    numbers = numbers.copy()
    numbers[HIPS] = place
    return numbers


def mirrored(numbers: Array, turns: Array, told: Mask) -> tuple[Array, Array, Mask]:
    """Left is right: rows (55,), (23, 4), (78,)."""
    swap = [*_OTHER_CURVE, *range(HIPS.start, HIPS.stop)]
    out = numbers[swap]
    out[HIPS.start] *= -1
    return out, turns[_OTHER_JOINT] * _MIRROR, told[[*swap, *(NUMBERS + joint for joint in _OTHER_JOINT)]]
