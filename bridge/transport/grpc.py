"""gRPC: sockets and bytes, nothing of what they mean. The streams carry serialised messages as they are."""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import Any, NoReturn

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from bridge import logs, metrics, tls
from bridge.config import Config, authority
from bridge.doors import Doors, bearer
from bridge.face.emotion import EMOTIONS
from bridge.inputs.report import report
from bridge.meter import Meter
from bridge.peer import Peer
from bridge.session import (
    Code,
    Conversation,
    Limits,
    RefusedError,
    Request,
    read_interrupt,
    read_join,
    read_outputs,
    read_say,
    session_name,
)
from bridge.stage import Stage
from bridge.wire import PROTOCOL, wire
from rigcast.v1 import service_pb2, session_pb2

SERVICE = service_pb2.DESCRIPTOR.services_by_name["RigcastService"].full_name
SLACK = 65_536
"""Bytes by which a message may exceed its limit and still be answered in the stream."""

KEEPALIVE_MS = 20_000
"""How often a silent client is asked whether it is still there, and how long it has to answer; as in WebSocket."""

MOST_METERS = 4096

STATUS = {
    Code.INVALID_ARGUMENT: grpc.StatusCode.INVALID_ARGUMENT,
    Code.FAILED_PRECONDITION: grpc.StatusCode.FAILED_PRECONDITION,
    Code.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Code.RESOURCE_EXHAUSTED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Code.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    Code.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    Code.INTERNAL: grpc.StatusCode.INTERNAL,
    Code.PERMISSION_DENIED: grpc.StatusCode.PERMISSION_DENIED,
}

logger = logging.getLogger(__name__)
Context = grpc.aio.ServicerContext[Any, Any]


class Doorkeeper(grpc.aio.ServerInterceptor):
    """Turns away calls that the client's token does not open; health checks need none."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def intercept_service(self, continuation: Any, details: grpc.HandlerCallDetails) -> Any:
        """Let a call through, or answer it with a refusal."""
        logs.trace(dict(details.invocation_metadata or ()).get("traceparent"))
        service, _, call = details.method.strip("/").rpartition("/")
        if service == health.SERVICE_NAME:
            return await continuation(details)
        what = call if service == SERVICE else service
        try:
            self._doors.admit(_bearer(details.invocation_metadata), what)
        except RefusedError as refusal:
            handler = await continuation(details)
            return handler and _refusing(handler, refusal)
        return await continuation(details)


def _bearer(metadata: Any) -> str:
    """The token that a call presents; empty where there is none."""
    given = dict(metadata or ()).get("authorization", "")
    text = given.decode(errors="replace") if isinstance(given, bytes) else given
    return bearer(text)


def _refusing(handler: Any, refusal: RefusedError) -> Any:
    """A handler of the same kind that refuses every call."""

    async def refuse(_: Any, context: Context) -> NoReturn:
        await _refuse(context, refusal)

    kinds = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }
    return kinds[handler.request_streaming, handler.response_streaming](
        refuse, handler.request_deserializer, handler.response_serializer
    )


class Meters:
    """Counts the single calls of each connection; of very many, those that called last."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._of: OrderedDict[str, Meter] = OrderedDict()

    def take(self, peer: str, octets: int) -> None:
        """Count a call. Raises RefusedError where there are too many."""
        meter = self._of.pop(peer, None) or Meter(self._limits.messages_per_s, self._limits.bytes_per_s)
        self._of[peer] = meter
        if len(self._of) > MOST_METERS:
            self._of.popitem(last=False)
        if exceeded := meter.take(octets):
            what, limit = exceeded
            raise RefusedError(Code.RESOURCE_EXHAUSTED, f"{what}, the limit is {limit}", limit=limit)


