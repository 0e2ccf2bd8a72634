"""How the curves move this face against how they move a scanned one: `python -m bridge.avatar.compare expressions.npz`.

The file is USC ICT FaceKit's (MIT) neutral head and expression deltas: neutral (n, 3), deltas (k, n, 3), names (k,),
idx_to_landmark_verts (68,) in the iBUG order. Both faces are measured at the same landmarks, in units of the distance
between the mouth's line and the eyes' line. Printed for each curve: the cosine between the two motions of all
landmarks, and the length of ours over theirs. A stylised face need not have the same lengths; directions should agree.
"""

import sys
from pathlib import Path

import numpy as np

from bridge.avatar.expressions import Site, field, skin_shifts
from bridge.avatar.face import EYE_IN, EYE_OUT, EYE_ROW, HALF, MOUTH, MOUTH_ROW, Face
from bridge.avatar.mesh import Points
from bridge.avatar.params import DEFAULT
from bridge.avatar.surface import EYE_LEVEL, nose_level
from bridge.curves import CURVES

MIDDLE_LID = (EYE_IN + EYE_OUT) // 2
GRID = {
    48: (MOUTH_ROW, -MOUTH), 54: (MOUTH_ROW, MOUTH), 62: (MOUTH_ROW, 0), 66: (MOUTH_ROW + 1, 0),
    61: (MOUTH_ROW, -MOUTH // 2), 63: (MOUTH_ROW, MOUTH // 2), 67: (MOUTH_ROW + 1, -MOUTH // 2),
    65: (MOUTH_ROW + 1, MOUTH // 2), 37: (EYE_ROW, -MIDDLE_LID), 44: (EYE_ROW, MIDDLE_LID),
    41: (EYE_ROW + 1, -MIDDLE_LID), 46: (EYE_ROW + 1, MIDDLE_LID),
}  # fmt: skip
"""iBUG landmarks that are vertices of the grid: row, column from the middle (+ is the character's left)."""


def spots(face: Face) -> dict[int, tuple[float, float]]:
    """x, y of the landmarks that are places on the face: brows, chin, wings of the nose."""
    nose, brow = nose_level(face.params), EYE_LEVEL + 3.5
    chin = face.mouth_level - 2.6
    pairs = {
        17: (-4.8, brow - 0.2),
        19: (-3.2, brow + 0.2),
        21: (-1.5, brow - 0.1),
        31: (-0.7, nose),
        6: (-2.6, chin + 0.7),
    }
    mirror = {17: 26, 19: 24, 21: 22, 31: 35, 6: 10}
    return pairs | {mirror[k]: (-x, y) for k, (x, y) in pairs.items()} | {8: (0.0, chin)}


def ours(face: Face) -> tuple[list[int], Points, dict[str, Points]]:
    """Landmark numbers, their rest places and their motions, in face units."""
    shifts = skin_shifts(face)
    corners = {number: (row, HALF + column) for number, (row, column) in GRID.items()}
    places = spots(face)
    points = face.surface.at(*np.array(list(places.values())).T)
    site = Site(face, points, np.where(points[:, 1] > face.mouth_level, 1.0, -1.0))
    unit = EYE_LEVEL - face.mouth_level
    moves = {
        curve: np.concatenate([np.stack([shifts[curve][at] for at in corners.values()]), field(curve)(site)]) / unit
        for curve in CURVES
    }
    rest = np.concatenate([np.stack([face.rest[at] for at in corners.values()]), points]) / unit
    return [*corners, *places], rest, moves


def theirs(path: Path, numbers: list[int]) -> dict[str, Points]:
    """The scanned head's motions of the same landmarks, in its own face units."""
    data = np.load(path)
    landmark = data["idx_to_landmark_verts"]
    rest = data["neutral"][landmark]
    eyes, mouth = rest[[37, 38, 40, 41, 43, 44, 46, 47], 1].mean(), rest[[62, 66], 1].mean()
    moves = {
        str(n): d[landmark[numbers]].astype(float) / (eyes - mouth)
        for n, d in zip(data["names"], data["deltas"], strict=True)
    }
    for whole in ("browInnerUp", "cheekPuff"):
        halves = [name for name in moves if name.startswith(whole)]
        moves[whole] = sum((moves[name] for name in halves), np.zeros((len(numbers), 3)))
    return {_arkit(name): move for name, move in moves.items()}


def _arkit(name: str) -> str:
    return name.replace("_L", "Left").replace("_R", "Right")


def main(path: Path) -> None:
    numbers, _, own = ours(Face(DEFAULT))
    scanned = theirs(path, numbers)
    print(f"{'curve':22} cosine  length")
    for curve in CURVES:
        if curve not in scanned or not own[curve].any():
            print(f"{curve:22} not compared")
            continue
        a, b = own[curve].ravel(), scanned[curve].ravel()
        cosine = float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
        print(f"{curve:22} {cosine:6.2f} {np.linalg.norm(a) / np.linalg.norm(b):7.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
