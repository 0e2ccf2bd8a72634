"""How many streams a model serves on this machine."""

import platform
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import onnxruntime

from bridge.face.batch import LIMIT, Batch
from bridge.face.ears import Ear, Hearing
from bridge.face.model import Model
from bridge.frames import FRAME_RATE, SAMPLES_PER_FRAME

STREAMS = (1, 2, 4, 8, 16, 32, 64, 128)
WARM_UP = 5


class Speed(NamedTuple):
    """Milliseconds that one frame of each of `streams` streams took, over and over.

    batched: the model alone, in runs of up to LIMIT streams. single: the model alone, one run a stream. served: the
    bridge's whole way, sound of 24 kHz in, faces out, batched. The three were taken in turn.
    """

    streams: int
    batched: list[float]
    single: list[float]
    served: list[float]

    @property
    def held(self) -> int:
        """Streams of 60 frames a second that the model alone serves at this batch."""
        return int(self.streams * 1000 / FRAME_RATE / float(np.median(self.batched)))

    @property
    def served_held(self) -> int:
        """The same for the bridge's whole way."""
        return int(self.streams * 1000 / FRAME_RATE / float(np.median(self.served)))

    @property
    def gain(self) -> float:
        """The throughput of batches against one run a stream."""
        return float(np.median(self.single) / np.median(self.batched))

    def summary(self) -> dict[str, Any]:
        """The figures to keep."""
        names = ("batched", "single", "served")
        percentiles = {
            f"{name}_ms": dict(zip(("p50", "p99"), np.percentile(getattr(self, name), (50, 99)).tolist(), strict=True))
            for name in names
        }
        held = {"held": self.held, "served_held": self.served_held, "gain": self.gain}
        return {"streams": self.streams, "rounds": len(self.batched)} | percentiles | held


def measure(model: Model, streams: int, seconds: float) -> Speed:
    """Let `streams` streams hear noise for about this long."""
    alone, served = _Alone(model, streams), _Served(model, streams)
    speed = Speed(streams, [], [], [])
    for _ in range(WARM_UP):
        alone.batched()
        alone.single()
        served.tick()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(speed.batched) < WARM_UP:
        speed.batched.append(_timed(alone.batched))
        speed.single.append(_timed(alone.single))
        speed.served.append(_timed(served.tick))
    return speed


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


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
    batched, served = (np.percentile(times, (50, 99)) for times in (speed.batched, speed.served))
    return (
        f"{speed.streams:4} streams: model alone p50 {batched[0]:6.2f} p99 {batched[1]:6.2f} ms, "
        f"holds {speed.held:5}, {speed.gain:4.1f} x one run a stream; "
        f"with ears p50 {served[0]:6.2f} p99 {served[1]:6.2f} ms, holds {speed.served_held:5}"
    )
