import numpy as np
import pytest

from bridge.face.loudness import loudness
from bridge.frames import AUDIO_RATE, FRAME_RATE, SAMPLES_PER_FRAME, Pcm


def tone(*levels: float, seconds: float = 0.5) -> Pcm:
    """A 200 Hz tone, `seconds` at each amplitude."""
    t = np.arange(int(seconds * AUDIO_RATE)) / AUDIO_RATE
    wave = np.sin(2 * np.pi * 200 * t)
    return np.concatenate([(level * 32767 * wave).astype(np.int16) for level in levels])


def test_a_steady_tone_has_the_usual_loudness() -> None:
    np.testing.assert_allclose(loudness(tone(0.3, 0.3), 50, 5), 0.5, atol=0.01)


def test_ten_decibels_sound_twice_as_loud() -> None:
    rows = loudness(tone(0.1, 0.316), 60)
    assert rows[45] / rows[15] == pytest.approx(2, rel=0.02)
    assert rows[45] > 0.5 > rows[15]


def test_the_level_of_the_recording_does_not_matter() -> None:
    np.testing.assert_allclose(loudness(tone(0.05, 0.15), 60), loudness(tone(0.2, 0.6), 60), atol=0.01)


def test_a_click_is_seen_at_its_time() -> None:
    pcm = np.zeros(AUDIO_RATE, np.int16)
    pcm[30 * SAMPLES_PER_FRAME - 20 : 30 * SAMPLES_PER_FRAME + 20] = 20_000
    rows = loudness(pcm, FRAME_RATE)
    assert np.flatnonzero(rows).tolist() == [29, 30, 31]


def test_any_span_gives_the_same_rows() -> None:
    pcm = tone(0.1, 0.4, 0.02)
    np.testing.assert_array_equal(loudness(pcm, 40, 20), loudness(pcm, 100)[20:60])


def test_there_is_nothing_before_after_and_in_silence() -> None:
    rows = loudness(tone(0.3), 100, -20)
    assert not rows[:20].any()
    assert not rows[52:].any()
    assert not loudness(np.zeros(AUDIO_RATE, np.int16), 60).any()
    assert not loudness(np.zeros(0, np.int16), 5).any()


def test_it_stays_within_bounds_at_full_scale() -> None:
    pcm = np.full(AUDIO_RATE, -32768, np.int16)
    pcm[: AUDIO_RATE // 2] //= 64
    rows = loudness(pcm, 60)
    assert rows.dtype == np.float32
    assert rows.max() <= 1
    assert rows.min() >= 0
