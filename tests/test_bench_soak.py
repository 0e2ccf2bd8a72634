"""The soak: what it makes of its windows, by hand; that a planted leak is found; and a short one of a real bridge."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from bridge import cli
from bridge.bench import soak, timeline
from bridge.bench.soak import MOST_FILES, MOST_IDLE, Soak, slope

MIB = 2**20
HOUR = 3600.0


def steady(minutes: float = 120.0, leak: float = 0.0) -> Soak:
    """A soak in which nothing happens but noise, and a leak of so many bytes an hour."""
    chance = np.random.default_rng(1)
    at_s = np.linspace(minutes / 2, minutes * 60, 120)
    rss = 130 * MIB - 30 * MIB * np.exp(-at_s / (minutes * 4)) + chance.normal(0, 0.2 * MIB, 120) + leak * at_s / HOUR
    found = Soak(64, "ws", minutes, reconnects=10_000, wanted=10_000, idle_cores=0.01)
    return dataclasses.replace(
        found, at_s=at_s.tolist(), rss=rss.astype(int).tolist(), files=[90] * 120, p99_ms=[8.0] * 120
    )


@pytest.mark.parametrize("an_hour", [-3.0, 0.0, 0.5, 12.0])
def test_a_slope_is_found_whatever_jumps_on_the_way(an_hour: float) -> None:
    at_s = np.arange(0, 7200, 60.0)
    values = 5 + an_hour * at_s / HOUR
    values[::7] += 1000
    assert slope(at_s.tolist(), values.tolist()) == pytest.approx(an_hour, abs=0.05)


def test_of_less_than_three_windows_nothing_is_said() -> None:
    assert np.isnan(slope([0, 60], [1, 2]))


def test_what_is_steady_holds() -> None:
    assert steady().faults == []
    assert steady(2).faults == []


@pytest.mark.parametrize(("minutes", "leak"), [(120, 2 * MIB), (2, 600 * MIB)])
def test_a_planted_leak_is_found(minutes: float, leak: float) -> None:
    """Of two MiB an hour in two hours; in two minutes, of 10 MiB a minute."""
    assert steady(minutes, leak).faults == ["memory grows"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"files": [90] * 60 + [90 + 2 * MOST_FILES] * 60}, "files stay open"),
        ({"p99_ms": [8.0] * 60 + [9.0] * 60}, "it slows down"),
        ({"idle_cores": MOST_IDLE + 0.001}, "it is busy while idle"),
        ({"misplaced": 1}, "frames are misplaced"),
        ({"dropped": 1}, "frames are left out"),
        ({"reconnects": 9_000}, "clients do not come again"),
    ],
)
def test_each_fault_is_told(change: dict[str, object], fault: str) -> None:
    found = dataclasses.replace(steady(), **change)
    assert not found.held
    assert found.faults == [fault]
    assert fault in soak.described(found)


def test_a_busy_machine_is_not_held_against_a_short_run() -> None:
    noisy = dataclasses.replace(steady(2), p99_ms=[8.0] * 60 + [90.0] * 60, misplaced=3, dropped=12)
    assert noisy.held
    assert dataclasses.replace(noisy, dropped=0).faults == ["frames are misplaced"]


def test_the_plot_has_all_three_curves() -> None:
    drawn = timeline.svg(steady())
    assert drawn.count("<polyline") == 3
    assert "nan" not in drawn


def test_a_short_soak_of_a_real_bridge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, seconds in (("LOADED_S", 0.1), ("IDLE_S", 0.5), ("WARM_S", 0.5)):
        monkeypatch.setattr(soak, name, seconds)
    report, plot = tmp_path / "soak.json", tmp_path / "soak.svg"
    command = "bench soak --sessions 2 --minutes 0.07 --reconnects 6"
    cli.main([*command.split(), "--json", str(report), "--plot", str(plot)])  # whether it held depends on the machine
    found = json.loads(report.read_text())["soak"]
    assert found["reconnects"] >= 4
    assert len(found["at_s"]) == len(found["rss"]) == len(found["files"]) == len(found["p99_ms"]) == 4
    assert min(found["rss"]) > MIB
    assert abs(found["files_grown"]) <= MOST_FILES
    assert 0 <= found["idle_cores"] < 10
    assert "2 sessions over ws" in capsys.readouterr().out
    assert plot.read_text().startswith("<svg")
