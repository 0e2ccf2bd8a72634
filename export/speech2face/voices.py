"""Voices that a corpus lacks, out of those that it has: another pitch, throat and pace, each drawn by itself.

The WORLD vocoder takes speech apart into pitch, envelope and breath (Morise et al., "WORLD: a vocoder-based
high-quality speech synthesis system for real-time applications", IEICE Trans. Inf. Syst. E99-D, 2016).
"""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyworld
import soxr

from export.speech2face.align import RATE

PERIOD = 10.0
"""Milliseconds between the vocoder's frames."""


class Voice(NamedTuple):
    """What is multiplied: pace, pitch, and the formants (of a throat that is so much shorter)."""

    pace: float = 1.0
    pitch: float = 1.0
    formants: float = 1.0


PACES = (0.85, 1.18)
PITCHES = (0.65, 1.6)
FORMANTS = (0.86, 1.18)
"""Ranges that `strangers` draws from, evenly by their logarithms. From a man's to a child's voice the pitch doubles and
the formants rise by about 1.3 (Peterson & Barney, J. Acoust. Soc. Am. 24, 1952)."""


def strangers(speaker: str, count: int) -> Iterator[Voice]:
    """So many voices for all that a speaker says, always the same."""
    draw = np.random.default_rng(zlib.crc32(speaker.encode()))
    for _ in range(count):
        yield Voice(*(float(np.exp(draw.uniform(*np.log(ends)))) for ends in (PACES, PITCHES, FORMANTS)))


def recast(pcm: npt.NDArray[np.int16], voice: Voice) -> npt.NDArray[np.int16]:
    """`pcm` at RATE in another voice; 1/pace as long. A sound at t is then at t / pace."""
    if voice == Voice():
        return pcm
    sound = soxr.resample(pcm / 32768, RATE * voice.pace, RATE)  # its pitch and formants rise by the pace
    rough, at = pyworld.dio(sound, RATE, frame_period=PERIOD)
    pitch = pyworld.stonemask(sound, rough, at, RATE)
    envelope = pyworld.cheaptrick(sound, pitch, at, RATE)
    breath = pyworld.d4c(sound, pitch, at, RATE)
    made = pyworld.synthesize(
        pitch * voice.pitch / voice.pace, _stretch(envelope, voice.formants / voice.pace), breath, RATE, PERIOD
    )
    return np.asarray(np.clip(made[: len(sound)] * 32767, -32768, 32767), np.int16)


def _stretch(envelope: npt.NDArray[np.float64], factor: float) -> npt.NDArray[np.float64]:
    """Spectra (frames, bins) whose features lie `factor` times as high."""
    bins = np.arange(envelope.shape[1])
    left = np.minimum(bins / factor, bins[-1])
    below = np.minimum(left.astype(int), bins[-2])
    share = left - below
    return np.ascontiguousarray(envelope[:, below] * (1 - share) + envelope[:, below + 1] * share)
