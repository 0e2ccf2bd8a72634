"""What each of the 52 ARKit curves does to a face, as displacement fields in centimetres.

A field takes a `Site` (points of the resting face) and gives their displacement at weight 1. Fields shift points
over the face; `slide` then keeps them on its surface. A curve of the right side is its left twin mirrored. Directions
and relations between amounts follow Apple's description of the blend shapes (ARFaceAnchor.BlendShapeLocation) and
were compared with the ICT FaceKit head; amounts are those of a stylised face.

Eyes turn by their bones; the eyeLook curves move the lids that follow them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bridge.avatar.face import BROW_ROW, CHEEK_ROW, EYE_IN, EYE_OUT, EYE_ROW, HALF, Eye, Face
from bridge.avatar.mesh import Points, bell, smoothstep
from bridge.avatar.surface import EYE_LEVEL, Surface, nose_level
from bridge.curves import CURVES

JAW_ANGLE = np.radians(18.0)
JAW_HINGE = np.array([0.0, 2.0, -0.5])
"""y, z of the line about which the jaw turns: below the ears."""


@dataclass(frozen=True, slots=True)
class Site:
    """Points (n, 3) of the resting face; side (n,) is +1 above the mouth's slit and -1 below it."""

    face: Face
    points: Points
    side: Points

    @property
    def x(self) -> Points:
        return self.points[:, 0]

    @property
    def y(self) -> Points:
        return self.points[:, 1]

    @property
    def t(self) -> Points:
        """Place along the mouth: 0 in the middle, ±1 at the corners."""
        return self.x / self.face.mouth_half

    @property
    def s(self) -> Points:
        """Height above the closed lips' line, cm."""
        return self.y - self.face.lip_line(self.x)

    @property
    def front(self) -> Points:
        """1 on the face, 0 at the back of the head and on the neck."""
        return smoothstep(-1.0, 3.5, self.points[:, 2]) * smoothstep(-8.0, -5.0, self.y)

    def mirrored(self) -> "Site":
        return Site(self.face, self.points * [-1.0, 1.0, 1.0], self.side)


Field = Callable[[Site], Points]


def stack(dx: Points | float = 0.0, dy: Points | float = 0.0, dz: Points | float = 0.0) -> Points:
    """(n, 3) from three axes, some of which may be plain numbers."""
    return np.stack(np.broadcast_arrays(dx, dy, dz), -1).astype(float)


def slide(surface: Surface, points: Points, shift: Points) -> Points:
    """`shift` with its depth corrected so that what moves sideways stays on the face."""
    x, y = points[:, 0], points[:, 1]
    out = shift.copy()
    depth = surface.smooth_depth(x + shift[:, 0], y + shift[:, 1]) - surface.smooth_depth(x, y)
    limit = np.hypot(shift[:, 0], shift[:, 1])  # the outline of the face falls away steeply
    out[:, 2] += np.clip(depth, -limit, limit)
    return out


def opening(t: Points) -> Points:
    """How far lips part along the mouth: 1 in the middle, 0 at the corners, steep there so that the mouth is round."""
    return np.asarray(np.sqrt(np.clip(1 - t**2, 0, 1)))


def left_half(x: Points, blend: float = 0.9) -> Points:
    """1 on the character's left, 0 on its right; the two halves of a pair add up to 1."""
    return smoothstep(-blend, blend, x)


# ---- the jaw ----


def jaw_weight(site: Site) -> Points:
    """(n,): how much skin follows the jaw."""
    height = smoothstep(1.6, -2.4, site.s)
    part = opening(site.t) * smoothstep(3.0, 0.0, np.abs(site.s))
    height = np.where(site.side > 0, height * (1 - part), height + (1 - height) * part)
    z = site.points[:, 2]
    chin = 1 - 0.35 * smoothstep(-1.0, -2.6, site.s)
    return np.asarray(height * chin * smoothstep(0.5, 5.0, z) * smoothstep(-5.2, -4.0, site.y))


def jaw_turn(points: Points, angle: float) -> Points:
    """(n, 3): displacement of what is fixed to the jaw when it opens by `angle` radians."""
    arm = points[:, 1:] - JAW_HINGE[1:]
    c, s = np.cos(angle), np.sin(angle)
    turned = np.stack([c * arm[:, 0] - s * arm[:, 1], s * arm[:, 0] + c * arm[:, 1]], -1)
    return np.concatenate([np.zeros((len(points), 1)), turned - arm], 1)


