"""What phones and performers send, read: against packets laid out by hand, our own writers and python-osc."""

import json
import math
import struct

import numpy as np
import pytest
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.body.eyes import PITCH_RANGE, YAW_RANGE, eye_rotations
from bridge.curves import CURVES, INDEX
from bridge.inputs import ifacialmocap, livelink, vtubestudio
from bridge.inputs.captured import Captured, PacketError, turned
from bridge.inputs.vmc import Performer
from bridge.outputs.feed import Pose
from bridge.outputs.livelink import LiveLinkFace, euler
from bridge.outputs.target import Target
from bridge.outputs.vmc import Vmc
from bridge.skeleton import JOINT_INDEX, from_rotation_vector, multiply, rest_rotations
from tools import fuzz_inputs

LEFT_EYE, RIGHT_EYE = JOINT_INDEX["leftEye"], JOINT_INDEX["rightEye"]


def face(*, device: bytes = b"PHONE-1", subject: bytes = b"Ann", version: int = 6, count: int = 61) -> bytes:
    """A packet laid out from the format's description; curve i is i / 100, then yaw .1, pitch .2, roll .3, eyes."""
    head = struct.pack(">Bi", version, len(device)) + device + struct.pack(">i", len(subject)) + subject
    values = [i / 100 for i in range(52)] + [0.1, 0.2, 0.3] + [0.15, -0.05, 0, 0.25, 0.05, 0]
    return head + struct.pack(">ifiiB", 3600, 0.5, 60, 1, count) + struct.pack(f">{count}f", *values[:count])


IFM = (
    "browInnerUp-10|jawOpen-40|mouthSmile_L-25|mouthLeft-5|eyeLookIn_L-0|eyeLookOut_L-50|eyeLookUp_L-0|eyeLookDown_L-20|"
    "eyeLookIn_R-50|eyeLookOut_R-0|eyeLookUp_R-0|eyeLookDown_R-20|trackingStatus-1|"
    "=head#10.5,-20,3,0.1,-0.2,-0.5|rightEye#1,2,3|leftEye#1,2,3|"
)
VTS = {
    "Timestamp": 1_700_000_000_250, "Hotkey": -1, "FaceFound": True,
    "Rotation": {"x": 10.0, "y": -20.0, "z": 5.0}, "Position": {"x": 0, "y": 0, "z": -40},
    "EyeLeft": {"x": 1, "y": 2, "z": 0}, "EyeRight": {"x": 1, "y": 2, "z": 0},
    "BlendShapes": [{"k": name[0].upper() + name[1:], "v": i / 100} for i, name in enumerate(CURVES)],
}  # fmt: skip


def osc(address: str, *values: object) -> OscMessageBuilder:
    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)  # type: ignore[arg-type]
    return builder


def bundle(*messages: OscMessageBuilder) -> bytes:
    builder = OscBundleBuilder(IMMEDIATELY)
    for message in messages:
        builder.add_content(message.build())  # type: ignore[arg-type]
    return builder.build().dgram


def performed(*packets: bytes) -> list[Captured]:
    performer = Performer()
    return [frame for packet in packets for frame in performer.read(packet)]


def turns(q: np.ndarray) -> list[float]:
    """Yaw right, pitch down, roll left in degrees."""
    return [math.degrees(angle) for angle in euler(q)]


# Live Link Face


def test_livelink_by_hand() -> None:
    captured = livelink.read(face())
    assert (captured.device, captured.subject, captured.seen) == ("PHONE-1", "Ann", True)
    assert captured.time == pytest.approx(3600.5 / 60)
    assert captured.curves == pytest.approx([i / 100 for i in range(52)])
    assert captured.heard.all()
    assert captured.head is not None
    assert euler(captured.head) == pytest.approx([-0.1, -0.2, -0.3], abs=1e-6)  # the eyes' signs are others
    assert euler(captured.rotations[LEFT_EYE]) == pytest.approx([0.15, -0.05, 0], abs=1e-6)
    assert euler(captured.rotations[RIGHT_EYE]) == pytest.approx([0.25, 0.05, 0], abs=1e-6)


