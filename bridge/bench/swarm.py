"""The load generator: a process with many viewers, so that what it costs is not the bridge's.

    python -m bridge.bench.swarm < plan.json

It writes one JSON object a line: {"now": "measuring"} when its viewers have joined and speak, a window of figures every
`every` seconds, and {"now": "done"}.
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any

from bridge.bench.lines import GrpcLine, Line, WebSocketLine, masked
from bridge.bench.viewer import Tally, Viewer
from bridge.commands import loop_factory
from bridge.frames import AUDIO_RATE
from bridge.wire import PROTOCOL
from rigcast.v1 import session_pb2

PERFORM = "/rigcast.v1.RigcastService/Perform"
CHUNK_S = 0.02
PING_S = 2.0
JOIN_PATIENCE_S = 30.0
LINGER_S = 0.5
"""After the last window: who reads it looks at the bridge while all are still there."""


@dataclass
class Plan:
    """What a swarm does. Times in seconds."""

    host: str
    port: int
    transport: str = "ws"
    sessions: int = 16
    prefix: str = "bench"
    joins_per_s: float = 100.0
    warm_s: float = 5.0
    seconds: float = 20.0
    every: float = 10.0
    texts: list[str] = field(default_factory=list)
    """What is said; of nothing, viewers only watch."""
    audio: str = ""
    """A file of samples, 24 kHz, 16 bits, that is spoken live instead."""
    stalled: int = 0
    """So many of them stop reading `stall_at` seconds after the measuring began, and wake `wake_s` before its end."""
    stall_at: float = 0.0
    wake_s: float = 5.0
    reconnects_per_s: float = 0.0
    """Viewers that leave and come again."""


class Swarm:
    """All viewers of a plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._tally = Tally()
        self._viewers: list[Viewer] = []
        self._stalled: list[Viewer] = []
        self._reconnects = 0
        self._background: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Carry the plan out."""
        plan = self._plan
        await self._join_all()
        self._keep(self._tell_time())
        if plan.audio:
            self._speak_live()
        await asyncio.sleep(plan.warm_s)
        await self._tied()
        _say(now="measuring", sessions=len(self._viewers))
        self._begin()
        await self._measure()
        await asyncio.sleep(LINGER_S)
        _say(now="done")

    async def _join_all(self) -> None:
        pause = 1 / self._plan.joins_per_s
        comers = []
        for number in range(self._plan.sessions):
            comers.append(asyncio.create_task(self._come(number)))
            await asyncio.sleep(pause)
        self._viewers = [viewer for viewer in await asyncio.gather(*comers) if viewer]

    async def _come(self, number: int) -> Viewer | None:
        """A viewer that is in its session and speaks; None if it was refused."""
        plan = self._plan
        viewer = Viewer(f"{plan.prefix}-{number}", self._tally, plan.texts, bool(plan.audio), plan.transport == "grpc")
        viewer.line = await self._connect(viewer)
        try:
            await asyncio.wait_for(viewer.line.ready, JOIN_PATIENCE_S)
        except (ConnectionError, TimeoutError) as error:
            self._tally.refusals[str(error)] += 1
            return None
        viewer.join()
        end = time.monotonic() + JOIN_PATIENCE_S
        while not viewer.joined:
            if viewer.line.closed.done() or time.monotonic() > end:
                return None
            await asyncio.sleep(0.01)
        viewer.ask_time()
        if plan.texts and not plan.audio:
            viewer.say()
        return viewer

    async def _connect(self, viewer: Viewer) -> Line:
        plan = self._plan
        authority = f"{plan.host}:{plan.port}"

        def make() -> Line:
            if plan.transport == "grpc":
                return GrpcLine(viewer.received, authority, PERFORM)
            return WebSocketLine(viewer.received, authority, "/rigcast", PROTOCOL)

        _, line = await asyncio.get_running_loop().create_connection(make, plan.host, plan.port)
        return line

    def _keep(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _tell_time(self) -> None:
        """Ask every viewer's session for its time, one after another."""
        while True:
            for viewer in list(self._viewers):
                if viewer not in self._stalled:
                    viewer.ask_time()
                await asyncio.sleep(PING_S / max(len(self._viewers), 1))

    async def _tied(self) -> None:
        """Wait until all know their session's time, for some seconds at most."""
        for _ in range(50):
            if all(viewer.tied for viewer in self._viewers):
                return
            await asyncio.sleep(0.2)

    def _speak_live(self) -> None:
        with open(self._plan.audio, "rb") as file:
            sound = file.read()
        size = round(CHUNK_S * AUDIO_RATE) * 2
        chunks = [sound[i : i + size] for i in range(0, len(sound) - size + 1, size)]
        messages = [
            session_pb2.ClientMessage(push_audio=session_pb2.PushAudio(samples=chunk)).SerializeToString()
            for chunk in chunks
        ]
        frames = [masked(message) for message in messages] if self._plan.transport == "ws" else messages
        for viewer in self._viewers:
            viewer.start_audio(AUDIO_RATE)
        self._keep(self._push(frames, [random.Random(i).randrange(len(frames)) for i in range(len(self._viewers))]))

    async def _push(self, frames: list[bytes], begins: list[int]) -> None:
        """A chunk for each viewer every CHUNK_S, spread over that time."""
        groups, start, step = 4, time.monotonic(), 0
        while True:
            for viewer, begin in list(zip(self._viewers, begins, strict=False))[step % groups :: groups]:
                data = frames[(begin + step // groups) % len(frames)]
                if self._plan.transport == "ws":
                    viewer.line.write(data)
                else:
                    viewer.line.send(data)
            step += 1
            await asyncio.sleep(max(start + step * CHUNK_S / groups - time.monotonic(), 0))

    def _begin(self) -> None:
        self._clear()
        for viewer in self._viewers:
            viewer.judging = True

    def _stall(self) -> None:
        self._stalled = self._viewers[: self._plan.stalled]
        for viewer in self._stalled:
            viewer.judging = False
            viewer.line.transport.pause_reading()

    async def _measure(self) -> None:
        plan = self._plan
        begun, windows = time.monotonic(), max(round(plan.seconds / plan.every), 1)
        if plan.stalled:
            loop = asyncio.get_running_loop()
            loop.call_later(plan.stall_at, self._stall)
            loop.call_later(max(plan.seconds - plan.wake_s, 0), self._wake)
        if plan.reconnects_per_s:
            self._keep(self._reconnect())
        for window in range(windows):
            await asyncio.sleep(max(begun + (window + 1) * plan.every - time.monotonic(), 0))
            self._report(time.monotonic() - begun)

    def _wake(self) -> None:
        for viewer in self._stalled:
            viewer.woke = time.monotonic()
            viewer.line.transport.resume_reading()

    async def _reconnect(self) -> None:
        """One viewer after another leaves, and comes again into its session."""
        begun = time.monotonic()
        for number in count():
            await asyncio.sleep(max(begun + (number + 1) / self._plan.reconnects_per_s - time.monotonic(), 0))
            at = number % self._plan.sessions
            if at < len(self._viewers):
                self._viewers[at].judging = False
                self._viewers[at].line.transport.abort()
                fresh = await self._come(at)
                if fresh:
                    self._viewers[at] = fresh
                    fresh.judging = True
                    self._reconnects += 1

    def _report(self, at: float) -> None:
        tally, viewers = self._tally, self._viewers
        counts = [viewer.take_count() for viewer in viewers]
        judged = [count for viewer, count in zip(viewers, counts, strict=True) if viewer.judging]
        _say(
            window=at,
            sessions=sum(not viewer.line.closed.done() for viewer in viewers),
            frames=sum(counts),
            fps_least=min(judged, default=0) / self._plan.every,
            misplaced=tally.misplaced,
            stalls=tally.stalls,
            dropped=tally.dropped,
            octets=sum(viewer.line.octets for viewer in viewers),
            reconnects=self._reconnects,
            refusals=dict(tally.refusals),
            refused_ms=[round(s * 1000, 2) for s in tally.refused_s],
            cpu_s=time.process_time(),
            woken=[{"stale": v.stale, "fresh_after_s": v.fresh_after} for v in self._stalled if v.woke is not None],
            late=tally.histogram(),
        )
        self._clear()

    def _clear(self) -> None:
        refusals, refused_s = self._tally.refusals, self._tally.refused_s
        self._tally.__dict__.update(Tally(refusals=refusals, refused_s=refused_s).__dict__)


def _say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def main() -> None:
    """Read the plan, carry it out."""
    plan = Plan(**json.load(sys.stdin))
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(Swarm(plan).run())


def as_json(plan: Plan) -> bytes:
    """What `main` reads."""
    return json.dumps(asdict(plan)).encode()


if __name__ == "__main__":
    main()
