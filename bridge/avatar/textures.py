"""Pictures painted by code: skin with blush and lips, the eye, hair, and one small sheet of inks.

Every painter returns uint8 (height, width, 3); `png` makes a file of it.
"""

import struct
import zlib

import numpy as np
import numpy.typing as npt

from bridge.avatar.mesh import Points, bell, smoothstep
from bridge.avatar.params import Params, rgb
from bridge.avatar.surface import EYE_LEVEL, lip_line, mouth_half, nose_level

Picture = npt.NDArray[np.uint8]

INK = ("lash", "lower lash", "brow", "crease", "upper margin", "lower margin", "mouth", "teeth", "tongue")
"""Columns of the sheet of inks."""
CELL = 32
EYE_WHITE, EYE_SHADOW = np.array([0.985, 0.98, 0.985]), np.array([0.80, 0.80, 0.91])
FACE_SPAN = 22.0
FACE_CENTRE = (0.0, 3.0)
"""The face's picture covers this square of the head as seen in front, cm."""


def png(picture: Picture) -> bytes:
    """An 8-bit RGB PNG (W3C PNG, third edition), each row predicted from the one above."""
    height, width, channels = picture.shape
    up = picture.copy()
    up[1:] -= picture[:-1]
    rows = np.concatenate([np.full((height, 1), 2, np.uint8), up.reshape(height, -1)], 1)
    header = struct.pack(">IIBBBBB", width, height, 8, {3: 2, 4: 6}[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 7)), (b"IEND", b""))
    body = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def face_uv(points: Points) -> Points:
    """(n, 2): texture coordinates of the head's skin, as seen in front."""
    x, y = points[:, 0], points[:, 1]
    u = 0.5 + (x - FACE_CENTRE[0]) / FACE_SPAN
    v = 0.5 - (y - FACE_CENTRE[1]) / FACE_SPAN
    return np.stack([u, v], -1).clip(0.001, 0.999)


def ink_uv(name: str, within: Points) -> Points:
    """(n, 2): coordinates 0..1 of an ink's own column mapped into the sheet."""
    column = INK.index(name)
    u = (column + 0.5 + 0 * within[:, 0]) / len(INK)
    return np.stack([u, within[:, 1].clip(0.02, 0.98)], -1)


def quantised(colour: Points) -> Picture:
    """Colours 0..1 as bytes."""
    return np.asarray((np.clip(colour, 0, 1) * 255 + 0.5).astype(np.uint8))


def over(base: Points, colour: Points, alpha: Points) -> Points:
    """A colour laid over a picture (…, 3) by alpha (…)."""
    return np.asarray(base + (colour - base) * alpha[..., None])


def shade_of(colour: Points, cool: float = 0.5) -> Points:
    """The colour in shadow: darker, richer and towards violet."""
    tint = np.array([0.80, 0.72, 0.86]) * cool + np.array([0.86, 0.72, 0.70]) * (1 - cool)
    return np.asarray(colour * tint)


def hair_shade(p: Params) -> Points:
    """(3,): what multiplies hair in shadow: darker, and richer in its own hue."""
    hair = rgb(p.hair_colour)
    return np.asarray(0.84 * (hair / max(float(hair.max()), 0.1)) ** 0.5)


def skin_shade(p: Params) -> Points:
    """(3,): skin in shadow."""
    return np.asarray(rgb(p.skin_colour) * [0.96, 0.79, 0.77])


def face_picture(p: Params, size: int = 1024) -> Picture:
    """Skin, blush, the line and tint of the lips, a touch of light and shadow at the nose."""
    axis = (np.arange(size) + 0.5) / size - 0.5
    across, down = axis * FACE_SPAN + FACE_CENTRE[0], FACE_CENTRE[1] - axis * FACE_SPAN
    out = np.tile(quantised(rgb(p.skin_colour)), (size, size, 1))
    windows = (
        (14.0, -0.5, 8.5, (_paint_blush, _paint_nose, _paint_brow_shadow)),
        (1.5, -2.0, 2.4, (_paint_lips,)),
        (-0.8, -7.5, 6.0, (_paint_neck_shadow,)),
    )  # top, bottom, half the width, cm
    for top, bottom, half, painters in windows:
        rows, columns = np.flatnonzero((down < top) & (down > bottom)), np.flatnonzero(np.abs(across) < half)
        window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        picture = out[window] / 255
        for paint in painters:
            paint(picture, p, *np.meshgrid(across[columns], down[rows]))
        out[window] = quantised(picture)
    return out


def _paint_blush(out: Points, p: Params, x: Points, y: Points) -> None:
    side = np.abs(x)
    cheeks = bell(side - 4.3, 1.25) * bell(y - EYE_LEVEL + 2.5, 0.7)
    nose = bell(x, 0.7) * bell(y - nose_level(p), 0.5)
    lids = bell(side - 3.5, 1.5) * bell(y - EYE_LEVEL - 1.9, 0.5)
    amount = 0.44 * p.blush * cheeks + 0.16 * (0.4 + p.blush) * nose + 0.15 * lids
    out[:] = over(out, rgb(p.skin_colour) * [1.0, 0.60, 0.58], amount)


