"""Idle life, emotion and speech on one face."""

import numpy as np

from bridge.curves import INDEX, MOUTH
from bridge.face.mouth import seal_of
from bridge.skeleton import Array

YIELD = 0.75
"""Share of the mouth that emotion and idle life give up while speech needs it: a smile stays a smile, yet /u/ is
round."""

_MOUTH = list(MOUTH)
_OPENERS = [
    INDEX[name]
    for name in (
        "jawOpen", "mouthFunnel", "mouthShrugUpper", "mouthLowerDownLeft", "mouthLowerDownRight",
        "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight",
    )
]  # fmt: skip
"""Curves that part the lips: a sealed mouth takes them from speech alone."""


def mix_face(idle_curves: Array, emotion_curves: Array, speech: Array, authority: Array) -> Array:
    """The sum of the layers, each (count, 52), within 0..1.

    Where `authority` (count,) says that speech needs the mouth, the other layers keep 1 - YIELD of theirs; where speech
    seals the lips, nothing else opens them. mouthClose never exceeds jawOpen, as MetaHuman's lips demand.
    """
    out: Array = idle_curves + emotion_curves
    out[:, _MOUTH] *= 1 - YIELD * authority[:, None]
    out[:, _OPENERS] *= 1 - seal_of(speech)[:, None]
    out = np.clip(out + speech, np.float32(0), np.float32(1))
    close, jaw = INDEX["mouthClose"], INDEX["jawOpen"]
    out[:, close] = np.minimum(out[:, close], out[:, jaw])
    return out
