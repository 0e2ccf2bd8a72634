"""Files that were damaged on the way: a clear error or poses, nothing else."""

from pathlib import Path

import numpy as np
import pytest

from bridge import takes
from bridge.takes import TakeError
from tests.moving import moving

TRIES = 300


@pytest.mark.parametrize("kind", [".csv", ".json"])
def test_a_damaged_take_is_refused_or_read(tmp_path: Path, kind: str) -> None:
    path, rng = tmp_path / f"take{kind}", np.random.default_rng(0)
    with takes.writer(path) as take:
        take.write(moving(4))
        take.finish()
    whole = path.read_bytes()
    refused = 0
    for _ in range(TRIES):
        data = bytearray(whole)
        for place in rng.integers(0, len(data), rng.integers(1, 12)):
            data[place] = rng.choice(np.frombuffer(b'0919.:,-+eE"[]{}nN\n\0\xff', np.uint8))
        start, length = rng.integers(0, len(data)), rng.integers(0, 200)
        if rng.random() < 0.3:
            del data[start : start + length]
        path.write_bytes(data)
        try:
            poses = list(takes.read(path))
        except TakeError:
            refused += 1
        else:
            assert all(np.isfinite(pose.curves).all() and np.isfinite(pose.rotations).all() for pose in poses)
    assert TRIES // 10 < refused < TRIES
