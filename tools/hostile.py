"""What honest sessions notice of hostile ones: how late their frames come, by turns in quiet and under the cases of
tests/hostile_cases.py, so many of them a second.

    python tools/hostile.py --rates 5 10 25 100 --json hostile.json
    python tools/hostile.py --costs

A bridge in one process, speaking sessions read by another (`bridge.bench.swarm`), the attackers in a third, which gives
way to the others where the system can do that: on a real network their work is done elsewhere. Lateness is from the
tick to the reader. Every turn of attack stands between two of quiet, and its p99 is held against the mean of theirs, so
that whatever else the machine does falls on both; told are the median of these ratios and their range. Where the
machine has few cores, the attackers take some of it all the same: `--beside` attacks a second bridge, which serves
nobody, in every other turn, and what honest sessions notice of that is the machine's part.

Exits with 1 where the lowest rate made p99 grow by more than a tenth, or a case did not end as the table says.

`--costs` serves nobody and tells for each case how much processor time of the bridge it takes.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bridge.bench import house  # noqa: E402
from bridge.bench.swarm import Plan  # noqa: E402
from bridge.config import Config  # noqa: E402
from tests.hostile_cases import LIMITS, PACKETS, TABLE, Case, captures  # noqa: E402

ATTACKS = [case for title, cases in TABLE.items() if title != "Files of models and characters" for case in cases]
"""Files do nothing to a bridge that does not read them."""
AT_ONCE = 32
"""Attacks that are under way at a time, at most."""
CLIENTS = 19
"""Of a session: fewer than the crowd that wants in, more than the attackers need."""
SETTLE_S = 2
"""At the beginning of a turn, left out."""
MOST_GROWTH = 1.1
QUIET, HERE, BESIDE = "quiet", "here", "beside"
PATIENCE_S = 30.0


class Turn(NamedTuple):
    """So many seconds of attack on this bridge or the one beside it, or of quiet."""

    kind: str
    rate: float = 0.0


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=32, metavar="N", help="honest sessions (32)")
    parser.add_argument(
        "--rates", type=float, nargs="+", default=[5, 10, 25, 100], metavar="N", help="attacks a second"
    )
    parser.add_argument("--pairs", type=int, default=6, metavar="N", help="turns of attack at each rate (6)")
    parser.add_argument("--seconds", type=int, default=8, metavar="S", help=f"of a turn, {SETTLE_S} of them unread (8)")
    parser.add_argument("--beside", action="store_true", help="attack a second bridge too, in turns of its own")
    parser.add_argument("--costs", action="store_true", help="tell each case's processor time instead")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("--attack", nargs=2, type=int, metavar="PORT", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.attack:
        asyncio.run(attack(Config(http_port=args.attack[0], grpc_port=args.attack[1])))
        return 0
    report = asyncio.run(costs() if args.costs else measure(args))
    if args.json:
        Path(args.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if args.costs:
        return 0
    print(f"{report['attacks']} attacks, of which ended otherwise: {report['surprises'] or 'none'}")
    return int(not report["rates"][0]["held"] or bool(report["surprises"]))


def flags(sessions: int) -> list[str]:
    """Of a bridge that the table holds for."""
    limits = {**LIMITS, "subscribers": CLIENTS, "sessions": sessions + 64, "busy_limit": 100, "capture": captures()}
    limits |= {"log_level": "error"}
    return [f"--{name.replace('_', '-')}={value}" for name, value in limits.items()]


def turns(rates: list[float], pairs: int, beside: bool) -> Iterator[Turn]:
    """Quiet before and after each attack; all rates, then all again."""
    yield Turn(QUIET)
    for _ in range(pairs):
        for rate in rates:
            for kind in (HERE, BESIDE) if beside else (HERE,):
                yield Turn(kind, rate)
                yield Turn(QUIET)


async def measure(args: argparse.Namespace) -> dict[str, Any]:
    """The figures of every rate."""
    order = list(turns(args.rates, args.pairs, args.beside))
    windows: list[list[dict[str, Any]]] = []
    surprises: Counter[str] = Counter()
    async with contextlib.AsyncExitStack() as stack:
        here = await stack.enter_async_context(house.bridge(*flags(args.sessions), sessions=args.sessions))
        attackers = {HERE: await stack.enter_async_context(attackers_of(here, surprises))}
        if args.beside:
            other = await stack.enter_async_context(house.bridge(*flags(args.sessions), sessions=args.sessions))
            attackers[BESIDE] = await stack.enter_async_context(attackers_of(other, surprises))
        plan = Plan(
            here.host, here.ws_port, sessions=args.sessions, texts=house.TEXTS, every=1.0,
            seconds=len(order) * args.seconds, prefix="honest", joins_per_s=20.0,
        )  # fmt: skip
        async with house.swarm(plan) as reports:
            async for report in reports:
                if "window" in report:
                    report["server"] = house.use(here.pid).cpu_s
                    windows[-1].append(report)
                if len(windows) < len(order) and (not windows or len(windows[-1]) == args.seconds):
                    _begin(attackers, order[len(windows)])
                    windows.append([])
    _begin(attackers, Turn(QUIET))
    return {
        **house.machine(), "sessions": args.sessions, "cases": len(ATTACKS), "seconds": args.seconds,
        "rates": [told(rate, kind, order, windows) for kind in attackers for rate in args.rates],
        "attacks": surprises.pop("attacks", 0), "surprises": dict(surprises.most_common(20)),
    }  # fmt: skip


def _begin(attackers: dict[str, asyncio.StreamWriter], turn: Turn) -> None:
    for kind, pipe in attackers.items():
        if not pipe.is_closing():
            pipe.write(f"{turn.rate if kind == turn.kind else 0}\n".encode())


def told(rate: float, kind: str, order: list[Turn], windows: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """Of one rate: p99 in quiet and attacked, and their ratios; prints a line."""
    places = [i for i, turn in enumerate(order) if turn == Turn(kind, rate)]
    p99 = [_p99(turn) for turn in windows]
    ratios = [p99[i] / fmean((p99[i - 1], p99[i + 1])) for i in places]
    found = {
        "rate": rate, "attacked": kind,
        "quiet_p99_ms": _p99([w for i in places for w in windows[i - 1] + windows[i + 1]]),
        "attacked_p99_ms": _p99([w for i in places for w in windows[i]]),
        "ratio": round(median(ratios), 3), "ratio_least": round(min(ratios), 3), "ratio_most": round(max(ratios), 3),
        "quiet_cores": round(fmean(_cores(windows[i - 1]) for i in places), 3),
        "attacked_cores": round(fmean(_cores(windows[i]) for i in places), 3),
        "misplaced": sum(w["misplaced"] + w["dropped"] for i in places for w in windows[i][SETTLE_S:]),
        "held": median(ratios) <= MOST_GROWTH,
    }  # fmt: skip
    print(
        f"{rate:5g}/s {kind:6}: p99 {found['quiet_p99_ms']:.1f} → {found['attacked_p99_ms']:.1f} ms, ratio "
        f"{found['ratio']:.2f} ({found['ratio_least']:.2f} to {found['ratio_most']:.2f}); the bridge "
        f"{found['quiet_cores']:.2f} → {found['attacked_cores']:.2f} cores; {found['misplaced']} misplaced",
        flush=True,
    )
    return found


def _p99(windows: list[dict[str, Any]]) -> float:
    """Of what followed the settling."""
    late: Counter[str] = Counter()
    for window in windows[SETTLE_S:]:
        late.update(window["late"])
    return house.percentiles(dict(late), (99.0,))[0]


def _cores(windows: list[dict[str, Any]]) -> float:
    return float(windows[-1]["server"] - windows[SETTLE_S]["server"]) / (len(windows) - SETTLE_S - 1)


@contextlib.asynccontextmanager
async def attackers_of(found: house.Bridge, surprises: Counter[str]) -> AsyncIterator[asyncio.StreamWriter]:
    """Attackers in a process of their own, who wait to be told their rate; at the end, what was strange is counted."""
    command = [sys.executable, __file__, "--attack", str(found.ws_port), str(found.grpc_port)]
    pipe = asyncio.subprocess.PIPE
    quiet = os.environ | {"GRPC_VERBOSITY": "NONE"}
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, env=quiet)
    assert process.stdin is not None
    try:
        yield process.stdin
    finally:
        process.stdin.close()
        out, _ = await process.communicate()
        surprises.update(json.loads(out))


async def attack(bound: Config) -> None:
    """Attack at the rate that the input told last, until it ends; then say what did not end as the table says."""
    if hasattr(os, "nice"):
        os.nice(10)
    outcomes: Counter[str] = Counter()
    under_way: set[asyncio.Task[None]] = set()
    alone = asyncio.Lock()
    rate, due = [0.0], time.monotonic()
    ends = asyncio.create_task(_follow(rate))
    cases = _shuffled()
    while not ends.done():
        now = time.monotonic()
        if not rate[0] or len(under_way) >= AT_ONCE:
            due = now + 0.01
        else:
            task = asyncio.create_task(_try(next(cases), bound, outcomes, alone))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            due = max(due + 1 / rate[0], now - 0.1)
        await asyncio.sleep(max(due - now, 0))
    await asyncio.gather(*under_way)
    print(json.dumps(outcomes))


async def _follow(rate: list[float]) -> None:
    """Read rates from the input until it ends."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        rate[0] = float(line)


