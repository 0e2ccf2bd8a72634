"""The sheet of cloths: a plain column a colour, and wide ones for blouse and sleeve with their folds painted."""

import numpy as np

from bridge.avatar.mesh import Points, bell, smoothstep
from bridge.avatar.params import Params, rgb
from bridge.avatar.textures import Picture, over, quantised, shade_of

PLAIN = ("top", "skirt", "accent", "shoe", "trim")
DEEPEST = (0.05, 0.30, 0.16, 0.25, 0.04)
"""How much deeper each plain colour gets from top to bottom of its column."""
FOLDED = ("blouse", "sleeve")
NARROW, WIDE, TALL = 32, 512, 512
"""Pixels of a plain column's width, of a folded one's, and of the height."""

Stroke = tuple[float, float, float, float, float, float]
"""x and y of both ends, how far the middle bends aside, half the width; metres."""

# On one half of the front, x from the middle, y the height before the person's own.
BLOUSE: tuple[Stroke, ...] = (
    (0.106, 1.222, 0.066, 1.196, 0.004, 0.0032),
    (0.112, 1.190, 0.082, 1.176, -0.003, 0.0026),
    (0.022, 1.112, 0.090, 1.128, -0.010, 0.0030),
    (0.112, 1.078, 0.070, 1.046, 0.005, 0.0030),
    (0.110, 1.048, 0.086, 1.026, 0.003, 0.0022),
    (0.030, 0.985, 0.036, 1.034, 0.002, 0.0020),
    (0.058, 0.985, 0.068, 1.022, 0.002, 0.0022),
    (0.084, 0.985, 0.094, 1.012, 0.001, 0.0018),
)
# x round the sleeve from its front, + upwards (outwards where the arm hangs); y from the shoulder.
SLEEVE: tuple[Stroke, ...] = (
    (-0.045, 0.060, 0.020, 0.088, 0.006, 0.0030),
    (-0.052, 0.086, -0.005, 0.110, 0.004, 0.0024),
    (-0.060, 0.222, 0.018, 0.246, 0.008, 0.0034),
    (-0.056, 0.262, 0.030, 0.254, -0.006, 0.0030),
    (-0.050, 0.246, -0.012, 0.262, 0.003, 0.0022),
    (0.000, 0.395, 0.012, 0.462, 0.004, 0.0026),
    (0.040, 0.410, 0.036, 0.462, -0.003, 0.0022),
    (-0.040, 0.402, -0.030, 0.462, 0.003, 0.0024),
    (0.085, 0.400, 0.078, 0.462, -0.003, 0.0024),
    (-0.085, 0.405, -0.078, 0.462, 0.003, 0.0022),
)
SLEEVE_ROUND, SLEEVE_LENGTH = 0.24, 0.48
TORSO_HALF, TORSO_TOP, TORSO_BOTTOM = 0.112, 1.318, 0.945


def cloth_uv(name: str, within: Points) -> Points:
    """(n, 2): coordinates 0..1 of a cloth mapped into its column of the sheet. A plain one takes v only."""
    total = NARROW * len(PLAIN) + WIDE * len(FOLDED)
    if name in PLAIN:
        u = NARROW * (PLAIN.index(name) + 0.5) + 0 * within[:, 0]
    else:
        start = NARROW * len(PLAIN) + WIDE * FOLDED.index(name)
        u = start + 2 + (WIDE - 4) * within[:, 0].clip(0, 1)
    return np.stack([u / total, within[:, 1].clip(0.02, 0.98)], -1)


def cloth_picture(p: Params) -> Picture:
    """All cloths side by side."""
    colours = [*map(rgb, (p.top_colour, p.skirt_colour, p.accent_colour, p.shoe_colour)), np.array([1.0, 0.99, 0.97])]
    fade = np.linspace(0, 1, TALL)[:, None]
    strips = [c * (1 - fade * deep * [1.0, 1.0, 0.8]) for c, deep in zip(colours, DEEPEST, strict=True)]
    plain = [np.repeat(strip[:, None], NARROW, 1) for strip in strips]
    return quantised(np.concatenate([*plain, blouse_picture(p), sleeve_picture(p)], 1))


def blouse_picture(p: Params) -> Points:
    """(TALL, WIDE, 3): u runs round the torso from the middle of the front to the left, v down from the neck."""
    u, v = np.meshgrid(np.linspace(0, 1, WIDE), np.linspace(0, 1, TALL))
    x, y = TORSO_HALF * np.abs(np.sin(2 * np.pi * u)), TORSO_TOP + (TORSO_BOTTOM - TORSO_TOP) * v
    under_arm = smoothstep(0.080, 0.110, x) * smoothstep(1.26, 1.20, y)
    under_bust = bell(y - 1.110, 0.018) * bell(x - 0.050, 0.035) * (0.4 + 0.6 * p.bust)
    at_waist = smoothstep(1.005, 0.985, y)
    shade = np.maximum(np.maximum(under_arm, under_bust), at_waist)
    return folded(p, x, y, BLOUSE, 0.55 * shade)


def sleeve_picture(p: Params) -> Points:
    """(TALL, WIDE, 3): u runs round the arm from the front upwards, v from the shoulder to the wrist."""
    u, v = np.meshgrid(np.linspace(0, 1, WIDE), np.linspace(0, 1, TALL))
    x = SLEEVE_ROUND * ((u + 0.5) % 1 - 0.5)
    below = smoothstep(-0.045, -0.075, x)
    return folded(p, x, SLEEVE_LENGTH * v, SLEEVE, 0.5 * below)


def folded(p: Params, x: Points, y: Points, strokes: tuple[Stroke, ...], soft: Points) -> Points:
    """The top's colour at x, y with folds, and with soft shade where `soft` is not 0."""
    out = np.zeros((*x.shape, 3)) + rgb(p.top_colour)
    shade = 0.5 * rgb(p.top_colour) + 0.5 * shade_of(rgb(p.top_colour), 0.9)
    out = over(out, shade, soft)
    for stroke in strokes:
        out = over(out, shade, fold(x, y, stroke))
    return out


def fold(x: Points, y: Points, stroke: Stroke) -> Points:
    """0..1: a bent stroke, pointed at its ends."""
    x0, y0, x1, y1, bend, half = stroke
    along, length = np.array([x1 - x0, y1 - y0]), float(np.hypot(x1 - x0, y1 - y0))
    t = ((x - x0) * along[0] + (y - y0) * along[1]) / length**2
    arch = np.clip(4 * t * (1 - t), 0, 1)
    aside = ((x - x0) * along[1] - (y - y0) * along[0]) / length - bend * arch
    width = np.maximum(half * np.sqrt(arch), 1e-6)
    return np.asarray(smoothstep(1.0, 0.35, np.abs(aside) / width) * (arch > 0))
