import numpy as np
import pytest

from bridge.curves import CURVES, INDEX
from bridge.face.emotion import EASE, EMOTIONS, MAX_KEYS, EmotionTimeline, expression
from bridge.frames import FRAME_RATE

EASE_FRAMES = round(EASE * FRAME_RATE)


def test_vrm_presets_have_their_emotions() -> None:
    assert EMOTIONS[0] == "neutral"
    assert {"happy", "angry", "sad", "relaxed", "surprised"} <= set(EMOTIONS)
    assert len(set(EMOTIONS)) == len(EMOTIONS)


@pytest.mark.parametrize("name", EMOTIONS)
def test_expressions_stay_within_bounds_and_all_but_neutral_show(name: str) -> None:
    row = expression(name)
    assert row.shape == (len(CURVES),)
    assert row.min() >= 0
    assert row.max() <= 0.8
    assert row.any() == (name != "neutral")


@pytest.mark.parametrize(
    ("name", "curves"),
    [
        ("happy", ("mouthSmileLeft", "mouthSmileRight", "cheekSquintLeft")),
        ("sad", ("browInnerUp", "mouthFrownLeft")),
        ("angry", ("browDownLeft", "eyeSquintLeft")),
        ("surprised", ("browOuterUpLeft", "eyeWideLeft", "jawOpen")),
        ("afraid", ("browInnerUp", "eyeWideLeft", "mouthStretchLeft")),
        ("disgusted", ("noseSneerLeft", "mouthUpperUpLeft")),
        ("pained", ("browDownLeft", "eyeBlinkLeft")),
    ],
)
def test_emotions_carry_their_action_units(name: str, curves: tuple[str, ...]) -> None:
    assert all(expression(name)[INDEX[curve]] > 0.1 for curve in curves)


@pytest.mark.parametrize("name", [n for n in EMOTIONS if n not in ("neutral", "scornful")])
def test_the_halves_of_the_face_differ_a_little(name: str) -> None:
    row = expression(name)
    for curve, i in INDEX.items():
        if curve.endswith("Left") and row[i]:
            assert 0.85 < row[INDEX[curve[:-4] + "Right"]] / row[i] < 1


def test_expressions_cannot_be_spoilt() -> None:
    with pytest.raises(ValueError, match="read-only"):
        expression("happy")[0] = 1


def test_a_wrong_name_or_intensity_is_refused_kindly() -> None:
    timeline = EmotionTimeline()
    with pytest.raises(ValueError, match="no emotion 'joyous'; there are neutral, happy"):
        timeline.set(0, "joyous", 1)
    for intensity in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match=r"from 0 \(none\) to 1 \(full\)"):
            timeline.set(0, "happy", intensity)
    assert timeline.target(1) == ("neutral", 0)


def test_without_keys_the_face_is_neutral() -> None:
    assert not EmotionTimeline().curves(-5, 30).any()


def test_a_key_eases_in_and_stays() -> None:
    timeline = EmotionTimeline()
    timeline.set(1.0, "happy", 0.8)
    smile = timeline.curves(0, 600)[:, INDEX["mouthSmileLeft"]]
    full = 0.8 * expression("happy")[INDEX["mouthSmileLeft"]]
    assert not smile[:61].any()
    assert smile[60 + EASE_FRAMES // 2] == pytest.approx(full / 2)
    np.testing.assert_allclose(smile[60 + EASE_FRAMES :], full, rtol=1e-6)
    assert (np.diff(smile) >= 0).all()


def test_one_emotion_passes_into_another_without_a_jump_even_midway() -> None:
    timeline = EmotionTimeline()
    for i, name in enumerate(("happy", "angry", "sad", "surprised", "neutral")):
        timeline.set(0.5 + 0.13 * i, name, 1)
    weights = timeline.weights(0, 120)
    assert weights.min() >= -1e-6
    assert weights.sum(1).max() <= 1 + 1e-6
    np.testing.assert_allclose(weights.sum(1)[30 + EASE_FRAMES :], 1, atol=1e-6)
    curves = timeline.curves(0, 120)
    fastest = 1.5 / EASE_FRAMES  # of a smoothstep
    assert np.abs(np.diff(curves, axis=0)).max() < 2 * fastest
    assert np.abs(np.diff(curves, 2, axis=0)).max() < 3 * 6 / EASE_FRAMES**2


def test_any_span_may_be_asked_for_again() -> None:
    timeline = EmotionTimeline()
    for second in range(20):
        timeline.set(second, EMOTIONS[1 + second % 9], 0.5)
    whole = timeline.curves(0, 1500)
    for first, count in ((0, 10), (135, 30), (143, 1), (700, 90), (1199, 1), (1490, 10)):
        np.testing.assert_allclose(timeline.curves(first, count), whole[first : first + count], atol=1e-6)


def test_keys_may_come_in_any_order() -> None:
    forward, backward = EmotionTimeline(), EmotionTimeline()
    keys = [(0.5, "happy", 1.0), (1.5, "sad", 0.4), (2.0, "neutral", 0.0)]
    for key in keys:
        forward.set(*key)
    for key in reversed(keys):
        backward.set(*key)
    np.testing.assert_array_equal(forward.curves(0, 180), backward.curves(0, 180))


def test_forgetting_leaves_the_past_as_it_was_and_has_no_jump() -> None:
    timeline = EmotionTimeline()
    timeline.set(1.0, "happy", 1)
    timeline.set(2.0, "angry", 1)
    before = timeline.curves(0, 121)
    timeline.forget(2.0)
    np.testing.assert_array_equal(timeline.curves(0, 121), before)
    assert timeline.target(5) == ("happy", 1)
    timeline.forget(0)
    assert timeline.target(5) == ("neutral", 0)


def test_the_target_is_the_last_key_begun() -> None:
    timeline = EmotionTimeline()
    timeline.set(1.0, "happy", 0.3)
    timeline.set(2.0, "sad", 0.6)
    assert timeline.target(0.9) == ("neutral", 0)
    assert timeline.target(1.0) == ("happy", 0.3)
    assert timeline.target(1.99) == ("happy", 0.3)
    assert timeline.target(2.0) == ("sad", 0.6)


def test_a_key_in_the_same_frame_replaces() -> None:
    timeline = EmotionTimeline()
    timeline.set(1.0, "happy", 1)
    timeline.set(1.003, "sad", 1)
    assert timeline.target(1.0) == ("sad", 1)
    assert not timeline.curves(0, 200)[:, INDEX["mouthSmileLeft"]].any()


def test_a_long_life_keeps_a_bounded_number_of_keys() -> None:
    timeline = EmotionTimeline()
    for i in range(MAX_KEYS + 500):
        timeline.set(i / 2, EMOTIONS[i % len(EMOTIONS)], 1)
    assert len(timeline._keys) == MAX_KEYS
    assert timeline.target(1e6) == (EMOTIONS[(MAX_KEYS + 499) % len(EMOTIONS)], 1)
