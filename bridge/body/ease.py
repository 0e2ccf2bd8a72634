"""Shapes of movements over time. All have continuous speed: they start and end at rest."""

import numpy as np
import numpy.typing as npt

from bridge.body.noise import Floats


def smoothstep(x: npt.ArrayLike) -> Floats:
    """From 0 at x <= 0 to 1 at x >= 1; the steepest slope is 1.5."""
    x = np.clip(np.asarray(x, np.float64), 0, 1)
    return np.asarray(x * x * (3 - 2 * x))


def bump(t: npt.ArrayLike, rise: npt.ArrayLike, fall: npt.ArrayLike) -> Floats:
    """From 0 at t = -rise to 1 at t = 0 and back to 0 at t = fall; seconds, both positive."""
    t = np.asarray(t, np.float64)
    return smoothstep(1 + t / np.asarray(rise)) * smoothstep(1 - t / np.asarray(fall))


def glide(t: Floats, start: npt.ArrayLike, onsets: Floats, seconds: Floats, goals: Floats) -> Floats:
    """From `start` (k,) to each of `goals` (m, k) in turn: at t (n,), (n, k).

    Movement i begins at onsets[i], takes seconds[i], and is the difference of its goal to the one before. A movement
    that begins before the last has ended adds to it, so the path stays smooth and still ends at the last goal.
    """
    path = np.repeat(np.asarray(start, np.float64)[None], len(t), 0)
    before = path[:1].copy()
    for onset, length, goal in zip(onsets, seconds, goals, strict=True):
        path += (goal - before) * smoothstep((t - onset) / length)[:, None]
        before = goal
    return path
