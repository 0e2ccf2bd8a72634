import numpy as np
import pytest

from bridge.body.blink import CLOSED, CLOSING, OPENING, blink, blinks, close_lids
from bridge.body.bounds import MAX_CURVE_SPEED, MAX_LID_SPEED
from bridge.curves import CURVES, INDEX
from bridge.frames import FRAME_RATE

TEN_MINUTES = np.arange(600 * FRAME_RATE) / FRAME_RATE
FINE = np.arange(-0.2, 0.8, 1e-3)


def ten_minutes(seed: int) -> np.ndarray:
    return np.concatenate([blinks(seed, t) for t in np.split(TEN_MINUTES, 120)])


def onsets(closed: np.ndarray) -> np.ndarray:
    """Seconds at which lids begin to close."""
    return np.flatnonzero((closed[1:] > 0) & (closed[:-1] == 0)) / FRAME_RATE


def test_a_blink_falls_fast_rises_slowly_and_ends() -> None:
    for shut, raised in zip(CLOSING, OPENING, strict=True):
        lid = blink(FINE, shut, raised)
        assert lid.max() == 1
        assert lid[(FINE <= 0) | (shut + CLOSED + raised <= FINE)].max() == 0
        peak = FINE[lid > 0.999]
        assert peak.min() == pytest.approx(shut, abs=0.005)
        half_open = FINE[(lid > 0.5)].max() - shut - CLOSED
        assert half_open < raised / 2  # fastest at first
        assert np.abs(np.diff(lid, 2)).max() < 1e-3  # its speed does not jump


@pytest.mark.parametrize("seed", range(6))
def test_people_blink_as_often_as_people(seed: int) -> None:
    """10 to 22 a minute: within the spread of the rates at rest of Bentivoglio et al. 1997."""
    rate = len(onsets(ten_minutes(seed))) / 10
    assert 10 < rate < 22


def test_the_mean_rate_is_that_of_people_at_rest() -> None:
    rates = [len(onsets(ten_minutes(seed))) / 10 for seed in range(20)]
    assert np.mean(rates) == pytest.approx(17, abs=1.5)
    assert np.std(rates) > 0.8  # and they differ


def test_gaps_are_uneven_and_some_blinks_come_in_twos() -> None:
    gaps = np.concatenate([np.diff(onsets(ten_minutes(seed))) for seed in range(8)])
    single = gaps[gaps > 0.8]
    assert np.std(np.log(single)) == pytest.approx(0.6, abs=0.1)
    assert 0.05 < (gaps < 0.5).mean() < 0.14


def test_blinks_are_the_same_in_pieces() -> None:
    whole = blinks(3, TEN_MINUTES[:7200])
    pieces = [blinks(3, TEN_MINUTES[i : i + 77]) for i in range(0, 7200, 77)]
    assert np.array_equal(np.concatenate(pieces)[:7200], whole)


def test_lids_shut_and_take_their_neighbours_along_within_bounds() -> None:
    curves = np.zeros((len(TEN_MINUTES), len(CURVES)), np.float32)
    close_lids(curves, ten_minutes(1))
    speed = np.abs(np.diff(curves, axis=0)).max(0) * FRAME_RATE
    lids = [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]
    assert curves[:, lids].max() == 1
    assert speed[lids].max() <= MAX_LID_SPEED
    assert np.delete(speed, lids).max() <= MAX_CURVE_SPEED
    moved = {CURVES[i] for i in np.flatnonzero(curves.any(0))}
    assert moved == {
        "eyeBlinkLeft",
        "eyeBlinkRight",
        "eyeSquintLeft",
        "eyeSquintRight",
        "browDownLeft",
        "browDownRight",
    }
