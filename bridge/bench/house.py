"""What a bench stands on: a bridge of its own in another process, swarms, and what they use of the machine."""

import asyncio
import contextlib
import json
import os
import platform
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple

from bridge.bench.swarm import Plan, as_json
from bridge.commands import CommandError

TEXTS = [
    "The quick brown fox jumps over the lazy dog, and Bob's five big thumbs move pure food.",
    "Whoever comes late may still be first. That depends on who waits, and on how long they are willing to.",
    "We have five maps, two boats, and one very patient captain who has seen worse weather than this.",
    "Please speak up a little. The people in the back row would like to know what became of the bridge.",
    "Why not? Because nobody asked, and because the paper boat was blue before it became wet.",
    "Mind the step, hold the rail, and do not feed the pigeons; they have had more than enough already.",
]
"""What sessions say, again and again, each beginning elsewhere."""


class Bridge(NamedTuple):
    """A bridge that runs, and where it listens."""

    pid: int
    ws_port: int
    grpc_port: int
    host: str = "127.0.0.1"

    def port(self, transport: str) -> int:
        """Where a transport's clients go."""
        return self.grpc_port if transport == "grpc" else self.ws_port


@contextlib.asynccontextmanager
async def bridge(*flags: str, module: str = "bridge", sessions: int = 1) -> AsyncIterator[Bridge]:
    """A fresh bridge in another process. Raises CommandError where it does not start."""
    command = [sys.executable, "-m", module, "serve", "--http-port", "0", "--grpc-port", "0", "--log-level", "warning"]
    command += ["--sessions", str(max(sessions, 1)), "--connections", str(2 * sessions + 64)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RIGCAST_")} | {"RIGCAST_DRAIN_S": "0"}
    process = await asyncio.create_subprocess_exec(*command, *flags, stdout=asyncio.subprocess.PIPE, env=environment)
    try:
        yield await _announced(process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _announced(process: asyncio.subprocess.Process) -> Bridge:
    """What it says of itself once it is live."""
    assert process.stdout is not None
    ports: dict[str, int] = {}
    async for line in process.stdout:
        name, _, address = line.decode().strip().partition(" ")
        digits = address.strip().removesuffix("/rigcast").rpartition(":")[2]
        if digits.isdecimal():
            ports[name] = int(digits)
        if name == "gRPC":
            return Bridge(process.pid, ports["WebSocket"], ports["gRPC"])
    raise CommandError("the bridge of the bench did not start; try `rigcast serve`, and `rigcast doctor`")


@contextlib.asynccontextmanager
async def swarm(plan: Plan) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """A load generator at work: what it reports, as it comes."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bridge.bench.swarm",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 22,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(as_json(plan))
    process.stdin.write_eof()
    try:
        yield _reports(process.stdout)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _reports(stdout: asyncio.StreamReader) -> AsyncIterator[dict[str, Any]]:
    async for line in stdout:
        report: dict[str, Any] = json.loads(line)
        yield report
        if report.get("now") == "done":
            return


class Use(NamedTuple):
    """What a process and its children have used, as far as psutil is there to tell."""

    cpu_s: float
    children_cpu_s: float
    rss: int
    files: int


def use(pid: int) -> Use:
    """Of a process: seconds of processor time, of its children, bytes of memory, open files and sockets."""
    try:
        import psutil
    except ImportError:
        nan = float("nan")
        return Use(nan, nan, 0, 0)
    process = psutil.Process(pid)
    files = getattr(process, "num_fds", None) or process.num_handles  # type: ignore[attr-defined]
    children = sum(sum(child.cpu_times()[:2]) for child in process.children(recursive=True))
    return Use(sum(process.cpu_times()[:2]), children, process.memory_info().rss, files())


def machine() -> dict[str, Any]:
    """What the figures hold for."""
    return {
        "machine": f"{platform.machine()} {platform.system()}",
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "note": "bridge, voices, load generator and bench share these cores",
    }


def percentiles(late: dict[str, int], wanted: Iterator[float] | tuple[float, ...]) -> list[float]:
    """Milliseconds below which these shares, in percent, of a histogram of lateness lie."""
    from bridge.bench.viewer import BIN_MS, LOWEST_MS

    bins = sorted((int(number), count) for number, count in late.items())
    total, found = sum(count for _, count in bins), []
    for share in wanted:
        rank, seen = total * share / 100, 0
        for number, count in bins:
            seen += count
            if seen >= rank:
                found.append(round(number * BIN_MS + LOWEST_MS, 1))
                break
        else:
            found.append(float("nan"))
    return found
