"""A dressed body: torso, sleeves, skirt, legs, shoes, hands. Metres, in the model's space, all sizes for 1.6 m."""

import numpy as np
import numpy.typing as npt

from bridge.avatar.fabric import cloth_uv
from bridge.avatar.mesh import Part, Points, bell, merge, mirrored, other_side, sheet, smoothstep, spline
from bridge.avatar.params import Params
from bridge.avatar.rig import FINGER_TABLE, Rig, segments
from bridge.avatar.textures import NAIL_PLACE

AROUND = 26
"""Columns of a limb."""


def body_parts(p: Params, rig: Rig) -> list[Part]:
    """Shirt, sleeves, hands and shoes, both sides; the outfit adds what is worn below the waist."""
    left = [sleeve(p, rig), cuff(p, rig), hand(rig), shoe(p, rig)]
    return [torso(p, rig), *both(left)]


def both(left: list[Part]) -> list[Part]:
    """The parts of the left side and their mirror images."""
    return [*left, *(mirrored(part, other_side) for part in left)]


def dyed(part: Part, name: str) -> Part:
    """Gives a part one colour of the sheet of cloths, from light at v = 0 to deep at v = 1."""
    part.uvs = cloth_uv(name, part.uvs)
    return part


def rings(material: str, centres: Points, across: Points, up: Points, columns: int = AROUND) -> Part:
    """A tube of closed loops: centres and each loop's two half-axes, (loops, 3); up x across points along the tube."""
    angle = np.linspace(0, 2 * np.pi, columns, endpoint=False)[:, None]
    points = centres[:, None] + across[:, None] * np.cos(angle) + up[:, None] * np.sin(angle)
    return sheet(material, points, closed=True)


def capped(centres: Points, across: Points, up: Points) -> tuple[Points, Points, Points]:
    """Closes the far end of a tube with a small loop."""
    return (
        np.concatenate([centres, centres[-1:]]),
        np.concatenate([across, across[-1:] * 1e-3]),
        np.concatenate([up, up[-1:] * 1e-3]),
    )


# ---- torso ----

# y, half width, depth in front, depth behind
TORSO = np.array([
    [0.800, 0.128, 0.078, 0.098],
    [0.845, 0.135, 0.084, 0.104],
    [0.900, 0.129, 0.082, 0.096],
    [0.960, 0.103, 0.074, 0.074],
    [1.020, 0.086, 0.070, 0.062],
    [1.080, 0.091, 0.075, 0.068],
    [1.140, 0.101, 0.080, 0.078],
    [1.190, 0.105, 0.080, 0.086],
    [1.240, 0.105, 0.072, 0.085],
    [1.276, 0.101, 0.058, 0.077],
    [1.303, 0.074, 0.045, 0.066],
    [1.318, 0.051, 0.036, 0.054],
    [1.331, 0.037, 0.030, 0.047],
])  # fmt: skip


def torso_ring(p: Params, y: npt.ArrayLike, angle: npt.ArrayLike, out: float | Points = 0.0) -> Points:
    """(…, 3): the blouse at height y (before the person's own height), `angle` from the front, + to the left."""
    y, angle = np.broadcast_arrays(np.asarray(y, float), np.asarray(angle, float))
    width, front, back = np.moveaxis(spline(TORSO[:, 0], TORSO[:, 1:], y), -1, 0)
    width = width * (1 + (p.waist - 1) * np.exp(-(((y - 1.02) / 0.07) ** 2)) + (p.hips - 1) * smoothstep(0.98, 0.88, y))
    width = width * (1 + (p.shoulder_width - 1) * smoothstep(1.1, 1.25, y))
    width = width * (1 + p.frame * (0.16 * bell(y - 1.03, 0.07) - 0.05 * smoothstep(0.95, 0.85, y)))
    width = width * (1 + p.frame * 0.10 * smoothstep(1.10, 1.20, y))
    x = (width + out) * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** 0.85
    z = np.cos(angle) * (np.where(np.cos(angle) > 0, front, back) + out)
    bust = np.exp(-(((y - 1.165) / 0.052) ** 2)) * (0.4 + 0.6 * smoothstep(1.08, 1.165, y))
    z = z + (0.012 + 0.034 * p.bust) * (1 - 0.9 * p.frame) * bust * np.exp(-(((np.abs(x) - 0.058) / 0.048) ** 2)) * (
        np.cos(angle) > 0
    )
    return np.stack([x, y, z], -1) * p.height


def torso(p: Params, rig: Rig) -> Part:
    """The blouse, down into the skirt."""
    return dyed(_shell(p, rig, 1.318, 0.945, 36), "blouse")


def shorts(p: Params, rig: Rig) -> Part:
    """What closes the body under the skirt."""
    return dyed(_shell(p, rig, 0.97, 0.80, 8), "skirt")


