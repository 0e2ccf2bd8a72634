"""`rigcast mic`: a microphone, or a sound file in its place, live into a session of a running bridge, over gRPC."""

import argparse
import importlib
import queue
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bridge.commands import CommandError
from bridge.commands.remote import connected, credentials
from bridge.config import load
from bridge.frames import AUDIO_RATE
from rigcast.v1 import session_pb2, stream_pb2

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

CHUNK_S = 0.02
"""Seconds of sound in one message."""

HELD = 500
"""Chunks that wait for the network at most, 10 s; what does not fit is left out, and the bridge hears silence there."""


class Source(NamedTuple):
    """Sound as it is recorded: samples a second, and chunks: the index of the first sample, and int16 bytes, mono."""

    name: str
    rate: int
    chunks: Iterator[tuple[int, bytes]]


def add_parser(subparsers: "Subparsers") -> None:
    """Adds `mic`."""
    parser = subparsers.add_parser("mic", help="speak with your own voice", description=run.__doc__)
    parser.add_argument("--session", default="main", metavar="NAME", help="the session that speaks (main)")
    parser.add_argument("--device", metavar="NAME", help="the microphone, or a part of its name (the system's own)")
    parser.add_argument("--list", action="store_true", help="list the microphones and end")
    parser.add_argument("--file", type=Path, help="play a sound file as if it were spoken now")
    parser.add_argument("--strength", type=float, default=1.0, metavar="X", help="how far the mouth goes, 0 to 2 (1)")
    parser.add_argument("--no-echo", action="store_true", help="send the face only, not the sound")
    parser.add_argument("--to", metavar="HOST:PORT", help="gRPC address of the bridge (the settings' own)")
    parser.add_argument("--config", metavar="FILE", help="TOML file of settings (rigcast.toml, if any)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Lets the character speak with your voice until Ctrl-C. Whatever is being said in the session is cut off."""
    if args.list:
        return list_microphones()
    config, stop = load(file=args.config), threading.Event()
    source = _file(args.file, stop) if args.file else _microphone(args.device, stop)
    with source as sound, connected(config, args.to or config.grpc_target) as stub:
        calls = stub.Perform(_requests(args, sound), metadata=credentials(config.token))
        try:
            return _follow(_replies(calls, stop), sound.name, args.session)
        finally:
            stop.set()
            calls.cancel()


def list_microphones() -> int:
    """Print what can be recorded from; the system's own choice is marked."""
    device = _sounddevice()
    chosen = device.default.device[0]
    found = [(i, d) for i, d in enumerate(device.query_devices()) if d["max_input_channels"] > 0]
    if not found:
        raise CommandError(_NO_MICROPHONE)
    for i, each in found:
        print(f"{'*' if i == chosen else ' '} {each['name']}  {each['default_samplerate']:.0f} Hz")
    return 0


_NO_MICROPHONE = "there is no microphone; connect one, or play a sound file with --file"


def _sounddevice() -> Any:
    """The library that records. Raises CommandError where it, or PortAudio under it, is missing."""
    try:
        return importlib.import_module("sounddevice")
    except ImportError:
        raise CommandError("recording needs another package: pip install 'rigcast[mic]'") from None
    except OSError as error:
        raise CommandError(f"{error}; on Debian or Ubuntu: apt install libportaudio2") from None


@contextmanager
def _microphone(name: str | None, stop: threading.Event) -> Iterator[Source]:
    """Record until `stop`. PortAudio's thread only ever puts chunks into a queue."""
    device = _sounddevice()
    waiting: queue.Queue[tuple[int, bytes]] = queue.Queue(HELD)
    recorded = 0

    def keep(data: Any, frames: int, _time: object, _status: object) -> None:
        nonlocal recorded
        if not waiting.full():
            waiting.put_nowait((recorded, bytes(data)))
        recorded += frames

    try:
        found = device.query_devices(name, "input")
        rate = round(found["default_samplerate"])
        with device.RawInputStream(rate, round(rate * CHUNK_S), found["index"], 1, "int16", callback=keep):
            yield Source(found["name"], rate, _recorded(waiting, stop))
    except (device.PortAudioError, ValueError) as error:
        if not any(each["max_input_channels"] > 0 for each in device.query_devices()):
            raise CommandError(_NO_MICROPHONE) from None
        raise CommandError(f"{error}; `rigcast mic --list` says what there is") from None


def _recorded(waiting: "queue.Queue[tuple[int, bytes]]", stop: threading.Event) -> Iterator[tuple[int, bytes]]:
    while not stop.is_set():
        try:
            yield waiting.get(timeout=0.1)
        except queue.Empty:
            continue


@contextmanager
def _file(path: Path, stop: threading.Event) -> Iterator[Source]:
    """A file, as fast as it would be spoken."""
    from bridge.sound_files import SoundError, opened

    try:
        with opened(path) as sound:
            yield Source(path.name, AUDIO_RATE, _paced(sound.pieces, stop))
    except SoundError as error:
        raise CommandError(str(error)) from None


def _readable(pieces: Iterator[Any]) -> Iterator[Any]:
    """The pieces up to where the file breaks off."""
    from bridge.sound_files import SoundError

    try:
        yield from pieces
    except SoundError as error:
        print(f"rigcast: {error}", file=sys.stderr)


def _paced(pieces: Iterator[Any], stop: threading.Event) -> Iterator[tuple[int, bytes]]:
    size, at, begin = round(AUDIO_RATE * CHUNK_S), 0, time.monotonic()
    for piece in _readable(pieces):
        for i in range(0, len(piece), size):
            chunk = piece[i : i + size]
            if stop.wait(max(begin + (at + len(chunk)) / AUDIO_RATE - time.monotonic(), 0)):
                return
            yield at, chunk.astype("<i2").tobytes()
            at += len(chunk)


def _requests(args: argparse.Namespace, sound: Source) -> Iterator[session_pb2.ClientMessage]:
    """What is sent; consumed in a thread of gRPC's."""
    pb = session_pb2
    yield pb.ClientMessage(join=pb.Join(session=args.session, no_frames=True, no_audio=True))
    start = pb.StartAudio(
        sample_rate=sound.rate,
        format=pb.SAMPLE_FORMAT_S16,
        interrupt=True,
        no_echo=args.no_echo,
        strength=args.strength,
    )
    yield pb.ClientMessage(request_id=1, start_audio=start)
    for first, samples in sound.chunks:
        yield pb.ClientMessage(push_audio=pb.PushAudio(samples=samples, first_sample=first))
    yield pb.ClientMessage(end_audio=pb.EndAudio())


def _replies(calls: Any, stop: threading.Event) -> Iterator[session_pb2.ServerMessage]:
    """What is answered. A Ctrl-C ends the sound, and what remains of it is waited for; a second one ends all."""
    answers: queue.SimpleQueue[session_pb2.ServerMessage | BaseException | None] = queue.SimpleQueue()

    def read() -> None:
        try:
            for answer in calls:
                answers.put(answer)
            answers.put(None)
        except BaseException as error:
            answers.put(error)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            answer = answers.get()
        except KeyboardInterrupt:
            if stop.is_set():
                raise
            stop.set()
            continue
        if isinstance(answer, BaseException):
            raise answer
        if answer is None:
            raise CommandError("the bridge ended the stream")
        yield answer


def _follow(replies: Iterator[session_pb2.ServerMessage], name: str, session: str) -> int:
    """Read until our sound has ended and that instant is present."""
    utterance, clock_us = 0, 0.0
    for reply in replies:
        kind = reply.WhichOneof("body")
        if kind == "welcome":
            clock_us = reply.welcome.now_us - time.monotonic() * 1e6
            if reply.welcome.no_live_audio:
                raise CommandError(f"the bridge takes no live audio: {reply.welcome.no_live_audio}")
        elif kind == "error" and reply.error.request_id:
            raise CommandError(reply.error.message)
        elif kind == "error":
            print(f"rigcast: {reply.error.message}", file=sys.stderr)
        elif kind == "accepted":
            utterance = reply.accepted.utterance
            print(f'"{name}" speaks in session "{session}". Ctrl-C ends it.', flush=True)
        elif kind == "event" and utterance and reply.event.utterance_ended.utterance == utterance:
            time.sleep(max(0.0, (reply.event.time_us - clock_us) / 1e6 - time.monotonic()))
            return _verdict(reply.event.utterance_ended)
    return 0


def _verdict(ended: stream_pb2.UtteranceEnded) -> int:
    if ended.reason == stream_pb2.END_REASON_INTERRUPTED:
        raise CommandError("someone else in the session cut it off")
    return 0
