"""A take as JSON: everything a frame holds, for scripts. docs/takes.md describes it.

One frame a line, so that the file can be read with little memory and compared line by line, and is whole JSON at every
moment while it is written.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bridge import __version__
from bridge.curves import CURVES, INDEX
from bridge.frames import FRAME_RATE, Motion
from bridge.outputs.feed import Pose
from bridge.skeleton import JOINTS, normalised, rest_rotations
from bridge.takes.take import LONGEST_S, Growing, TakeError, Writer, checked

FORMAT = 1
LARGEST = 1 << 30
"""Bytes of a file that is read: more than an hour and a half."""

_COUNTS = {"curves": len(CURVES), "rotations": 4 * len(JOINTS), "root": 3}


class JsonWriter(Writer):
    """See Writer."""

    def __init__(self, path: Path, sound: str = "") -> None:
        """sound: the name of the file that holds the take's sound, if any."""
        head = {
            "rigcast_take": FORMAT,
            "generator": f"Rigcast {__version__}",
            "frame_rate": FRAME_RATE,
            "sound": sound or None,
            "curves": CURVES,
            "joints": [{"name": j.name, "parent": j.parent, "rest_offset": j.offset} for j in JOINTS],
        }
        text = json.dumps(head, separators=(",", ":"))[:-1] + ',"frames":['
        self._file = Growing(path, text.encode(), b"\n]}\n")
        self._frame = 0

    def write(self, motion: Motion, *, held: bool = False) -> None:
        """See Writer. Held frames say so."""
        columns = motion.curves, motion.rotations.reshape(len(motion), -1), motion.root
        rows = zip(*(np.round(column.astype(float), 5).tolist() for column in columns), strict=True)
        lines = (self._line(self._frame + i, row, held) for i, row in enumerate(rows))
        self._file.append("".join(lines).encode())
        self._frame += len(motion)

    def _line(self, frame: int, row: tuple[list[float], ...], held: bool) -> str:
        body = {"time": round(frame / FRAME_RATE, 6), **dict(zip(_COUNTS, row, strict=True))}
        if held:
            body["held"] = True
        return ("," if frame else "") + "\n" + json.dumps(body, separators=(",", ":"), allow_nan=False)

    def close(self) -> None:
        """See Writer."""
        self._file.close()


def read_json(path: Path) -> Iterator[Pose]:
    """The poses of a file, times in microseconds as it tells them. Raises TakeError, OSError.

    Body and root may be left out; curves may be named in any order and number.
    """
    if path.stat().st_size > LARGEST:
        raise TakeError(f"{path}: has more than {LARGEST >> 30} GiB; write it as .csv, which is read row by row")
    try:
        with open(path, encoding="utf-8") as file:
            take = json.load(file, object_hook=_packed)
    except (ValueError, TypeError, RecursionError) as error:
        raise TakeError(f"{path}: is no JSON, or not of a take: {error}") from None
    yield from _poses(path, take)


def _packed(found: dict[str, Any]) -> dict[str, Any]:
    """A frame's long lists as arrays as soon as they are read, which take a tenth of the memory."""
    for name in _COUNTS.keys() & found.keys():
        values = found[name]
        if isinstance(values, list) and values and not isinstance(values[0], str):
            found[name] = checked(values)
    return found


def _poses(path: Path, take: Any) -> Iterator[Pose]:
    if not isinstance(take, dict) or take.get("rigcast_take") != FORMAT:
        raise TakeError(f'{path}: is no take: it does not begin with "rigcast_take": {FORMAT}')
    number = -1
    try:
        places = np.array([(i, INDEX[name]) for i, name in enumerate(take["curves"]) if name in INDEX]).reshape(-1, 2)
        for frame in take["frames"]:
            number += 1
            yield _pose(frame, places)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
        where = f"frame {number}" if number >= 0 else "its head"
        raise TakeError(f"{path}: {where} cannot be read: {error!r}") from None


def _pose(frame: dict[str, Any], places: npt.NDArray[np.intp]) -> Pose:
    curves = np.zeros(len(CURVES), np.float32)
    curves[places[:, 1]] = checked(frame["curves"])[places[:, 0]]
    rotations = checked(frame.get("rotations", _REST)).reshape(len(JOINTS), 4)
    root = checked(frame.get("root", (0, 0, 0))).reshape(3)
    if not 0 <= frame["time"] <= LONGEST_S:
        raise ValueError(f"its time must be 0 to {LONGEST_S} s")
    return Pose(round(frame["time"] * 1_000_000), curves, normalised(rotations), root)


_REST = rest_rotations(1)[0]
