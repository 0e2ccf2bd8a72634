"""Eyes that turn: the iris stays in front of the white."""

import numpy as np
import pytest

from bridge.avatar.face import Face
from bridge.avatar.features import IRIS_FOLLOWS, WHITE_DEPTH, eye_joint, iris
from bridge.avatar.params import DEFAULT, Params
from bridge.skeleton import from_rotation_vector


def turned(points: np.ndarray, yaw: float, pitch: float) -> np.ndarray:
    """Points about the origin, turned to the left and down by radians."""
    x, y, z, w = (float(v) for v in from_rotation_vector([pitch, yaw, 0.0]))
    axis = np.array([x, y, z])
    across = 2 * np.cross(axis, points)
    return points + w * across + np.cross(axis, across)


@pytest.mark.parametrize("params", [DEFAULT, *(Params.random(seed) for seed in range(5))], ids=lambda p: p.eye_colour)
def test_the_iris_never_sinks_into_the_white(params: Params) -> None:
    face = Face(params)
    joint, disc, eye = eye_joint(face), iris(face).positions, face.eye
    for yaw in np.radians([-30, -15, 0, 15, 30]):
        for pitch in np.radians([-10, 0, 10]):
            moved = (1 - IRIS_FOLLOWS) * disc + IRIS_FOLLOWS * (joint + turned(disc - joint, yaw, pitch))
            t = np.clip((moved[:, 0] - eye.inner) / (eye.outer - eye.inner), 0, 1)
            seen = (moved[:, 0] > eye.inner) & (moved[:, 0] < eye.outer)
            seen &= (moved[:, 1] > eye.line(t) - eye.drop) & (moved[:, 1] < eye.line(t) + eye.rise)
            white = face.surface.depth(moved[:, 0], moved[:, 1]) - WHITE_DEPTH
            assert seen.any()
            assert (moved[:, 2] - white)[seen].min() > -0.01
