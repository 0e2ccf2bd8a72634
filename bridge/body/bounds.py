"""How fast the body may move. No layer exceeds these, and neither may their sum; the tests hold them to it."""

import numpy as np

from bridge.body.kinematics import inverse
from bridge.frames import FRAME_RATE
from bridge.skeleton import JOINT_INDEX, Array, multiply, rotation_vector

EYES = (JOINT_INDEX["leftEye"], JOINT_INDEX["rightEye"])

MAX_JOINT_SPEED = np.radians(200.0)
"""Radians a second, every joint but the eyes. Heads in free gaze shifts reach more (Guitton & Volle 1987, J.
Neurophysiol. 58), but a performer who does so looks startled."""

MAX_EYE_SPEED = np.radians(700.0)
"""Radians a second. Human saccades saturate near here (Bahill, Clark & Stark 1975, Math. Biosci. 24: the main
sequence)."""

MAX_LID_SPEED = 25.0
"""Weight a second of eyeBlink and eyeLook curves: a lid shuts in 80 ms at the fastest."""

MAX_CURVE_SPEED = 6.0
"""Weight a second of every other curve of the body's layers."""


def angular_speed(rotations: Array) -> Array:
    """Radians a second of each joint between neighbouring frames: (count, joints, 4) to (count - 1, joints)."""
    turn = rotation_vector(multiply(inverse(rotations[:-1]), rotations[1:]))
    return np.asarray(np.linalg.norm(turn, axis=-1) * FRAME_RATE, np.float32)
