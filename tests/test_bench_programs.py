"""Load, overload and isolation: what each makes of its figures, and a few seconds of each with a real bridge."""

import contextlib
import dataclasses
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridge import cli
from bridge.bench import cost, house, isolation, load, overload, plot
from bridge.bench.isolation import Isolation
from bridge.bench.load import Step
from bridge.bench.overload import Overload
from bridge.bench.swarm import Plan

SECONDS = 1.0


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for longer than a test needs."""
    for module in (load, overload, isolation):
        monkeypatch.setattr(module, "WARM_S", 0.3)
    monkeypatch.setattr(isolation, "WAKE_S", 1.0)


# By hand

STEP = Step(4, "ws", "bridge", "text", 10, frames=2400, fps_least=60.0, late_ms={"p99": 9.0})
OVERLOAD = Overload(4, "ws", admitted=2, kept=2, fps_least=60.0, refusals={"RESOURCE_EXHAUSTED: full": 2})
ISOLATION = Isolation(4, "ws", awake_p99_ms=20.0, asleep_p99_ms=21.0, memory=2**19, fresh_after_s=0.05)


@pytest.mark.parametrize(
    "change",
    [
        {"late_ms": {"p99": load.DEADLINE_MS + 0.1}}, {"late_ms": {}}, {"misplaced": 1}, {"fps_least": 58.9},
        {"refusals": {"RESOURCE_EXHAUSTED: full": 1}},
    ],
)  # fmt: skip
def test_a_step_of_load_does_not_hold(change: dict[str, Any]) -> None:
    assert STEP.held
    assert not dataclasses.replace(STEP, **change).held


@pytest.mark.parametrize(
    "change",
    [
        {"refusals": {}}, {"refusals": {"RESOURCE_EXHAUSTED: full": 1, "the connection was cut": 1}},
        {"refused_ms_most": overload.REFUSED_MS + 1}, {"fps_least": 58.9}, {"kept": 1}, {"admitted": 0, "kept": 0},
    ],
)  # fmt: skip
def test_an_overload_does_not_hold(change: dict[str, Any]) -> None:
    assert OVERLOAD.held
    assert not dataclasses.replace(OVERLOAD, **change).held


@pytest.mark.parametrize(
    "change",
    [{"asleep_p99_ms": 22.5}, {"memory": 2**20 + 1}, {"fresh_after_s": 0.11}, {"fresh_after_s": float("nan")}],
)
def test_an_isolation_does_not_hold(change: dict[str, Any]) -> None:
    assert ISOLATION.held
    assert not dataclasses.replace(ISOLATION, **change).held


@pytest.mark.parametrize("room", [1, 15, 16, 100, 256])
async def test_the_search_finds_the_most_to_within_an_eighth(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def measure(sessions: int, *_: Any, **__: Any) -> Step:
        return dataclasses.replace(STEP, sessions=sessions, fps_least=60.0 if sessions <= room else 50.0)

    monkeypatch.setattr(load, "measure", measure)
    steps = await load.search(256, "ws", 1.0, tell=lambda _: None)
    found = max(step.sessions for step in steps if step.held)
    assert room - max(found // 8, 1) <= found <= room


# With a real bridge


@pytest.mark.parametrize(("transport", "bare"), [("grpc", False), ("ws", True)])
async def test_a_load_is_measured(transport: str, bare: bool, short: None) -> None:
    step = await load.measure(2, transport, SECONDS, bare=bare)
    assert step.frames > 0
    assert step.refusals == {}
    assert 0 < sum(step.late.values()) <= step.frames  # a block is judged by its first frame
    assert step.late_ms["p50"] <= step.late_ms["p99"] <= step.late_ms["max"]
    assert step.rss_mb > 10
    (told,) = json.loads(json.dumps(load.as_report([step])))
    assert told["held"] == step.held
    drawn = plot.svg([step], "a <load>")
    assert "a &lt;load&gt;" in drawn
    assert drawn.count("<polyline") == 1


async def test_who_finds_no_room_is_counted_with_the_reason(monkeypatch: pytest.MonkeyPatch, short: None) -> None:
    @contextlib.asynccontextmanager
    async def full(sessions: int) -> AsyncIterator[house.Bridge]:
        async with house.bridge("--busy-limit", "100", sessions=2) as found:
            yield found

    monkeypatch.setattr(overload, "bridge", full)
    found = await overload.measure(4, "ws", SECONDS)
    assert (found.offered, found.admitted, found.kept) == (4, 2, 2)
    ((words, times),) = found.refusals.items()
    assert times == 2
    assert words.startswith("RESOURCE_EXHAUSTED: ")
    assert 0 < found.refused_ms_most < 10_000
    assert words in overload.described(found)


async def test_one_sleeps_and_wakes(short: None) -> None:
    found = await isolation.measure(3, "ws", SECONDS)
    assert found.awake_p99_ms == found.awake_p99_ms
    assert found.asleep_p99_ms == found.asleep_p99_ms
    assert found.fresh_after_s >= 0
    assert f"{found.stale} frames of the past" in isolation.described(found)


async def test_a_swarm_comes_again(short: None) -> None:
    async with house.bridge("--busy-limit", "100", sessions=3) as found:
        plan = Plan(
            found.host, found.ws_port, sessions=3, texts=house.TEXTS, warm_s=0.3, seconds=2.0, every=1.0,
            reconnects_per_s=3.0,
        )  # fmt: skip
        async with house.swarm(plan) as reports:
            told = [report async for report in reports]
    assert [report.get("now") for report in told] == ["measuring", None, None, "done"]
    assert told[0]["sessions"] == 3
    assert told[2]["sessions"] >= 2  # one may be on its way
    assert 0 < told[2]["reconnects"] <= 6
    assert told[2]["frames"] > 0


def test_the_program_writes_a_report_and_says_whether_it_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def measure(*_: Any) -> Overload:
        return dataclasses.replace(OVERLOAD, kept=1)

    monkeypatch.setattr(overload, "measure", measure)
    file = tmp_path / "overload.json"
    assert cli.main(["bench", "overload", "--json", str(file)]) == 1
    report = json.loads(file.read_text())
    assert report["overload"]["held"] is False
    assert report["overload"]["refusals"] == OVERLOAD.refusals
    assert report["machine"]["cores"] > 0
    assert "NOT held" in capsys.readouterr().out


async def test_each_part_of_a_session_costs_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "TRIES", 1)
    found = await cost.measure(2)
    assert len(found) >= 5
    assert all(microseconds > 0 for microseconds in found.values())