def _paint_brow_shadow(out: Points, p: Params, x: Points, y: Points) -> None:
    """What the bangs throw upon the forehead."""
    edge = EYE_LEVEL + 3.75 + 0.18 * np.sin(x * 2.1 + 0.6) - 0.03 * x**2
    out[:] = over(out, skin_shade(p), 0.6 * smoothstep(-0.12, 0.12, y - edge))


def _paint_neck_shadow(out: Points, p: Params, x: Points, y: Points) -> None:
    """What the chin throws upon the neck, from under the edge of the jaw on."""
    edge = -5.6 + 0.09 * (x + 0.8) ** 2
    jaw = EYE_LEVEL - 8.42 * p.face_length + 1.5 * np.minimum(np.abs(x) / (4.2 * p.jaw_width), 1.1) ** 1.6
    out[:] = over(out, skin_shade(p), smoothstep(-0.1, 0.1, y - edge) * smoothstep(0.0, -0.2, y - jaw))


def _paint_nose(out: Points, p: Params, x: Points, y: Points) -> None:
    tip = nose_level(p)
    shadow = smoothstep(1.0, 0.75, ((x - 0.02) / (0.34 * p.nose_width)) ** 2 + ((y - tip + 0.42) / 0.13) ** 2)
    out[:] = over(out, skin_shade(p) * 0.9, 0.75 * shadow)
    light = smoothstep(1.0, 0.5, ((x + 0.1) / 0.12) ** 2 + ((y - tip - 0.22) / 0.2) ** 2)
    out[:] = over(out, np.ones(3), 0.75 * light)


def _paint_lips(out: Points, p: Params, x: Points, y: Points) -> None:
    t = np.abs(x) / mouth_half(p)
    s = y - lip_line(p, x)
    arch = np.sqrt(np.clip(1 - t**2, 0, 1))
    tint = lip_tint(p)
    strength = 0.25 + 0.6 * p.lip_fullness
    upper = smoothstep(0.46, 0.10, s / (arch + 0.02)) * (s >= 0) * (t < 1)
    lower = smoothstep(0.62, 0.12, -s / (arch + 0.02)) * (s < 0) * (t < 1)
    out[:] = over(out, tint, strength * (0.8 * upper + lower))
    shine = smoothstep(1.0, 0.3, ((x + 0.15) / 0.38) ** 2 + ((s + 0.36) / 0.09) ** 2)
    out[:] = over(out, np.ones(3), 0.6 * p.lip_fullness * shine)
    ink = smoothstep(0.085, 0.035, np.abs(s)) * smoothstep(1.04, 0.9, t)
    out[:] = over(out, lip_ink(p), (0.62 + 0.3 * smoothstep(0.75, 1.0, t)) * ink)


def lip_tint(p: Params) -> Points:
    """(3,): the lips' colour."""
    return np.asarray(0.65 * rgb(p.lip_colour) + 0.35 * skin_shade(p))


def lip_ink(p: Params) -> Points:
    """(3,): the line where lips meet."""
    return lip_tint(p) * [0.55, 0.36, 0.40]


def eye_picture(p: Params, width: int = 64, height: int = 128) -> Picture:
    """The white of the eye under the shadow of the upper lid."""
    u, v = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    out = np.zeros((height, width, 3)) + EYE_WHITE
    shadow = smoothstep(0.42, 0.36, v + 0.10 * (2 * u - 1) ** 2)
    return quantised(over(out, EYE_SHADOW, shadow))


def iris_picture(p: Params, size: int = 512) -> Picture:
    """Layers from below: base, glow, rays, rim, the lid's shadow, pupil, crescent, highlights."""
    axis = np.linspace(-1, 1, size)
    x, y = np.meshgrid(axis, -axis)
    r = np.hypot(x, y)
    angle = np.arctan2(y, x)
    base, glow = rgb(p.eye_colour), rgb(p.eye_glow)
    dark = base * [0.30, 0.30, 0.46] + [0.02, 0.0, 0.04]
    out = np.zeros((size, size, 3)) + base
    out = over(out, glow, smoothstep(0.30, -0.9, y) * smoothstep(1.0, 0.5, r))
    rays = 0.5 + 0.5 * np.sin(angle * 38 + 3 * np.sin(angle * 5))
    out = over(out, 0.6 * glow + 0.4, 0.25 * rays * smoothstep(0.35, 0.7, r) * smoothstep(0.15, -0.5, y))
    out = over(out, dark, 0.95 * smoothstep(0.84, 0.94, r))
    out = over(out, dark, 0.88 * smoothstep(0.0, 0.62, y - 0.15 * x * x))
    pupil = np.hypot(x / 0.36, (y - 0.02) / 0.44) / p.pupil_size
    out = over(out, dark, 0.45 * smoothstep(1.5, 1.0, pupil))
    out = over(out, dark * 0.45, smoothstep(1.05, 0.95, pupil))
    inner = np.hypot(x, (y - 0.26) * 0.9)
    crescent = smoothstep(0.66, 0.70, inner) * smoothstep(0.84, 0.80, r) * smoothstep(-0.25, -0.4, y)
    out = over(out, 0.35 * glow + 0.65, 0.7 * crescent)
    for cx, cy, rx, ry, strength in (
        (-0.30, 0.40, 0.30, 0.28, 1.0),
        (0.36, -0.40, 0.16, 0.18, 0.95),
        (-0.46, -0.10, 0.07, 0.08, 0.8),
        (0.36, 0.30, 0.09, 0.06, 0.45),
    ):
        spot = np.hypot((x - cx) / rx, (y - cy) / ry)
        out = over(out, np.ones(3), strength * smoothstep(1.06, 0.94, spot))
    return quantised(out)


