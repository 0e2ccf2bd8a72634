"""Clothes upon the torso: sailor collar, bow, waistband, hood, strings, pocket. Metres, as in `body`."""

import numpy as np

from bridge.avatar.body import (
    both,
    dyed,
    leg,
    leg_skin,
    rings,
    shorts,
    skirt,
    spine_skin,
    torso_ring,
    waistband,
)
from bridge.avatar.mesh import Part, Points, bell, sheet, smoothstep, spline, unit
from bridge.avatar.params import Params
from bridge.avatar.rig import Rig


def outfit_parts(p: Params, rig: Rig) -> list[Part]:
    """What is worn upon the shirt and below the waist."""
    return [*OUTFITS[p.outfit](p, rig), *LOWERS[p.lower](p, rig)]


def sailor(p: Params, rig: Rig) -> list[Part]:
    return [collar(p, rig), *collar_stripes(p, rig), *bow(p, rig, 1.187), throat(p, rig)]


def hoodie(p: Params, rig: Rig) -> list[Part]:
    return [hood(p, rig), *strings(p, rig), *hem(p, rig), pocket(p, rig), neckline(p, rig)]


def blazer(p: Params, rig: Rig) -> list[Part]:
    return [jacket(p, rig), *lapels(p, rig), *tie(p, rig), neckline(p, rig)]


def skirt_and_legs(p: Params, rig: Rig) -> list[Part]:
    return [shorts(p, rig), skirt(p, rig), waistband(p, rig), *both([leg(p, rig)])]


def draped(p: Params, rig: Rig, y: Points, angle: Points, out: float | Points, colour: str) -> Part:
    """A sheet that lies `out` metres above the blouse at heights y and angles (rows, columns)."""
    part = sheet("Cloth", torso_ring(p, y, angle, out))
    part.skin = spine_skin(rig, part.positions)
    return dyed(part, colour)


# ---- sailor ----

COLLAR_TOP, COLLAR_FRONT, COLLAR_BACK = 1.326, 1.205, 1.165


def collar_edge(angle: Points) -> Points:
    """Height of the collar's lower edge: a V in front, over the shoulders, square behind."""
    turn = np.abs(angle)
    front = COLLAR_FRONT - 0.02 + 0.088 * np.clip(turn / 1.25, 0, 1) ** 0.9
    return np.where(turn < 1.9, front, front + (COLLAR_BACK - front) * smoothstep(1.95, 2.12, turn))


def collar_top(angle: Points) -> Points:
    """Height of the collar's upper edge: at the neck, and down to a point in front."""
    return COLLAR_TOP - (COLLAR_TOP - COLLAR_FRONT) * smoothstep(0.62, 0.0, np.abs(angle)) ** 0.8


def collar_grid(low: float, high: float, rows: int) -> tuple[Points, Points]:
    """y, angle between two shares of the way from neck to edge."""
    place = np.linspace(-1, 1, 97)
    angle = np.pi * np.sign(place) * np.abs(place) ** 1.6  # finer in front, where the edges bend
    top = collar_top(angle)
    share = np.linspace(low, high, rows)[:, None]
    return top + (collar_edge(angle) - top) * share, np.broadcast_to(angle, (rows, len(angle)))


def collar(p: Params, rig: Rig) -> Part:
    y, angle = collar_grid(0, 1, 12)
    return draped(p, rig, y, angle, 0.007, "skirt")


def throat(p: Params, rig: Rig) -> Part:
    """The skin that the open collar shows."""
    angle = np.broadcast_to(np.linspace(-0.68, 0.68, 33), (10, 33))
    low = np.maximum(collar_top(angle) - 0.008, COLLAR_FRONT + 0.012)
    part = draped(p, rig, 1.327 + (low - 1.327) * np.linspace(0, 1, 10)[:, None], angle, 0.0025, "top")
    part.material, part.uvs = "Body", np.full((len(part), 2), 0.02)
    return part


