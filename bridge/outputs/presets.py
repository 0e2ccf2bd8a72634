"""VRM's expressions from ARKit's curves, for models that have no blendshapes of their own for each curve."""

import numpy as np

from bridge.curves import INDEX
from bridge.retarget import shapes
from bridge.skeleton import Array

_SPELT: dict[str, str] = {
    "aa": "A", "ih": "I", "ou": "U", "ee": "E", "oh": "O", "blinkLeft": "Blink_L", "blinkRight": "Blink_R",
    "happy": "Joy", "angry": "Angry", "sad": "Sorrow", "relaxed": "Fun", "surprised": "Surprised",
}  # fmt: skip
"""Presets of VRM 1 as VRM 0 spells them; it has no surprise of its own, though many models have."""

VRM1, VRM0 = tuple(_SPELT), tuple(_SPELT.values())

_VOWELS = slice(0, 5)
_JAW, _CLOSE = INDEX["jawOpen"], INDEX["mouthClose"]
_SEAL = 0.75
"""Share of jawOpen that mouthClose takes back where lips meet (bridge/face/mouth.py); puckered lips meet too."""

_SHUT = 1e-3


def _matrix() -> Array:
    out = np.zeros((len(INDEX), len(VRM1)), np.float32)
    table = shapes("VRM 1")
    for column, name in enumerate(VRM1):
        for curve, weight in table[name].items():
            out[INDEX[curve], column] = weight
    return out


_MATRIX = _matrix()


def weights(curves: Array) -> Array:
    """Weights (…, 12) in the order of VRM1 of curves (…, 52), 0..1.

    Lips that meet end the vowels, whose sum is 1 at most, lest the mouth tears.
    """
    out = np.clip(curves @ _MATRIX, 0, 1)
    closed = np.minimum(curves[..., _CLOSE] / np.maximum(_SEAL * curves[..., _JAW], _SHUT), 1)
    out[..., _VOWELS] *= ((1 - closed) / np.maximum(1, out[..., _VOWELS].sum(-1)))[..., None]
    return np.asarray(out, np.float32)
