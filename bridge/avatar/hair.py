"""Hair: a cap close to the skull, and locks that grow from its crown, lie on it, and fall. Centimetres, head space."""

from dataclasses import dataclass

import numpy as np

from bridge.avatar.mesh import Part, Points, bell, sheet, smoothstep, spline, unit
from bridge.avatar.params import Params
from bridge.avatar.surface import Surface

CROWN = np.array([0.0, 17.2, -2.6])


@dataclass(frozen=True, slots=True)
class Lock:
    """One tapered lock: knots of its middle line from root to tip, outward directions there, half widths, thickness.

    bones: the chain that swings it, from `free` (share of its length) on.
    """

    path: Points
    out: Points
    width: Points
    thick: float
    chain: str = ""
    free: float = 1.0


def lock_part(lock: Lock, rows: int = 18) -> Part:
    """A leaf-shaped solid: rounded outside, flat inside, closed at the tip."""
    knots = np.linspace(0, 1, len(lock.path))
    s = np.linspace(0, 1, rows)
    line = spline(knots, lock.path, s)
    out = unit(spline(knots, lock.out, s))
    width = np.maximum(spline(np.linspace(0, 1, len(lock.width)), lock.width, s), 0.0)
    along = unit(np.gradient(line, axis=0))
    across = unit(np.cross(along, out))
    out = unit(np.cross(across, along))
    profile = np.array([-1, -0.72, -0.36, 0, 0.36, 0.72, 1])
    bulge = lock.thick * (1 - profile**2)
    droop = -0.22 * profile**2
    body = width / max(float(width.max()), 1e-6)
    points = (line[:, None] + across[:, None] * (width[:, None] * profile)[..., None]
              + out[:, None] * ((bulge * body[:, None]) + droop * width[:, None])[..., None])
    part = sheet("Hair", points, np.stack(np.meshgrid((profile + 1) / 2, s), -1))
    return part


@dataclass(frozen=True, slots=True)
class Row:
    """A fan of locks from crown to tips.

    angles: where each leaves the skull, radians from the front; leave: the `v` at which it does; lift: cm above the
    skull; falls: cm each hangs on; drift: sideways (outward), ahead; width: greatest half width; chains: names of the
    chains that swing it, nearest first by angle.
    """

    angles: Points
    leave: Points
    lift: float
    falls: Points
    spread: Points
    ahead: Points
    width: float
    thick: float
    chains: str = ""


def cap(surface: Surface, p: Params, chopped: bool) -> Part:
    """The shell under the locks, so that no skin shows between them."""
    theta = np.linspace(-np.pi, np.pi, 65)
    front = smoothstep(0.35, -0.25, np.cos(theta))
    hem = 2.7 + 1.9 * smoothstep(0.75, 0.2, np.cos(theta)) + (3.4 if not chopped else 2.9) * front
    down = np.linspace(0.02, 1, 22)[:, None]
    v = down * hem
    lift = (0.45 + 0.55 * p.hair_volume) * np.sin(np.pi * np.clip(0.25 + 0.75 * down, 0, 1) * 0.93) + 0.25
    points = surface.base(theta, v) + surface.normal(theta, v) * (lift * np.ones_like(theta))[..., None]
    uv = np.stack(np.broadcast_arrays(theta * 2.2 / np.pi % 1, scalp_v(points)), -1)
    uv[..., 0] = 0.5 + 0.5 * np.sin(theta * 3)
    part = sheet("Hair", points, uv)
    part.normals = surface.normal(theta, v).reshape(-1, 3)
    return part


def scalp_v(points: Points) -> Points:
    """The picture's v on the skull: 0 at the crown, 0.4 about 17 cm down."""
    return np.asarray(np.clip(np.linalg.norm(points - CROWN, axis=-1) / 17.0, 0, 1) * 0.4)