def collar_stripes(p: Params, rig: Rig) -> list[Part]:
    """Two light lines along the collar's edge."""
    return [draped(p, rig, *collar_grid(low, low + 0.055, 2), 0.0095, "trim") for low in (0.72, 0.85)]


def neckline(p: Params, rig: Rig) -> Part:
    """The rolled rim at the neck."""
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    loops = [
        torso_ring(p, y, angle, out) for y, out in ((1.312, 0.003), (1.322, 0.005), (1.330, 0.002), (1.325, -0.006))
    ]
    part = sheet("Cloth", np.stack(loops)[::-1], closed=True)
    part.skin = spine_skin(rig, part.positions)
    return dyed(part, "top")


def bow(p: Params, rig: Rig, y: float) -> list[Part]:
    """Two loops, a knot and two tails where the collar meets."""
    middle = torso_ring(p, y, 0.0, 0.016)
    pieces = [ribbon_loop(middle, 1.0, p.height), ribbon_loop(middle, -1.0, p.height), knot(middle, p.height)]
    pieces += [ribbon_tail(p, middle, sign) for sign in (1.0, -1.0)]
    for piece in pieces:
        piece.skin = {"upperChest": np.ones(len(piece))}
    return [dyed(piece, "accent") for piece in pieces]


def ribbon_loop(middle: Points, sign: float, size: float) -> Part:
    """One plump loop, widest near its end and pinched at the knot."""
    knots = np.array([0.0, 0.08, 0.25, 0.5, 0.75, 0.92, 1.0])
    s = np.sin(np.linspace(0, np.pi / 2, 15))
    tall = spline(knots, np.array([0.006, 0.010, 0.019, 0.026, 0.028, 0.021, 0.002]), s) * size
    deep = spline(knots, np.array([0.004, 0.007, 0.011, 0.013, 0.012, 0.008, 0.001]), s) * size
    x = sign * s * 0.062 * size
    centres = middle + np.stack([x, 0.016 * s * size, 0.004 * np.sin(np.pi * s) * size - 0.012 * s**2 * size], -1)
    return rings("Cloth", centres, tall[:, None] * [0, -sign, 0], deep[:, None] * [0, 0, -1])


def knot(middle: Points, size: float) -> Part:
    turn = np.linspace(0.02, np.pi - 0.02, 9)
    centres = middle + np.stack([0 * turn, 0.013 * np.cos(turn), 0 * turn + 0.004], -1) * size
    radius = 0.010 * np.sin(turn)[:, None] * size
    return rings("Cloth", centres, radius * [0, 0, 1], radius * [1.05, 0, 0], 16)


def ribbon_tail(p: Params, middle: Points, sign: float) -> Part:
    """A flat end of the ribbon with a slanted cut."""
    s, across = np.linspace(0, 1, 8)[:, None], np.linspace(-1, 1, 5)[None, :]
    width = 0.006 + 0.011 * s
    x = sign * (0.004 + 0.030 * s) + width * across
    y = -0.085 * s - 0.012 * s * across * sign
    depth = torso_ring(p, middle[1] / p.height + y, np.arcsin(np.clip(x / 0.13, -1, 1)), 0.006)[..., 2] / p.height
    z = np.maximum(depth - middle[2] / p.height, -0.02) + 0.003 * np.cos(across * 3)
    return sheet("Cloth", middle + np.stack(np.broadcast_arrays(x, y, z), -1) * p.height)


# ---- hoodie ----


