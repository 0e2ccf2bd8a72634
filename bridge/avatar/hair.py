"""Locks of hair: a cap close to the skull, and leaf-shaped locks that lie on it and fall from it.

Centimetres, in the head's space. `hairstyle` says which locks make which cut.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bridge.avatar.mesh import Part, Points, sheet, smoothstep, spline, unit
from bridge.avatar.params import Params
from bridge.avatar.rig import Chain, Rig
from bridge.avatar.surface import Surface

CROWN = np.array([0.0, 17.6, -2.2])
PROFILE = np.array([-1, -0.8, -0.45, 0, 0.45, 0.8, 1])
"""Places across a lock."""
SCALP_SHARE = 0.4
"""The picture's v from 0 to this is hair on the skull, measured from the crown; the rest is hair that hangs."""
SCALP_REACH = 17.0


@dataclass(slots=True)
class Lock:
    """The middle line of a lock from root to tip, cm, and its shape.

    path, out (k, 3): knots and outward directions; width: half widths at even places; thick: bulge, cm; free: share of
    the knots from which it hangs; chain: what swings it, if anything.
    """

    path: Points
    out: Points
    width: Points
    thick: float
    free: float = 1.0
    chain: str = ""


@dataclass(slots=True)
class Swing:
    """A chain of bones that the hair adds to the rig: its joints (k, 3), cm, and how stiff it is."""

    joints: Points
    stiffness: float = 1.0
    drag: float = 0.4
    gravity: float = 0.12


@dataclass(slots=True)
class Hair:
    """What a style is made of."""

    parts: list[Part] = field(default_factory=list)
    swings: dict[str, Swing] = field(default_factory=dict)

    def add(self, lock: Lock, swing: Swing | None = None) -> None:
        """Adds a lock, and the chain that it leads."""
        if swing is not None:
            self.swings[lock.chain] = swing
        self.parts.append(lock_part(lock, self.swings.get(lock.chain)))

    def add_bones(self, rig: Rig, scale: float) -> None:
        """Puts the chains into the rig, in metres."""
        origin = rig.place("head")
        for name, swing in self.swings.items():
            bones = bone_names(name, len(swing.joints))
            for bone, above, place in zip(bones, ("head", *bones), swing.joints, strict=False):
                rig.add(bone, above, origin + place * scale)
            rig.chains.append(Chain(bones, swing.stiffness, swing.drag, swing.gravity, 0.010))


def bone_names(chain: str, count: int) -> tuple[str, ...]:
    """The bones of a chain, root first."""
    return tuple(f"hair_{chain}_{k}" for k in range(count))


def lock_part(lock: Lock, swing: Swing | None = None, rows: int = 20) -> Part:
    """A leaf: rounded outside, hollow inside, pointed at the tip."""
    lying = round(rows * min(0.6, lock.free + 0.1)) if lock.free < 1 else rows - 1
    s = np.concatenate([np.linspace(0, lock.free, lying + 1), np.linspace(lock.free, 1, rows - lying)[1:]])
    knots = np.linspace(0, 1, len(lock.path))
    line, out = spline(knots, lock.path, s), unit(spline(knots, lock.out, s))
    width = np.maximum(spline(np.linspace(0, 1, len(lock.width)), lock.width, s), 0.0)
    width[-1] = 0.0
    along = unit(np.gradient(line, axis=0))
    across = unit(np.cross(out, along))
    out = unit(np.cross(along, across))
    full = width / max(float(width.max()), 1e-6)
    rise = lock.thick * (1 - PROFILE**2) * full[:, None] - 0.18 * PROFILE**2 * width[:, None]
    points = line[:, None] + across[:, None] * (width[:, None] * PROFILE)[..., None] + out[:, None] * rise[..., None]
    on_scalp = scalp_v(line)
    hanging = np.clip((s - lock.free) / max(1 - lock.free, 1e-6), 0, 1)
    v = np.where(s < lock.free, on_scalp, np.maximum(on_scalp, SCALP_SHARE * 0.8) * (1 - hanging) + 0.99 * hanging)
    uv = np.stack(np.meshgrid((PROFILE + 1) / 2, v), -1)
    part = sheet("Hair", points, uv)
    part.normals = unit(0.6 * part.normals + 0.4 * np.repeat(out, len(PROFILE), 0))
    part.skin = lock_skin(lock, np.repeat(s, len(PROFILE)), swing)
    return part


