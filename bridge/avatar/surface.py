"""The smooth surface of head and neck: a loft of closed loops, and the soft bumps of a face upon it.

Space: centimetres from the head joint, Y up, the face looks along +Z. A point has two coordinates: `theta`, the
angle round the head (0 in front, + to the character's left, radians), and `v`, which runs down from the crown (0)
over forehead, eyes, mouth and chin to the collar. The tables are this project's own proportions of a stylised head.
"""

import numpy as np
import numpy.typing as npt

from bridge.avatar.mesh import Points, bell, smoothstep, spline, unit
from bridge.avatar.params import Params

# Each loop: y, z in front; x, y, z at the side; y, z behind; how its height leaves the front's (1 pointed, 2 round)
LOOPS = np.array([
    [19.50, -0.40, 0.05, 19.50, -0.50, 19.50, -0.60, 2.0],  # crown
    [18.15, 4.20, 4.75, 18.05, -0.70, 17.80, -5.30, 2.0],
    [15.20, 6.95, 7.15, 15.20, -0.80, 14.90, -8.00, 2.0],
    [11.90, 8.50, 7.95, 12.00, -0.80, 11.20, -9.50, 2.0],  # forehead
    [8.90, 9.00, 8.10, 9.10, -0.60, 8.00, -9.70, 2.0],  # brows
    [6.00, 8.90, 7.85, 6.20, -0.30, 5.20, -9.20, 2.0],  # eyes
    [3.34, 8.90, 7.45, 3.72, 0.10, 2.97, -8.10, 2.0],  # nose
    [0.99, 8.85, 6.75, 1.56, 0.60, 0.90, -6.80, 2.0],  # mouth
    [-0.75, 8.65, 5.85, 0.05, 0.90, -0.60, -5.80, 1.9],
    [-2.11, 8.35, 4.95, -0.89, 0.80, -1.92, -5.00, 1.7],  # chin
    [-2.81, 7.65, 4.25, -1.54, 0.40, -2.86, -4.50, 1.6],
    [-2.91, 6.20, 3.70, -2.20, -0.10, -3.61, -4.20, 1.6],  # under the chin
    [-3.20, 4.00, 2.95, -3.20, -0.50, -4.60, -3.80, 1.8],
    [-5.20, 2.25, 2.55, -5.20, -0.80, -6.10, -3.55, 2.0],  # neck
    [-8.60, 1.95, 2.75, -7.90, -1.10, -8.60, -3.80, 2.0],
    [-12.20, 3.30, 5.60, -10.60, -1.40, -11.60, -5.40, 2.0],  # under the collar
])  # fmt: skip
LAST = len(LOOPS) - 1
EYE_LEVEL = 5.6
CHIN_LOOPS = slice(8, 12)


