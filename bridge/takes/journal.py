"""A take in the making, for formats that can only be written when all is known: rows of numbers beside the file to be.

The first HEAD bytes are a line of JSON that says what is to become of it, padded with spaces; then every frame is ROW
little-endian float32: the 52 curves, the 22 quaternions, the hips' offset. Whatever ends the program, every whole row
is there.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bridge.curves import CURVES
from bridge.frames import Motion
from bridge.skeleton import JOINTS, Array
from bridge.takes.take import Growing, TakeError, Writer

FORMAT = 1
HEAD = 1024
ROW = len(CURVES) + 4 * len(JOINTS) + 3
SUFFIX = ".journal"

_ROTATIONS = slice(len(CURVES), -3)


class Journal(NamedTuple):
    """What a journal holds: options, such as kind (".glb"), and rows (count, ROW), read from the disk when needed."""

    options: dict[str, Any]
    rows: Array


Finish = Callable[[Path, Journal], None]
"""Makes the file that a journal is for."""


class JournalWriter(Writer):
    """See Writer. The file at `path` appears when it is finished; until then the journal lies beside it."""

    def __init__(self, path: Path, options: dict[str, Any], work: Finish) -> None:
        """Raises TakeError where another take of that name waits to be finished."""
        self._path, self._journal, self._work = path, beside(path), work
        if self._journal.exists():
            raise TakeError(
                f"{path}: an earlier take of that name was cut off. Finish it with `rigcast record --recover "
                f"{self._journal}`, or delete that file"
            )
        self._frames = 0
        head = json.dumps({"rigcast_journal": FORMAT, **options})
        self._file = Growing(self._journal, head.ljust(HEAD - 1).encode() + b"\n")

    def write(self, motion: Motion, *, held: bool = False) -> None:
        """See Writer."""
        self._file.append(rows_of(motion).tobytes())
        self._frames += len(motion)

    def finish(self) -> None:
        """See Writer. The journal stays where the file cannot be written."""
        self._file.close()
        finish(self._path, self._journal, self._work)

    def close(self) -> None:
        """See Writer. The journal of nothing is not kept."""
        self._file.close()
        if not self._frames:
            self._journal.unlink(missing_ok=True)


def beside(path: Path) -> Path:
    """Where the journal of a file lies."""
    return path.with_name(path.name + SUFFIX)


def finish(path: Path, journal: Path, work: Finish) -> None:
    """Make a file of its journal, which is then gone. The file appears only when it is whole."""
    part = path.with_name(path.name + ".part")
    try:
        work(part, read_journal(journal))
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    journal.unlink()


def read_journal(path: Path) -> Journal:
    """Raises TakeError where it is no journal, or holds no frame; OSError."""
    with open(path, "rb") as file:
        head = file.read(HEAD)
    try:
        options = json.loads(head)
        known = options["rigcast_journal"] == FORMAT
    except (ValueError, KeyError, TypeError, RecursionError):
        known = False
    if not known:
        raise TakeError(f"{path}: is no journal of a take")
    count = (path.stat().st_size - HEAD) // (4 * ROW)
    if not count:
        raise TakeError(f"{path}: holds no frame; delete it")
    return Journal(options, np.memmap(path, "<f4", "r", HEAD, (count, ROW)))


def rows_of(motion: Motion) -> Array:
    """Motion as rows (count, ROW)."""
    return np.hstack([motion.curves, motion.rotations.reshape(len(motion), -1), motion.root]).astype("<f4")


def curves_of(rows: Array) -> Array:
    """The curves (count, 52)."""
    return rows[:, : len(CURVES)]


def rotations_of(rows: Array) -> Array:
    """The quaternions (count, 22, 4)."""
    return rows[:, _ROTATIONS].reshape(-1, len(JOINTS), 4)


def root_of(rows: Array) -> Array:
    """The hips' offset (count, 3)."""
    return rows[:, -3:]
