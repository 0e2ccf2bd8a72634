"""Where the eyes look: joints, and the curves that say the same to rigs without eye joints."""

import numpy as np

from bridge.body.bounds import EYES
from bridge.body.noise import Floats
from bridge.curves import INDEX
from bridge.skeleton import JOINT_INDEX, Array, from_rotation_vector, multiply

YAW_RANGE, PITCH_RANGE = np.radians(30.0), np.radians(25.0)
"""Turn at which an eyeLook curve is 1. Eyes can reach 50 degrees, but people turn their head rather than pass 30
(Stahl 1999, Exp. Brain Res. 126)."""

LID_DOWN, LID_UP = 0.3, 0.25
"""eyeBlink and eyeWide per full eyeLookDown and eyeLookUp. Lids follow vertical gaze closely (Becker & Fuchs 1988, Exp.
Brain Res. 69); eyeLookDown shapes commonly carry a part of it already, so this is the rest."""

_LIMITS = np.array([PITCH_RANGE, YAW_RANGE], np.float32)

HEAD_CHAIN = tuple(JOINT_INDEX[name] for name in ("hips", "spine", "chest", "upperChest", "neck", "head"))
"""The joints that carry the eyes, from the root on."""

_IN = (INDEX["eyeLookInLeft"], INDEX["eyeLookInRight"])
_OUT = (INDEX["eyeLookOutLeft"], INDEX["eyeLookOutRight"])
_UP = (INDEX["eyeLookUpLeft"], INDEX["eyeLookUpRight"])
_DOWN = (INDEX["eyeLookDownLeft"], INDEX["eyeLookDownRight"])
BLINK = (INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"])
WIDE = (INDEX["eyeWideLeft"], INDEX["eyeWideRight"])


def saccade_seconds(turn: Floats) -> Floats:
    """Seconds of a saccade over `turn` radians: 25 ms and 2.4 ms a degree (Lee, Badler & Badler 2002, "Eyes Alive")."""
    return 0.025 + 0.0024 * np.degrees(np.abs(turn))


def eye_rotations(yaw: Floats | Array, pitch: Floats | Array) -> Array:
    """Quaternions (…, 4) of eyes by yaw to the character's left and pitch down, radians; no roll (Listing's law)."""
    return from_rotation_vector(np.stack([pitch, yaw, np.zeros_like(yaw)], -1))


def settle(rotations: Array, curves: Array) -> Array:
    """Turn eyes that hold directions in model space, radians of yaw and pitch, into joints of a head that moves.

    So they stay on what they look at whatever the body does (the vestibulo-ocular reflex), within their range. Takes
    rotations (count, 22, 4), gives them with the eyes relative to the head; curves (count, 52) within 0..1 get eyeLook
    set, and lids that follow it.
    """
    turn = _relative_to_head(rotations)
    out = rotations.copy()
    out[:, EYES] = eye_rotations(turn[..., 1], turn[..., 0])
    pitch, yaw = turn[..., 0] / PITCH_RANGE, turn[..., 1] / YAW_RANGE
    outward = yaw * np.array([1, -1], np.float32)  # to the left is out for the left eye, in for the right
    for where, what in ((_OUT, outward), (_IN, -outward), (_DOWN, pitch), (_UP, -pitch)):
        curves[:, where] = np.clip(what, 0, 1)
    curves[:, BLINK] += curves[:, _DOWN] * LID_DOWN * (1 - curves[:, BLINK])
    curves[:, WIDE] = np.minimum(curves[:, WIDE] + curves[:, _UP] * LID_UP, 1)
    return out


def directions(rotations: Array) -> Array:
    """Unit vectors (…, 3) along which eyes of these quaternions (…, 4) look."""
    x, y, z, w = (rotations[..., i] for i in range(4))
    return np.stack([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)], -1)


def turns(directions: Array) -> Array:
    """Pitch down and yaw to the left (…, 2), radians, of eyes that look along unit vectors (…, 3)."""
    x, y, z = (directions[..., i] for i in range(3))
    sine = np.hypot(x, y)
    scale = np.arctan2(sine, z) / np.maximum(sine, np.float32(1e-6))
    return np.stack([-y * scale, x * scale], -1)


def _matrices(quaternions: Array, basis: Array) -> Array:
    """Matrices (…, 4, 4) by which a product with these quaternions (…, 4) multiplies the other factor."""
    return (quaternions @ basis).reshape(*quaternions.shape, 4)


_UNITS = np.eye(4, dtype=np.float32)
_LEFT = np.stack([multiply(_UNITS[i], _UNITS).T for i in range(4)]).reshape(4, 16)
_RIGHT = np.stack([multiply(_UNITS, _UNITS[i]).T for i in range(4)]).reshape(4, 16)
"""One non-zero number in each column, so that `_matrices` gives the same bits for any number of rows."""


def _relative_to_head(rotations: Array) -> Array:
    """Pitch and yaw (count, 2, 2) of both eyes within the head, limited to their range."""
    joints = _matrices(rotations[:, HEAD_CHAIN], _LEFT)
    head = joints[:, 0]
    for i in range(1, len(HEAD_CHAIN)):
        head = head @ joints[:, i]
    back = _matrices(head[:, :, 3], _RIGHT) @ head.transpose(0, 2, 1)  # the matrix of v -> inverse(q) v q
    seen = directions(rotations[:, EYES]) @ back[:, :3, :3].transpose(0, 2, 1)
    return np.clip(turns(seen), -_LIMITS, _LIMITS)
