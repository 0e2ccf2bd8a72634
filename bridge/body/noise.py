"""Chance without state: random numbers and smooth noise as pure functions of (seed, channel, place).

Nothing here remembers anything, so any stretch of a performance can be computed again, in any order, with the same
bits. The hash is the finaliser of SplitMix64 (Steele, Lea & Flood 2014, OOPSLA).
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_Words = npt.NDArray[np.uint64]

_MASK = (1 << 64) - 1
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, the step of SplitMix64


def _mix(x: _Words) -> _Words:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _words(values: npt.ArrayLike) -> _Words:
    return np.asarray(values, np.int64).astype(np.uint64)


def uniform(seed: int, channel: npt.ArrayLike, index: npt.ArrayLike) -> Floats:
    """Independent numbers in [0, 1), float64; channel and index are integers that broadcast against each other."""
    with np.errstate(over="ignore"):  # wrapping is what a hash wants
        key = _mix(np.uint64(seed & _MASK) + _words(channel) * _GOLDEN)
        bits = _mix(_mix(key) + _words(index) * _GOLDEN)
    return np.asarray((bits >> np.uint64(11)) * 2.0**-53, np.float64)


def normal(seed: int, channel: int, index: npt.ArrayLike) -> Floats:
    """Standard normal numbers of the shape of index (Box & Muller 1958). Uses channel and channel + 1."""
    a, b = uniform(seed, np.reshape([channel, channel + 1], (2, *[1] * np.ndim(index))), index)
    return np.asarray(np.sqrt(-2 * np.log1p(-a)) * np.cos(2 * np.pi * b), np.float64)


def smooth(seed: int, channels: npt.ArrayLike, t: Floats) -> Floats:
    """Noise over time: a uniform cubic B-spline whose control points, one at every whole t, are uniform in [-1, 1).

    t (n,) is in units of their distance and lies close together, for the cost is that of its whole range; channels is
    an integer or (k,) of them; the result is (n,) or (n, k).
    Continuous to the second derivative, never outside [-1, 1], mostly within ±0.4 (its standard deviation), and nowhere
    steeper than 2 a unit of t.
    """
    cell = np.floor(t).astype(np.int64)
    low = int(cell.min())
    columns = np.atleast_1d(np.asarray(channels, np.int64))
    points = uniform(seed, columns, np.arange(low - 1, int(cell.max()) + 3)[:, None])
    x = (t - cell)[:, None]
    y = 1 - x
    weights = (y * y * y, 4 - 3 * x * x * (2 - x), 4 - 3 * y * y * (2 - y), x * x * x)
    total = np.zeros((len(t), len(columns)))
    for i, weight in enumerate(weights):
        total += weight * points[cell - (low - i)]
    total = total / 3 - 1
    return total[:, 0] if np.ndim(channels) == 0 else total