def jaw_open(site: Site) -> Points:
    """The lower lip falls, the corners follow half way and draw in, the upper lip lifts a little."""
    out = jaw_turn(site.points, JAW_ANGLE) * jaw_weight(site)[:, None]
    around = bell(site.s, 1.6) * bell(np.abs(site.t) - 1, 0.7) * site.front
    out[:, 0] -= 0.12 * np.clip(site.t, -1, 1) * around
    lips = opening(site.t) * bell(site.s, 0.9) * site.front
    out[:, 1] += np.where(site.side > 0, 0.22 * lips, 0)
    out[:, 2] += np.where(site.side < 0, 0.4 * lips, 0)
    return out


def jaw_shift(dx: float, dz: float) -> Field:
    def field(site: Site) -> Points:
        weight = smoothstep(2.2, -1.4, site.s) * smoothstep(0.5, 5.0, site.points[:, 2])
        weight = weight * smoothstep(-6.0, -4.2, site.y)
        return slide(site.face.surface, site.points, stack(dx * weight, 0.0, dz * weight))

    return field


UPPER_SHARE, OVER = 0.25, 0.1
"""Of mouthClose: how much of the way the upper lip comes down, and by how much the lower one overlaps it; shares of
the gap that jawOpen makes."""


def mouth_close(site: Site) -> Points:
    """Undoes the gap of jawOpen: the lower lip comes up most of the way, the upper lip down the rest.

    What shuts an open mouth must overshut a closed one, for curves add up. So the lower lip goes up behind the upper
    one: both curves together shut the mouth, and with mouthClose alone the lips still do not pass through each other.
    """
    middle = np.zeros((1, 3)) + site.face.lips(np.zeros(1))
    one = np.ones(1)
    gap = float((jaw_open(Site(site.face, middle, one)) - jaw_open(Site(site.face, middle, -one)))[0, 1])
    at_slit = bell(site.s, 0.7)
    cheek = bell(site.t, 0.6) * (1 - at_slit)
    near = np.where(site.side > 0, bell(site.s, 0.8), bell(site.s, 1.1))
    share = np.where(site.side > 0, -UPPER_SHARE, 1 - UPPER_SHARE + OVER)
    behind = np.where(site.side > 0, 0.0, 0.2 + 0.35 * site.face.params.lip_fullness)
    tuck = behind * (opening(site.t) ** 1.5 * at_slit + cheek) * bell(site.s, 1.5)
    return stack(0.0, gap * share * near * (opening(site.t) * at_slit + cheek), -tuck) * site.front[:, None]


# ---- lips ----


def near_lips(site: Site, reach: float = 1.0) -> Points:
    return bell(site.s, reach) * smoothstep(2.1, 0.9, np.abs(site.t)) * site.front


def off_slit(site: Site) -> Points:
    """0 where the lips meet, so that what makes them thin or plump cannot part them."""
    return smoothstep(0.02, 0.45, np.abs(site.s))


def corner(site: Site, width: float = 1.1) -> Points:
    """1 at the left corner of the mouth, easing to 0 at its middle and over the cheek."""
    t = site.t
    along = np.where(t < 1, np.clip(t, 0, 1) ** 1.7, bell(t - 1, 0.85 * width / site.face.mouth_half))
    return along * bell(site.s, width) * site.front


def part_lips(site: Site, up: float, down: float, reach: float = 0.8) -> Points:
    """(n,) dy that lifts the upper lip by `up` and lowers the lower one by `down` in the middle, cm."""
    amount = np.where(site.side > 0, up, -down)
    return np.asarray(amount * opening(site.t) * bell(site.s, reach) * site.front)


def over_face(make: Callable[[Site], Points]) -> Field:
    """The field that shifts points by `make` and keeps them on the face."""
    return lambda site: slide(site.face.surface, site.points, make(site) * site.front[:, None])


def funnel(site: Site) -> Points:
    lips = near_lips(site, 1.0)
    return stack(-0.30 * site.x * lips, part_lips(site, 0.42, 0.55), 0.75 * lips * bell(site.t, 0.9))


def pucker(site: Site) -> Points:
    lips = near_lips(site, 1.0)
    bow = site.face.lip_line(site.x) - site.face.lip_line(np.zeros(1))  # round lips have no smile left
    plump = 0.12 * np.sign(site.s) * bell(np.abs(site.s) - 0.5, 0.3) * bell(site.t, 0.7) * off_slit(site)
    return stack(-0.52 * site.x * lips, (plump - 1.3 * bow) * lips, 0.75 * lips * bell(site.t, 0.8))