def _shuffled() -> Iterator[Case]:
    """All cases, again and again, each time in another order."""
    chance = random.Random(1)
    while True:
        yield from chance.sample(ATTACKS, len(ATTACKS))


async def _try(case: Case, bound: Config, outcomes: Counter[str], alone: asyncio.Lock) -> None:
    """One attack. What packets do is read from counters that they share, so there is one such attack at a time."""
    try:
        async with asyncio.timeout(PATIENCE_S), alone if case in PACKETS else contextlib.nullcontext():
            outcome = await case.attack(bound)
    except (OSError, TimeoutError, EOFError) as error:
        outcome = type(error).__name__
    outcomes["attacks"] += 1
    if outcome != case.expected:
        outcomes[f"{case.name}: {outcome}"] += 1


# What each case costs


async def costs(most: int = 40, seconds: float = 0.6) -> dict[str, Any]:
    """Milliseconds of the bridge's processor time for each case, the dearest first; what it takes idle is left out."""
    found: dict[str, float] = {}
    async with house.bridge(*flags(0)) as there:
        bound = Config(http_port=there.ws_port, grpc_port=there.grpc_port)
        idle = await _used(there.pid, asyncio.sleep(5)) / 5
        for case in ATTACKS:
            began, times = time.monotonic(), 0
            cpu_s = house.use(there.pid).cpu_s
            while times < most and time.monotonic() - began < seconds:
                with contextlib.suppress(OSError, TimeoutError, EOFError):
                    await asyncio.wait_for(case.attack(bound), PATIENCE_S)
                times += 1
            used = house.use(there.pid).cpu_s - cpu_s - idle * (time.monotonic() - began)
            found[case.name] = round(1000 * max(used, 0) / times, 2)
    dearest = dict(sorted(found.items(), key=lambda each: -each[1]))
    for name, ms in dearest.items():
        print(f"{ms:7.2f} ms  {name}")
    print(f"{fmean(found.values()):7.2f} ms  on average; idle {100 * idle:.1f} % of a core")
    return {**house.machine(), "idle_cores": idle, "cpu_ms": dearest}


async def _used(pid: int, work: Any) -> float:
    """Seconds of processor time that a process takes meanwhile."""
    before = house.use(pid).cpu_s
    await work
    return house.use(pid).cpu_s - before


if __name__ == "__main__":
    raise SystemExit(main())
