"""What honest sessions notice of hostile ones: how late their frames come, by turns in quiet and under every case of
tests/hostile_cases.py, again and again, several at a time.

    python tools/hostile.py --sessions 32 --seconds 60 --json hostile.json

A bridge in one process, speaking sessions read by another (`bridge.bench.swarm`), the attackers in a third, which gives
way to the others where the system can do that: on a real network their work is done elsewhere. Lateness is from the
tick to the reader. Exits with 1 where p99 grew by more than a tenth and half a millisecond, which is what it differs by
between two turns of quiet, or where a case did not end as the table says.
"""

import argparse
import asyncio
import contextlib
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bridge.bench import house  # noqa: E402
from bridge.bench.swarm import Plan  # noqa: E402
from bridge.config import Config  # noqa: E402
from tests.hostile_cases import LIMITS, TABLE, Case, captures  # noqa: E402

ATTACKS = [case for title, cases in TABLE.items() if title != "Files of models and characters" for case in cases]
"""Files do nothing to a bridge that does not read them."""
AT_ONCE = 8
"""Attacks that are under way at a time."""
WINDOW_S = 5.0
TURNS = 4
"""Of quiet and of attack by turns; the first window of each is left out."""


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=32, metavar="N", help="honest sessions (32)")
    parser.add_argument("--seconds", type=float, default=60, metavar="S", help="of quiet, and of attack (60)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("--attack", nargs=2, type=int, metavar="PORT", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.attack:
        asyncio.run(attack(Config(http_port=args.attack[0], grpc_port=args.attack[1])))
        return 0
    report = asyncio.run(measure(args.sessions, args.seconds))
    print(json.dumps(report, indent=1))
    if args.json:
        Path(args.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    grown = report["attacked"]["p99_ms"] > 1.1 * report["quiet"]["p99_ms"] + 0.5
    return int(grown or bool(report["surprises"]))


async def measure(sessions: int, seconds: float) -> dict[str, Any]:
    """The figures of both kinds of turns."""
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in LIMITS.items()]
    flags += ["--busy-limit", "100", "--sessions", str(sessions + 64), "--subscribers", str(2 * AT_ONCE)]
    flags += ["--capture", captures()]
    a_turn = max(2, round(2 * seconds / TURNS / WINDOW_S) + 1)
    windows: list[list[dict[str, Any]]] = [[], []]
    surprises: Counter[str] = Counter()
    async with house.bridge(*flags, sessions=sessions) as found:
        plan = Plan(
            found.host, found.ws_port, sessions=sessions, texts=house.TEXTS, every=WINDOW_S,
            seconds=TURNS * a_turn * WINDOW_S, prefix="honest", joins_per_s=20.0,
        )  # fmt: skip
        async with house.swarm(plan) as reports, contextlib.AsyncExitStack() as turn:
            number = 0
            async for report in reports:
                if "window" not in report:
                    continue
                place, attacked = number % a_turn, number // a_turn % 2
                if place:
                    windows[attacked].append(report)
                number += 1
                if number % a_turn == 0:
                    await turn.aclose()
                    if not attacked and number < TURNS * a_turn:
                        await turn.enter_async_context(attackers(found, surprises))
    return {
        **house.machine(), "sessions": sessions, "cases": len(ATTACKS), "at_once": AT_ONCE,
        "quiet": figures(windows[0]), "attacked": figures(windows[1]),
        "attacks": surprises.pop("attacks", 0), "surprises": dict(surprises.most_common(20)),
    }  # fmt: skip


def figures(windows: list[dict[str, Any]]) -> dict[str, float]:
    """Percentiles of lateness, and what was lost."""
    late: Counter[str] = Counter()
    for window in windows:
        late.update(window["late"])
    p50, p99 = house.percentiles(dict(late), (50.0, 99.0))
    misplaced = sum(window.get("misplaced", 0) for window in windows)
    return {"seconds": len(windows) * WINDOW_S, "p50_ms": p50, "p99_ms": p99, "misplaced": misplaced}


@contextlib.asynccontextmanager
async def attackers(found: house.Bridge, surprises: Counter[str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Attacks from a process of their own, while it lasts; what was strange about them is counted at its end."""
    command = [sys.executable, __file__, "--attack", str(found.ws_port), str(found.grpc_port)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    try:
        yield process
    finally:
        process.stdin.close()
        out, _ = await process.communicate()
        surprises.update(json.loads(out))


async def attack(bound: Config) -> None:
    """All cases, again and again until the input ends; then what did not end as the table says, and how many did."""
    if hasattr(os, "nice"):
        os.nice(10)
    ends = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    outcomes: Counter[str] = Counter()
    cases = iter(())

    async def work() -> None:
        nonlocal cases
        while not ends.done():
            case = next(cases, None)
            if case is None:
                cases = iter(ATTACKS)
                continue
            await _try(case, bound, outcomes)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    print(json.dumps(outcomes))


async def _try(case: Case, bound: Config, outcomes: Counter[str]) -> None:
    try:
        outcome = await asyncio.wait_for(case.attack(bound), 30)
    except (OSError, TimeoutError) as error:
        outcome = type(error).__name__
    outcomes["attacks"] += 1
    if outcome != case.expected:
        outcomes[f"{case.name}: {outcome}"] += 1


if __name__ == "__main__":
    raise SystemExit(main())
