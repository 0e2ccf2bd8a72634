"""What is counted, who may see it, and that what reads it knows it: `rigcast top`, the Grafana dashboard, the log."""

import argparse
import asyncio
import io
import json
import logging
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import grpc
import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from bridge import logs, metrics, server
from bridge.commands import CommandError, top
from bridge.commands.remote import CHANNEL_OPTIONS
from bridge.config import Config
from bridge.session import Code, RefusedError
from rigcast.v1 import service_pb2, service_pb2_grpc, session_pb2
from tests.hostile import connection_of, pages
from tests.real_bridge import PATIENCE, request, until

DOCUMENT = Path(__file__).parent.parent / "docs" / "security.md"
DASHBOARD = Path(__file__).parent.parent / "docs" / "grafana" / "rigcast.json"
TOKENS = {"token": "admin-token-admin-token", "watch_token": "watch-token-watch-token"}


def text_of(bound: Config, token: str = "") -> str:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with pages().open(urllib.request.Request(f"{bound.page_url}metrics", headers=headers), timeout=PATIENCE) as answer:
        return str(answer.read().decode())


def samples(text: str) -> dict[str, float]:
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_a_session_and_a_refusal_are_seen(tmp_path: Path) -> None:
    async with server.running(Config(http_port=0, grpc_port=0, tokens_file=str(tmp_path / "none"))) as bound:
        before = samples(await asyncio.to_thread(text_of, bound))
        async with connection_of(bound) as connection:
            await connection.send(request(join=session_pb2.Join(session="seen")))
            await connection.send(request(say=session_pb2.Say(text="Hi.", rate=9)))
            await until(connection, "error")
            await asyncio.sleep(0.1)
            after = samples(await asyncio.to_thread(text_of, bound))
    assert (before["rigcast_sessions[]"], after["rigcast_sessions[]"]) == (0, 1)
    assert after["rigcast_subscribers[]"] == 1
    assert after["rigcast_received_messages_total[]"] - before["rigcast_received_messages_total[]"] == 2
    refusal = "rigcast_refusals_total['INVALID_ARGUMENT', 'say.rate']"
    assert after[refusal] - before.get(refusal, 0) == 1
    assert after["rigcast_tick_lateness_seconds_count[]"] > before["rigcast_tick_lateness_seconds_count[]"]


async def test_metrics_are_for_admin(tmp_path: Path) -> None:
    config = Config(http_port=0, grpc_port=0, tokens_file=str(tmp_path / "none"), **TOKENS)  # type: ignore[arg-type]
    async with server.running(config) as bound:
        assert "rigcast_sessions" in await asyncio.to_thread(text_of, bound, TOKENS["token"])
        for token, status in (("", 401), ("wrong", 401), (TOKENS["watch_token"], 403)):
            with pytest.raises(urllib.error.HTTPError) as refused:
                await asyncio.to_thread(text_of, bound, token)
            refused.value.close()
            assert refused.value.code == status


async def test_top_shows_a_bridge(tmp_path: Path) -> None:
    config = Config(http_port=0, grpc_port=0, tokens_file=str(tmp_path / "none"), **TOKENS)  # type: ignore[arg-type]
    async with server.running(config) as bound, connection_of(bound, TOKENS["token"]) as connection:
        await connection.send(request(join=session_pb2.Join(session="shown", no_frames=True)))
        await until(connection, "welcome")
        for _ in range(1000):
            metrics.refused(RefusedError(Code.NOT_FOUND, "", field="say.voice"))
            metrics.failed("journal")
        before = top.read(await asyncio.to_thread(top.fetch, bound), 1.0)
        await asyncio.sleep(0.2)
        now = top.read(await asyncio.to_thread(top.fetch, bound), 1.2)
        lines = "\n".join(top.figures(before, now))
        table = list(top.sessions(await asyncio.to_thread(top.describe, bound), 10))
    assert "live: 1 of 256 sessions, 0 speaking, 1 subscribers" in lines
    assert re.search(r"tick late +p50 < [\d.]+ ms, p99 [<>] [\d.]+ ms", lines)
    assert "model takes  p50 -, p99 -" in lines
    assert "NOT_FOUND say.voice" in lines
    assert re.search(r"^failed +.*journal \d{4}", lines, re.MULTILINE)
    assert re.match(r"shown +1 +0  idle", table[1])


