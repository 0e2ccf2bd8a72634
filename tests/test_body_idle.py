import numpy as np
import pytest

from bridge.body.bounds import EYES, MAX_CURVE_SPEED, MAX_EYE_SPEED, MAX_JOINT_SPEED, MAX_LID_SPEED, angular_speed
from bridge.body.eyes import settle
from bridge.body.idle import BLOCK, BLOCKS, Idle, breath
from bridge.body.kinematics import positions
from bridge.curves import CURVES, INDEX
from bridge.frames import FRAME_RATE, Motion
from bridge.skeleton import JOINT_INDEX, Array, rest_rotations, rotation_vector

MINUTE = 60 * FRAME_RATE
LID_CURVES = [i for i, name in enumerate(CURVES) if name.startswith(("eyeBlink", "eyeLook", "eyeWide"))]


def settled(motion: Motion) -> Motion:
    """With eyes as joints of the head."""
    curves = motion.curves.copy()
    return Motion(curves, settle(motion.rotations, curves), motion.root)


def places(motion: Motion, *joints: str) -> Array:
    return positions(motion.rotations, motion.root)[:, [JOINT_INDEX[joint] for joint in joints]]


def same(a: Motion, b: Motion) -> bool:
    return all(np.array_equal(x, y) for x, y in ((a.curves, b.curves), (a.rotations, b.rotations), (a.root, b.root)))


def test_one_motion_however_it_is_asked_for() -> None:
    count = 3 * BLOCK + 50
    whole = Idle(1).motion(0, count)
    rng = np.random.default_rng(0)
    idle = Idle(1)
    for first in [*range(0, count, 6), *rng.integers(0, count, 30)]:
        n = min(int(rng.integers(1, 9)), count - first)
        rows = slice(first, first + n)
        piece = Motion(whole.curves[rows], whole.rotations[rows], whole.root[rows])
        assert same(idle.motion(int(first), n), piece)
    assert len(idle.motion(5, 0)) == 0


def test_a_seed_is_a_person() -> None:
    assert same(Idle(7).motion(500, 100), Idle(7).motion(500, 100))
    assert not np.allclose(Idle(7).motion(500, 100).rotations, Idle(8).motion(500, 100).rotations, atol=1e-3)


def test_what_is_kept_is_bounded_and_cannot_be_spoilt() -> None:
    idle = Idle(1)
    for first in range(0, 20 * BLOCK, BLOCK):
        idle.motion(first, 10)
    assert len(idle._blocks) <= BLOCKS
    with pytest.raises(ValueError, match="read-only"):
        idle.motion(0, 10).curves[:] = 1


def test_the_stance_is_relaxed_and_much_the_same_on_both_sides() -> None:
    motion = Idle(2).motion(0, 5 * MINUTE)
    hands = places(motion, "leftHand", "rightHand")
    assert 0.7 < hands[..., 1].mean() < 0.9  # beside the thighs
    assert 0.15 < np.abs(hands[..., 0]).mean() < 0.35
    assert hands[..., 2].mean() > 0.02  # a little before the body
    assert np.abs(hands[:, 0, 0].mean() + hands[:, 1, 0].mean()) < 0.06
    arms = places(motion, "leftUpperArm", "leftLowerArm")
    down = np.degrees(np.arcsin((arms[:, 0, 1] - arms[:, 1, 1]) / 0.24))
    assert down.min() > 66
    assert down.max() < 82


@pytest.mark.parametrize("seed", range(4))
def test_feet_stay_planted_while_the_weight_shifts(seed: int) -> None:
    motion = Idle(seed).motion(0, 5 * MINUTE)
    rest = positions(rest_rotations(1), np.zeros((1, 3), np.float32))
    feet = places(motion, "leftFoot", "rightFoot") - rest[:, [JOINT_INDEX["leftFoot"], JOINT_INDEX["rightFoot"]]]
    assert np.abs(feet).max() < 1e-3
    assert 0.02 < np.ptp(motion.root[:, 0]) < 0.08
    assert np.ptp(motion.root[:, 1]) < 0.02


