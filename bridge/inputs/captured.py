"""What every protocol's reader makes of a packet: one instant of a captured face or body."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bridge.body.eyes import PITCH_RANGE, YAW_RANGE, eye_rotations
from bridge.curves import CURVES, INDEX
from bridge.skeleton import JOINT_INDEX, JOINTS, Array, rest_rotations

Mask = npt.NDArray[np.bool_]

LONGEST_NAME = 64
"""Characters of a device's name that are kept."""

EYES = (JOINT_INDEX["leftEye"], JOINT_INDEX["rightEye"])
_BY_LOWER = {name.lower(): i for i, name in enumerate(CURVES)}
_LOOK = {side: [INDEX[f"eyeLook{way}{side}"] for way in ("Out", "In", "Down", "Up")] for side in ("Left", "Right")}


class PacketError(ValueError):
    """A packet is not of its protocol, or of a version that is not read; the message says which and what to do."""


@dataclass(slots=True)
class Captured:
    """One instant. All rotations are unit quaternions in the space of bridge.skeleton, positions are metres.

    device is the sender's own name for itself, "" where it has none. time is the sender's clock in seconds, from
    anywhere, None where it tells none. seen is False where the sender has lost its face or body. curves (52,) are
    weights 0..1 of which `heard` (52,) are meant; rotations (22, 4) are parent-local and relative to rest, of which
    `turned` (22,) are meant. head (4,) is the head in the space of whoever looks at it, where a camera saw it; hips
    (3,) is their place in the sender's model.
    """

    device: str = ""
    time: float | None = None
    seen: bool = True
    curves: Array = field(default_factory=lambda: np.zeros(len(CURVES), np.float32))
    heard: Mask = field(default_factory=lambda: np.zeros(len(CURVES), np.bool_))
    rotations: Array = field(default_factory=lambda: rest_rotations(1)[0])
    turned: Mask = field(default_factory=lambda: np.zeros(len(JOINTS), np.bool_))
    head: Array | None = None
    hips: Array | None = None
    subject: str = ""
    """What the sender calls whom it sees."""

    def set_curves(self, weights: Mapping[str, float]) -> None:
        """Take curves by name in any case; other names are not ours. Weights must be finite; they are kept in 0..1."""
        for name, weight in weights.items():
            i = _BY_LOWER.get(name.lower())
            if i is not None:
                self.curves[i] = min(max(weight, 0.0), 1.0)
                self.heard[i] = True

    def look_by_curves(self) -> None:
        """Turn the eyes as the eyeLook curves say, where all of an eye's are there: what they mean is beyond doubt."""
        for eye, side in zip(EYES, ("Left", "Right"), strict=True):
            if self.heard[_LOOK[side]].all():
                out, into, down, up = self.curves[_LOOK[side]]
                yaw = (out - into) * (YAW_RANGE if side == "Left" else -YAW_RANGE)
                self.rotations[eye] = eye_rotations(np.array(yaw), np.array((down - up) * PITCH_RANGE))
                self.turned[eye] = True


def turned(yaw: float, pitch: float, roll: float) -> Array:
    """The quaternion (4,) of what is turned right by yaw, down by pitch, to the left shoulder by roll, radians.

    Roll comes first and yaw last, as in Unity's and Unreal's angles.
    """
    (sy, cy), (sp, cp), (sr, cr) = ((math.sin(angle / 2), math.cos(angle / 2)) for angle in (-yaw, pitch, -roll))
    return np.array(
        (
            cy * sp * cr + sy * cp * sr,
            sy * cp * cr - cy * sp * sr,
            cy * cp * sr - sy * sp * cr,
            cy * cp * cr + sy * sp * sr,
        ),
        np.float32,
    )


def finite(number: float, what: str) -> float:
    """The number. Raises PacketError if it is none, or far beyond what such packets hold."""
    if not -1e6 < number < 1e6:  # false for NaN too
        raise PacketError(f"{what} holds a number that is none")
    return number


def name_of(text: str, what: str) -> str:
    """A name as it may be shown. Raises PacketError where it has letters that cannot be printed, or none."""
    text = text.strip()[:LONGEST_NAME]
    if not text or not text.isprintable():
        raise PacketError(f"{what} is empty or cannot be printed")
    return text