def shift_mouth(site: Site) -> Points:
    return stack(0.75 * near_lips(site, 1.3))


def smile(site: Site) -> Points:
    at = corner(site, 1.15)
    cheek = bell(site.x - 4.1, 1.3) * bell(site.y - 2.0, 1.3) * site.front
    return stack(0.62 * at + 0.1 * cheek, 0.88 * at + 0.35 * cheek, -0.12 * at + 0.14 * cheek)


def frown(site: Site) -> Points:
    at = corner(site, 1.1)
    return stack(0.05 * at, -0.9 * at, 0.0)


def dimple(site: Site) -> Points:
    at = corner(site, 0.8)
    return stack(0.38 * at, 0.1 * at, -0.32 * at)


def stretch(site: Site) -> Points:
    at = corner(site, 1.3)
    return stack(0.75 * at, -0.25 * at, -0.1 * at)


def roll_lower(site: Site) -> Points:
    """The lower lip tucks in and comes up to the teeth; the upper one gives way, so that they never cross."""
    near = bell(site.s, np.where(site.side < 0, 0.42, 0.8)) * opening(site.t)
    at = np.where(site.side < 0, near, 0)
    below = np.where(site.side < 0, bell(site.s + 0.6, 0.4), 0) * opening(site.t) * off_slit(site)
    return stack(0.0, 0.18 * near + 0.26 * below, -0.38 * at - 0.2 * below)


def roll_upper(site: Site) -> Points:
    at = np.where(site.side > 0, bell(site.s, 0.42), 0) * opening(site.t)
    above = np.where(site.side > 0, bell(site.s - 0.5, 0.35), 0) * opening(site.t) * off_slit(site)
    return stack(0.0, -0.06 * above, -0.38 * at - 0.2 * above)


def shrug_lower(site: Site) -> Points:
    reach = np.where(site.side > 0, 0.6, 1.0)
    lips = near_lips(site, 1.0) * bell(site.s / reach, 1.0) * bell(site.t, 0.9)
    chin = bell(site.s + 2.1, 0.9) * bell(site.x, 1.6) * site.front
    return stack(0.0, 0.42 * lips + 0.5 * chin, 0.22 * lips * opening(site.t) * (site.side < 0) + 0.12 * chin)


def shrug_upper(site: Site) -> Points:
    lips = near_lips(site, 0.8) * bell(site.t, 0.6)
    return stack(0.0, 0.3 * lips, 0.25 * lips * opening(site.t) * (site.side > 0))


def press(site: Site) -> Points:
    half = left_half(site.x) * near_lips(site, 1.0)
    thin = -0.1 * np.sign(site.s) * bell(np.abs(site.s) - 0.55, 0.35) * off_slit(site)
    chin = 0.2 * bell(site.s + 2.1, 0.8) * bell(site.x - 0.6, 1.3) * site.front
    return stack(0.0, thin * half + 0.1 * corner(site, 0.8) + chin, 0.06 * corner(site, 0.8) + 0.1 * chin)


def lower_down(site: Site) -> Points:
    half = left_half(site.x, 1.2)
    return stack(0.08 * corner(site), np.where(site.side < 0, part_lips(site, 0, 0.62, 0.9), 0) * half, 0.0)


def upper_up(site: Site) -> Points:
    half = left_half(site.x, 1.2)
    fold = bell(site.x - 1.5, 0.9) * bell(site.s - 1.4, 0.9) * site.front
    lift = np.where(site.side > 0, part_lips(site, 0.5, 0, 0.8), 0) * half
    return stack(0.06 * fold, lift + 0.24 * fold + 0.12 * corner(site, 0.8), 0.0)


def tongue_gap(site: Site) -> Points:
    """The lips part for the tongue."""
    return stack(0.0, part_lips(site, 0.2, 0.90), 0.0)


# ---- brows, cheeks, nose ----


def brow_zone(site: Site) -> Points:
    return bell(site.y - EYE_LEVEL - 3.6, 1.25) * site.front * smoothstep(EYE_LEVEL + 1.2, EYE_LEVEL + 2.6, site.y)


def brow_down(site: Site) -> Points:
    zone = brow_zone(site) * left_half(site.x, 0.5)
    inner = smoothstep(6.0, 1.2, site.x)
    return stack(-0.4 * zone * inner, -(0.15 + 1.15 * inner) * zone, 0.08 * zone * inner)


