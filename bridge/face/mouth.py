"""Articulators to curves: how the ARKit mouth shows a posture of jaw and lips.

Made for any rig that follows Apple's reference shapes, so closing never rests on one curve alone: a seal raises the jaw
first and leaves mouthClose, whose reach differs between rigs, only the rest of jawOpen to make good.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bridge.curves import CURVES, INDEX
from bridge.skeleton import Array

Floats = npt.NDArray[np.float64]


class Posture(NamedTuple):
    """Articulators over time, each (count,).

    jaw, part, wide, pucker and funnel as in `bridge.face.shapes.Shape`; the gestures seal, tuck and tongue 0..VIRTUAL.
    """

    jaw: Floats
    part: Floats
    wide: Floats
    pucker: Floats
    funnel: Floats
    seal: Floats
    tuck: Floats
    tongue: Floats


VIRTUAL = 1.5
"""How far gestures aim, where 1 is contact."""

_SEAL_ROLL = 0.15
"""mouthRollUpper of a full seal. Speech rolls the upper lip for nothing else, so `seal_of` can read it back."""


def seal_of(curves: Array) -> Array:
    """How far speech curves (count, 52) seal the lips: (count,), 0..1."""
    return np.asarray(np.clip(curves[:, INDEX["mouthRollUpper"]] / _SEAL_ROLL, 0, 1), np.float32)


def pose(posture: Posture) -> Array:
    """The curves (count, 52) of a posture."""
    jaw, part, wide, pucker, funnel = posture[:5]
    seal, tuck, tongue = (np.minimum(gesture, 1) for gesture in posture[5:])
    press = np.maximum(posture.seal - 1, 0) / (VIRTUAL - 1)
    tuck = tuck * (1 - seal)
    free = (1 - seal) * (1 - tuck)
    jaw = jaw * (1 - 0.9 * seal) * (1 - 0.7 * tuck)
    out = np.zeros((len(jaw), len(CURVES)), np.float32)
    for stem, weight in {
        "jawOpen": jaw,
        "mouthClose": 0.75 * jaw * seal,
        "mouthPress": 0.4 * press,
        "mouthRollLower": 0.2 * press + 0.55 * tuck,
        "mouthRollUpper": _SEAL_ROLL * seal,
        "mouthFunnel": funnel * free,
        "mouthPucker": pucker * (1 - 0.4 * tuck),
        "mouthLowerDown": part * free,
        "mouthUpperUp": 0.5 * part * free + 0.2 * tuck,
        "mouthSmile": 0.3 * wide,
        "mouthStretch": 0.4 * wide,
        "mouthDimple": 0.2 * wide,
        "tongueOut": 0.35 * tongue * (1 - seal),
    }.items():
        for curve in (stem,) if stem in INDEX else (stem + "Left", stem + "Right"):
            out[:, INDEX[curve]] = weight
    return out
