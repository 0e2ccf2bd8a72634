"""A real bridge in a process of its own, and small clients of both its transports."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from rigcast.v1 import service_pb2_grpc, session_pb2

PATIENCE = 20.0
"""Seconds after which a test gives up on something that a healthy bridge does in a fraction of one."""


@dataclass
class Bridge:
    """Where a bridge listens."""

    process: "subprocess.Popen[str]"
    page: str
    websocket: str
    grpc: str
    a2f: str = ""


@contextlib.contextmanager
def started(*flags: str, **variables: str) -> Iterator[Bridge]:
    """`rigcast serve` on free ports, with these flags and RIGCAST_ variables."""
    command = [sys.executable, "-m", "bridge", "serve", "--http-port", "0", "--grpc-port", "0", *flags]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RIGCAST_")}
    environment |= {"RIGCAST_DRAIN_S": "0"} | variables
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment)
    try:
        yield Bridge(process, *_addresses(process))
    finally:
        process.terminate()
        process.wait(PATIENCE)
        assert process.stdout is not None
        process.stdout.close()


def _addresses(process: "subprocess.Popen[str]") -> tuple[str, str, str, str]:
    """What the bridge says of itself once it is live."""
    assert process.stdout is not None
    said: dict[str, str] = {}
    for line in process.stdout:
        name, _, address = line.strip().partition(" ")
        said[name] = address.strip()
        if name == "gRPC":
            return said["page"], said["WebSocket"], said["gRPC"], said.get("Audio2Face", "")
    raise AssertionError(f"the bridge did not start: exit code {process.wait(PATIENCE)}")


@contextlib.asynccontextmanager
async def joined(
    bridge: Bridge, session: str, protocol: str = "rigcast.v1", **wants: Any
) -> AsyncIterator[ClientConnection]:
    """A WebSocket client that has joined; its next message is the Welcome."""
    async with opened(bridge, protocol) as connection:
        await connection.send(request(join=session_pb2.Join(session=session, **wants)))
        yield connection


@contextlib.asynccontextmanager
async def opened(bridge: Bridge, protocol: str = "rigcast.v1", **more: Any) -> AsyncIterator[ClientConnection]:
    """A WebSocket connection that has said nothing yet."""
    subprotocols = [Subprotocol(protocol)] if protocol else None
    async with connect(bridge.websocket, subprotocols=subprotocols, compression=None, proxy=None, **more) as connection:
        yield connection


@contextlib.asynccontextmanager
async def calling(bridge: Bridge) -> AsyncIterator[Any]:
    """A gRPC stub."""
    async with grpc.aio.insecure_channel(bridge.grpc, options=[("grpc.enable_http_proxy", 0)]) as channel:
        yield service_pb2_grpc.RigcastServiceStub(channel)


def request(request_id: int = 0, **body: Any) -> bytes:
    """A client's message."""
    return session_pb2.ClientMessage(request_id=request_id, **body).SerializeToString()


async def until(connection: ClientConnection, body: str) -> session_pb2.ServerMessage:
    """Read on until a message of this body."""
    messages = await collect(connection, lambda message: message.WhichOneof("body") == body)
    return messages[-1]


async def collect(connection: ClientConnection, enough: Any) -> list[session_pb2.ServerMessage]:
    """All messages up to the first that is `enough`."""
    messages: list[session_pb2.ServerMessage] = []
    async with asyncio.timeout(PATIENCE):
        while not messages or not enough(messages[-1]):
            messages.append(session_pb2.ServerMessage.FromString(await connection.recv(decode=False)))
    return messages


def ended(message: session_pb2.ServerMessage) -> bool:
    """Whether this tells the end of an utterance."""
    return message.WhichOneof("body") == "event" and message.event.WhichOneof("kind") == "utterance_ended"
