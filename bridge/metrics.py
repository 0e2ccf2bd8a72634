"""What the bridge counts, for Prometheus: https://prometheus.io/docs/practices/naming/ says how things are named.

Counters and histograms belong to the process; what a stage holds at this moment is looked up when somebody asks.
"""

import logging
from collections.abc import Iterator, Sized
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bridge import __version__

if TYPE_CHECKING:
    from bridge.session import RefusedError
    from bridge.stage import Stage

logger = logging.getLogger(__name__)

MS = 1e-3
FRAME = 1 / 60

REFUSALS = Counter(
    "rigcast_refusals", "Requests and clients refused, by error code and field.", ["code", "field"], registry=None
)
LATENESS = Histogram(
    "rigcast_tick_lateness_seconds",
    "How late the 60 Hz tick came.",
    buckets=[0.5 * MS, MS, 2 * MS, 4 * MS, 8 * MS, FRAME, 2 * FRAME, 4 * FRAME, 0.1, 0.25, 1.0],
    registry=None,
)
TICK = Histogram(
    "rigcast_tick_seconds",
    "Time that one tick took, for all sessions.",
    buckets=[0.25 * MS, 0.5 * MS, MS, 2 * MS, 4 * MS, 8 * MS, FRAME, 2 * FRAME, 0.1],
    registry=None,
)
MODEL = Histogram(
    "rigcast_model_seconds",
    "Time of one run of the speech-to-face model, for all streams in it.",
    buckets=[0.1 * MS, 0.25 * MS, 0.5 * MS, MS, 2 * MS, 4 * MS, 8 * MS, FRAME, 0.1],
    registry=None,
)
DROPPED_FRAMES = Counter("rigcast_dropped_frames", "Frames left out for clients that read slowly.", registry=None)
DROPPED_AUDIO = Counter("rigcast_dropped_audio_seconds", "Sound left out for clients that read slowly.", registry=None)
FAULTS = Counter(
    "rigcast_faults",
    "What failed here: a worker (espeak, backstage, hearing), the model, the gpu, the journal, a session, an output.",
    ["part"],
    registry=None,
)
MESSAGES = Counter("rigcast_received_messages", "Messages from clients.", registry=None)
BYTES = Counter("rigcast_received_bytes", "Bytes of messages from clients.", registry=None)

COUNTED = (REFUSALS, FAULTS, LATENESS, TICK, MODEL, DROPPED_FRAMES, DROPPED_AUDIO, MESSAGES, BYTES)


def refused(refusal: "RefusedError") -> None:
    """Count a refusal. Fields are names of ours, never what a client wrote."""
    logger.debug("refused: %s", refusal, extra={"rigcast.code": refusal.code.name, "rigcast.field": refusal.field})
    REFUSALS.labels(refusal.code.name, refusal.field).inc()


def failed(part: str) -> None:
    """Count that a part failed; what it says of itself is in the log. From any thread."""
    FAULTS.labels(part).inc()


class Metrics:
    """All that is known of a stage, as text for Prometheus."""

    def __init__(self, stage: "Stage") -> None:
        self._registry = CollectorRegistry()
        for counted in COUNTED:
            self._registry.register(counted)
        self._registry.register(_OfStage(stage))
        ProcessCollector(registry=self._registry)  # memory, processor and files; nothing where there is no /proc

    def text(self) -> bytes:
        """The exposition format, version 0.0.4."""
        return generate_latest(self._registry)


class _OfStage(Collector):
    """What a stage holds at this moment."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage

    def collect(self) -> Iterator[Metric]:
        """See Collector."""
        stage = self._stage
        sessions = list(stage.sessions.values())
        members = [member for session in sessions for member in session.members]
        depths = [len(member.outbox) for member in members if isinstance(member.outbox, Sized)]
        limits = stage.settings.limits
        yield _gauge("sessions", "Sessions.", len(sessions))
        yield _gauge("sessions_limit", "Sessions that may exist at once.", limits.sessions)
        yield _gauge("sessions_speaking", "Sessions that speak, or will.", sum(s.speaking for s in sessions))
        yield _gauge("subscribers", "Clients and outputs in all sessions.", len(members))
        yield _gauge("queue_depth", "Messages that wait to be sent, in all queues.", sum(depths))
        yield _gauge("queue_depth_max", "Messages that wait in the longest queue.", max(depths, default=0))
        yield _gauge("draining", "1 while the bridge is going down.", int(stage.draining))
        about = GaugeMetricFamily("rigcast_info", "The program.", labels=["version"])
        about.add_metric([__version__], 1)
        yield about


def _gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(f"rigcast_{name}", help, value=value)
