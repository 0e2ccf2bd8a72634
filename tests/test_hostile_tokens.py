"""Tokens and roles on the wire: what each opens on both transports, and that no token is ever written down."""

import asyncio
import contextlib
import logging
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from bridge import server, tokens
from bridge.commands.remote import credentials
from bridge.config import Config
from bridge.roles import Role
from bridge.tokens import Key
from rigcast.v1 import service_pb2, service_pb2_grpc, session_pb2
from tests.real_bridge import PATIENCE, request, until

ADMIN, PERFORM, WATCH = "admin-token-admin-token", "perform-token-perform", "watch-token-watch-token"
BRIEF = "brief-token-brief-token"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bridge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Config]:
    """A bridge with a token for each role, and a file that has one more."""
    file = tmp_path_factory.mktemp("tokens") / "tokens.toml"
    tokens.write(file, [Key("brief", tokens.digest(BRIEF), Role.WATCH)])
    config = Config(
        http_port=0, grpc_port=0, token=ADMIN, perform_token=PERFORM, watch_token=WATCH, tokens_file=str(file)
    )
    async with server.running(config) as bound:
        yield bound


pytestmark = pytest.mark.asyncio(loop_scope="module")


@contextlib.asynccontextmanager
async def opened(bridge: Config, query: str = "", **headers: str) -> AsyncIterator[ClientConnection]:
    """A WebSocket connection with this query and these headers."""
    address = f"{bridge.page_url.replace('http', 'ws', 1)}rigcast{query}"
    async with connect(
        address, subprotocols=[Subprotocol("rigcast.v1")], compression=None, proxy=None, additional_headers=headers
    ) as connection:
        yield connection


@contextlib.asynccontextmanager
async def stub(bridge: Config) -> AsyncIterator[Any]:
    async with grpc.aio.insecure_channel(bridge.grpc_target, options=[("grpc.enable_http_proxy", 0)]) as channel:
        yield service_pb2_grpc.RigcastServiceStub(channel)


@pytest.mark.parametrize("token", [ADMIN, PERFORM, WATCH, BRIEF])
async def test_each_token_opens_a_websocket_by_header_and_by_address(bridge: Config, token: str) -> None:
    for query, headers in (("", {"Authorization": f"Bearer {token}"}), (f"?token={token}", {})):
        async with opened(bridge, query, **headers) as connection:
            await connection.send(request(join=session_pb2.Join(session="open")))
            await until(connection, "welcome")


@pytest.mark.parametrize(
    ("query", "headers", "words"),
    [
        ("", {}, b"missing"),
        ("?token=", {}, b"missing"),
        ("?token=wrong", {}, b"wrong"),
        ("?token=%FF%00", {}, b"wrong"),
        (f"?token={ADMIN[:-1]}", {}, b"wrong"),
        ("", {"Authorization": f"Basic {ADMIN}"}, b"wrong"),
        ("", {"Authorization": "Bearer "}, b"missing"),
    ],
)
async def test_no_other_token_does(bridge: Config, query: str, headers: dict[str, str], words: bytes) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opened(bridge, query, **headers):
            pass
    assert refused.value.response.status_code == 401
    assert words in refused.value.response.body


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"say": session_pb2.Say(text="Hi.")}, "say"),
        ({"interrupt": session_pb2.Interrupt()}, "interrupt"),
        ({"set_emotion": session_pb2.SetEmotion(emotion="happy")}, "set_emotion"),
        ({"look_at": session_pb2.LookAt()}, "look_at"),
    ],
)
async def test_who_watches_does_not_perform(bridge: Config, body: dict[str, Any], field: str) -> None:
    async with opened(bridge, f"?token={WATCH}") as connection:
        await connection.send(request(join=session_pb2.Join(session="watched", no_frames=True)))
        await connection.send(request(3, **body))
        error = (await until(connection, "error")).error
        assert (error.request_id, error.code, error.field) == (3, session_pb2.ERROR_CODE_PERMISSION_DENIED, field)
        await connection.send(request(4, ping=session_pb2.Ping()))
        assert (await until(connection, "pong")).pong.request_id == 4


