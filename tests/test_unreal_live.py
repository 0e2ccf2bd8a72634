"""The core's own sound against the real server: a C++ program speaks a recording live and hears and shows its echo."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
import tiny_model
from real_bridge import started
from unreal_listening import LIPS_P99_US, Perceived, Samples, Sent, follow, lips_against_sound_us, program

from bridge.frames import AUDIO_RATE

RECORD_RATE = 48_000
SECONDS = 4.0
PIECE = AUDIO_RATE // 4
"""Samples of what was said that are looked for in what was sent."""


def voice(rate: int) -> Samples:
    """Syllables of noise below 2 kHz, so that each instant is told from every other; the same at every rate."""
    spectrum = np.zeros(round(SECONDS * RECORD_RATE) // 2 + 1, complex)
    edge = round(2_000 * SECONDS)
    spectrum[:edge] = np.exp(2j * np.pi * np.random.default_rng(7).random(edge))
    t = np.arange(round(SECONDS * rate)) / rate
    noise = np.fft.irfft(spectrum[: len(t) // 2 + 1], len(t))
    return 0.2 * noise / noise.std() * np.clip(np.sin(2 * np.pi * 1.7 * t), 0, 1)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Perceived, Sent]:
    """Noise, spoken into the recording as if by a microphone, and what came of it."""
    folder: Path = tmp_path_factory.mktemp("live")
    (folder / "voice.raw").write_bytes(voice(RECORD_RATE).astype("<f4").tobytes())
    program()
    with started("--model", str(tiny_model.make(folder / "tiny.onnx")), "--device", "cpu") as bridge:
        return asyncio.run(follow(bridge, "spoken", f"@{folder / 'voice.raw'}"))


def test_what_was_said_is_what_is_sent(spoken: tuple[Perceived, Sent]) -> None:
    """Except where this machine was too busy to send in time: there is silence, and what comes goes on after it."""
    said, sent = voice(AUDIO_RATE), spoken[1].sound()
    pieces = [said[i : i + PIECE] for i in range(0, len(said) - PIECE, PIECE)]
    found = np.array([correlation(piece, sent) for piece in pieces if piece.std() > 0.05])
    print(f"correlation of what was said with what was sent: {np.round(np.sort(found), 3)}")
    assert len(found) > 8
    assert np.mean(found > 0.95) > 0.5


def correlation(piece: Samples, sound: Samples) -> float:
    """The best normalised correlation of a piece at any place of a sound."""
    size = 1 << (len(sound) + len(piece)).bit_length()
    products = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(piece, size)), size)
    sums = np.concatenate([[0.0], np.cumsum(sound**2)])
    places = len(sound) - len(piece)
    energy = sums[len(piece) : len(piece) + places] - sums[:places]
    return float(np.max(products[:places] / np.sqrt(np.maximum(energy, 1e5) * (piece**2).sum())))


def test_the_lips_are_with_our_own_sound(spoken: tuple[Perceived, Sent]) -> None:
    errors = lips_against_sound_us(*spoken)
    print(f"sound against lips: p50 {np.median(errors) / 1e3:.1f} ms, p99 {np.quantile(errors, 0.99) / 1e3:.1f} ms")
    assert len(errors) > 40
    assert np.quantile(errors, 0.99) <= LIPS_P99_US


def test_the_mouth_moves_with_it(spoken: tuple[Perceived, Sent]) -> None:
    assert spoken[0].images[:, 2].max() > 0.2
