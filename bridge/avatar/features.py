"""What a face has besides skin: eyes, lashes, brows, the inside of the mouth, teeth, tongue, ears.

Everything is placed on the grid of `face` and moves with it. Centimetres in the head's space.
"""

import numpy as np

from bridge.avatar.expressions import JAW_ANGLE, Site, field, jaw_turn, skin_shifts
from bridge.avatar.face import EYE_IN, EYE_OUT, EYE_ROW, HALF, MOUTH, MOUTH_ROW, ROWS, WIDE, Face
from bridge.avatar.mesh import (
    Indices,
    Part,
    Points,
    bell,
    grid_triangles,
    merge,
    mirrored,
    other_side,
    sheet,
    smoothstep,
    spline,
    unit,
    vertex_normals,
)
from bridge.avatar.surface import EYE_LEVEL
from bridge.avatar.textures import face_uv, ink_uv
from bridge.curves import CURVES

IRIS_FOLLOWS = 0.26
"""Share of the eye bone's turn that the iris takes: these irises are far larger than real ones, so a real angle
would carry them behind the lids."""

EYE_RADIUS = 5.0
"""Centimetres from the eye's bone to the iris."""

WHITE_DEPTH = 0.85
"""Centimetres by which the white lies behind the lids: the iris, 0.27 behind them, never sinks into it wherever it
turns."""

Shifts = dict[str, Points]


def head_parts(face: Face) -> list[Part]:
    """All pieces of the head that carry curves, left and right."""
    shifts = skin_shifts(face)
    left = [
        sclera(face),
        iris(face),
        upper_lash(face, shifts),
        lower_lash(face, shifts),
        crease(face, shifts),
        *margins(face, shifts),
        brow(face),
        ear(face),
    ]
    both = left + [mirrored(part, other_side) for part in left]
    for part in both[len(left) :]:
        if part.material == "Iris":  # highlights stand on the same side in both eyes
            part.uvs[:, 0] = 1 - part.uvs[:, 0]
    return [skin(face, shifts), *both, mouth_bowl(face), *teeth(face), tongue(face)]


def skin(face: Face, shifts: Shifts) -> Part:
    """The grid itself, open at the slits between their corners."""
    rows, columns = face.rest.shape[:2]
    cells = grid_triangles(rows, columns).reshape(rows - 1, -1, 3)
    triangles = welded(columns)[np.delete(cells, [EYE_ROW, MOUTH_ROW], axis=0).reshape(-1, 3)]
    points = face.rest.reshape(-1, 3)
    normals = face.surface.normal(face.theta, face.v).reshape(-1, 3)
    morphs = {curve: shift.reshape(-1, 3) for curve, shift in shifts.items()}
    uvs = face_uv(points)
    return Part("Skin", points, triangles, normals, uvs, neck_skin(points), morphs)


def welded(columns: int) -> Indices:
    """(ROWS * columns,): which vertex stands for each. Beyond its corners a slit's lower row gives way to the upper
    one, so that no light falls through where rounding parts them."""
    place = np.arange(ROWS * columns).reshape(ROWS, columns)
    column = np.abs(np.arange(columns) - HALF)
    for row, open_ in ((EYE_ROW, (column > EYE_IN) & (column < EYE_OUT)), (MOUTH_ROW, column < MOUTH)):
        place[row + 1, ~open_] = place[row, ~open_]
    return place.ravel()


def neck_skin(points: Points) -> dict[str, Points]:
    """Weights of head, neck and chest by height; the chin belongs to the head."""
    height = points[:, 1] + 0.4 * np.maximum(points[:, 2] - 3.2, 0)
    head = smoothstep(-8.0, -4.4, height)
    chest = smoothstep(-9.0, -11.5, points[:, 1])
    return {"head": head, "neck": (1 - head) * (1 - chest), "upperChest": (1 - head) * chest}


def rigid(part: Part) -> Part:
    """Fixes a part to the head."""
    part.skin = {"head": np.ones(len(part))}
    return part


# ---- eyes ----


def _lid_columns() -> slice:
    return slice(HALF + EYE_IN, HALF + EYE_OUT + 1)