@pytest.mark.parametrize(
    ("call", "message", "roles"),
    [
        ("Describe", service_pb2.DescribeRequest(), {WATCH, PERFORM, ADMIN}),
        ("ListVoices", service_pb2.ListVoicesRequest(), {WATCH, PERFORM, ADMIN}),
        ("Say", service_pb2.SayRequest(say=session_pb2.Say(text="Hi.")), {PERFORM, ADMIN}),
        ("Interrupt", service_pb2.InterruptRequest(session="main"), {PERFORM, ADMIN}),
    ],
)
async def test_calls_are_held_to_the_role(bridge: Config, call: str, message: Any, roles: set[str]) -> None:
    async with stub(bridge) as service:
        await service.Say(service_pb2.SayRequest(say=session_pb2.Say(text="Hi.")), metadata=credentials(ADMIN))
        for token in (WATCH, PERFORM, ADMIN):
            if token in roles:
                await getattr(service, call)(message, metadata=credentials(token), timeout=PATIENCE)
                continue
            with pytest.raises(grpc.aio.AioRpcError, match="this token is for watch") as refused:
                await getattr(service, call)(message, metadata=credentials(token), timeout=PATIENCE)
            assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_who_watches_does_not_perform_in_a_stream_either(bridge: Config) -> None:
    async def requests() -> AsyncIterator[session_pb2.ClientMessage]:
        yield session_pb2.ClientMessage(join=session_pb2.Join(session="stream", no_frames=True))
        yield session_pb2.ClientMessage(request_id=5, say=session_pb2.Say(text="Hi."))

    async with stub(bridge) as service, asyncio.timeout(PATIENCE):
        async for message in service.Perform(requests(), metadata=credentials(WATCH)):
            if message.HasField("error"):
                break
    assert message.error.code == session_pb2.ERROR_CODE_PERMISSION_DENIED


@pytest.mark.parametrize("token", ["", "wrong", "Bearer"])
async def test_no_call_without_a_token(bridge: Config, token: str) -> None:
    async with stub(bridge) as service:
        for call in (service.Watch(session_pb2.Join(), metadata=credentials(token)), service.Perform(iter(()))):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                async for _ in call:
                    pass
            assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_the_schema_is_not_told_to_strangers(bridge: Config) -> None:
    async with grpc.aio.insecure_channel(bridge.grpc_target, options=[("grpc.enable_http_proxy", 0)]) as channel:
        ask = reflection_pb2.ServerReflectionRequest(list_services="")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            async for _ in reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([ask])):
                pass
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_the_character_is_for_those_who_may_watch(bridge: Config) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def fetch(path: str) -> bytes:
        with opener.open(bridge.page_url + path, timeout=PATIENCE) as answer:
            return bytes(answer.read(4))

    with pytest.raises(urllib.error.HTTPError) as refused:
        await asyncio.to_thread(fetch, "avatar.vrm")
    refused.value.close()
    assert refused.value.code == 401
    assert await asyncio.to_thread(fetch, f"avatar.vrm?token={WATCH}") == b"glTF"


async def test_a_revoked_token_ends_what_it_opened(bridge: Config) -> None:
    async with stub(bridge) as service, opened(bridge, f"?token={BRIEF}") as connection:
        await connection.send(request(join=session_pb2.Join(session="revoked", no_frames=True)))
        stream = service.Watch(session_pb2.Join(session="revoked"), metadata=credentials(BRIEF))
        await until(connection, "welcome")
        await anext(aiter(stream))
        tokens.write(Path(bridge.tokens_file), [])
        with pytest.raises(ConnectionClosed) as closed:
            await until(connection, "nothing")
        with pytest.raises(grpc.aio.AioRpcError) as ended:
            async for _ in stream:
                pass
    assert closed.value.rcvd
    assert (closed.value.rcvd.code, closed.value.rcvd.reason[:19]) == (1008, "the token has ended")
    assert ended.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_no_token_is_logged(bridge: Config, caplog: pytest.LogCaptureFixture) -> None:
    """Not even where everything is logged that the program lets through."""
    logging.getLogger("websockets").setLevel(logging.WARNING)  # as `rigcast serve` does at any level
    with caplog.at_level(logging.DEBUG):
        async with opened(bridge, f"?token={ADMIN}", Authorization=f"Bearer {ADMIN}") as connection:
            await connection.send(request(join=session_pb2.Join(session="logged")))
            await until(connection, "welcome")
        with contextlib.suppress(InvalidStatus):
            async with opened(bridge, "?token=almost-the-token"):
                pass
    assert ADMIN not in caplog.text
    assert "almost-the-token" not in caplog.text