def _shell(p: Params, rig: Rig, top: float, bottom: float, rows: int) -> Part:
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    y = np.linspace(top, bottom, rows)
    points = torso_ring(p, y[:, None], angle)
    if bottom < 0.9:
        points = np.concatenate([points, points[-1:] * [0.02, 1, 0.02] - [0, 0.01, 0]])
    part = sheet("Cloth", points, closed=True)
    part.skin = spine_skin(rig, part.positions)
    return part


def spine_skin(rig: Rig, points: Points) -> dict[str, Points]:
    """Weights along the spine by height, with the shoulders taking a share at the sides."""
    names = ("hips", "spine", "chest", "upperChest", "neck")
    heights = [float(rig.place(name)[1]) for name in names]
    y = points[:, 1]
    reached = [np.ones(len(points))]
    reached += [smoothstep(h - 0.04, h + 0.04, y) for h in heights[1:4]] + [
        smoothstep(h - 0.01, h + 0.03, y) for h in heights[4:]
    ]
    out = {name: reached[k] * (1 - (reached[k + 1] if k + 1 < len(names) else 0)) for k, name in enumerate(names)}
    for side, sign in (("left", 1), ("right", -1)):
        share = (
            0.65
            * smoothstep(0.045, 0.12, sign * points[:, 0] / rig.params.height)
            * smoothstep(1.17, 1.27, y / rig.params.height)
        )
        for name in names:
            out[name] = out[name] * (1 - share)
        out[f"{side}Shoulder"] = share
    return out


SKIRT_TOP, SKIRT_LENGTH, PLEATS = 0.985, 0.335, 18


def skirt(p: Params, rig: Rig) -> Part:
    """A pleated skirt that follows hips and thighs."""
    angle = np.linspace(0, 2 * np.pi, PLEATS * 10, endpoint=False)
    down = np.linspace(0, 1, 12)[:, None]
    saw = (angle * PLEATS / (2 * np.pi)) % 1
    pleat = np.where(saw < 0.8, saw / 0.8, (1 - saw) / 0.2) - 0.5
    waist = torso_ring(p, SKIRT_TOP, angle, 0.006) / p.height
    flare = 1 + 0.92 * down**0.75 * (1 + 0.25 * (p.hips - 1)) + 0.12 * down**3
    radius = flare * (1 + 0.13 * pleat * smoothstep(0.02, 0.45, down))
    points = np.stack([waist[:, 0] * radius, SKIRT_TOP - SKIRT_LENGTH * down + 0 * angle, waist[:, 2] * radius], -1)
    part = sheet("Cloth", points * p.height, closed=True)
    loose = np.repeat(down[:, 0], len(angle) + 1)
    x = part.positions[:, 0] / p.height
    left = 0.85 * smoothstep(0.05, 0.7, loose) * smoothstep(-0.06, 0.06, x)
    right = 0.85 * smoothstep(0.05, 0.7, loose) * smoothstep(0.06, -0.06, x)
    part.skin = {"leftUpperLeg": left, "rightUpperLeg": right, "hips": 1 - left - right}
    part.uvs[:, 1] = 0.5 - 0.5 * np.tile(np.append(pleat, pleat[0]) * 2, len(down)) * smoothstep(0.02, 0.4, loose)
    return dyed(part, "skirt")


def waistband(p: Params, rig: Rig) -> Part:
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    loops = [
        torso_ring(p, y, angle, out) for y, out in ((1.012, 0.001), (1.010, 0.006), (0.988, 0.009), (0.980, 0.004))
    ]
    part = sheet("Cloth", np.stack(loops), closed=True)
    part.skin = spine_skin(rig, part.positions)
    return dyed(part, "skirt")


# ---- arms ----


def sleeve(p: Params, rig: Rig) -> Part:
    """From within the shoulder to the wrist, gathered at the cuff."""
    shoulder, elbow, wrist = (rig.place(f"left{name}") for name in ("UpperArm", "LowerArm", "Hand"))
    s = np.linspace(0, 1, 30) ** 1.3
    x = shoulder[0] - 0.042 + (wrist[0] - 0.018 - shoulder[0] + 0.042) * s
    knots = [0, 0.06, 0.14, 0.26, 0.5, 0.75, 0.9, 0.97, 1.0]
    radius = spline(knots, [0.022, 0.030, 0.0335, 0.0315, 0.028, 0.033, 0.041, 0.041, 0.027], s) * p.height
    radius = radius * (1 + 0.12 * p.frame)
    y = (
        shoulder[1]
        - (0.022 * smoothstep(0.16, 0.0, s) + 0.014 * smoothstep(0.45, 0.1, s)) * p.height
        - 0.008 * np.sin(np.pi * smoothstep(0.5, 1, s))
    )
    centres = np.stack([x, y, np.full_like(x, shoulder[2])], -1)
    tall = radius * (1 - 0.16 * smoothstep(0.3, 0.1, s))
    part = rings("Cloth", centres, radius[:, None] * [0, 0, 0.92], tall[:, None] * [0, 1, 0])
    part.skin = arm_skin(part.positions, shoulder[0], elbow[0], wrist[0])
    part.uvs[:, 1] = np.repeat(s, AROUND + 1)
    return dyed(part, "skirt" if p.outfit == "blazer" else "sleeve")


