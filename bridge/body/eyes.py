"""Where the eyes look: joints, and the curves that say the same to rigs without eye joints."""

import numpy as np

from bridge.body.bounds import EYES
from bridge.body.noise import Floats
from bridge.curves import INDEX
from bridge.skeleton import Array, from_rotation_vector, rotation_vector

YAW_RANGE, PITCH_RANGE = np.radians(30.0), np.radians(25.0)
"""Turn at which an eyeLook curve is 1. Eyes can reach 50 degrees, but people turn their head rather than pass 30
(Stahl 1999, Exp. Brain Res. 126)."""

LID_DOWN, LID_UP = 0.3, 0.25
"""eyeBlink and eyeWide per full eyeLookDown and eyeLookUp. Lids follow vertical gaze closely (Becker & Fuchs 1988, Exp.
Brain Res. 69); eyeLookDown shapes commonly carry a part of it already, so this is the rest."""

_IN = (INDEX["eyeLookInLeft"], INDEX["eyeLookInRight"])
_OUT = (INDEX["eyeLookOutLeft"], INDEX["eyeLookOutRight"])
_UP = (INDEX["eyeLookUpLeft"], INDEX["eyeLookUpRight"])
_DOWN = (INDEX["eyeLookDownLeft"], INDEX["eyeLookDownRight"])
LOOK = (*_IN, *_OUT, *_UP, *_DOWN)
"""The curves that `look_curves` answers for."""
BLINK = (INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"])
WIDE = (INDEX["eyeWideLeft"], INDEX["eyeWideRight"])


def saccade_seconds(turn: Floats) -> Floats:
    """Seconds of a saccade over `turn` radians: 25 ms and 2.4 ms a degree (Lee, Badler & Badler 2002, "Eyes Alive")."""
    return 0.025 + 0.0024 * np.degrees(np.abs(turn))


def eye_rotations(yaw: Floats, pitch: Floats) -> Array:
    """Quaternions (…, 4) of eyes by yaw to the character's left and pitch down, radians; no roll (Listing's law)."""
    return from_rotation_vector(np.stack([pitch, yaw, np.zeros_like(yaw)], -1))


def look_curves(rotations: Array, curves: Array) -> None:
    """Set the eyeLook curves (count, 52) to what the eye joints of rotations (count, 22, 4) do."""
    turn = rotation_vector(rotations[:, EYES])
    pitch, yaw = turn[..., 0] / PITCH_RANGE, turn[..., 1] / YAW_RANGE
    out = yaw * np.array([1, -1])  # to the left is out for the left eye, in for the right
    for where, what in ((_OUT, out), (_IN, -out), (_DOWN, pitch), (_UP, -pitch)):
        curves[:, where] = np.clip(what, 0, 1)


def lids(curves: Array) -> None:
    """Let the lids of curves (count, 52) follow the eyeLook curves, on top of what they do."""
    down = curves[:, _DOWN] * LID_DOWN
    curves[:, BLINK] += down * (1 - curves[:, BLINK])
    curves[:, WIDE] += curves[:, _UP] * LID_UP