class Service:
    """The calls of RigcastService."""

    def __init__(self, stage: Stage, doors: Doors) -> None:
        self._stage = stage
        self._doors = doors
        self._meters = Meters(stage.settings.limits)
        self._reader = Conversation(wire(PROTOCOL), stage.settings.limits, EMOTIONS)

    def handlers(self) -> dict[str, Any]:
        """One handler a call. Streams take and give bytes."""
        pb = service_pb2
        return {
            "Perform": grpc.stream_stream_rpc_method_handler(self._perform),
            "Watch": grpc.unary_stream_rpc_method_handler(self._watch),
            "Say": self._unary(self._say, pb.SayRequest),
            "Interrupt": self._unary(self._interrupt, pb.InterruptRequest),
            "ListVoices": self._unary(self._list_voices, pb.ListVoicesRequest),
            "Describe": self._unary(self._describe, pb.DescribeRequest),
            "ListInputs": self._unary(self._list_inputs, pb.ListInputsRequest),
            "Calibrate": self._unary(self._calibrate, pb.CalibrateRequest),
            "ListOutputs": self._unary(self._list_outputs, pb.ListOutputsRequest),
            "SetOutputs": self._unary(self._set_outputs, pb.SetOutputsRequest),
        }

    def _unary(self, call: Any, request: Any) -> Any:
        """A unary handler whose refusals become a status."""

        async def handle(data: bytes, context: Context) -> Any:
            try:
                self._meters.take(context.peer(), len(data))
                return await call(_parse(request, data))
            except RefusedError as refusal:
                await _refuse(context, refusal)

        return grpc.unary_unary_rpc_method_handler(handle, None, lambda reply: reply.SerializeToString())

    async def _perform(self, requests: AsyncIterator[bytes], context: Context) -> None:
        wake = asyncio.Event()
        key = self._doors.admit(_bearer(context.invocation_metadata()), "Perform")
        peer = Peer(self._stage, PROTOCOL, wake.set, key.role)

        async def read() -> None:
            async for data in requests:
                peer.receive(data)

        with self._doors.inside(key, peer):
            await _stream(peer, wake, context, asyncio.create_task(read()))

    async def _watch(self, data: bytes, context: Context) -> None:
        wake = asyncio.Event()
        key = self._doors.admit(_bearer(context.invocation_metadata()), "Watch")
        peer = Peer(self._stage, PROTOCOL, wake.set, key.role)
        try:
            self._meters.take(context.peer(), len(data))
            request: Request = read_join(_parse(session_pb2.Join, data), self._reader)
            peer.handle(0, request)
        except RefusedError as refusal:
            await _refuse(context, refusal)
        with self._doors.inside(key, peer):
            await _stream(peer, wake, context)

    async def _say(self, request: service_pb2.SayRequest) -> service_pb2.SayResponse:
        say = read_say(request.say, self._reader)
        session = self._stage.session(session_name(request.session, "session"))
        return service_pb2.SayResponse(utterance=session.say(say))

    async def _interrupt(self, request: service_pb2.InterruptRequest) -> service_pb2.InterruptResponse:
        session = self._stage.existing(session_name(request.session, "session"))
        session.interrupt(read_interrupt(request.interrupt, self._reader))
        return service_pb2.InterruptResponse()

    async def _list_voices(self, request: service_pb2.ListVoicesRequest) -> service_pb2.ListVoicesResponse:
        voices = [
            service_pb2.Voice(name=v.name, language=v.language, engine=v.engine, label=v.label)
            for v in self._stage.voices.voices()
            if v.language.startswith(request.language)
        ]
        return service_pb2.ListVoicesResponse(voices=voices)

    async def _describe(self, _: service_pb2.DescribeRequest) -> service_pb2.DescribeResponse:
        return self._stage.describe()

    async def _list_inputs(self, _: service_pb2.ListInputsRequest) -> service_pb2.ListInputsResponse:
        return report(self._stage.inputs)

    async def _calibrate(self, request: service_pb2.CalibrateRequest) -> service_pb2.CalibrateResponse:
        self._stage.existing(session_name(request.session, "session")).calibrate()
        return service_pb2.CalibrateResponse()

    async def _list_outputs(self, _: service_pb2.ListOutputsRequest) -> service_pb2.ListOutputsResponse:
        return self._stage.outputs.report() if self._stage.outputs else service_pb2.ListOutputsResponse()

    async def _set_outputs(self, request: service_pb2.SetOutputsRequest) -> service_pb2.SetOutputsResponse:
        name = session_name(request.session, "session")
        self._stage.set_outputs(name, read_outputs(request.outputs, self._reader))
        return service_pb2.SetOutputsResponse()