def arm_skin(points: Points, shoulder: float, elbow: float, wrist: float) -> dict[str, Points]:
    x = points[:, 0]
    upper, lower = smoothstep(shoulder - 0.06, shoulder + 0.04, x), smoothstep(elbow - 0.035, elbow + 0.035, x)
    hand = smoothstep(wrist - 0.02, wrist + 0.02, x)
    return {
        "leftShoulder": 1 - upper,
        "leftUpperArm": upper * (1 - lower),
        "leftLowerArm": lower * (1 - hand),
        "leftHand": lower * hand,
    }


def cuff(p: Params, rig: Rig) -> Part:
    shoulder, elbow, wrist = (rig.place(f"left{name}") for name in ("UpperArm", "LowerArm", "Hand"))
    x = wrist[0] + np.array([-0.030, -0.028, -0.008, 0.0, -0.004])
    radius = np.array([0.028, 0.034, 0.034, 0.032, 0.024]) * p.height
    centres = np.stack([x, np.full_like(x, shoulder[1]), np.full_like(x, shoulder[2])], -1)
    part = rings("Cloth", centres, radius[:, None] * [0, 0, 0.95], radius[:, None] * [0, 1, 0])
    part.skin = arm_skin(part.positions, shoulder[0], elbow[0], wrist[0])
    return dyed(part, "skirt")


def hand(rig: Rig) -> Part:
    """A palm, four fingers and a thumb, palm down."""
    size = rig.params.height
    wrist = rig.place("leftHand")
    x = np.array([-0.03, 0.0, 0.018, 0.04, 0.062, 0.080, 0.089])
    half = np.array([0.019, 0.020, 0.026, 0.034, 0.036, 0.035, 0.026])
    thick = np.array([0.016, 0.0155, 0.0155, 0.015, 0.0135, 0.012, 0.007])
    centres = wrist + np.stack([x, 0 * x, 0 * x], -1) * size
    palm = rings("Body", *capped(centres, half[:, None] * [0, 0, size], thick[:, None] * [0, size, 0]))
    near = smoothstep(wrist[0] - 0.02, wrist[0] + 0.01, palm.positions[:, 0])
    palm.skin = {"leftHand": near, "leftLowerArm": 1 - near}
    whole = merge([palm, *(finger(rig, name) for name in FINGER_TABLE)])
    whole.uvs = np.full((len(whole), 2), 0.02)
    return merge([whole, *(nail(rig, name) for name in FINGER_TABLE)])


def nail(rig: Rig, name: str) -> Part:
    """An oval on the back of a finger's tip, a hair above it."""
    size = rig.params.height
    tip = f"left{name}{segments(name)[2]}"
    _, direction, lengths = FINGER_TABLE[name]
    aim = np.array(direction) / np.linalg.norm(direction)
    radius = 0.70 * finger_radius(name) * size
    along, angle = np.meshgrid(np.linspace(-1, 1, 7), np.linspace(-0.85, 0.85, 7), indexing="ij")
    angle = angle * np.sqrt(np.clip(1 - 0.9 * along**2, 0, 1))
    place = lengths[2] * size * (0.66 + 0.24 * along)
    lift = radius * (1.04 - 0.10 * along) + 0.0003
    around = np.cross(aim, [0, 1, 0]) * np.sin(angle)[..., None] + np.array([0, 0.92, 0]) * np.cos(angle)[..., None]
    part = sheet("Body", rig.place(tip) + aim * place[..., None] + around * lift[..., None])
    part.triangles, part.normals = part.triangles[:, ::-1].copy(), -part.normals
    part.uvs = np.tile([NAIL_PLACE, 0.02], (len(part), 1))
    part.skin = {tip: np.ones(len(part))}
    return part


def finger_radius(name: str) -> float:
    """Metres, where a finger begins."""
    return {"Thumb": 0.0114, "Little": 0.0076}.get(name, 0.0088)