def brow_inner_up(site: Site) -> Points:
    zone = brow_zone(site)
    return stack(0.0, 1.5 * zone * bell(np.abs(site.x) - 1.0, 1.5), 0.0)


def brow_outer_up(site: Site) -> Points:
    return stack(0.0, 0.75 * brow_zone(site) * smoothstep(1.5, 4.2, site.x), 0.0)


def cheek_puff(site: Site) -> Points:
    """Air fills cheeks and lips; the corners draw in a little."""
    at = bell(np.abs(site.x) - 3.7, 1.5) * bell(site.y - 0.4, 1.7) * site.front
    lips = near_lips(site, 1.2)
    return stack(np.clip(site.x, -0.5, 0.5) * at - 0.12 * site.x * lips, 0.0, 0.65 * at + 0.4 * lips)


def cheek_squint(site: Site) -> Points:
    at = bell(site.x - 3.6, 1.5) * bell(site.y - 2.9, 0.9) * site.front
    return stack(0.0, 0.4 * at, 0.1 * at)


def nose_sneer(site: Site) -> Points:
    """The wing of the nose lifts, the lip below it with it, and the brow comes to meet it."""
    tip = nose_level(site.face.params)
    wing = bell(site.x - 0.6, 0.5) * bell(site.y - tip - 0.1, 0.7) * site.front
    fold = bell(site.x - 1.4, 0.8) * bell(site.s - 1.3, 0.9) * site.front
    lip = np.where(site.side > 0, part_lips(site, 0.2, 0, 0.7), 0) * left_half(site.x, 1.2)
    brow = brow_zone(site) * bell(site.x - 1.2, 0.9)
    return stack(0.05 * wing, 0.32 * wing + 0.22 * fold + lip + 0.14 * corner(site, 0.8) - 0.2 * brow, 0.06 * wing)


def look_aside(way: float) -> Field:
    """The lids of the left eye follow a look to the side; +1 outwards."""

    def field(site: Site) -> Points:
        eye = site.face.eye
        middle = (eye.inner + eye.outer) / 2
        near = bell(site.x - middle, 0.9) * bell(site.y - eye.level - 0.6, 1.5) * (site.x > 0) * site.front
        return slide(site.face.surface, site.points, stack(0.16 * way * near))

    return field


def still(site: Site) -> Points:
    return np.zeros_like(site.points)


LEFT: dict[str, Field] = {
    "mouthLeft": over_face(shift_mouth),
    "mouthSmileLeft": over_face(smile),
    "mouthFrownLeft": over_face(frown),
    "mouthDimpleLeft": over_face(dimple),
    "mouthStretchLeft": over_face(stretch),
    "mouthPressLeft": over_face(press),
    "mouthLowerDownLeft": over_face(lower_down),
    "mouthUpperUpLeft": over_face(upper_up),
    "browDownLeft": over_face(brow_down),
    "browOuterUpLeft": over_face(brow_outer_up),
    "cheekSquintLeft": over_face(cheek_squint),
    "noseSneerLeft": over_face(nose_sneer),
    "jawLeft": jaw_shift(0.75, 0.0),
    "eyeLookInLeft": look_aside(-1.0),
    "eyeLookOutLeft": look_aside(1.0),
}
"""Fields of the curves that have a right twin."""

MIDDLE: dict[str, Field] = {
    "jawOpen": jaw_open,
    "jawForward": jaw_shift(0.0, 0.6),
    "mouthClose": mouth_close,
    "mouthFunnel": over_face(funnel),
    "mouthPucker": over_face(pucker),
    "mouthRollLower": over_face(roll_lower),
    "mouthRollUpper": over_face(roll_upper),
    "mouthShrugLower": over_face(shrug_lower),
    "mouthShrugUpper": over_face(shrug_upper),
    "browInnerUp": over_face(brow_inner_up),
    "cheekPuff": over_face(cheek_puff),
    "tongueOut": over_face(tongue_gap),
}


def field(curve: str) -> Field:
    """The skin's field of a curve; lids are not in it (see `lids`)."""
    if curve in MIDDLE:
        return MIDDLE[curve]
    if curve in LEFT:
        return LEFT[curve]
    twin = curve.replace("Right", "Left")
    if curve != twin and twin in LEFT:
        return lambda site: LEFT[twin](site.mirrored()) * [-1.0, 1.0, 1.0]
    return still


# ---- lids ----


