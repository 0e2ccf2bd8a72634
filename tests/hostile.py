"""A bridge in this process, and the plainest possible clients of it: what strangers would send, byte by byte."""

import asyncio
import base64
import contextlib
import os
import struct
import urllib.request
from collections.abc import AsyncIterator

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bridge.config import Config
from tests.real_bridge import PATIENCE


def pages() -> urllib.request.OpenerDirector:
    """Opens pages without a proxy."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


@contextlib.asynccontextmanager
async def connection_of(
    bound: Config, token: str = "", protocol: str = "rigcast.v1"
) -> AsyncIterator[ClientConnection]:
    """A WebSocket connection that has said nothing yet."""
    address = f"{bound.page_url.replace('http', 'ws', 1)}rigcast" + (f"?token={token}" if token else "")
    async with connect(address, subprotocols=[Subprotocol(protocol)], compression=None, proxy=None) as connection:
        yield connection


class Line:
    """A TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        """Write, whatever the other side thinks of it."""
        with contextlib.suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def rest(self) -> bytes:
        """Everything up to the end."""
        data = b""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                while chunk := await self.reader.read(65536):
                    data += chunk
        return data

    async def close(self) -> tuple[int, str] | None:
        """Read until a Close frame or the end; its code and reason."""
        data = b""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                while (found := closes(data)) is None and (chunk := await self.reader.read(65536)):
                    data += chunk
                return found
        return None

    async def shake(self, host: str, *more: str, **how: str) -> bytes:
        """A WebSocket handshake; the answer's head."""
        await self.send(handshake(*more, host=host, **how))
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readuntil(b"\r\n\r\n")


@contextlib.asynccontextmanager
async def line(bound: Config, port: int = 0) -> AsyncIterator[Line]:
    """A TCP connection to the page's port, or another."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port or bound.http_port)
    try:
        yield Line(reader, writer)
    finally:
        writer.transport.abort()


def handshake(*more: str, host: str, path: str = "/rigcast", protocol: str = "rigcast.v1") -> bytes:
    """The request of a WebSocket client, RFC 6455 section 4.1."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", f"Sec-WebSocket-Protocol: {protocol}", *more,
    ]  # fmt: skip
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    final: bool = True,
    masked: bool = True,
    mask: bytes = bytes(4),
    reserved: int = 0,
    length: int = -1,
) -> bytes:
    """A WebSocket frame, RFC 6455 section 5.2, as right or as wrong as asked for. `length` lies about the payload's."""
    size = len(payload) if length < 0 else length
    head = bytes([final << 7 | reserved << 4 | opcode])
    if size < 126:
        head += bytes([masked << 7 | size])
    elif size < 65536:
        head += bytes([masked << 7 | 126]) + struct.pack(">H", size)
    else:
        head += bytes([masked << 7 | 127]) + struct.pack(">Q", size)
    if not masked:
        return head + payload
    return (
        head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        if any(mask)
        else head + mask + payload
    )


def closes(data: bytes) -> tuple[int, str] | None:
    """The code and reason of the Close frame in what a server sent; None if there is none."""
    at = 0
    while at + 2 <= len(data):
        opcode, size = data[at] & 15, data[at + 1] & 127
        at += 2
        if size == 126:
            size, at = struct.unpack_from(">H", data, at)[0], at + 2
        elif size == 127:
            size, at = struct.unpack_from(">Q", data, at)[0], at + 8
        if opcode == 8:
            payload = data[at : at + size]
            if len(payload) < max(size, 2):
                return None
            return struct.unpack_from(">H", payload)[0], payload[2:].decode()
        at += size
    return None
