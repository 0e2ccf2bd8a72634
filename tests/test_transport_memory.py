"""What a client leaves behind when it has gone: nothing that waits until Python looks for cycles."""

import asyncio
import contextlib
import gc
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from bridge import server
from bridge.config import Config
from bridge.member import Member
from bridge.peer import Peer
from bridge.transport.line import Line
from bridge.transport.websocket import Connection
from rigcast.v1 import session_pb2
from tests.real_bridge import PATIENCE, request, until


async def closes(connection: ClientConnection) -> None:
    await connection.close()


async def vanishes(connection: ClientConnection) -> None:
    connection.transport.abort()


async def is_refused(connection: ClientConnection) -> None:
    for _ in range(100):
        await connection.send(request(1, join=session_pb2.Join()))
    with contextlib.suppress(ConnectionClosed):
        async for _ in connection:
            pass


def left() -> Counter[str]:
    """How many of what belongs to a client there are."""
    kinds = (Connection, Line, Peer, Member)
    return Counter(type(thing).__name__ for thing in gc.get_objects() if issubclass(type(thing), kinds))


@pytest.mark.parametrize("leave", [closes, vanishes, is_refused])
async def test_nothing_is_left_of_a_client(leave: Callable[[ClientConnection], Awaitable[None]]) -> None:
    async with server.running(Config(http_port=0, grpc_port=0, drain_s=0)) as bound:
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                protocols = [Subprotocol("rigcast.v1")]
                async with connect(f"ws://127.0.0.1:{bound.http_port}/rigcast", subprotocols=protocols) as connection:
                    await connection.send(request(1, join=session_pb2.Join()))
                    await until(connection, "frame")
                    assert left()
                    await leave(connection)
            async with asyncio.timeout(PATIENCE):
                while left():
                    await asyncio.sleep(0.05)
        finally:
            gc.enable()