def test_top_says_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "rigcast.toml"
    file.write_text("http_port = 9\ngrpc_port = 8", encoding="utf-8")
    with pytest.raises(CommandError, match=r"no bridge answers at http://127\.0\.0\.1:9/"):
        top.top(argparse.Namespace(config=str(file), every=1.0, once=True))
    with pytest.raises(CommandError, match=r"must be 0\.1\.\.3600"):
        top.top(argparse.Namespace(config=str(file), every=0.0, once=True))


def test_a_quantile_is_of_what_came_since() -> None:
    before = top.Reading(0, buckets={"x": {0.001: 90.0, 0.01: 100.0, float("inf"): 100.0}})
    now = top.Reading(1, buckets={"x": {0.001: 90.0, 0.01: 110.0, float("inf"): 112.0}})
    assert top.quantile(before, now, "x", 0.5) == "< 10 ms"
    assert top.quantile(before, now, "x", 0.99) == "> 10 ms"
    assert top.quantile(now, now, "x", 0.5) == "-"


def test_a_long_list_of_sessions_is_cut_short() -> None:
    about = service_pb2.DescribeResponse(sessions=[service_pb2.SessionState(name=f"s{i:03}") for i in range(100)])
    lines = list(top.sessions(about, 7))
    assert len(lines) == 1 + 7 + 1
    assert lines[-1] == "and 93 more"


async def test_the_dashboard_asks_only_for_what_there_is(tmp_path: Path) -> None:
    metrics.refused(RefusedError(Code.NOT_FOUND, "", field="say.voice"))
    metrics.failed("journal")
    async with server.running(Config(http_port=0, grpc_port=0, tokens_file=str(tmp_path / "none"))) as bound:
        there = {name.partition("[")[0] for name in samples(await asyncio.to_thread(text_of, bound))}
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    asked = {
        name
        for panel in panels
        for target in panel["targets"]
        for name in re.findall(r"\b(?:rigcast|process)_\w+", target["expr"])
    }
    assert len(asked) > 10
    assert {name for name in asked if name.startswith("rigcast_")} <= there


