"""ARKit's curves from VRM's expressions, for senders that have no curves: the way back of bridge/outputs/presets.py."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt

from bridge.curves import CURVES, INDEX
from bridge.face.emotion import EMOTIONS, expression
from bridge.face.mouth import Posture, pose
from bridge.face.shapes import parts
from bridge.outputs.presets import VRM0, VRM1
from bridge.skeleton import Array

_VOWELS = {"aa": "a", "ih": "i", "ou": "u", "ee": "e", "oh": "o"}
_LOOKS = {
    "lookUp": ("eyeLookUpLeft", "eyeLookUpRight"),
    "lookDown": ("eyeLookDownLeft", "eyeLookDownRight"),
    "lookLeft": ("eyeLookOutLeft", "eyeLookInRight"),
    "lookRight": ("eyeLookInLeft", "eyeLookOutRight"),
}
_BLINKS = {"blink": ("eyeBlinkLeft", "eyeBlinkRight"), "blinkLeft": ("eyeBlinkLeft",), "blinkRight": ("eyeBlinkRight",)}


@cache
def rows() -> dict[str, Array]:
    """Curves (52,) of each expression at full weight, by its name in lower case, in VRM 1's spelling and in VRM 0's."""
    out = {name: _only(curves) for name, curves in (_LOOKS | _BLINKS).items()}
    out |= {name: expression(name) for name in VRM1 if name in EMOTIONS}
    out |= {name: _vowel(symbol) for name, symbol in _VOWELS.items()}
    out |= {old: out[new] for old, new in zip(VRM0, VRM1, strict=True)}
    return {name.lower(): row for name, row in out.items()}


def curves(weights: Mapping[str, float]) -> Array:
    """The curves (52,), within 0..1, of expressions by name in lower case; what is no expression is left out."""
    out = np.zeros(len(CURVES), np.float32)
    for name, weight in weights.items():
        if name in rows():
            out += np.float32(weight) * rows()[name]
    return np.clip(out, 0, 1)


@cache
def touched() -> npt.NDArray[np.bool_]:
    """Which curves (52,) the expressions tell of."""
    return np.asarray(np.stack(list(rows().values())).max(0) > 0)


def _only(names: tuple[str, ...]) -> Array:
    row = np.zeros(len(CURVES), np.float32)
    row[[INDEX[name] for name in names]] = 1
    return row


def _vowel(symbol: str) -> Array:
    ((mouth, _),) = parts(symbol)
    lips = (mouth.jaw, mouth.part, mouth.wide, mouth.pucker, mouth.funnel, 0.0, 0.0, 0.0)
    row: Array = pose(Posture(*(np.array([articulator]) for articulator in lips)))[0]
    return row
