"""The wire against its golden vectors, and the figures that a frame must keep to."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from bridge.curves import CURVES
from bridge.frames import Forget, Motion, Poses, frame_time_us, sample_time_us, time_us_sample
from bridge.skeleton import normalised
from bridge.wire import BadMessageError, Kind, batch, pack, pack_all, parcels, rig, unpack, wire
from rigcast.v1 import session_pb2, stream_pb2

VECTORS = Path(__file__).parent.parent / "proto" / "vectors"
INDEX: list[dict[str, Any]] = json.loads((VECTORS / "index.json").read_text(encoding="utf-8"))
MESSAGES = {"server": session_pb2.ServerMessage, "client": session_pb2.ClientMessage}


def motion(count: int, seed: int = 1) -> Motion:
    rng = np.random.default_rng(seed)
    rotations = normalised(rng.standard_normal((count, 22, 4)).astype(np.float32))
    return Motion(rng.random((count, 52), np.float32), rotations, rng.random((count, 3), np.float32))


@pytest.mark.parametrize("case", [c for c in INDEX if c["verdict"] == "read"], ids=lambda c: c["name"])
def test_binary_and_json_of_a_vector_say_the_same(case: dict[str, Any]) -> None:
    kind = MESSAGES[case["direction"]]
    text = (VECTORS / f"{case['name']}.json").read_text(encoding="utf-8")
    from_json = json_format.Parse(text, kind())
    from_binary = kind.FromString((VECTORS / f"{case['name']}.bin").read_bytes())
    assert json_format.MessageToDict(from_binary) == json_format.MessageToDict(from_json)


@pytest.mark.parametrize("case", [c for c in INDEX if c["verdict"] == "refuse"], ids=lambda c: c["name"])
def test_a_broken_vector_is_refused_in_words(case: dict[str, Any]) -> None:
    data = (VECTORS / f"{case['name']}.bin").read_bytes()
    with pytest.raises(BadMessageError, match=r"no rigcast\.v1\.ClientMessage"):
        wire("rigcast.v1").decode(data)


def test_a_frame_takes_at_most_320_bytes() -> None:
    late = Poses(60 * 3600 * 24 * 365, 2**32 - 1, motion(1))
    assert max(len(p.data) for p in parcels(wire("rigcast.v1"), late)) <= 320


def test_packed_poses_come_back_within_their_resolution() -> None:
    sent = motion(7)
    encoded = wire("rigcast.v1").encode_poses(Poses(100, 5, sent))
    for i, data in enumerate(encoded):
        assert isinstance(data, bytes)
        frame = session_pb2.ServerMessage.FromString(data).frame
        assert (frame.time_us, frame.sequence) == (frame_time_us(100 + i), 5 + i)
        got = unpack(frame)
        np.testing.assert_allclose(got.curves[0], sent.curves[i], atol=0.5 / 16384 + 1e-6)
        np.testing.assert_allclose(got.rotations[0], sent.rotations[i], atol=0.5 / 32767 + 1e-6)
        np.testing.assert_allclose(got.root[0], sent.root[i], atol=0.5 / 8192 + 1e-6)


def test_weights_beyond_range_saturate_rather_than_wrap() -> None:
    wild = Motion.rest(1)
    wild.curves[0, :2] = [5, -5]
    assert pack(wild)[0, :2].tolist() == [32767, -32768]


def test_a_frame_of_another_rig_is_refused_by_name() -> None:
    with pytest.raises(BadMessageError, match=r"frame\.curves has 4 bytes"):
        unpack(stream_pb2.Frame(curves=b"abcd"))


def test_plain_json_is_what_protobuf_reads() -> None:
    sent = motion(2)
    for i, data in enumerate(wire("rigcast.v1.json").encode_poses(Poses(3, 9, sent))):
        frame = json_format.Parse(data, session_pb2.ServerMessage()).plain_frame
        assert (frame.time_us, frame.sequence) == (frame_time_us(3 + i), 9 + i)
        np.testing.assert_allclose(frame.curves, sent.curves[i], atol=1e-5)
        np.testing.assert_allclose(frame.rotations, sent.rotations[i].ravel(), atol=1e-5)


def test_each_form_can_be_asked_for_on_either_wire() -> None:
    poses = Poses(0, 0, motion(1))
    packed = json.loads(wire("rigcast.v1.json", session_pb2.FRAME_FORM_PACKED).encode_poses(poses)[0])
    assert len(base64.b64decode(packed["frame"]["curves"])) == 2 * len(CURVES)
    (plain,) = wire("rigcast.v1", session_pb2.FRAME_FORM_PLAIN).encode_poses(poses)
    assert isinstance(plain, bytes)
    assert len(session_pb2.ServerMessage.FromString(plain).plain_frame.curves) == len(CURVES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "{",
        '{"say": 3}',
        '{"say": {"txt": "a"}}',
        "[" * 60_000,
        '{"requestId": 1e99}',
        "\udcff",
        "NaN",
    ],
)
def test_json_that_is_no_message_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadMessageError, match=r"no rigcast\.v1\.ClientMessage in JSON"):
        wire("rigcast.v1.json").decode(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        wire("rigcast.v1").decode(data)
    except BadMessageError:
        return


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        wire("rigcast.v1.json").decode(text)
    except BadMessageError:
        return


@pytest.mark.parametrize("protocol", ["rigcast.v1", "rigcast.v1.json"])
@pytest.mark.parametrize("count", [2, 40])
def test_a_batch_is_what_protobuf_reads(protocol: str, count: int) -> None:
    messages = wire(protocol, session_pb2.FRAME_FORM_PLAIN).encode_poses(Poses(7, 7, motion(count)))
    laid = batch(messages)
    if isinstance(laid, str):
        whole = json_format.Parse(laid, session_pb2.ServerMessage())
        alone = [json_format.Parse(message, session_pb2.ServerMessage()) for message in messages]
    else:
        whole = session_pb2.ServerMessage.FromString(laid)
        alone = [session_pb2.ServerMessage.FromString(message) for message in messages]  # type: ignore[arg-type]
    assert list(whole.batch.messages) == alone
    assert isinstance(laid, str) or laid == whole.SerializeToString()


def test_a_forget_is_never_held_back_with_events() -> None:
    (parcel,) = parcels(wire("rigcast.v1"), Forget(7))
    assert parcel.kind is Kind.CONTROL


def test_the_rig_puts_parents_first() -> None:
    joints = rig().joints
    assert all(joint.parent < i for i, joint in enumerate(joints))
    assert [j.name for j in joints if j.parent == -1] == ["hips"]


@given(st.integers(0, 24_000 * 3600 * 24 * 365))
def test_a_sample_survives_the_clock_in_microseconds(sample: int) -> None:
    assert time_us_sample(sample_time_us(sample)) == sample


def test_many_are_packed_at_once_as_each_alone() -> None:
    many, alone = ([motion(count, seed=count) for count in (6, 1, 3)] for _ in range(2))
    pack_all(many)
    pack_all([])
    for one, other in zip(many, alone, strict=True):
        assert np.array_equal(pack(one), pack(other))
        assert np.shares_memory(pack(one), pack(one))
