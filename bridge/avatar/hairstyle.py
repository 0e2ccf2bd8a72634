"""The cuts: which locks make long hair, a bob, twin tails, a pony tail or short hair, and the bangs above the brow."""

import numpy as np

from bridge.avatar.fabric import cloth_uv
from bridge.avatar.hair import Hair, Lock, cap, falling_lock, hang, on_skull, swing_along, waved
from bridge.avatar.mesh import Part, Points, sheet, smoothstep, unit
from bridge.avatar.params import Params
from bridge.avatar.surface import Surface


def hair_of(p: Params, surface: Surface) -> Hair:
    """The whole hair of a person."""
    hair = Hair()
    thick = 0.85 + 0.75 * p.hair_volume
    gathered = p.hair_style in ("twintails", "ponytail")
    hair.parts.append(cap(surface, 0.55 * thick, hem(7.9 if gathered else 6.9)))
    STYLES[p.hair_style](hair, p, surface, thick)
    BANGS[p.bangs](hair, p, surface, thick)
    if p.ahoge > 0:
        hair.add(ahoge(p, surface))
    return hair


def hem(nape: float) -> Points:
    """The cap's lower edge: high over the forehead, before the ears at the temples, low at the nape."""
    theta = np.linspace(-np.pi, np.pi, 73)
    turn = np.abs(theta)
    return np.asarray(2.75 + 1.9 * smoothstep(0.5, 1.25, turn) + (nape - 4.65) * smoothstep(1.35, 2.9, turn))


def radians(*degrees: float) -> Points:
    return np.asarray(np.radians(degrees))


# ---- bangs ----


def bang(
    surface: Surface, theta: tuple[float, float], tip: float, lift: float, width: float, thick: float = 0.55
) -> Lock:
    """A lock over the forehead, from the crown down to `v` = tip, that stays close to the face."""
    u = np.linspace(0, 1, 9)
    turn = np.radians(theta[0] + (theta[1] - theta[0]) * u**1.4)
    rise = lift * (0.45 + 0.4 * smoothstep(0, 0.3, u) + 0.4 * np.sin(np.pi * u**0.9)) - 0.35 * u**3
    path, out = on_skull(surface, turn, 0.35 + (tip - 0.35) * u, rise)
    return Lock(path, out, width * np.array([0.35, 0.75, 1.0, 1.1, 1.08, 0.95, 0.7, 0.38, 0.0]), thick, 0.86)


def full_bangs(hair: Hair, p: Params, surface: Surface, thick: float) -> None:
    table = (
        # from, to (degrees), tip (v), width, extra lift
        (-46, -60, 6.50, 1.6, 0.0), (44, 58, 6.35, 1.6, 0.0),
        (-37, -48, 5.30, 1.5, 0.10), (35, 46, 5.10, 1.5, 0.10),
        (-30, -39, 4.15, 1.7, 0.14), (28, 37, 4.10, 1.7, 0.14),
        (-21, -30, 4.62, 1.7, 0.20), (20, 29, 4.48, 1.7, 0.20),
        (-10, -18, 3.85, 1.8, 0.26), (10, 18, 3.75, 1.8, 0.26),
        (-3, -8, 4.35, 1.3, 0.32), (0, 1, 4.85, 1.35, 0.38),
        (-15, -25, 4.25, 0.55, 0.44), (25, 35, 4.55, 0.55, 0.42), (7, 13, 4.15, 0.5, 0.46),
    )  # fmt: skip
    for start, end, tip, width, extra in table:
        hair.add(bang(surface, (start, end), tip, thick * 0.8 + extra, width))


def parted_bangs(hair: Hair, p: Params, surface: Surface, thick: float) -> None:
    table = (
        (-8, -50, 5.3, 1.7, 0.0),
        (20, 52, 5.2, 1.6, 0.0),
        (-2, -36, 4.75, 1.9, 0.15),
        (16, 38, 4.7, 1.7, 0.15),
        (4, -20, 4.2, 1.7, 0.3),
        (13, 25, 4.15, 1.4, 0.3),
        (8, -8, 3.75, 1.1, 0.42),
        (8, 12, 3.8, 0.8, 0.45),
        (6, -28, 4.6, 0.7, 0.5),
    )
    for start, end, tip, width, extra in table:
        hair.add(bang(surface, (start, end), tip, thick * 0.8 + extra, width))


