import numpy as np
import pytest

from bridge.body.bounds import EYES, MAX_CURVE_SPEED, MAX_JOINT_SPEED, MAX_LID_SPEED, angular_speed
from bridge.body.eyes import BLINK
from bridge.body.gesture import BROWS, ONSET, SETTLING, gesture
from bridge.body.kinematics import LEGS
from bridge.curves import CURVES, INDEX
from bridge.frames import AUDIO_RATE, FRAME_RATE, Motion, Phone, Speech
from bridge.skeleton import JOINT_INDEX, Array, multiply, rest_rotations, rotation_vector

BEFORE = 30
"""Frames that are asked for before the sound."""

NECK, HEAD = JOINT_INDEX["neck"], JOINT_INDEX["head"]
ACCENT = 1.0
"""Seconds at which the only stressed vowel of `sentence` is."""


def sentence(*stresses: int, gap: float = 0.0) -> Speech:
    """A vowel of 0.2 s a stress mark, `gap` seconds between them; by default ten of them, one of which is stressed."""
    stresses = stresses or (0, 0, 0, 0, 0, 1, 0, 0, 0, 0)
    starts = [i * (0.2 + gap) for i in range(len(stresses))]
    phones = [Phone("a", start, start + 0.2, stress) for start, stress in zip(starts, stresses, strict=True)]
    return Speech(np.zeros(round((starts[-1] + 0.2) * AUDIO_RATE), np.int16), phones)


def gestured(speech: Speech, seed: int = 0, loudness: float = 0.5, tail: int = 90) -> Motion:
    count = BEFORE + round(speech.seconds * FRAME_RATE) + tail
    t = (np.arange(count) - BEFORE) / FRAME_RATE
    energy = np.where((t >= 0) & (t < speech.seconds), loudness, 0).astype(np.float32)
    return gesture(speech, -BEFORE, count, seed, energy)


def nodding(motion: Motion) -> Array:
    """Degrees (count,) by which the head is down."""
    return np.degrees(rotation_vector(multiply(motion.rotations[:, NECK], motion.rotations[:, HEAD]))[:, 0])


def frame(seconds: float) -> int:
    return BEFORE + round(seconds * FRAME_RATE)


@pytest.mark.parametrize("speech", [Speech(np.zeros(0, np.int16)), Speech(np.zeros(AUDIO_RATE, np.int16))])
def test_nothing_is_added_where_nothing_is_said(speech: Speech) -> None:
    motion = gestured(speech)
    assert np.array_equal(motion.rotations, rest_rotations(len(motion)))
    assert not motion.curves.any()
    assert not motion.root.any()


@pytest.mark.parametrize("seed", range(5))
def test_gestures_begin_shortly_before_and_end_shortly_after_the_speech(seed: int) -> None:
    speech = sentence()
    motion = gestured(speech, seed)
    turn = np.abs(rotation_vector(motion.rotations)).max((1, 2))
    assert turn[: frame(-ONSET[0]) + 1].max() < 1e-6
    assert turn[frame(speech.seconds + SETTLING) + 1 :].max() < 1e-6
    assert not motion.curves[: frame(-ONSET[0]) + 1].any()
    assert turn[frame(0.3) : frame(speech.seconds)].min() > np.radians(0.2)


def test_legs_pelvis_and_eyes_stay_as_they_are() -> None:
    motion = gestured(sentence(*[1, 0, 2, 0] * 5))
    still = [0, *LEGS, *EYES]
    assert np.array_equal(motion.rotations[:, still], rest_rotations(len(motion))[:, still])
    assert not motion.root.any()


def test_the_head_nods_on_the_stressed_vowel() -> None:
    """On the mean of many people, for each has a way of his own, beside the same people without the stress."""
    flat = sentence(*[0] * 10)
    nod = np.mean([nodding(gestured(sentence(), s)) - nodding(gestured(flat, s)) for s in range(40)], 0)
    assert abs(int(nod.argmax()) - frame(ACCENT)) <= 8
    assert nod.max() > 1
    assert abs(nod[frame(ACCENT - 0.4)]) < 0.1 * nod.max()
    assert abs(nod[frame(ACCENT + 0.7)]) < 0.1 * nod.max()


def test_louder_speech_moves_more() -> None:
    def size(loudness: float) -> float:
        return float(
            np.mean([np.ptp(nodding(gestured(sentence(1, 0, 0, 1, 0, 0, 1), s, loudness))) for s in range(20)])
        )

    assert size(0.2) < size(0.5) < size(0.9)


