"""A short run of the fuzzer over every parser, from the committed corpus; tests/fuzz/run.py does long ones."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parent.parent
CORPUS = Path(__file__).parent / "fuzz" / "corpus"
RUNS = 3000


def samples(name: str) -> list[Path]:
    return sorted((CORPUS / name).iterdir())


@pytest.mark.parametrize("name", TARGETS)
def test_what_once_was_of_interest_is_no_trouble(name: str) -> None:
    found = samples(name)
    assert len(found) >= 2
    assert sum(path.stat().st_size for path in found) < 100_000
    for path in found:
        TARGETS[name](path.read_bytes())


@pytest.mark.skipif(sys.platform != "linux", reason="optional: atheris is for Linux")
def test_the_fuzzer_finds_nothing(tmp_path: Path) -> None:
    """A fixed seed and number of runs, all parsers in one process."""
    pytest.importorskip("atheris")
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for number, name in enumerate(TARGETS):
        for path in samples(name):
            (seeds / f"{name}-{path.name}").write_bytes(bytes([number]) + path.read_bytes())
    finds = tmp_path / "finds"
    finds.mkdir()
    options = [f"-runs={RUNS}", "-seed=1", "-max_len=4096", "-timeout=60", f"-artifact_prefix={tmp_path}/"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run", "every", *options, str(finds), str(seeds)],
        cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    assert f"Done {RUNS} runs" in done.stderr