def test_livelink_round_trip_of_what_we_send() -> None:
    rotations = rest_rotations(1)[0]
    rotations[JOINT_INDEX["head"]] = from_rotation_vector([0.2, -0.4, 0.1])
    rotations[LEFT_EYE] = rotations[RIGHT_EYE] = eye_rotations(np.array(0.3), np.array(-0.1))
    pose = Pose(0, np.linspace(0, 1, 52, dtype=np.float32), rotations, np.zeros(3, np.float32))
    (data,) = LiveLinkFace(Target("127.0.0.1", 1)).datagrams(pose, 1234.5)
    captured = livelink.read(data)
    assert captured.curves == pytest.approx(pose.curves)
    assert captured.head == pytest.approx(rotations[JOINT_INDEX["head"]], abs=1e-5)
    assert captured.rotations[LEFT_EYE] == pytest.approx(rotations[LEFT_EYE], abs=1e-5)
    assert captured.time == pytest.approx(1234.5 / 60)


def test_a_phone_that_sees_no_face_says_so() -> None:
    captured = livelink.read(face(count=0))
    assert not captured.seen
    assert not captured.heard.any()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (face(version=5), "version 5"),
        (b"\x01\x00" + bytes(60), "MetaHuman Animator"),
        (b"CPSDISCOVER\0\x02\x00\x01", "MetaHuman Animator"),
        (b"", "no Live Link Face"),
        (b"hello, world", "no Live Link Face"),
        (face()[:-1], "61 values"),
        (face() + b"\0", "61 values"),
        (face(count=60), "61 values"),
        (face()[:30], "cut short"),
        (face(device=b"\xff\xfe"), "UTF-8"),
        (face(device=b"a\nb"), "printed"),
        (face()[:-4] + struct.pack(">f", math.nan), "none"),
        (face()[:-4] + struct.pack(">f", math.inf), "none"),
    ],
)
def test_livelink_refuses_kindly(data: bytes, reason: str) -> None:
    with pytest.raises(PacketError, match=reason):
        livelink.read(data)


def test_curves_stay_within_bounds() -> None:
    captured = livelink.read(face()[:-244] + struct.pack(">61f", 1.053, -0.2, *[0.5] * 59))
    assert captured.curves[:2].tolist() == [1, 0]


# iFacialMocap


@pytest.mark.parametrize("data", [IFM, IFM.replace("-", "&").replace("#10.5,&20", "#10.5,-20").replace("&0.", "-0.")])
def test_ifacialmocap_of_both_versions(data: str) -> None:
    captured = ifacialmocap.read(data.encode())
    weights = {CURVES[i]: round(float(captured.curves[i]), 3) for i in np.flatnonzero(captured.heard)}
    assert weights["jawOpen"] == 0.4
    assert weights["mouthSmileLeft"] == 0.25
    assert weights["mouthLeft"] == 0.05
    assert "mouthSmileRight" not in weights
    assert captured.head is not None
    assert turns(captured.head) == pytest.approx([-20, 10.5, 3], abs=1e-3)
    to_left = eye_rotations(np.array(0.5 * YAW_RANGE), np.array(0.2 * PITCH_RANGE))
    assert captured.rotations[LEFT_EYE] == pytest.approx(to_left, abs=1e-6)
    assert captured.rotations[RIGHT_EYE] == pytest.approx(to_left, abs=1e-6)
    assert captured.time is None


def test_negative_percents() -> None:
    assert ifacialmocap.read(b"jawOpen&-3|mouthLeft&7|").curves[INDEX["jawOpen"]] == 0
    assert ifacialmocap.read(b"jawOpen--3|mouthLeft-7|").curves[INDEX["mouthLeft"]] == pytest.approx(0.07)


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"jawOpen-x|", b"jawOpen-nan|", b"nothing|here|", b"jawOpen-1|=head#1,2|", b"a" * 9000]
)
def test_ifacialmocap_refuses(data: bytes) -> None:
    with pytest.raises(PacketError):
        ifacialmocap.read(data)


# VTube Studio