def sclera(face: Face) -> Part:
    """The white: the form of the face itself, set back behind the lids."""
    eye = face.eye
    u, w = np.meshgrid(np.linspace(-0.1, 1.1, 15), np.linspace(1.12, -0.2, 13))
    t = np.clip(u, 0, 1)
    x = eye.inner + (eye.outer - eye.inner) * u
    low, high = eye.line(t) - eye.drop, eye.line(t) + eye.rise
    y = low + (high - low) * w
    points = np.stack([x, y, face.surface.depth(x, y) - WHITE_DEPTH], -1)
    part = sheet("Eye", points, np.stack([u.clip(0, 1), 1 - w.clip(0, 1)], -1))
    part.normals[:] = unit(part.normals * 0.3 + [0, 0, 1])
    return rigid(part)


def iris_centre(face: Face) -> tuple[float, float]:
    """x, y of the left iris when it looks ahead."""
    eye = face.eye
    return (eye.inner + eye.outer) / 2 - 0.04, eye.level + (eye.rise - eye.drop) / 2 + 0.06


def iris(face: Face) -> Part:
    """A slightly domed disc that the eye's bone carries over the white."""
    cx, cy = iris_centre(face)
    size = face.params.iris_size * 0.5 * (face.params.eye_width + min(face.params.eye_height, 1.0))
    angle = np.linspace(0, 2 * np.pi, 33)
    radius = np.linspace(0, 1, 6)
    ring_x = radius[:, None] * np.cos(angle)
    ring_y = radius[:, None] * np.sin(angle)
    lift = -0.27 + 0.06 * (1 - radius[:, None] ** 2) * np.ones_like(angle)
    points = face.surface.at(cx + 1.60 * size * ring_x, cy + 1.90 * size * ring_y, lift)
    part = sheet("Iris", points, np.stack([0.5 + 0.5 * ring_x, 0.5 - 0.5 * ring_y], -1))
    part.normals[:] = [0, 0, 1]
    part.skin = {"leftEye": np.full(len(part), IRIS_FOLLOWS), "head": np.full(len(part), 1 - IRIS_FOLLOWS)}
    return part


def eye_joint(face: Face) -> Points:
    """(3,): the left eye's bone, straight behind the iris as the face is curved there.

    Turning about it carries the iris along the white; straight back from the viewer, it would sink into it inwards.
    """
    x, y = iris_centre(face)
    step = 0.5
    across = float(face.surface.depth(x + step, y) - face.surface.depth(x - step, y)) / (2 * step)
    upwards = float(face.surface.depth(x, y + step) - face.surface.depth(x, y - step)) / (2 * step)
    ahead = unit(np.array([-across, -upwards, 1.0]))
    return np.array([x, y, float(face.surface.depth(x, y))]) - EYE_RADIUS * ahead


def _on_lid(material: str, ink: str, rows: Points, shifts: list[Points], names: list[str]) -> Part:
    """A strip (rows, columns, 3) whose columns move by `shifts` (columns, 3) each."""
    part = sheet(material, rows)
    part.uvs = ink_uv(ink, part.uvs)
    part.normals[:] = unit(part.normals * 0.2 + [0, 0, 1])
    part.morphs = {name: np.tile(shift, (rows.shape[0], 1)) for name, shift in zip(names, shifts, strict=True)}
    return rigid(part)


def _edge(face: Face, shifts: Shifts, row: int) -> tuple[Points, list[str], list[Points]]:
    """A lid's edge (columns, 3), and how every curve that moves it does."""
    columns = _lid_columns()
    names = [name for name in CURVES if np.abs(shifts[name][row, columns]).max() > 1e-6]
    return face.rest[row, columns], names, [shifts[name][row, columns] for name in names]


