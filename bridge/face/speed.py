"""How many streams a model serves on this machine."""

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnxruntime

from bridge.face.batch import LIMIT, Batch
from bridge.face.ears import Ear
from bridge.face.hearing import Hearing
from bridge.face.model import Model
from bridge.frames import FRAME_RATE, SAMPLES_PER_FRAME

STREAMS = (1, 2, 4, 8, 16, 32, 64, 128)
WARM_UP = 5


@dataclass(slots=True)
class Times:
    """What one frame of every stream took, over and over: each by the clock, all together on the core (ms).

    The clock tells what a tick waits, others' work on the core included; the core's time what the work costs.
    """

    clock: list[float] = field(default_factory=list)
    core: float = 0.0

    def take(self, work: Callable[[], None]) -> None:
        """Do it once more."""
        clock, core = time.perf_counter(), time.thread_time()
        work()
        self.core += (time.thread_time() - core) * 1000
        self.clock.append((time.perf_counter() - clock) * 1000)

    def percentile(self, share: float) -> float:
        """Milliseconds by the clock."""
        return float(np.percentile(self.clock, share))


@dataclass(slots=True)
class Speed:
    """`streams` streams hear: the model alone in batches and with one run a stream, and the bridge's whole way
    (sound of 24 kHz in, faces out, batched). The three were taken in turn."""

    streams: int
    device: str
    batched: Times = field(default_factory=Times)
    single: Times = field(default_factory=Times)
    served: Times = field(default_factory=Times)

    def cost(self, times: Times) -> float:
        """Milliseconds of a frame of all streams: of the core, or of the clock where another device computes."""
        return times.core / len(times.clock) if self.device == "cpu" else times.percentile(50)

    def held(self, times: Times) -> int:
        """Streams of 60 frames a second that one core (or device) serves so."""
        return int(self.streams * 1000 / FRAME_RATE / self.cost(times))

    @property
    def gain(self) -> float:
        """The throughput of batches against one run a stream."""
        return self.cost(self.single) / self.cost(self.batched)

    def summary(self) -> dict[str, Any]:
        """The figures to keep; times in milliseconds."""
        ways = {"batched": self.batched, "single": self.single, "served": self.served}
        return {"streams": self.streams, "gain": self.gain} | {
            name: {
                "p50": times.percentile(50), "p99": times.percentile(99), "rounds": len(times.clock),
                "cost": self.cost(times), "held": self.held(times),
            }
            for name, times in ways.items()
        }  # fmt: skip


def measure(model: Model, streams: int, seconds: float) -> Speed:
    """Let `streams` streams hear noise for about this long."""
    alone, served = _Alone(model, streams), _Served(model, streams)
    speed = Speed(streams, model.device)
    for _ in range(WARM_UP):
        alone.batched()
        alone.single()
        served.tick()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(speed.batched.clock) < WARM_UP:
        speed.batched.take(alone.batched)
        speed.single.take(alone.single)
        speed.served.take(served.tick)
    return speed


class _Alone:
    """The model without ears. States are handed on, as they are in streams."""

    def __init__(self, model: Model, streams: int) -> None:
        self._groups = [min(LIMIT, streams - first) for first in range(0, streams, LIMIT)]
        self._batches = [Batch(model) for _ in self._groups]
        self._one, self._streams = Batch(model), streams
        for batch in (*self._batches, self._one):
            batch.audio[:] = np.random.default_rng(0).normal(0, 0.1, batch.audio.shape)
            batch.strength[:] = 1

    def batched(self) -> None:
        for batch, count in zip(self._batches, self._groups, strict=True):
            batch.state[:count] = batch.run(count).state

    def single(self) -> None:
        for _ in range(self._streams):
            self._one.state[:1] = self._one.run(1).state


class _Served:
    """Ears that are brought a frame's sound at a time."""

    def __init__(self, model: Model, streams: int) -> None:
        self._hearing = Hearing(model)
        self._ears = [Ear(model) for _ in range(streams)]
        self._sound = np.random.default_rng(0).integers(-3000, 3000, SAMPLES_PER_FRAME).astype(np.int16)
        while not self._ears[0].next_frame:
            self.tick()

    def tick(self) -> None:
        for ear in self._ears:
            ear.feed(self._sound)
        self._hearing.hear(self._ears)


def machine(model: Model) -> str:
    """What the figures hold for."""
    where = f"{_processor()}, one thread" if model.device == "cpu" else "CUDA" + " graphs" * model.cuda_graphs
    return f"{where}, {platform.system()}, Python {platform.python_version()}, onnxruntime {onnxruntime.__version__}"


def _processor() -> str:
    """Its name where the system tells it, else its kind."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def row(speed: Speed) -> str:
    """One measurement, one line."""
    batched, served = (
        f"p50 {times.percentile(50):6.2f} p99 {times.percentile(99):6.2f} ms, holds {speed.held(times):5}"
        for times in (speed.batched, speed.served)
    )
    return f"{speed.streams:4} streams: model alone {batched}, {speed.gain:4.1f} x one run a stream; with ears {served}"