def test_vtubestudio() -> None:
    captured = vtubestudio.read(json.dumps(VTS).encode())
    assert captured.time == pytest.approx(1_700_000_000.25)
    assert captured.curves == pytest.approx([i / 100 for i in range(52)])
    assert captured.head is not None
    assert turns(captured.head) == pytest.approx([-10, 20, 5], abs=1e-3)
    assert captured.turned[[LEFT_EYE, RIGHT_EYE]].all()
    lost = vtubestudio.read(json.dumps({"FaceFound": False, "Timestamp": 5}).encode())
    assert not lost.seen


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{}", b"[" * 16000, b'{"FaceFound": 1}', json.dumps(VTS | {"BlendShapes": 3}).encode(),
        json.dumps(VTS | {"BlendShapes": [{"k": "JawOpen", "v": True}]}).encode(),
        json.dumps(VTS | {"Rotation": {"x": 1}}).encode(), json.dumps(VTS | {"Rotation": 1}).encode(),
        json.dumps(VTS | {"BlendShapes": [{"k": "JawOpen", "v": math.inf}]}).encode(),
        b'{"FaceFound": true, "BlendShapes": [{"k": "JawOpen", "v": 1' + b"0" * 5000 + b"}]}",
    ],
)  # fmt: skip
def test_vtubestudio_refuses(data: bytes) -> None:
    with pytest.raises(PacketError):
        vtubestudio.read(data)


def test_the_request_is_what_the_app_expects() -> None:
    request = json.loads(vtubestudio.ask(21413))
    assert request == {"messageType": "iOSTrackingDataRequest", "time": 5.0, "sentBy": "Rigcast", "ports": [21413]}
    assert 0.5 <= request["time"] <= 10


# VMC