class Surface:
    """The head of one person; every method takes arrays that broadcast."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.loops = _shaped(params)
        self._v = np.linspace(0, LAST, 401)
        self._theta = np.linspace(-1.35, 1.35, 109)
        front = self.point(self._theta[None, :], self._v[:, None])
        self._front_y = front[..., 1]
        self._tabulate_depth(front)

    def base(self, theta: npt.ArrayLike, v: npt.ArrayLike) -> Points:
        """(…, 3): the loft without the bumps."""
        theta, v = np.broadcast_arrays(np.asarray(theta, float), np.asarray(v, float))
        loop = spline(np.arange(LAST + 1), self.loops, np.clip(v, 0, LAST))
        front_y, front_z, side_x, side_y, side_z, back_y, back_z, power = np.moveaxis(loop, -1, 0)
        sine, cosine = np.abs(np.sin(theta)), np.cos(theta)
        ahead = cosine > 0
        end_y, end_z = np.where(ahead, front_y, back_y), np.where(ahead, front_z, back_z)
        y = end_y + (side_y - end_y) * sine ** np.where(ahead, power, 2.0)
        return np.stack([side_x * np.sin(theta), y, side_z + (end_z - side_z) * np.abs(cosine)], -1)

    def point(self, theta: npt.ArrayLike, v: npt.ArrayLike) -> Points:
        """(…, 3): the skin."""
        out = self.base(theta, v)
        facing = smoothstep(0.0, 0.5, np.cos(np.broadcast_to(np.asarray(theta, float), out.shape[:-1])))
        out[..., 2] += facing * self.bumps(out[..., 0], out[..., 1])
        return out

    def bumps(self, x: Points, y: Points) -> Points:
        """How far nose, cheeks, sockets and lips stand out along +Z, cm."""
        p = self.params
        side = np.abs(x)
        tip = nose_level(p)
        above = np.where(y > tip, 1.35, 0.42)
        nose = 0.92 * p.nose_length * bell(y - tip, above) * bell(x, p.nose_width * (0.40 + 0.12 * bell(y - tip, 0.7)))
        nose += 0.18 * bell(side - 0.45 * p.nose_width, 0.3) * bell(y - tip + 0.1, 0.35)
        mouth = mouth_level(p)
        full = 0.4 + 0.9 * p.lip_fullness
        lips = 0.22 * full * bell(side, 1.1) * bell(y - mouth + 0.42, 0.32)
        lips += 0.16 * full * bell(side, 1.2) * bell(y - mouth - 0.36, 0.28)
        muzzle = 0.28 * bell(x, 2.0) * bell(y - mouth, 1.3)
        dent = -0.16 * bell(x, 1.2) * bell(y - mouth + 1.35, 0.4)
        socket = -0.45 * bell(side - 2.9, 1.6) * bell(y - EYE_LEVEL - 0.2, 1.6)
        cheek = (0.15 + 0.45 * p.cheek_fullness) * bell(side - 4.0, 1.7) * bell(y - 1.9, 1.7)
        return np.asarray(nose + lips + muzzle + dent + socket + cheek)

    def normal(self, theta: npt.ArrayLike, v: npt.ArrayLike) -> Points:
        """Unit normals of the loft alone: cel shading wants the form of the head, not of every bump."""
        across, step = 0.06, 0.35  # wide, so that no wave of the loft shows
        turn, place = np.asarray(theta, float), np.clip(np.asarray(v, float), 0.36, LAST - 0.36)
        along = self.base(turn + across, place) - self.base(turn - across, place)
        down = self.base(turn, place + step) - self.base(turn, place - step)
        return unit(np.cross(down, along))

    def v_at(self, theta: npt.ArrayLike, y: npt.ArrayLike) -> Points:
        """The `v` at which the front of the head at `theta` has height `y` (crown to chin)."""
        theta, y = np.broadcast_arrays(np.asarray(theta, float), np.asarray(y, float))
        theta_flat, y_flat = theta.ravel(), y.ravel()
        place = np.interp(theta_flat, self._theta, np.arange(len(self._theta)))
        left = np.minimum(place.astype(int), len(self._theta) - 2)
        part = place - left
        out = np.empty(len(theta_flat))
        chin = int(np.searchsorted(self._v, 10.4))
        heights = -self._front_y[:chin]
        for k, (column, share, height) in enumerate(zip(left, part, y_flat, strict=True)):
            profile = heights[:, column] * (1 - share) + heights[:, column + 1] * share
            out[k] = np.interp(-height, profile, self._v[:chin])
        return out.reshape(theta.shape)

    def theta_at(self, x: npt.ArrayLike, y: float) -> Points:
        """The `theta` at which the front of the head at height `y` has the given x."""
        v = self.v_at(self._theta, y)
        return np.asarray(np.interp(np.asarray(x, float), self.point(self._theta, v)[:, 0], self._theta))

    def at(self, x: npt.ArrayLike, y: npt.ArrayLike, out: npt.ArrayLike = 0.0) -> Points:
        """(…, 3): the point of the face seen in front at x, y, lifted `out` cm along the normal of the form."""
        x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        place = np.stack([x, y, self.depth(x, y)], -1)
        return np.asarray(place + self.facing(x, y) * np.asarray(out, float)[..., None])

    def facing(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Points:
        """(…, 3): unit normals of the visible face at x, y, from its depth."""
        x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        step = 0.25
        across = (self.smooth_depth(x + step, y) - self.smooth_depth(x - step, y)) / (2 * step)
        up = (self.smooth_depth(x, y + step) - self.smooth_depth(x, y - step)) / (2 * step)
        return unit(np.stack([-across, -up, np.ones_like(across)], -1))

    def depth(self, x: Points | float, y: Points | float) -> Points:
        """z of the face seen in front at x, y; beyond its outline the nearest that is."""
        x, y = np.asarray(x, float), np.asarray(y, float)
        return np.asarray(self.smooth_depth(x, y) + self.bumps(x, y))

    def smooth_depth(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Points:
        """`depth` without the bumps."""
        column = np.clip((np.asarray(x, float) + 7.5) / 0.1, 0, 149.999)
        row = np.clip((np.asarray(y, float) + 4.5) / 0.1, 0, 199.999)
        c, r = column.astype(int), row.astype(int)
        fc, fr = column - c, row - r
        d = self._depth
        top = d[r, c] * (1 - fc) + d[r, c + 1] * fc
        below = d[r + 1, c] * (1 - fc) + d[r + 1, c + 1] * fc
        return np.asarray(top * (1 - fr) + below * fr)

    def _tabulate_depth(self, front: Points) -> None:
        xs, ys = np.linspace(-7.5, 7.5, 151), np.linspace(-4.5, 15.5, 201)
        chin = int(np.searchsorted(self._v, 10.6))
        base = self.base(self._theta[None, :], self._v[:chin, None])
        by_height = np.empty((len(ys), len(self._theta), 2))
        for column in range(len(self._theta)):
            for k, axis in enumerate((0, 2)):
                by_height[:, column, k] = np.interp(-ys, -base[:, column, 1], base[:, column, axis])
        self._depth = np.stack([np.interp(xs, row[:, 0], row[:, 1]) for row in by_height])


def nose_level(p: Params) -> float:
    """Height of the tip of the nose, cm."""
    return EYE_LEVEL - (2.98 - p.nose_level) * p.face_length


def mouth_level(p: Params) -> float:
    """Height of the closed lips' line, cm."""
    return EYE_LEVEL - (5.40 - p.mouth_level) * p.face_length


