"""WebSocket and the preview page, on one port: sockets and bytes, nothing of what they mean."""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as serve_websockets
from websockets.datastructures import Headers, MultipleValuesError
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import Event, State
from websockets.typing import Subprotocol

from bridge import logs, metrics, tls
from bridge.config import Config
from bridge.doors import EVERYBODY, Doors, bearer
from bridge.meter import Meter
from bridge.session import Code, RefusedError
from bridge.stage import Stage
from bridge.transport.line import CLOSE_CODES, CLOSE_S, Line, prepare
from bridge.transport.page import AVATAR, METRICS, Page
from bridge.wire import PROTOCOL, PROTOCOL_JSON

PATH = "/rigcast"
SUBPROTOCOLS = [Subprotocol(PROTOCOL), Subprotocol(PROTOCOL_JSON)]
SLACK = 65_536
"""Bytes by which a message may exceed its limit and still be answered with an Error; a larger one ends in 1009."""

FRAMES_A_MESSAGE = 4
"""Frames, among them pings, for each message that a client may send."""
MOST_FRAGMENTS = 256
TURN_S = 0.001
"""For so long one connection is read at a time; then others have their turn."""
PIECE = 1024
"""Bytes that are read at once: at most some 170 frames."""
MOST_UNREAD = 1_048_576
"""Bytes of answers to pings that a client may leave unread."""

FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

HTTP_STATUS = {
    Code.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Code.PERMISSION_DENIED: HTTPStatus.FORBIDDEN,
}

logger = logging.getLogger(__name__)


async def start(stage: Stage, config: Config, page: Page, doors: Doors) -> Server:
    """Listen for WebSocket clients and browsers. Raises OSError where the port is taken."""
    doorkeeper = Doorkeeper(page, doors)

    def meter() -> Meter:
        return Meter(config.messages_per_s * FRAMES_A_MESSAGE, config.bytes_per_s * FRAMES_A_MESSAGE)

    async def handle(connection: ServerConnection) -> None:
        assert isinstance(connection, Connection)
        await _converse(connection, stage, doors)

    return await serve_websockets(
        handle,
        config.host,
        config.http_port,
        process_request=doorkeeper.process,
        create_connection=partial(Connection, doors, meter, config.handshake_s),  # type: ignore[arg-type]  # it is only ever called
        subprotocols=SUBPROTOCOLS,
        compression=None,
        max_size=config.message_bytes + SLACK,
        max_queue=16,
        server_header="rigcast",
        open_timeout=None,  # see Connection.handshake
        close_timeout=CLOSE_S,
        **_secure(config),
    )


def _secure(config: Config) -> dict[str, Any]:
    """What asyncio needs for TLS; without it, it takes no time limit for its handshake either."""
    context = tls.server_context(config)
    return {"ssl": context, "ssl_handshake_timeout": config.handshake_s} if context else {}


