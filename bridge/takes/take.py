"""What every file of a take has in common: rows on the frame grid that are there for good once they are written."""

import io
import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from bridge.frames import Motion
from bridge.skeleton import Array

LONGEST_S = 12 * 3600
"""Seconds of a take at most: half a day, which keeps every format below the 4 GiB that glTF and WAV can hold."""


LARGEST = 1000
"""No weight, angle in radians or place in metres of a take is beyond it."""


class TakeError(Exception):
    """A take cannot be written or read; the message names the file, what is wrong, and what to do."""


def checked(values: npt.ArrayLike) -> Array:
    """Numbers that were read, as float32. Raises ValueError where one is not finite, or beyond LARGEST; TypeError."""
    numbers = np.asarray(values, float)
    if not (np.abs(numbers) <= LARGEST).all():
        raise ValueError(f"a value is not finite, or beyond {LARGEST}")
    return numbers.astype(np.float32)


class Writer(ABC):
    """A take while it is written. OSError says that the disk is full; what was written before stays."""

    @abstractmethod
    def write(self, motion: Motion, *, held: bool = False) -> None:
        """The frames that follow. `held`: they were never seen, the last one stands in for them."""

    def finish(self) -> None:  # noqa: B027  # most formats are whole after every step
        """Nothing more comes: make the file whole, if it is not yet."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the file as it is."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Growing:
    """A file that only grows, and is whole after every step: killed between two of them, it can be read all the same.

    It ends with a tail, such as the brackets that close it, which each step moves on.
    """

    def __init__(self, path: Path, head: bytes, tail: bytes = b"") -> None:
        """A new file, in the place of what may be there."""
        self._file = io.FileIO(path, "w")
        self._tail = tail
        self._end = 0  # where the tail begins
        try:
            self.append(head)
        except OSError:
            self._file.close()
            os.unlink(path)  # a file without its head is none
            raise

    def append(self, data: bytes) -> None:
        """Put these bytes before the tail: all of them or, where that raises OSError, none."""
        try:
            self._write(self._end, data + self._tail)
        except OSError:
            self._file.truncate(self._end)
            self._write(self._end, self._tail)
            raise
        self._end += len(data)

    def patch(self, place: int, data: bytes) -> None:
        """Put other bytes in the place of some that are there."""
        self._write(place, data)

    def close(self) -> None:
        """Let go of it."""
        self._file.close()

    def _write(self, place: int, data: bytes) -> None:
        self._file.seek(place)
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]
