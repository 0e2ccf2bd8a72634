import numpy as np
import pytest

from bridge.body.glance import FACE, FARTHEST, JITTER, glances
from bridge.frames import FRAME_RATE

TEN_MINUTES = np.arange(600 * FRAME_RATE) / FRAME_RATE


def fixations(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Places (n, 2) in degrees where the eyes rest, and seconds that they stay."""
    gaze = np.degrees(np.concatenate([glances(seed, t) for t in np.split(TEN_MINUTES, 120)]))
    still = np.abs(np.diff(gaze, axis=0)).max(1) < 1e-9
    edges = np.flatnonzero(np.diff(np.concatenate(([0], still, [0]))))
    starts, ends = edges[::2], edges[1::2]
    return gaze[starts], (ends - starts) / FRAME_RATE


def from_face(places: np.ndarray) -> np.ndarray:
    """Degrees to the nearest point of the other's face."""
    return np.min(np.linalg.norm(places[:, None] - np.degrees(FACE), axis=-1), -1)


def test_eyes_rest_on_the_face_and_now_and_then_away_from_it() -> None:
    places, seconds = (np.concatenate(parts) for parts in zip(*(fixations(seed) for seed in range(6)), strict=True))
    away = from_face(places) > np.degrees(JITTER) * 1.5
    assert 0.06 < away.mean() < 0.13  # a tenth of the glances aside are so small that they stay near
    assert seconds[away].sum() / seconds.sum() < 0.08
    assert np.median(seconds[away]) == pytest.approx(0.43, abs=0.1)
    assert np.median(seconds[~away]) == pytest.approx(0.82, abs=0.12)
    assert 3600 / away.sum() == pytest.approx(8.5, abs=1.5)  # seconds from one glance aside to the next


def test_glances_aside_are_as_large_as_people_s_but_for_what_the_head_would_do() -> None:
    places = np.concatenate([fixations(seed)[0] for seed in range(6)])
    size = np.linalg.norm(places[from_face(places) > 1], axis=-1)
    assert size.max() == pytest.approx(np.degrees(FARTHEST), abs=0.01)
    assert 4 < np.median(size) < 7  # -6.9 ln(P / 15.7), P even in 0..15, has its median at 5.1
    assert (size > 10).mean() < 0.35


def test_saccades_last_as_long_as_people_s() -> None:
    gaze = np.degrees(glances(1, np.arange(0, 60, 1e-3)))
    moving = np.abs(np.diff(gaze, axis=0)).max(1) > 1e-9
    edges = np.flatnonzero(np.diff(np.concatenate(([0], moving, [0]))))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        turn = np.linalg.norm(gaze[end] - gaze[start])
        assert (end - start) / 1000 == pytest.approx(0.025 + 0.0024 * turn, abs=0.003)


def test_glances_are_the_same_in_pieces_and_differ_between_people() -> None:
    t = TEN_MINUTES[:7200]
    whole = glances(3, t)
    pieces = [glances(3, t[i : i + 77]) for i in range(0, 7200, 77)]
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-12)
    assert np.abs(glances(4, t) - whole).max() > 0.02
