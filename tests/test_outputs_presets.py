"""VRM's expressions from curves: vowels are told apart, closed lips close."""

import numpy as np
import pytest

from bridge.curves import INDEX
from bridge.face.articulation import articulate
from bridge.face.emotion import expression
from bridge.frames import FRAME_RATE, Phone
from bridge.outputs.presets import VRM0, VRM1, weights

VOWELS = ("aa", "ih", "ou", "ee", "oh")


def named(curves: np.ndarray) -> dict[str, float]:
    return dict(zip(VRM1, weights(curves).tolist(), strict=True))


def spoken(*symbols: str) -> list[dict[str, float]]:
    """The weights in the middle of each sound of 0.2 s."""
    phones = [Phone(symbol, 0.2 * i, 0.2 * (i + 1), 1) for i, symbol in enumerate(symbols)]
    curves = articulate(phones, int(0.2 * len(phones) * FRAME_RATE) + 20).curves
    return [named(curves[int((0.2 * i + 0.1) * FRAME_RATE)]) for i in range(len(phones))]


@pytest.mark.parametrize(("symbol", "vowel"), [("ɑ", "aa"), ("a", "aa"), ("i", "ih"), ("u", "ou"), ("ɔ", "oh")])
def test_a_vowel_is_its_own_mouth(symbol: str, vowel: str) -> None:
    (mouth,) = spoken(symbol)
    assert max(VOWELS, key=mouth.__getitem__) == vowel
    assert mouth[vowel] > 0.25


@pytest.mark.parametrize("vowel", ["ɑ", "i", "u", "ɔ"])
def test_lips_close_between_vowels(vowel: str) -> None:
    before, closed, after = spoken(vowel, "m", vowel)
    assert max(before[v] for v in VOWELS) > 0.25
    assert max(after[v] for v in VOWELS) > 0.25
    assert sum(closed[v] for v in VOWELS) < 0.05


@pytest.mark.parametrize("emotion", ["happy", "angry", "sad", "surprised"])
def test_an_emotion_is_its_own(emotion: str) -> None:
    face = named(expression(emotion))
    assert max(("happy", "angry", "sad", "surprised"), key=face.__getitem__) == emotion
    assert face[emotion] > 0.4


def test_weights_are_bounded_and_vowels_share_one_mouth() -> None:
    for curves in np.random.default_rng(3).random((200, 52)).astype(np.float32):
        made = weights(curves)
        assert made.min() >= 0
        assert made.max() <= 1
        assert made[: len(VOWELS)].sum() <= 1 + 1e-6


def test_both_spellings_have_the_same_expressions() -> None:
    assert len(VRM0) == len(VRM1) == len(set(VRM0))
    assert VRM1[:5] == VOWELS
    assert INDEX["jawOpen"] == 17
