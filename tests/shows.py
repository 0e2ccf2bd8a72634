"""What scenarios of faults have in common: texts, clients, and a neighbour who must not notice any of it."""

import asyncio
import contextlib
import random
import re
import time
from collections.abc import AsyncIterator
from typing import Any

from websockets.asyncio.client import ClientConnection

from rigcast.v1 import session_pb2
from tests.real_bridge import PATIENCE, Bridge, joined, request, until

FRAME_US = 16_667
START_S = 0.3
"""After which frames run ahead again: a text begins at once, and takes back what was sent of the present."""

WORDS = re.findall(
    "[a-z]+",
    "anchor basket candle dragon engine forest garden hammer island jacket kitten ladder market needle orange pencil "
    "rabbit silver tunnel velvet window yellow zipper bottle copper dinner finger guitar helmet insect jungle kettle "
    "lemon magnet napkin oyster pepper ribbon saddle temple",
)


def ms(began: float) -> float:
    """Milliseconds since that moment."""
    return (time.perf_counter() - began) * 1000


def sentence(chance: random.Random, count: int) -> str:
    """So many words, none twice; a full stop now and then."""
    words = chance.sample(WORDS, count)
    return "".join(word + chance.choice((" ", " ", ", ", ". ")) for word in words).strip(" ,.") + "."


def words_of(text: str) -> list[str]:
    """The words of a text without its marks."""
    return re.findall(r"[a-z]+", re.sub(r"\[[^]]*\]", "", text))


async def message_of(connection: ClientConnection) -> session_pb2.ServerMessage:
    """The next message."""
    async with asyncio.timeout(PATIENCE):
        return session_pb2.ServerMessage.FromString(await connection.recv(decode=False))


@contextlib.asynccontextmanager
async def visiting(bridge: Bridge, session: str, **wants: Any) -> AsyncIterator[ClientConnection]:
    """A client that has joined, and hangs up at the end: behind what it has not read, it would wait for the Close."""
    async with joined(bridge, session, **wants) as connection:
        try:
            yield connection
        finally:
            connection.transport.abort()


class Neighbour:
    """Somebody in a session that has nothing to do with a fault, who watches a text of an hour meanwhile."""

    def __init__(self, connection: ClientConnection, now_us: int) -> None:
        """now_us: the session's time at this moment."""
        self._connection = connection
        self._began, self._now_us = time.perf_counter(), now_us
        self._late_ms = float("-inf")
        self._sequence: int | None = None
        self._sound_us: int | None = None
        self.speaks = asyncio.Event()
        self._watching = asyncio.create_task(self._watch())

    async def check(self) -> float:
        """By how many milliseconds the latest frame was late since this was asked last; less than 0 where all were
        early. Raises AssertionError where something was missing."""
        if self._watching.done():
            self._watching.result()
        late_ms, self._late_ms = self._late_ms, float("-inf")
        await self._connection.send(request(1, ping=session_pb2.Ping()))  # a clock that stood still counts once
        return late_ms

    async def leave(self) -> None:
        """Watch no more."""
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)
        self._connection.transport.abort()

    async def _watch(self) -> None:
        while True:
            message = await message_of(self._connection)
            match message.WhichOneof("body"):
                case "frame":
                    self._frame(message.frame.sequence, message.frame.time_us)
                case "pong":
                    self._began, self._now_us = time.perf_counter(), message.pong.now_us
                case "audio":
                    self._sound(message.audio.time_us, len(message.audio.pcm) // 2)
                case "forget":
                    self._sound_us = None
                case "dropped" | "error":
                    raise AssertionError(message)

    def _frame(self, sequence: int, time_us: int) -> None:
        assert self._sequence in (None, sequence - 1), "a frame is missing"
        late_ms = (self._now_us - time_us) / 1000 + ms(self._began)
        self._sequence, self._late_ms = sequence, max(self._late_ms, late_ms)

    def _sound(self, time_us: int, samples: int) -> None:
        assert self._sound_us is None or abs(time_us - self._sound_us) <= FRAME_US, "sound is missing"
        self.speaks.set()
        self._sound_us = time_us + samples * 1_000_000 // 24_000


@contextlib.asynccontextmanager
async def neighbour(connection: ClientConnection, session: str = "neighbour") -> AsyncIterator[Neighbour]:
    """A neighbour on a connection that has said nothing yet, who hears something already."""
    await connection.send(request(join=session_pb2.Join(session=session)))
    watcher = Neighbour(connection, (await until(connection, "welcome")).welcome.now_us)
    chance = random.Random(0)
    for _ in range(12):
        text = " ".join(sentence(chance, 8) for _ in range(80))
        await connection.send(request(say=session_pb2.Say(text=text)))
    try:
        await watcher.speaks.wait()
        await asyncio.sleep(START_S)
        await watcher.check()
        yield watcher
    finally:
        await watcher.leave()