@dataclass(frozen=True, slots=True)
class Lids:
    """How far a curve moves the left eye's lids, or both eyes' where it has no side: shares of the way to shut, and
    lifts in cm; `inner` and `outer` lift the upper lid towards one corner only."""

    shut: float = 0.0
    upper: float = 0.0
    lower: float = 0.0
    inner: float = 0.0
    outer: float = 0.0

    def upper_edge(self, eye: Eye, t: Points) -> Points:
        arch = 4 * t * (1 - t)
        open_, shut = eye.upper(t), eye.shut(t)
        lift = self.upper + 2 * (self.inner * (1 - t) + self.outer * t)
        return np.asarray(open_ + self.shut * (shut - open_) + lift * arch)

    def lower_edge(self, eye: Eye, t: Points) -> Points:
        arch = 4 * t * (1 - t)
        open_, shut = eye.lower(t), eye.shut(t)
        return np.asarray(open_ + self.shut * (shut - open_) + self.lower * arch)


LIDS: dict[str, Lids] = {
    "eyeBlinkLeft": Lids(shut=1.0, upper=-0.3),  # over the lower lid, so that a wide eye shuts too
    "eyeSquintLeft": Lids(upper=-0.18, lower=0.48),
    "eyeWideLeft": Lids(upper=0.42, lower=-0.08),
    "eyeLookUpLeft": Lids(upper=0.22, lower=0.08),
    "eyeLookDownLeft": Lids(upper=-0.62, lower=-0.1),
    "cheekSquintLeft": Lids(lower=0.3),
    "browDownLeft": Lids(inner=-0.45),  # a lowered brow hangs over the lid
    "browInnerUp": Lids(inner=0.12, outer=-0.30),  # and one raised at its inner end lets the outer corner droop
}


SHUT_BEFORE, LOWERED_BEFORE, RAISED_BEHIND = 0.44, 0.35, 0.12
"""How far a shut upper lid stands before the lower one, cm; how far a lid comes forward or goes back for each
centimetre that it is lowered or raised. Curves add up: what narrows the eye carries the lids past each other in a
blink, and the upper one must then lie before the lower one."""


def along_lids(face: Face) -> Points:
    """(COLUMNS,): 1 at the middle of the lids, 0 at their corners."""
    column = np.abs(np.arange(face.rest.shape[1]) - HALF)
    t = np.interp(column, np.arange(EYE_IN, EYE_OUT + 1), face.lid_t)
    return np.asarray((4 * t * (1 - t)) ** 0.7)


def layered(face: Face, lids: Lids) -> Points:
    """(ROWS, COLUMNS): how far the lids come forward."""
    rows = np.arange(len(face.rest))
    upper = np.where(rows <= EYE_ROW, smoothstep(BROW_ROW, EYE_ROW - 4, rows), 0.0)
    lower = np.where(rows > EYE_ROW, smoothstep(CHEEK_ROW, EYE_ROW + 1, rows), 0.0)
    before = SHUT_BEFORE * lids.shut + LOWERED_BEFORE * max(0.0, -lids.upper, -lids.inner, -lids.outer)
    behind = RAISED_BEHIND * max(0.0, lids.lower)
    return np.asarray((before * upper - behind * lower)[:, None] * along_lids(face))


def lid_shift(face: Face, curve: str) -> Points:
    """(ROWS, COLUMNS, 3): what a curve does to the skin by moving the lids of its own side."""
    lids = LIDS.get(curve.replace("Right", "Left"))
    if lids is None:
        return np.zeros_like(face.rest)
    moved = face.with_lids(lambda t: lids.upper_edge(face.eye, t), lambda t: lids.lower_edge(face.eye, t))
    moved[..., 2] += layered(face, lids)
    own = {"Left": face.rest[..., 0] >= 0, "Right": face.rest[..., 0] < 0}
    side = next((own[end] for end in own if curve.endswith(end)), np.ones(face.rest.shape[:2], bool))
    return np.where(side[..., None], moved - face.rest, 0.0)


def skin_shifts(face: Face) -> dict[str, Points]:
    """Every curve's displacement of the whole grid, (ROWS, COLUMNS, 3) each, centimetres."""
    side = np.repeat(face.side[:, None], face.rest.shape[1], 1).ravel()
    site = Site(face, face.rest.reshape(-1, 3), side)
    return {curve: field(curve)(site).reshape(face.rest.shape) + lid_shift(face, curve) for curve in CURVES}