def lock_skin(lock: Lock, s: Points, swing: Swing | None) -> dict[str, Points]:
    """Weights along a lock: the head up to where it hangs, then the bones of its chain one after the other."""
    if swing is None:
        return {"head": np.ones(len(s))}
    bones = bone_names(lock.chain, len(swing.joints))
    place = np.clip((s - lock.free) / (1 - lock.free), 0, 1) * (len(bones) - 1)
    place = np.where(s < lock.free, -1 + smoothstep(lock.free - 0.15, lock.free, s) * 0.5, place)
    out = {"head": np.clip(-place, 0, 1)}
    out |= {bone: np.clip(1 - np.abs(place - k), 0, 1) for k, bone in enumerate(bones)}
    return out


def scalp_v(points: Points) -> Points:
    """The picture's v of hair that lies on the skull."""
    return np.asarray(np.clip(np.linalg.norm(points - CROWN, axis=-1) / SCALP_REACH, 0, 1) * SCALP_SHARE)


def cap(surface: Surface, lift: float, hem: Points) -> Part:
    """The shell under the locks, so that no skin shows between them. hem (n,): its lower edge as `v`, front in the
    middle."""
    theta = np.linspace(-np.pi, np.pi, len(hem))
    down = np.linspace(0, 1, 16)[:, None]
    v = 0.02 + down * (hem - 0.02)
    rise = 0.25 + lift * np.sin(np.pi * np.clip(0.3 + 0.68 * down, 0, 1)) ** 0.7
    points = surface.base(theta, v) + surface.normal(theta, v) * (rise * np.ones_like(theta))[..., None]
    uv = np.stack([np.broadcast_to(0.5 + 0.25 * np.sin(theta * 9), v.shape), scalp_v(points)], -1)
    part = sheet("Hair", points, uv)
    part.normals = surface.normal(theta, v).reshape(-1, 3)
    part.skin = {"head": np.ones(len(part))}
    return part


def on_skull(surface: Surface, theta: npt.ArrayLike, v: npt.ArrayLike, lift: npt.ArrayLike) -> tuple[Points, Points]:
    """Points above the skull and the outward directions there; the three arguments run from root to tip."""
    theta, v, lift = np.broadcast_arrays(*(np.asarray(value, float) for value in (theta, v, lift)))
    normal = surface.normal(theta, v)
    return surface.base(theta, v) + normal * lift[..., None], normal


def hang(start: Points, ahead: Points, length: float, pull: Points, steps: int = 8, keep: float = 3.0) -> Points:
    """(steps, 3): a path that leaves `start` along `ahead` and, `keep` cm on, mostly follows the direction `pull`."""
    fine = steps * 6
    far = (np.arange(fine) + 0.5) * (length / fine)
    share = np.exp(-far / keep)[:, None]
    moves = unit(unit(ahead) * share + unit(pull) * (1 - share)) * (length / fine)
    return np.asarray(start + np.cumsum(moves, 0)[5::6])


def waved(path: Points, out: Points, p: Params, phase: float, size: float = 1.0) -> Points:
    """The hanging part of a lock with the person's wave across it."""
    s = np.linspace(0, 1, len(path))[:, None]
    across = unit(np.cross(np.gradient(path, axis=0), out))
    return path + across * (p.hair_wave * size * 1.5 * s * np.sin(s * 7.5 + phase))


def falling_lock(
    surface: Surface, p: Params, theta: tuple[float, float], v: tuple[float, float], lift: float, length: float,
    pull: tuple[float, float, float], width: float, thick: float = 0.8, chain: str = "", phase: float = 0.0,
) -> Lock:  # fmt: skip
    """A lock that lies on the skull from `v[0]` to `v[1]` while it turns from theta[0] to theta[1], then hangs."""
    u = np.linspace(0, 1, 6)
    rise = lift * (0.3 + 0.7 * smoothstep(0, 0.65, u))
    points, out = on_skull(surface, theta[0] + (theta[1] - theta[0]) * u**0.8, v[0] + (v[1] - v[0]) * u, rise)
    tail = hang(points[-1], points[-1] - points[-2], length, np.array(pull))
    flat = unit(out[-1] * [1, 0, 1])
    tail = waved(tail, np.repeat(flat[None], len(tail), 0), p, phase, min(length / 20, 1.0))
    path = np.concatenate([points, tail])
    outs = np.concatenate([out, np.repeat(flat[None], len(tail), 0)])
    widths = width * np.array([0.45, 0.85, 1.0, 1.0, 0.97, 0.9, 0.75, 0.5, 0.0])
    return Lock(path, outs, widths, thick, 5 / 13, chain)


def swing_along(lock: Lock, segments: int = 3, stiffness: float = 1.0, gravity: float = 0.12) -> Swing:
    """A chain that follows the hanging part of a lock."""
    s = lock.free + (1 - lock.free) * np.linspace(0, 0.96, segments + 1)
    return Swing(spline(np.linspace(0, 1, len(lock.path)), lock.path, s), stiffness, 0.4, gravity)
