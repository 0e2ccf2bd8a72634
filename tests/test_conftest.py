"""In CI a test that is skipped fails, unless what it needs is never there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

def test_is_skipped():
    pytest.skip("no browser")

@pytest.mark.skip(reason="optional: no GPU")
def test_is_optional():
    assert False

@pytest.mark.xfail(strict=True)
def test_is_known_to_fail():
    assert False
"""


@pytest.mark.parametrize(
    ("ci", "code", "outcome"), [("", 0, "2 skipped, 1 xfailed"), ("true", 1, "1 failed, 1 skipped")]
)
def test_a_skip_is_a_failure_in_ci(tmp_path: Path, ci: str, code: int, outcome: str) -> None:
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "CI": ci}, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, outcome in done.stdout) == (code, True), done.stdout