def test_vmc_as_python_osc_writes_it() -> None:
    (frame,) = performed(
        bundle(
            osc("/VMC/Ext/Root/Pos", "root", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
            osc("/VMC/Ext/Bone/Pos", "Head", 0.0, 1.5, 0.0, 0.0, math.sin(0.1), 0.0, math.cos(0.1)),
            osc("/VMC/Ext/Bone/Pos", "Hips", 0.1, 0.9, 0.2, 0.0, 0.0, 0.0, 1.0),
            osc("/VMC/Ext/Bone/Pos", "LeftIndexProximal", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
            osc("/VMC/Ext/Blend/Val", "JawOpen", 0.5),
            osc("/VMC/Ext/Blend/Val", "A", 1.0),
            osc("/VMC/Ext/Hmd/Pos", "x", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
            osc("/VMC/Ext/Blend/Apply"),
            osc("/VMC/Ext/OK", 1, 3, 0, 1),
            osc("/VMC/Ext/T", 12.5),
        )
    )
    assert frame.time == 12.5
    assert frame.seen
    head = JOINT_INDEX["head"]
    assert frame.rotations[head] == pytest.approx(from_rotation_vector([0, -0.2, 0]), abs=1e-6)  # Unity's +Y is right
    assert frame.turned.nonzero()[0].tolist() == [0, head]
    assert frame.hips == pytest.approx([-0.1, 0.9, 0.2])
    assert frame.curves[INDEX["jawOpen"]] == 0.5
    assert frame.heard.sum() == 1  # Perfect Sync rules; "A" would open the mouth twice


def test_vmc_round_trip_of_what_we_send() -> None:
    rng = np.random.default_rng(1)
    rotations = from_rotation_vector(rng.normal(0, 0.3, (22, 3)))
    pose = Pose(
        7_000_000, rng.uniform(0, 1, 52).astype(np.float32), rotations, np.array([0.1, -0.02, 0.05], np.float32)
    )
    for bundles in (True, False):
        vmc = Vmc(Target("127.0.0.1", 1, face=("sync",), bundles=bundles))
        frames = performed(*(data for _ in range(4) for data in vmc.datagrams(pose, 0.0)))
        assert 4 <= len(frames) <= 6  # what ends the sender's frames is known after the first
        assert frames[-1].curves == pytest.approx(pose.curves, abs=1e-6)
        same = np.abs((frames[-1].rotations * rotations).sum(-1))
        assert same == pytest.approx(np.ones(22), abs=1e-5)
        assert frames[-1].hips == pytest.approx([0.1, 0.86, 0.05], abs=1e-6)
        assert frames[-1].time == pytest.approx(7.0)


def test_presets_stand_in_where_no_curve_comes() -> None:
    (frame,) = performed(
        bundle(
            osc("/VMC/Ext/Blend/Val", "Blink_L", 1.0), osc("/VMC/Ext/Blend/Val", "o", 0.5), osc("/VMC/Ext/Blend/Apply")
        )
    )
    assert frame.curves[INDEX["eyeBlinkLeft"]] == 1
    assert frame.curves[INDEX["eyeBlinkRight"]] == 0
    assert 0.1 < frame.curves[INDEX["mouthPucker"]] < 0.5
    assert frame.heard[INDEX["jawOpen"]]
    assert not frame.heard[INDEX["cheekPuff"]]


def test_a_clock_of_32_bits_is_not_believed_for_ever() -> None:
    times = [frame.time for frame in performed(*(bundle(osc("/VMC/Ext/T", t)) for t in (8000.0, 9000.0)))]
    assert times == [8000.0, None]


def test_what_comes_again_begins_the_next_frame() -> None:
    bone = [bundle(osc("/VMC/Ext/Bone/Pos", "Head", 0.0, 0.0, 0.0, 0.0, y, 0.0, 1.0)) for y in (0.0, 0.1, 0.2)]
    assert len(performed(*bone)) == 2


def test_a_body_that_is_not_there() -> None:
    assert [frame.seen for frame in performed(bundle(osc("/VMC/Ext/OK", 0)), bundle(osc("/VMC/Ext/OK", 1)))] == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"hello", b"/VMC/Ext/OK", b"#bundle\0", b"#bundle\0" + bytes(8) + b"\x7f\xff\xff\xff",
        b"#bundle\0" + bytes(8) + b"\0\0\0\x03abc", bundle(osc("/VMC/Ext/OK")), bundle(osc("/VMC/Ext/OK", "1x")),
        bundle(osc("/VMC/Ext/Bone/Pos", "Head", 1.0)), bundle(osc("/VMC/Ext/Bone/Pos", 1, *[0.0] * 7)),
        bundle(osc("/VMC/Ext/Blend/Val", "JawOpen", "wide")), bundle(osc("/VMC/Ext/T", math.nan)),
        b"/VMC/Ext/T\0\0,f\0\0\0\0", b"/a\0\0,[\0\0",
        bundle(osc("/VMC/Ext/Bone/Pos", "Hips", *[math.inf] * 7)),
    ],
)  # fmt: skip
def test_vmc_refuses(data: bytes) -> None:
    with pytest.raises(PacketError):
        performed(data)


def test_bundles_are_not_followed_without_end() -> None:
    data = bundle(osc("/VMC/Ext/OK", 1))
    for _ in range(6):
        data = b"#bundle\0" + bytes(8) + struct.pack(">i", len(data)) + data
    with pytest.raises(PacketError, match="nested"):
        performed(data)
    many = b"#bundle\0" + bytes(8) + (struct.pack(">i", 8) + b"/a\0\0,\0\0\0") * 2000
    with pytest.raises(PacketError, match="1024"):
        performed(many)


# All


def test_angles_are_those_of_outputs() -> None:
    for yaw, pitch, roll in ((0.3, -0.2, 0.5), (-1.0, 1.2, -0.4)):
        assert euler(turned(yaw, pitch, roll)) == pytest.approx([yaw, pitch, roll], abs=1e-5)
    assert multiply(turned(0.2, 0, 0), turned(-0.2, 0, 0)) == pytest.approx([0, 0, 0, 1], abs=1e-6)


@pytest.mark.parametrize("protocol", fuzz_inputs.readers())
def test_mutated_packets_are_read_or_refused_and_nothing_grows(protocol: str) -> None:
    """The long form: tools/fuzz_inputs.py."""
    refused, growth = fuzz_inputs.fuzz(protocol, 2000, 7)
    assert 0 < refused < 2000
    assert growth < fuzz_inputs.MOST_GROWTH


@pytest.mark.parametrize("protocol", fuzz_inputs.readers())
def test_packets_unchanged_are_read(protocol: str) -> None:
    read = fuzz_inputs.readers()[protocol]
    for packet in fuzz_inputs.samples()[protocol]:
        read(packet)


def test_a_packet_with_many_frames_is_refused() -> None:
    blend = osc("/VMC/Ext/Blend/Val", "JawOpen", 0.5)
    assert len(performed(bundle(*[blend] * 4, osc("/VMC/Ext/OK", 1)))) == 4
    with pytest.raises(PacketError, match="frames"):
        performed(bundle(*[blend] * 9))
