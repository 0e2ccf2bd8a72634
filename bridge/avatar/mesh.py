"""Pieces of mesh and the few operations that shape them. Lengths in metres unless a name says cm."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


@dataclass(slots=True)
class Part:
    """A piece of one material.

    positions, normals (n, 3); uvs (n, 2), v downwards; triangles (m, 3), counter-clockwise from outside; skin maps a
    joint's name to (n,) weights; morphs maps a curve's name to (n, 3) displacements.
    """

    material: str
    positions: Points
    triangles: Indices
    normals: Points
    uvs: Points
    skin: dict[str, Points] = field(default_factory=dict)
    morphs: dict[str, Points] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.positions)


def merge(parts: list[Part]) -> Part:
    """One part from several of the same material; joints and curves that a part lacks count as 0 there."""
    starts = np.cumsum([0, *(len(part) for part in parts)])
    total = int(starts[-1])

    def gather(maps: list[dict[str, Points]], width: tuple[int, ...]) -> dict[str, Points]:
        out: dict[str, Points] = {}
        for start, values in zip(starts, maps, strict=False):
            for name, value in values.items():
                whole = out.setdefault(name, np.zeros((total, *width)))
                whole[start : start + len(value)] = value
        return out

    return Part(
        parts[0].material,
        np.concatenate([part.positions for part in parts]),
        np.concatenate([part.triangles + start for part, start in zip(parts, starts, strict=False)]),
        np.concatenate([part.normals for part in parts]),
        np.concatenate([part.uvs for part in parts]),
        gather([part.skin for part in parts], ()),
        gather([part.morphs for part in parts], (3,)),
    )


def smoothstep(low: float, high: float, x: npt.ArrayLike) -> Points:
    """0 below `low`, 1 above `high`, smooth between; `low` may be the greater one, which turns it round."""
    t = np.clip((np.asarray(x, float) - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def bell(x: npt.ArrayLike, width: float | Points) -> Points:
    """A Gaussian of height 1 and standard deviation `width`."""
    return np.asarray(np.exp(-0.5 * (np.asarray(x, float) / width) ** 2))


def spline(knots: npt.ArrayLike, values: npt.ArrayLike, at: npt.ArrayLike) -> Points:
    """Natural cubic spline through `values` (k, …) at increasing `knots` (k,), evaluated at `at` (any shape)."""
    x, y, q = np.asarray(knots, float), np.asarray(values, float), np.asarray(at, float)
    h = np.diff(x)
    n = len(x)
    system = np.eye(n)
    right = np.zeros_like(y)
    slope = np.diff(y, axis=0) / h.reshape(-1, *[1] * (y.ndim - 1))
    for i in range(1, n - 1):
        system[i, i - 1 : i + 2] = h[i - 1], 2 * (h[i - 1] + h[i]), h[i]
        right[i] = 6 * (slope[i] - slope[i - 1])
    bend = np.linalg.solve(system, right.reshape(n, -1)).reshape(y.shape)
    k = np.clip(np.searchsorted(x, q, "right") - 1, 0, n - 2)
    expand = (..., *[None] * (y.ndim - 1))
    a, b, step = (x[k + 1] - q)[expand], (q - x[k])[expand], h[k][expand]
    return np.asarray(
        (bend[k] * a**3 + bend[k + 1] * b**3) / (6 * step)
        + (y[k] / step - bend[k] * step / 6) * a
        + (y[k + 1] / step - bend[k + 1] * step / 6) * b
    )


def grid_triangles(rows: int, columns: int, closed: bool = False) -> Indices:
    """Two triangles a cell of a row-major grid whose rows run down and whose columns run to the viewer's right, seen
    from outside; `closed` joins the last column to the first."""
    across = columns if closed else columns - 1
    r, c = np.meshgrid(np.arange(rows - 1), np.arange(across), indexing="ij")
    right = (c + 1) % columns
    a, b, below, d = r * columns + c, r * columns + right, (r + 1) * columns + c, (r + 1) * columns + right
    return np.stack([np.stack([a, below, b], -1), np.stack([b, below, d], -1)], 2).reshape(-1, 3)


def vertex_normals(positions: Points, triangles: Indices) -> Points:
    """Unit normals (n, 3), weighted by area; +Z where no triangle has an area."""
    a, b, c = (positions[triangles[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    out = np.zeros_like(positions)
    for k in range(3):
        np.add.at(out, triangles[:, k], face)
    return unit(out)


def unit(v: Points) -> Points:
    """Vectors of length 1; +Z in place of those of no length."""
    length = np.linalg.norm(v, axis=-1, keepdims=True)
    return np.where(length > 1e-12, v / np.maximum(length, 1e-12), np.array([0.0, 0.0, 1.0]))


def sheet(material: str, points: Points, uv: Points | None = None, closed: bool = False) -> Part:
    """A part from a grid of points (rows, columns, 3). uv (rows, columns, 2) defaults to columns and rows in 0..1.

    A closed sheet repeats its first column at the end so that its texture can run round; normals meet there.
    """
    if closed:
        points = np.concatenate([points, points[:, :1]], 1)
    rows, columns = points.shape[:2]
    flat = points.reshape(-1, 3)
    triangles = grid_triangles(rows, columns)
    normals = vertex_normals(flat, triangles)
    if closed:
        shaped = normals.reshape(rows, columns, 3)
        shaped[:, 0] = shaped[:, -1] = unit(shaped[:, 0] + shaped[:, -1])
    if uv is None:
        uv = np.stack(np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows)), -1)
    return Part(material, flat, triangles, normals, uv.reshape(-1, 2).astype(float))


def mirrored(part: Part, rename: Callable[[str], str]) -> Part:
    """The part on the other side of x = 0; `rename` swaps left and right in the names of joints and curves."""
    flip = np.array([-1.0, 1.0, 1.0])
    return Part(
        part.material,
        part.positions * flip,
        part.triangles[:, ::-1].copy(),
        part.normals * flip,
        part.uvs.copy(),
        {rename(name): value for name, value in part.skin.items()},
        {rename(name): value * flip for name, value in part.morphs.items()},
    )


def other_side(name: str) -> str:
    """The mirrored name of a joint or curve: left and right change places, other names stay."""
    for a, b in (("left", "right"), ("Left", "Right")):
        if a in name:
            return name.replace(a, b)
        if b in name:
            return name.replace(b, a)
    return name
