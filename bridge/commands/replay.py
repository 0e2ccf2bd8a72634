"""`rigcast replay`: a recorded take, sent to other programs as it was performed."""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from bridge import takes
from bridge.commands import CommandError
from bridge.commands.outputs import add_flags
from bridge.frames import FRAME_RATE

if TYPE_CHECKING:
    from bridge.outputs.feed import Pose
    from bridge.outputs.sender import Output

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

EXAMPLES = """examples:
  rigcast replay take.csv --livelink 192.168.1.5:11111/Ann
  rigcast replay take.json --vmc 127.0.0.1:39539,face=sync --loop"""


def add_parser(subparsers: "Subparsers") -> None:
    """Add `replay` to the program's commands."""
    parser = subparsers.add_parser(
        "replay", help="send a recorded take to other programs", epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Sends a take, .json or a .csv of Live Link Face, at its own pace.",
    )  # fmt: skip
    parser.add_argument("take", type=Path, metavar="FILE", help="what `rigcast record` or a phone has written")
    add_flags(parser)
    parser.add_argument("--loop", action="store_true", help="begin anew when it has ended, until Ctrl-C")
    parser.set_defaults(run=replay)


def replay(args: argparse.Namespace) -> int:
    """Send the take to every receiver."""
    from bridge.config import Config
    from bridge.outputs.sender import outputs

    sources = {"livelink": "--livelink", "vmc": "--vmc"}
    found = list(outputs(Config(livelink=" ".join(args.livelink), vmc=" ".join(args.vmc), sources=sources)))
    if not found:
        raise CommandError("where to? Name a receiver: --livelink 127.0.0.1:11111 or --vmc 127.0.0.1:39539")
    try:
        takes.kind_of(args.take, takes.READ)
        asyncio.run(_play(args.take, found, args.loop))
    except takes.TakeError as error:
        raise CommandError(str(error)) from None
    return 0


async def _play(path: Path, outputs: "list[Output]", loop: bool) -> None:
    """Each output has a task of its own, which reads the take for itself; all begin at once."""
    begin = asyncio.Barrier(len(outputs))
    await asyncio.gather(*(_send(path, output, loop, begin) for output in outputs))


async def _send(path: Path, output: "Output", loop: bool, begin: asyncio.Barrier) -> None:
    from bridge.outputs.sender import Timecode, connected, local_time

    target, encoder = output.target, output.encoder()
    with await connected(target) as line:
        while True:
            poses = _primed(path)
            await begin.wait()
            start_us, timecode, told = _now_us() + target.delay_us, Timecode(local_time), False
            for i, pose in enumerate(poses):
                await asyncio.sleep((start_us + pose.time_us - _now_us()) / 1e6)
                if i % (FRAME_RATE // target.rate):
                    continue
                try:
                    for datagram in encoder.datagrams(pose, timecode.frames(pose.time_us, _now_us() - start_us)):
                        line.send(datagram)
                except OSError as error:
                    told = told or _tell(output, error)
            if not loop:
                return


def _primed(path: Path) -> "Iterator[Pose]":
    """The take's poses, the first one read already, with which most of a .json is. Raises TakeError."""
    poses = takes.read(path)
    first = next(poses, None)
    if first is None:
        raise takes.TakeError(f"{path}: holds no frame")
    return chain([first], poses)


def _tell(output: "Output", error: OSError) -> bool:
    from bridge.outputs.sender import reason_of

    print(f"rigcast: {output.address}: {reason_of(error)}", file=sys.stderr)
    return True


def _now_us() -> int:
    return time.monotonic_ns() // 1000
