"""Where joints are, and how legs must bend so that feet stay."""

import numpy as np
import numpy.typing as npt

from bridge.body.noise import Floats
from bridge.skeleton import JOINT_INDEX, JOINTS, Array, from_rotation_vector, multiply


def inverse(q: Array) -> Array:
    """The way back of unit quaternions (…, 4)."""
    return q * np.array([-1, -1, -1, 1], np.float32)


def rotate(q: Array, v: npt.ArrayLike) -> Array:
    """Vectors (…, 3) turned by unit quaternions (…, 4)."""
    v = np.asarray(v, np.float32)
    pure = np.zeros((*v.shape[:-1], 4), np.float32)
    pure[..., :3] = v
    return multiply(multiply(q, pure), inverse(q))[..., :3]


def positions(rotations: Array, root: Array) -> Array:
    """Model-space positions (count, joints, 3) in metres of rotations (count, joints, 4) and root (count, 3)."""
    world: list[Array] = []
    places: list[Array] = []
    for i, joint in enumerate(JOINTS):
        offset = np.asarray(joint.offset, np.float32)
        if joint.parent < 0:
            world.append(rotations[:, i])
            places.append(root + offset)
        else:
            world.append(multiply(world[joint.parent], rotations[:, i]))
            places.append(places[joint.parent] + rotate(world[joint.parent], np.broadcast_to(offset, root.shape)))
    return np.stack(places, 1)


_SIDES = ("left", "right")
LEGS = tuple(JOINT_INDEX[side + part] for side in _SIDES for part in ("UpperLeg", "LowerLeg", "Foot"))
"""Joints that `planted` answers for, in its order."""


def _offsets(part: str) -> Floats:
    return np.array([JOINTS[JOINT_INDEX[side + part]].offset for side in _SIDES])


_PELVIS = np.array(JOINTS[0].offset)
_HIP, _KNEE, _ANKLE = _offsets("UpperLeg"), _offsets("LowerLeg"), _offsets("Foot")
_FEET = _PELVIS + _HIP + _KNEE + _ANKLE
_THIGH = np.hypot(_KNEE[:, 1], _KNEE[:, 2])
_SHIN = np.hypot(_ANKLE[:, 1], _ANKLE[:, 2])
_SHIN_SLANT = np.arctan2(-_ANKLE[:, 2], -_ANKLE[:, 1])  # the rest knee is this far from straight

_TOES_OUT = from_rotation_vector(np.radians([[0, 7, 0], [0, -7, 0]]))
"""Feet 14 degrees apart, as people like to stand (McIlroy & Maki 1997, Clin. Biomech. 12; they keep 0.17 m between
heels)."""

_HIP_FROM_TOES = rotate(inverse(_TOES_OUT), _HIP)


def planted(hips: Array, root: Array) -> Array:
    """Rotations (count, 6, 4) of LEGS that keep both feet flat where they stand at rest, toes a little out.

    hips (count, 4) and root (count, 3) are the pelvis's. The analytic solution for two bones; the knee bends over the
    toes. Where the pelvis is too high for a leg, the leg is straight and the foot leaves its place.
    """
    frame = multiply(hips[:, None], _TOES_OUT)
    reach = rotate(inverse(frame), _FEET - _PELVIS - root[:, None]) - _HIP_FROM_TOES
    x, y, z = reach[..., 0], reach[..., 1], reach[..., 2]
    cosine = (x * x + y * y + z * z - _THIGH**2 - _SHIN**2) / (2 * _THIGH * _SHIN)
    bend = np.arccos(np.clip(cosine, -1, 1))
    swing = np.arctan2(-z, np.hypot(x, y)) - np.arctan2(_SHIN * np.sin(bend), _THIGH + _SHIN * np.cos(bend))
    roll, knee = np.arctan2(x, -y), bend - _SHIN_SLANT
    out = np.empty((len(hips), 2, 3, 4), np.float32)
    out[:, :, 0] = multiply(_TOES_OUT, _roll_then_pitch(roll, swing))
    out[:, :, 1] = _roll_then_pitch(np.zeros_like(knee), knee)
    out[:, :, 2] = multiply(inverse(multiply(frame, _roll_then_pitch(roll, swing + knee))), _TOES_OUT)
    return out.reshape(len(hips), len(LEGS), 4)


def _roll_then_pitch(roll: Floats, pitch: Floats) -> Array:
    """The rotations about Z after those about X."""
    out = np.empty((*roll.shape, 4), np.float32)
    sz, cz, sx, cx = np.sin(roll / 2), np.cos(roll / 2), np.sin(pitch / 2), np.cos(pitch / 2)
    out[..., 0], out[..., 1], out[..., 2], out[..., 3] = cz * sx, sz * sx, sz * cx, cz * cx
    return out