async def test_what_is_counted_is_documented(tmp_path: Path) -> None:
    """The table of docs/security.md, and what a bridge tells, are one."""
    metrics.refused(RefusedError(Code.NOT_FOUND, "", field="say.voice"))
    metrics.failed("journal")
    async with server.running(Config(http_port=0, grpc_port=0, tokens_file=str(tmp_path / "none"))) as bound:
        text = await asyncio.to_thread(text_of, bound)
    told = {
        f"{family.name}_total" if family.type == "counter" else family.name: sorted(
            {label for sample in family.samples for label in sample.labels} - {"le"}
        )
        for family in text_string_to_metric_families(text)
        if family.name.startswith("rigcast_") and not family.name.endswith("_created")  # of the library
    }
    rows = re.findall(r"^\| `(rigcast_\w+)` \|([^|]*)\|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: sorted(re.findall(r"`(\w+)`", labels)) for name, labels in rows} == told


# The log


def logged(form: str, message: str, *args: object, **more: object) -> str:
    """What a formatter makes of an entry."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonFormatter() if form == "json" else logs.TextFormatter(logs.TEXT))
    logger = logging.Logger("a.room")
    logger.addHandler(handler)
    logger.warning(message, *args, **more)  # type: ignore[arg-type]
    return stream.getvalue()


def test_json_is_one_object_a_line() -> None:
    (line,) = logged("json", "in %s\nand out", "a\x1b[2J", extra={"session": "main"}).splitlines()
    entry = json.loads(line)
    assert entry["severity_text"] == "WARNING"
    assert entry["scope"] == "a.room"
    assert entry["body"] == "in a\x1b[2J\nand out"
    assert entry["attributes"] == {"session": "main"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", entry["timestamp"])


def test_an_exception_becomes_attributes() -> None:
    try:
        raise ValueError("no\nnumber")
    except ValueError:
        (line,) = logged("json", "failed", exc_info=True).splitlines()
    attributes = json.loads(line)["attributes"]
    assert attributes["exception.type"] == "ValueError"
    assert attributes["exception.message"] == "no\nnumber"
    assert "test_metrics" in attributes["exception.stacktrace"]


def test_no_client_writes_lines_of_its_own() -> None:
    text = logged("text", "refused %s", "a\n2026-01-01 00:00:00 ERROR root: owned\x1b[2J\x9b31m")
    assert len(text.splitlines()) == 1
    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "\\x0a" in text


TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(
    ("header", "known"),
    [
        (f"00-{TRACE}-{SPAN}-01", True),
        (f"00-{TRACE}-{SPAN}-01\n", False),
        (f"00-{TRACE.upper()}-{SPAN}-01", False),
        (f"00-{'0' * 32}-{SPAN}-01", False),
        (f"00-{TRACE}-{'0' * 16}-01", False),
        (f"ff-{TRACE}-{SPAN}-01", False),
        ("", False),
        (None, False),
    ],
)
def test_an_entry_names_the_trace_that_it_belongs_to(header: str | None, known: bool) -> None:
    logs.trace(header)
    entry = json.loads(logged("json", "x"))
    logs.trace(None)
    assert entry["severity_number"] == 13
    assert ((entry.get("trace_id"), entry.get("span_id"), entry.get("trace_flags")) == (TRACE, SPAN, "01")) == known
    assert ("trace_id" in entry) == known


async def test_a_clients_trace_is_in_what_is_logged_for_it(tmp_path: Path) -> None:
    """On both transports; and a refusal's entry says which code and field it was."""
    entries: list[dict[str, Any]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            entries.append(json.loads(logs.JsonFormatter().format(record)))

    handler = Keep()
    logging.getLogger("bridge.metrics").addHandler(handler)
    logging.getLogger("bridge.metrics").setLevel(logging.DEBUG)
    try:
        async with server.running(Config(http_port=0, grpc_port=0, tokens_file=str(tmp_path / "none"))) as bound:
            address = f"{bound.page_url.replace('http', 'ws', 1)}rigcast"
            headers = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
            async with connect(
                address, subprotocols=[Subprotocol("rigcast.v1")], additional_headers=headers, proxy=None
            ) as connection:
                await connection.send(request(join=session_pb2.Join(session="traced")))
                await connection.send(request(say=session_pb2.Say(text="Hi.", rate=9)))
                await until(connection, "error")
            async with grpc.aio.insecure_channel(bound.grpc_target, options=CHANNEL_OPTIONS) as channel:
                stub = service_pb2_grpc.RigcastServiceStub(channel)
                with pytest.raises(grpc.aio.AioRpcError):
                    await stub.Say(service_pb2.SayRequest(), metadata=tuple(headers.items()), timeout=PATIENCE)
                with pytest.raises(grpc.aio.AioRpcError):
                    await stub.Say(service_pb2.SayRequest(), timeout=PATIENCE)
    finally:
        logging.getLogger("bridge.metrics").removeHandler(handler)
        logging.getLogger("bridge.metrics").setLevel(logging.NOTSET)
    assert [entry.get("trace_id") for entry in entries] == [TRACE, TRACE, None]
    assert entries[0]["attributes"] == {"rigcast.code": "INVALID_ARGUMENT", "rigcast.field": "say.rate"}
