"""VMC: order, names, sizes, and left and right."""

import math

import numpy as np
import pytest

from bridge.curves import INDEX
from bridge.outputs.feed import Pose
from bridge.outputs.target import Target
from bridge.outputs.vmc import Vmc
from bridge.skeleton import JOINT_INDEX, JOINTS, from_rotation_vector, normalised, rest_rotations
from tests.receivers import BodyFrame, marionette, osc

TEN = math.radians(10)

HUMAN_BODY_BONES = {
    "Hips", "Spine", "Chest", "UpperChest", "Neck", "Head", "LeftEye", "RightEye",
    *(side + part for side in ("Left", "Right")
      for part in ("Shoulder", "UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot")),
}  # fmt: skip
"""Those of Unity that the rig has."""


def rest() -> Pose:
    return Pose(1_500_000, np.zeros(52, np.float32), rest_rotations(1)[0], np.zeros(3, np.float32))


def anything() -> Pose:
    chance = np.random.default_rng(7)
    rotations = normalised(chance.normal(size=(22, 4)).astype(np.float32))
    return Pose(0, chance.random(52).astype(np.float32), rotations, np.array([0.1, -0.2, 0.3], np.float32))


def datagrams(pose: Pose, **options: object) -> list[bytes]:
    return Vmc(Target("127.0.0.1", 39539, **options)).datagrams(pose, 0.0)  # type: ignore[arg-type]


def received(pose: Pose, **options: object) -> BodyFrame:
    (frame,) = marionette((0.0, data) for data in datagrams(pose, **options))
    return frame


def test_addresses_and_types_are_what_receivers_accept() -> None:
    messages = [m for data in datagrams(anything(), face=("vrm0", "sync")) for m in osc(data)]
    assert messages[0].address == "/VMC/Ext/Root/Pos"
    assert list(messages[0]) == ["root", 0, 0, 0, 0, 0, 0, 1]
    assert [m.address for m in messages[1:23]] == ["/VMC/Ext/Bone/Pos"] * 22
    assert [m.address for m in messages[23:-3]] == ["/VMC/Ext/Blend/Val"] * 64
    assert [(m.address, list(m)) for m in messages[-3:]] == [
        ("/VMC/Ext/Blend/Apply", []), ("/VMC/Ext/OK", [1]), ("/VMC/Ext/T", [0.0]),
    ]  # fmt: skip
    assert {type(value) for m in messages for value in m} == {str, float, int}


def test_a_frame_is_as_laid_out_by_hand() -> None:
    pose = rest()
    pose.rotations[JOINT_INDEX["head"]] = [0, 0.5, 0, math.sqrt(0.75)]  # 60 degrees to the left
    pose.curves[INDEX["jawOpen"]] = 0.25
    loose = datagrams(pose, face=("sync",), bundles=False)
    numbers = b",sfffffff\0\0\0"
    assert loose[0] == b"/VMC/Ext/Root/Pos\0\0\0" + numbers + b"root\0\0\0\0" + bytes(24) + b"\x3f\x80\0\0"
    head = loose[1 + JOINT_INDEX["head"]]
    assert head[:40] == b"/VMC/Ext/Bone/Pos\0\0\0" + numbers + b"Head\0\0\0\0"
    assert head[52:] == b"\0\0\0\0" + b"\xbf\0\0\0" + b"\x80\0\0\0" + b"\x3f\x5d\xb3\xd7"
    assert loose[23 + INDEX["jawOpen"]] == b"/VMC/Ext/Blend/Val\0\0,sf\0JawOpen\0\x3e\x80\0\0"
    assert loose[-3:] == [
        b"/VMC/Ext/Blend/Apply\0\0\0\0,\0\0\0",
        b"/VMC/Ext/OK\0,i\0\0\0\0\0\x01",
        b"/VMC/Ext/T\0\0,f\0\0\x3f\xc0\0\0",
    ]


