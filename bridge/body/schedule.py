"""When things happen by chance: a random sequence of instants that can be entered anywhere.

Time is cut into blocks. In each, events follow one another after random gaps, and both depend only on the block's
number, so that any stretch of it is found without going through what came before.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from bridge.body.noise import Floats, Ints

BLOCK_S = 64.0
"""Seconds of a block. Its first event comes one gap after its start, so no gap is ever shorter than `Gaps` gives."""

_MOST = 128  # events of a block

Gaps = Callable[[int, Ints], Floats]
"""(seed, ids) to the seconds that pass before the events of these ids: positive, mostly above BLOCK_S / 128, below
BLOCK_S."""


def events(gaps: Gaps, seed: int, start: float, end: float) -> tuple[Ints, Floats]:
    """Ids and onsets in seconds, both ascending, of the events in [start, end) and of at least one before them.

    Ids are unique and stay the same whatever stretch is asked for: use them to draw an event's properties.
    """
    blocks = [_block(gaps, seed, n) for n in range(int(start // BLOCK_S) - 1, int(end // BLOCK_S) + 1)]
    ids, onsets = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    first = max(int(np.searchsorted(onsets, start)) - 1, 0)
    last = int(np.searchsorted(onsets, end))
    return ids[first:last], onsets[first:last]


@lru_cache(maxsize=2048)  # some 2 KB each; a session looks at nine at a time
def _block(gaps: Gaps, seed: int, number: int) -> tuple[Ints, Floats]:
    ids = number * _MOST + np.arange(_MOST)
    offsets = np.cumsum(gaps(seed, ids))
    return ids[offsets < BLOCK_S], number * BLOCK_S + offsets[offsets < BLOCK_S]