def test_the_head_wanders_but_stays_upright_and_over_the_feet() -> None:
    motion = Idle(4).motion(0, 10 * MINUTE)
    head = places(motion, "head")[:, 0]
    assert np.abs(head[:, 0]).max() < 0.09
    assert np.ptp(head[:, 1]) < 0.02
    turn = np.degrees(rotation_vector(motion.rotations[:, JOINT_INDEX["head"]]))
    assert np.all(np.std(turn, 0) > 0.5)
    assert np.abs(turn - turn.mean(0)).max() < 10


@pytest.mark.parametrize("seed", range(8))
def test_people_breathe_12_to_16_times_a_minute_out_longer_than_in(seed: int) -> None:
    lungs = breath(seed, np.arange(10 * MINUTE) / FRAME_RATE)
    rising = np.diff(lungs) > 0
    breaths = np.flatnonzero(rising[1:] & ~rising[:-1])
    assert 12 <= len(breaths) / 10 <= 16
    assert np.std(np.diff(breaths)) > 1  # no metronome
    assert rising.mean() == pytest.approx(0.42, abs=0.03)
    assert lungs.min() >= 0
    assert lungs.max() <= 1
    assert np.abs(np.diff(lungs, 2)).max() < 0.003


def test_breath_lifts_chest_and_shoulders() -> None:
    t = np.arange(5 * MINUTE) / FRAME_RATE
    motion = Idle(6).motion(0, 5 * MINUTE)
    shoulder = rotation_vector(motion.rotations[:, JOINT_INDEX["leftShoulder"]])[:, 2]
    assert np.corrcoef(breath(6, t), shoulder)[0, 1] > 0.99
    lift = places(motion, "leftUpperArm")[:, 0, 1] - places(motion, "upperChest")[:, 0, 1]
    assert 0.0005 < np.std(lift) < 0.005


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_too_fast(seed: int) -> None:
    motion = settled(Idle(seed).motion(0, 3 * MINUTE))
    joints = angular_speed(motion.rotations)
    curves = np.abs(np.diff(motion.curves, axis=0)) * FRAME_RATE
    assert joints[:, EYES].max() <= MAX_EYE_SPEED
    assert np.delete(joints, EYES, axis=1).max() <= MAX_JOINT_SPEED / 10  # idle life is calm
    assert curves[:, LID_CURVES].max() <= MAX_LID_SPEED
    assert np.delete(curves, LID_CURVES, axis=1).max() <= MAX_CURVE_SPEED


def test_speeds_do_not_jump_where_blocks_meet() -> None:
    motion = Idle(3).motion(0, 20 * BLOCK)
    body = np.delete(rotation_vector(motion.rotations), EYES, axis=1)
    assert np.abs(np.diff(body, 2, axis=0)).max() * FRAME_RATE < np.radians(1)  # degrees a second, each frame
    assert np.abs(np.diff(motion.root, 2, axis=0)).max() < 5e-5


def test_curves_stay_within_their_range_and_the_face_is_alive() -> None:
    motion = settled(Idle(5).motion(0, 3 * MINUTE))
    assert motion.curves.min() >= 0
    assert motion.curves.max() <= 1
    assert np.std(motion.curves[:, INDEX["browInnerUp"]]) > 0.005
    assert motion.curves[:, INDEX["jawOpen"]].max() == 0  # the mouth stays shut


def test_eyes_stay_on_the_other_s_face_while_the_head_drifts() -> None:
    motion = Idle(5).motion(0, 3 * MINUTE)
    head = rotation_vector(motion.rotations[:, JOINT_INDEX["head"]])[:, 1]
    eyes = rotation_vector(settled(motion).rotations[:, EYES[0]])[:, 1]
    assert np.corrcoef(head, eyes)[0, 1] < -0.5


def test_life_goes_on_for_days() -> None:
    motion = settled(Idle(1).motion(30 * 24 * 60 * MINUTE, MINUTE))
    assert np.isfinite(motion.rotations).all()
    assert angular_speed(motion.rotations).max() <= MAX_EYE_SPEED
    assert motion.curves[:, INDEX["eyeBlinkLeft"]].max() > 0.9
