"""Live Link Face: packets byte for byte, and angles against Unreal's own axes."""

import math

import numpy as np
import pytest

from bridge.curves import CURVES, INDEX
from bridge.outputs.feed import Pose
from bridge.outputs.livelink import LiveLinkFace, euler
from bridge.outputs.target import Target
from bridge.skeleton import JOINT_INDEX, from_rotation_vector, normalised, rest_rotations
from tests.receivers import FaceFrame, read_face

TURN = math.radians(20)


def pose(**turns: tuple[float, float, float]) -> Pose:
    """The rest pose but for these joints' rotation vectors."""
    rotations = rest_rotations(1)[0]
    for joint, turn in turns.items():
        rotations[JOINT_INDEX[joint]] = from_rotation_vector(np.array(turn, np.float32))
    return Pose(0, np.zeros(52, np.float32), rotations, np.zeros(3, np.float32))


def packet(pose: Pose, timecode: float = 0.0, **target: object) -> bytes:
    (data,) = LiveLinkFace(Target("127.0.0.1", 1, **target)).datagrams(pose, timecode)  # type: ignore[arg-type]
    return data


def sent(**turns: tuple[float, float, float]) -> FaceFrame:
    return read_face(packet(pose(**turns)))


def test_a_packet_is_as_laid_out_by_hand() -> None:
    curves = np.zeros(52, np.float32)
    curves[0], curves[17], curves[51] = 1.0, 0.5, 0.25
    left = pose(head=(0, 0.5, 0))._replace(curves=curves)
    data = packet(left, timecode=3_251_024.25, subject="Zoë")
    device = data[5:41]
    assert device.decode() == device.decode().upper()
    assert data[:41] == b"\x06\x00\x00\x00\x24" + device
    assert data[41:49] == b"\x00\x00\x00\x04Zo\xc3\xab"
    assert data[49:65] == b"\x00\x31\x9b\x50\x3e\x80\x00\x00\x00\x00\x00\x3c\x00\x00\x00\x01"
    zero, one, half, quarter = (bytes.fromhex(h) for h in ("00000000", "3f800000", "3f000000", "3e800000"))
    curve_bytes = one + 16 * zero + half + 33 * zero + quarter
    assert data[65:66] == b"\x3d"
    assert data[66:274] == curve_bytes
    head = np.frombuffer(data[274:286], ">f4")
    assert head == pytest.approx([0.5, 0, 0], abs=1e-6)
    assert np.frombuffer(data[286:], ">f4") == pytest.approx([0] * 6, abs=1e-6)


def test_the_length_is_that_of_a_captured_packet() -> None:
    assert len(packet(pose(), subject="iPhone")) == 312


def test_order_of_curves() -> None:
    assert [CURVES[i] for i in (0, 7, 14, 15, 16, 17, 18, 21, 22, 41, 43, 46, 51)] == [
        "eyeBlinkLeft", "eyeBlinkRight", "jawForward", "jawLeft", "jawRight", "jawOpen", "mouthClose",
        "mouthLeft", "mouthRight", "browDownLeft", "browInnerUp", "cheekPuff", "tongueOut",
    ]  # fmt: skip
    one = pose()
    one.curves[INDEX["tongueOut"]] = 1.053
    assert read_face(packet(one)).curves[51] == pytest.approx(1.053)


def test_of_the_head_left_and_up_are_positive_of_the_eyes_right_and_down() -> None:
    assert sent(head=(0, TURN, 0)).head == pytest.approx([TURN, 0, 0], abs=1e-6)
    assert sent(head=(-TURN, 0, 0)).head == pytest.approx([0, TURN, 0], abs=1e-6)
    assert sent(head=(0, 0, TURN)).head == pytest.approx([0, 0, TURN], abs=1e-6)  # the right ear sinks
    looking = sent(leftEye=(0, TURN, 0), rightEye=(TURN, 0, 0))
    assert looking.eyes == pytest.approx([-TURN, 0, 0, 0, TURN, 0], abs=1e-6)


def test_what_carries_the_head_turns_it() -> None:
    assert sent(spine=(0, TURN / 4, 0), neck=(0, TURN / 4, 0), head=(0, TURN / 2, 0)).head[0] == pytest.approx(TURN)
    assert sent(leftUpperArm=(0, TURN, 0)).head == pytest.approx([0, 0, 0], abs=1e-7)


@pytest.mark.parametrize(("flip", "sign"), [({"yaw"}, -1), ({"pitch", "roll"}, 1)])
def test_angles_can_be_flipped(flip: set[str], sign: int) -> None:
    turned = pose(head=(TURN, 0, 0))
    plain, flipped = read_face(packet(turned)), read_face(packet(turned, flip=frozenset(flip)))
    assert plain.head[1] * (-1 if "pitch" in flip else 1) == pytest.approx(flipped.head[1])
    left = read_face(packet(pose(head=(0, TURN, 0)), flip=frozenset(flip)))
    assert left.head[0] == pytest.approx(sign * TURN)
    assert left.eyes == pytest.approx([0] * 6, abs=1e-7)


def test_angles_are_those_of_unreals_rotator() -> None:
    """ARKit's axes become Unreal's as (-z, x, y); a rotator's matrix there is the same turn, whatever the turn."""
    to_unreal = np.array([[0, 0, -1], [1, 0, 0], [0, 1, 0]])
    for q in normalised(np.random.default_rng(1).normal(size=(50, 4)).astype(np.float32)):
        turn = to_unreal @ matrix(q) @ to_unreal.T
        assert rotator(*euler(q).tolist()) == pytest.approx(turn, abs=1e-5)


def matrix(q: np.ndarray) -> np.ndarray:
    """A quaternion's matrix, column by column what becomes of each axis."""
    axis, w = q[:3].astype(float), float(q[3])
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) + 2 * w * cross + 2 * cross @ cross


def rotator(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """X forward, Y right, Z up: yaw turns X to Y, pitch raises X, roll lowers Y; roll first, yaw last."""
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (math.cos, math.sin))
    turn = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    raise_ = np.array([[cp, 0, -sp], [0, 1, 0], [sp, 0, cp]])
    lower = np.array([[1, 0, 0], [0, cr, sr], [0, -sr, cr]])
    return turn @ raise_ @ lower


@pytest.mark.parametrize("timecode", [0.0, 59.999_999_99, 5_183_999.5, 5_184_000.25, -0.5])
def test_timecode_stays_within_the_day(timecode: float) -> None:
    frame = read_face(packet(pose(), timecode))
    assert frame.timecode == pytest.approx(timecode % 5_184_000, abs=1e-4)
    assert 0 <= frame.timecode < 5_184_000


def test_a_device_is_always_the_same_and_each_subject_another() -> None:
    ids = [read_face(packet(pose(), subject=name)).device for name in ("Ann", "Ann", "Bob")]
    assert ids[0] == ids[1] != ids[2]
    assert {len(each) for each in ids} == {36}
