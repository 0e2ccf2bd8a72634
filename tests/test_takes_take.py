"""A file that only grows: whole after every step, also after one that failed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bridge import takes
from bridge.takes.take import Growing
from tests.moving import blocks, moving

ROOM = 64 * 1024

FULL_DISK = f"""
import resource, sys
from pathlib import Path
from bridge import takes
from tests.moving import blocks, moving
resource.setrlimit(resource.RLIMIT_FSIZE, ({ROOM}, {ROOM}))
motion, written = moving(600), 0
with takes.writer(Path(sys.argv[1])) as take:
    try:
        for block in blocks(motion, 6):
            take.write(block)
            written += len(block)
    except OSError as error:
        print(written, error.errno)
"""


def test_every_step_leaves_it_whole(tmp_path: Path) -> None:
    file, path = Growing(tmp_path / "a", b"[1", b"]"), tmp_path / "a"
    assert path.read_bytes() == b"[1]"
    file.append(b",2")
    assert path.read_bytes() == b"[1,2]"
    file.patch(1, b"7")
    assert path.read_bytes() == b"[7,2]"
    file.close()


@pytest.mark.parametrize("kind", [".csv", ".json", ".bvh"])
def test_a_full_disk_leaves_what_was_there_before(tmp_path: Path, kind: str) -> None:
    if sys.platform == "win32":
        pytest.skip("optional: Windows cannot limit the size of a file")
    path = tmp_path / f"take{kind}"
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, timeout=60)
    assert done.stdout, done.stderr
    written = int(done.stdout.split()[0])
    assert 0 < written < 600
    assert path.stat().st_size <= ROOM
    if kind == ".bvh":
        assert f"Frames: {written:12d}\n" in path.read_text()
        assert path.read_text().endswith("\n")
        return
    poses = list(takes.read(path))
    assert len(poses) == written
    np.testing.assert_allclose([pose.curves for pose in poses], moving(written).curves, atol=1e-5)


def test_the_name_tells_the_format(tmp_path: Path) -> None:
    with pytest.raises(takes.TakeError, match=r"take\.fbx: the name must end with \.csv or"):
        takes.writer(tmp_path / "take.fbx")
    with pytest.raises(takes.TakeError, match=r"take\.bvh: the name must end with \.csv or \.json"):
        takes.read(tmp_path / "take.bvh")


def test_what_is_written_does_not_depend_on_how_it_comes(tmp_path: Path) -> None:
    motion = moving(130)
    for kind in (".csv", ".json", ".bvh", ".vrma"):  # .glb is made as .vrma is, with a character besides
        made = []
        for size in (130, 7, 1):
            path = tmp_path / f"{size}{kind}"
            with takes.writer(path) as take:
                for block in blocks(motion, size):
                    take.write(block)
                take.finish()
            made.append(path.read_bytes())
        assert made[0] == made[1] == made[2], kind
