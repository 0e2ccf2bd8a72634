"""From recordings and texts to takes: the same performance as live, at once."""

import asyncio
from collections.abc import Iterable

import numpy as np
import pytest

from bridge import animation
from bridge.animation import LEAD_IN, TAIL, Manner, Piece, of_sound, of_text
from bridge.curves import CURVES, INDEX
from bridge.face.emotion import expression
from bridge.face.hearing import Hearing
from bridge.face.model import load
from bridge.frames import AUDIO_RATE, SAMPLES_PER_FRAME, Motion, Pcm
from bridge.skeleton import rest_rotations
from bridge.speech.espeak import EspeakVoices
from bridge.speech.voice import VoiceError
from tests.real_bridge import PATIENCE
from tests.tiny_model import make

JAW = INDEX["jawOpen"]
BLINK = INDEX["eyeBlinkLeft"]
QUIET = Manner(idle=False)


@pytest.fixture(scope="module")
def hearing(tmp_path_factory: pytest.TempPathFactory) -> Hearing:
    """A model whose jawOpen is the loudness of the sound around each instant."""
    return Hearing(load(make(tmp_path_factory.mktemp("model") / "tiny.onnx"), "cpu"))


def bursts(seconds: float) -> Pcm:
    """A tone for a tenth of a second at every half second from 0.5 s on."""
    at = np.arange(int(seconds * AUDIO_RATE))
    sounding = (at % (AUDIO_RATE // 2) < AUDIO_RATE // 10) & (at >= AUDIO_RATE // 2)
    return (6000 * np.sin(at * 2 * np.pi * 300 / AUDIO_RATE) * sounding).astype(np.int16)


def joined(pieces: Iterable[Piece]) -> tuple[Motion, Pcm]:
    """All of a take."""
    motions, sounds = zip(*pieces, strict=True)
    parts = zip(*((m.curves, m.rotations, m.root) for m in motions), strict=True)
    return Motion(*(np.concatenate(part) for part in parts)), np.concatenate(sounds)


def heard(hearing: Hearing, pcm: Pcm, manner: Manner = QUIET, size: int = 10_000) -> Motion:
    return joined(of_sound(hearing, (pcm[i : i + size] for i in range(0, len(pcm), size)), manner))[0]


def said(text: str, manner: Manner = QUIET, voice: str = "") -> tuple[Motion, Pcm]:
    async def speak() -> list[Piece]:
        voices = await EspeakVoices.start(time_limit=PATIENCE)
        try:
            return [piece async for piece in of_text(voices, text, voice, manner)]
        finally:
            await voices.close()

    return joined(asyncio.run(speak()))


# Recordings


def test_lips_and_sound_begin_together_however_the_sound_comes(hearing: Hearing) -> None:
    pcm = bursts(3.2)
    motion = heard(hearing, pcm)
    assert len(motion) == 3.2 * 60 + TAIL
    loud = np.flatnonzero(np.abs(pcm).reshape(-1, SAMPLES_PER_FRAME).max(1) > 1000)
    moving = np.flatnonzero(motion.curves[:, JAW] > 0.1)
    assert abs(moving[0] - loud[0]) <= 1
    assert abs(moving[-1] - loud[-1]) <= 1
    whole = heard(hearing, pcm[:24_000])
    for size in (10, 777, 100_000):
        np.testing.assert_array_equal(heard(hearing, pcm[:24_000], size=size).curves, whole.curves)


def test_a_silent_recording_leaves_the_face_at_rest(hearing: Hearing) -> None:
    assert heard(hearing, np.zeros(AUDIO_RATE, np.int16)).curves[:, JAW].max() < 1e-3


def test_without_idle_life_nothing_moves_by_itself(hearing: Hearing) -> None:
    motion = heard(hearing, np.zeros(20 * AUDIO_RATE, np.int16))
    assert motion.curves[:, BLINK].max() < 1e-3
    np.testing.assert_array_equal(motion.rotations, rest_rotations(len(motion)))
    assert not motion.root.any()


def test_with_idle_life_the_character_blinks_looks_about_and_breathes(hearing: Hearing) -> None:
    motion = heard(hearing, np.zeros(20 * AUDIO_RATE, np.int16), Manner(seed=1))
    assert motion.curves[:, BLINK].max() > 0.9
    assert np.abs(np.diff(motion.rotations, axis=0)).max(axis=(0, 2)).min() >= 0
    assert np.ptp(motion.rotations[:, 5], axis=0).max() > 0.01
    again, other = (heard(hearing, np.zeros(20 * AUDIO_RATE, np.int16), Manner(seed=seed)) for seed in (1, 2))
    np.testing.assert_array_equal(motion.rotations, again.rotations)
    assert not np.array_equal(motion.rotations, other.rotations)


def test_an_emotion_is_there_from_the_first_frame(hearing: Hearing) -> None:
    silence = np.zeros(AUDIO_RATE, np.int16)
    brows = INDEX["browInnerUp"]
    change = heard(hearing, silence, Manner("sad", 0.5, idle=False)).curves - heard(hearing, silence).curves
    np.testing.assert_allclose(change[:, brows], 0.5 * expression("sad")[brows], atol=0.03)  # emphasis adds to them


def test_strength_is_the_models(hearing: Hearing, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[float, float]] = []

    def follow(*args: object, strength: float, emotion: np.ndarray) -> list[object]:
        asked.append((strength, float(emotion.max())))
        return []

    monkeypatch.setattr(animation, "follow", follow)
    list(of_sound(hearing, [], Manner("happy", 0.25, strength=1.5)))
    assert asked == [(1.5, 0.25)]


# Texts


def test_a_text_is_spoken_with_its_sound() -> None:
    motion, pcm = said("Papa bought my mama a map.")
    assert len(pcm) == len(motion) * SAMPLES_PER_FRAME
    first = np.flatnonzero(np.abs(pcm) > 300)[0] // SAMPLES_PER_FRAME
    assert LEAD_IN - 2 <= first <= LEAD_IN + 6
    assert motion.curves[:, JAW].max() > 0.2
    for end in (0, -1):
        assert motion.curves[end, JAW] < 0.02
        assert not pcm[:: len(pcm) - 1].any()
    closed = motion.curves[first : first + 6, INDEX["mouthClose"]]
    assert closed.max() < 0.2 or motion.curves[first, JAW] < 0.2  # a P begins with shut lips


def test_marks_turn_the_emotion() -> None:
    motion, _ = said("[happy] I am glad to be here with you. [sad] But now it is over, and I have to go.")
    smile, frown = motion.curves[:, INDEX["mouthSmileLeft"]], motion.curves[:, INDEX["browInnerUp"]]
    half = len(motion) // 2
    assert smile[:half].max() > 0.3
    assert frown[half:].max() > 0.3
    assert smile[-90:-60].max() < 0.1


def test_a_long_text_is_one_take_without_a_jump() -> None:
    text = "The first sentence is here. " + "Another one follows it, and goes on for a while. " * 4
    motion, pcm = said(text, Manner())
    assert len(motion) > 600
    assert np.abs(np.diff(motion.curves, axis=0)).max() < 0.5
    assert np.abs(np.diff(motion.rotations, axis=0)).max() < 0.1
    quiet = np.abs(pcm).reshape(-1, SAMPLES_PER_FRAME).max(1) < 50
    spoken = np.flatnonzero(~quiet)
    assert quiet[spoken[0] : spoken[-1]].mean() < 0.5  # the sentences follow one another


def test_a_voice_that_does_not_exist_is_told() -> None:
    with pytest.raises(VoiceError, match="nobody"):
        said("Hello.", voice="nobody")


def test_every_curve_stays_within_its_bounds() -> None:
    motion, _ = said("[surprised] Oh! [angry] Bob's big thumbs move pure food!", Manner())
    assert motion.curves.min() >= 0
    assert motion.curves.max() <= 1
    assert motion.curves.shape[1] == len(CURVES)