def test_secondary_stress_moves_less_than_primary() -> None:
    flat = sentence(*[0] * 6)

    def nod(stress: int) -> float:
        speech = sentence(0, 0, 0, stress, 0, 0)
        return float(
            np.mean([np.abs(nodding(gestured(speech, s)) - nodding(gestured(flat, s))).max() for s in range(20)])
        )

    assert nod(0) == 0
    assert 0.3 * nod(1) < nod(2) < 0.9 * nod(1)


def test_the_head_goes_down_at_the_end_of_a_phrase() -> None:
    speech = sentence(0, 0, 0, 0, 0, 0)
    down = np.mean([nodding(gestured(speech, s)) for s in range(60)], 0)
    assert down[frame(speech.seconds)] > down[frame(0.5)] + 1


def test_brows_rise_on_some_accents() -> None:
    heights = [gestured(sentence(), seed).curves[:, INDEX["browInnerUp"]] for seed in range(60)]
    assert 0 <= np.min(heights) <= np.max(heights) < 0.5
    raised = [height for height in heights if height.any()]
    assert all(abs(int(height.argmax()) - frame(ACCENT)) <= 8 for height in raised)
    assert 0.25 < len(raised) / 60 < 0.65


def test_lids_close_at_the_end_of_some_phrases() -> None:
    speech = sentence(0, 0, 0)
    closed = [gestured(speech, seed).curves[:, INDEX["eyeBlinkLeft"]] for seed in range(60)]
    blinks = [lid for lid in closed if lid.any()]
    assert 0.3 < len(blinks) / 60 < 0.7
    for lid in blinks:
        assert lid.max() == 1
        assert not lid[: frame(speech.seconds)].any()
        assert not lid[frame(speech.seconds + 0.4) :].any()


def test_nothing_else_of_the_face_moves() -> None:
    moved = np.any([gestured(sentence(), seed).curves.any(0) for seed in range(20)], 0)
    lids = {"eyeBlinkLeft", "eyeBlinkRight", "eyeSquintLeft", "eyeSquintRight", "browDownLeft", "browDownRight"}
    assert {CURVES[i] for i in np.flatnonzero(moved)} == {*BROWS, *lids}


def test_hands_speak_in_some_phrases_and_never_in_the_shortest() -> None:
    arms = [JOINT_INDEX["leftLowerArm"], JOINT_INDEX["rightLowerArm"]]

    def moved(speech: Speech) -> np.ndarray:
        return np.array(
            [np.abs(rotation_vector(gestured(speech, s).rotations[:, arms])).max((0, 2)) > 0.1 for s in range(40)]
        )

    long, short = moved(sentence()), moved(sentence(1))
    assert 0.3 < long.any(1).mean() < 0.9
    assert long[:, 0].any()
    assert long[:, 1].any()
    assert not short.any()


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_too_fast_or_jumps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    speech = sentence(*rng.integers(0, 3, 40).tolist(), gap=float(rng.choice([0.0, 0.09, 0.3])))
    motion = gestured(speech, seed, float(rng.uniform(0.3, 1)))
    assert angular_speed(motion.rotations).max() <= MAX_JOINT_SPEED
    curves = np.abs(np.diff(motion.curves, axis=0)).max(0) * FRAME_RATE
    assert curves[list(BLINK)].max() <= MAX_LID_SPEED
    assert np.delete(curves, BLINK).max() <= MAX_CURVE_SPEED
    assert (
        np.degrees(np.abs(np.diff(rotation_vector(motion.rotations), 2, axis=0))).max() < 1
    )  # degrees a frame, each frame


@pytest.mark.parametrize("seconds", [0.02, 0.1, 0.4])
def test_the_shortest_utterances_move_calmly(seconds: float) -> None:
    speech = Speech(np.zeros(round(seconds * AUDIO_RATE), np.int16), [Phone("a", 0, seconds, 1)])
    speed = max(angular_speed(gestured(speech, s).rotations).max() for s in range(20))
    assert speed < MAX_JOINT_SPEED / 2


def test_a_seed_makes_the_same_gestures_again() -> None:
    one, again, other = (gestured(sentence(), seed) for seed in (3, 3, 4))
    assert np.array_equal(one.rotations, again.rotations)
    assert np.array_equal(one.curves, again.curves)
    assert not np.allclose(one.rotations, other.rotations, atol=1e-3)


def test_phones_that_overlap_or_last_no_time_do_no_harm() -> None:
    phones = [Phone("a", 0.0, 0.3, 1), Phone("b", 0.2, 0.2, 1), Phone("c", 0.2, 0.5, 2), Phone("d", 0.9, 0.9, 1)]
    motion = gestured(Speech(np.zeros(AUDIO_RATE, np.int16), phones))
    assert np.isfinite(motion.rotations).all()
    assert np.isfinite(motion.curves).all()
