import numpy as np
import pytest

from bridge.body.noise import normal, smooth, uniform

INDEX = np.arange(20_000)


@pytest.mark.parametrize("seed", [0, 1, -5, 2**70])
def test_uniform_numbers_are_even_and_within_their_range(seed: int) -> None:
    u = uniform(seed, 3, INDEX)
    assert u.min() >= 0
    assert u.max() < 1
    assert np.histogram(u, 10, (0, 1))[0] == pytest.approx(2000, abs=200)  # some 4.7 sigma


def test_seed_channel_and_place_each_make_other_numbers() -> None:
    series = [uniform(s, c, INDEX + shift) for s, c, shift in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 100_000))]
    series.append(uniform(0, 0, -INDEX - 1))
    correlation = np.corrcoef(series) - np.eye(len(series))
    assert np.abs(correlation).max() < 0.035
    assert abs(np.corrcoef(series[0][1:], series[0][:-1])[0, 1]) < 0.035


def test_a_number_depends_on_its_own_place_only() -> None:
    whole = uniform(7, np.arange(4)[:, None], INDEX)
    assert uniform(7, 2, 1234) == whole[2, 1234]
    assert np.array_equal(uniform(7, 1, INDEX[100:103]), whole[1, 100:103])


def test_these_bits_never_change() -> None:
    """A seed gives the same person in every version and on every machine."""
    assert uniform(1, 2, 3) == 0.178321808041212
    assert uniform(2**64 - 1, 0, -1) == 0.8702202474570973


def test_normal_numbers_are_standard() -> None:
    n = normal(3, 5, INDEX)
    assert n.mean() == pytest.approx(0, abs=0.035)
    assert n.std() == pytest.approx(1, abs=0.03)
    assert (n > 1.96).mean() == pytest.approx(0.025, abs=0.006)
    assert normal(3, 5, INDEX.reshape(100, 200)).shape == (100, 200)


def test_noise_stays_within_its_bounds_and_wanders_about_nothing() -> None:
    n = smooth(1, np.arange(8), np.linspace(0, 2000, 40_001))
    assert np.abs(n).max() <= 1
    assert np.abs(n.mean(0)).max() < 0.08
    assert n.std() == pytest.approx(0.4, abs=0.02)


def test_noise_is_smooth_to_the_second_derivative() -> None:
    step = 1e-3
    t = np.arange(0, 40, step)
    n = smooth(1, 0, t)
    slope = np.diff(n) / step
    assert np.abs(slope).max() <= 2
    bend = np.diff(slope) / step
    assert np.abs(np.diff(bend)).max() <= 16 * step * 1.01  # the third derivative is bounded: no jump in the second


def test_noise_is_the_same_however_it_is_asked_for() -> None:
    t = np.arange(1000) / 60 + 12_345.6
    whole = smooth(5, np.arange(3), t)
    assert np.array_equal(smooth(5, 1, t), whole[:, 1])
    for first, last in ((0, 1), (17, 400), (999, 1000)):
        assert np.array_equal(smooth(5, np.arange(3), t[first:last]), whole[first:last])


def test_noise_goes_on_before_the_beginning_and_after_days() -> None:
    for start in (-3.0, 30 * 86_400.0):
        n = smooth(5, 0, start + np.arange(600) / 60)
        assert n.std() > 0.05
        assert np.abs(np.diff(n)).max() <= 2 / 60
