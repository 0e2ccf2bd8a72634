"""`rigcast bench`: what this machine does, measured from outside as a client sees it.

It starts a bridge of its own on free ports and speaks to it over loopback in real time:

- latency: how long after a text is sent its first sound and its first moving frame are here;
- load: sessions that all speak without a pause, in growing numbers, until frames come late.

A frame's slack is how long before its instant it arrived; below 0 it was late. With client and server on the same
cores, figures hold for the pair of them.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bridge.curves import INDEX
from bridge.wire import PROTOCOL, unpack
from rigcast.v1 import session_pb2

TEXT = "Bob moved my paper boat."
LONG_TEXT = "The quick brown fox jumps over the lazy dog, and Bob's five big thumbs move pure food. " * 20
MOVING = 0.05
"""Rise of jawOpen that counts as moving: what an eye sees, well above idle life."""


@dataclass
class Latency:
    """Milliseconds from sending a text to having its first sound, and its first moving frame."""

    sound_ms: list[float] = field(default_factory=list)
    face_ms: list[float] = field(default_factory=list)


@dataclass
class Load:
    """One step of the load: what `sessions` clients saw in `seconds`."""

    sessions: int
    seconds: float
    frames: int = 0
    expected: int = 0
    misplaced: int = 0
    """Frames lost, repeated or out of order."""
    slack_ms: list[float] = field(default_factory=list)
    server_cpu: float = float("nan")
    """Cores that the server was busy."""

    @property
    def lateness_ms(self) -> float:
        """p99 of how late frames came; 0 where they came early."""
        return max(0.0, -float(np.percentile(self.slack_ms, 1)))

    @property
    def held(self) -> bool:
        """Whether every frame came, in order, and 99 of 100 at most one frame late."""
        return self.frames >= self.expected * 0.999 and not self.misplaced and self.lateness_ms <= 1000 / 60


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `bench` to the program's commands."""
    parser = commands.add_parser(
        "bench",
        help="measure this machine: latency of a text, and how many sessions it holds",
        description="Start a bridge on free ports, speak to it in real time over loopback, print what was measured.",
        epilog="example: rigcast bench --sessions 16,64 --seconds 20 --json bench.json",
    )
    parser.add_argument("--texts", type=int, default=40, metavar="N", help="texts sent for the latency (40)")
    parser.add_argument(
        "--sessions", default="16,64,128,256", metavar="N,N,…", help="steps of the load (16,64,128,256)"
    )
    parser.add_argument("--seconds", type=float, default=15, metavar="S", help="length of a step (15)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.set_defaults(run=main)


def main(args: argparse.Namespace) -> int:
    """Run both measurements and print them."""
    steps = [int(n) for n in args.sessions.split(",") if n]
    print(machine())
    latency = asyncio.run(measure_latency(args.texts))
    print(describe_latency(latency), flush=True)
    loads = []
    for sessions in steps:
        loads.append(asyncio.run(measure_load(sessions, args.seconds)))
        print(describe_load(loads[-1]), flush=True)
        if not loads[-1].held:
            break
    if args.json:
        report = {"machine": machine(), "latency": asdict(latency), "load": [_summary(load) for load in loads]}
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)
    return 0


def machine() -> str:
    """What the figures hold for."""
    system = f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"{system}; client and server share them"


# A bridge of our own


