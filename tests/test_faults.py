"""A few runs of every scenario of tests/faults.py; `python tools/faults.py` makes a hundred of each. No times are judged."""

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
        for seed in range(2):
            await run(random.Random(seed))
