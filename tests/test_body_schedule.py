import numpy as np
import pytest

from bridge.body.noise import Floats, Ints, uniform
from bridge.body.schedule import BLOCK_S, events


def gaps(seed: int, ids: Ints) -> Floats:
    return 1 + 2 * uniform(seed, 0, ids)


def test_events_ascend_with_gaps_no_shorter_than_given() -> None:
    ids, onsets = events(gaps, 1, 0, 3600)
    assert (np.diff(ids) > 0).all()
    assert np.diff(onsets).min() >= 1
    assert np.diff(onsets).max() < 6.1  # two gaps meet where blocks do
    assert np.diff(onsets).mean() == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("start", [0.0, 10.0, BLOCK_S - 0.1, BLOCK_S, 5 * BLOCK_S + 33.3, -200.0])
def test_any_stretch_is_found_alone(start: float) -> None:
    all_ids, all_onsets = events(gaps, 1, -500, 1000)
    ids, onsets = events(gaps, 1, start, start + 7)
    first = np.flatnonzero(all_ids == ids[0])[0]
    assert np.array_equal(all_onsets[first : first + len(onsets)], onsets)
    assert onsets[0] < start
    assert (onsets[1:] >= start).all()
    assert onsets[-1] < start + 7 <= all_onsets[first + len(onsets)]


def test_seeds_have_their_own_events() -> None:
    assert not np.array_equal(events(gaps, 1, 0, 30)[1], events(gaps, 2, 0, 30)[1])


def test_what_is_kept_cannot_be_spoilt() -> None:
    before = events(gaps, 1, 0, 60)[1].copy()
    events(gaps, 1, 0, 60)[1][:] = 0
    assert np.array_equal(events(gaps, 1, 0, 60)[1], before)