@asynccontextmanager
async def bridge(sessions: int) -> AsyncIterator[tuple[str, int]]:
    """A fresh bridge in another process: the address of its WebSocket, and its process id."""
    command = [
        sys.executable,
        "-m",
        "bridge",
        "serve",
        "--http-port",
        "0",
        "--grpc-port",
        "0",
        "--log-level",
        "warning",
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RIGCAST_")}
    process = await asyncio.create_subprocess_exec(
        *command, "--sessions", str(max(sessions, 1)), stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    try:
        async for line in process.stdout:
            if b"ws://" in line:
                yield line[line.index(b"ws://") :].split()[0].decode(), process.pid
                return
        raise SystemExit("rigcast bench: the bridge did not start; try `rigcast serve`")
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def join(address: str, session: str) -> tuple[ClientConnection, session_pb2.Welcome]:
    """Enter a session as a binary client."""
    connection = await connect(address, subprotocols=[Subprotocol(PROTOCOL)], compression=None, max_queue=None)
    await connection.send(_request(join=session_pb2.Join(session=session)))
    return connection, (await _next(connection)).welcome


def _request(**body: object) -> bytes:
    return session_pb2.ClientMessage(**body).SerializeToString()  # type: ignore[arg-type]


async def _next(connection: ClientConnection) -> session_pb2.ServerMessage:
    data = await connection.recv(decode=False)
    return session_pb2.ServerMessage.FromString(data)


# Latency


async def measure_latency(texts: int) -> Latency:
    """Send a short text again and again into an idle session."""
    latency = Latency()
    async with bridge(1) as (address, _):
        connection, _ = await join(address, "bench")
        async with connection:
            await _speak_once(connection, Latency())  # the first sentence warms the voice up
            for _ in range(texts):
                await _speak_once(connection, latency)
    return latency


async def _speak_once(connection: ClientConnection, latency: Latency) -> None:
    """Say the text, note both instants, and wait until it has been presented."""
    await connection.send(_request(say=session_pb2.Say(text=TEXT)))
    sent, sound, face, rest = time.perf_counter(), 0.0, 0.0, None
    while True:
        message = await _next(connection)
        now = time.perf_counter()
        match message.WhichOneof("body"):
            case "audio":
                sound = sound or now
            case "frame":
                jaw = float(unpack(message.frame).curves[0, INDEX["jawOpen"]])
                rest = jaw if rest is None else rest
                if sound and not face and jaw > rest + MOVING:
                    face = now
            case "event" if message.event.HasField("utterance_ended"):
                break
    latency.sound_ms.append((sound - sent) * 1000)
    latency.face_ms.append((face - sent) * 1000)
    await connection.send(_request(interrupt=session_pb2.Interrupt()))
    await asyncio.sleep(0.3)  # idle again, and what ran ahead is past
    await _drain(connection)


async def _drain(connection: ClientConnection) -> None:
    """Throw away what has arrived."""
    while True:
        try:
            await asyncio.wait_for(connection.recv(decode=False), 0.001)
        except TimeoutError:
            return


# Load


async def measure_load(sessions: int, seconds: float) -> Load:
    """Let `sessions` sessions speak without a pause, one client each."""
    load = Load(sessions, seconds)
    async with bridge(sessions) as (address, pid):
        connections = [await join(address, f"bench-{i}") for i in range(sessions)]
        for connection, _ in connections:
            await connection.send(_request(say=session_pb2.Say(text=LONG_TEXT)))
        await asyncio.sleep(2)  # all voices at work
        before = _cpu_seconds(pid)
        await asyncio.gather(*(_watch(connection, load) for connection, _ in connections))
        load.server_cpu = (_cpu_seconds(pid) - before) / seconds
        for connection, _ in connections:
            await connection.close()
    return load


async def _watch(connection: ClientConnection, load: Load) -> None:
    """Read one client's stream for a while and judge its frames.

    The first Pong ties session time to ours: its way there and back is taken as symmetric.
    """
    await _drain(connection)
    asked = time.perf_counter()
    await connection.send(_request(ping=session_pb2.Ping()))
    offset, last, frames = 0.0, None, 0
    begin = end = 0.0
    while not end or time.perf_counter() < end:
        message = await _next(connection)
        now = time.perf_counter()
        body = message.WhichOneof("body")
        if body == "pong":
            offset = message.pong.now_us / 1e6 - (asked + now) / 2
            begin, end = now, now + load.seconds
        elif body == "frame":
            sequence = message.frame.sequence
            if end:  # what came before has waited unread, and may have been left out for that
                load.misplaced += last is not None and sequence != last + 1
                last = sequence
                frames += 1
                load.slack_ms.append((message.frame.time_us / 1e6 - offset - now) * 1000)
    load.frames += frames
    load.expected += int((time.perf_counter() - begin) * 60) - 12


def _cpu_seconds(pid: int) -> float:
    """Processor time that the bridge and its voices have used; not a number without psutil."""
    try:
        import psutil
    except ImportError:
        return float("nan")
    process = psutil.Process(pid)
    return float(sum(sum(p.cpu_times()[:2]) for p in [process, *process.children(recursive=True)]))


# Words


def describe_latency(latency: Latency) -> str:
    """The percentiles, a line each."""
    rows = [("text to first sound", latency.sound_ms), ("text to first moving frame", latency.face_ms)]
    return "\n".join(f"{name:27} {_percentiles(values)} ms  (n={len(values)})" for name, values in rows)


def describe_load(load: Load) -> str:
    """One step, one line."""
    middle, first, least = np.percentile(load.slack_ms, [50, 1, 0])
    share = load.server_cpu / load.sessions * 100
    return "; ".join(
        (
            f"{load.sessions:4} sessions speaking {load.seconds:g} s: {'held' if load.held else 'NOT held'}",
            f"{load.frames} frames, {load.misplaced} misplaced",
            f"slack p50 {middle:.0f}, p1 {first:.0f}, least {least:.0f} ms",
            f"late p99 {load.lateness_ms:.1f} ms",
            f"server {load.server_cpu:.2f} cores, {share:.2f} % of a core a session",
        )
    )


def _percentiles(values: Sequence[float]) -> str:
    p50, p95, p99 = np.percentile(values, [50, 95, 99])
    return f"p50 {p50:6.1f}  p95 {p95:6.1f}  p99 {p99:6.1f}"


def _summary(load: Load) -> dict[str, object]:
    values = asdict(load)
    slack = values.pop("slack_ms")
    return values | {"held": load.held, "slack_ms_p50": statistics.median(slack), "late_ms_p99": load.lateness_ms}