def _parse(request: Any, data: bytes) -> Any:
    """The message of a call. Raises RefusedError; gRPC itself would call it a fault of ours."""
    try:
        return request.FromString(data)
    except DecodeError:
        words = f"these {len(data)} bytes are no {request.DESCRIPTOR.full_name}"
        raise RefusedError(Code.INVALID_ARGUMENT, words) from None


async def _refuse(context: Context, refusal: RefusedError) -> NoReturn:
    """End a call that no Peer answers."""
    metrics.refused(refusal)
    await _abort(context, refusal)


async def _abort(context: Context, refusal: RefusedError) -> NoReturn:
    await context.abort(STATUS[refusal.code], str(refusal))


async def _stream(peer: Peer, wake: asyncio.Event, context: Context, reader: asyncio.Task[None] | None = None) -> None:
    """Send what the peer has until the call is cancelled or refused. A half-closed client still listens."""
    try:
        while True:
            data = peer.next()
            if data is not None:
                await context.write(data)
            elif peer.closing:
                await _abort(context, peer.closing)
            else:
                wake.clear()
                await wake.wait()
    finally:
        peer.leave()
        if reader is not None:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError, grpc.aio.AioRpcError, grpc.aio.UsageError):
                await reader


class Server:
    """A listening gRPC server."""

    def __init__(self, server: grpc.aio.Server, port: int, health_servicer: health.aio.HealthServicer) -> None:
        self.port = port
        self._server = server
        self._health = health_servicer

    async def drain(self) -> None:
        """Tell health watchers that this server is going."""
        await self._health.enter_graceful_shutdown()

    async def stop(self) -> None:
        """Take no new call, and end the running ones within a second."""
        await self._server.stop(1.0)


def _options(config: Config) -> list[tuple[str, int]]:
    return [
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", config.message_bytes + SLACK),
        ("grpc.compression_enabled_algorithms_bitset", 1),  # none: what is small here could be huge there
        ("grpc.max_allowed_incoming_connections", config.connections),
        ("grpc.server_handshake_timeout_ms", config.handshake_s * 1000),
        ("grpc.http2.settings_timeout", config.handshake_s * 1000),
        ("grpc.max_connection_idle_ms", config.handshake_s * 1000),  # who makes no call is cut; clients come again
        ("grpc.http2.max_ping_strikes", 0),  # answering 60,000 takes 0.03 s; gRPC 1.85 takes 1.8 s to cut who sent them
        ("grpc.keepalive_time_ms", KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", KEEPALIVE_MS),
    ]


async def start(stage: Stage, config: Config, doors: Doors) -> Server:
    """Listen for gRPC clients. Raises OSError where the port is taken."""
    server = grpc.aio.server(
        interceptors=[Doorkeeper(doors)],
        options=_options(config),
        maximum_concurrent_rpcs=config.connections,
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, Service(stage, doors).handlers()),))
    health_servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
    for name in ("", SERVICE):
        await health_servicer.set(name, health_pb2.HealthCheckResponse.SERVING)
    names = (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server)
    try:
        address, credentials = authority(config.host, config.grpc_port), tls.server_credentials(config)
        port = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    except RuntimeError as error:
        raise OSError(f"gRPC cannot listen on {address}") from error
    await server.start()
    return Server(server, port, health_servicer)