class Connection(ServerConnection):
    """A connection that is counted at the door and knows with which key its client came in."""

    def __init__(self, doors: Doors, meter: Callable[[], Meter], handshake_s: float, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.key = EVERYBODY
        self._limit = asyncio.timeout(handshake_s)
        self._doors = doors
        self._meter = meter()
        self._fragments = 0
        self._unread = b""
        self._cutting: asyncio.TimerHandle | None = None
        self.resumed: Callable[[], None] = lambda: None
        """Called when there is room again for what waits to be sent."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Turn it away at once if there are too many."""
        super().connection_made(transport)
        prepare(self.transport)
        if not self._doors.come():
            self.transport.write(FULL)
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Read what came, if it takes long in several turns: thousands of tiny frames must not hold the others up."""
        if self._unread:  # reading was resumed by who takes the messages out
            self._unread += data
            self.transport.pause_reading()
        else:
            self._read(data)

    def _read(self, data: bytes) -> None:
        end = time.monotonic() + TURN_S
        for at in range(0, len(data), PIECE):
            super().data_received(data[at : at + PIECE])
            if time.monotonic() > end:
                break
        if self.protocol.state is State.CLOSING and not self._cutting:
            self._cutting = self.loop.call_later(self.close_timeout or 0, self.transport.abort)
        self._unread = data[at + PIECE :] if data else b""
        if self._unread:
            self.transport.pause_reading()
            self.loop.call_soon(self._read_on)

    def _read_on(self) -> None:
        self._read(self._unread)
        if not self._unread and not self.recv_messages.paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def eof_received(self) -> None:
        """See asyncio.Protocol."""
        if self._unread:
            super().data_received(self._unread)
            self._unread = b""
        super().eof_received()

    def resume_writing(self) -> None:
        """See asyncio.Protocol."""
        super().resume_writing()
        self.resumed()

    async def handshake(self, *args: Any) -> None:
        """See ServerConnection. The limit is for the client's part of it."""
        async with self._limit:
            await super().handshake(*args)

    def take_time(self) -> None:
        """The request is here, and its answer takes as long as it takes."""
        self._limit.reschedule(None)

    def process_event(self, event: Event) -> None:
        """See websockets' Connection."""
        if not isinstance(event, Frame) or self._passes(event):
            super().process_event(event)

    def _passes(self, frame: Frame) -> bool:
        """Count frames: also those that no message comes of cost something."""
        if self.protocol.state is not State.OPEN:
            return False
        self._fragments = self._fragments + 1 if frame.opcode is Opcode.CONT else 0
        if self._meter.take(len(frame.data)):
            return self._cut("too many frames a second")
        if self._fragments > MOST_FRAGMENTS:
            return self._cut(f"a message of more than {MOST_FRAGMENTS} fragments")
        if self.transport.get_write_buffer_size() > MOST_UNREAD:  # of pongs: all else waits in the outbox
            self.transport.abort()
        return True

    def _cut(self, reason: str) -> bool:
        metrics.refused(RefusedError(Code.RESOURCE_EXHAUSTED, reason, field="frame"))
        self.protocol.fail(CLOSE_CODES[Code.RESOURCE_EXHAUSTED], reason)
        self.send_data()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._unread = b""
        if self._cutting:
            self._cutting.cancel()
        self._doors.go()
        super().connection_lost(exc)
        self._release()

    def _release(self) -> None:
        """Break what refers to one another, so that the memory is free now; see Peer.forget."""
        self.resumed = lambda: None
        self.protocol.parser.close()
        if self.protocol.parser_exc:
            self.protocol.parser_exc.__traceback__ = None


class Doorkeeper:
    """Answers a request before it becomes a WebSocket: the page's files, and who may not come in."""

    def __init__(self, page: Page, doors: Doors) -> None:
        self._page = page
        self._doors = doors

    async def process(self, connection: ServerConnection, request: Request) -> Response | None:
        """None lets a WebSocket handshake go on."""
        assert isinstance(connection, Connection)
        try:
            return await self._answer(connection, request)
        except RefusedError as refusal:
            metrics.refused(refusal)
            return connection.respond(HTTP_STATUS[refusal.code], f"{refusal.message}\n")
        except MultipleValuesError as error:
            return connection.respond(HTTPStatus.BAD_REQUEST, f"Send the header {error} once.\n")
        except ValueError:  # of urlsplit
            return connection.respond(HTTPStatus.BAD_REQUEST, "An address in this request is none.\n")

    async def _answer(self, connection: Connection, request: Request) -> Response | None:
        headers, address = request.headers, urlsplit(request.path)
        self._doors.check_page(headers.get("Host", ""), headers.get("Origin"))
        if address.path in (AVATAR, METRICS):
            self._doors.admit(_token(headers, address.query), address.path)
        if address.path != PATH:
            return await self._serve_file(connection, address.path)
        if "websocket" not in headers.get("Upgrade", "").lower():
            return connection.respond(HTTPStatus.UPGRADE_REQUIRED, "This address speaks WebSocket; the page is at /.\n")
        connection.key = self._doors.admit(_token(headers, address.query), PATH)
        offered = [name.strip() for name in headers.get("Sec-WebSocket-Protocol", "").split(",")]
        if not set(offered) & set(SUBPROTOCOLS):
            return connection.respond(HTTPStatus.BAD_REQUEST, f"Offer the subprotocol {' or '.join(SUBPROTOCOLS)}.\n")
        return None

    async def _serve_file(self, connection: Connection, path: str) -> Response:
        connection.take_time()
        found = await self._page.get(path)
        if found is None:
            return connection.respond(HTTPStatus.NOT_FOUND, f"There is nothing at {path[:100]}.\n")
        headers = Headers(
            {
                "Content-Type": found.type,
                "Content-Length": str(len(found.body)),
                "Cache-Control": "no-cache",
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",  # the page's address may hold a token
                "Content-Security-Policy": "frame-ancestors 'self'",
                "Connection": "close",
            }
        )
        return Response(HTTPStatus.OK, "OK", headers, found.body)


def _token(headers: Headers, query: str) -> str:
    """The token that a request presents, in its header or, as browsers must, in its address."""
    return bearer(headers.get("Authorization", "")) or parse_qs(query).get("token", [""])[0]


async def _converse(connection: Connection, stage: Stage, doors: Doors) -> None:
    """One client, from its handshake to its end."""
    if connection.request:
        logs.trace(connection.request.headers.get("traceparent"))
    line = Line(connection, stage)
    peer = line.peer
    try:
        with doors.inside(connection.key, peer):
            async for data in connection:
                peer.receive(data)  # who is to go is read on, unheard, to see its Close
                if len(connection.recv_messages.frames):
                    await asyncio.sleep(0)  # others have their turn between the messages that came at once
    except ConnectionClosed:
        pass
    finally:
        peer.leave()
        await line.closed()
