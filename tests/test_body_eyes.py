import numpy as np
import pytest

from bridge.body.bounds import EYES, angular_speed
from bridge.body.eyes import (
    LID_DOWN,
    LID_UP,
    PITCH_RANGE,
    YAW_RANGE,
    directions,
    eye_rotations,
    saccade_seconds,
    settle,
    turns,
)
from bridge.curves import CURVES, INDEX
from bridge.skeleton import JOINT_INDEX, Array, from_rotation_vector, multiply, rest_rotations, rotation_vector

LOOK = [i for i, name in enumerate(CURVES) if name.startswith("eyeLook")]
CHAIN = [JOINT_INDEX[name] for name in ("hips", "spine", "chest", "upperChest", "neck", "head")]


def looking(yaw: float, pitch: float, closed: float = 0.0) -> tuple[Array, dict[str, float]]:
    """Eyes (2, 3) in degrees and curves of a straight body whose eyes hold a direction in degrees."""
    rotations = rest_rotations(1)
    rotations[:, EYES] = eye_rotations(np.array(np.radians(yaw)), np.array(np.radians(pitch)))
    curves = np.zeros((1, len(CURVES)), np.float32)
    curves[:, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] = closed
    out = settle(rotations, curves)
    return np.degrees(rotation_vector(out[0, EYES])), {n: float(v) for n, v in zip(CURVES, curves[0], strict=True) if v}


def bodies(count: int) -> Array:
    """Random postures of the trunk with eyes that hold random directions."""
    rng = np.random.default_rng(0)
    rotations = rest_rotations(count)
    rotations[:, CHAIN] = from_rotation_vector(rng.uniform(-1, 1, (count, len(CHAIN), 3)) * np.radians(4))
    yaw, pitch = rng.uniform(-1, 1, (2, count, 2)) * np.radians(8)
    rotations[:, EYES] = eye_rotations(yaw, pitch)
    return rotations


def test_a_saccade_of_10_degrees_takes_49_ms() -> None:
    assert saccade_seconds(np.radians([10.0, -10.0])) == pytest.approx([0.049, 0.049])


def test_eyes_turn_to_the_left_and_down_for_positive_angles() -> None:
    left = directions(eye_rotations(np.array(np.pi / 2), np.array(0.0)))
    down = directions(eye_rotations(np.array(0.0), np.array(np.pi / 2)))
    np.testing.assert_allclose([left, down], [[1, 0, 0], [0, -1, 0]], atol=1e-6)


def test_turns_are_the_inverse_of_directions() -> None:
    yaw, pitch = np.random.default_rng(0).uniform(-1.2, 1.2, (2, 300))
    back = turns(directions(eye_rotations(yaw, pitch)))
    np.testing.assert_allclose(back, np.stack([pitch, yaw], -1), atol=1e-5)
    assert not turns(np.array([0, 0, 1], np.float32)).any()


@pytest.mark.parametrize(
    ("yaw", "pitch", "names"),
    [
        (12, 0, {"eyeLookOutLeft", "eyeLookInRight"}),
        (-12, 0, {"eyeLookInLeft", "eyeLookOutRight"}),
        (0, -10, {"eyeLookUpLeft", "eyeLookUpRight", "eyeWideLeft", "eyeWideRight"}),
        (0, 10, {"eyeLookDownLeft", "eyeLookDownRight", "eyeBlinkLeft", "eyeBlinkRight"}),
        (0, 0, set()),
    ],
)
def test_curves_say_what_the_joints_do(yaw: float, pitch: float, names: set[str]) -> None:
    eyes, curves = looking(yaw, pitch)
    np.testing.assert_allclose(eyes, [[pitch, yaw, 0]] * 2, atol=1e-3)
    shown = {name: weight for name, weight in curves.items() if weight > 1e-5}
    assert set(shown) == names
    for name, weight in shown.items():
        if name.startswith("eyeLook"):
            expected = abs(np.radians(yaw)) / YAW_RANGE + abs(np.radians(pitch)) / PITCH_RANGE
            assert weight == pytest.approx(expected, abs=1e-4)


def test_lids_follow_the_eyes_a_little_and_stay_shut_in_a_blink() -> None:
    assert looking(0, 25)[1]["eyeBlinkLeft"] == pytest.approx(LID_DOWN, abs=1e-3)
    assert looking(0, -25)[1]["eyeWideRight"] == pytest.approx(LID_UP, abs=1e-3)
    assert looking(0, 25, closed=1)[1]["eyeBlinkLeft"] == 1


def test_eyes_never_leave_their_range() -> None:
    for yaw, pitch in ((80, 0), (-80, 40), (0, -70), (179, 0)):
        eyes, curves = looking(yaw, pitch)
        assert np.all(np.abs(eyes[:, 0]) <= np.degrees(PITCH_RANGE) + 1e-3)
        assert np.all(np.abs(eyes[:, 1]) <= np.degrees(YAW_RANGE) + 1e-3)
        assert max(curves.values()) <= 1 + 1e-6


def test_eyes_hold_their_direction_whatever_the_head_does() -> None:
    before = bodies(400)
    after = settle(before, np.zeros((400, len(CURVES)), np.float32))
    head = after[:, CHAIN[0]]
    for joint in CHAIN[1:]:
        head = multiply(head, after[:, joint])
    held = directions(multiply(head[:, None], after[:, EYES]))
    turn = np.degrees(np.abs(rotation_vector(after[:, EYES])))
    inside = (turn[..., 0] < np.degrees(PITCH_RANGE) - 0.01) & (turn[..., 1] < np.degrees(YAW_RANGE) - 0.01)
    assert inside.mean() > 0.7
    np.testing.assert_allclose(held[inside], directions(before[:, EYES])[inside], atol=1e-5)
    others = [i for i in range(22) if i not in EYES]
    assert np.array_equal(after[:, others], before[:, others])


def test_a_frame_does_not_depend_on_its_neighbours() -> None:
    rotations = bodies(60)
    curves = np.zeros((60, len(CURVES)), np.float32)
    whole = settle(rotations, curves)
    for first, last in ((0, 1), (5, 11), (59, 60), (10, 50)):
        part = np.zeros((last - first, len(CURVES)), np.float32)
        assert np.array_equal(settle(rotations[first:last], part), whole[first:last])
        assert np.array_equal(part, curves[first:last])


def test_angular_speed_is_in_radians_a_second() -> None:
    rotations = rest_rotations(3)
    rotations[1, 5] = from_rotation_vector([0, np.radians(1), 0])
    speed = angular_speed(rotations)
    assert speed.shape == (2, 22)
    assert np.degrees(speed[:, 5]) == pytest.approx([60, 60], rel=1e-4)
    assert not np.delete(speed, 5, axis=1).any()