def grow(surface: Surface, p: Params, row: Row, layer: float) -> list[Part]:
    """The locks of a row, with the weights of their chains."""
    out = []
    for k, angle in enumerate(row.angles):
        scalp_v_steps = np.linspace(0.25, row.leave[k], 6)
        turn = angle * np.linspace(0.75, 1.0, 6)
        lift = row.lift * np.sin(np.linspace(0.35, 1.15, 6) * np.pi / 2)[:, None]
        on_skull = surface.base(turn, scalp_v_steps) + surface.normal(turn, scalp_v_steps) * lift
        outward = surface.normal(turn, scalp_v_steps)
        start = on_skull[-1]
        side = np.sign(np.sin(angle)) if abs(np.sin(angle)) > 1e-3 else 0.0
        steps = np.linspace(0, 1, 7)[1:, None]
        wave = p.hair_wave * np.sin(steps * np.pi * 2.2 + 1.7 * k) * np.minimum(row.falls[k] * 0.045, 1.1) * steps
        hang = start + steps * [0, -row.falls[k], 0]
        hang[:, 0] += side * row.spread[k] * np.sin(steps[:, 0] * np.pi * 0.55) + wave[:, 0]
        hang[:, 2] += row.ahead[k] * steps[:, 0] ** 1.3 + 0.6 * wave[:, 0] * np.sign(np.cos(angle))
        flat = unit(outward[-1] * [1, 0.0, 1])
        path = np.concatenate([on_skull, hang])
        outs = np.concatenate([outward, np.repeat(flat[None], 6, 0)])
        width = row.width * np.array([0.35, 0.8, 1.0, 1.0, 0.95, 0.8, 0.5, 0.0])
        out.append(_swinging(lock_part(Lock(path, outs, width, row.thick)), path, row))
    return out


def _swinging(part: Part, path: Points, row: Row) -> Part:
    part.skin = {"head": np.ones(len(part))}
    on_scalp = scalp_v(part.positions)
    s = part.uvs[:, 1]
    part.uvs[:, 1] = np.where(s < 0.45, on_scalp, np.maximum(on_scalp, 0.4) + (s - 0.45) / 0.55 * 0.6).clip(0, 0.99)
    return part


def hair_parts(p: Params, surface: Surface) -> list[Part]:
    """All of the hair, in the head's space."""
    big = 0.9 + 0.6 * p.hair_volume
    back = np.radians(np.linspace(78, 282, 17))
    n = len(back)
    flank = np.abs(np.sin(back))
    length = 34 * p.hair_length
    rows = [
        Row(back, np.full(n, 5.6), 0.9 * big, length * (0.82 + 0.12 * np.cos(np.arange(n) * 2.4)), 1.5 * flank,
            -2.5 - 4.0 * flank, 2.0, 0.9),
        Row(np.radians(np.linspace(70, 290, 13)), np.full(13, 4.6), 1.35 * big, length * (0.55 + 0.1 * np.sin(np.arange(13) * 1.9)),
            2.2 * np.abs(np.sin(np.linspace(1.2, 5.06, 13))), np.full(13, -2.0), 2.4, 1.0),
        Row(np.radians([62, -62, 74, -74]), np.array([3.6, 3.6, 3.8, 3.8]), 1.3 * big, np.array([19, 19, 16, 16.0]) * p.hair_length,
            np.array([-0.6, -0.6, 0.3, 0.3]), np.array([3.5, 3.5, 1.0, 1.0]), 1.35, 0.7),
        Row(np.radians([-50, -37, -24, -11, 2, 15, 28, 41, 53]), np.array([3.0, 2.9, 2.8, 2.75, 2.7, 2.75, 2.8, 2.9, 3.0]), 1.25 * big,
            np.array([7.0, 5.0, 4.0, 4.6, 3.6, 4.6, 4.0, 5.0, 7.0]), np.array([0.6, 0.3, 0.3, 0.2, 0.3, 0.2, 0.3, 0.3, 0.6]),
            np.full(9, 0.4), 1.7, 0.8),
    ]
    parts = [cap(surface, p, chopped=False)]
    parts[0].skin = {"head": np.ones(len(parts[0]))}
    for layer, row in enumerate(rows):
        parts += grow(surface, p, row, layer)
    return parts


_ = bell
