import numpy as np
import pytest

from bridge.body.bounds import EYES, MAX_EYE_SPEED, MAX_JOINT_SPEED, angular_speed
from bridge.body.eyes import directions, settle
from bridge.body.gaze import HEAD_REACH, REACH, REMEMBERED, Gaze, aim
from bridge.body.idle import Idle
from bridge.body.kinematics import positions
from bridge.curves import CURVES
from bridge.frames import FRAME_RATE
from bridge.skeleton import JOINT_INDEX, Array, multiply, rest_rotations, rotation_vector

AHEAD = (0.0, 1.47, 2.0)
LEFT, RIGHT = (2.0, 1.47, 1.5), (-2.0, 1.47, 1.5)
NECK, HEAD = JOINT_INDEX["neck"], JOINT_INDEX["head"]


def seen(gaze: Gaze, rotations: Array, first: int = 0) -> Array:
    """Joints of a body (count, 22, 4) whose eyes wander as given, under a gaze."""
    return settle(gaze.turn(rotations, first, len(rotations)), np.zeros((len(rotations), len(CURVES)), np.float32))


def head_yaw(rotations: Array) -> Array:
    """Degrees to the left of neck and head together."""
    return np.degrees(rotation_vector(multiply(rotations[:, NECK], rotations[:, HEAD]))[:, 1])


def eye_yaw(rotations: Array) -> Array:
    return np.degrees(rotation_vector(rotations[:, EYES])[:, :, 1].mean(1))


def looking(*looks: tuple[float, tuple[float, float, float] | None]) -> Gaze:
    gaze = Gaze()
    for time_s, target in looks:
        gaze.look_at(time_s, target)
    return gaze


def test_free_gaze_changes_nothing() -> None:
    idle = Idle(1).motion(0, 120).rotations
    gaze = Gaze()
    assert not gaze.active(0, 120)
    np.testing.assert_allclose(gaze.turn(idle, 0, 120), idle, atol=1e-6)


@pytest.mark.parametrize("target", [(0.5, 1.47, 1), (-1, 1.2, 1), (0.3, 1.8, 0.8), (0, 1.5, 0.6), (1.0, 1.3, 1.1)])
def test_both_eyes_meet_at_the_target_whatever_the_body_does(target: tuple[float, float, float]) -> None:
    idle = Idle(3).motion(0, 600)
    rotations = seen(looking((0.1, target)), idle.rotations)
    head = rotations[:, 0]
    for joint in ("spine", "chest", "upperChest", "neck", "head"):
        head = multiply(head, rotations[:, JOINT_INDEX[joint]])
    look = directions(multiply(head[:, None], rotations[:, EYES]))
    way = np.array(target, np.float32) - positions(rotations, idle.root)[:, EYES]
    cosine = (look * way).sum(-1) / np.linalg.norm(way, axis=-1)
    off = np.degrees(np.arccos(np.clip(cosine, -1, 1)))[60:]
    assert np.median(off) < 3  # what is left: the stance's few centimetres, and the wandering of eyes over a face
    assert off.max() < 6.5


def test_eyes_lead_and_the_head_takes_over() -> None:
    rotations = seen(looking((1.0, (1.0, 1.47, 1.9))), rest_rotations(180))  # 28 degrees to the left
    before, early, late = 59, 60 + 8, 60 + 60
    assert eye_yaw(rotations)[before] == head_yaw(rotations)[before] == 0
    assert eye_yaw(rotations)[early] > 20  # 130 ms on they are nearly there
    assert head_yaw(rotations)[early] < 4
    assert head_yaw(rotations)[late] > 17
    assert 5 < eye_yaw(rotations)[late] < 12  # turned back against the head
    gaze = head_yaw(rotations) + eye_yaw(rotations)
    assert np.ptp(gaze[60 + 8 :]) < 0.5  # while the head moves, the gaze stays


def test_the_head_moves_smoothly_and_rests_at_both_ends() -> None:
    yaw = head_yaw(looking((1.0, LEFT), (1.2, RIGHT), (1.25, AHEAD)).turn(rest_rotations(240), 0, 240))
    assert np.abs(np.diff(yaw, 2)).max() < 1.2  # degrees a frame, each frame
    assert np.abs(np.diff(yaw[:60])).max() == 0
    assert np.abs(np.diff(yaw[-60:])).max() < 1e-4


