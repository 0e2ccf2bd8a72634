"""Connections of a load generator: a WebSocket and a gRPC call, read as bytes and not as objects.

A client library costs some 20 µs a message, as much as the bridge itself; ten thousand a second of that would be the
thing measured. These know just enough of RFC 6455, and of RFC 9113 with gRPC's framing, for one stream of whole
messages each way with a server that keeps to them; they are no clients for anything else.
"""

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from typing import cast

Received = Callable[[bytes], None]

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 4, 6, 7, 8
ACK = END_STREAM = 0x1
END_HEADERS = 0x4
WINDOW = 2**31 - 1
"""Bytes that the server may send without being asked for more: all that any run will get."""

CLOSE, PING_FRAME, PONG_FRAME = 0x8, 0x9, 0xA


class Line(asyncio.Protocol):
    """A connection: `ready` is set once messages may be sent, `closed` once none will come any more."""

    def __init__(self, received: Received) -> None:
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[str] = loop.create_future()
        """Why it ended: a close code or a status, and words."""
        self.octets = 0
        self._received = received
        self._buffer = b""
        self._reason = "the connection was cut"
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self.transport = cast(asyncio.Transport, transport)
        self.greet()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self.octets += len(data)
        self._buffer = self._buffer + data if self._buffer else data
        self._buffer = self._buffer[self.read(self._buffer) :]

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        if not self.closed.done():
            self.closed.set_result(self._reason)
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(self._reason))
            self.ready.exception()  # seen

    def write(self, data: bytes) -> None:
        """Send bytes, if there is still somebody."""
        if not self.transport.is_closing():
            self.transport.write(data)

    def greet(self) -> None:
        """Send what opens the conversation."""
        raise NotImplementedError

    def read(self, buffer: bytes) -> int:
        """Read what is whole; how many bytes that was."""
        raise NotImplementedError

    def send(self, message: bytes) -> None:
        """Send a message."""
        raise NotImplementedError

    def end(self, reason: str) -> None:
        """The server has said its last word."""
        self._reason = reason
        self.transport.close()


class WebSocketLine(Line):
    """A client of ws://."""

    def __init__(self, received: Received, authority: str, path: str, protocol: str) -> None:
        super().__init__(received)
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n"
        )

    def greet(self) -> None:
        """See Line."""
        self.write(self._request.encode())

    def read(self, buffer: bytes) -> int:
        """See Line."""
        at = 0
        if not self.ready.done():
            head, end, _ = buffer.partition(b"\r\n\r\n")
            if not end:
                return 0
            if b" 101 " not in head[:20]:
                self.end(head.split(b"\r\n")[0].decode(errors="replace"))
                return len(buffer)
            self.ready.set_result(None)
            at = len(head) + len(end)
        length = len(buffer)
        while length - at >= 2:
            size, start = buffer[at + 1], at + 2
            if size == 126:
                start = at + 4
                if length < start:
                    break
                size = buffer[at + 2] << 8 | buffer[at + 3]
            elif size == 127:
                start = at + 10
                if length < start:
                    break
                size = int.from_bytes(buffer[at + 2 : start], "big")
            if length - start < size:
                break
            opcode, at = buffer[at] & 15, start + size
            if opcode <= 2:
                self._received(buffer[start:at])
            else:
                self._control(opcode, buffer[start:at])
        return at

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING_FRAME:
            self.write(masked(payload, PONG_FRAME))
        elif opcode == CLOSE:
            code = int.from_bytes(payload[:2], "big")
            self.end(f"{code} {payload[2:].decode(errors='replace')}")

    def send(self, message: bytes) -> None:
        """See Line."""
        self.write(masked(message))


def masked(payload: bytes, opcode: int = 2) -> bytes:
    """A frame from a client. Its mask is zero, which leaves the payload as it is."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 0xFE, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0xFF, size)
    return head + bytes(4) + payload


class GrpcLine(Line):
    """One call that streams both ways, over a connection of its own, without TLS."""

    def __init__(self, received: Received, authority: str, path: str) -> None:
        super().__init__(received)
        self._authority, self._path = authority, path
        self._message = b""

    def greet(self) -> None:
        """See Line."""
        settings = struct.pack("!HI", 4, WINDOW)
        headers = b"\x83\x86" + _header(b"\x04", self._path) + _header(b"\x01", self._authority)
        headers += _new("te", "trailers") + _new("content-type", "application/grpc")
        self.write(
            PREFACE
            + _frame(SETTINGS, 0, 0, settings)
            + _frame(WINDOW_UPDATE, 0, 0, struct.pack("!I", WINDOW - 65535))
            + _frame(HEADERS, END_HEADERS, 1, headers)
        )

    def read(self, buffer: bytes) -> int:
        """See Line."""
        at, length = 0, len(buffer)
        while length - at >= 9:
            end = at + 9 + int.from_bytes(buffer[at : at + 3], "big")
            if end > length:
                break
            kind = buffer[at + 3]
            if kind == DATA:
                self._data(buffer[at + 9 : end])
            else:
                self._control(kind, buffer[at + 4], buffer[at + 9 : end])
            at = end
        return at

    def _data(self, payload: bytes) -> None:
        data = self._message + payload if self._message else payload
        at, length = 0, len(data)
        while length - at >= 5:
            end = at + 5 + int.from_bytes(data[at + 1 : at + 5], "big")
            if end > length:
                break
            self._received(data[at + 5 : end])
            at = end
        self._message = data[at:]

    def _control(self, kind: int, flags: int, payload: bytes) -> None:
        if kind == SETTINGS and not flags & ACK:
            self.write(_frame(SETTINGS, ACK, 0, b""))
            if not self.ready.done():
                self.ready.set_result(None)
        elif kind == PING and not flags & ACK:
            self.write(_frame(PING, ACK, 0, payload))
        elif kind == HEADERS and flags & END_STREAM:
            self.end("the call has ended")
        elif kind == GOAWAY:
            self.end(f"GOAWAY {payload[8:].decode(errors='replace')}")

    def send(self, message: bytes) -> None:
        """See Line. What is sent stays far below the windows that a server keeps open."""
        self.write(_frame(DATA, 0, 1, b"\0" + struct.pack("!I", len(message)) + message))


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack("!IBI", len(payload) << 8 | kind, flags, stream) + payload


def _header(name: bytes, value: str) -> bytes:
    """A header field whose name stands in the static table, not indexed (RFC 7541, 6.2.2)."""
    return name + bytes([len(value)]) + value.encode()


def _new(name: str, value: str) -> bytes:
    """A header field with a name of its own."""
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
