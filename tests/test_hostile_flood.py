"""Who floods a connection waits for it alone: the loop turns to others after each piece that it reads."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from bridge import server
from bridge.config import Config
from bridge.transport import websocket
from rigcast.v1 import session_pb2
from tests.hostile import connection_of, frame, line
from tests.hostile_attacks import BINARY, PING
from tests.real_bridge import PATIENCE, request, until

ROOM = {"messages_per_s": 100_000, "bytes_per_s": 10_000_000}
LEAST_FRAME = 6
"""Bytes of a client's frame that holds nothing."""


def settings(tmp_path: Path, **more: int) -> Config:
    return Config(http_port=0, grpc_port=0, drain_s=0, tokens_file=str(tmp_path / "none"), **more)


async def test_a_flood_of_tiny_frames_is_read_in_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames: Counter[int] = Counter()
    turn = 0

    async def turns() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    def count(connection: websocket.Connection, event: object) -> None:
        frames[turn] += 1

    monkeypatch.setattr(websocket, "TURN_S", 0.0)
    async with server.running(settings(tmp_path, **ROOM)) as bound, line(bound) as there:
        await there.shake(f"127.0.0.1:{bound.http_port}")
        monkeypatch.setattr(websocket.Connection, "process_event", count)
        turning = asyncio.create_task(turns())
        await there.send(20_000 * frame(PING))
        async with asyncio.timeout(PATIENCE):
            while frames.total() < 20_000:
                await asyncio.sleep(0.01)
        turning.cancel()
    assert max(frames.values()) <= websocket.PIECE // LEAST_FRAME + 1


async def test_what_is_read_in_turns_is_read_whole_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "TURN_S", 0.0)
    async with server.running(settings(tmp_path, **ROOM)) as bound, connection_of(bound) as connection:
        await connection.send(request(join=session_pb2.Join(session="flood", no_frames=True, no_audio=True)))
        await until(connection, "welcome")
        for i in range(1, 301):
            padding = session_pb2.ClientMessage(say=session_pb2.Say(text="x" * (37 * i % 3000))).SerializeToString()
            await connection.send(padding + request(i, ping=session_pb2.Ping()))  # the last body of a oneof counts
        for i in range(1, 301):
            assert (await until(connection, "pong")).pong.request_id == i


async def test_who_is_sent_away_is_gone_as_soon_as_it_agrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its Close lies behind what it had yet to say, and is looked for there."""
    monkeypatch.setattr(websocket, "CLOSE_S", 2 * PATIENCE)
    async with server.running(settings(tmp_path, messages_per_s=50)) as bound, line(bound) as there:
        await there.shake(f"127.0.0.1:{bound.http_port}")
        await there.send(frame(BINARY, request(join=session_pb2.Join(session="flood", no_frames=True))))
        await there.send(frame(BINARY, b"\xff") * 150)
        closed = await there.close()
        await there.send(frame(8, b"\x03\xef"))
        async with asyncio.timeout(PATIENCE):
            await there.rest()
    assert closed
    assert closed[0] == 1007


@pytest.mark.parametrize("sent", [5000 * frame(PING), 200 * frame(BINARY, b"\xff"), bytes(10) + b"\xff" * 10])
async def test_who_does_not_agree_is_cut(sent: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By too many frames, too many refusals, or no frames at all; whatever it goes on to send, and without reading."""
    monkeypatch.setattr(websocket, "CLOSE_S", 0.05)
    lost = asyncio.Event()
    losing = websocket.Connection.connection_lost

    def lose(connection: websocket.Connection, exc: Exception | None) -> None:
        losing(connection, exc)
        lost.set()

    monkeypatch.setattr(websocket.Connection, "connection_lost", lose)
    async with server.running(settings(tmp_path, messages_per_s=50)) as bound, line(bound) as there:
        await there.shake(f"127.0.0.1:{bound.http_port}")
        await there.send(sent)
        async with asyncio.timeout(PATIENCE):
            await lost.wait()
