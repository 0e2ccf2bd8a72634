"""What live emphasis does to brows and head: small, smooth, and gone when it is."""

import numpy as np

from bridge.body.bounds import MAX_JOINT_SPEED, angular_speed
from bridge.body.emphasis import NOD, Emphasis, emphasised
from bridge.curves import INDEX
from bridge.frames import FRAME_RATE
from bridge.skeleton import JOINT_INDEX, rotation_vector

ACCENT = np.concatenate([np.zeros(10), np.ones(15), np.zeros(95)]).astype(np.float32)


def test_an_accent_raises_the_brows_and_lowers_the_head_for_a_while() -> None:
    motion = emphasised(Emphasis().follow(ACCENT))
    brows, head = motion.curves[:, INDEX["browInnerUp"]], rotation_vector(motion.rotations)[:, JOINT_INDEX["head"], 0]
    assert 0.1 < brows.max() < 0.3
    assert 0.5 < np.degrees(head.max()) < NOD
    for moved in (brows, head):
        assert not moved[:10].any()
        assert 10 < moved.argmax() < 35
        assert moved[-1] < 0.02 * moved.max()


def test_nothing_jerks_even_where_the_ear_does() -> None:
    noise = np.random.default_rng(1).integers(0, 2, 600).astype(np.float32)
    motion = emphasised(Emphasis().follow(noise))
    assert angular_speed(motion.rotations).max() < MAX_JOINT_SPEED / 4
    speed = np.diff(motion.curves, axis=0) * FRAME_RATE
    assert np.abs(speed).max() < 3
    assert np.abs(np.diff(speed, axis=0)).max() < 1


def test_frames_may_come_in_any_pieces() -> None:
    follower = Emphasis()
    pieces = np.concatenate([follower.follow(ACCENT[i : i + 7]) for i in range(0, len(ACCENT), 7)])
    np.testing.assert_array_equal(pieces, Emphasis().follow(ACCENT))
