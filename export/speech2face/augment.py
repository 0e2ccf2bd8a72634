"""Rooms, microphones, noise and everything that is no speech, made on the fly: numpy on 16 kHz float32 samples.

All of it keeps time: nothing here shifts a sound.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import fft

from export.speech2face.align import RATE

Sound = npt.NDArray[np.float32]
Draw = np.random.Generator


def room_and_microphone(sound: Sound, draw: Draw) -> Sound:
    """A random room of at most half a second and a random frequency response, in one product of spectra."""
    size = fft.next_fast_len(len(sound) + RATE // 2, real=True)
    spectrum = fft.rfft(sound, size)
    if draw.random() < 0.5:
        spectrum *= fft.rfft(_room(draw), size)
    if draw.random() < 0.8:
        spectrum *= _response(size, draw)
    return np.asarray(fft.irfft(spectrum, size)[: len(sound)], np.float32)


def _room(draw: Draw) -> Sound:
    """The direct sound, then noise that fades by 60 dB in 0.1 to 0.6 s, 0 to 18 dB below it in all."""
    seconds, below = draw.uniform(0.1, 0.6), draw.uniform(0, 18)
    time = np.arange(min(int(seconds * RATE), RATE // 2)) / RATE
    tail = draw.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    tail[: int(draw.uniform(0.001, 0.01) * RATE)] = 0
    tail *= 10 ** (-below / 20) / np.sqrt(np.square(tail).sum())
    tail[0] = 1
    return tail.astype(np.float32)


def _response(size: int, draw: Draw) -> Sound:
    """Up to 10 dB up or down here and there; now and then a telephone's band."""
    grid = np.linspace(0, RATE / 2, 513)
    hertz = np.maximum(grid, 30)
    knots = np.log([50, 150, 400, 1000, 2000, 4000, 8000])
    decibels = np.interp(np.log(hertz), knots, draw.uniform(-8, 8, len(knots)))
    if draw.random() < 0.15:
        low, high = draw.uniform(80, 300), draw.uniform(3300, 7000)
        decibels -= 48 * np.maximum(np.log2(hertz / high), 0)
        decibels -= 12 * np.maximum(np.log2(low / hertz), 0)
    gain = 10 ** (decibels / 20)
    return np.interp(np.linspace(0, RATE / 2, size // 2 + 1), grid, gain).astype(np.float32)


def coloured_noise(size: int, draw: Draw) -> Sound:
    """Noise that falls by 0 to 9 dB an octave, swelling slowly."""
    spectrum = fft.rfft(draw.standard_normal(size))
    spectrum[1:] /= np.arange(1, len(spectrum)) ** draw.uniform(0, 0.75)
    noise = fft.irfft(spectrum, size)
    swell = np.interp(np.arange(size), np.linspace(0, size, 6), draw.uniform(0.4, 1, 6))
    return _unit(noise * swell)


def music(size: int, draw: Draw) -> Sound:
    """Chords of a few harmonics with a beat."""
    time, out = np.arange(size) / RATE, np.zeros(size)
    beat = draw.uniform(0.25, 0.8)
    for begin in np.arange(0, size / RATE, beat):
        span = slice(int(begin * RATE), min(int((begin + 2 * beat) * RATE), size))
        local = time[span] - begin
        fade = np.exp(-local * draw.uniform(1, 8)) * np.minimum(1, local / draw.uniform(0.004, 0.1))
        for _ in range(draw.integers(1, 5)):
            pitch = 55 * 2 ** (draw.integers(0, 48) / 12)
            for harmonic in range(1, draw.integers(2, 12)):
                if pitch * harmonic < RATE / 2:
                    out[span] += fade * np.sin(2 * np.pi * pitch * harmonic * local) / harmonic ** draw.uniform(0.5, 2)
        if draw.random() < 0.6:  # a drum
            out[span] += (
                3 * draw.uniform(0, 1) * np.exp(-local * draw.uniform(20, 80)) * draw.standard_normal(len(local))
            )
    return _unit(out)


def breath(size: int, draw: Draw) -> Sound:
    """Breaths of 0.3 to 1.2 s: noise in a broad band, swelling and fading."""
    out = np.zeros(size)
    at = draw.uniform(0, 0.5)
    while at < size / RATE:
        length = min(int(draw.uniform(0.3, 1.2) * RATE), size - int(at * RATE))
        if length < 800:
            break
        span = slice(int(at * RATE), int(at * RATE) + length)
        out[span] += (
            draw.uniform(0.3, 1)
            * _band(length, draw.uniform(200, 900), draw.uniform(2500, 6000), draw)
            * np.hanning(length)
        )
        at += length / RATE + draw.uniform(0.3, 2)
    return _unit(out)


def laughter(size: int, draw: Draw) -> Sound:
    """Bouts of breathy bursts, four to six a second, with falling pitch: vowel-like, yet nothing is said."""
    out, at = np.zeros(size), draw.uniform(0, 0.4)
    while at < size / RATE - 0.3:
        pitch, pace = draw.uniform(120, 500), draw.uniform(0.16, 0.25)
        formants = [draw.uniform(500, 900), draw.uniform(1100, 1800), draw.uniform(2400, 3000)]
        for burst in range(draw.integers(3, 10)):
            begin = int((at + burst * pace) * RATE)
            length = min(int(draw.uniform(0.5, 0.8) * pace * RATE), size - begin)
            if length < 400:
                break
            out[begin : begin + length] += _burst(length, pitch * 0.97**burst, formants, draw) * 0.93**burst
        at += (burst + 1) * pace + draw.uniform(0.3, 1.5)
    return _unit(out)


def _burst(length: int, pitch: float, formants: list[float], draw: Draw) -> npt.NDArray[np.float64]:
    time, out = np.arange(length) / RATE, np.zeros(length)
    bend = pitch * time * (1 + draw.uniform(-0.3, 0.3) * time)
    for harmonic in range(1, int(4000 / pitch)):
        gain = sum(1 / (1 + ((harmonic * pitch - f) / 120) ** 2) for f in formants)
        out += gain * np.sin(2 * np.pi * harmonic * bend + harmonic)
    aspiration = _band(length, 800, 4500, draw) * draw.uniform(0.2, 1.0)
    rise = np.minimum(1, time / 0.02)
    voiced = np.clip((time / time[-1] - 0.25) * 5, 0, 1)
    return (out * voiced / (np.abs(out).max() + 1e-9) + aspiration) * rise * np.hanning(length + 2)[1:-1] ** 0.5


def _band(length: int, low: float, high: float, draw: Draw) -> npt.NDArray[np.float64]:
    spectrum = np.fft.rfft(draw.standard_normal(length))
    hertz = np.fft.rfftfreq(length, 1 / RATE)
    spectrum *= 1 / (1 + (low / np.maximum(hertz, 1)) ** 4) / (1 + (hertz / high) ** 4)
    return np.asarray(_unit(np.fft.irfft(spectrum, length)), np.float64)


def clicks(size: int, draw: Draw) -> Sound:
    """Knocks, keys and coughs: short bursts of noise."""
    out = np.zeros(size)
    for begin in draw.integers(0, max(size - 4000, 1), draw.integers(2, 20)):
        length = min(int(draw.uniform(0.005, 0.2) * RATE), size - begin)
        burst = (
            _band(length, draw.uniform(50, 2000), draw.uniform(2500, 7000), draw)
            if length > 64
            else draw.standard_normal(length)
        )
        out[begin : begin + length] += draw.uniform(0.2, 1) * burst * np.exp(-5 * np.arange(length) / length)
    return _unit(out)


NO_SPEECH: dict[str, Callable[[int, Draw], Sound]] = {
    "music": music, "breath": breath, "laughter": laughter, "clicks": clicks, "noise": coloured_noise,
}  # fmt: skip
"""What leaves the lips at rest, by name: so many samples with a power of 1."""


def add_noise(sound: Sound, noise: Sound, decibels: float) -> Sound:
    """`noise` so many decibels below the power of the parts of `sound` that are not silent."""
    power = np.square(sound)
    loud = power[power > 0.01 * power.mean()]
    level = np.sqrt(loud.mean()) if len(loud) else 1e-3
    return (sound + noise * level * 10 ** (-decibels / 20)).astype(np.float32)


def telephone(sound: Sound) -> Sound:
    """Eight bits a sample by the mu-law (ITU-T G.711)."""
    peak = np.abs(sound).max() + 1e-9
    folded = np.sign(sound) * np.log1p(255 * np.abs(sound) / peak) / np.log(256)
    folded = np.round(folded * 127) / 127
    return (np.sign(folded) * np.expm1(np.abs(folded) * np.log(256)) / 255 * peak).astype(np.float32)


def _unit(sound: npt.NDArray[np.float64]) -> Sound:
    return (sound / (np.sqrt(np.square(sound).mean()) + 1e-9)).astype(np.float32)


class Bank:
    """Some minutes of each kind of NO_SPEECH, made once, from which pieces are cut."""

    def __init__(self, seconds: float, seed: int) -> None:
        draw = np.random.default_rng(seed)
        self._sounds = {
            name: np.concatenate([make(8 * RATE, draw) for _ in range(int(seconds / 8))])
            for name, make in NO_SPEECH.items()
        }

    def cut(self, size: int, draw: Draw, name: str | None = None) -> Sound:
        """So many samples of a kind, or of any."""
        sound = self._sounds[name or draw.choice(list(self._sounds))]
        begin = draw.integers(0, len(sound) - size)
        return sound[begin : begin + size]
