"""Emotions on the face, and how one passes into another.

An emotion is a set of action units of the Facial Action Coding System (Ekman, Friesen & Hager, 2002), combined as
EMFACS reads that emotion (Friesen & Ekman, 1983; FACS Investigator's Guide, 2002), pain after Prkachin & Solomon (Pain
139, 2008). The strengths are ours: at full intensity the emotion is plain, and nobody grimaces. The names take in
VRM 1.0's presets (happy, angry, sad, relaxed, surprised, neutral) and, in other words, NVIDIA Audio2Face-3D's
amazement, anger, cheekiness, disgust, fear, grief, joy, pain and sadness.
"""

from bisect import bisect_left, bisect_right
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bridge.curves import CURVES, INDEX
from bridge.frames import FRAME_RATE
from bridge.skeleton import Array

_UNITS: dict[str, dict[str, float]] = {
    "1": {"browInnerUp": 1},
    "2": {"browOuterUp": 1},
    "4": {"browDown": 1},
    "5": {"eyeWide": 1},
    "6": {"cheekSquint": 1, "eyeSquint": 0.4},
    "7": {"eyeSquint": 1},
    "9": {"noseSneer": 1},
    "10": {"mouthUpperUp": 1},
    "12": {"mouthSmile": 1},
    "14": {"mouthDimple": 1},
    "15": {"mouthFrown": 1},
    "17": {"mouthShrugLower": 1},
    "20": {"mouthStretch": 1},
    "22": {"mouthFunnel": 1},
    "23": {"mouthPress": 0.7, "mouthRollLower": 0.4, "mouthRollUpper": 0.3},
    "25": {"mouthLowerDown": 0.6, "mouthUpperUp": 0.4},
    "26": {"jawOpen": 1},
    "43": {"eyeBlink": 1},
}
"""Action units in ARKit's curves; a name without a side stands for both."""

_EXPRESSIONS: dict[str, dict[str, float]] = {
    "neutral": {},
    "happy": {"6": 0.55, "12": 0.65, "25": 0.12},
    "relaxed": {"12": 0.22, "43": 0.14},  # no EMFACS emotion: a trace of a smile under heavy lids
    "surprised": {"1": 0.7, "2": 0.7, "5": 0.5, "22": 0.35, "26": 0.3},  # 22: or open lips smile
    "sad": {"1": 0.78, "4": 0.12, "15": 0.55, "17": 0.2, "43": 0.2},  # 43: lids droop
    "angry": {"4": 0.8, "5": 0.25, "7": 0.5, "23": 0.45},
    "afraid": {"1": 0.7, "2": 0.4, "4": 0.45, "5": 0.7, "7": 0.2, "20": 0.45, "26": 0.14},
    "disgusted": {"4": 0.25, "9": 0.65, "10": 0.25, "15": 0.35, "17": 0.3},
    "scornful": {"12L": 0.35, "14L": 0.5, "7": 0.12},  # contempt, the one emotion with half a face
    "pained": {"4": 0.7, "6": 0.5, "7": 0.45, "9": 0.4, "10": 0.3, "43": 0.3},
}

EMOTIONS: tuple[str, ...] = tuple(_EXPRESSIONS)
"""The names, neutral first."""

_RIGHT = 0.92
"""Strength of the face's right half where both move: emotion shows a little more on the left (Sackeim, Gur & Saucy,
Science 202, 1978), and two halves alike look like a mask."""

EASE = 0.4
"""Seconds in which one emotion passes into the next; set by eye."""

MAX_KEYS = 1024
"""Keys a timeline keeps; beyond it the oldest goes."""


@cache
def _row(name: str) -> Array:
    row = np.zeros(len(CURVES), np.float32)
    for unit, strength in _EXPRESSIONS[name].items():
        for stem, share in _UNITS[unit.rstrip("L")].items():
            sides = {stem: 1.0} if stem in INDEX else {stem + "Left": 1.0, stem + "Right": _RIGHT}
            for curve, side in sides.items():
                if not (unit.endswith("L") and curve.endswith("Right")):
                    row[INDEX[curve]] += strength * share * side
    row.flags.writeable = False
    return row