def test_bundles_are_small_and_can_be_left_out() -> None:
    bundled = datagrams(anything(), face=("sync",))
    assert all(len(data) <= 1472 and len(osc(data)) <= 16 for data in bundled)
    loose = datagrams(anything(), face=("sync",), bundles=False)
    assert len(loose) == 1 + 22 + 52 + 3
    assert [m.dgram for data in bundled for m in osc(data)] == loose


def test_names() -> None:
    assert received(rest()).bones.keys() == HUMAN_BODY_BONES
    sync = received(rest(), face=("sync",)).blends
    assert len(sync) == 52
    assert {"EyeBlinkLeft", "JawOpen", "MouthSmileRight", "TongueOut"} <= sync.keys()
    assert {"A", "I", "U", "E", "O", "Blink_L", "Blink_R", "Joy", "Angry", "Sorrow", "Fun"} <= received(
        rest()
    ).blends.keys()
    vrm1 = received(rest(), face=("vrm1",)).blends
    assert {"aa", "ih", "ou", "ee", "oh", "blinkLeft", "blinkRight", "happy", "angry", "sad", "relaxed"} <= vrm1.keys()


def test_values_of_the_face() -> None:
    pose = rest()
    pose.curves[[INDEX["jawOpen"], INDEX["eyeBlinkLeft"]]] = 0.5, 1.0
    assert received(pose, face=("sync",)).blends["JawOpen"] == 0.5
    assert received(pose).blends["Blink_L"] == 1.0
    assert received(pose).blends["Blink_R"] == 0.0
    assert received(pose).blends["A"] == pytest.approx(0.9)
    assert received(pose, face=("vrm1",)).blends["aa"] == pytest.approx(0.9)
    assert received(pose).time == 1.5


def test_left_is_left_in_a_left_handed_space() -> None:
    """Unity, seen from above: +Y turns clockwise, so a head that turns to its left turns by less than nothing."""
    pose = rest()
    pose.rotations[JOINT_INDEX["head"]] = from_rotation_vector([0, 2 * TEN, 0])
    pose.rotations[JOINT_INDEX["spine"]] = from_rotation_vector([2 * TEN, 0, 0])
    pose.rotations[JOINT_INDEX["neck"]] = from_rotation_vector([0, 0, 2 * TEN])
    bones = received(pose).bones
    assert bones["Head"][3:] == pytest.approx((0, -math.sin(TEN), 0, math.cos(TEN)), abs=1e-6)
    assert bones["Spine"][3:] == pytest.approx((math.sin(TEN), 0, 0, math.cos(TEN)), abs=1e-6)
    assert bones["Neck"][3:] == pytest.approx((0, 0, -math.sin(TEN), math.cos(TEN)), abs=1e-6)
    assert bones["LeftUpperArm"][0] < 0 < bones["RightUpperArm"][0]


def test_the_character_in_unity_is_its_mirror_image() -> None:
    """Every joint, carried by its parents, ends where the model's does with X turned round."""
    pose = anything()
    offsets = [np.array(joint.offset) for joint in JOINTS]
    offsets[0] = offsets[0] + pose.root
    sent = received(pose).bones
    rows = [sent[joint.name[0].upper() + joint.name[1:]] for joint in JOINTS]
    here = places(offsets, [q.astype(float) for q in pose.rotations])
    there = places([np.array(row[:3]) for row in rows], [np.array(row[3:]) for row in rows])
    assert there == pytest.approx(here * [-1, 1, 1], abs=1e-4)


def places(offsets: list[np.ndarray], rotations: list[np.ndarray]) -> np.ndarray:
    """Where the joints are, by matrices."""
    turns: list[np.ndarray] = []
    found: list[np.ndarray] = []
    for joint, offset, q in zip(JOINTS, offsets, rotations, strict=True):
        cross = np.array([[0, -q[2], q[1]], [q[2], 0, -q[0]], [-q[1], q[0], 0]])
        turn = np.eye(3) + 2 * q[3] * cross + 2 * cross @ cross
        up = joint.parent >= 0
        found.append((found[joint.parent] + turns[joint.parent] @ offset) if up else offset)
        turns.append(turns[joint.parent] @ turn if up else turn)
    return np.array(found)
