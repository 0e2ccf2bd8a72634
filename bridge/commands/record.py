"""`rigcast record`: what a session of a running bridge performs, written down while it does."""

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge import takes
from bridge.commands import CommandError
from bridge.commands.files import check_files
from bridge.frames import FRAME_RATE

if TYPE_CHECKING:
    from bridge.takes.recording import Recorder

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

TOLD = 5
"""Gaps that are named one by one."""

EXAMPLES = """examples:
  rigcast record main --out take.csv
  rigcast record stage-left --out take.glb --seconds 60
  rigcast record --recover take.glb.journal"""


def add_parser(subparsers: "Subparsers") -> None:
    """Add `record` to the program's commands."""
    parser = subparsers.add_parser(
        "record", help="write down what a session performs", epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Writes what a session of a running bridge performs, until Ctrl-C; its sound goes beside it as\n"
        ".wav. How the name of FILE ends chooses the format: .csv (Live Link Face), .json, .bvh, .glb, .vrma, or .wav\n"
        "for the sound alone.",
    )  # fmt: skip
    parser.add_argument("session", nargs="?", default="main", metavar="SESSION", help="whose performance (main)")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, metavar="FILE", help="the file to be made")
    what.add_argument("--recover", type=Path, metavar="JOURNAL", help="finish a .glb or .vrma that was cut off")
    parser.add_argument("--seconds", type=float, metavar="S", help="end after so long")
    parser.add_argument("--no-sound", action="store_true", help="write no .wav beside it")
    parser.add_argument("--face", choices=takes.FACES, default="sync", help="expressions of a .vrma (sync)")
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist already")
    parser.add_argument("--to", metavar="HOST:PORT", help="gRPC address of the bridge (default: the settings' own)")
    parser.add_argument("--config", metavar="FILE", help="TOML file of settings (default: rigcast.toml, if any)")
    parser.set_defaults(run=record)


def record(args: argparse.Namespace) -> int:
    """Record until Ctrl-C, the limit, or the end of the session; or finish an earlier take."""
    try:
        if args.recover:
            print(takes.recover(args.recover))
            return 0
        return _record(args)
    except takes.TakeError as error:
        raise CommandError(str(error)) from None


def _record(args: argparse.Namespace) -> int:
    from bridge.commands.remote import connected, credentials
    from bridge.config import load
    from rigcast.v1 import session_pb2

    kind = takes.kind_of(args.out, (*takes.WRITTEN, ".wav"))
    wav = None if args.no_sound and kind != ".wav" else args.out.with_suffix(".wav")
    files = [args.out] if kind == ".wav" else [args.out, *([wav] if wav else [])]
    check_files(files, args.overwrite)
    if args.seconds is not None and not 0 < args.seconds <= takes.LONGEST_S:
        raise CommandError(f"--seconds {args.seconds:g}: must be above 0, and {takes.LONGEST_S} at most")
    config = load(file=args.config)
    with connected(config, args.to or config.grpc_target) as stub:
        form = session_pb2.FRAME_FORM_PACKED
        join = session_pb2.Join(session=args.session, frame_form=form, no_audio=wav is None, no_events=True)
        call = stub.Watch(join, metadata=credentials(config.token))
        try:
            welcome = _welcome(next(call))
            return _write(args, call, welcome.lead_us, None if kind == ".wav" else args.out, wav)
        finally:
            call.cancel()


def _welcome(message: Any) -> Any:
    """The Welcome, if the session is one of ours. Raises CommandError."""
    from bridge.curves import CURVES
    from bridge.skeleton import JOINTS

    if message.WhichOneof("body") == "error":
        raise CommandError(message.error.message)
    rig = message.welcome.rig
    if list(rig.curves) != list(CURVES) or len(rig.joints) != len(JOINTS):
        raise CommandError("the bridge drives another rig than this version knows; record with its own version")
    return message.welcome


def _write(args: argparse.Namespace, call: Any, lead_us: int, out: Path | None, wav: Path | None) -> int:
    """Write to these files until something ends it. Returns the exit code."""
    from bridge.takes.recording import MOST, Recorder
    from bridge.takes.wav import WavWriter

    with ExitStack() as stack:
        take = stack.enter_context(takes.writer(out, sound=wav.name if wav else "", face=args.face)) if out else None
        sound = stack.enter_context(WavWriter(wav)) if wav else None
        recorder = Recorder(take, sound, lead_us, MOST if args.seconds is None else round(args.seconds * FRAME_RATE))
        names = " and ".join(str(path) for path in (out, wav) if path)
        print(f"recording session {args.session} to {names}; Ctrl-C ends it", file=sys.stderr, flush=True)
        try:
            reason = _listen(call, recorder, args.seconds or 0)
        except OSError as error:
            raise _failed(args.out, recorder, error) from None
        if take and recorder.frames:
            take.finish()
    print(f"{args.out}: {recorder.frames / FRAME_RATE:.1f} s, {recorder.frames} frames")
    _tell_gaps(recorder)
    if reason:
        raise CommandError(reason)
    return 0


def _listen(call: Any, recorder: "Recorder", seconds: float) -> str:
    """Record. Returns why it ended, where nobody had asked for it."""
    import grpc

    from bridge.commands.progress import bar

    try:
        with bar(seconds) as progress, _ended_by(call):
            for message in call:
                before = recorder.frames
                recorder.receive(message)
                progress((recorder.frames - before) / FRAME_RATE)
                if recorder.full:
                    return ""
                if message.WhichOneof("body") == "error":
                    return str(message.error.message)
    except grpc.RpcError as error:
        cancelled = call.code() is grpc.StatusCode.CANCELLED
        return "" if cancelled else f"the bridge ended the session: {call.details() or error}"
    return "the bridge ended the session"


@contextmanager
def _ended_by(call: Any) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the call meanwhile, and nothing between two steps of writing."""
    signals = signal.SIGINT, signal.SIGTERM
    before = [signal.signal(number, lambda *_: call.cancel()) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def _failed(out: Path, recorder: "Recorder", error: OSError) -> CommandError:
    """What became of a take that could not be written on."""
    from bridge.takes.journal import beside

    journal = beside(out)
    rest = f"; when there is room, `rigcast record --recover {journal}` finishes it" if journal.exists() else ""
    return CommandError(
        f"{out}: {error.strerror or error}; {recorder.frames / FRAME_RATE:.1f} s until then are kept{rest}"
    )


def _tell_gaps(recorder: "Recorder") -> None:
    if recorder.missed:
        named = ", ".join(f"{gap.length} at {gap.first / FRAME_RATE:.2f} s" for gap in recorder.gaps[:TOLD])
        more = ", ..." if len(recorder.gaps) > TOLD else ""
        print(
            f"rigcast: {recorder.missed} frames never came, and the ones before were held: {named}{more}",
            file=sys.stderr,
        )
