"""A run of every scenario of tests/faults.py; `python tools/faults.py` makes a hundred. No times are judged."""

import random
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("optional: signals and limits of a process are POSIX", allow_module_level=True)

from tests.faults import SCENARIOS


@pytest.mark.parametrize("name", SCENARIOS)
async def test_the_show_goes_on(name: str, tmp_path: Path) -> None:
    async with SCENARIOS[name](tmp_path) as run:
        await run(random.Random(1))