def expression(name: str) -> Array:
    """The curves (52,) of an emotion at full intensity, 0..1. Raises ValueError for a name that is not in EMOTIONS."""
    if name not in _EXPRESSIONS:
        raise ValueError(f"there is no emotion {name!r}; there are {', '.join(EMOTIONS)}")
    return _row(name)


class Key(NamedTuple):
    """From this frame of the grid on the face turns towards an emotion."""

    frame: int
    emotion: str
    intensity: float


class EmotionTimeline:
    """Which emotion when: a pure function of time, given its keys, so any span may be asked for again.

    Every key eases in over EASE by a smoothstep, whatever is still under way; the shares of the emotions are never
    negative, sum to 1 and have continuous slopes.
    """

    def __init__(self) -> None:
        self._keys: list[Key] = []

    def set(self, time_s: float, name: str, intensity: float) -> None:
        """Turn towards `name` at `time_s`; a key within the same frame is replaced.

        Raises ValueError for a name that is not in EMOTIONS or an intensity outside 0..1.
        """
        expression(name)
        if not 0 <= intensity <= 1:
            raise ValueError(f"the intensity of {name!r} is {intensity}; it goes from 0 (none) to 1 (full)")
        frame = _frame(time_s)
        i = bisect_left(self._keys, (frame,))
        replaced = i < len(self._keys) and self._keys[i].frame == frame
        self._keys[i : i + replaced] = [Key(frame, name, intensity)]
        del self._keys[:-MAX_KEYS]

    def forget(self, time_s: float) -> None:
        """Drop every key at or after `time_s`. What was shown before it stays as it was."""
        del self._keys[bisect_left(self._keys, (_frame(time_s),)) :]

    def target(self, time_s: float) -> tuple[str, float]:
        """The emotion and its intensity that the face has or turns towards at `time_s`."""
        i = bisect_left(self._keys, (_frame(time_s) + 1,))
        return self._keys[i - 1][1:] if i else ("neutral", 0.0)

    def calm(self, first_frame: int, count: int) -> bool:
        """Whether none but the neutral emotion, or none at all, shows in these frames."""
        return all(key.emotion == "neutral" or not key.intensity for key in self._within(first_frame, count))

    def weights(self, first_frame: int, count: int) -> Array:
        """How much of each emotion there is at each frame: (count, len(EMOTIONS)) 0..1, intensity worked in."""
        out = np.zeros((count, len(EMOTIONS)), np.float32)
        keys = self._within(first_frame, count)
        frames = np.arange(first_frame, first_frame + count)
        begun = [_smoothstep((frames - key.frame) / (EASE * FRAME_RATE)) for key in keys]
        for i, key in enumerate(keys):
            share = begun[i] - begun[i + 1] if i + 1 < len(keys) else begun[i]
            out[:, EMOTIONS.index(key.emotion)] += np.float32(key.intensity) * share
        return out

    def curves(self, first_frame: int, count: int) -> Array:
        """What the emotions add to the face: (count, 52) weights, row i at (first_frame + i) / 60 s."""
        return felt(self.weights(first_frame, count))

    def _within(self, first_frame: int, count: int) -> list[Key]:
        """The keys that show in these frames."""
        return self._keys[self._settled(first_frame) : bisect_left(self._keys, (first_frame + count,))]

    def _settled(self, frame: int) -> int:
        """Index of the last key that has eased in by a frame: none before it still shows."""
        return max(bisect_right(self._keys, (frame - round(EASE * FRAME_RATE),)) - 1, 0)


def felt(weights: Array) -> Array:
    """What emotions of these weights (count, emotions), 0..1, add to the face: (count, 52)."""
    curves = np.zeros((len(weights), len(CURVES)), np.float32)
    for i in np.flatnonzero(weights.any(0)):  # not a matrix product: its bits depend on the number of rows
        curves += weights[:, i, None] * _ROWS[i]
    return curves


_ROWS = np.stack([_row(name) for name in EMOTIONS])


def _frame(time_s: float) -> int:
    return round(time_s * FRAME_RATE)


def _smoothstep(x: npt.NDArray[np.float64]) -> Array:
    x = np.clip(x, 0, 1)
    return (x * x * (3 - 2 * x)).astype(np.float32)
