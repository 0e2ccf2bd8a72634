"""Every case ends as the table says while an honest session goes on; a guard that is off lets its cases through."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection

from bridge import server
from bridge.config import Config
from bridge.peer import Peer
from bridge.stage import Settings, Stage
from bridge.wire import PROTOCOL
from rigcast.v1 import session_pb2
from tests.hostile import connection_of
from tests.hostile_cases import CASES, LIMITS, TABLE, Case, captures
from tests.hostile_guards import GUARDS, LIBRARIES, unkept
from tests.real_bridge import PATIENCE, request

DOCUMENT = Path(__file__).parent.parent / "docs" / "hostile.md"


def settings(tmp_path: Path, **more: Any) -> Config:
    none = str(tmp_path / "none")
    return Config(http_port=0, grpc_port=0, drain_s=0, tokens_file=none, capture=captures(), **(LIMITS | more))


class Honest:
    """A client that watches a session of its own and answers for it."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._pongs: asyncio.Queue[int] = asyncio.Queue()
        self._asked = 0
        self.sequence = -1

    async def watch(self) -> None:
        """Read for ever; frames come in order."""
        async for data in self._connection:
            message = session_pb2.ServerMessage.FromString(bytes(data))  # type: ignore[arg-type]
            if message.HasField("frame"):
                assert message.frame.sequence > self.sequence
                self.sequence = message.frame.sequence
            elif message.HasField("pong"):
                self._pongs.put_nowait(message.pong.request_id)

    async def goes_on(self) -> None:
        """Whether it is still answered, and sees its character move."""
        self._asked += 1
        seen = self.sequence
        await self._connection.send(request(self._asked, ping=session_pb2.Ping()))
        async with asyncio.timeout(PATIENCE):
            assert await self._pongs.get() == self._asked
            while self.sequence <= seen:
                await asyncio.sleep(0.005)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Config, Honest]]:
    """A bridge, and an honest client of it."""
    config = settings(tmp_path_factory.mktemp("hostile"))
    async with server.running(config) as bound, connection_of(bound) as connection:
        await connection.send(request(join=session_pb2.Join(session="honest", no_audio=True)))
        honest = Honest(connection)
        watching = asyncio.create_task(honest.watch())
        yield bound, honest
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_it_ends_as_the_table_says_and_others_do_not_notice(stage: tuple[Config, Honest], case: Case) -> None:
    bound, honest = stage
    assert await case.attack(bound) == case.expected
    await honest.goes_on()


# Each guard, off


@pytest.mark.parametrize("name", GUARDS)
async def test_a_guard_that_is_off_lets_its_cases_through(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    guard = GUARDS[name]
    guard.take_away(monkeypatch)
    cases = [case for case in CASES if case.name in guard.cases]
    assert len(cases) == len(guard.cases)
    roomy = {"subscribers": 100, "queued_texts": 100}  # all cases at once
    async with server.running(settings(tmp_path, **(roomy | guard.settings))) as bound:
        outcomes = await asyncio.gather(*(outcome(case, bound) for case in cases))
    assert not [case.name for case, came in zip(cases, outcomes, strict=True) if came == case.expected]


async def outcome(case: Case, bound: Config) -> str:
    """What comes of it within some seconds."""
    try:
        return await asyncio.wait_for(case.attack(bound), 3)
    except TimeoutError:
        return "nothing happens"


def test_of_each_case_it_is_known_who_stops_it() -> None:
    assert unkept() == []
    for names in (*(guard.cases for guard in GUARDS.values()), *LIBRARIES.values()):
        assert set(names) <= {case.name for case in CASES}


def test_who_has_been_sent_away_piles_nothing_up() -> None:
    """However long it goes on talking before its connection is gone."""
    peer = Peer(Stage(None, Settings()), PROTOCOL, lambda: None)  # type: ignore[arg-type]  # nobody speaks here
    for _ in range(10_000):
        peer.receive(b"\xff")
    assert peer.closing
    answers = list(iter(peer.next, None))
    assert len(answers) == 1


# The document


def test_the_table_is_long_and_names_each_case_once() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) >= 60


def test_the_document_has_the_table() -> None:
    assert [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| ")] == [
        line for line in markdown().splitlines() if line.startswith("| ")
    ], "python -m tests.hostile_cases > docs/hostile.md writes it anew"


def markdown() -> str:
    from tests.hostile_cases import document

    return document()


def test_every_group_is_in_the_table() -> None:
    assert sum(map(len, TABLE.values())) == len(CASES)