def swept_bangs(hair: Hair, p: Params, surface: Surface, thick: float) -> None:
    table = (
        (30, 50, 5.3, 1.7, 0.0),
        (-22, -60, 5.3, 1.9, 0.0),
        (4, -50, 5.1, 1.9, 0.05),
        (22, -52, 5.2, 1.8, 0.1),
        (28, -36, 4.75, 1.9, 0.15),
        (30, -18, 4.4, 1.9, 0.25),
        (31, -2, 4.15, 1.9, 0.34),
        (32, 14, 4.05, 1.7, 0.42),
        (32, 30, 4.3, 1.5, 0.45),
        (31, -26, 4.6, 0.7, 0.6),
    )
    for start, end, tip, width, extra in table:
        hair.add(bang(surface, (start, end), tip, thick * 0.8 + extra, width))


def ahoge(p: Params, surface: Surface) -> Lock:
    """The one lock that will not lie down."""
    root = surface.base(0.0, 0.02) + np.array([0.0, 0.2, 0.6])
    s = np.linspace(0, 1, 7)
    size = 1.4 + 4.6 * p.ahoge
    path = root + size * np.stack([1.05 * (1 - np.cos(2.2 * s)), 0.95 * np.sin(2.4 * s), 0.5 * s], -1)
    out = np.tile([[-0.3, 0.5, 0.8]], (7, 1))
    return Lock(path, out, np.array([0.36, 0.52, 0.58, 0.46, 0.0]), 0.2, 0.5)


# ---- sides and back ----


def side_locks(hair: Hair, p: Params, surface: Surface, thick: float, length: float) -> None:
    """The locks before the ears that frame the face."""
    for sign, side in ((1.0, "L"), (-1.0, "R")):

        def place(a: float, b: float, sign: float = sign) -> tuple[float, float]:
            return np.radians(a) * sign, np.radians(b) * sign

        main = falling_lock(
            surface,
            p,
            place(50, 64),
            (0.6, 4.6),
            thick * 1.0,
            length,
            (0.06 * sign, -1, 0.10),
            1.5,
            0.75,
            f"side{side}",
            0.4,
        )
        hair.add(main, swing_along(main, 3 if length > 12 else 2))
        for a, b, share, width, extra in (
            (58, 74, 0.8, 1.5, 0.1),
            (66, 86, 0.62, 1.6, 0.05),
            (47, 58, 0.72, 0.7, 0.35),
        ):
            hair.add(
                falling_lock(
                    surface,
                    p,
                    place(a, b),
                    (0.6, 4.7),
                    thick + extra,
                    length * share,
                    (0.09 * sign, -1, 0.06),
                    width,
                    0.7,
                    f"side{side}",
                    a / 9,
                )
            )


def back_rows(hair: Hair, p: Params, surface: Surface, thick: float, length: float, curl: float) -> None:
    """Three layers from ear to ear over the nape. curl > 0 turns the tips in, < 0 out."""
    for layer, (count, leave, extra, share, width) in enumerate(
        ((13, 6.4, 0.0, 1.0, 1.9), (12, 5.6, 0.3, 0.9, 2.0), (9, 4.8, 0.6, 0.72, 2.3))
    ):
        angles = np.linspace(92 + 3 * layer, 268 - 3 * layer, count)
        groups = np.clip(np.round((angles - 96) / 42), 0, 4).astype(int)
        for k in np.argsort(np.abs(angles - 96 - 42 * groups), kind="stable"):  # who leads a chain is in its middle
            angle, nearest = np.radians(angles[k]), groups[k]
            fall = length * share * (0.88 + 0.12 * np.cos(2.4 * k + layer))
            aside, behind = np.sin(angle), -np.cos(angle)
            spread = 0.16 * abs(aside) * (1 - curl) + 0.02
            back = (0.12 + 0.34 * abs(aside)) * min(length / 20, 1.0)  # long hair falls behind the shoulders
            lock = falling_lock(
                surface,
                p,
                (angle * 0.97 + 0.03 * np.pi, angle),
                (0.4, leave),
                thick + extra,
                fall,
                (aside * spread, -1.0, 0.35 * curl * behind - back),
                width,
                0.9,
                f"back{nearest}",
                1.3 * k,
            )
            new = f"back{nearest}" not in hair.swings
            hair.add(lock, swing_along(lock, 4 if length > 22 else 2, 1.1, 0.3) if new else None)


