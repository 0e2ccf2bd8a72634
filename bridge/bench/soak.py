"""`rigcast bench soak`: sessions that speak for hours while clients come and go; nothing may grow or slow down."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from bridge.bench.house import TEXTS, Use, bridge, percentiles, swarm, use
from bridge.bench.load import WARM_S
from bridge.bench.swarm import Plan

MOST_SLOPE = 2**20
"""Bytes of memory an hour."""

MOST_SLOWER = 1.1
MOST_IDLE = 0.02
"""Of a core, with the model loaded and nobody there."""

IDLE_S = 20.0
SETTLED = 0.25
"""Of the time, at the beginning, in which caches and pools may still fill."""


@dataclass
class Soak:
    """What was seen. Every list has an entry a window."""

    sessions: int
    transport: str
    minutes: float
    reconnects: int = 0
    idle_cores: float = float("nan")
    at_s: list[float] = field(default_factory=list)
    rss: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    misplaced: int = 0

    @property
    def slope(self) -> float:
        """Bytes of memory an hour, by least squares over what follows the settling."""
        return _slope(self.at_s, self.rss)

    @property
    def files_slope(self) -> float:
        """Files and sockets an hour."""
        return _slope(self.at_s, self.files)

    @property
    def slower(self) -> float:
        """The last quarter's p99, as a multiple of the first's."""
        quarter = max(len(self.p99_ms) // 4, 1)
        return float(np.median(self.p99_ms[-quarter:]) / np.median(self.p99_ms[:quarter]))

    @property
    def held(self) -> bool:
        """Whether nothing grew, slowed down or got lost. Slopes of less than 20 minutes say too little to count."""
        flat = self.minutes < 20 or (self.slope <= MOST_SLOPE and abs(self.files_slope) < self.sessions)
        return flat and self.slower <= MOST_SLOWER and not self.misplaced and not self.idle_cores > MOST_IDLE


def _slope(at_s: list[float], values: list[int]) -> float:
    first = round(len(values) * SETTLED)
    if len(values) - first < 3:
        return float("nan")
    return float(np.polyfit(np.array(at_s[first:]) / 3600, values[first:], 1)[0])


async def measure(sessions: int, transport: str, minutes: float, reconnects: int) -> Soak:
    """Speak for so long, with so many clients' comings and goings spread over it."""
    found = Soak(sessions, transport, minutes)
    seconds = minutes * 60
    async with bridge("--busy-limit", "100", sessions=2 * sessions) as server:
        found.idle_cores = await _idle(server.pid)
        plan = Plan(
            server.host, server.port(transport), transport, sessions, warm_s=WARM_S, seconds=seconds,
            every=max(min(60.0, seconds / 20), 1.0), texts=TEXTS, reconnects_per_s=reconnects / seconds,
        )  # fmt: skip
        async with swarm(plan) as reports:
            async for report in reports:
                if "window" in report:
                    _note(found, report["window"], use(server.pid), Counter(report["late"]))
                    found.misplaced += report["misplaced"] + report["dropped"]
                    found.reconnects = report["reconnects"]
                    print(_minute(found), flush=True)
    return found


async def _idle(pid: int) -> float:
    before = use(pid)
    await asyncio.sleep(IDLE_S)
    after = use(pid)
    return (after.cpu_s - before.cpu_s + after.children_cpu_s - before.children_cpu_s) / IDLE_S


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
        f"reconnects: idle {100 * found.idle_cores:.1f} % of a core; memory {found.slope / 2**20:+.2f} MiB/h; "
        f"files {found.files_slope:+.1f}/h; p99 last/first {found.slower:.2f}; {found.misplaced} frames misplaced: "
        f"{'held' if found.held else 'NOT held'}"
    )
