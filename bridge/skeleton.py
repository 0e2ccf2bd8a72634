"""The body's vocabulary: 22 joints of the VRM 1.0 humanoid, and the few quaternion operations that poses need.

Space: right-handed, metres, Y up, the character faces +Z, +X is its left (glTF, VRM 1.0). The rest pose is a T-pose in
which every joint's axes are parallel to the model's, so a rotation is parent-local and relative to rest at once.
Quaternions are x, y, z, w, along the last axis of an array.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


class Joint(NamedTuple):
    """A joint, its parent's index (-1 for the root) and its rest position relative to the parent in metres."""

    name: str
    parent: int
    offset: tuple[float, float, float]


JOINTS: tuple[Joint, ...] = (
    Joint("hips", -1, (0.0, 0.88, 0.0)),
    Joint("spine", 0, (0.0, 0.08, 0.0)),
    Joint("chest", 1, (0.0, 0.12, 0.0)),
    Joint("upperChest", 2, (0.0, 0.11, 0.0)),
    Joint("neck", 3, (0.0, 0.13, -0.01)),
    Joint("head", 4, (0.0, 0.08, 0.01)),
    Joint("leftEye", 5, (0.03, 0.07, 0.07)),
    Joint("rightEye", 5, (-0.03, 0.07, 0.07)),
    Joint("leftShoulder", 3, (0.03, 0.09, 0.0)),
    Joint("leftUpperArm", 8, (0.10, 0.0, -0.01)),
    Joint("leftLowerArm", 9, (0.24, 0.0, 0.0)),
    Joint("leftHand", 10, (0.22, 0.0, 0.0)),
    Joint("rightShoulder", 3, (-0.03, 0.09, 0.0)),
    Joint("rightUpperArm", 12, (-0.10, 0.0, -0.01)),
    Joint("rightLowerArm", 13, (-0.24, 0.0, 0.0)),
    Joint("rightHand", 14, (-0.22, 0.0, 0.0)),
    Joint("leftUpperLeg", 0, (0.09, -0.04, 0.0)),
    Joint("leftLowerLeg", 16, (0.0, -0.39, 0.0)),
    Joint("leftFoot", 17, (0.0, -0.38, -0.02)),
    Joint("rightUpperLeg", 0, (-0.09, -0.04, 0.0)),
    Joint("rightLowerLeg", 19, (0.0, -0.39, 0.0)),
    Joint("rightFoot", 20, (0.0, -0.38, -0.02)),
)
"""A person of about 1.6 m. Names are VRM 1.0's; a parent always stands before its children."""

JOINT_INDEX: dict[str, int] = {joint.name: i for i, joint in enumerate(JOINTS)}


def rest_rotations(count: int) -> Array:
    """`count` rows of identity quaternions, float32 (count, joints, 4)."""
    out = np.zeros((count, len(JOINTS), 4), np.float32)
    out[..., 3] = 1
    return out


def multiply(a: Array, b: Array) -> Array:
    """The Hamilton product a·b: rotate by b first, then by a. Shapes broadcast over all axes but the last."""
    ax, ay, az, aw = a[..., 0], a[..., 1], a[..., 2], a[..., 3]
    bx, by, bz, bw = b[..., 0], b[..., 1], b[..., 2], b[..., 3]
    out = np.empty(np.broadcast_shapes(a.shape, b.shape), np.float32)
    out[..., 0] = aw * bx + ax * bw + ay * bz - az * by
    out[..., 1] = aw * by - ax * bz + ay * bw + az * bx
    out[..., 2] = aw * bz + ax * by - ay * bx + az * bw
    out[..., 3] = aw * bw - ax * bx - ay * by - az * bz
    return out


def normalised(q: Array) -> Array:
    """Unit quaternions; a row of zeros becomes the identity."""
    length = np.linalg.norm(q, axis=-1, keepdims=True)
    identity = np.array([0, 0, 0, 1], np.float32)
    return np.where(length > 1e-6, q / np.maximum(length, 1e-6), identity).astype(np.float32)


_TINY = np.float32(1e-30)


def from_rotation_vector(v: npt.ArrayLike) -> Array:
    """Quaternions (…, 4) from rotation vectors (…, 3): the axis times the angle in radians."""
    v = np.asarray(v, np.float32)
    x, y, z = v[..., 0], v[..., 1], v[..., 2]
    half = np.sqrt(x * x + y * y + z * z + _TINY) / 2  # never 0, so that it may be divided by
    out = np.empty((*v.shape[:-1], 4), np.float32)
    out[..., :3] = v * (np.sin(half) / half / 2)[..., None]
    out[..., 3] = np.cos(half)
    return out


def rotation_vector(q: Array) -> Array:
    """The inverse of `from_rotation_vector`: the shorter way round, so at most pi long."""
    q = np.where(q[..., 3:] < 0, -q, q)
    sine = np.linalg.norm(q[..., :3], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, q[..., 3:])
    scale = np.where(sine > 1e-7, angle / np.maximum(sine, 1e-7), 2.0)
    return (q[..., :3] * scale).astype(np.float32)


def scaled(q: Array, weight: Array) -> Array:
    """Rotations (…, 4) turned back towards rest, weight (…) 0 being rest and 1 the rotation itself, bit by bit.

    A normalised lerp along the shorter way: its speed is even enough below a right angle, where poses move.
    """
    near = np.where(q[..., 3:] < 0, -q, q)
    out = (near * weight[..., None]).astype(np.float32)
    out[..., 3] += 1 - weight
    return np.where(weight[..., None] == 1, near, normalised(out))