def upper_lash(face: Face, shifts: Shifts) -> Part:
    """The dark line above the eye: it thickens outwards and leaves the lid in a wing before the corner."""
    edge, names, moves = _edge(face, shifts, EYE_ROW)
    long = 0.5 + 0.8 * face.params.lash_length
    last = WIDE - 4
    on_lid = slice(0, last + 1)
    wing = np.array([[0.20, -0.08], [0.46, -0.02], [0.82, 0.20]]) * [long, 1] + [[0, 0], [0.05, 0], [0.05, 0.05]]
    x = np.concatenate([edge[on_lid, 0], edge[last, 0] + wing[:, 0]])
    y = np.concatenate([edge[on_lid, 1], edge[last, 1] + wing[:, 1]])
    place = np.concatenate([face.lid_t[on_lid], [1.0, 1.05, 1.1]])
    thick = 0.07 + 0.36 * smoothstep(0.0, 0.45, place) + 0.04 * smoothstep(0.6, 0.95, place)
    thick[-3:] = [0.36, 0.22, 0.0]
    lean = 0.55 * smoothstep(0.6, 1.0, place) - 0.4 * smoothstep(0.3, 0.0, place)
    rows = [
        face.surface.at(x + lean * thick * h, y + thick * h, lift)
        for h, lift in ((-0.14, 0.05), (0.2, 0.16), (1.0, 0.13))
    ]
    moves = [np.concatenate([move[on_lid], np.repeat(move[last : last + 1], 3, 0)]) for move in moves]
    band = _on_lid("Ink", "lash", np.stack(rows[::-1]), moves, names)
    return merge([band, *_lashes(face, rows[-1], moves, names)])


def _lashes(face: Face, top: Points, moves: list[Points], names: list[str]) -> list[Part]:
    """Single lashes on the outer part of the line."""
    out = []
    for column, reach, aim in ((WIDE - 9, 0.40, (0.66, 0.75)), (WIDE - 6, 0.46, (0.88, 0.48))):
        length = reach * (0.3 + 0.9 * face.params.lash_length)
        a, b = 0.4 * top[column] + 0.6 * top[column + 1], top[column + 2]
        tip = b + np.array([*aim, 0.0]) * length
        inset = np.array([-0.02, -0.12, 0.0])
        move = [m[[column, column + 2, column + 2]] for m in moves]
        strip = np.stack([np.stack([a, tip, tip]), np.stack([a + inset, b + inset, b + inset])])
        out.append(_on_lid("Ink", "lash", strip, move, names))
    return out


def lower_lash(face: Face, shifts: Shifts) -> Part:
    """A thin line under the outer half of the eye."""
    edge, names, moves = _edge(face, shifts, EYE_ROW + 1)
    t = face.lid_t
    thick = 0.01 + 0.13 * smoothstep(0.35, 0.95, t)
    rows = [face.surface.at(edge[:, 0], edge[:, 1] + dy, 0.06) for dy in (0.02, -thick)]
    return _on_lid("Ink", "lower lash", np.stack(rows), moves, names)


def crease(face: Face, shifts: Shifts) -> Part:
    """The fold above the lid; it sinks a little when the eye shuts."""
    edge, names, moves = _edge(face, shifts, EYE_ROW)
    t = face.lid_t
    part = slice(4, WIDE - 1)
    up = 0.62 + 0.1 * np.sin(np.pi * t)
    thick = 0.075 * np.sin(np.pi * np.linspace(0, 1, WIDE - 5))
    x, y = edge[part, 0] + 0.1 * (t[part] - 0.4), edge[part, 1] + up[part]
    rows = [face.surface.at(x, y + sign * thick, 0.035) for sign in (0.5, -0.5)]
    return _on_lid("Ink", "crease", np.stack(rows), [0.42 * move[part] for move in moves], names)


def margins(face: Face, shifts: Shifts) -> list[Part]:
    """The thickness of the lids, from their edges back to the white."""
    out = []
    for row, ink in ((EYE_ROW, "upper margin"), (EYE_ROW + 1, "lower margin")):
        edge, names, moves = _edge(face, shifts, row)
        inner = edge - np.array([0, 0, WHITE_DEPTH + 0.08])
        rows = np.stack([inner, edge] if row == EYE_ROW else [edge, inner])
        out.append(_on_lid("Ink", ink, rows, moves, names))
    return out