@pytest.mark.parametrize(
    "target", [(0, 1.47, -3), (9, 1.47, -9), (0, 9, 0.1), (0, -9, 0.1), (0, 1.47, 0.07), (1e9, 0, 0)]
)
def test_targets_out_of_reach_are_looked_after_only_so_far(target: tuple[float, float, float]) -> None:
    rotations = seen(looking((0.0, target)), rest_rotations(120))
    assert np.isfinite(rotations).all()
    head = rotation_vector(multiply(rotations[-1, NECK], rotations[-1, HEAD]))
    assert np.all(np.abs(head[:2]) <= HEAD_REACH + 1e-4)
    assert np.all(np.abs(aim(target)[:2]) <= REACH)
    assert np.degrees(np.abs(rotation_vector(rotations[:, EYES]))).max() <= 30.01


def test_eyes_converge_on_what_is_near() -> None:
    near, far = (
        rotation_vector(seen(looking((0.0, t)), rest_rotations(60))[-1, EYES])[:, 1] for t in ((0, 1.47, 0.4), AHEAD)
    )
    assert near[0] < -0.05  # the left eye to the right
    assert near[1] > 0.05
    assert np.abs(far).max() < 0.02


def test_none_frees_the_gaze_again() -> None:
    gaze = looking((0.5, LEFT), (1.5, None))
    assert not gaze.active(0, 30)
    assert gaze.active(30, 60)
    assert not gaze.active(160, 60)
    np.testing.assert_allclose(seen(gaze, rest_rotations(180))[-1], rest_rotations(1)[0], atol=1e-5)


def test_wandering_shrinks_but_does_not_vanish_while_something_is_looked_at() -> None:
    idle = Idle(5).motion(0, 1800).rotations
    free = idle[:, EYES[0]]
    held = looking((0.0, AHEAD)).turn(idle, 0, 1800)[:, EYES[0]]
    wander, rest = (np.degrees(np.std(rotation_vector(q)[60:, :2], 0)).max() for q in (free, held))
    assert 0.1 * wander < rest < 0.4 * wander


def test_any_stretch_may_be_asked_for_in_any_pieces() -> None:
    idle = Idle(1).motion(0, 300).rotations
    gaze = looking((0.2, LEFT), (0.25, RIGHT), (1.0, None), (1.2, AHEAD))
    whole = gaze.turn(idle, 0, 300)
    rng = np.random.default_rng(0)
    for first in rng.integers(0, 290, 60):
        count = int(rng.integers(1, 11))
        assert np.array_equal(gaze.turn(idle[first : first + count], int(first), count), whole[first : first + count])


def test_a_new_look_changes_nothing_before_it_and_drops_what_was_planned() -> None:
    idle = rest_rotations(300)
    gaze = looking((0.2, LEFT), (2.0, RIGHT))
    before = gaze.turn(idle, 0, 300)
    gaze.look_at(1.0, AHEAD)
    after = gaze.turn(idle, 0, 300)
    assert np.array_equal(before[:60], after[:60])
    assert np.array_equal(after, looking((0.2, LEFT), (1.0, AHEAD)).turn(idle, 0, 300))


def test_what_is_remembered_is_bounded() -> None:
    gaze = looking(*((i / FRAME_RATE, LEFT if i % 2 else RIGHT) for i in range(5000)))
    assert len(gaze._looks) <= REMEMBERED * FRAME_RATE + 60


def test_no_sequence_of_looks_is_too_fast() -> None:
    rng = np.random.default_rng(0)
    corners = [(-9, 1.4, 1), (9, 1.4, 1), AHEAD, (3, 5, 1), (3, -5, 1), (1, 1.4, 1), (-1, 1.4, 1)]
    for trial in range(40):
        gaze, time_s = Gaze(), 0.5
        while time_s < 3:
            gaze.look_at(time_s, None if rng.random() < 0.1 else corners[rng.integers(len(corners))])
            time_s += float(rng.choice([1 / 60, 2 / 60, 0.05, 0.1, 0.2, 0.3, 0.5]))
        speed = angular_speed(seen(gaze, Idle(trial % 10).motion(0, 300).rotations))
        assert speed[:, EYES].max() <= MAX_EYE_SPEED
        assert np.delete(speed, EYES, axis=1).max() <= MAX_JOINT_SPEED
