"""What goes out on one WebSocket: all that waits, in one write, and no more than the network takes.

Messages are laid into WebSocket frames here (RFC 6455, 5.2: from a server, unmasked, whole), for one write a block
costs a tenth of a coroutine a message. As soon as the system's buffer is full, the rest stays in the peer's outbox,
where frames give way to newer ones.
"""

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING

from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode
from websockets.protocol import State

from bridge.peer import PIECE, Peer
from bridge.session import Code
from bridge.stage import Stage

if TYPE_CHECKING:
    from bridge.transport.websocket import Connection

SEND_BUFFER = 32_768
"""Bytes that the system may hold of what a client has not taken yet; left to itself it would hold some megabytes, a
minute of frames that are old when they arrive."""

_TEXT, _BINARY = 0x80 + Opcode.TEXT, 0x80 + Opcode.BINARY
"""First bytes of a whole message."""

CLOSE_S = 2.0
"""Seconds that a client has to take the last words, and again to answer a close, before its connection is cut: who is
refused holds a place among the connections no longer than that."""

CLOSE_CODES = {
    Code.INVALID_ARGUMENT: 1007,
    Code.FAILED_PRECONDITION: 1008,
    Code.NOT_FOUND: 1008,
    Code.RESOURCE_EXHAUSTED: 1013,
    Code.UNAUTHENTICATED: 1008,
    Code.UNAVAILABLE: 1001,
    Code.INTERNAL: 1011,
    Code.PERMISSION_DENIED: 1008,
}


class Line:
    """Sends what a peer has as soon as it has it. Event loop only."""

    def __init__(self, connection: "Connection", stage: Stage) -> None:
        self.peer = Peer(stage, str(connection.subprotocol), self.flush, connection.key.role)
        self._connection = connection
        self._closing: asyncio.Task[None] | None = None
        connection.resumed = self.flush

    def flush(self) -> None:
        """Send what waits, as far as the network takes it; where the peer is to go, close after that."""
        while self.peer.waiting and self._open:
            self._connection.transport.write(self._piece())
        if self.peer.closing and self._closing is None:
            self._closing = asyncio.create_task(self._close())

    @property
    def _open(self) -> bool:
        """Whether the network takes more."""
        connection = self._connection
        closed = connection.protocol.state is not State.OPEN or connection.transport.is_closing()
        return not (closed or connection.paused)

    async def closed(self) -> None:
        """Wait until the connection is closed, if it is being closed from here; nothing is sent after that."""
        if self._closing:
            with contextlib.suppress(ConnectionClosed):
                await self._closing
        self.peer.forget()

    def _piece(self) -> bytes:
        parts: list[bytes] = []
        for message in self.peer.take(PIECE):
            parts += framed(message)
        return b"".join(parts)

    async def _close(self) -> None:
        reason = self.peer.closing
        assert reason is not None, "only called then"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._connection.drain()
        await self._connection.close(CLOSE_CODES[reason.code], _short(str(reason)))


def framed(message: bytes | str) -> tuple[bytes, bytes]:
    """A message as one WebSocket frame: its header and its payload."""
    first, payload = (_TEXT, message.encode()) if isinstance(message, str) else (_BINARY, message)
    size = len(payload)
    if size < 126:
        return bytes((first, size)), payload
    if size < 65536:
        return struct.pack("!BBH", first, 126, size), payload
    return struct.pack("!BBQ", first, 127, size), payload


def prepare(transport: asyncio.Transport) -> None:
    """Let the system and the transport keep back little, and send small messages at once."""
    transport.set_write_buffer_limits(high=0)
    line = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):  # the client may have gone already
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _short(text: str) -> str:
    """At most the 123 bytes that a close frame has room for."""
    return text.encode()[:123].decode(errors="ignore")