def ink_picture(p: Params, height: int = 64) -> Picture:
    """One column an ink, each a gradient from top to bottom between evenly spaced colours."""
    lash = rgb(p.hair_colour) * 0.22 + np.array([0.10, 0.05, 0.08])
    brow = rgb(p.hair_colour) * 0.62
    shade = skin_shade(p)
    columns = {
        "lash": (lash, lash * 0.8),
        "lower lash": (shade * 0.55, shade * 0.62),
        "brow": (brow, brow * 0.92),
        "crease": (shade * 0.74, shade * 0.74),
        "upper margin": (*[EYE_SHADOW] * 6, lash),
        "lower margin": (shade, *[EYE_WHITE] * 6),
        "mouth": (np.array([0.56, 0.15, 0.20]), np.array([0.47, 0.10, 0.16]), np.array([0.36, 0.06, 0.12])),
        "teeth": (np.array([0.93, 0.92, 0.95]), np.array([1.0, 1.0, 1.0])),
        "tongue": (np.array([0.97, 0.52, 0.52]), np.array([0.78, 0.32, 0.36])),
    }
    strips = [np.repeat(_gradient(columns[name], height)[:, None], CELL, 1) for name in INK]
    return quantised(np.concatenate(strips, 1))


def _gradient(stops: tuple[Points, ...], height: int) -> Points:
    """(height, 3) from the first colour to the last."""
    fade, places = np.linspace(0, 1, height), np.linspace(0, 1, len(stops))
    return np.stack([np.interp(fade, places, channel) for channel in np.transpose(stops)], -1)


def hair_picture(p: Params, width: int = 256, height: int = 512) -> Picture:
    """Along v from root to tip: colour, a ring of light, coloured ends; along u fine strands."""
    u, v = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    hair, tips = rgb(p.hair_colour), rgb(p.hair_tips)
    out = np.zeros((height, width, 3)) + hair
    out = over(out, tips, smoothstep(0.42, 1.0, v) ** 1.2)
    strands = 0.5 + 0.5 * np.sin(2 * np.pi * (4 * u + 0.5 * np.sin(2 * np.pi * 2 * u)))
    out = out * (1 - 0.05 * smoothstep(0.55, 0.75, strands)[..., None])
    edge = np.abs(2 * u - 1)
    spikes = np.abs((u * 6.5 + 0.2) % 1 - 0.5) * 2 * (0.65 + 0.35 * np.sin(2 * np.pi * 1.7 * u + 1))
    tall = (0.010 + 0.034 * spikes) * (1 - edge**2.5)
    ring = smoothstep(1.0, 0.75, np.abs(v - 0.238 - 0.010 * np.sin(7 * u)) / np.maximum(tall, 1e-4))
    out = over(out, 0.45 * hair + 0.55, 0.55 * ring)
    out = over(out, 0.8 * out + 0.2, 0.35 * bell(edge, 0.35) * smoothstep(0.2, 0.5, v))
    rim = smoothstep(0.55, 1.0, edge) * smoothstep(0.02, 0.12, v)
    out = over(out, 0.92 * out**1.5, 0.9 * rim)
    out = over(out, 0.9 * hair**1.4, 0.55 * smoothstep(0.10, 0.0, v))
    return quantised(out)


NAIL_PLACE = 0.9
"""u of the nails' colour on the body's picture."""
SOCK_TOP = 0.40
"""Where the stockings begin along the leg, 0 at the hip."""


def body_picture(p: Params, height: int = 256) -> Picture:
    """Skin, and below `SOCK_TOP` the stockings with a trim; the last columns are nails."""
    v = np.linspace(0, 1, height)
    out = np.zeros((height, 32, 3)) + rgb(p.skin_colour)
    out[v > SOCK_TOP] = rgb(p.sock_colour)
    out[(v > SOCK_TOP + 0.015) & (v < SOCK_TOP + 0.03)] = rgb(p.top_colour)
    out[:, 26:] = 0.45 * rgb(p.lip_colour) + 0.55 * rgb(p.skin_colour) + 0.04
    return quantised(out)
