"""The ten emotions of Audio2Face-3D's clients, when each of them shows, and what that is in ours."""

from bisect import bisect_right, insort
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bridge.face.emotion import EMOTIONS
from bridge.skeleton import Array

OURS: dict[str, dict[str, float]] = {
    "amazement": {"surprised": 1},
    "anger": {"angry": 1},
    "cheekiness": {"happy": 0.5, "scornful": 0.5},
    "disgust": {"disgusted": 1},
    "fear": {"afraid": 1},
    "grief": {"sad": 1, "pained": 0.3},
    "joy": {"happy": 1},
    "outofbreath": {},
    "pain": {"pained": 1},
    "sadness": {"sad": 1},
}
"""What each is made of here. Nobody is out of breath: that is a way to breathe, which these clients do not show."""

NAMES: tuple[str, ...] = tuple(OURS)

SHORTEST, LONGEST = 0.1, 10.0
"""Seconds in which one emotion passes into the next. A face that changes at once looks broken."""

MOST_KEYS = 20_000
"""Changes that may lie ahead in one clip: one a frame of the longest clip, at 60 frames a second."""


def row(shares: dict[str, float]) -> Array:
    """Shares by name as a row (10,) in the order of NAMES; other names are left out."""
    return np.array([shares.get(name, 0.0) for name in NAMES], np.float32)


def ours(rows: Array) -> Array:
    """Rows (n, 10) as shares of our EMOTIONS (n, 10), 0..1; at most 1 in all: two full expressions make a grimace."""
    shares = np.clip(rows @ _MATRIX, 0, 1)
    whole: Array = shares / np.maximum(shares.sum(1, keepdims=True), 1)
    return whole


_MATRIX = np.zeros((len(NAMES), len(EMOTIONS)), np.float32)
for _i, _parts in enumerate(OURS.values()):
    for _name, _share in _parts.items():
        _MATRIX[_i, EMOTIONS.index(_name)] = _share


class Treatment(NamedTuple):
    """strength 0..1 of all emotions; only the `most` strongest show at once; transition in seconds."""

    strength: float = 1.0
    most: int = len(NAMES)
    transition: float = 0.5

    def apply(self, shares: Array) -> Array:
        """The row (10,) that shows when `shares` are asked for."""
        kept = np.argsort(-shares, kind="stable")[: self.most]
        shown = np.zeros_like(shares)
        shown[kept] = shares[kept] * self.strength
        return shown


class _Key(NamedTuple):
    time: float
    number: int
    row: Array

    def __lt__(self, other: tuple[object, ...]) -> bool:
        assert isinstance(other, _Key)
        return (self.time, self.number) < (other.time, other.number)


class EmotionTrack:
    """Which emotions show when. Each key eases in over the treatment's transition, whatever is still under way."""

    def __init__(self, treatment: Treatment, beginning: Array) -> None:
        """`beginning`: what shows before the first key (10,)."""
        self._treatment = treatment
        self._base = treatment.apply(beginning)
        self._keys: list[_Key] = []
        self._count = 0

    def __len__(self) -> int:
        """How many changes lie ahead, or are under way."""
        return len(self._keys)

    def set(self, time: float, shares: Array) -> None:
        """Turn towards `shares` (10,) at this time, seconds."""
        self._count += 1
        insort(self._keys, _Key(time, self._count, self._treatment.apply(shares)))

    def rows(self, times: npt.NDArray[np.float64]) -> Array:
        """What shows at these ascending times: (n, 10) 0..1. Times before the first of them cannot be asked for again.

        A row is sum_i row_i * (b_i - b_{i+1}), where b_i tells how far key i has begun: with one duration for all, and
        keys in order, no share is negative and none jumps.
        """
        self._let_go(times[0])
        keys = self._keys[: bisect_right(self._keys, times[-1], key=lambda key: key.time)]
        begun = [_smoothstep((times - key.time) / self._treatment.transition) for key in keys]
        out = np.outer(1 - begun[0] if begun else np.ones(len(times)), self._base)
        for key, share in zip(keys, _shares(begun), strict=True):
            out += np.outer(share, key.row)
        return out.astype(np.float32)

    def _let_go(self, time: float) -> None:
        """Of what has eased in, only the last still counts."""
        settled = bisect_right(self._keys, time - self._treatment.transition, key=lambda key: key.time)
        if settled:
            self._base = self._keys[settled - 1].row
            del self._keys[:settled]


def _shares(begun: list[npt.NDArray[np.float64]]) -> Iterator[npt.NDArray[np.float64]]:
    for i, now in enumerate(begun):
        yield now - begun[i + 1] if i + 1 < len(begun) else now


def _smoothstep(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)
