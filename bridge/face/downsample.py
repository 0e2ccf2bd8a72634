"""From the session's 24 kHz to the 16 kHz that models hear, with 1 ms of delay.

soxr, which resamples everywhere else, holds a stream of 24 kHz back by 20 ms (LQ), 37 (MQ, HQ) or 77 (VHQ) on its way
to 16 kHz, as it filters by blocks, and its QQ lets 8 to 12 kHz fold over at -2 dB: too much of a look-ahead of 80 ms.
"""

import numpy as np

from bridge.frames import Pcm
from bridge.skeleton import Array

REACH = 24
"""Samples at 24 kHz to either side of an instant from which its sample is made."""

DELAY = REACH + 1
"""A sample at 24 kHz, and all before it, has been heard to the end once this many more were fed: 1.04 ms."""

_CUTOFF = 7200 / 24_000
_BETA = 5.0
"""Kaiser's window (Oppenheim & Schafer, Discrete-Time Signal Processing, 7.5.3) over a sinc, -6 dB at 7.2 kHz: flat to
6.5 kHz, -53 dB from 8 kHz on."""


WIDTH = 2 * REACH + 2
"""Samples of the input that two of the output, an even one and the odd one after it, are made from."""


def _taps() -> Array:
    """(2, WIDTH): what makes an even sample, which falls on one of the input, and an odd one, between two of it."""
    n = np.arange(-2 * REACH, 2 * REACH + 1)  # at 48 kHz
    prototype = np.sinc(_CUTOFF * n) * np.kaiser(len(n), _BETA)
    even, odd = prototype[::2], prototype[1::2]
    taps = np.zeros((2, WIDTH), np.float32)
    taps[0, :-1], taps[1, 2:] = even / even.sum(), odd / odd.sum()
    return taps


_TAPS = _taps()


class Downsampler:
    """One stream on its way to 16 kHz: sample j of the output is the instant j / 16000 s of the input.

    Before its start there is silence. Each sample is the same, bit by bit, in whatever chunks the input comes.
    """

    def __init__(self) -> None:
        self._held: Array = np.zeros(REACH, np.float32)

    def feed(self, pcm: Pcm) -> Array:
        """What the input has brought, -1..1; every three samples in make two."""
        self._held = held = np.concatenate((self._held, pcm * np.float32(1 / 32768)))
        pairs = max((len(held) - WIDTH) // 3 + 1, 0)
        windows = np.ndarray((pairs, WIDTH), np.float32, held, 0, (3 * held.itemsize, held.itemsize))
        self._held = held[3 * pairs :]
        out: Array = np.einsum("pi,ki->pk", windows, _TAPS)  # @ would give other bits for another number of pairs
        return out.ravel()
