"""Golden vectors of the wire: proto/vectors/*.bin, the same as *.json, and index.json which says what each must give.

Every reader of the wire (Python, C++, C#, TypeScript) is tested on these files. They come from one seed; `--check`
compares the committed files with fresh ones. Run, and commit, after a change of proto/ or of bridge/wire.py.

index.json is a list of {name, direction: "server" | "client", verdict: "read" | "refuse", why, pose?}. A "read" case
has NAME.bin and NAME.json, the same message in both forms; readers must accept both. A "refuse" case has NAME.bin
only, and a reader must refuse it without harm. `pose` holds what a packed frame says, as plain numbers.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from google.protobuf import json_format
from google.protobuf.message import Message

from bridge.frames import (
    AudioChunk,
    EmotionChanged,
    EndReason,
    Forget,
    Motion,
    PhoneEvent,
    Poses,
    UtteranceEnded,
    UtteranceStarted,
    WordEvent,
)
from bridge.skeleton import normalised
from bridge.wire import parcels, rig, server_message, unpack, wire
from rigcast.v1 import session_pb2, stream_pb2

OUT = Path(__file__).parent.parent / "proto" / "vectors"
SEED = 20260101


class Case(NamedTuple):
    """One vector: its bytes, and the message they hold, None where they must be refused."""

    name: str
    direction: str
    why: str
    data: bytes
    message: Message | None


def _server(name: str, why: str, message: session_pb2.ServerMessage) -> Case:
    return Case(name, "server", why, message.SerializeToString(deterministic=True), message)


def _client(name: str, why: str, message: session_pb2.ClientMessage) -> Case:
    return Case(name, "client", why, message.SerializeToString(deterministic=True), message)


def _frame(motion: Motion, first: int, sequence: int) -> session_pb2.ServerMessage:
    (parcel,) = parcels(wire("rigcast.v1"), Poses(first, sequence, motion))
    assert isinstance(parcel.data, bytes)
    return session_pb2.ServerMessage.FromString(parcel.data)


def _motion(rng: np.random.Generator) -> Motion:
    motion = Motion.rest(1)
    motion.curves[:] = np.where(rng.random((1, 52)) < 0.5, rng.random((1, 52)) * 1.05, 0)
    motion.rotations[:] = normalised(rng.standard_normal((1, 22, 4)).astype(np.float32))
    motion.root[:] = rng.uniform(-0.1, 0.1, (1, 3))
    return motion


def _frames(rng: np.random.Generator) -> Iterator[Case]:
    yield _server("frame_rest", "the rest pose at time 0: default values are left out", _frame(Motion.rest(1), 0, 0))
    for i in range(4):
        yield _server(f"frame_{i}", "a pose", _frame(_motion(rng), int(rng.integers(1, 10**6)), i))
    edge = Motion.rest(1)
    edge.curves[:] = np.linspace(-2.5, 2.5, 52)
    edge.root[:] = [-9, 9, 0]
    yield _server("frame_saturated", "weights and offsets beyond their range saturate", _frame(edge, 60, 7))
    late = _frame(_motion(rng), 60 * 3600 * 24 * 365, 2**32 - 1)
    yield _server("frame_after_a_year", "time needs 45 bits, sequence all of its 32", late)
    plain = _motion(rng)
    (parcel,) = parcels(wire("rigcast.v1", session_pb2.FRAME_FORM_PLAIN), Poses(90, 90, plain))
    assert isinstance(parcel.data, bytes)
    yield _server("plain_frame", "a pose as plain numbers", session_pb2.ServerMessage.FromString(parcel.data))


def _stream(rng: np.random.Generator) -> Iterator[Case]:
    noise = rng.integers(-32768, 32768, 2400).astype(np.int16)
    yield _server("audio", "100 ms of noise over the full range", server_message(AudioChunk(1_000_000, 3, noise)))
    yield _server("audio_empty", "a chunk without samples is legal", server_message(AudioChunk(41, 0, noise[:0])))
    yield _server("forget", "everything from 1.2 s on is void", server_message(Forget(1_200_000)))
    events = [
        UtteranceStarted(0, 1, "你好 — “hi” 🙂"),
        PhoneEvent(20_000, "tʃ", 85_000),
        WordEvent(20_000, "naïve", 1),
        EmotionChanged(500_000, "happy", 0.75),
        UtteranceEnded(900_000, 1, EndReason.FINISHED),
        UtteranceEnded(900_000, 2, EndReason.FAILED, "the voice stopped"),
    ]
    for i, event in enumerate(events):
        yield _server(f"event_{i}", type(event).__name__, server_message(event))
    yield _server(
        "dropped", "a slow reader is told", session_pb2.ServerMessage(dropped=stream_pb2.Dropped(frames=9, audio_us=5))
    )


def _replies() -> Iterator[Case]:
    welcome = session_pb2.Welcome(
        protocol="rigcast.v1", server="0.1.0", session="main", rig=rig(), now_us=12_345_678, lead_us=200_000
    )
    welcome.emotions.extend(["neutral", "happy"])
    welcome.limits.text_characters = 5000
    welcome.limits.outputs = 8
    yield _server("welcome", "the first message, with the rig", session_pb2.ServerMessage(welcome=welcome))
    yield _server(
        "accepted", "an answer", session_pb2.ServerMessage(accepted=session_pb2.Accepted(request_id=7, utterance=3))
    )
    yield _server("pong", "an answer", session_pb2.ServerMessage(pong=session_pb2.Pong(request_id=8, now_us=2**53 + 1)))
    error = session_pb2.Error(
        request_id=9, code=session_pb2.ERROR_CODE_RESOURCE_EXHAUSTED, message="too long", field="say.text", limit=5000
    )
    yield _server("error", "a refusal", session_pb2.ServerMessage(error=error))


def _requests() -> Iterator[Case]:
    pb = session_pb2
    target = {"x": 0.5, "y": 1.5, "z": -2.0}
    cases = {
        "join": pb.ClientMessage(request_id=1, join=pb.Join(session="stage-1", no_events=True)),
        "join_default": pb.ClientMessage(join=pb.Join()),
        "say": pb.ClientMessage(
            request_id=2, say=pb.Say(text="[happy] Grüße, 世界!", voice="de", rate=1.25, pitch=0.9)
        ),
        "interrupt": pb.ClientMessage(request_id=3, interrupt=pb.Interrupt(time_us=2_000_000)),
        "set_emotion": pb.ClientMessage(request_id=4, set_emotion=pb.SetEmotion(emotion="sad", intensity=0.5)),
        "look_at": pb.ClientMessage(request_id=5, look_at=pb.LookAt(target=target)),
        "look_free": pb.ClientMessage(request_id=6, look_at=pb.LookAt()),
        "ping": pb.ClientMessage(request_id=2**32 - 1, ping=pb.Ping()),
        "start_audio": pb.ClientMessage(
            request_id=7,
            start_audio=pb.StartAudio(
                sample_rate=48_000, channels=2, format=pb.SAMPLE_FORMAT_F32, interrupt=True, no_echo=True, strength=0
            ),
        ),
        "start_audio_default": pb.ClientMessage(start_audio=pb.StartAudio()),
        "push_audio": pb.ClientMessage(push_audio=pb.PushAudio(samples=b"\x00\x80\xff\x7f", first_sample=0)),
        "push_audio_next": pb.ClientMessage(push_audio=pb.PushAudio(samples=b"\x01\x00")),
        "end_audio": pb.ClientMessage(end_audio=pb.EndAudio()),
    }
    for name, message in cases.items():
        yield _client(name, "a request", message)


def _nasty(rng: np.random.Generator) -> Iterator[Case]:
    frame = _frame(_motion(rng), 600, 600)
    good = frame.SerializeToString()
    inner = frame.frame.SerializeToString()
    unknown = inner + b"\xfa\x07\x03abc" + b"\xc0\x3e\x01" + b"\xcd\x3e\x00\x00\x00\x00" + b"\xd1\x3e" + bytes(8)
    yield Case("nasty_unknown_fields", "server", "fields of a later version are skipped", _wrap(unknown), frame)
    yield Case(
        "nasty_group", "server", "an unknown group is skipped", _wrap(inner + b"\xfb\x07\x08\x01\xfc\x07"), frame
    )
    twice = b"\x08\x01" + inner
    yield Case("nasty_field_twice", "server", "of a field that comes twice the last one counts", _wrap(twice), frame)
    other = session_pb2.ServerMessage(forget=stream_pb2.Forget(time_us=5)).SerializeToString()
    yield Case("nasty_two_bodies", "server", "of two bodies the last one counts", other + good, frame)
    yield Case("nasty_long_varint", "server", "a varint may be padded", _wrap(b"\x08\x85\x80\x80\x00"), _timed(5))
    yield Case("nasty_empty", "server", "no bytes are a message without a body", b"", session_pb2.ServerMessage())
    plain = session_pb2.ServerMessage(
        plain_frame=stream_pb2.PlainFrame(curves=[float("nan"), float("inf"), -1e30], rotations=[0, 0, 0, 0])
    )
    yield _server("nasty_not_finite", "numbers that no pose can have: treat as rest", plain)
    for cut in (1, 2, 5, len(good) // 2, len(good) - 1):
        yield Case(f"refuse_cut_{cut}", "server", f"a frame cut after {cut} bytes", good[:cut], None)
    yield Case("refuse_length", "server", "a length beyond the end", b"\x12\xff\xff\xff\xff\x0f\x08\x01", None)
    yield Case(
        "refuse_varint", "server", "a varint of more than ten bytes", b"\x12\x0c\x08" + b"\xff" * 10 + b"\x01", None
    )
    yield Case("refuse_wire_type", "server", "wire type 6 does not exist", b"\x16\x00", None)
    yield Case("refuse_field_zero", "server", "field number 0 does not exist", b"\x02\x00", None)
    yield Case("refuse_end_group", "server", "a group ends that never began", b"\x14", None)
    yield Case("refuse_utf8", "client", "text that is no UTF-8", b"\x1a\x04\x0a\x02\xff\xfe", None)
    yield Case("refuse_noise", "client", "noise", rng.bytes(64).replace(b"\x00", b"\xff"), None)


def _wrap(inner: bytes) -> bytes:
    """A ServerMessage with these bytes as its frame."""
    length = len(inner)
    return b"\x12" + (bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])) + inner


def _timed(time_us: int) -> session_pb2.ServerMessage:
    return session_pb2.ServerMessage(frame=stream_pb2.Frame(time_us=time_us))


def cases() -> list[Case]:
    """Every vector, in order."""
    rng = np.random.default_rng(SEED)
    return [*_frames(rng), *_stream(rng), *_replies(), *_requests(), *_nasty(rng)]


def _pose(message: Message | None) -> dict[str, object]:
    """What a packed frame says, for readers without a JSON form of their own."""
    if not isinstance(message, session_pb2.ServerMessage) or not message.frame.curves:
        return {}
    motion = unpack(message.frame)
    numbers = {
        "curves": motion.curves[0].tolist(),
        "rotations": motion.rotations[0].ravel().tolist(),
        "root": motion.root[0].tolist(),
    }
    return {"pose": {name: [round(v, 6) for v in values] for name, values in numbers.items()}}


def write(out: Path) -> None:
    """Write all vectors and the index into a folder."""
    index = []
    for case in cases():
        (out / f"{case.name}.bin").write_bytes(case.data)
        verdict = "refuse" if case.message is None else "read"
        entry = {"name": case.name, "direction": case.direction, "verdict": verdict, "why": case.why}
        index.append(entry | _pose(case.message))
        if case.message is not None:
            text = json_format.MessageToJson(case.message, indent=1, sort_keys=True, ensure_ascii=False)
            (out / f"{case.name}.json").write_text(text + "\n", encoding="utf-8")
    (out / "index.json").write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> int:
    """Write in place; with --check, only compare and return 1 where the committed files differ."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        fresh = {p.name: p.read_bytes() for p in Path(folder).iterdir()}
    old = {p.name: p.read_bytes() for p in OUT.glob("*")} if OUT.is_dir() else {}
    stale = sorted(name for name in fresh.keys() | old.keys() if fresh.get(name) != old.get(name))
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"proto/vectors/{name} is stale: run tools/vectors.py and commit", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        if name in fresh:
            (OUT / name).write_bytes(fresh[name])
        else:
            (OUT / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
