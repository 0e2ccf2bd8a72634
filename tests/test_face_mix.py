import numpy as np
import pytest

from bridge.curves import CURVES, INDEX
from bridge.face.articulation import articulate
from bridge.face.emotion import EMOTIONS, expression
from bridge.face.mix import YIELD, mix_face
from bridge.face.mouth import seal_of
from bridge.frames import Phone
from bridge.skeleton import Array


def rows(count: int = 1, **weights: float) -> Array:
    out = np.zeros((count, len(CURVES)), np.float32)
    for name, weight in weights.items():
        out[:, INDEX[name]] = weight
    return out


def authority(*values: float) -> Array:
    return np.array(values, np.float32)


def test_layers_add_up_and_are_left_alone() -> None:
    idle, emotion, speech = rows(eyeBlinkLeft=0.2), rows(eyeBlinkLeft=0.3, browDownLeft=0.4), rows(jawOpen=0.5)
    copies = [layer.copy() for layer in (idle, emotion, speech)]
    mixed = mix_face(idle, emotion, speech, authority(1))
    assert mixed.dtype == np.float32
    np.testing.assert_allclose(mixed, rows(eyeBlinkLeft=0.5, browDownLeft=0.4, jawOpen=0.5), atol=1e-6)
    for layer, copy in zip((idle, emotion, speech), copies, strict=True):
        np.testing.assert_array_equal(layer, copy)


def test_the_mouth_of_an_emotion_yields_by_authority_and_its_brows_do_not() -> None:
    emotion = rows(3, mouthSmileLeft=0.8, browInnerUp=0.8)
    mixed = mix_face(rows(3), emotion, rows(3), authority(0, 0.5, 1))
    np.testing.assert_allclose(mixed[:, INDEX["mouthSmileLeft"]], 0.8 * (1 - YIELD * np.array([0, 0.5, 1])), rtol=1e-6)
    np.testing.assert_allclose(mixed[:, INDEX["browInnerUp"]], 0.8, rtol=1e-6)


def test_weights_stay_within_bounds_and_mouth_close_below_jaw_open() -> None:
    rng = np.random.default_rng(7)
    layers = [(2 * rng.random((200, len(CURVES))) - 0.5).astype(np.float32) for _ in range(3)]
    mixed = mix_face(*layers, rng.random(200).astype(np.float32))
    assert mixed.min() >= 0
    assert mixed.max() <= 1
    assert (mixed[:, INDEX["mouthClose"]] <= mixed[:, INDEX["jawOpen"]]).all()


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_bilabials_stay_closed_under_any_emotion(emotion: str) -> None:
    phones = [Phone(s, 0.3 + 0.1 * i, 0.4 + 0.1 * i, 1) for i, s in enumerate(("æ", "m", "i", "p", "ɑ", "b", "ɔ"))]
    track = articulate(phones, 80)
    felt = np.repeat(expression(emotion)[None], 80, 0)
    mixed = mix_face(rows(80, jawOpen=0.05), felt, track.curves, track.authority)
    closed = seal_of(track.curves) > 0.99
    assert closed.sum() >= 6
    for opener in ("jawOpen", "mouthFunnel", "mouthLowerDownLeft", "mouthUpperUpLeft", "noseSneerLeft"):
        extra = mixed[closed, INDEX[opener]] - track.curves[closed, INDEX[opener]]
        assert np.abs(extra).max() < 0.01, opener
    assert mixed[closed, INDEX["jawOpen"]].max() < 0.08


def test_a_smile_is_still_seen_while_speaking() -> None:
    track = articulate([Phone("s", 0, 0.5), Phone("i", 0.5, 1.0)], 60)
    felt = np.repeat(expression("happy")[None], 60, 0)
    mixed = mix_face(rows(60), felt, track.curves, track.authority)
    assert (mixed[:, INDEX["mouthSmileLeft"]] > track.curves[:, INDEX["mouthSmileLeft"]] + 0.1).all()
