"""A take to be written: someone who lives, and opens and shuts the mouth."""

import numpy as np

from bridge.curves import INDEX
from bridge.frames import Motion
from bridge.performance import Performance


def moving(count: int, seed: int = 3) -> Motion:
    """Frames of idle life with a jaw that goes from 0 to 1 and back twice a second; no curve beyond 0..1."""
    motion = Performance(seed).motion(0, count)
    motion.curves[:, INDEX["jawOpen"]] = 0.5 - 0.5 * np.cos(np.arange(count) * 4 * np.pi / 60)
    return motion


def blocks(motion: Motion, size: int) -> list[Motion]:
    """The same in pieces."""
    return [
        Motion(motion.curves[i : i + size], motion.rotations[i : i + size], motion.root[i : i + size])
        for i in range(0, len(motion), size)
    ]
