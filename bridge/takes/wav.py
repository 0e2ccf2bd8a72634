"""The sound of a take as WAV (RIFF, Microsoft and IBM 1991): 16-bit mono at AUDIO_RATE, whole at every moment."""

import struct
from pathlib import Path
from typing import Self

from bridge.frames import AUDIO_RATE, Pcm
from bridge.takes.take import Growing

_HEAD = struct.Struct("<4sI4s4sIHHIIHH4sI")
_RIFF_SIZE, _DATA_SIZE = 4, 40
"""Where the two lengths stand."""

_PCM, _MONO, _BYTES = 1, 1, 2


class WavWriter:
    """Sound, piece after piece."""

    def __init__(self, path: Path) -> None:
        self._file = Growing(path, _head(0))
        self.samples = 0

    def write(self, pcm: Pcm) -> None:
        """The samples that follow. OSError says that the disk is full; what was written before stays."""
        self._file.append(pcm.astype("<i2").tobytes())
        self.samples += len(pcm)
        head = _head(self.samples)
        for place in (_DATA_SIZE, _RIFF_SIZE):
            self._file.patch(place, head[place : place + 4])

    def close(self) -> None:
        """Let go of it."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _head(samples: int) -> bytes:
    size = samples * _BYTES
    return _HEAD.pack(
        b"RIFF", _HEAD.size - 8 + size, b"WAVE", b"fmt ", 16, _PCM, _MONO,
        AUDIO_RATE, AUDIO_RATE * _BYTES, _BYTES, 8 * _BYTES, b"data", size,
    )  # fmt: skip
