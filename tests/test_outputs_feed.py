"""Poses ahead of their time: unrounded, in order, taken back, bounded."""

import numpy as np
import pytest

from bridge.frames import Motion, Poses, frame_time_us
from bridge.outputs.feed import MOST_POSES, RAW, Ahead, read
from bridge.wire import BadMessageError, Kind, Parcel, parcels
from rigcast.v1 import session_pb2


def motion(count: int) -> Motion:
    chance = np.random.default_rng(5)
    shapes = ((count, 52), (count, 22, 4), (count, 3))
    return Motion(*(chance.random(shape).astype(np.float32) for shape in shapes))


def run(first: int, count: int, jaw: float = 0.0) -> list[Parcel]:
    poses = Motion.rest(count)
    poses.curves[:, 17] = jaw
    return list(parcels(RAW, Poses(first, 0, poses)))


def test_a_pose_arrives_as_it_was() -> None:
    made = motion(3)
    for i, parcel in enumerate(parcels(RAW, Poses(7, 0, made))):
        pose = read(parcel)
        assert pose.time_us == frame_time_us(7 + i)
        assert (pose.curves == made.curves[i]).all()
        assert (pose.rotations == made.rotations[i]).all()
        assert (pose.root == made.root[i]).all()


def test_poses_wait_for_their_time() -> None:
    ahead = Ahead()
    ahead.put(run(0, 12), 0)
    assert [p.time_us for p in ahead.due(frame_time_us(2))] == [0, 16_667, 33_333]
    assert list(ahead.due(frame_time_us(2))) == []


def test_what_is_forgotten_never_comes() -> None:
    ahead = Ahead()
    ahead.put(run(0, 12, jaw=0.9), 0)
    ahead.forget(frame_time_us(4))
    ahead.put(run(4, 8), 0)
    poses = list(ahead.due(frame_time_us(100)))
    assert [round(float(p.curves[17]), 1) for p in poses] == [0.9] * 4 + [0.0] * 8
    assert [p.time_us for p in poses] == [frame_time_us(i) for i in range(12)]


def test_only_poses_are_kept_and_the_oldest_go() -> None:
    ahead = Ahead()
    assert ahead.put([Parcel(Kind.CONTROL, 0, 0, b"")], 0)
    assert list(ahead.due(0)) == []
    for i in range(10):
        assert ahead.put(run(100 * i, 100), 0)
    poses = list(ahead.due(frame_time_us(2000)))
    assert len(poses) == MOST_POSES
    assert poses[-1].time_us == frame_time_us(999)


def test_the_wire_writes_poses_alone() -> None:
    assert RAW.encode(session_pb2.ServerMessage()) == b""
    with pytest.raises(BadMessageError):
        RAW.decode(b"")
