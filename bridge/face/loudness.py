"""How loud speech sounds, frame by frame."""

import numpy as np
import numpy.typing as npt

from bridge.frames import SAMPLES_PER_FRAME, Pcm
from bridge.skeleton import Array

WINDOW = 3 * SAMPLES_PER_FRAME
"""Samples whose power makes one value: 50 ms, some pitch periods of any voice, shorter than a syllable."""

SILENCE = 1e-3
"""Frames of less than this share of the loudest one's power (-30 dB) do not count towards the usual level."""

EXPONENT = 0.3
"""Loudness grows as this power of intensity: 10 dB more sound twice as loud (Stevens, "The measurement of loudness",
J. Acoust. Soc. Am. 27, 1955)."""


def loudness(pcm: Pcm, count: int, first_frame: int = 0) -> Array:
    """Loudness (count,) of the instants (first_frame + i) / 60 s of `pcm`, mono at AUDIO_RATE; 0 where there is none.

    0.5 is the usual level of the speech in `pcm`, 1 twice as loud or more: what counts is the emphasis within the
    speech, not how loud a voice or a recording is. So give all of a sentence, whichever frames are asked for.
    """
    frames = len(pcm) // SAMPLES_PER_FRAME + 1
    power = _power(pcm, frames)
    out = np.zeros(count, np.float32)
    spoken = power[power > SILENCE * power.max()]
    if len(spoken):
        at = np.arange(first_frame, first_frame + count)
        inside = (at >= 0) & (at < frames)
        out[inside] = np.minimum(0.5 * (power[at[inside]] / spoken.mean()) ** EXPONENT, 1)
    return out


def _power(pcm: Pcm, frames: int) -> npt.NDArray[np.float64]:
    """Mean square of WINDOW samples about each frame's instant; from halves of frames, of which a window has six."""
    half = SAMPLES_PER_FRAME // 2
    before, after = WINDOW // 2, WINDOW // 2 + SAMPLES_PER_FRAME
    sound = np.zeros(before + (frames - 1) * SAMPLES_PER_FRAME + after, np.float32)
    sound[before : before + len(pcm)] = pcm
    halves = sound.reshape(-1, half)
    energy = np.concatenate(([0.0], np.cumsum(np.einsum("ij,ij->i", halves, halves), dtype=np.float64)))
    begin = 2 * np.arange(frames)
    return np.asarray((energy[begin + WINDOW // half] - energy[begin]) / WINDOW)
