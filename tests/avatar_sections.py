"""Where lips or lids pass through each other: upright planes cut the skin, and the two lines of a cut are compared.

A line runs from a lip's or a lid's free edge outwards. Where two lines cross, each has a tail from the crossing to its
edge; the shorter tail is how much of an edge sticks through the other. Lips that lie one before the other do not
cross, however far they overlap.
"""

import numpy as np

from bridge.avatar.face import (
    BROW_ROW,
    CHEEK_ROW,
    EYE_IN,
    EYE_OUT,
    EYE_ROW,
    HALF,
    LIP_END,
    LIP_TOP,
    MOUTH,
    MOUTH_ROW,
)
from bridge.avatar.mesh import Points

PLANES = 61

LIP_CORNERS = (HALF - MOUTH, HALF + MOUTH)
LID_CORNERS = (HALF + EYE_IN, HALF + EYE_OUT)
BESIDE_LIPS = (HALF - MOUTH - 6, HALF + MOUTH + 6)
BESIDE_LIDS = (HALF + EYE_IN - 4, HALF + EYE_OUT + 4)


def lips_stick_through(posed: Points) -> float:
    """Millimetres by which one lip's edge sticks through the other lip, or through itself; posed (ROWS, COLUMNS, 3)."""
    return stick_through(
        posed[MOUTH_ROW : LIP_TOP - 1 : -1], posed[MOUTH_ROW + 1 : LIP_END + 1], LIP_CORNERS, BESIDE_LIPS
    )


def lids_stick_through(posed: Points) -> float:
    """The same of the left eye's lids."""
    return stick_through(
        posed[EYE_ROW : BROW_ROW - 1 : -1], posed[EYE_ROW + 1 : CHEEK_ROW + 1], LID_CORNERS, BESIDE_LIDS
    )


def stick_through(upper: Points, lower: Points, corners: tuple[int, int], beside: tuple[int, int]) -> float:
    """upper, lower (rows, COLUMNS, 3): rows from the free edge outwards, cm. Gives mm.

    Between the corners (columns) the two are compared; beside them, as far as two more columns, they are one line that
    must not fold.
    """
    edges = np.stack([upper[0, :, 0], lower[0, :, 0]])
    left, right = edges[:, corners[0]].max(), edges[:, corners[1]].min()
    a, b = (cut(rows, np.linspace(left, right, PLANES)[1:-1]) for rows in (upper, lower))
    whole = np.concatenate([upper[::-1], lower[1:]])
    outside = [np.linspace(end, edges[0, column], 9) for end, column in zip((left, right), beside, strict=True)]
    joined = cut(whole, np.concatenate([outside[0][1:], outside[1][1:]]))
    return 10 * max(shorter_tail(a, b), own_loop(a), own_loop(b), own_loop(joined))


def cut(rows: Points, planes: Points) -> Points:
    """(planes, rows, 2): y and z where planes of constant x cut each row."""
    front = rows[:, HALF - EYE_OUT : HALF + EYE_OUT + 1]
    return np.stack([np.stack([np.interp(planes, row[:, 0], row[:, k]) for k in (1, 2)], -1) for row in front], 1)


def crossings(a: Points, b: Points) -> tuple[Points, Points]:
    """Places along both lines (planes, rows, 2) at which their segments cross, (planes, rows - 1, rows - 1) each; nan
    where they do not."""
    p, q = a[:, :-1, None], b[:, None, :-1]
    u, v = np.diff(a, axis=1)[:, :, None], np.diff(b, axis=1)[:, None]
    turn = cross(u, v)
    with np.errstate(divide="ignore", invalid="ignore"):
        s, t = cross(q - p, v) / turn, cross(q - p, u) / turn
    met = (np.abs(turn) > 1e-12) & (s >= 0) & (s <= 1) & (t >= 0) & (t <= 1)
    return np.where(met, s, np.nan), np.where(met, t, np.nan)


def cross(u: Points, v: Points) -> Points:
    return np.asarray(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])


def tails(line: Points) -> tuple[Points, Points]:
    """Length from the free edge to each segment's start, and of each segment; (planes, rows - 1)."""
    length = np.linalg.norm(np.diff(line, axis=1), axis=-1)
    return np.cumsum(length, 1) - length, length


def shorter_tail(a: Points, b: Points) -> float:
    """The shorter of both tails at the worst crossing, 0 where the lines never cross."""
    s, t = crossings(a, b)
    start_a, long_a = tails(a)
    start_b, long_b = tails(b)
    tail_a = start_a[:, :, None] + s * long_a[:, :, None]
    tail_b = start_b[:, None] + t * long_b[:, None]
    return float(np.nanmax(np.fmin(tail_a, tail_b), initial=0.0))


def own_loop(line: Points) -> float:
    """The longest loop that a line makes through itself."""
    s, t = crossings(line, line)
    start, long = tails(line)
    loop = np.abs((start[:, :, None] + s * long[:, :, None]) - (start[:, None] + t * long[:, None]))
    rows = np.arange(line.shape[1] - 1)
    apart = np.abs(rows[:, None] - rows) > 1
    return float(np.nanmax(np.where(apart, loop, np.nan), initial=0.0))
