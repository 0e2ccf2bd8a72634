"""Curves as Live Link Face writes them on a phone: one row a frame, for every tool made for that app.

The header and its order are those of the app's own files, where right stands before left in JawRight, JawLeft and
MouthRight, MouthLeft, unlike in its packets. Angles are radians, with the signs of bridge.outputs.livelink. The
timecode hh:mm:ss:ff.fff counts from the take's start. Read by the names of the columns, in any order.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import numpy as np

from bridge.body.idle import STANCE
from bridge.curves import CURVES
from bridge.frames import FRAME_RATE, Motion
from bridge.inputs.captured import turned
from bridge.outputs.feed import Pose
from bridge.outputs.livelink import COUNT, euler, head_angles
from bridge.skeleton import JOINT_INDEX, JOINTS, Array, from_rotation_vector
from bridge.takes.take import Growing, TakeError, Writer, checked

_EYES = [JOINT_INDEX["leftEye"], JOINT_INDEX["rightEye"]]
_HEAD = JOINT_INDEX["head"]
ANGLES = tuple(who + angle for who in ("Head", "LeftEye", "RightEye") for angle in ("Yaw", "Pitch", "Roll"))


def _swapped(names: list[str]) -> list[str]:
    for left, right in (("JawLeft", "JawRight"), ("MouthLeft", "MouthRight")):
        i, j = names.index(left), names.index(right)
        names[i], names[j] = right, left
    return names


COLUMNS = (*_swapped([name[0].upper() + name[1:] for name in CURVES]), *ANGLES)
"""The 61 columns after Timecode and BlendShapeCount."""

_ORDER = [CURVES.index(name[0].lower() + name[1:]) for name in COLUMNS[: len(CURVES)]]
_ROW = "%02d:%02d:%02d:%02d.000," + str(COUNT) + ",%.6f" * COUNT + "\n"
_TIMECODE = re.compile(r"(\d{1,2}):(\d\d):(\d\d):(\d{1,3}(?:\.\d{0,9})?)\Z")

_DAY = 24 * 60 * 60

LONGEST_LINE = 1 << 16
"""Characters."""


class CsvWriter(Writer):
    """See Writer."""

    def __init__(self, path: Path) -> None:
        self._file = Growing(path, ",".join(("Timecode", "BlendShapeCount", *COLUMNS)).encode() + b"\n")
        self._frame = 0

    def write(self, motion: Motion, *, held: bool = False) -> None:
        """See Writer. Of the body, head and eyes are kept."""
        rows = np.hstack([motion.curves[:, _ORDER], *_angles(motion.rotations)]).tolist()
        text = "".join(_ROW % (*_timecode(self._frame + i), *row) for i, row in enumerate(rows))
        self._file.append(text.encode())
        self._frame += len(rows)

    def close(self) -> None:
        """See Writer."""
        self._file.close()


def _angles(rotations: Array) -> tuple[Array, Array, Array]:
    """Yaw, pitch, roll (count, 3) of the head in the model's space, and of the eyes in the head."""
    head = head_angles(rotations.swapaxes(0, 1))
    left, right = (euler(rotations[:, eye]) for eye in _EYES)
    return head, left, right


def _timecode(frame: int) -> tuple[int, int, int, int]:
    second, part = divmod(frame, FRAME_RATE)
    return second // 3600, second // 60 % 60, second % 60, part


def read_csv(path: Path) -> Iterator[Pose]:
    """The poses of a file, row by row, times in microseconds from its first row; arms hang, what is missing is 0.

    Raises TakeError, OSError.
    """
    rate = _rate(path)
    begin, last, passed = 0.0, None, 0.0
    for code, weights, angles in _rows(path):
        seconds = _seconds(code, rate)
        if last is None:
            begin = seconds
        elif seconds < last - _DAY / 2:
            begin -= _DAY  # it was recorded over midnight
        last, passed = seconds, max(passed, seconds - begin)  # time does not go back
        rotations = _HANGING.copy()
        rotations[[_HEAD, *_EYES]] = [turned(*turn) for turn in (angles.reshape(3, 3) * _SIGNS).tolist()]
        yield Pose(round(passed * 1_000_000), weights, rotations, np.zeros(3, np.float32))


def _rate(path: Path) -> int:
    """Frames a second of the timecode: 60, unless whole seconds go by in which none is numbered 30 or more."""
    most, seconds = 0.0, set[float]()
    for (*_, second, frame), _, _ in _rows(path):
        most = max(most, frame)
        if len(seconds) < 3:
            seconds.add(second)
    return FRAME_RATE if most >= 30 or len(seconds) < 3 else 30


def _seconds(code: tuple[float, ...], rate: int) -> float:
    hour, minute, second, frame = code
    return hour * 3600 + minute * 60 + second + frame / rate


def _rows(path: Path) -> Iterator[tuple[tuple[float, ...], Array, Array]]:
    """Hour, minute, second and frame; the curves (52,) in our order; the nine angles."""
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        rows = csv.reader(_lines(path, file))
        try:
            header = [name.strip().lower() for name in next(rows, [])]
        except csv.Error as error:
            raise TakeError(f"{path}: is no CSV: {error}") from None
        if "timecode" not in header or "jawopen" not in header:
            raise TakeError(f"{path}: is no take of Live Link Face: its first row names no Timecode and JawOpen")
        code = header.index("timecode")
        places = [(header.index(name), i) for i, name in enumerate(_NAMES) if name in header]
        try:
            for row in rows:
                if row:
                    yield _read_row(row, code, places)
        except (ValueError, IndexError, csv.Error) as error:
            raise TakeError(f"{path}, line {rows.line_num}: {_reason(error)}") from None


def _read_row(row: list[str], code: int, places: list[tuple[int, int]]) -> tuple[tuple[float, ...], Array, Array]:
    match = _TIMECODE.match(row[code].strip())
    if not match:
        raise ValueError(f'"{row[code][:40]}" is no timecode such as 00:00:01:30.000')
    values = [0.0] * COUNT
    for place, i in places:
        values[i] = float(row[place] or 0)
    numbers = checked(values)
    return tuple(map(float, match.groups())), numbers[: len(CURVES)], numbers[len(CURVES) :]


def _reason(error: Exception) -> str:
    return "has too few columns; the file was cut off" if isinstance(error, IndexError) else str(error)


def _lines(path: Path, file: TextIO) -> Iterator[str]:
    """The file's lines, none of them without end."""
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise TakeError(f"{path}: has a line of more than {LONGEST_LINE} characters; it is no take")
        yield line


def _hanging() -> Array:
    """Rotations (22, 4) of someone whose arms hang, at rest otherwise."""
    arms = [joint.name.endswith(("Shoulder", "Arm", "Hand")) for joint in JOINTS]
    return from_rotation_vector(np.where(np.array(arms)[:, None], STANCE, 0))


_HANGING = _hanging()
_SIGNS = np.array([[-1], [1], [1]], np.float32)  # the head's angles have the other sign than the eyes'
_NAMES = [*(name.lower() for name in CURVES), *(name.lower() for name in ANGLES)]