def hood(p: Params, rig: Rig) -> Part:
    """A thick roll about the neck that widens into a pouch behind."""
    turn = np.linspace(-np.pi, np.pi, 65)
    tube = np.linspace(0, 2 * np.pi, 17)
    behind = smoothstep(0.9, 2.6, np.abs(turn))
    y = 1.292 + 0.028 * behind - 0.052 * smoothstep(1.3, 0.0, np.abs(turn))
    thick = 0.015 + 0.022 * behind
    core = torso_ring(p, np.minimum(y, 1.305), turn, 0.004) / p.height
    core[:, 1] = y
    core[:, 2] -= 0.012 * behind
    outward = unit(core * [1, 0, 1])
    ring = core[None] + (np.cos(tube)[:, None] * thick)[..., None] * outward
    ring = ring + (np.sin(tube)[:, None] * thick * (1 + 0.4 * behind))[..., None] * [0, 1, 0]
    part = sheet("Cloth", ring[::-1] * p.height)
    part.skin = spine_skin(rig, part.positions)
    return dyed(part, "top")


def strings(p: Params, rig: Rig) -> list[Part]:
    out = []
    for sign in (1.0, -1.0):
        s = np.linspace(0, 1, 10)
        y = 1.225 - 0.085 * s
        centres = torso_ring(p, y, sign * (0.30 + 0.04 * s), 0.012)
        radius = np.where(s > 0.85, 0.0042, 0.0026)[:, None] * p.height
        piece = rings("Cloth", centres, radius * [0, 0, 1], radius * [1, 0, 0], 8)
        piece.skin = spine_skin(rig, piece.positions)
        out.append(dyed(piece, "accent"))
    return out


def hem(p: Params, rig: Rig) -> list[Part]:
    """The loose end of the hoodie over the skirt's waist, and its ribbed band."""
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    out = []
    for colour, profile in (
        ("top", ((1.10, 0.002), (1.06, 0.010), (1.02, 0.016), (0.98, 0.020), (0.955, 0.019))),
        ("skirt", ((0.957, 0.019), (0.955, 0.022), (0.925, 0.021), (0.920, 0.016), (0.925, 0.010))),
    ):
        part = sheet("Cloth", np.stack([torso_ring(p, y, angle, reach) for y, reach in profile]), closed=True)
        part.skin = spine_skin(rig, part.positions)
        out.append(dyed(part, colour))
    return out


def pocket(p: Params, rig: Rig) -> Part:
    """The pouch in front: an outline in the blouse's colour shows its upper and slanted sides."""
    y, share = np.meshgrid(np.linspace(1.050, 0.965, 8), np.linspace(-1, 1, 17), indexing="ij")
    reach = 0.55 + 0.30 * smoothstep(1.050, 1.0, y)
    return draped(p, rig, y, share * reach, 0.026, "top")


# ---- blazer ----

JACKET_TOP, JACKET_BUTTON, JACKET_HEM = 1.314, 1.085, 0.905


def jacket_edge(y: Points) -> Points:
    """Angle of the jacket's edge in front: open to the button, shut there, cut away below."""
    return np.asarray(0.70 * smoothstep(JACKET_BUTTON, JACKET_TOP - 0.01, y) ** 0.8 + 0.20 * smoothstep(1.0, 0.90, y))


def jacket_out(y: Points) -> Points:
    """How far it stands off the shirt: close at the neck, over the trousers at the hem, metres."""
    return np.asarray(0.007 + 0.022 * smoothstep(1.05, 0.91, y))


def jacket(p: Params, rig: Rig) -> Part:
    y = np.linspace(JACKET_TOP, JACKET_HEM, 30)[:, None]
    edge = jacket_edge(y)
    angle = edge + (2 * np.pi - 2 * edge) * np.linspace(0, 1, 65)
    return draped(p, rig, y, angle, jacket_out(y), "skirt")


