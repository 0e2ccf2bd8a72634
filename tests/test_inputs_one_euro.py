"""The filter: calm at rest, prompt in motion, rotations as curves."""

import numpy as np
import pytest

from bridge.body.blink import blink
from bridge.inputs.one_euro import OneEuro, alpha, towards
from bridge.skeleton import from_rotation_vector, rotation_vector

FRAME = 1 / 60
STILL = from_rotation_vector(np.zeros((1, 3)))


def filtered(curve: np.ndarray, strength: float = 1.0) -> np.ndarray:
    smooth = OneEuro(strength)
    return np.array([smooth(np.array([x], np.float32), STILL, FRAME)[0][0] for x in curve])


def turned(angles: np.ndarray) -> np.ndarray:
    """Angles about Y after the filter."""
    smooth = OneEuro()
    none = np.zeros(1, np.float32)
    rows = [smooth(none, from_rotation_vector([[0, angle, 0]]), FRAME)[1] for angle in angles]
    return rotation_vector(np.concatenate(rows))[:, 1]


def test_noise_at_rest_is_halved() -> None:
    noise = np.random.default_rng(1).normal(0.3, 0.01, 1200)
    assert np.std(np.diff(filtered(noise)[60:])) < 0.5 * np.std(np.diff(noise[60:]))
    assert filtered(noise)[60:].mean() == pytest.approx(0.3, abs=0.002)


def test_a_blink_is_neither_cut_nor_late() -> None:
    t = np.arange(60) * FRAME - 0.3
    truth = np.asarray(blink(t, 0.09, 0.17))
    out = filtered(truth)
    assert out.max() > 0.93
    assert abs(int(out.argmax()) - int(truth.argmax())) <= 1
    assert np.abs(out - truth).max() < 0.3


def test_a_turned_head_trembles_less_and_arrives() -> None:
    noise = np.random.default_rng(2).normal(0, 0.004, 600)
    assert np.std(np.diff(turned(noise)[60:])) < 0.5 * np.std(np.diff(noise[60:]))
    ramp = np.clip(np.arange(120) * FRAME * 2 - 0.5, 0, 1)  # 2 rad/s, then still
    out = turned(ramp)
    assert np.abs(out - ramp).max() < 0.06
    assert out[-1] == pytest.approx(1, abs=0.005)


def test_strength() -> None:
    noise = np.random.default_rng(3).normal(0.3, 0.01, 300).astype(np.float32)
    assert filtered(noise, 0.0) == pytest.approx(noise)
    assert np.std(filtered(noise, 3)[60:]) < np.std(filtered(noise, 1)[60:])


def test_it_begins_anew_after_a_pause_and_with_time_that_stands() -> None:
    smooth = OneEuro()
    for seconds in (FRAME, FRAME, 1.0):
        out, _ = smooth(np.array([seconds], np.float32), STILL, seconds)
    assert out[0] == 1.0
    assert smooth(np.array([0.2], np.float32), STILL, 0.0)[0][0] == np.float32(0.2)


def test_alpha_is_that_of_the_paper() -> None:
    # tau = 1 / (2 pi fc); alpha = 1 / (1 + tau / Te)
    tau = 1 / (2 * np.pi * 1.5)
    assert float(alpha(1.5, FRAME)) == pytest.approx(1 / (1 + tau / FRAME))


def test_the_shorter_way_round() -> None:
    a, b = from_rotation_vector([0, 0.2, 0]), -from_rotation_vector([0, 0.4, 0])
    half = towards(a, b, np.float32(0.5))
    assert rotation_vector(half) == pytest.approx([0, 0.3, 0], abs=1e-5)
