"""`rigcast bench overload`: twice as many sessions as there is room for; those that are in must not notice."""

from dataclasses import dataclass, field

from bridge.bench.house import TEXTS, bridge, swarm
from bridge.bench.load import LEAST_FPS, WARM_S
from bridge.bench.swarm import Plan

REFUSED_MS = 50.0
"""Within which a session that finds no room must know."""

JOINS_PER_S = 40.0


@dataclass
class Overload:
    """What came of it."""

    offered: int
    transport: str
    admitted: int = 0
    kept: int = 0
    """Of those admitted, still there at the end."""
    fps_least: float = 0.0
    """Frames a second of the admitted that had the fewest, in the window that was worst."""
    refusals: dict[str, int] = field(default_factory=dict)
    refused_ms_most: float = 0.0
    """The slowest refusal, from a Join to the answer."""
    misplaced: int = 0

    @property
    def held(self) -> bool:
        """Whether the admitted kept their pace and the others were told in time."""
        told = sum(count for words, count in self.refusals.items() if words.startswith("RESOURCE_EXHAUSTED"))
        all_told = told == self.offered - self.admitted and self.refused_ms_most <= REFUSED_MS
        return all_told and self.fps_least >= LEAST_FPS and self.kept == self.admitted > 0


async def measure(sessions: int, transport: str, seconds: float) -> Overload:
    """Offer so many sessions that all speak, and watch those that were let in for so long."""
    found = Overload(sessions, transport)
    async with bridge(sessions=sessions) as server:
        plan = Plan(
            server.host, server.port(transport), transport, sessions, warm_s=WARM_S, seconds=seconds, texts=TEXTS,
            joins_per_s=JOINS_PER_S, every=min(10.0, seconds),
        )  # fmt: skip
        async with swarm(plan) as reports:
            async for report in reports:
                if report.get("now") == "measuring":
                    found.admitted = report["sessions"]
                if "window" in report:
                    found.kept = report["sessions"]
                    found.fps_least = min(found.fps_least or 1e9, report["fps_least"])
                    found.misplaced += report["misplaced"] + report["dropped"]
                    found.refusals = report["refusals"]
                    found.refused_ms_most = max(report["refused_ms"], default=0.0)
    return found


def described(found: Overload) -> str:
    """Some lines."""
    refusals = "\n".join(f"  {count} x {words}" for words, count in sorted(found.refusals.items()))
    return (
        f"{found.offered} sessions offered over {found.transport}: {found.admitted} admitted, {found.kept} kept, "
        f"{found.fps_least:.1f} fps at the least, {found.misplaced} frames misplaced or left out; refusals took "
        f"{found.refused_ms_most:.1f} ms at most: {'held' if found.held else 'NOT held'}\n{refusals}"
    )
