"""`rigcast bench`: what this machine does, measured from outside as a client sees it.

Each measurement starts a bridge of its own on free ports and a load generator in another process, and speaks to it in
real time over loopback; figures hold for all of them on the same cores.
"""

import argparse
import asyncio
import json
import signal
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

Found = TypeVar("Found")


def add_parser(commands: "Subparsers") -> None:
    """Add `bench` to the program's commands."""
    parser = commands.add_parser(
        "bench",
        help="measure this machine: latency, load, overload, isolation, endurance, cost",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(metavar="MEASUREMENT", required=True)
    _add_latency(actions)
    _add_load(actions)
    _add_overload(actions)
    _add_isolation(actions)
    _add_soak(actions)
    cost = _add(actions, "cost", "processor time of a session, part by part; no bridge is started", run_cost)
    cost.add_argument("--sessions", type=int, default=16, metavar="N", help="that are due at one tick (16)")


def _add(actions: "Subparsers", name: str, help: str, run: Any) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.set_defaults(run=run)
    return parser


def _add_latency(actions: "Subparsers") -> None:
    parser = _add(actions, "latency", "from a text to its first sound and its first moving frame", run_latency)
    parser.add_argument("--texts", type=int, default=40, metavar="N", help="texts sent (40)")


def _add_load(actions: "Subparsers") -> None:
    parser = _add(actions, "load", "how late frames are while many sessions speak, and what that costs", run_load)
    parser.add_argument("--sessions", type=int, default=64, metavar="N", help="sessions; with --search at most (64)")
    _add_transport(parser)
    parser.add_argument("--minutes", type=float, default=1, metavar="M", help="length of a step (1)")
    parser.add_argument("--live", action="store_true", help="speak with live audio, which the model hears")
    parser.add_argument("--search", action="store_true", help="look for the most sessions that hold the deadline")
    parser.add_argument("--no-bare", action="store_true", help="leave out the loop that only sends")
    parser.add_argument("--plot", metavar="FILE.svg", help="draw how late frames were")


def _add_overload(actions: "Subparsers") -> None:
    parser = _add(actions, "overload", "offer more sessions than there is room for", run_overload)
    parser.add_argument("--sessions", type=int, default=512, metavar="N", help="sessions offered (512)")
    _add_transport(parser)
    parser.add_argument("--seconds", type=float, default=30, metavar="S", help="watched after the rush (30)")


def _add_isolation(actions: "Subparsers") -> None:
    parser = _add(actions, "isolation", "one client that does not read, among others that do", run_isolation)
    parser.add_argument("--sessions", type=int, default=64, metavar="N", help="sessions (64)")
    _add_transport(parser)
    parser.add_argument("--seconds", type=float, default=15, metavar="S", help="each half; who sleeps 20 is cut (15)")


def _add_soak(actions: "Subparsers") -> None:
    parser = _add(actions, "soak", "hours of speaking, with clients that come and go", run_soak)
    parser.add_argument("--sessions", type=int, default=64, metavar="N", help="sessions (64)")
    _add_transport(parser)
    parser.add_argument("--minutes", type=float, default=120, metavar="M", help="how long (120)")
    parser.add_argument("--reconnects", type=int, default=10_000, metavar="N", help="in that time (10000)")
    parser.add_argument("--plot", metavar="FILE.svg", help="draw memory, open files and lateness")


def _add_transport(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--transport", choices=("ws", "grpc"), default="ws", help="WebSocket (ws) or gRPC")


def _run(work: Coroutine[Any, Any, Found]) -> Found:
    """What it finds. SIGTERM ends it as Ctrl-C does, so that no bridge is left behind."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return asyncio.run(work)


def run_latency(args: argparse.Namespace) -> int:
    """Texts, one after another."""
    from bridge.bench import latency

    found = _run(latency.measure(args.texts))
    print(latency.described(found))
    return _end(args, latency=asdict(found))


def run_load(args: argparse.Namespace) -> int:
    """Steps of load."""
    from bridge.bench import load, plot

    steps = _run(load.run(args.sessions, args.transport, args.minutes, args.live, args.search, not args.no_bare))
    if args.plot:
        Path(args.plot).write_text(plot.svg(steps, "rigcast bench load"), encoding="utf-8")
    held = all(step.held for step in steps) or (args.search and any(step.held for step in steps))
    return _end(args, held, steps=load.as_report(steps))


def run_overload(args: argparse.Namespace) -> int:
    """More than there is room for."""
    from bridge.bench import overload

    found = _run(overload.measure(args.sessions, args.transport, args.seconds))
    print(overload.described(found))
    return _end(args, found.held, overload=asdict(found) | {"held": found.held})


def run_isolation(args: argparse.Namespace) -> int:
    """One that does not read."""
    from bridge.bench import isolation

    found = _run(isolation.measure(args.sessions, args.transport, args.seconds))
    print(isolation.described(found))
    return _end(args, found.held, isolation=asdict(found) | {"held": found.held})


def run_soak(args: argparse.Namespace) -> int:
    """For long."""
    from bridge.bench import soak, timeline

    found = _run(soak.measure(args.sessions, args.transport, args.minutes, args.reconnects))
    print(soak.described(found))
    if args.plot:
        Path(args.plot).write_text(timeline.svg(found), encoding="utf-8")
    return _end(args, found.held, soak=found.report())


def run_cost(args: argparse.Namespace) -> int:
    """Part by part."""
    from bridge.bench import cost

    found = _run(cost.measure(args.sessions))
    print(cost.described(found))
    return _end(args, cost=found)


def _end(args: argparse.Namespace, held: bool = True, **figures: Any) -> int:
    """Write the report; 1 if what is promised did not hold."""
    from bridge.bench.house import machine

    if args.json:
        report = {"machine": machine(), **figures}
        Path(args.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0 if held else 1
