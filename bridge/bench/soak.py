"""`rigcast bench soak`: sessions that speak for hours while clients come and go; nothing may grow or slow down."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from bridge.bench.house import TEXTS, Use, bridge, percentiles, swarm, use
from bridge.bench.load import WARM_S
from bridge.bench.swarm import Plan

MOST_SLOPE = 2**20
"""Bytes of memory an hour."""

MOST_FILES = 2
"""By which open files and sockets may differ from the second quarter to the last: some client is always between."""

MOST_SLOWER = 1.1
MOST_IDLE = 0.02
"""Of a core, with the model loaded and nobody there."""

IDLE_S = 60.0
LOADED_S = 10.0
"""After the start, by when the model, the voices and the backstage have been loaded."""
SETTLED = 0.25
"""Of the time, at the beginning, in which caches and pools may still fill."""

LONG_MINUTES = 20.0
"""Shorter runs tell too little of slopes, and of percentiles on a machine that does other things too."""
MOST_GROWTH = 6 * 2**20
"""Bytes by which such a run's last quarter may exceed its second: what allocators and caches still take, no leak of
10 kB a client where two thousand come and go."""


@dataclass
class Soak:
    """What was seen. Every list has an entry a window."""

    sessions: int
    transport: str
    minutes: float
    reconnects: int = 0
    wanted: int = 0
    """Reconnects that were asked for."""
    idle_cores: float = float("nan")
    at_s: list[float] = field(default_factory=list)
    rss: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    misplaced: int = 0
    dropped: int = 0
    """Frames that the bridge says it left out, as a client was too slow."""

    @property
    def slope(self) -> float:
        """Bytes of memory an hour, of what follows the settling."""
        first = round(len(self.rss) * SETTLED)
        return slope(self.at_s[first:], self.rss[first:])

    @property
    def grown(self) -> float:
        """Bytes of memory from the second quarter to the last."""
        return _grown(self.rss)

    @property
    def files_grown(self) -> float:
        """Files and sockets likewise."""
        return _grown(self.files)

    @property
    def first_p99_ms(self) -> float:
        """The first quarter's."""
        return _quarter(self.p99_ms, 0)

    @property
    def last_p99_ms(self) -> float:
        """The last quarter's."""
        return _quarter(self.p99_ms, 3)

    @property
    def faults(self) -> list[str]:
        """What did not hold. Nothing that a busy machine does to it is held against a short run."""
        is_long = self.minutes >= LONG_MINUTES
        judged = {
            "memory grows": self.slope > MOST_SLOPE if is_long else self.grown > MOST_GROWTH,
            "files stay open": abs(self.files_grown) > MOST_FILES,
            "it slows down": is_long and self.last_p99_ms > MOST_SLOWER * self.first_p99_ms,
            "it is busy while idle": self.idle_cores > MOST_IDLE * (1 if is_long else 2),
            "frames are misplaced": bool(self.misplaced and (is_long or not self.dropped)),
            "frames are left out": bool(is_long and self.dropped),
            "clients do not come again": self.reconnects < 0.95 * self.wanted,
        }
        return [fault for fault, is_so in judged.items() if is_so]

    @property
    def held(self) -> bool:
        """Whether nothing grew, slowed down or got lost."""
        return not self.faults

    def report(self) -> dict[str, Any]:
        """For JSON: every window, and what they come to."""
        told = ("slope", "grown", "files_grown", "first_p99_ms", "last_p99_ms", "faults", "held")
        return asdict(self) | {name: getattr(self, name) for name in told}


def slope(at_s: Sequence[float], values: Sequence[float]) -> float:
    """Of values an hour: the median of the slopes between all pairs (Theil-Sen), which single steps do not bend."""
    if len(values) < 3:
        return float("nan")
    before, after = np.triu_indices(len(values), 1)
    hours = (np.array(at_s)[after] - np.array(at_s)[before]) / 3600
    return float(np.median((np.array(values, float)[after] - np.array(values, float)[before]) / hours))


def _quarter(values: Sequence[float], number: int) -> float:
    """The median of one of four quarters."""
    parts = np.array_split(np.array(values, float), 4)
    return float(np.median(parts[number])) if len(parts[number]) else float("nan")


def _grown(values: Sequence[float]) -> float:
    return _quarter(values, 3) - _quarter(values, 1)


async def measure(sessions: int, transport: str, minutes: float, reconnects: int) -> Soak:
    """Speak for so long, with so many clients' comings and goings spread over it."""
    found = Soak(sessions, transport, minutes, wanted=reconnects)
    seconds = minutes * 60
    async with bridge("--busy-limit", "100", sessions=2 * sessions) as server:
        await asyncio.sleep(LOADED_S)
        found.idle_cores = await idle(server.pid, min(IDLE_S, seconds))
        plan = Plan(
            server.host, server.port(transport), transport, sessions, warm_s=WARM_S, seconds=seconds,
            every=max(min(60.0, seconds / 20), 1.0), texts=TEXTS, reconnects_per_s=reconnects / seconds,
        )  # fmt: skip
        async with swarm(plan) as reports:
            async for report in reports:
                if "window" in report:
                    _note(found, report["window"], use(server.pid), Counter(report["late"]))
                    found.misplaced += report["misplaced"]
                    found.dropped += report["dropped"]
                    found.reconnects = report["reconnects"]
                    print(_minute(found), flush=True)
    return found


async def idle(pid: int, seconds: float) -> float:
    """The share of a core that a process and its children take meanwhile."""
    before = use(pid)
    await asyncio.sleep(seconds)
    after = use(pid)
    return (after.cpu_s - before.cpu_s + after.children_cpu_s - before.children_cpu_s) / seconds


def _note(found: Soak, at_s: float, used: Use, late: Counter[str]) -> None:
    found.at_s.append(at_s)
    found.rss.append(used.rss)
    found.files.append(used.files)
    found.p99_ms += percentiles(late, (99.0,))


def _minute(found: Soak) -> str:
    return (
        f"{found.at_s[-1] / 60:6.1f} min  {found.rss[-1] / 2**20:7.1f} MiB  {found.files[-1]:4} files  "
        f"p99 {found.p99_ms[-1]:5.1f} ms  {found.reconnects} reconnects  {found.misplaced} misplaced"
    )


def described(found: Soak) -> str:
    """Some words."""
    return (
        f"{found.sessions} sessions over {found.transport} for {found.minutes:g} minutes, {found.reconnects} "
        f"reconnects: idle {100 * found.idle_cores:.1f} % of a core; memory {found.slope / 2**20:+.2f} MiB/h, "
        f"{found.grown / 2**20:+.1f} MiB in all; files {found.files_grown:+.1f}; p99 first {found.first_p99_ms:.1f}, "
        f"last {found.last_p99_ms:.1f} ms; {found.misplaced} frames misplaced, {found.dropped} left out: "
        f"{'held' if found.held else 'NOT held: ' + ', '.join(found.faults)}"
    )
