"""Blinks."""

import numpy as np

from bridge.body.ease import smoothstep
from bridge.body.eyes import BLINK
from bridge.body.noise import Floats, Ints, normal, uniform
from bridge.body.schedule import events
from bridge.curves import INDEX
from bridge.frames import FRAME_RATE
from bridge.skeleton import Array

RATE = 17.0 / 60
"""Blinks a second of a person at rest: 17 a minute on average, 26 in conversation (Bentivoglio et al. 1997, Mov.
Disord. 12)."""

SPREAD = 0.6
"""Standard deviation of the logarithm of the gap between blinks, which is log-normal (Le, Ma & Deng 2012, IEEE TVCG
18)."""

SHORTEST_GAP, LONGEST_GAP = 0.9, 12.0

DOUBLE = 0.1
"""Share of blinks that come in twos; our choice."""

CLOSING = (0.08, 0.10)
CLOSED = 0.03
OPENING = (0.15, 0.20)
"""Seconds, from to. Lids fall in some 90 ms, and rise in about twice that (VanderWerf et al. 2003, J. Neurophysiol. 89;
Evinger et al. 1991, Invest. Ophthalmol. Vis. Sci. 32); the asymmetry is what looks natural (Trutoiu et al. 2011, ACM
TAP 8)."""

ACCOMPANIED = ((("eyeSquintLeft", "eyeSquintRight"), 0.15), (("browDownLeft", "browDownRight"), 0.05))
"""Curves that the orbicularis takes along, and how much of the blink."""


def blink(t: Floats, closing: float, opening: float) -> Floats:
    """How far the lids are closed t seconds after a blink began: fast down, slower up, slowest at its end."""
    up = np.clip((t - closing - CLOSED) / opening, 0, 1)
    return np.asarray(smoothstep(t / closing) * (1 - smoothstep(up**0.8)))


def _gaps(seed: int, ids: Ints) -> Floats:
    rate = RATE * (0.85 + 0.3 * float(uniform(seed, 0, 0))) / (1 + DOUBLE)  # people differ
    median = np.exp(-(SPREAD**2) / 2) / rate
    return np.asarray(np.clip(median * np.exp(SPREAD * normal(seed, 1, ids)), SHORTEST_GAP, LONGEST_GAP))


def blinks(seed: int, t: Floats) -> Floats:
    """How far the lids are closed (n,), 0 to 1, at the ascending times t (n,)."""
    ids, onsets = events(_gaps, seed, t[0], t[-1] + 1 / FRAME_RATE)
    u = uniform(seed, np.arange(3, 6)[:, None], ids)
    closing, opening = _between(CLOSING, u[0]), _between(OPENING, u[1])
    closed = np.zeros(len(t))
    for onset, shut, raised, chance in zip(onsets, closing, opening, u[2], strict=True):
        closed = np.maximum(closed, blink(t - onset, shut, raised))
        if chance < DOUBLE:
            closed = np.maximum(closed, blink(t - onset - shut - CLOSED - raised - 0.05, shut, raised))
    return closed


def close_lids(curves: Array, closed: Floats) -> None:
    """Add blinks (count,) to curves (count, 52)."""
    curves[:, BLINK] += closed[:, None].astype(np.float32)
    for names, share in ACCOMPANIED:
        curves[:, [INDEX[name] for name in names]] += (share * closed[:, None]).astype(np.float32)


def _between(limits: tuple[float, float], u: Floats) -> Floats:
    return limits[0] + (limits[1] - limits[0]) * u