def lapels(p: Params, rig: Rig) -> list[Part]:
    """The turned edges with their notch, and two buttons."""
    y = np.linspace(JACKET_TOP - 0.004, JACKET_BUTTON + 0.004, 24)[:, None]
    down = (JACKET_TOP - y) / (JACKET_TOP - JACKET_BUTTON)
    wide = 0.36 * np.clip(1 - down, 0, 1) ** 0.6 - 0.12 * bell(down - 0.24, 0.035)
    out = []
    for sign in (1.0, -1.0):
        share = np.linspace(0, 1, 7) if sign > 0 else np.linspace(1, 0, 7)
        angle = sign * (jacket_edge(y) - 0.015 + wide * share)
        part = sheet("Cloth", torso_ring(p, y, angle, jacket_out(y) + 0.005))
        part.skin = spine_skin(rig, part.positions)
        part.uvs[:, 1] = 0.9
        out.append(dyed(part, "skirt"))
    for height in (JACKET_BUTTON - 0.012, JACKET_BUTTON - 0.062):
        button = knot(torso_ring(p, height, 0.06, jacket_out(np.array(height)) - 0.002), 0.5 * p.height)
        button.skin = spine_skin(rig, button.positions)
        out.append(dyed(button, "trim"))
    return out


def tie(p: Params, rig: Rig) -> list[Part]:
    """A knot at the collar, and a blade that narrows upwards and vanishes in the jacket."""
    y, across = np.meshgrid(np.linspace(1.296, 1.075, 16), np.linspace(-1, 1, 7), indexing="ij")
    blade = draped(p, rig, y, across * (0.10 + 0.16 * smoothstep(1.296, 1.12, y)), 0.0045, "accent")
    high = torso_ring(p, 1.296, 0.0, 0.004)
    top = knot(high, 1.05 * p.height)
    top.skin = spine_skin(rig, top.positions)
    return [blade, dyed(top, "accent")]


# ---- trousers ----


def trousers(p: Params, rig: Rig) -> list[Part]:
    """Hips and two straight legs down to the shoes."""
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    profile = ((1.01, 0.002), (0.99, 0.006), (0.95, 0.011), (0.90, 0.019), (0.86, 0.026), (0.83, 0.027), (0.800, 0.022),
               (0.788, 0.002), (0.780, -0.03))  # fmt: skip
    wide = 0.15 + 0.85 * np.sin(angle) ** 2  # at the sides, where the legs are
    loops = [torso_ring(p, y, angle, np.where(reach > 0, reach * wide, reach)) for y, reach in profile]
    loops.append(loops[-1] * [0.02, 1, 0.02])
    seat = sheet("Cloth", np.stack(loops), closed=True)
    x, low = seat.positions[:, 0] / p.height, smoothstep(0.92, 0.80, seat.positions[:, 1] / p.height)
    left, right = 0.6 * low * smoothstep(-0.05, 0.05, x), 0.6 * low * smoothstep(0.05, -0.05, x)
    seat.skin = {"leftUpperLeg": left, "rightUpperLeg": right, "hips": 1 - left - right}
    return [dyed(seat, "skirt"), waistband(p, rig), *both([trouser_leg(p, rig)])]


def trouser_leg(p: Params, rig: Rig) -> Part:
    hip, knee, ankle = (rig.place(f"left{name}") for name in ("UpperLeg", "LowerLeg", "Foot"))
    knots = np.array([-0.06, 0.00, 0.06, 0.12, 0.20, 0.32, 0.45, 0.55, 0.80, 0.97, 1.0, 0.99])
    radius = np.array([0.042, 0.062, 0.075, 0.080, 0.077, 0.068, 0.060, 0.057, 0.053, 0.053, 0.052, 0.040])
    centres = hip + (ankle - hip) * knots[:, None] - [0.004, 0, 0]
    r = radius[:, None] * p.leg_thickness * p.height
    part = rings("Cloth", centres, r * [0, 0, 1.06], r * [1, 0, 0])
    part.skin = leg_skin(part.positions, hip[1], knee[1], ankle[1])
    return dyed(part, "skirt")


OUTFITS = {"sailor": sailor, "hoodie": hoodie, "blazer": blazer}
LOWERS = {"skirt": skirt_and_legs, "trousers": trousers}
