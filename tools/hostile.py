"""What honest sessions notice of hostile ones: how late their frames come in quiet, and under all cases of the table.

    python tools/hostile.py --sessions 32 --seconds 20

A bridge in one process, `--sessions` speaking sessions read by this one, and in a third process, in the second half,
all cases of tests/hostile_cases.py again and again, several at a time. Lateness is from when a frame was due to leave
(its time less the lead) to when it was read here. Exits with 1 where p99 grew by more than a tenth and a millisecond.
"""

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bridge import bench  # noqa: E402
from bridge.config import Config  # noqa: E402
from rigcast.v1 import session_pb2  # noqa: E402
from tests.hostile_cases import CASES, LIMITS, Case  # noqa: E402
from tests.real_bridge import Bridge, started  # noqa: E402

AT_ONCE = 8
"""Attacks that are under way at a time."""


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=32, metavar="N", help="honest sessions (32)")
    parser.add_argument("--seconds", type=float, default=20, metavar="S", help="length of each half (20)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("--attack", nargs=2, type=int, metavar="PORT", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.attack:
        asyncio.run(attack(Config(http_port=args.attack[0], grpc_port=args.attack[1]), args.seconds))
        return 0
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in LIMITS.items()]
    with started(*flags, "--log-level", "error") as bridge:
        quiet, attacked = asyncio.run(compare(bridge, args.sessions, args.seconds))
    ratio = attacked["p99_ms"] / quiet["p99_ms"]
    report = {
        "machine": bench.machine(),
        "sessions": args.sessions,
        "quiet": quiet,
        "attacked": attacked,
        "ratio": ratio,
    }
    print(json.dumps(report, indent=1))
    if args.json:
        Path(args.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return int(attacked["p99_ms"] > 1.1 * quiet["p99_ms"] + 1.0)


async def compare(bridge: Bridge, sessions: int, seconds: float) -> tuple[dict[str, float], dict[str, float]]:
    """The figures of both halves."""
    joined = [await bench.join(bridge.websocket, f"honest-{i}") for i in range(sessions)]
    for connection, _ in joined:
        await connection.send(bench._request(say=session_pb2.Say(text=bench.LONG_TEXT)))
    await asyncio.sleep(2)  # all voices at work
    lead_ms = joined[0][1].lead_us / 1000
    halves = []
    for hostile in (False, True):
        load = bench.Load(sessions, seconds)
        with attackers(bridge, seconds + 5) if hostile else contextlib.nullcontext():
            await asyncio.gather(*(bench._watch(connection, load) for connection, _ in joined))
        halves.append(figures(load, lead_ms))
    for connection, _ in joined:
        await connection.close()
    return halves[0], halves[1]


def figures(load: bench.Load, lead_ms: float) -> dict[str, float]:
    """Percentiles of lateness, and what was lost."""
    late = lead_ms - np.array(load.slack_ms)
    p50, p99 = np.percentile(late, [50, 99])
    lost = {"frames": load.frames, "expected": load.expected, "misplaced": load.misplaced}
    return {"p50_ms": round(float(p50), 2), "p99_ms": round(float(p99), 2), **lost}


@contextlib.contextmanager
def attackers(bridge: Bridge, seconds: float) -> Iterator[None]:
    """Attacks from a process of their own, while it lasts."""
    ports = [address.rstrip("/").rpartition(":")[2] for address in (bridge.page.partition("?")[0], bridge.grpc)]
    command = [sys.executable, __file__, "--attack", *ports, "--seconds", str(seconds)]
    with subprocess.Popen(command) as process:
        try:
            time.sleep(3)  # it imports
            yield
        finally:
            process.terminate()


async def attack(bound: Config, seconds: float) -> None:
    """All cases, again and again; what did not end as the table says is told at the end."""
    end = time.monotonic() + seconds
    surprises: Counter[str] = Counter()
    cases = iter(())

    async def work() -> None:
        nonlocal cases
        while time.monotonic() < end:
            case = next(cases, None)
            if case is None:
                cases = iter(CASES)
                continue
            await _try(case, bound, surprises)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    if surprises:
        print("not as the table says:", dict(surprises.most_common(10)), file=sys.stderr)


async def _try(case: Case, bound: Config, surprises: Counter[str]) -> None:
    try:
        outcome = await asyncio.wait_for(case.attack(bound), 30)
    except (OSError, TimeoutError) as error:
        outcome = type(error).__name__
    if outcome != case.expected:
        surprises[f"{case.name}: {outcome}"] += 1


if __name__ == "__main__":
    raise SystemExit(main())
