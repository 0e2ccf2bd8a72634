"""The skin of head and neck: a grid with three slits, two that open into the eyes and one into the mouth.

Both edges of a slit are rows of the same grid. A lid that shuts therefore meets the other lid vertex by vertex, and
so do lips: closure is exact by construction. Centimetres in the head's space, as in `surface`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bridge.avatar.mesh import Points, smoothstep
from bridge.avatar.params import Params
from bridge.avatar.surface import EYE_LEVEL, LAST, Surface, lip_line, mouth_half, mouth_level

# columns of one half, from the middle of the face outwards
INNER, WIDE, ROUND = 8, 24, 16
EYE_IN, EYE_OUT, HALF = INNER, INNER + WIDE, INNER + WIDE + ROUND
MOUTH = 15  # columns from the middle to the corner of the mouth
COLUMNS = 2 * HALF + 1

# rows, from the crown to the collar
SCALP, LID_ABOVE, LID_BELOW, NOSE, LIP_ABOVE, LIP_BELOW, NECK = 11, 13, 7, 6, 9, 9, 14
BROW_ROW = SCALP
EYE_ROW = BROW_ROW + LID_ABOVE  # upper lid's edge; the next row is the lower lid's
CHEEK_ROW = EYE_ROW + 1 + LID_BELOW
LIP_TOP = CHEEK_ROW + NOSE
MOUTH_ROW = LIP_TOP + LIP_ABOVE  # upper lip's edge; the next row is the lower lip's
LIP_END = MOUTH_ROW + 1 + LIP_BELOW
ROWS = LIP_END + NECK + 1

GROOVE = 0.13
"""How far the lips' meeting edges lie behind their outsides, cm."""
LIP_STEPS = np.array([0, 0.05, 0.11, 0.19, 0.29, 0.41, 0.54, 0.68, 0.83, 1.0])

Curve = Callable[[Points], Points]


@dataclass(frozen=True, slots=True)
class Eye:
    """The opening of the left eye (the right one mirrors it), centimetres."""

    inner: float
    outer: float
    rise: float
    drop: float
    level: float
    tilt: float

    def line(self, t: Points) -> Points:
        """Height of the line between the corners at t, 0 at the inner corner and 1 at the outer one."""
        return np.asarray(self.level + self.tilt * (t - 0.5))

    def upper(self, t: Points) -> Points:
        """Height of the open upper lid's edge."""
        skewed = np.clip(t, 0, 1) ** 0.84
        return np.asarray(self.line(t) + self.rise * (1 - np.abs(2 * skewed - 1) ** 2.4) ** 0.74)

    def lower(self, t: Points) -> Points:
        """Height of the open lower lid's edge."""
        skewed = np.clip(t, 0, 1) ** 1.2
        return np.asarray(self.line(t) - self.drop * (1 - np.abs(2 * skewed - 1) ** 2.2) ** 0.85)

    def shut(self, t: Points) -> Points:
        """Height of the line on which the lids meet: a shallow bow."""
        return np.asarray(self.line(t) - self.drop * 0.5 * (1 - (2 * np.clip(t, 0, 1) - 1) ** 2) ** 0.9)


def eye_of(p: Params) -> Eye:
    """The person's eye."""
    middle, half = 3.46 * p.eye_spacing, 2.12 * p.eye_width
    level = EYE_LEVEL - 0.85 + p.eye_level
    return Eye(middle - half, middle + half, 2.22 * p.eye_height, 1.14 * p.eye_height, level, 0.3 + 0.5 * p.eye_tilt)


