"""Senders' clocks: late packets, drift, clocks that stand, jump, or are not there."""

import numpy as np
import pytest

from bridge.inputs.alignment import Alignment

START = 500.0  # of the sender's clock


def run(seconds: float, *, jitter: float = 0.0, ppm: float = 0.0, seed: int = 1) -> np.ndarray:
    """What an even 60 Hz sender's instants are put at, less when they really were."""
    chance, align = np.random.default_rng(seed), Alignment()
    errors = []
    arrived = 0.0
    for k in range(round(seconds * 60)):
        true = k / 60
        arrived = max(arrived, true + 0.005 + jitter * float(chance.exponential()))
        ours = align(START + true * (1 + ppm / 1e6), arrived)
        assert ours is not None
        assert ours <= arrived
        errors.append(ours - true)
    return np.array(errors)


def test_jitter_does_not_reach_the_character() -> None:
    errors = run(20, jitter=0.010)
    assert np.abs(np.diff(errors[120:])).max() < 0.001
    assert errors[120:].mean() == pytest.approx(0.006, abs=0.004)


@pytest.mark.parametrize("ppm", [-500, 500])
def test_clocks_that_drift_are_followed(ppm: float) -> None:
    errors = run(120, jitter=0.005, ppm=ppm)
    assert np.abs(errors[300:] - 0.005).max() < 0.008


def test_without_a_clock_arrival_counts() -> None:
    align = Alignment()
    assert [align(None, t) for t in (1.0, 1.02)] == [1.0, 1.02]


def test_a_clock_that_stands_is_not_believed() -> None:
    align = Alignment()
    times = [align(7.0, 10 + k / 60) for k in range(30)]
    assert times[0] == 10
    assert times[-1] == pytest.approx(10 + 29 / 60)
    assert len(set(times[10:])) == 20


def test_a_late_packet_is_left_out_and_a_clock_set_anew_is_not() -> None:
    align = Alignment()
    assert align(100.0, 1.0) == 1.0
    assert align(100.1, 1.1) is not None
    assert align(100.05, 1.11) is None
    assert align(3.0, 1.2) == 1.2  # the sender began anew
    assert align(3.1, 1.3) == pytest.approx(1.3)


def test_midnight() -> None:
    align = Alignment()
    assert align(86_399.99, 5.0) == 5.0
    assert align(0.006, 5.016) == pytest.approx(5.016)