def long_hair(hair: Hair, p: Params, surface: Surface, thick: float) -> None:
    side_locks(hair, p, surface, thick, 14 * p.hair_length)
    back_rows(hair, p, surface, thick, 36 * p.hair_length, 0.0)


def bob(hair: Hair, p: Params, surface: Surface, thick: float) -> None:
    side_locks(hair, p, surface, thick, 9.5 * p.hair_length)
    back_rows(hair, p, surface, thick * 1.1, 10.5 * p.hair_length, 0.6)


def short(hair: Hair, p: Params, surface: Surface, thick: float) -> None:
    side_locks(hair, p, surface, thick * 0.9, 5.5 * p.hair_length)
    back_rows(hair, p, surface, thick * 0.95, 6.5 * p.hair_length, 0.15)


def tail(hair: Hair, p: Params, root: Points, away: Points, length: float, name: str) -> None:
    """A bundle of locks from one tie: a core, and a ring of locks round it."""
    sideways = unit(np.cross(away, [0.0, 1.0, 0.0]))
    upwards = np.cross(sideways, away)
    level = unit(away * [1.0, 0.0, 1.0])
    turns = [*np.linspace(0, 2 * np.pi, 8, endpoint=False), None]
    for k, turn in enumerate(turns):
        out = level if turn is None else sideways * np.cos(turn) + upwards * np.sin(turn)
        reach = 0.0 if turn is None else 0.8
        start = root + reach * out
        neck = [start - 0.8 * away, start + 0.8 * away, root + 2.4 * away + 1.5 * reach * out]
        pull = np.array([0.0, -1.0, 0.0]) + 0.10 * level + (0.09 * out if turn is not None else 0.0)
        fall = hang(neck[-1], away + 0.35 * reach * out, length * (0.86 + 0.14 * np.cos(2.2 * k)), pull, 8, 4.5)
        path = np.concatenate([neck, fall])
        outs = unit(np.repeat(out[None] + 0.6 * level, len(path), 0))
        path[3:] = waved(path[3:], outs[3:], p, 0.9 * k)
        widths = np.array([0.8, 1.0, 1.7, 2.3, 2.5, 2.4, 2.1, 1.4, 0.0])
        lock = Lock(path, outs, widths, 1.2, 0.2, name)
        hair.add(lock, swing_along(lock, 4, 0.7, 0.3) if k == 0 else None)
    hair.parts.append(tie(root + 0.5 * away, away))


def tie(root: Points, away: Points) -> Part:
    """A scrunchie in the accent colour."""
    sideways = unit(np.cross(away, [0.0, 1.0, 0.0]))
    up = np.cross(sideways, away)
    ring, tube = np.meshgrid(np.linspace(0, 2 * np.pi, 25), np.linspace(0, 2 * np.pi, 9))
    wide = 1.35 + 0.62 * np.cos(tube) * (1 + 0.12 * np.sin(ring * 9))
    points = root + (sideways * np.cos(ring)[..., None] + up * np.sin(ring)[..., None]) * wide[..., None]
    points = points + away * (0.62 * np.sin(tube))[..., None]
    part = sheet("Cloth", points)
    part.uvs = cloth_uv("accent", part.uvs)
    part.skin = {"head": np.ones(len(part))}
    return part


def twintails(hair: Hair, p: Params, surface: Surface, thick: float) -> None:
    side_locks(hair, p, surface, thick, 13 * p.hair_length)
    for sign, side in ((1.0, "L"), (-1.0, "R")):
        root, _ = on_skull(surface, np.radians(112) * sign, 3.1, 1.6)
        tail(hair, p, root, unit(np.array([sign, 0.35, -0.25])), 38 * p.hair_length, f"tail{side}")


def ponytail(hair: Hair, p: Params, surface: Surface, thick: float) -> None:
    side_locks(hair, p, surface, thick, 12 * p.hair_length)
    root, _ = on_skull(surface, np.pi, 2.5, 1.7)
    tail(hair, p, root, unit(np.array([0.0, 0.45, -1.0])), 36 * p.hair_length, "tail")


STYLES = {"long": long_hair, "bob": bob, "twintails": twintails, "ponytail": ponytail, "short": short}
BANGS = {"full": full_bangs, "parted": parted_bangs, "swept": swept_bangs}
