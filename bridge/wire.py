"""The wire: what flows inside the bridge, as messages of proto/rigcast/v1, in binary or in JSON.

Poses are the hot path: a block of frames is packed at once, and each frame is serialised once, however many read it.
"""

import json
from collections.abc import Iterator, Sequence
from enum import IntEnum
from functools import cache
from typing import NamedTuple, Protocol, cast

import numpy as np
import numpy.typing as npt
from google.protobuf import json_format
from google.protobuf.message import DecodeError

from bridge.curves import CURVES
from bridge.frames import (
    AUDIO_RATE,
    FRAME_RATE,
    AudioChunk,
    EmotionChanged,
    Event,
    Forget,
    Item,
    Motion,
    PhoneEvent,
    Poses,
    UtteranceEnded,
    UtteranceStarted,
    WordEvent,
    frame_time_us,
    sample_time_us,
)
from bridge.skeleton import JOINTS, Array
from rigcast.v1 import rig_pb2, session_pb2, stream_pb2

PROTOCOL = "rigcast.v1"
PROTOCOL_JSON = "rigcast.v1.json"
CURVE_SCALE = 16384
ROTATION_SCALE = 32767
ROOT_SCALE = 8192

MOST_PARTS = 20_000
"""Brackets, commas and colons of a message in JSON, those of its text counted too: half a megabyte of brackets takes as
long to read as 30 of sound in base64."""

_BATCH = bytes([session_pb2.ServerMessage.BATCH_FIELD_NUMBER << 3 | 2])
_MESSAGE = bytes([session_pb2.Batch.MESSAGES_FIELD_NUMBER << 3 | 2])

_CURVE_BYTES = 2 * len(CURVES)
_ROTATION_BYTES = 8 * len(JOINTS)
_SCALE = np.concatenate(
    [
        np.full(len(CURVES), CURVE_SCALE, np.float32),
        np.full(4 * len(JOINTS), ROTATION_SCALE, np.float32),
        np.full(3, ROOT_SCALE, np.float32),
    ]
)
_UNIT = 1 / _SCALE


class Kind(IntEnum):
    """How a parcel may be treated when its reader is slow."""

    FRAME = 1
    AUDIO = 2
    EVENT = 3
    CONTROL = 4


class Parcel(NamedTuple):
    """One encoded message, with what a queue needs to know of it: its session time and length, microseconds."""

    kind: Kind
    time_us: int
    duration_us: int
    data: bytes | str


class BadMessageError(ValueError):
    """The bytes are no ClientMessage; the words say why."""


class Wire(Protocol):
    """One way to write messages."""

    def decode(self, data: bytes | str) -> session_pb2.ClientMessage:
        """Read a client's message. Raises BadMessageError."""
        ...

    def encode(self, message: session_pb2.ServerMessage) -> bytes | str:
        """Write a message."""
        ...

    def encode_poses(self, poses: Poses) -> list[bytes | str]:
        """Write every frame of the block as a message of its own."""
        ...