def finger(rig: Rig, name: str) -> Part:
    """A tapered tube round the three bones of a finger, with a round tip."""
    size = rig.params.height
    bones = [f"left{name}{segment}" for segment in segments(name)]
    _, direction, lengths = FINGER_TABLE[name]
    aim = np.array(direction) / np.linalg.norm(direction)
    total = sum(lengths) * size
    start = rig.place(bones[0])
    base = finger_radius(name) * size
    s = np.concatenate([np.linspace(-0.16, 0.86, 11), 0.86 + 0.14 * np.sin(np.linspace(0.2, np.pi / 2, 5))])
    joints = np.cumsum(lengths)[:2] / sum(lengths)
    radius = base * (1 - 0.32 * np.clip(s, 0, 1) + 0.07 * bell(s[:, None] - joints, 0.05).sum(1))
    radius[-5:] *= np.cos(np.linspace(0.2, np.pi / 2 - 0.02, 5))
    sideways = np.cross(aim, [0, 1, 0])
    centres = start + aim * (s[:, None] * total)
    part = rings("Body", centres, radius[:, None] * sideways, radius[:, None] * np.array([0, 0.92, 0]), 12)
    along = (part.positions - start) @ aim
    ends = np.cumsum(lengths)[:2] * size
    second, third = (smoothstep(end - 0.006, end + 0.006, along) for end in ends)
    first = smoothstep(-0.012, 0.004, along)
    part.skin = {
        "leftHand": 1 - first,
        bones[0]: first * (1 - second),
        bones[1]: second * (1 - third),
        bones[2]: second * third,
    }
    return part


# ---- legs ----


def leg(p: Params, rig: Rig) -> Part:
    """Thigh to ankle; the sock's edge is a line of the picture."""
    hip, knee, ankle = (rig.place(f"left{name}") for name in ("UpperLeg", "LowerLeg", "Foot"))
    s = np.array([-0.06, 0.05, 0.18, 0.34, 0.46, 0.52, 0.58, 0.68, 0.80, 0.92, 1.0, 1.05])
    radius = np.array([0.030, 0.058, 0.070, 0.062, 0.053, 0.049, 0.048, 0.051, 0.041, 0.031, 0.031, 0.031])
    back = np.array([0.0, 0.0, 0.0, 0.0, 0.002, 0.0, -0.004, -0.012, -0.012, -0.006, 0.0, 0.0])
    fine = np.linspace(s[0], s[-1], 32)
    r = spline(s, radius, fine) * p.leg_thickness * p.height
    centres = hip + (ankle - hip) * fine[:, None] + np.stack([0 * fine, 0 * fine, spline(s, back, fine)], -1) * p.height
    part = rings("Body", centres, r[:, None] * [0, 0, 1], r[:, None] * [1, 0, 0])
    part.skin = leg_skin(part.positions, hip[1], knee[1], ankle[1])
    part.uvs = np.stack([np.full(len(part), 0.5), np.repeat((fine - s[0]) / (s[-1] - s[0]), AROUND + 1)], -1)
    return part


def leg_skin(points: Points, hip: float, knee: float, ankle: float) -> dict[str, Points]:
    y = points[:, 1]
    thigh, shin, foot = (
        smoothstep(hip + 0.05, hip - 0.05, y),
        smoothstep(knee + 0.045, knee - 0.045, y),
        smoothstep(ankle + 0.03, ankle - 0.02, y),
    )
    return {
        "hips": 1 - thigh,
        "leftUpperLeg": thigh * (1 - shin),
        "leftLowerLeg": shin * (1 - foot),
        "leftFoot": shin * foot,
    }


def shoe(p: Params, rig: Rig) -> Part:
    """A rounded loafer: loops from the opening over heel and toe down to the sole."""
    ankle = rig.place("leftFoot")
    angle = np.linspace(0, 2 * np.pi, AROUND, endpoint=False)
    # height, half width, heel, toe
    table = np.array([
        [0.070, 0.033, -0.046, 0.030], [0.060, 0.035, -0.049, 0.052], [0.052, 0.037, -0.051, 0.082],
        [0.040, 0.039, -0.053, 0.112], [0.026, 0.041, -0.055, 0.134], [0.013, 0.042, -0.056, 0.143],
        [0.012, 0.044, -0.058, 0.146], [0.000, 0.043, -0.057, 0.144],
        [0.000, 0.001, 0.03, 0.05],
    ])  # fmt: skip
    loops = []
    for height, half, heel, toe in table:
        middle, reach = (heel + toe) / 2, (toe - heel) / 2
        z = middle + reach * np.cos(angle)
        x = half * np.sin(angle) * (1 + 0.06 * np.cos(angle) - 0.20 * np.cos(angle) ** 2)
        loops.append(
            np.stack([x + ankle[0] / p.height, np.full_like(x, height), z + ankle[2] / p.height], -1) * p.height
        )
    part = sheet("Cloth", np.stack(loops), closed=True)
    toes = smoothstep(0.085, 0.125, part.positions[:, 2] / p.height - ankle[2] / p.height + 0.02)
    part.skin = {"leftFoot": 1 - toes, "leftToes": toes}
    return dyed(part, "shoe")
