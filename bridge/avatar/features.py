"""What a face has besides skin: eyes, lashes, brows, the inside of the mouth, teeth, tongue, ears.

Everything is placed on the grid of `face` and moves with it. Centimetres in the head's space.
"""

import numpy as np

from bridge.avatar.expressions import JAW_ANGLE, Site, field, jaw_turn, skin_shifts, stack
from bridge.avatar.face import EYE_IN, EYE_OUT, EYE_ROW, HALF, MOUTH, MOUTH_ROW, WIDE, Face
from bridge.avatar.mesh import (
    Part,
    Points,
    bell,
    grid_triangles,
    merge,
    mirrored,
    other_side,
    sheet,
    smoothstep,
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

WHITE_DEPTH = 0.75
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
    return [skin(face, shifts), *both, mouth_bag(face, shifts), *teeth(face), tongue(face)]


def skin(face: Face, shifts: Shifts) -> Part:
    """The grid itself. Beyond a slit its two rows lie and move together, so nothing needs to join them."""
    rows, columns = face.rest.shape[:2]
    cells = grid_triangles(rows, columns).reshape(rows - 1, -1, 3)
    triangles = np.delete(cells, [EYE_ROW, MOUTH_ROW], axis=0).reshape(-1, 3)
    points = face.rest.reshape(-1, 3)
    normals = face.surface.normal(face.theta, face.v).reshape(-1, 3)
    morphs = {curve: shift.reshape(-1, 3) for curve, shift in shifts.items()}
    uvs = face_uv(points)
    return Part("Skin", points, triangles, normals, uvs, neck_skin(points), morphs)


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
    points = face.surface.at(cx + 1.50 * size * ring_x, cy + 1.86 * size * ring_y, lift)
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
    angle, radius = np.meshgrid(np.linspace(0, 2 * np.pi, 21), np.linspace(1, 0, 7), indexing="xy")
    height = 2.6 * np.sin(angle) * radius * (1 + 0.12 * np.sin(angle))
    depth = -1.45 * np.cos(angle) * radius - 0.25 * height * 0.6
    rim = 0.95 * smoothstep(1.0, 0.8, radius) - 0.75 * smoothstep(0.72, 0.25, radius)
    flare = 0.45 * np.clip(-depth, 0, 2)
    base = face.surface.base(np.pi / 2, face.surface.v_at(1.3, 4.2))
    points = np.stack([base[0] - 0.25 + rim + flare, 4.3 + height, -0.9 + depth], -1)
    part = sheet("Skin", points)
    part.triangles = part.triangles[:, ::-1].copy()
    part.normals = vertex_normals(part.positions, part.triangles)
    part.uvs = face_uv(part.positions)
    return rigid(part)


# ---- mouth ----


# z, height of palate and floor, width, share of the lips' shift, of the jaw's shift above, below.
# The bag narrows all the way: walls seen edge on flicker through the skin at some sizes. Its second loop crosses over:
# lips that meet but for a hair then show no dots of what lies behind them.
BAG = np.array([
    [0.0, 0.0, 1.00, 1.0, 0.0, 1.0],
    [-0.08, -0.05, 0.98, 1.0, 0.0, 1.0],
    [-0.35, 0.1, 0.90, 0.9, 0.0, 1.0],
    [-1.0, 0.62, 0.72, 0.6, 0.0, 1.0],
    [-2.6, 1.15, 0.58, 0.3, 0.0, 1.0],
    [-4.3, 1.0, 0.45, 0.0, 0.2, 0.8],
    [-4.9, 0.0, 0.25, 0.0, 0.5, 0.5],
])  # fmt: skip


def mouth_bag(face: Face, shifts: Shifts) -> Part:
    """Lips' inner sides, cheeks, palate, floor and throat: a bag of loops round the slit, the first on its edges."""
    columns = np.arange(HALF - MOUTH, HALF + MOUTH + 1)
    upper = np.stack([np.full(len(columns), MOUTH_ROW), columns])
    lower = np.stack([np.full(len(columns), MOUTH_ROW + 1), columns[::-1]])
    row, column = np.concatenate([upper, lower], 1)
    above = np.repeat([1.0, -1.0], len(columns))
    edge = face.rest[row, column]
    loops = np.stack([edge * [w, 1, 1] + stack(0.0, above * dy, dz) for dz, dy, w, *_ in BAG])
    part = sheet("Ink", loops, closed=True)
    part.uvs = ink_uv("mouth", part.uvs)
    part.normals[:] = [0, 0, 1]
    with_lips = BAG[:, 3, None, None]
    with_jaw = np.where(above > 0, BAG[:, 4, None], BAG[:, 5, None])[..., None]
    for name in CURVES:
        deep = jaw_motion(name, loops.reshape(-1, 3)).reshape(loops.shape) * with_jaw
        moved = with_lips * shifts[name][row, column] + (1 - with_lips) * deep
        part.morphs[name] = np.concatenate([moved, moved[:, :1]], 1).reshape(-1, 3)
    return rigid(part)


def jaw_motion(curve: str, points: Points) -> Points:
    """What is fixed to the lower jaw."""
    if curve == "jawOpen":
        return 0.95 * jaw_turn(points, JAW_ANGLE)
    shift = {"jawForward": [0, 0, 0.5], "jawLeft": [0.65, 0, 0], "jawRight": [-0.65, 0, 0]}.get(curve, [0, 0, 0])
    return np.zeros_like(points) + shift


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
            part.morphs = {name: jaw_motion(name, part.positions) for name in CURVES if name.startswith("jaw")}
        out.append(rigid(part))
    return out


def tongue(face: Face) -> Part:
    """A soft wedge on the floor of the mouth. Its back follows less than half of the jaw and its underside all of it,
    which fills an open mouth from below. tongueOut carries the tip out between the teeth and over the lower lip."""
    lips = float(face.surface.depth(0.0, face.mouth_level))
    angle, along = np.meshgrid(np.linspace(0, 2 * np.pi, 21), np.linspace(0, 1, 14))
    taper = np.sqrt(np.clip(1 - along**4, 0, 1)) * (0.85 + 0.15 * (1 - along))
    thick = 0.30 - 0.10 * along
    x = (0.68 + 0.38 * along) * taper * np.cos(angle) * face.params.mouth_width
    groove = 0.10 * bell(x, 0.2) * (np.sin(angle) > 0) * taper
    y = face.mouth_level - 0.52 + 0.34 * along**2 + thick * taper * np.sin(angle) - groove
    z = lips - 4.1 + 3.15 * along
    part = sheet("Ink", np.stack([x, y, z], -1))
    part.triangles = part.triangles[:, ::-1].copy()
    part.normals = -part.normals
    part.uvs = ink_uv("tongue", np.stack([angle.ravel() / (2 * np.pi), 1 - along.ravel()], -1))
    reach, top = smoothstep(0.1, 1.0, along.ravel()), 0.5 + 0.5 * np.sin(angle.ravel())
    with_jaw = (1 - 0.6 * reach * top)[:, None]
    part.morphs = {name: with_jaw * jaw_motion(name, part.positions) for name in CURVES if name.startswith("jaw")}
    rise = (0.45 + 0.25 * top) * reach - 0.50 * smoothstep(0.7, 1.0, along.ravel())
    part.morphs["tongueOut"] = np.stack([0 * reach, rise, 2.9 * reach], -1)
    return rigid(part)
