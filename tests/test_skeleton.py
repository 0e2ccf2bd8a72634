import numpy as np
import pytest

from bridge.skeleton import (
    JOINT_INDEX,
    JOINTS,
    Array,
    from_rotation_vector,
    multiply,
    normalised,
    rest_rotations,
    rotation_vector,
    scaled,
)


def vectors(count: int, longest: float = 3.1) -> Array:
    """Rotation vectors of every direction, up to `longest` radians."""
    rng = np.random.default_rng(1)
    axes = rng.normal(size=(count, 3))
    axes /= np.linalg.norm(axes, axis=-1, keepdims=True)
    return (axes * rng.uniform(0, longest, (count, 1))).astype(np.float32)


def test_parents_stand_before_their_children() -> None:
    assert [joint.parent for joint in JOINTS].count(-1) == 1
    assert all(joint.parent < i for i, joint in enumerate(JOINTS))
    assert len(JOINT_INDEX) == len(JOINTS) == 22


def test_the_skeleton_is_its_own_mirror_image() -> None:
    for joint in JOINTS:
        if joint.name.startswith("left"):
            other = JOINTS[JOINT_INDEX["right" + joint.name[4:]]]
            assert other.offset == (-joint.offset[0], *joint.offset[1:])


def test_rotation_vectors_survive_the_way_there_and_back() -> None:
    v = vectors(500)
    np.testing.assert_allclose(rotation_vector(from_rotation_vector(v)), v, atol=1e-5)
    np.testing.assert_allclose(rotation_vector(-from_rotation_vector(v)), v, atol=1e-5)


@pytest.mark.parametrize("angle", [0.0, 1e-9, 1e-6, 1e-4])
def test_the_smallest_rotations_are_exact(angle: float) -> None:
    v = np.array([0, angle, 0], np.float32)
    q = from_rotation_vector(v)
    assert abs(np.linalg.norm(q) - 1) < 1e-6
    np.testing.assert_allclose(rotation_vector(q), v, atol=1e-10)


def test_a_half_turn_stays_a_half_turn() -> None:
    assert np.linalg.norm(rotation_vector(np.array([0, 1, 0, 0], np.float32))) == pytest.approx(np.pi, abs=1e-5)


def test_products_rotate_by_the_second_factor_first() -> None:
    yaw, pitch = from_rotation_vector([0, np.pi / 2, 0]), from_rotation_vector([np.pi / 2, 0, 0])
    ahead = np.array([0, 0, 1, 0], np.float32)  # +Z as a pure quaternion
    q = multiply(yaw, pitch)
    turned = multiply(multiply(q, ahead), q * np.array([-1, -1, -1, 1], np.float32))
    np.testing.assert_allclose(turned[:3], [0, -1, 0], atol=1e-6)  # pitched down; then yaw leaves it there


def test_products_are_associative_and_keep_length() -> None:
    a, b, c = (from_rotation_vector(part) for part in vectors(300).reshape(3, 100, 3))
    np.testing.assert_allclose(multiply(multiply(a, b), c), multiply(a, multiply(b, c)), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(multiply(a, b), axis=-1), 1, atol=1e-6)
    assert np.array_equal(multiply(a, rest_rotations(1)[0, :1]), a)


def test_normalising_takes_zeros_for_rest() -> None:
    q = normalised(np.array([[0, 0, 0, 0], [0, 3, 0, 4]], np.float32))
    np.testing.assert_allclose(q, [[0, 0, 0, 1], [0, 0.6, 0, 0.8]], atol=1e-7)


def test_scaling_goes_from_rest_to_the_rotation_along_the_same_axis() -> None:
    v = vectors(200, np.radians(90))
    q = from_rotation_vector(v)
    for weight in (0.0, 0.25, 0.5, 0.75, 1.0):
        part = rotation_vector(scaled(q, np.full(len(q), weight, np.float32)))
        np.testing.assert_allclose(part, v * weight, atol=np.radians(2.2))
        np.testing.assert_allclose(np.cross(part, v), 0, atol=1e-5)
    np.testing.assert_allclose(scaled(-q, np.ones(len(q), np.float32)), q, atol=1e-6)
