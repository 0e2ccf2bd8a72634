"""When things happen by chance: a random sequence of instants that can be entered anywhere.

Time is cut into blocks. In each, events follow one another after random gaps, and both depend only on the block's
number, so that any stretch of it is found without going through what came before.
"""

from collections.abc import Callable

import numpy as np

from bridge.body.noise import Floats, Ints

BLOCK_S = 64.0
"""Seconds of a block. Its first event comes one gap after its start, so no gap is ever shorter than `gaps` gives."""

_MOST = 128  # events of a block


def events(start: float, end: float, gaps: Callable[[Ints], Floats]) -> tuple[Ints, Floats]:
    """Ids and onsets in seconds, both ascending, of the events in [start, end) and of at least one before them.

    `gaps` gives the seconds that pass before the events of these ids, positive, mostly above BLOCK_S / 128 and below
    BLOCK_S. Ids are unique and stay the same whatever stretch is asked for: use them to draw an event's properties.
    """
    blocks = np.arange(int(start // BLOCK_S) - 1, int(end // BLOCK_S) + 1)
    ids = blocks[:, None] * _MOST + np.arange(_MOST)
    offsets = np.cumsum(gaps(ids), -1)
    inside = offsets < BLOCK_S
    ids, onsets = ids[inside], (blocks[:, None] * BLOCK_S + offsets)[inside]
    first = max(int(np.searchsorted(onsets, start)) - 1, 0)
    last = int(np.searchsorted(onsets, end))
    return ids[first:last], onsets[first:last]
