"""`rigcast bench isolation`: what one client that does not read costs the others, and what it gets when it wakes."""

from collections import Counter
from dataclasses import dataclass

from bridge.bench.house import TEXTS, bridge, percentiles, swarm, use
from bridge.bench.load import WARM_S
from bridge.bench.swarm import Plan

WAKE_S = 3.0

MOST_SLOWER = 1.1
TICK_MS = 1.0
"""A change of p99 that is smaller than the finest that event loops count in is none."""

MOST_MEMORY = 2**20
MOST_FRESH_S = 0.1


@dataclass
class Isolation:
    """The others' p99 in ms, with all awake and with one that sleeps; and that one's waking."""

    sessions: int
    transport: str
    awake_p99_ms: float = 0.0
    asleep_p99_ms: float = 0.0
    memory: int = 0
    """Bytes by which the bridge grew, beyond what it grew by in as long a time before."""
    stale: int = 0
    """Frames of the past that it read before a fresh one: what the system's buffers held."""
    fresh_after_s: float = float("nan")
    """From its waking to a frame that is 100 ms old at most."""

    @property
    def held(self) -> bool:
        """Whether it stayed its own affair."""
        slower = self.asleep_p99_ms <= max(self.awake_p99_ms * MOST_SLOWER, self.awake_p99_ms + TICK_MS)
        return slower and self.memory <= MOST_MEMORY and self.fresh_after_s <= MOST_FRESH_S


async def measure(sessions: int, transport: str, seconds: float) -> Isolation:
    """For so long all read; then, for as long, one does not."""
    found = Isolation(sessions, transport)
    late: tuple[Counter[str], Counter[str]] = Counter(), Counter()
    memory: list[int] = []
    async with bridge("--busy-limit", "100", sessions=sessions) as server:
        plan = Plan(
            server.host, server.port(transport), transport, sessions, warm_s=WARM_S, seconds=2 * seconds + WAKE_S,
            every=1.0, texts=TEXTS, stalled=1, stall_at=seconds, wake_s=WAKE_S, joins_per_s=40,
        )  # fmt: skip
        async with swarm(plan) as reports:
            async for report in reports:
                at = report.get("window", 0.0)
                if at <= 2 * seconds + 0.5:
                    memory.append(use(server.pid).rss)
                    late[at > seconds + 0.5].update(report.get("late", {}))
                _note_waking(found, report.get("woken", []))
    (found.awake_p99_ms,), (found.asleep_p99_ms,) = (percentiles(half, (99.0,)) for half in late)
    middle = len(memory) // 2
    found.memory = (memory[-1] - memory[middle]) - (memory[middle] - memory[0])
    return found


def _note_waking(found: Isolation, woken: list[dict[str, float]]) -> None:
    for one in woken:
        found.stale = int(one["stale"])
        if one["fresh_after_s"] is not None:
            found.fresh_after_s = one["fresh_after_s"]


def described(found: Isolation) -> str:
    """One line."""
    return (
        f"{found.sessions} sessions over {found.transport}: p99 {found.awake_p99_ms:.1f} ms with all awake, "
        f"{found.asleep_p99_ms:.1f} ms with one asleep; memory {found.memory / 1024:+.0f} KiB; woken, it read "
        f"{found.stale} frames of the past and had a fresh one after {found.fresh_after_s * 1000:.0f} ms: "
        f"{'held' if found.held else 'NOT held'}"
    )
