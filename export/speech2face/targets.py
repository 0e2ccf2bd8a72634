"""What the network learns to say of each frame: the articulators' posture that the bridge gives to the true phones.

The network predicts articulators, not curves: eight numbers hold all that speech does to a mouth, and the bridge's own
`bridge.face.mouth.pose` turns them into curves, so a change of the curves needs no training.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bridge.face.articulation import authority, loudness, postures
from bridge.face.mouth import VIRTUAL, Posture
from bridge.face.shapes import SHAPES, Shape, parts
from bridge.frames import FRAME_RATE, Pcm, Phone

Floats = npt.NDArray[np.float32]

OPENINGS = Posture._fields[:5]
"""Articulators with a graded target: jaw, part, wide, pucker, funnel; 0..1."""
GESTURES = Posture._fields[5:]
"""Articulators that are used or not: seal, tuck, tongue; here 0..1, where 1 is VIRTUAL."""
TARGETS = (*OPENINGS, *GESTURES, "authority", "emphasis")

SOUNDS: tuple[Shape, ...] = tuple(dict.fromkeys(SHAPES.values()))
"""Sounds that look different. Class 0 of the network is silence, class i + 1 the i-th of these."""
CLASS = {shape: i + 1 for i, shape in enumerate(SOUNDS)}

_SMOOTHING = np.array([0.3, 0.4, 0.3])
_EMPHASIS_REACH = 0.12
"""Seconds that the emphasis of a stressed vowel takes to rise and to fall."""


def targets(phones: Sequence[Phone], pcm: Pcm, count: int) -> tuple[Floats, npt.NDArray[np.uint8]]:
    """The targets (count, len(TARGETS)) and classes (count,) of the frames 0 to `count` of a clip at AUDIO_RATE."""
    at = np.arange(-1, count + 1) / FRAME_RATE
    loud = loudness(pcm, count + 2, -1)
    posture = postures(phones, at, loudness=loud)
    rows = np.stack(
        [
            *(np.clip(column, 0, 1) for column in posture[:5]),
            *(np.clip(column / VIRTUAL, 0, 1) for column in posture[5:]),
            authority(phones, at),
            _emphasis(phones, at, loud),
        ],
        axis=1,
    )
    smooth = sum(tap * rows[i : i + count] for i, tap in enumerate(_SMOOTHING))
    return np.asarray(smooth, np.float32), _classes(phones, at[1:-1])


def _classes(phones: Sequence[Phone], at: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    out = np.zeros(len(at), np.uint8)
    for phone in phones:
        begin = phone.start
        for shape, share in parts(phone.symbol):
            end = begin + share * (phone.end - phone.start)
            out[np.searchsorted(at, begin) : np.searchsorted(at, end)] = CLASS[shape]
            begin = end
    return out


def _emphasis(phones: Sequence[Phone], at: npt.NDArray[np.float64], loud: Floats) -> npt.NDArray[np.float64]:
    """How prominent the present syllable is, 0..1: the loudness of stressed vowels above the usual, eased."""
    out = np.zeros(len(at))
    for phone in phones:
        if phone.stress == 1:
            away = np.maximum(phone.start - at, at - phone.end) / _EMPHASIS_REACH
            inside = away <= 0
            level = float(loud[inside].max(initial=0.0))
            fade = 0.5 + 0.5 * np.cos(np.pi * np.clip(away, 0, 1))
            out = np.maximum(out, fade * min(max(2.5 * (level - 0.35), 0.0), 1.0))
    return out
