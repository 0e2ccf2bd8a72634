import numpy as np
import pytest

from bridge.body.ease import bump, glide, smoothstep

T = np.arange(-2, 4, 1 / 240)


def test_smoothstep_rises_once_from_0_to_1() -> None:
    s = smoothstep(T)
    assert s[T <= 0].max() == 0
    assert s[T >= 1].min() == 1
    assert (np.diff(s) >= 0).all()
    assert smoothstep(0.5) == 0.5
    assert np.diff(s).max() * 240 <= 1.5


def test_a_bump_peaks_at_0_and_lasts_from_rise_to_fall() -> None:
    b = bump(T, 0.5, 1.5)
    assert bump(0.0, 0.5, 1.5) == 1
    assert b.argmax() == np.abs(T).argmin()
    assert b[(T <= -0.5) | (T >= 1.5)].max() == 0
    assert np.abs(np.diff(b, 2)).max() * 240 < 0.2  # its slope does not jump


def glided(onsets: list[float], seconds: list[float], goals: list[list[float]]) -> np.ndarray:
    return glide(T, [0.0, 1.0], np.array(onsets), np.array(seconds), np.array(goals, float).reshape(-1, 2))


def test_a_glide_rests_between_its_goals() -> None:
    path = glided([0, 2], [1, 1], [[2, 3], [-1, 3]])
    assert path[T <= 0] == pytest.approx(np.tile([0, 1], (sum(T <= 0), 1)))
    assert path[(T >= 1) & (T <= 2)] == pytest.approx(np.tile([2, 3], (sum((T >= 1) & (T <= 2)), 1)))
    assert path[-1] == pytest.approx([-1, 3])


def test_a_glide_without_goals_stays() -> None:
    assert (glided([], [], []) == [0, 1]).all()


def test_glides_that_overlap_stay_smooth_and_reach_the_last_goal() -> None:
    path = glided([0, 0.3, 0.5], [1, 1, 1], [[2, 3], [-1, 3], [5, 0]])
    assert path[-1] == pytest.approx([5, 0])
    assert np.abs(np.diff(path, 2, axis=0)).max() * 240 < 0.4


def test_no_sequence_of_equally_long_movements_is_faster_than_one_from_end_to_end() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        onsets = np.sort(rng.uniform(0, 2, 12))
        goals = rng.uniform(-1, 1, (12, 2)) if rng.random() < 0.5 else rng.choice([-1.0, 1.0], (12, 2))
        path = glide(T, [0, 0], onsets, np.full(12, 0.5), goals)
        assert np.abs(np.diff(path, axis=0)).max() * 240 <= 2 * 1.5 / 0.5 + 1e-9
