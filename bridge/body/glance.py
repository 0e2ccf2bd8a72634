"""Where free eyes wander: over the face of whoever stands before the character, and now and then away from it."""

import numpy as np

from bridge.body.ease import glide
from bridge.body.eyes import saccade_seconds
from bridge.body.noise import Floats, Ints, normal, uniform
from bridge.body.schedule import events
from bridge.frames import FRAME_RATE

AWAY = 0.12
"""Share of eye movements that leave the other's face. With DWELL it makes one in 7.9 s, the mean time of mutual gaze of
a listener (Lee, Badler & Badler 2002, "Eyes Alive", ACM TOG 21)."""

DWELL = (0.85, 0.5)
"""Median seconds on one point of a face, and the standard deviation of its logarithm; our choice, between the 0.3 s of
people who look at pictures of faces and the seconds of people in talk (Rogers et al. 2018, Sci. Rep. 8)."""

DWELL_AWAY = (0.43, 0.45)
"""The same away from the face: 13 +- 7 frames at 30 a second (Lee, Badler & Badler 2002)."""

DWELL_RANGE = (0.2, 3.0)

FACE = np.radians([(1.8, 0.0), (-1.8, 0.0), (0.0, 3.6)])
"""Yaw and pitch of the other's eyes and mouth at 1 m: 63 mm between the eyes, as far down to the mouth."""

JITTER = np.radians(0.5)

FARTHEST = np.radians(14.0)
"""Beyond some 15 degrees the head would come along (Stahl 1999, Exp. Brain Res. 126)."""

DIRECTIONS = np.cumsum([15.54, 6.46, 17.69, 7.44, 16.80, 7.89, 20.38, 7.79])
"""Percent of saccades to the right, up right, up, and so on counter-clockwise (Lee, Badler & Badler 2002, table 1)."""


def _gaps(seed: int, ids: Ints) -> Floats:
    away = uniform(seed, 0, ids - 1) < AWAY
    median, spread = (np.where(away, b, a) for a, b in zip(DWELL, DWELL_AWAY, strict=True))
    return np.asarray(np.clip(median * np.exp(spread * normal(seed, 10, ids)), *DWELL_RANGE))


def glances(seed: int, t: Floats) -> Floats:
    """Yaw to the left and pitch down (n, 2), radians, at the ascending times t (n,)."""
    ids, onsets = events(_gaps, seed, t[0] - 0.1, t[-1] + 1 / FRAME_RATE)
    u = uniform(seed, np.arange(6)[:, None], ids)
    goals = np.where((u[0] < AWAY)[:, None], _aside(u[1], u[2]), _on_face(*u[3:]))
    seconds = saccade_seconds(np.linalg.norm(np.diff(goals, axis=0), axis=-1))
    return glide(t, goals[0], onsets[1:], seconds, goals[1:])


def _on_face(which: Floats, x: Floats, y: Floats) -> Floats:
    jitter = np.stack([x, y], -1) * 2 - 1
    return np.asarray(FACE[(which * len(FACE)).astype(np.int64)] + JITTER * jitter)


def _aside(size: Floats, direction: Floats) -> Floats:
    """Sizes after Lee, Badler & Badler 2002: -6.9 ln(P / 15.7) degrees for P even between 0 and 15."""
    turn = np.minimum(np.radians(-6.9 * np.log((15 - 15 * size) / 15.7)), FARTHEST)
    angle = np.searchsorted(DIRECTIONS, direction * DIRECTIONS[-1], side="right") * (np.pi / 4)
    return np.asarray(-turn[:, None] * np.stack([np.cos(angle), np.sin(angle)], -1))
