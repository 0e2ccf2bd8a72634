"""`rigcast top`: a running bridge at a glance, from its metrics and its description."""

import argparse
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from bridge import tls
from bridge.commands import CommandError
from bridge.commands.remote import TIMEOUT_S, TLS_HELP, connected, credentials
from bridge.config import Config, load
from rigcast.v1 import service_pb2

LARGEST_ANSWER = 4_000_000
"""Bytes of metrics that are read; a bridge has about ten thousand."""
HOME_AND_CLEAR = "\x1b[H\x1b[J"


@dataclass
class Reading:
    """The metrics at one moment: values by name; histograms as their cumulated counts by upper bound."""

    at: float
    values: dict[str, float] = field(default_factory=dict)
    buckets: dict[str, dict[float, float]] = field(default_factory=dict)
    refusals: dict[str, float] = field(default_factory=dict)
    faults: dict[str, float] = field(default_factory=dict)


def top(args: argparse.Namespace) -> int:
    """Print how the bridge does, again and again until Ctrl-C, or once."""
    config = load(file=args.config)
    if not 0.1 <= args.every <= 3600:
        raise CommandError(f"--every {args.every:g}: must be 0.1..3600 seconds")
    before = Reading(0.0)
    while True:
        now = read(fetch(config), time.monotonic())
        lines = [*figures(before, now), "", *sessions(describe(config), shutil.get_terminal_size().lines - 13)]
        clear = "" if args.once or not sys.stdout.isatty() else HOME_AND_CLEAR
        print(clear + "\n".join(lines), flush=True)
        if args.once:
            return 0
        before = now
        time.sleep(args.every)


def fetch(config: Config) -> str:
    """The text at /metrics. Raises CommandError."""
    ask = urllib.request.Request(f"{config.page_url}metrics", headers=dict(credentials(config.token)))
    secure = urllib.request.HTTPSHandler(context=tls.client_context(config))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), secure)
    try:
        with opener.open(ask, timeout=TIMEOUT_S) as answer:
            return str(answer.read(LARGEST_ANSWER).decode(errors="replace"))
    except urllib.error.HTTPError as error:
        with error:
            reason = error.read(500).decode(errors="replace").strip()
        raise CommandError(f"{config.page_url}: {reason or error}. RIGCAST_TOKEN must be a token for admin") from None
    except OSError as error:
        hint = f" {TLS_HELP}." if config.tls_cert or config.tls_ca else ""
        raise CommandError(f"no bridge answers at {config.page_url}: {error}.{hint}") from None


def read(text: str, at: float) -> Reading:
    """What the metrics say."""
    reading = Reading(at)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name.endswith("_bucket"):
                reading.buckets.setdefault(family.name, {})[float(sample.labels["le"])] = sample.value
            elif sample.name == "rigcast_refusals_total":
                reading.refusals[" ".join(filter(None, (sample.labels["code"], sample.labels["field"])))] = sample.value
            elif sample.name == "rigcast_faults_total":
                reading.faults[sample.labels["part"]] = sample.value
            else:
                reading.values[sample.name] = sample.value
    return reading


def figures(before: Reading, now: Reading) -> Iterator[str]:
    """The lines above the sessions; rates are since the reading before, or since the bridge began."""
    value = now.values
    seconds = now.at - before.at if before.values else time.time() - value.get("process_start_time_seconds", 0.0)

    def rate(name: str) -> float:
        return (value.get(name, 0.0) - before.values.get(name, 0.0)) / max(seconds, 1e-3)

    state = "going down" if value.get("rigcast_draining") else "live"
    yield (
        f"{state}: {value['rigcast_sessions']:g} of {value['rigcast_sessions_limit']:g} sessions, "
        f"{value['rigcast_sessions_speaking']:g} speaking, {value['rigcast_subscribers']:g} subscribers"
    )
    if "process_cpu_seconds_total" in value:
        memory = value["process_resident_memory_bytes"] / 2**20
        yield f"processor {100 * rate('process_cpu_seconds_total'):.0f} % of a core, memory {memory:.0f} MiB"
    for title, name in (("tick late", "tick_lateness"), ("tick takes", "tick"), ("model takes", "model")):
        middle, most = (quantile(before, now, f"rigcast_{name}_seconds", q) for q in (0.5, 0.99))
        yield f"{title:11}  p50 {middle}, p99 {most}"
    yield f"received     {rate('rigcast_received_messages_total'):.0f} messages/s"
    yield (
        f"waiting      {value['rigcast_queue_depth']:g} messages, {value['rigcast_queue_depth_max']:g} in the longest "
        f"queue; left out {rate('rigcast_dropped_frames_total'):.1f} frames/s"
    )
    yield f"refused      {most_of(now.refusals)}"
    yield f"failed       {most_of(now.faults)}"


def most_of(counts: dict[str, float]) -> str:
    """The four that came most often, in words."""
    found = sorted(counts.items(), key=lambda each: -each[1])[:4]
    return ", ".join(f"{name} {count:g}" for name, count in found) or "nothing"


def quantile(before: Reading, now: Reading, name: str, q: float) -> str:
    """Below which bound a share q of what was observed since then lies, in words."""
    old = before.buckets.get(name, {})
    counts = sorted((bound, count - old.get(bound, 0.0)) for bound, count in now.buckets.get(name, {}).items())
    if not counts or not counts[-1][1]:
        return "-"
    bound = next(bound for bound, count in counts if count >= q * counts[-1][1])
    return f"< {1000 * bound:.3g} ms" if bound != float("inf") else f"> {1000 * counts[-2][0]:.3g} ms"


def describe(config: Config) -> service_pb2.DescribeResponse:
    """What the bridge says of its sessions. Raises CommandError."""
    with connected(config, config.grpc_target) as stub:
        about: service_pb2.DescribeResponse = stub.Describe(
            service_pb2.DescribeRequest(), metadata=credentials(config.token), timeout=TIMEOUT_S
        )
    return about


def sessions(about: service_pb2.DescribeResponse, room: int) -> Iterator[str]:
    """A line each, those that speak first; as many as there is room for."""
    found = sorted(about.sessions, key=lambda session: (not session.speaking, session.name))
    yield f"{'SESSION':24} {'SUBSCRIBERS':>11} {'WAITING':>7}  STATE"
    for session in found[: max(room, 5)]:
        state = "speaking" if session.speaking else "idle"
        yield f"{session.name[:24]:24} {session.subscribers:11} {session.queued_texts:7}  {state}"
    if len(found) > max(room, 5):
        yield f"and {len(found) - max(room, 5)} more"
