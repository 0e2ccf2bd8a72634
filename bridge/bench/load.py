"""`rigcast bench load`: how many sessions hold the deadline, and what they cost beside a loop that only sends."""

import asyncio
import contextlib
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bridge.bench.house import TEXTS, Bridge, bridge, percentiles, swarm, use
from bridge.bench.swarm import Plan
from bridge.frames import AUDIO_RATE, FRAME_RATE
from bridge.speech.espeak import EspeakVoices

DEADLINE_MS = 1000 / FRAME_RATE
"""From the tick to the client, for 99 of 100 blocks of frames."""

LEAST_FPS = 59.0

WARM_S = 8.0
"""After the last has joined: all voices are at work, and the first sentences' rush is over."""


@dataclass
class Step:
    """One number of sessions, measured."""

    sessions: int
    transport: str
    server: str
    """"bridge", or "bare" for the loop that only sends."""
    voice: str
    """"text" or "live"."""
    seconds: float
    frames: int = 0
    fps_least: float = 0.0
    """Of the viewer and the window that had the fewest."""
    misplaced: int = 0
    """Lost, repeated or out of order, and left out."""
    stalls: int = 0
    late_ms: dict[str, float] = field(default_factory=dict)
    """Percentiles of tick to client."""
    server_cores: float = float("nan")
    voices_cores: float = float("nan")
    generator_cores: float = float("nan")
    rss_mb: float = 0.0
    refusals: dict[str, int] = field(default_factory=dict)
    late: dict[str, int] = field(default_factory=dict, repr=False)
    """Lateness in bins of 0.1 ms from -200 ms on, and how often."""

    @property
    def held(self) -> bool:
        """Whether all was there, in order, and in time."""
        in_time = self.late_ms.get("p99", float("nan")) <= DEADLINE_MS
        return in_time and not self.misplaced and not self.refusals and self.fps_least >= LEAST_FPS


async def measure(
    sessions: int, transport: str, seconds: float, *, live: bool = False, bare: bool = False, joins_per_s: float = 40
) -> Step:
    """Let so many sessions speak for so long, one client each."""
    step = Step(sessions, transport, "bare" if bare else "bridge", "live" if live else "text", seconds)
    module = "bridge.bench.bare" if bare else "bridge"
    flags = () if bare else ("--busy-limit", "100")
    async with _sound(live) as audio, bridge(*flags, module=module, sessions=sessions) as found:
        plan = Plan(
            found.host, found.port(transport), transport, sessions, warm_s=WARM_S, seconds=seconds,
            texts=TEXTS, audio=audio, joins_per_s=joins_per_s, every=min(10.0, seconds),
        )  # fmt: skip
        await _watch(plan, found, step)
    return step


@contextlib.asynccontextmanager
async def _sound(live: bool) -> AsyncIterator[str]:
    """A file of speech, for microphones that are none."""
    if not live:
        yield ""
        return
    voices = await EspeakVoices.start()
    try:
        pcm = b"".join([(await voices.speak(text)).pcm.tobytes() for text in TEXTS])
    finally:
        await voices.close()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"speech-{AUDIO_RATE}.pcm"
        file.write_bytes(pcm)
        yield str(file)


async def _watch(plan: Plan, found: Bridge, step: Step) -> None:
    """Let the swarm work, and put down what it and the bridge did."""
    before = after = use(found.pid)
    generator: list[float] = []
    late: Counter[str] = Counter()
    async with swarm(plan) as reports:
        async for report in reports:
            if report.get("now") == "measuring":
                before = use(found.pid)
            if "window" not in report:
                continue
            after = use(found.pid)
            generator.append(report["cpu_s"])
            late.update(report["late"])
            _add(step, report)
    step.server_cores = (after.cpu_s - before.cpu_s) / step.seconds
    step.voices_cores = (after.children_cpu_s - before.children_cpu_s) / step.seconds
    if len(generator) > 1:
        step.generator_cores = (generator[-1] - generator[0]) / (plan.every * (len(generator) - 1))
    step.rss_mb = after.rss / 2**20
    shares = {"p50": 50.0, "p90": 90.0, "p99": 99.0, "p99.9": 99.9, "max": 100.0}
    step.late_ms = dict(zip(shares, percentiles(late, tuple(shares.values())), strict=True))
    step.late = dict(late)


def _add(step: Step, report: dict[str, Any]) -> None:
    step.fps_least = min(step.fps_least or 1e9, report["fps_least"])
    step.frames += report["frames"]
    step.misplaced += report["misplaced"] + report["dropped"]
    step.stalls += report["stalls"]
    step.refusals = report["refusals"]


async def search(most: int, transport: str, seconds: float, *, live: bool = False, tell: Any = print) -> list[Step]:
    """The most sessions that hold, to within an eighth: twice as many until they do not, then halves between."""
    steps: list[Step] = []
    low, high, sessions = 0, most + 1, min(16, most)
    while sessions > low:
        steps.append(await measure(sessions, transport, seconds, live=live))
        tell(described(steps[-1]))
        low, high = (sessions, high) if steps[-1].held else (low, sessions)
        sessions = min(2 * low, most) if high > most else (low + high) // 2
        if high <= most and high - low <= max(low // 8, 1):
            break
    return steps


def described(step: Step) -> str:
    """One line."""
    late = "  ".join(f"{name} {value:.1f}" for name, value in step.late_ms.items())
    per_session = step.server_cores / max(step.sessions, 1) * 1e6
    refused = f"; refused {step.refusals}" if step.refusals else ""
    return (
        f"{step.sessions:4} {step.server} {step.transport} {step.voice} {step.seconds:g} s: "
        f"{'held' if step.held else 'NOT held'}; late ms {late}; fps least {step.fps_least:.1f}; "
        f"{step.frames} frames, {step.misplaced} misplaced, {step.stalls} stalls; cores: "
        f"server {step.server_cores:.2f}, voices {step.voices_cores:.2f}, generator {step.generator_cores:.2f}; "
        f"{per_session:.0f} µs a session-second; {step.rss_mb:.0f} MiB{refused}"
    )


async def run(sessions: int, transport: str, minutes: float, live: bool, find: bool, bare: bool) -> list[Step]:
    """What `rigcast bench load` measures; tells every step as it comes."""
    seconds = minutes * 60
    if find:
        steps = await search(sessions, transport, seconds, live=live)
        sessions = max((step.sessions for step in steps if step.held), default=steps[0].sessions)
    else:
        steps = [await measure(sessions, transport, seconds, live=live)]
        print(described(steps[-1]), flush=True)
    if bare:
        await asyncio.sleep(1)
        steps.append(await measure(sessions, transport, min(seconds, 60), bare=True))
        print(described(steps[-1]), flush=True)
        held = next(step for step in steps if step.sessions == sessions)
        if (floor := steps[-1].server_cores) > 0:
            ratio = (held.server_cores + held.voices_cores) / floor
            print(f"overhead: {ratio:.2f} times the processor time of the loop that only sends", flush=True)
    return steps


def as_report(steps: list[Step]) -> list[dict[str, Any]]:
    """For JSON."""
    return [asdict(step) | {"held": step.held} for step in steps]