def brow(face: Face) -> Part:
    """A tapered stroke that moves with the forehead."""
    p = face.params
    u = np.linspace(0, 1, 15)
    x = 1.25 + 3.75 * p.brow_length * u
    y = EYE_LEVEL + 2.7 + p.brow_height + 0.62 * np.sin(np.pi * (0.12 + 0.72 * u)) + 0.55 * p.brow_tilt * (u - 0.45)
    thick = 0.40 * p.brow_thickness * (0.35 + 0.65 * smoothstep(0, 0.3, u)) * np.sqrt(np.clip(1 - u**2.2, 0.004, 1))
    rows = np.stack([face.surface.at(x, y + h * thick, 0.1) for h in (0.5, 0.0, -0.5)])
    part = sheet("Ink", rows)
    part.uvs = ink_uv("brow", part.uvs)
    part.normals[:] = [0, 0, 1]
    site = Site(face, part.positions, np.ones(len(part)))
    part.morphs = {name: field(name)(site) for name in CURVES if name.startswith("brow")}
    return rigid(part)


def ear(face: Face) -> Part:
    """A shell with a rim and a hollow; hair hides most of it."""
    angle, radius = np.meshgrid(np.linspace(0, 2 * np.pi, 29), np.linspace(1, 0, 8), indexing="xy")
    height = 2.3 * np.sin(angle) * radius * (1 + 0.12 * np.sin(angle))
    depth = -1.35 * np.cos(angle) * radius * (0.8 + 0.2 * np.sin(angle)) - 0.25 * height * 0.6
    lobe = 0.45 + 0.55 * smoothstep(-1.0, 0.2, np.sin(angle))  # the lobe lies closer to the head
    rim = lobe * (0.80 * smoothstep(1.0, 0.8, radius) - 0.65 * smoothstep(0.72, 0.25, radius))
    flare = 0.38 * np.clip(-depth, 0, 2) * lobe
    base = face.surface.base(np.pi / 2, face.surface.v_at(1.3, 4.2))
    points = np.stack([base[0] - 0.25 + rim + flare, 4.3 + height, -0.9 + depth], -1)
    part = sheet("Skin", points)
    part.triangles = part.triangles[:, ::-1].copy()
    part.normals = vertex_normals(part.positions, part.triangles)
    part.uvs = face_uv(part.positions)
    return rigid(part)


# ---- mouth ----

JAW = tuple(name for name in CURVES if name.startswith("jaw"))

BOWL_HALF, BOWL_TOP, BOWL_BOTTOM = 2.9, 1.7, -1.6
BOWL_RIM, BOWL_DEPTH = 0.4, 2.1
"""Centimetres: how far the inside of the mouth reaches beside, above and below the lips' line, how far its rim lies
behind the skin, and its middle behind the rim."""


def mouth_bowl(face: Face) -> Part:
    """The inside of the mouth: a round bowl behind the lips, wider than they open, that looks ahead everywhere. A bag
    that begins on the lips has walls seen edge on, and these flicker through the skin where a character is drawn small.

    It moves as the skin before it does, so that it never shows through cheek or chin.
    """
    u, w = np.meshgrid(np.linspace(-1, 1, 17), np.linspace(1, -1, 13))
    across, height = u * np.sqrt(1 - w**2 / 2), w * np.sqrt(1 - u**2 / 2)  # a square made round
    x = across * BOWL_HALF * face.params.mouth_width
    y = face.mouth_level + height * np.where(height > 0, BOWL_TOP, -BOWL_BOTTOM)
    deep = smoothstep(1.0, 0.0, np.abs(u)) * smoothstep(1.0, 0.3, np.abs(w))
    skin = np.stack([x, y, face.surface.depth(x, y)], -1).reshape(-1, 3)
    points = skin.reshape(*x.shape, 3) - np.stack([0 * x, 0 * x, BOWL_RIM + BOWL_DEPTH * deep], -1)
    part = sheet("Ink", points, np.stack([across, deep], -1))
    part.uvs = ink_uv("mouth", part.uvs)
    part.normals[:] = [0, 0, 1]
    lower = smoothstep(0.3, -0.6, height.ravel())[:, None]
    above, below = (Site(face, skin, np.full(len(skin), side)) for side in (1.0, -1.0))
    part.morphs = {
        name: (1 - lower) * field(name)(above) + lower * field(name)(below)
        for name in CURVES
        if name.startswith(("jaw", "mouth"))
    }
    return rigid(part)


