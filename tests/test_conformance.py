"""Every case of tests/conformance.py against a real bridge, and the page that tells of them."""

import asyncio
from collections.abc import AsyncIterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import pytest
import pytest_asyncio

from bridge import server
from bridge.config import Config
from tests.conformance import CASES, Case, came_of, document

DOCUMENT = Path(__file__).parent.parent / "docs" / "websocket.md"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bridge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Config]:
    limits = {"subscribers": 1024, "messages_per_s": 10_000, "bytes_per_s": 2**30}
    none = str(tmp_path_factory.mktemp("conformance") / "none")
    async with server.running(Config(http_port=0, grpc_port=0, drain_s=0, tokens_file=none, **limits)) as bound:  # type: ignore[arg-type]
        yield bound


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("section", sorted({case.section for case in CASES}))
async def test_what_comes_is_what_the_standard_asks_for(bridge: Config, section: str) -> None:
    cases = [case for case in CASES if case.section == section]
    wrong = []
    for first in range(0, len(cases), 8):
        some = cases[first : first + 8]
        came = await asyncio.gather(*(came_of(bridge, case) for case in some))
        wrong += [(case.name, got, case.comes) for case, got in zip(some, came, strict=True) if got != case.comes]
    assert not wrong


def test_each_case_stands_once() -> None:
    ordered: list[Case] = sorted(CASES, key=attrgetter("section", "name"))
    twice = [name for (_, name), same in groupby(ordered, attrgetter("section", "name")) if len(list(same)) > 1]
    assert not twice
    assert len(CASES) > 300


def test_the_document_has_the_list() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "python -m tests.conformance > docs/websocket.md"
