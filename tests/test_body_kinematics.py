import numpy as np
import pytest

from bridge.body.kinematics import LEGS, inverse, planted, positions, rotate
from bridge.skeleton import JOINT_INDEX, JOINTS, Array, from_rotation_vector, multiply, rest_rotations, rotation_vector

FEET = [JOINT_INDEX["leftFoot"], JOINT_INDEX["rightFoot"]]
KNEES = [JOINT_INDEX["leftLowerLeg"], JOINT_INDEX["rightLowerLeg"]]


def standing(count: int = 300) -> tuple[Array, Array]:
    """Pelvises tilted and shifted at random, as far as legs reach."""
    rng = np.random.default_rng(2)
    hips = from_rotation_vector(rng.uniform(-1, 1, (count, 3)) * np.radians([4, 10, 4]))
    root = rng.uniform((-0.04, -0.06, -0.03), (0.04, -0.02, 0.03), (count, 3))
    return hips, root.astype(np.float32)


def posed(hips: Array, root: Array) -> Array:
    rotations = rest_rotations(len(hips))
    rotations[:, 0] = hips
    rotations[:, LEGS] = planted(hips, root)
    return rotations


def test_rotating_and_back() -> None:
    q = from_rotation_vector([[0, np.pi / 2, 0], [np.pi / 2, 0, 0], [0, 0, np.pi / 2]])
    turned = rotate(q, [[0, 0, 1], [0, 0, 1], [1, 0, 0]])
    np.testing.assert_allclose(turned, [[1, 0, 0], [0, -1, 0], [0, 1, 0]], atol=1e-6)  # left, down, up
    np.testing.assert_allclose(rotate(inverse(q), turned), [[0, 0, 1], [0, 0, 1], [1, 0, 0]], atol=1e-6)


def test_positions_at_rest_are_the_offsets_summed() -> None:
    places = positions(rest_rotations(1), np.array([[0.1, 0, 0]], np.float32))[0]
    chain = ("hips", "spine", "chest", "upperChest", "neck", "head")
    head = sum(np.array(JOINTS[JOINT_INDEX[name]].offset) for name in chain)
    np.testing.assert_allclose(places[JOINT_INDEX["head"]], np.add(head, [0.1, 0, 0]), atol=1e-6)


def test_feet_stay_where_they_stand_and_flat() -> None:
    hips, root = standing()
    rotations = posed(hips, root)
    rest = positions(rest_rotations(1), np.zeros((1, 3), np.float32))
    assert np.abs(positions(rotations, root)[:, FEET] - rest[:, FEET]).max() < 1e-5
    for side, sign in zip(("left", "right"), (1, -1), strict=True):
        world = rotations[:, 0]
        for part in ("UpperLeg", "LowerLeg", "Foot"):
            world = multiply(world, rotations[:, JOINT_INDEX[side + part]])
        assert np.abs(np.degrees(rotation_vector(world)) - [0, sign * 7, 0]).max() < 0.01


def test_knees_bend_forward_only() -> None:
    hips, root = standing()
    bend = rotation_vector(posed(hips, root)[:, KNEES])
    assert np.degrees(bend[..., 0]).min() > 0
    assert np.abs(bend[..., 1:]).max() < 1e-6


@pytest.mark.parametrize("lift", [0.05, 0.5])
def test_legs_out_of_reach_are_straight_and_finite(lift: float) -> None:
    root = np.array([[0, lift, 0]], np.float32)
    rotations = posed(from_rotation_vector(np.zeros((1, 3))), root)
    assert np.isfinite(rotations).all()
    rest = positions(rest_rotations(1), np.zeros((1, 3), np.float32))
    assert (positions(rotations, root) - rest)[0, FEET, 1] == pytest.approx(lift, abs=0.002)
