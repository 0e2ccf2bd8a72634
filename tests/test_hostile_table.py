"""Every case ends as the table says while an honest session goes on; a guard that is off lets its cases through."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection

from bridge import doors, server, session
from bridge.config import Config
from bridge.meter import Meter
from bridge.peer import Peer
from bridge.stage import Settings, Stage
from bridge.transport import grpc, websocket
from bridge.wire import PROTOCOL
from rigcast.v1 import session_pb2
from tests.hostile import connection_of
from tests.hostile_cases import CASES, LIMITS, TABLE, Case
from tests.real_bridge import PATIENCE, request

DOCUMENT = Path(__file__).parent.parent / "docs" / "hostile.md"


def settings(tmp_path: Path, **more: Any) -> Config:
    return Config(http_port=0, grpc_port=0, drain_s=0, tokens_file=str(tmp_path / "none"), **(LIMITS | more))


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


def constant(value: object) -> Callable[..., Any]:
    """A function that says always the same."""
    return lambda *_, **__: value


GUARDS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], dict[str, Any], list[str]]] = {
    "host and origin": (
        lambda patch: patch.setattr(doors.Doors, "check_page", constant(None)),
        {},
        [
            "a name that was pointed here (DNS rebinding)",
            "a page of another site",
            "a page of another server on this machine",
            "a page without an origin",
            "the metrics, asked for by a page of another site",
        ],
    ),
    "time to join": (
        lambda patch: None,
        {"handshake_s": 600},
        [
            "nothing at all, for long",
            "a handshake, a byte now and then",
            "no join, for long",
            "a Perform that says nothing",
        ],
    ),
    "rates": (
        lambda patch: patch.setattr(Meter, "take", constant(None)),
        {},
        ["messages without a pause, and without an end", "pings without a pause"],
    ),
    "fragments": (
        lambda patch: patch.setattr(websocket, "MOST_FRAGMENTS", 10**9),
        {},
        ["a message of endless empty parts"],
    ),
    "refusals": (lambda patch: patch.setattr(session, "MOST_REFUSALS", 10**9), {}, ["64 refusals"]),
    "sizes": (
        lambda patch: None,
        {"message_bytes": 1_000_000, "text_characters": 100_000},
        [
            "a message of 70 KB",
            "a message of 200 KB",
            "a text of 5,001 characters",
            "a text of 5,001 emoji",
            "a request of 200 KB",
            "a message of 70 KB in Perform",
        ],
    ),
    "places": (
        lambda patch: None,
        {"subscribers": 100, "queued_texts": 100},
        ["one client more than a session takes", "more texts than may wait"],
    ),
    "names": (
        lambda patch: patch.setattr(session, "SESSION_NAME", re.compile(r"[^/]*\Z")),
        {},
        [
            "a session with a NUL in its name",
            "a session named in Cyrillic that looks Latin",
            "a session's name with a line break at its end",
            "a session's name of 65 characters",
        ],
    ),
    "numbers": (
        lambda patch: patch.setattr(session, "_number", lambda field, value, low, high: min(max(value, low), high)),
        {},
        ["a speed of 0.01", "a pitch below 0", "an infinite speed", "an intensity of 1e30", "a look at the infinite"],
    ),
    "order": (
        lambda patch: patch.setattr(session, "ADMITTED", dict.fromkeys(session.State, frozenset(session.READERS))),
        {},
        ["something else before a join", "a second join", "something else before a join in Perform"],
    ),
    "compression": (
        lambda patch: patch.setattr(grpc, "_options", constant([("grpc.so_reuseport", 0)])),
        {},
        ["a compressed request"],
    ),
    "requests that are none": (
        lambda patch: patch.setattr(grpc, "_parse", lambda request, data: request.FromString(data)),
        {},
        ["bytes that are no request", "bytes that are no Join"],
    ),
}
"""How to take each guard of ours away, and cases that then do not end as the table says."""


@pytest.mark.parametrize("guard", GUARDS)
async def test_a_guard_that_is_off_lets_its_cases_through(
    guard: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    take_away, config, names = GUARDS[guard]
    take_away(monkeypatch)
    cases = [case for case in CASES if case.name in names]
    assert len(cases) == len(names)
    async with server.running(settings(tmp_path, **config)) as bound:
        for case in cases:
            try:
                outcome = await asyncio.wait_for(case.attack(bound), 1)
            except TimeoutError:
                outcome = "nothing happens"
            assert outcome != case.expected, case.name


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
