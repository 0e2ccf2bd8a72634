"""What is fuzzed. A target takes bytes and may raise nothing; what it promises of its answer it asserts itself.

Its corpus is the folder corpus/NAME: small files, each of which once reached code that no other did.
"""

import contextlib
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from google.protobuf.message import DecodeError

from bridge import journal, logs
from bridge.avatar import glb
from bridge.config import Config
from bridge.doors import Doors, bearer
from bridge.face.emotion import EMOTIONS
from bridge.face.onnx_file import NotOnnxError, head
from bridge.inputs import ifacialmocap, livelink, vtubestudio
from bridge.inputs.captured import Captured, PacketError
from bridge.inputs.vmc import Performer
from bridge.outputs import target
from bridge.session import Conversation, Limits, RefusedError, State
from bridge.speech.script import LONGEST, parse
from bridge.tokens import TokensError, read
from bridge.wire import PROTOCOL, PROTOCOL_JSON, BadMessageError, unpack, wire
from rigcast.v1 import session_pb2, stream_pb2

JOIN = session_pb2.ClientMessage(join=session_pb2.Join()).SerializeToString()
START = session_pb2.ClientMessage(start_audio=session_pb2.StartAudio()).SerializeToString()
SCRATCH = Path(tempfile.gettempdir())


def _converse(protocol: str, data: bytes | str) -> None:
    """A message in each state of a conversation, not only read but checked."""
    for steps in ((), (JOIN,), (JOIN, START)):
        conversation = Conversation(wire(PROTOCOL), Limits(), EMOTIONS)
        for step in steps:
            conversation.receive(step)
        conversation._wire = wire(protocol)
        with contextlib.suppress(RefusedError):
            request_id, request = conversation.receive(data)
            assert 0 <= request_id < 2**32
            assert request is not None
            assert conversation.state is not State.CONNECTED


def wire_binary(data: bytes) -> None:
    """ClientMessage in protobuf's binary form."""
    _converse(PROTOCOL, data)


def wire_json(data: bytes) -> None:
    """ClientMessage in JSON."""
    _converse(PROTOCOL_JSON, data.decode(errors="surrogateescape"))


def frame(data: bytes) -> None:
    """A packed frame."""
    with contextlib.suppress(BadMessageError):
        try:
            message = stream_pb2.Frame.FromString(data)
        except DecodeError:
            message = stream_pb2.Frame(curves=data[:104], rotations=data[104:280], root=data[280:])
        assert np.isfinite(unpack(message).rotations).all()


def script(data: bytes) -> None:
    """A text with marks."""
    text = data.decode(errors="replace")[:5000]
    lines = parse(text, EMOTIONS)
    assert lines
    for line in lines:
        assert len(line.text) <= LONGEST
        assert all(0 <= mark.offset <= len(line.text) and 0 <= mark.intensity <= 1 for mark in line.marks)


def onnx_head(data: bytes) -> None:
    """The head of a model's file."""
    with contextlib.suppress(NotOnnxError):
        head(data)


def vrm(data: bytes) -> None:
    """A character's file; where it is not one, its JSON, with a binary part of zeros."""
    if not data.startswith(b"glTF"):
        text = data + b" " * (-len(data) % 4)
        parts = struct.pack("<II", len(text), glb.JSON_CHUNK) + text
        parts += struct.pack("<II", 64, glb.BINARY_CHUNK) + bytes(64)
        data = struct.pack("<III", glb.MAGIC, glb.VERSION, 12 + len(parts)) + parts
    with contextlib.suppress(glb.GlbError):
        glb.document(data)


def tokens_file(data: bytes) -> None:
    """The tokens file."""
    file = SCRATCH / "rigcast-fuzz-tokens.toml"
    file.write_bytes(data)
    with contextlib.suppress(TokensError):
        read(file)


def journal_lines(data: bytes) -> None:
    """A journal that was left behind; what is made of it can be written again."""
    sessions, _ = journal.parse(data)
    again: journal.Sessions = {}
    for entry in journal.entries(sessions):
        journal.fold(again, entry)
    assert again == sessions


def trace(data: bytes) -> None:
    """The header traceparent."""
    logs.trace(data.decode("latin-1"))


DOORS = Doors(Config(tokens_file="/nonexistent"))


def headers(data: bytes) -> None:
    """Host, Origin and Authorization, a line each."""
    host, origin, authorization, *_ = *data.decode("latin-1").split("\n", 2), "", ""
    bearer(authorization)
    with contextlib.suppress(RefusedError, ValueError):  # ValueError of urlsplit: HTTP 400
        DOORS.check_page(host, origin or None)
        assert host


def receivers(data: bytes) -> None:
    """The addresses of --livelink and --vmc, and those that clients ask for."""
    text = data.decode(errors="replace")
    for protocol in target.PROTOCOLS:
        for of in (target.targets, target.requested):
            with contextlib.suppress(ValueError):
                of(protocol, text)


def _check(captured: Captured) -> None:
    """Whatever was captured is numbers."""
    for value in (captured.curves, captured.rotations, captured.head, captured.hips):
        assert value is None or np.isfinite(value).all()


def input_livelink(data: bytes) -> None:
    """A packet of Live Link Face."""
    with contextlib.suppress(PacketError):
        _check(livelink.read(data))


def input_ifacialmocap(data: bytes) -> None:
    """A packet of iFacialMocap."""
    with contextlib.suppress(PacketError):
        _check(ifacialmocap.read(data))


def input_vtubestudio(data: bytes) -> None:
    """A packet of VTube Studio."""
    with contextlib.suppress(PacketError):
        _check(vtubestudio.read(data))


def input_vmc(data: bytes) -> None:
    """A packet of VMC, which is OSC."""
    with contextlib.suppress(PacketError):
        for captured in Performer().read(data):
            _check(captured)


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (
        wire_binary, wire_json, frame, script, onnx_head, vrm, tokens_file, journal_lines, headers, trace, receivers,
        input_livelink, input_ifacialmocap, input_vtubestudio, input_vmc,
    )
}  # fmt: skip
