"""Emotions with times: what shows when, and that nothing jumps."""

import numpy as np
import pytest

from bridge.a2f.emotions import NAMES, EmotionTrack, Treatment, ours, row
from bridge.face.emotion import EMOTIONS

JOY, FEAR = NAMES.index("joy"), NAMES.index("fear")
TIMES = np.arange(0, 5, 1 / 60)


def test_the_ten_are_those_that_clients_name() -> None:
    assert NAMES == (
        "amazement", "anger", "cheekiness", "disgust", "fear", "grief", "joy", "outofbreath", "pain", "sadness",
    )  # fmt: skip


def test_each_is_something_here_but_breath() -> None:
    silent = [name for name in NAMES if not ours(row({name: 1.0})[None]).any()]
    assert silent == ["outofbreath"]


def test_more_than_one_full_emotion_is_shared_out() -> None:
    shares = ours(row({"joy": 1.0, "anger": 1.0, "fear": 1.0})[None])[0]
    assert shares.sum() == pytest.approx(1)
    assert shares[EMOTIONS.index("happy")] == pytest.approx(1 / 3)


def test_an_emotion_comes_at_its_time_and_goes_when_the_next_does() -> None:
    track = EmotionTrack(Treatment(transition=0.5), row({}))
    track.set(1.0, row({"joy": 0.8}))
    track.set(3.0, row({"fear": 1.0}))
    rows = track.rows(TIMES)
    assert not rows[TIMES <= 1.0].any()
    assert rows[(TIMES > 1.5) & (TIMES < 3), JOY] == pytest.approx(0.8)
    assert rows[TIMES > 3.5, FEAR] == pytest.approx(1)
    assert rows[TIMES > 3.5, JOY] == pytest.approx(0)
    assert np.abs(np.diff(rows, axis=0)).max() < 0.06  # 1.5 / 30 frames is the steepest that half a second can be


def test_asking_piece_by_piece_gives_the_same() -> None:
    tracks = [EmotionTrack(Treatment(transition=0.7), row({"pain": 0.5})) for _ in range(2)]
    for track in tracks:
        for i in range(12):
            track.set(0.1 + 0.3 * i, row({NAMES[i % 10]: 1.0}))
    whole = tracks[0].rows(TIMES)
    pieces = np.concatenate([tracks[1].rows(piece) for piece in np.array_split(TIMES, 37)])
    assert np.abs(whole - pieces).max() < 1e-6
    assert whole.min() >= -1e-6
    assert whole.sum(1).max() < 1 + 1e-5
    assert len(tracks[1]) <= 3, "what has eased in is kept"


def test_keys_may_come_in_any_order_and_the_later_said_wins() -> None:
    track = EmotionTrack(Treatment(), row({}))
    track.set(2.0, row({"fear": 1.0}))
    track.set(1.0, row({"anger": 1.0}))
    track.set(1.0, row({"joy": 1.0}))
    rows = track.rows(TIMES)
    assert rows[np.searchsorted(TIMES, 1.9), JOY] == pytest.approx(1)
    assert not rows[:, NAMES.index("anger")].any()
    assert rows[-1, FEAR] == pytest.approx(1)


def test_strength_and_number_are_held() -> None:
    shown = Treatment(strength=0.5, most=2).apply(row({"joy": 0.9, "fear": 0.2, "anger": 0.6}))
    assert {name: round(float(x), 3) for name, x in zip(NAMES, shown, strict=True) if x} == {"anger": 0.3, "joy": 0.45}
    assert not Treatment(most=0).apply(row({"joy": 1.0})).any()
