"""The body as BVH (Biovision hierarchy), for Blender, MotionBuilder and whatever else reads motion capture.

Metres, Y up, facing +Z, a T-pose as rest. Each joint's channels are turns about Z, X and Y in degrees, the last one
applied first; the hips have their place before them. BVH knows no faces.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bridge.frames import FRAME_RATE, Motion
from bridge.skeleton import JOINTS, Array
from bridge.takes.take import Growing, Writer

CHANNELS = "Zrotation Xrotation Yrotation"
TIP = 0.05
"""Metres from a last joint to its end, which only shows how long it is drawn."""

_COUNT = "%12d"
"""Of frames: as many digits as always, so that it can be written over."""

_OFFSET = np.array(JOINTS[0].offset)
_PERIOD = 2 * np.pi


class BvhWriter(Writer):
    """See Writer."""

    def __init__(self, path: Path) -> None:
        head = "\n".join(("HIERARCHY", *_joint(0, 0), "MOTION", "Frames: "))
        self._place = len(head.encode())
        self._file = Growing(path, f"{head}{_COUNT % 0}\nFrame Time: {1 / FRAME_RATE:.8f}\n".encode())
        self._frames = 0
        self._last = np.zeros((1, len(JOINTS), 3))

    def write(self, motion: Motion, *, held: bool = False) -> None:
        """See Writer."""
        angles = np.unwrap(np.concatenate([self._last, angles_zxy(motion.rotations)]), axis=0, period=_PERIOD)[1:]
        self._last = angles[-1:] if len(angles) else self._last
        rows = np.hstack([motion.root + _OFFSET, np.degrees(angles).reshape(len(angles), -1)]).tolist()
        self._file.append("".join(" ".join(f"{value:.5f}" for value in row) + "\n" for row in rows).encode())
        self._frames += len(rows)
        self._file.patch(self._place, (_COUNT % self._frames).encode())

    def close(self) -> None:
        """See Writer."""
        self._file.close()


def angles_zxy(q: Array) -> Array:
    """Radians (…, 3) about Z, X and Y: the product of these turns, in this order, is that of quaternions (…, 4)."""
    x, y, z, w = (q[..., i].astype(float) for i in range(4))
    about_z = np.arctan2(2 * (w * z - x * y), 1 - 2 * (x * x + z * z))
    about_x = np.arcsin(np.clip(2 * (w * x + y * z), -1, 1))
    about_y = np.arctan2(2 * (w * y - x * z), 1 - 2 * (x * x + y * y))
    return np.stack([about_z, about_x, about_y], -1)


def _joint(index: int, depth: int) -> Iterator[str]:
    """The lines of a joint and all that it carries."""
    joint, pad = JOINTS[index], "\t" * depth
    below = [i for i, other in enumerate(JOINTS) if other.parent == index]
    yield f"{pad}{'JOINT' if depth else 'ROOT'} {joint.name}"
    yield f"{pad}{{"
    yield f"{pad}\tOFFSET {_numbers(joint.offset if depth else (0, 0, 0))}"
    yield f"{pad}\tCHANNELS {f'3 {CHANNELS}' if depth else f'6 Xposition Yposition Zposition {CHANNELS}'}"
    for child in below:
        yield from _joint(child, depth + 1)
    if not below:
        yield from _tip(joint.offset, pad + "\t")
    yield f"{pad}}}"


def _tip(offset: tuple[float, float, float], pad: str) -> Iterator[str]:
    """The end of a last joint, on along the way that leads to it."""
    along = np.array(offset) * TIP / np.linalg.norm(offset)
    yield from (f"{pad}End Site", f"{pad}{{", f"{pad}\tOFFSET {_numbers(along)}", f"{pad}}}")


def _numbers(values: "Array | tuple[float, ...]") -> str:
    return " ".join(f"{value:.5f}" for value in values)