class Face:
    """Where every vertex of the grid lies, with the lids open or anywhere between.

    theta, v (ROWS, COLUMNS): surface coordinates at rest; rest (ROWS, COLUMNS, 3) points; side (ROWS,) is +1 above
    the mouth's slit and -1 below it.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        self.surface = Surface(params)
        self.eye = eye_of(params)
        self.mouth_half = mouth_half(params)
        self.mouth_level = mouth_level(params)
        self.theta = self._columns()
        self._base_v = self._plain_rows()
        self.v = self._rows(self.eye.upper, self.eye.lower)
        self.mouth_half = float(self._points(self.v)[MOUTH_ROW, HALF + MOUTH, 0])  # where the corner lies exactly
        self.rest = self._points(self.v)
        self.side = np.where(np.arange(ROWS) <= MOUTH_ROW, 1.0, -1.0)

    @property
    def lid_t(self) -> Points:
        """(WIDE + 1,) place along the lid of the columns EYE_IN..EYE_OUT."""
        return np.asarray((1 - np.cos(np.linspace(0, np.pi, WIDE + 1))) / 2)

    def with_lids(self, upper: Curve, lower: Curve) -> Points:
        """(ROWS, COLUMNS, 3): both eyes' lids moved to other heights."""
        return self._points(self._rows(upper, lower))

    def lip_line(self, x: Points) -> Points:
        """Height of the closed lips at x."""
        return lip_line(self.params, x)

    def lips(self, x: Points) -> Points:
        """(n, 3): the meeting edges of the lips at x."""
        y = self.lip_line(x)
        return np.stack([x, y, self.surface.depth(x, y) - GROOVE * (1 - (x / self.mouth_half) ** 2)], -1)

    def _columns(self) -> Points:
        """theta (ROWS, COLUMNS): columns meet the eyes' corners above and the mouth's corner below."""
        eye_half = np.concatenate([np.linspace(0, self.eye.inner, INNER + 1)[:-1], self._lid_x()])
        at_eyes = self.surface.theta_at(eye_half, self.eye.level)
        place = np.linspace(0, 1, MOUTH + 1)
        spread = 0.55 * place + 0.45 * np.sin(place * np.pi / 2)
        rest = np.linspace(0, 1, EYE_OUT - MOUTH + 1)[1:] ** 1.25
        outer_x = 4.9 * self.params.face_width
        mouth_x = np.concatenate([self.mouth_half * spread, self.mouth_half + (outer_x - self.mouth_half) * rest])
        at_mouth = self.surface.theta_at(mouth_x, self.mouth_level)
        rows = np.arange(ROWS)
        share = smoothstep(CHEEK_ROW - 1, LIP_TOP + 2, rows)[:, None]
        front = at_eyes * (1 - share) + at_mouth * share
        turn = np.linspace(0, 1, ROUND + 1)[1:] ** 1.15
        back = front[:, -1:] + (np.pi - front[:, -1:]) * turn
        half = np.concatenate([front, back], 1)
        return np.concatenate([-half[:, :0:-1], half], 1)

    def _lid_x(self) -> Points:
        return np.asarray(self.eye.inner + (self.eye.outer - self.eye.inner) * self.lid_t)

    def _plain_rows(self) -> Points:
        """v (ROWS,) in the middle of the face, before the slits are opened."""
        y = EYE_LEVEL
        heights = {
            BROW_ROW: y + 3.5,
            EYE_ROW: self.eye.level,
            CHEEK_ROW: y - 2.80 * self.params.face_length,
            LIP_TOP: self.mouth_level + 1.34 * self.params.face_length,
            MOUTH_ROW: self.mouth_level,
            LIP_END: self.mouth_level - 1.85 * self.params.face_length,
        }
        v = {row: float(self.surface.v_at(0.0, height)) for row, height in heights.items()}
        even = np.linspace
        lips = v[LIP_TOP] + (v[MOUTH_ROW] - v[LIP_TOP]) * (1 - LIP_STEPS[::-1])
        chin = v[MOUTH_ROW] + (v[LIP_END] - v[MOUTH_ROW]) * LIP_STEPS
        return np.concatenate([
            0.02 + (v[BROW_ROW] - 0.02) * even(0, 1, SCALP + 1)[:-1],
            even(v[BROW_ROW], v[EYE_ROW], LID_ABOVE + 1),
            even(v[EYE_ROW], v[CHEEK_ROW], LID_BELOW + 1)[:-1],
            even(v[CHEEK_ROW], v[LIP_TOP], NOSE + 1)[:-1],
            lips,
            chin,
            even(v[LIP_END], LAST, NECK + 1)[1:],
        ])  # fmt: skip

    def _rows(self, upper: Curve, lower: Curve) -> Points:
        """v (ROWS, COLUMNS) with the slits at their places."""
        v = np.repeat(self._base_v[:, None], COLUMNS, 1)
        for sign in (1, -1):
            columns = HALF + sign * np.arange(HALF + 1)
            block = v[:, columns]
            theta = self.theta[:, columns]
            self._move_row(block, BROW_ROW, EYE_ROW, self._lid_v(theta[EYE_ROW], upper))
            self._move_row(block, CHEEK_ROW, EYE_ROW + 1, self._lid_v(theta[EYE_ROW], lower))
            lips = self._lip_v(theta[MOUTH_ROW])
            self._move_row(block, LIP_TOP, MOUTH_ROW, lips)
            self._move_row(block, LIP_END, MOUTH_ROW + 1, lips)
            v[:, columns] = block
        return v

    def _move_row(self, v: Points, fixed: int, edge: int, target: Points) -> None:
        """Moves row `edge` to `target` (columns,) and squeezes the rows between it and row `fixed`."""
        rows = np.arange(min(fixed, edge), max(fixed, edge) + 1)
        share = (self._base_v[rows] - self._base_v[fixed]) / (self._base_v[edge] - self._base_v[fixed])
        v[rows] = self._base_v[fixed] + share[:, None] * (target - self._base_v[fixed])

    def _lid_v(self, theta: Points, height: Curve) -> Points:
        """v of a lid's edge for each column of a half; beyond the corners it eases back to the plain row."""
        base = self._base_v[EYE_ROW]
        out = np.full(HALF + 1, base)
        lid = slice(EYE_IN, EYE_OUT + 1)
        out[lid] = self.surface.v_at(theta[lid], height(self.lid_t))
        ease = smoothstep(0, 1, np.linspace(0, 1, EYE_IN + 1))
        out[: EYE_IN + 1] = base + (out[EYE_IN] - base) * ease
        away = smoothstep(1, 0, np.linspace(0, 1, 9))
        out[EYE_OUT : EYE_OUT + 9] = base + (out[EYE_OUT] - base) * away
        return out

    def _lip_v(self, theta: Points) -> Points:
        base = self._base_v[MOUTH_ROW]
        reach = EYE_OUT
        x = self.surface.point(theta[: reach + 1], base)[:, 0]
        target = self.surface.v_at(theta[: reach + 1], self.lip_line(x))
        away = smoothstep(reach, MOUTH + 3, np.arange(reach + 1))
        out = np.full(HALF + 1, base)
        out[: reach + 1] = base + (target - base) * away
        return out

    def _points(self, v: Points) -> Points:
        out = self.surface.point(self.theta, v)
        t = np.clip(np.abs(out[..., 0]) / self.mouth_half, 0, 1)
        rows = np.arange(ROWS)[:, None]
        from_slit = np.minimum(np.abs(rows - MOUTH_ROW), np.abs(rows - MOUTH_ROW - 1))
        groove = GROOVE * (from_slit == 0) + 0.03 * (from_slit == 1)
        out[..., 2] -= groove * (1 - t**2)
        return out