def parcels(wire: Wire, item: Item) -> Iterator[Parcel]:
    """Encode what a performance emitted."""
    if isinstance(item, Poses):
        for i, data in enumerate(wire.encode_poses(item)):
            yield Parcel(Kind.FRAME, frame_time_us(item.first_frame + i), 1_000_000 // FRAME_RATE, data)
    elif isinstance(item, AudioChunk):
        yield Parcel(Kind.AUDIO, item.time_us, sample_time_us(len(item.pcm)), wire.encode(server_message(item)))
    else:
        yield Parcel(kind(item), item.time_us, 0, wire.encode(server_message(item)))


def kind(item: Item) -> Kind:
    """How what a performance emitted may be treated."""
    match item:
        case Poses():
            return Kind.FRAME
        case AudioChunk():
            return Kind.AUDIO
        case Forget():
            return Kind.CONTROL
        case _:
            return Kind.EVENT


def server_message(item: AudioChunk | Forget | Event) -> session_pb2.ServerMessage:
    """The message that carries an item."""
    message = session_pb2.ServerMessage()
    match item:
        case AudioChunk():
            audio = message.audio
            audio.time_us, audio.sequence = item.time_us, item.sequence
            audio.pcm = item.pcm.astype("<i2", copy=False).tobytes()
        case Forget():
            message.forget.time_us = item.time_us
        case _:
            message.event.CopyFrom(_event(item))
    return message


def _event(item: Event) -> stream_pb2.Event:
    event = stream_pb2.Event(time_us=item.time_us)
    match item:
        case UtteranceStarted():
            event.utterance_started.utterance, event.utterance_started.text = item.utterance, item.text
        case UtteranceEnded():
            event.utterance_ended.utterance = item.utterance
            event.utterance_ended.reason = cast(stream_pb2.EndReason, item.reason.value)
            event.utterance_ended.detail = item.detail
        case PhoneEvent():
            event.phone.symbol, event.phone.duration_us = item.symbol, item.duration_us
        case WordEvent():
            event.word.text, event.word.utterance = item.text, item.utterance
        case EmotionChanged():
            event.emotion_changed.emotion, event.emotion_changed.intensity = item.emotion, item.intensity
    return event


def pack(motion: Motion) -> npt.NDArray[np.int16]:
    """Poses as the little-endian integers of Frame: (count, 52 + 4 · 22 + 3) int16. Values beyond range saturate."""
    return _packed([motion]) if motion.packed is None else motion.packed


def pack_all(motions: Sequence[Motion]) -> None:
    """Pack many at once, which takes a fifth of the time; each keeps its rows, for `pack` to find."""
    if not motions:
        return
    packed, end = _packed(motions), 0
    for motion in motions:
        motion.packed = packed[end : end + len(motion)]
        end += len(motion)


def _packed(motions: Sequence[Motion]) -> npt.NDArray[np.int16]:
    flat = np.empty((sum(map(len, motions)), len(_SCALE)), np.float32)
    rotations = flat[:, len(CURVES) : -3].reshape(len(flat), len(JOINTS), 4)
    np.concatenate([motion.curves for motion in motions], out=flat[:, : len(CURVES)])
    np.concatenate([motion.rotations for motion in motions], out=rotations)
    np.concatenate([motion.root for motion in motions], out=flat[:, -3:])
    flat *= _SCALE
    np.rint(flat, out=flat)
    np.minimum(flat, 32767, out=flat)
    np.maximum(flat, -32768, out=flat)
    return flat.astype("<i2")


def unpack(frame: stream_pb2.Frame) -> Motion:
    """One row of poses from a packed frame; quaternions are of unit length to within 1e-4.

    Raises BadMessageError where a field has not the rig's length.
    """
    for name, data, length in (
        ("curves", frame.curves, _CURVE_BYTES),
        ("rotations", frame.rotations, _ROTATION_BYTES),
        ("root", frame.root, 6),
    ):
        if len(data) != length:
            raise BadMessageError(f"frame.{name} has {len(data)} bytes, the rig needs {length}")
    packed = np.frombuffer(frame.curves + frame.rotations + frame.root, "<i2")
    values: Array = np.multiply(packed, _UNIT, dtype=np.float32)
    rotations = values[len(CURVES) : -3].reshape(1, len(JOINTS), 4)
    return Motion(values[None, : len(CURVES)], rotations, values[None, -3:])


def _packed_messages(poses: Poses) -> Iterator[session_pb2.ServerMessage]:
    """One message a frame; always the same object, to be serialised before the next is asked for."""
    message = session_pb2.ServerMessage()
    frame = message.frame
    for i, row in enumerate(pack(poses.motion)):
        data = row.tobytes()
        frame.time_us = frame_time_us(poses.first_frame + i)
        frame.sequence = (poses.sequence + i) & 0xFFFFFFFF
        frame.curves = data[:_CURVE_BYTES]
        frame.rotations = data[_CURVE_BYTES : _CURVE_BYTES + _ROTATION_BYTES]
        frame.root = data[_CURVE_BYTES + _ROTATION_BYTES :]
        yield message


def _plain_rows(poses: Poses) -> Iterator[dict[str, object]]:
    motion = poses.motion
    for i in range(len(motion)):
        yield {
            "time_us": frame_time_us(poses.first_frame + i),
            "sequence": (poses.sequence + i) & 0xFFFFFFFF,
            "curves": motion.curves[i].tolist(),
            "rotations": motion.rotations[i].ravel().tolist(),
            "root": motion.root[i].tolist(),
        }


class BinaryWire:
    """Protobuf's binary form."""

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain

    def decode(self, data: bytes | str) -> session_pb2.ClientMessage:
        """See Wire."""
        if isinstance(data, str):
            raise BadMessageError("this connection speaks binary protobuf; ask for rigcast.v1.json to send JSON text")
        try:
            return session_pb2.ClientMessage.FromString(data)
        except DecodeError:
            raise BadMessageError(f"these {len(data)} bytes are no rigcast.v1.ClientMessage") from None

    def encode(self, message: session_pb2.ServerMessage) -> bytes:
        """See Wire."""
        return message.SerializeToString()

    def encode_poses(self, poses: Poses) -> list[bytes | str]:
        """See Wire."""
        if self._plain:
            return [
                session_pb2.ServerMessage(plain_frame=stream_pb2.PlainFrame(**row)).SerializeToString()  # type: ignore[arg-type]
                for row in _plain_rows(poses)
            ]
        return [message.SerializeToString() for message in _packed_messages(poses)]


class JsonWire:
    """Protobuf's canonical JSON form: lowerCamelCase names, 64-bit integers as strings, bytes as base64."""

    def __init__(self, *, plain: bool = True) -> None:
        self._plain = plain

    def decode(self, data: bytes | str) -> session_pb2.ClientMessage:
        """See Wire. A name that the schema does not have is an error, since it is most often a slip of the pen."""
        try:
            text = data if isinstance(data, str) else data.decode()
            if sum(map(text.count, "[{,:")) > MOST_PARTS:
                raise ValueError(f"more than {MOST_PARTS} brackets, commas and colons")
            return json_format.Parse(text, session_pb2.ClientMessage())
        except (json_format.ParseError, ValueError, TypeError, AttributeError, RecursionError) as error:
            detail = str(error).replace("\n", " ")[:200]
            raise BadMessageError(f"this text is no rigcast.v1.ClientMessage in JSON: {detail}") from None

    def encode(self, message: session_pb2.ServerMessage) -> str:
        """See Wire."""
        return json_format.MessageToJson(message, indent=None, always_print_fields_with_no_presence=True)

    def encode_poses(self, poses: Poses) -> list[bytes | str]:
        """See Wire. Plain frames are written by hand: json_format takes some ten times as long."""
        if not self._plain:
            return [self.encode(message) for message in _packed_messages(poses)]
        return [_plain_json(row) for row in _plain_rows(poses)]


def batch(messages: Sequence[bytes | str]) -> bytes | str:
    """Written messages, all of one wire, as one Batch: in binary, each is its bytes behind a tag and their length."""
    if isinstance(messages[0], str):
        return f'{{"batch":{{"messages":[{",".join(cast(Sequence[str], messages))}]}}}}'
    inner = b"".join(
        part for message in cast(Sequence[bytes], messages) for part in (_MESSAGE, _varint(len(message)), message)
    )
    return b"".join((_BATCH, _varint(len(inner)), inner))


def _varint(value: int) -> bytes:
    """A length as protobuf writes it."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


@cache
def wire(protocol: str, form: int = session_pb2.FRAME_FORM_UNSPECIFIED) -> Wire:
    """The one wire of a subprotocol, "rigcast.v1" or "rigcast.v1.json", and a FrameForm. Raises KeyError for others."""
    kinds: dict[str, type[BinaryWire] | type[JsonWire]] = {PROTOCOL: BinaryWire, PROTOCOL_JSON: JsonWire}
    kind = kinds[protocol]
    if form == session_pb2.FRAME_FORM_UNSPECIFIED:
        return kind()
    return kind(plain=form == session_pb2.FRAME_FORM_PLAIN)


def _plain_json(row: dict[str, object]) -> str:
    def numbers(values: object) -> list[float]:
        return [round(v, 5) for v in values]  # type: ignore[attr-defined]

    body = {
        "timeUs": str(row["time_us"]),
        "sequence": row["sequence"],
        "curves": numbers(row["curves"]),
        "rotations": numbers(row["rotations"]),
        "root": numbers(row["root"]),
    }
    return json.dumps({"plainFrame": body}, separators=(",", ":"), allow_nan=False)


def rig() -> rig_pb2.Rig:
    """The rig that every session drives."""
    joints = [
        rig_pb2.Joint(name=name, parent=parent, rest_offset=rig_pb2.Vector3(x=x, y=y, z=z))
        for name, parent, (x, y, z) in JOINTS
    ]
    return rig_pb2.Rig(curves=CURVES, joints=joints, frame_rate=FRAME_RATE, audio_rate=AUDIO_RATE)
