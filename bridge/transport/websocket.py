"""WebSocket and the preview page, on one port: sockets and bytes, nothing of what they mean."""

import asyncio
import contextlib
import logging
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as serve_websockets
from websockets.datastructures import Headers, MultipleValuesError
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from bridge import tls
from bridge.config import Config, is_loopback
from bridge.doors import EVERYBODY, Doors, bearer
from bridge.peer import Peer
from bridge.session import Code, RefusedError
from bridge.stage import Stage
from bridge.tokens import Key
from bridge.transport.page import AVATAR, Page
from bridge.wire import PROTOCOL, PROTOCOL_JSON

PATH = "/rigcast"
SUBPROTOCOLS = [Subprotocol(PROTOCOL), Subprotocol(PROTOCOL_JSON)]
SLACK = 65_536
"""Bytes by which a message may exceed its limit and still be answered with an Error; a larger one ends in 1009."""

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

HTTP_STATUS = {
    Code.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Code.PERMISSION_DENIED: HTTPStatus.FORBIDDEN,
}

logger = logging.getLogger(__name__)


async def start(stage: Stage, config: Config, page: Page, doors: Doors) -> Server:
    """Listen for WebSocket clients and browsers. Raises OSError where the port is taken."""
    doorkeeper = Doorkeeper(config, page, doors)

    async def handle(connection: ServerConnection) -> None:
        assert isinstance(connection, Connection)
        await _converse(connection, stage, doors)

    return await serve_websockets(
        handle,
        config.host,
        config.http_port,
        process_request=doorkeeper.process,
        create_connection=Connection,
        subprotocols=SUBPROTOCOLS,
        compression=None,
        max_size=config.message_bytes + SLACK,
        max_queue=16,
        server_header="rigcast",
        ssl=tls.server_context(config),
    )


class Connection(ServerConnection):
    """A connection that knows with which key its client came in."""

    guest: Key = EVERYBODY


class Doorkeeper:
    """Answers a request before it becomes a WebSocket: the page's files, and who may not come in."""

    def __init__(self, config: Config, page: Page, doors: Doors) -> None:
        self._config = config
        self._page = page
        self._doors = doors

    async def process(self, connection: ServerConnection, request: Request) -> Response | None:
        """None lets a WebSocket handshake go on."""
        assert isinstance(connection, Connection)
        try:
            return await self._answer(connection, request)
        except RefusedError as refusal:
            return connection.respond(HTTP_STATUS[refusal.code], f"{refusal.message}\n")
        except MultipleValuesError as error:
            return connection.respond(HTTPStatus.BAD_REQUEST, f"Send the header {error} once.\n")

    async def _answer(self, connection: "Connection", request: Request) -> Response | None:
        headers, address = request.headers, urlsplit(request.path)
        host = headers.get("Host", "")
        if not self._is_host_ours(host):
            return connection.respond(HTTPStatus.FORBIDDEN, "This host name does not belong to the bridge.\n")
        if address.path == AVATAR:
            self._doors.admit(_token(headers, address.query), AVATAR)
        if address.path != PATH:
            return await self._serve_file(connection, address.path)
        if "websocket" not in headers.get("Upgrade", "").lower():
            return connection.respond(HTTPStatus.UPGRADE_REQUIRED, "This address speaks WebSocket; the page is at /.\n")
        origin = headers.get("Origin")
        if origin is not None and not _is_origin_ours(origin, host):
            return connection.respond(HTTPStatus.FORBIDDEN, f"Pages of {origin} may not use this bridge.\n")
        connection.guest = self._doors.admit(_token(headers, address.query), PATH)
        offered = [name.strip() for name in headers.get("Sec-WebSocket-Protocol", "").split(",")]
        if not set(offered) & set(SUBPROTOCOLS):
            return connection.respond(HTTPStatus.BAD_REQUEST, f"Offer the subprotocol {' or '.join(SUBPROTOCOLS)}.\n")
        return None

    async def _serve_file(self, connection: ServerConnection, path: str) -> Response:
        found = await self._page.get(path)
        if found is None:
            return connection.respond(HTTPStatus.NOT_FOUND, f"There is nothing at {path[:100]}.\n")
        headers = Headers(
            {
                "Content-Type": found.type,
                "Content-Length": str(len(found.body)),
                "Cache-Control": "no-cache",
                "X-Content-Type-Options": "nosniff",
                "Connection": "close",
            }
        )
        return Response(HTTPStatus.OK, "OK", headers, found.body)

    def _is_host_ours(self, host: str) -> bool:
        """On loopback, only loopback names: another page's name may have been pointed here (DNS rebinding)."""
        return not is_loopback(self._config.host) or is_loopback(_host_name(host))


def _token(headers: Headers, query: str) -> str:
    """The token that a request presents, in its header or, as browsers must, in its address."""
    return bearer(headers.get("Authorization", "")) or parse_qs(query).get("token", [""])[0]


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_origin_ours(origin: str, host: str) -> bool:
    """Whether a page comes from the bridge itself, or from a server on this machine such as a developer's."""
    try:
        address = urlsplit(origin)
    except ValueError:
        return False
    return address.netloc == host or is_loopback(address.hostname or "")


async def _converse(connection: Connection, stage: Stage, doors: Doors) -> None:
    """One client, from its handshake to its end."""
    wake = asyncio.Event()
    peer = Peer(stage, str(connection.subprotocol), wake.set, connection.guest.role)
    sender = asyncio.create_task(_send(connection, peer, wake))
    try:
        with doors.inside(connection.guest, peer.refuse):
            async for data in connection:
                if peer.closing:
                    break
                peer.receive(data)
            if peer.closing:
                await sender
    except ConnectionClosed:
        pass
    finally:
        peer.leave()
        sender.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
            await sender


async def _send(connection: ServerConnection, peer: Peer, wake: asyncio.Event) -> None:
    while True:
        data = peer.next()
        if data is not None:
            await connection.send(data)
        elif peer.closing:
            await connection.close(CLOSE_CODES[peer.closing.code], _reason(str(peer.closing)))
            return
        else:
            wake.clear()
            await wake.wait()


def _reason(text: str) -> str:
    """At most the 123 bytes that a close frame has room for."""
    return text.encode()[:123].decode(errors="ignore")
