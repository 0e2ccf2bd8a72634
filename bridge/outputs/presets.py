"""VRM's expressions from ARKit's curves, for models that have no blendshapes of their own for each curve.

A vowel is read back from what bridge/face gives it: an open jaw is "aa", drawn corners "ih" and "ee", puckered lips
"ou", flared ones "oh", and lips that meet end them all. The weights are ours.
"""

import numpy as np

from bridge.curves import INDEX
from bridge.skeleton import Array

_TERMS: dict[str, dict[str, float]] = {
    "aa": {"jawOpen": 1.8, "mouthClose": -1.8, "mouthPucker": -1, "mouthFunnel": -1},
    "ih": {"mouthStretchLeft": 2, "mouthStretchRight": 2, "jawOpen": -1},
    "ou": {"mouthPucker": 1.8, "mouthFunnel": -1.5},
    "ee": {"mouthStretchLeft": 1, "mouthStretchRight": 1},
    "oh": {"mouthFunnel": 2.6, "mouthPucker": -0.6},
    "blinkLeft": {"eyeBlinkLeft": 1},
    "blinkRight": {"eyeBlinkRight": 1},
    "happy": {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7},
    "angry": {"browDownLeft": 0.6, "browDownRight": 0.6, "browInnerUp": -1},
    "sad": {"mouthFrownLeft": 0.8, "mouthFrownRight": 0.8},
    "relaxed": {},
    "surprised": {"browOuterUpLeft": 0.6, "browOuterUpRight": 0.6, "browDownLeft": -1, "browDownRight": -1},
}

VRM1: tuple[str, ...] = tuple(_TERMS)
VRM0: tuple[str, ...] = (
    "A", "I", "U", "E", "O", "Blink_L", "Blink_R", "Joy", "Angry", "Sorrow", "Fun", "Surprised",
)  # fmt: skip
"""The same, as VRM 0 spells them; it has no surprise of its own, though many models have."""

_VOWELS = slice(0, 5)
_JAW, _CLOSE = INDEX["jawOpen"], INDEX["mouthClose"]
_SEAL = 0.75
"""Share of jawOpen that mouthClose takes back where lips meet (bridge/face/mouth.py); puckered lips meet too."""

_SHUT = 1e-3


def _matrix() -> Array:
    out = np.zeros((len(INDEX), len(_TERMS)), np.float32)
    for column, terms in enumerate(_TERMS.values()):
        for curve, weight in terms.items():
            out[INDEX[curve], column] = weight
    return out


_MATRIX = _matrix()


def weights(curves: Array) -> Array:
    """Weights (12,) in the order of VRM1 of curves (52,), 0..1; the vowels' sum is 1 at most, lest the mouth tears."""
    out = np.clip(curves @ _MATRIX, 0, 1)
    closed = min(float(curves[_CLOSE]) / max(_SEAL * float(curves[_JAW]), _SHUT), 1.0)
    out[_VOWELS] *= (1 - closed) / max(1.0, float(out[_VOWELS].sum()))
    return np.asarray(out, np.float32)