def jaw_motion(curve: str, points: Points) -> Points:
    """What is fixed to the lower jaw."""
    if curve == "jawOpen":
        return 0.95 * jaw_turn(points, JAW_ANGLE)
    shift = {"jawForward": [0, 0, 0.5], "jawLeft": [0.65, 0, 0], "jawRight": [-0.65, 0, 0]}.get(curve, [0, 0, 0])
    return np.zeros_like(points) + shift


def make_room(part: Part) -> Shifts:
    """What lies behind the lower lip makes room for it when the lips close over an open jaw."""
    return {"mouthClose": np.tile([0.0, 0.0, -1.6], (len(part), 1))}


def teeth(face: Face) -> list[Part]:
    """Two white arches just behind the lips."""
    width = 1.3 * face.params.mouth_width
    lips = float(face.surface.depth(0.0, face.mouth_level))
    out = []
    for top, bottom, jaw in ((0.75, -0.10, False), (-0.58, -1.1, True)):
        u, h = np.meshgrid(np.linspace(-1, 1, 15), np.linspace(0, 1, 4))
        tall = 1 - 0.75 * smoothstep(0.6, 1.0, np.abs(u))  # the back teeth hide behind the corners
        y = face.mouth_level + top + (bottom - top) * (h * tall if not jaw else 1 - (1 - h) * tall)
        z = lips - 0.62 - 0.7 * u**2 - (0.12 if jaw else 0)
        part = sheet("Ink", np.stack([u * width, y, z], -1))
        part.uvs = ink_uv("teeth", np.stack([u.ravel() * 0.5 + 0.5, h.ravel() if not jaw else 1 - h.ravel()], -1))
        part.normals[:] = [0, 0, 1]
        if jaw:
            part.morphs = {name: jaw_motion(name, part.positions) for name in JAW} | make_room(part)
        for name in ("mouthPucker", "mouthFunnel"):  # round lips hide the teeth
            part.morphs[name] = np.tile([0.0, -0.4 if jaw else 0.4, 0.0], (len(part), 1))
        out.append(rigid(part))
    return out


# From the root to the tip and under it: z from the lips, height above their line, half the width, how far it comes out,
# and its height when it is out, cm.
TONGUE = np.array([
    [-2.50, -0.02, 0.80, 0.00, 0.10],
    [-1.95, -0.12, 0.92, 0.10, 0.12],
    [-1.45, -0.24, 0.96, 0.45, 0.12],
    [-1.12, -0.38, 0.90, 0.85, 0.06],
    [-0.95, -0.46, 0.80, 1.00, 0.02],
    [-1.00, -0.58, 0.64, 0.86, -0.16],
    [-1.15, -0.70, 0.50, 0.55, -0.34],
])  # fmt: skip
TONGUE_OUT = 2.5
"""Centimetres that the tip comes forward."""


def tongue(face: Face) -> Part:
    """A soft ramp from the floor of the mouth, which shows its upper side and its tip, nothing edge on. tongueOut
    carries the tip out between the teeth and over the lower lip."""
    lips = float(face.surface.depth(0.0, face.mouth_level))
    place, along = np.linspace(0, 1, len(TONGUE)), np.linspace(0, 1, 15)
    z, rise, half, reach, out = np.repeat(spline(place, TONGUE, along)[:, :, None], 15, 2).transpose(1, 0, 2)
    u = np.broadcast_to(np.linspace(-1, 1, 15), z.shape)
    groove = 0.08 * bell(u, 0.16) * smoothstep(-0.6, -0.2, rise)
    points = np.stack([
        half * u * face.params.mouth_width,
        face.mouth_level + rise - 0.28 * u**2 - groove,
        lips + z - 0.45 * u**2,
    ], -1)  # fmt: skip
    part = sheet("Ink", points)
    part.normals[:] = [0, 0, 1]
    part.uvs = ink_uv("tongue", np.stack([u.ravel(), np.repeat(1 - along, 15)], -1))
    with_jaw = (1 - 0.25 * smoothstep(1.0, 0.3, np.repeat(along, 15)))[:, None]
    part.morphs = {name: with_jaw * jaw_motion(name, part.positions) for name in JAW}
    part.morphs |= make_room(part)
    flat = out - rise + 0.20 * u**2
    part.morphs["tongueOut"] = np.stack([0 * z, flat, TONGUE_OUT * reach], -1).reshape(-1, 3)
    return rigid(part)
