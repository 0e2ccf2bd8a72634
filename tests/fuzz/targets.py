"""What is fuzzed. A target takes bytes and may raise nothing; what it promises of its answer it asserts itself.

Its corpus is the folder corpus/NAME: small files, each of which once reached code that no other did.
"""

import contextlib
import struct
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
from google.protobuf.message import DecodeError

from bridge import config, journal, logs, pipes, retarget, sound_files, takes
from bridge.a2f import request as a2f_request
from bridge.avatar import glb
from bridge.avatar.params import Params, ParamsError
from bridge.config import Config, ConfigError
from bridge.curves import CURVES
from bridge.doors import Doors, bearer
from bridge.face.card import ModelError, card_of, figures
from bridge.face.emotion import EMOTIONS
from bridge.face.onnx_file import NotOnnxError, head
from bridge.inputs import ifacialmocap, livelink, vtubestudio
from bridge.inputs.binding import bindings
from bridge.inputs.captured import Captured, PacketError
from bridge.inputs.vmc import Performer
from bridge.outputs import target
from bridge.session import Conversation, Limits, RefusedError, State
from bridge.sound_files import SoundError, _UnknownKindError
from bridge.speech.script import LONGEST, parse
from bridge.takes.journal import HEAD, read_journal
from bridge.tokens import TokensError, read
from bridge.wire import PROTOCOL, PROTOCOL_JSON, BadMessageError, unpack, wire
from rigcast.a2f.v1 import a2f_pb2
from rigcast.v1 import session_pb2, stream_pb2
from tests import tiny_model

JOIN = session_pb2.ClientMessage(join=session_pb2.Join()).SerializeToString()
START = session_pb2.ClientMessage(start_audio=session_pb2.StartAudio()).SerializeToString()
_FOLDER = tempfile.TemporaryDirectory(prefix="rigcast-fuzz-")
SCRATCH = Path(_FOLDER.name)


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
    with contextlib.suppress(TokensError):
        read(_written(data, ".toml"))


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


def input_settings(data: bytes) -> None:
    """The setting `capture`."""
    with contextlib.suppress(ValueError):
        for each in bindings(data.decode(errors="replace")):
            assert each.place.host
            assert 0 < each.place.port < 65536


def settings_file(data: bytes) -> None:
    """rigcast.toml."""
    file = _written(data, ".toml")
    with contextlib.suppress(ConfigError):
        assert config.load(file=str(file), environ={}).host


def settings_variable(data: bytes) -> None:
    """An environment variable RIGCAST_NAME=VALUE, and flags that are text."""
    name, _, value = data.decode(errors="replace").partition("=")
    with contextlib.suppress(ConfigError):
        config.load(environ={f"RIGCAST_{name.upper()}": value}, folder=SCRATCH / "nowhere")


def person(data: bytes) -> None:
    """The parameters of a character; what is taken can be written and read again."""
    with contextlib.suppress(ParamsError):
        taken = Params.from_json(data.decode(errors="replace"))
        assert Params.from_json(taken.to_json()) == taken


def shape_names(data: bytes) -> None:
    """The names of a stranger's shapes, matched with curves."""
    report = retarget.match(data.decode(errors="replace").splitlines())
    weights = report.weights(dict.fromkeys(CURVES, 0.5))
    assert all(np.isfinite(weight) for weight in weights.values())
    assert not set(weights) & set(report.unmatched)


def model_card(data: bytes) -> None:
    """A model's metadata, a line "key=value" each, in place of what a good one has."""
    told = tiny_model.metadata() | dict(
        line.partition("=")[::2] for line in data.decode(errors="replace").splitlines() if "=" in line
    )
    parts = [_field(1, key.encode()) + _field(2, value.encode()) for key, value in told.items()]
    model = b"\x08\x08" + _field(7, b"") + b"".join(_field(14, part) for part in parts)
    with contextlib.suppress(ModelError):
        found = card_of(Path("fuzz.onnx"), model)
        assert found.curves
        figures(found)


def _field(number: int, payload: bytes) -> bytes:
    """A field of bytes as protobuf writes it."""
    size, head = len(payload), b""
    while size > 127:
        head, size = head + bytes([size & 127 | 128]), size >> 7
    return bytes([number << 3 | 2]) + head + bytes([size]) + payload


def take_csv(data: bytes) -> None:
    """A take of Live Link Face's app."""
    _read_take(_written(data, ".csv"))


def take_json(data: bytes) -> None:
    """A take of ours."""
    _read_take(_written(data, ".json"))


def _read_take(file: Path) -> None:
    with contextlib.suppress(takes.TakeError):
        for pose in takes.read(file):
            assert pose.time_us >= 0
            for value in (pose.curves, pose.rotations, pose.root):
                assert np.isfinite(value).all()


def take_journal(data: bytes) -> None:
    """What was left of a take that was cut off: a line of JSON, and numbers behind it."""
    head, _, rows = data.partition(b"\n")
    file = _written(head.ljust(HEAD - 1)[: HEAD - 1] + b"\n" + rows * 10, ".glb.journal")
    with contextlib.suppress(takes.TakeError):
        found = read_journal(file)
        assert len(found.rows)


def sound(data: bytes) -> None:
    """A sound file that libsndfile may know."""
    file = _written(data, ".wav")
    with contextlib.suppress(SoundError, _UnknownKindError), sound_files._sndfile(file) as source:
        for pcm in islice(sound_files._sound(file, source).pieces, 4):
            assert pcm.dtype == np.int16


def a2f_message(data: bytes) -> None:
    """What an Audio2Face client sends: how it wants its face, and emotions on the way."""
    with contextlib.suppress(DecodeError, RefusedError):
        message = a2f_pb2.ClientMessage.FromString(data)
        for given in message.sound.emotions:
            assert np.isfinite(a2f_request.shares("emotion", given.shares)).all()
        found = a2f_request.read(message.header)
        assert np.isfinite(found.gains).all()
        assert np.isfinite(found.offsets).all()


def worker_message(data: bytes) -> None:
    """What a worker of ours says, or what has become of it."""
    with contextlib.suppress(pipes.MessageError):
        pipes.lengths(data[:8].ljust(8))
        assert isinstance(pipes.parse(data[8:]), dict)


def _written(data: bytes, kind: str) -> Path:
    """A file of these bytes."""
    file = SCRATCH / f"fuzz{kind}"
    file.write_bytes(data)
    return file


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (
        wire_binary, wire_json, frame, script, onnx_head, vrm, tokens_file, journal_lines, headers, trace, receivers,
        input_livelink, input_ifacialmocap, input_vtubestudio, input_vmc, input_settings, settings_file,
        settings_variable, person, shape_names, model_card, take_csv, take_json, take_journal, sound, a2f_message,
        worker_message,
    )
}  # fmt: skip
