"""What runs already, and what it answers."""

import asyncio
import errno
import socket
import sys
import urllib.request
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from bridge import __version__, tls
from bridge.config import Config, authority
from bridge.doctor.finding import Finding, State

if TYPE_CHECKING:
    import grpc
    from google.protobuf.message import Message

    from rigcast.v1 import service_pb2

TIMEOUT_S = 3.0


async def check(config: Config) -> AsyncIterator[Finding]:
    """The ports, and the bridge that may be running behind them."""
    grpc_taken = occupied(config.host, config.grpc_port)
    http_taken = occupied(config.host, config.http_port)
    found = [finding async for finding in _running(config)] if grpc_taken is True else []
    ours = bool(found)
    for finding in found:
        yield finding
    for name, port, taken in (("http", config.http_port, http_taken), ("grpc", config.grpc_port, grpc_taken)):
        where = authority(config.host, port)
        if isinstance(taken, str):
            yield Finding(f"{name} port", State.BROKEN, f"{where}: {taken}", f"choose another host or --{name}-port")
        elif taken and not (ours and (name == "grpc" or await asyncio.to_thread(_serves_page, config))):
            remedy = f"end that program, or choose another port with --{name}-port"
            yield Finding(f"{name} port", State.BROKEN, f"{where} is taken by another program", remedy)
        else:
            yield Finding(f"{name} port", State.OK, f"{where} is {'the running bridge' if taken else 'free'}")
    if not grpc_taken and not http_taken:
        remedy = "rigcast demo, or rigcast serve"
        yield Finding("bridge", State.NOTE, "none is running, so nothing moves", remedy)


async def _running(config: Config) -> AsyncIterator[Finding]:
    """What the bridge at the gRPC port says of itself; nothing where it is none."""
    import grpc

    from bridge.commands.remote import opened

    async with opened(config) as channel:
        try:
            about = await _describe(channel, config)
            await asyncio.sleep(0.2)
            later = await _describe(channel, config)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNAUTHENTICATED:
                yield Finding(
                    "bridge", State.BROKEN, "one is running, but with another token", "set RIGCAST_TOKEN to its"
                )
            return
    count = len(about.sessions)
    yield Finding("bridge", State.OK, f"rigcast {about.server} is running, with {count} session{'s' * (count != 1)}")
    if about.server != __version__:
        yield Finding("bridge", State.NOTE, f"it is {about.server}, this is {__version__}", "start it again")
    if not about.sessions:
        yield Finding("bridge", State.NOTE, "nobody has joined, so nothing moves", f"open {config.page_url}")
    times = {session.name: session.now_us for session in later.sessions}
    for session in about.sessions:
        yield state_of(session, times.get(session.name), config)


async def _describe(channel: "grpc.aio.Channel", config: Config) -> "service_pb2.DescribeResponse":
    from rigcast.v1 import service_pb2

    answer: service_pb2.DescribeResponse = await _called(channel, config, "Describe", service_pb2.DescribeRequest())
    return answer


async def _called(channel: "grpc.aio.Channel", config: Config, call: str, request: "Message") -> Any:
    """The answer to a call. Raises grpc.aio.AioRpcError."""
    from bridge.commands.remote import credentials
    from rigcast.v1 import service_pb2_grpc

    stub = service_pb2_grpc.RigcastServiceStub(channel)
    return await getattr(stub, call)(request, metadata=credentials(config.token), timeout=TIMEOUT_S)


def state_of(session: "service_pb2.SessionState", later_us: int | None, config: Config) -> Finding:
    name = f'session "{session.name}"'
    doing = "speaking" if session.speaking else "idle"
    text = f"{name}: {session.subscribers} watching, {doing}, {session.queued_texts} texts waiting"
    if later_us is not None and later_us <= session.now_us:
        return Finding("session", State.BROKEN, f"{text}; its clock stands still", "start the bridge again")
    if not session.subscribers:
        return Finding("session", State.NOTE, text, f"open {config.page_url}, or let the engine's plugin join")
    return Finding("session", State.OK, text)


async def asked(config: Config, call: str, request: "Message") -> Any:
    """What a running bridge answers to a call; None where none runs, or it does not answer us."""
    import grpc

    from bridge.commands.remote import opened

    async with opened(config) as channel:
        try:
            return await _called(channel, config, call, request)
        except grpc.aio.AioRpcError:
            return None


def occupied(host: str, port: int) -> bool | str:
    """Whether something listens there already, or why nothing can. Port 0 is always free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":  # there, this option would let us take a port that is in use
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return True if error.errno == errno.EADDRINUSE else (error.strerror or str(error))
    return False


def _serves_page(config: Config) -> bool:
    secure = urllib.request.HTTPSHandler(context=tls.client_context(config))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), secure)
    try:
        with opener.open(config.page_url, timeout=TIMEOUT_S) as answer:
            return b"Rigcast" in answer.read(65536)
    except OSError:
        return False