def lip_line(p: Params, x: Points) -> Points:
    """Height of the closed lips at x, cm."""
    t = np.abs(x) / mouth_half(p)
    bow = 0.24 * p.mouth_curve * np.minimum(t, 1.4) ** 2
    return np.asarray(mouth_level(p) + bow - 0.015 * bell(x, 0.32))


def mouth_half(p: Params) -> float:
    """Half the width of the mouth at rest, cm."""
    return 1.42 * p.mouth_width


def _shaped(p: Params) -> Points:
    """The table with the person's own proportions."""
    loops = LOOPS.copy()
    face = slice(6, 13)
    for column in (0, 3):
        loops[face, column] = EYE_LEVEL + (loops[face, column] - EYE_LEVEL) * p.face_length
    loops[3:9, 2] *= p.face_width
    loops[7:12, 2] *= 1 + (p.jaw_width - 1) * np.array([0.5, 0.9, 1, 1, 0.6])
    loops[5:9, 2] += (p.cheek_fullness - 0.5) * np.array([0.1, 0.45, 0.55, 0.3])
    loops[12:15, 2] *= 1 + p.frame * np.array([0.08, 0.24, 0.20])
    loops[CHIN_LOOPS, 7] += 0.35 - 0.6 * p.chin_point
    return loops
