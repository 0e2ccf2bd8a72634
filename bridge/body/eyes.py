"""Where the eyes look: joints, and the curves that say the same to rigs without eye joints."""

import math

import numpy as np

from bridge.body.bounds import EYES
from bridge.body.noise import Floats
from bridge.curves import INDEX
from bridge.skeleton import JOINT_INDEX, Array, from_rotation_vector, multiply

YAW_RANGE, PITCH_RANGE = math.radians(30.0), math.radians(25.0)
"""Turn at which an eyeLook curve is 1. Eyes can reach 50 degrees, but people turn their head rather than pass 30
(Stahl 1999, Exp. Brain Res. 126)."""

LID_DOWN, LID_UP = 0.3, 0.25
"""eyeBlink and eyeWide per full eyeLookDown and eyeLookUp. Lids follow vertical gaze closely (Becker & Fuchs 1988, Exp.
Brain Res. 69); eyeLookDown shapes commonly carry a part of it already, so this is the rest."""

_LIMITS = np.array([PITCH_RANGE, YAW_RANGE], np.float32)

_CARRIERS = JOINT_INDEX["head"] + 1
"""The first joints, hips to head, carry the eyes."""

_LOOK = [INDEX[f"eyeLook{way}{side}"] for way in ("Out", "In", "Down", "Up") for side in ("Left", "Right")]
BLINK = [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]
WIDE = [INDEX["eyeWideLeft"], INDEX["eyeWideRight"]]

_OUTWARD = np.array([1, -1], np.float32)  # to the left is out for the left eye, in for the right
_DOWN_LEFT = np.array([-1, 1], np.float32)
_TINY = np.float32(1e-6)


def saccade_seconds(turn: Floats) -> Floats:
    """Seconds of a saccade over `turn` radians: 25 ms and 2.4 ms a degree (Lee, Badler & Badler 2002, "Eyes Alive")."""
    return 0.025 + 0.0024 * np.degrees(np.abs(turn))


def eye_rotations(yaw: Floats | Array, pitch: Floats | Array) -> Array:
    """Quaternions (…, 4) of eyes by yaw to the character's left and pitch down, radians; no roll (Listing's law)."""
    return from_rotation_vector(np.stack([pitch, yaw, np.zeros_like(yaw)], -1))


def settle(rotations: Array, curves: Array) -> Array:
    """Turn eyes that hold directions in model space into joints of a head that moves: the vestibulo-ocular reflex.

    So they stay on what they look at whatever the body does, within their range. Takes rotations (count, 22, 4), gives
    them with the eyes relative to the head; curves (count, 52) within 0..1 get eyeLook set, and lids that follow it.
    """
    turn = _relative_to_head(rotations)
    out = rotations.copy()
    out[:, EYES] = eye_rotations(turn[..., 1], turn[..., 0])
    pitch, yaw = turn[..., 0] / PITCH_RANGE, turn[..., 1] / YAW_RANGE
    outward = yaw * _OUTWARD
    curves[:, _LOOK] = np.maximum(np.concatenate((outward, -outward, pitch, -pitch), 1), 0)
    closed = curves[:, BLINK]
    curves[:, BLINK] = closed + LID_DOWN * np.maximum(pitch, 0) * (1 - closed)
    # a lid that shuts is no longer wide, or a blink in surprise would leave a gap
    curves[:, WIDE] = np.minimum(curves[:, WIDE] + LID_UP * np.maximum(-pitch, 0), 1) * (1 - closed)
    return out


def directions(rotations: Array) -> Array:
    """Unit vectors (…, 3) along which eyes of these quaternions (…, 4) look."""
    x, y, z, w = (rotations[..., i] for i in range(4))
    out = np.empty((*rotations.shape[:-1], 3), np.float32)
    out[..., 0] = 2 * (x * z + w * y)
    out[..., 1] = 2 * (y * z - w * x)
    out[..., 2] = 1 - 2 * (x * x + y * y)
    return out


def turns(directions: Array) -> Array:
    """Pitch down and yaw to the left (…, 2), radians, of eyes that look along unit vectors (…, 3)."""
    sine = np.hypot(directions[..., 0], directions[..., 1])
    scale = np.arctan2(sine, directions[..., 2]) / np.maximum(sine, _TINY)
    return np.asarray(directions[..., 1::-1] * (scale[..., None] * _DOWN_LEFT), np.float32)


def _matrices(quaternions: Array, basis: Array) -> Array:
    """Matrices (…, 4, 4) by which a product with these quaternions (…, 4) multiplies the other factor."""
    return (quaternions @ basis).reshape(*quaternions.shape, 4)


_UNITS = np.eye(4, dtype=np.float32)
_LEFT = np.stack([multiply(_UNITS[i], _UNITS).T for i in range(4)]).reshape(4, 16)
_RIGHT = np.stack([multiply(_UNITS, _UNITS[i]).T for i in range(4)]).reshape(4, 16)
"""One non-zero number in each column, so that `_matrices` gives the same bits for any number of rows."""


def _relative_to_head(rotations: Array) -> Array:
    """Pitch and yaw (count, 2, 2) of both eyes within the head, limited to their range."""
    joints = _matrices(rotations[:, :_CARRIERS], _LEFT)
    head = joints[:, 0]
    for i in range(1, _CARRIERS):
        head = head @ joints[:, i]
    back = _matrices(head[:, :, 3], _RIGHT) @ head.transpose(0, 2, 1)  # the matrix of v -> inverse(q) v q
    seen = directions(rotations[:, EYES]) @ back[:, :3, :3].transpose(0, 2, 1)
    return np.minimum(np.maximum(turns(seen), -_LIMITS), _LIMITS)
