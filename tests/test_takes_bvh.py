"""BVH, read by a small reader of its own: every joint stands where it stood."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from bridge import takes
from bridge.body.kinematics import positions
from bridge.frames import Motion
from bridge.skeleton import JOINTS, from_rotation_vector
from bridge.takes.bvh import BvhWriter
from tests.moving import blocks, moving


@dataclass
class Joint:
    name: str
    parent: int
    offset: np.ndarray
    channels: list[str] = field(default_factory=list)


def read_bvh(text: str) -> tuple[list[Joint], float, np.ndarray]:
    """Joints in the order of their channels, seconds a frame, and a row of numbers a frame."""
    head, motion = text.split("MOTION\n")
    words = head.split()
    assert words.pop(0) == "HIERARCHY"
    joints: list[Joint] = []
    above: list[int] = []
    while words:
        word = words.pop(0)
        if word in ("ROOT", "JOINT"):
            joints.append(Joint(words.pop(0), above[-1] if above else -1, np.zeros(3)))
            at = len(joints) - 1
        elif word == "End":
            assert words.pop(0) == "Site"
            at = -1
        elif word == "{":
            above.append(at)
        elif word == "}":
            above.pop()
        elif word == "OFFSET":
            offset = np.array([float(words.pop(0)) for _ in range(3)])
            if at >= 0:
                joints[at].offset = offset
        else:
            assert word == "CHANNELS"
            joints[at].channels = [words.pop(0) for _ in range(int(words.pop(0)))]
    match = re.match(r"Frames:\s+(\d+)\nFrame Time: ([\d.]+)\n", motion)
    assert match
    rows = np.array([[float(v) for v in line.split()] for line in motion[match.end() :].splitlines()])
    assert len(rows) == int(match[1])
    return joints, float(match[2]), rows


def turn(axis: str, degrees: float) -> np.ndarray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    i, j = {"X": (1, 2), "Y": (2, 0), "Z": (0, 1)}[axis]
    out = np.eye(3)
    out[i, i] = out[j, j] = c
    out[i, j], out[j, i] = -s, s
    return out


def stand(joints: list[Joint], row: np.ndarray) -> np.ndarray:
    """Where every joint is."""
    places, matrices, values = [], [], list(row)
    for joint in joints:
        offset, matrix = joint.offset.copy(), np.eye(3)
        for channel in joint.channels:
            value = values.pop(0)
            if channel.endswith("position"):
                offset["XYZ".index(channel[0])] += value
            else:
                matrix = matrix @ turn(channel[0], value)
        above = matrices[joint.parent] if joint.parent >= 0 else np.eye(3)
        origin = places[joint.parent] if joint.parent >= 0 else np.zeros(3)
        places.append(origin + above @ offset)
        matrices.append(above @ matrix)
    assert not values
    return np.array(places)


def write(path: Path, motion: Motion) -> str:
    with takes.writer(path) as take:
        for block in blocks(motion, 7):
            take.write(block)
        take.finish()
    return path.read_text()


def test_every_joint_stands_where_it_stood(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    wild = Motion.rest(30)
    wild.rotations[:] = from_rotation_vector(rng.normal(0, 0.8, (30, len(JOINTS), 3)))
    wild.root[:] = rng.normal(0, 0.5, (30, 3))
    for motion in (moving(60), wild):
        joints, _, rows = read_bvh(write(tmp_path / "a.bvh", motion))
        assert [joint.name for joint in joints] == [joint.name for joint in JOINTS]
        expected = positions(motion.rotations, motion.root)
        for i in range(0, len(motion), 7):
            np.testing.assert_allclose(stand(joints, rows[i]), expected[i], atol=1e-4)


def test_frames_last_a_sixtieth_and_are_counted_at_every_moment(tmp_path: Path) -> None:
    path = tmp_path / "a.bvh"
    with takes.writer(path) as take:
        for i, block in enumerate(blocks(moving(12), 4)):
            take.write(block)
            _, seconds, rows = read_bvh(path.read_text())
            assert len(rows) == 4 * (i + 1)
    assert seconds == pytest.approx(1 / 60, abs=1e-7)


def test_angles_do_not_jump_round_the_circle(tmp_path: Path) -> None:
    motion = Motion.rest(100)
    motion.rotations[:, 0] = from_rotation_vector(np.linspace(0, 3 * np.pi, 100)[:, None] * [0, 0, 1])
    _, _, rows = read_bvh(write(tmp_path / "a.bvh", motion))
    assert np.abs(np.diff(rows[:, 3])).max() < 10
    assert rows[-1, 3] == pytest.approx(540, abs=0.01)


def test_a_writer_may_be_closed_at_any_time(tmp_path: Path) -> None:
    take = BvhWriter(tmp_path / "a.bvh")
    take.close()
    assert "Frames:            0" in (tmp_path / "a.bvh").read_text()
