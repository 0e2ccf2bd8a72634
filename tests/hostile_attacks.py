"""Attacks: what a stranger sends, from a bridge to what came of it, in the words of tests/hostile_cases.py."""

import asyncio
import contextlib
import functools
import socket
import struct
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
import onnx
from onnx import helper
from websockets.exceptions import ConnectionClosed

from bridge.avatar import glb
from bridge.avatar.glb import GlbError
from bridge.config import Config
from bridge.face.card import read_card
from bridge.face.model import ModelError, load
from rigcast.v1 import service_pb2, service_pb2_grpc, session_pb2
from tests import tiny_model
from tests.hostile import connection_of, frame, handshake, line
from tests.real_bridge import PATIENCE, request

Attack = Callable[[Config], Awaitable[str]]
NAN, INF = float("nan"), float("inf")
CROWD = 20


def free_port() -> int:
    """A port that nobody hears packets at just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


LISTENS: dict[str, int] = {}
"""Our own ports, where they are not the address that is told; of the bridge that this process started last."""
LAST = 4242
"""The request_id of the question that ends a case."""
UNHEARD = "not heard"
TEXT, BINARY, CONTINUATION, CLOSE, PING = 1, 2, 0, 8, 9
HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
JOIN = session_pb2.Join(session="hostile", no_frames=True, no_audio=True, no_events=True)


# Bytes before there is a WebSocket


def raw(data: bytes | Callable[[str], bytes], *, end: bool = False) -> Attack:
    """Send bytes to the page's port, `end` it or not, and read; a function is given the bridge's own Host."""

    async def attack(bound: Config) -> str:
        async with line(bound) as there:
            await there.send(data if isinstance(data, bytes) else data(f"127.0.0.1:{bound.http_port}"))
            if end:
                there.writer.write_eof()
            answer = await there.rest()
        return f"HTTP {answer[9:12].decode()}" if answer.startswith(b"HTTP/1.1 ") else "cut"

    return attack


def get(path: str, *headers: str) -> Attack:
    """Ask for a path."""
    return raw(lambda host: "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode("latin-1"))


def shake(*more: str, without: str = "", **how: str) -> Attack:
    """A handshake with more headers, or without one of the usual ones."""

    def data(host: str) -> bytes:
        lines = handshake(*more, **({"host": host} | how)).split(b"\r\n")
        return b"\r\n".join(each for each in lines if not without or not each.startswith(without.encode()))

    return raw(data)


async def slowly(bound: Config) -> str:
    """A handshake, a byte now and then."""
    async with line(bound) as there:
        for byte in handshake(host="127.0.0.1"):
            await there.send(bytes([byte]))
            try:
                async with asyncio.timeout(0.2):
                    if not await there.reader.read(1):
                        return "cut"
            except TimeoutError:
                continue
            except ConnectionError:
                return "cut"
    return "taken"


async def silently(bound: Config) -> str:
    """Nothing at all."""
    async with line(bound) as there:
        await there.rest()
        return "cut"


# Frames


def frames(*sent: bytes, joined: bool = True) -> Attack:
    """Frames after a handshake; what they close the connection with."""

    async def attack(bound: Config) -> str:
        async with line(bound) as there:
            await there.shake(f"127.0.0.1:{bound.http_port}")
            if joined:
                await there.send(frame(BINARY, request(join=JOIN)))
            for data in sent:
                await there.send(data)
            closed = await there.close()
        return f"close {closed[0]}" if closed else "cut"

    return attack


# Messages


def says(*messages: bytes | str, protocol: str = "rigcast.v1", join: bool = True) -> Attack:
    """Messages; the first Error, and whether the connection outlives it."""
    is_json = protocol.endswith("json")
    joining = '{"join": {"session": "hostile", "noFrames": true, "noAudio": true, "noEvents": true}}'
    ping = f'{{"requestId": {LAST}, "ping": {{}}}}' if is_json else request(LAST, ping=session_pb2.Ping())

    async def attack(bound: Config) -> str:
        told = ""
        async with connection_of(bound, protocol=protocol) as connection, asyncio.timeout(PATIENCE):
            try:
                for message in (*((joining if is_json else request(join=JOIN),) if join else ()), *messages, ping):
                    await connection.send(message)
                while True:
                    error, is_pong = _read(await connection.recv())
                    told = told or error
                    if is_pong:
                        return told or "taken"
            except ConnectionClosed as closed:
                ended = f"close {closed.rcvd.code}" if closed.rcvd else "cut"
                return f"{told}, {ended}" if told else ended

    return attack


def _read(data: bytes | str) -> tuple[str, bool]:
    """What an Error says, and whether it is the last Pong."""
    from google.protobuf import json_format

    message = session_pb2.ServerMessage()
    if isinstance(data, str):
        json_format.Parse(data, message)
    else:
        message.ParseFromString(data)
    if not message.HasField("error"):
        return "", message.pong.request_id == LAST
    code = session_pb2.ErrorCode.Name(message.error.code).removeprefix("ERROR_CODE_")
    return f"{code} {message.error.field}".strip(), False


def body(**what: Any) -> Attack:
    """One message after a Join."""
    return says(request(9, **what))


def say(**more: Any) -> Attack:
    """A Say."""
    return body(say=session_pb2.Say(**({"text": "Hi."} | more)))


def named(session: str) -> Attack:
    """A Join of a session of this name."""
    return says(request(join=session_pb2.Join(session=session)), join=False)


def feel(emotion: str, intensity: float = 0.0) -> Attack:
    """A SetEmotion."""
    return body(set_emotion=session_pb2.SetEmotion(emotion=emotion, intensity=intensity))


def start(**how: Any) -> Attack:
    """A StartAudio."""
    return body(start_audio=session_pb2.StartAudio(**how))


def json(text: str) -> Attack:
    """One message on a JSON connection."""
    return says(text, protocol="rigcast.v1.json")


def look(x: float, y: float, z: float) -> Attack:
    """A LookAt."""
    return body(look_at=session_pb2.LookAt(target={"x": x, "y": y, "z": z}))


def audio(samples: bytes, **how: Any) -> Attack:
    """Live audio: its start, and one push."""
    start = session_pb2.StartAudio(interrupt=True, **how)
    return says(request(start_audio=start), request(push_audio=session_pb2.PushAudio(samples=samples)))


def field(number: int, kind: int, payload: bytes) -> bytes:
    """A protobuf field as it is written: kind 0 varint, 2 length and bytes, 3 and 4 the brackets of a group."""
    return bytes([number << 3 | kind]) + payload


def nested(depth: int) -> bytes:
    """Groups in groups."""
    return field(14, 3, b"") * depth + field(14, 4, b"") * depth


async def crowd(bound: Config) -> str:
    """Clients of one session, until one is refused."""
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(CROWD):
            connection = await stack.enter_async_context(connection_of(bound))
            await connection.send(request(join=session_pb2.Join(session="crowd", no_frames=True)))
            if told := _read(await connection.recv())[0]:
                with contextlib.suppress(ConnectionClosed):
                    await connection.recv()
                assert connection.close_code is not None
                return f"{told}, close {connection.close_code}"
    return "taken"


# gRPC


def connected(
    bound: Config, *options: tuple[str, int], compression: grpc.Compression | None = None
) -> grpc.aio.Channel:
    """A channel to the bridge itself, through nobody."""
    direct = [("grpc.enable_http_proxy", 0), *options]
    return grpc.aio.insecure_channel(bound.grpc_target, options=direct, compression=compression)


def call(method: str, message: Any, *metadata: tuple[str, str], compress: bool = False) -> Attack:
    """A call, of a message or of bytes that may be none."""

    async def attack(bound: Config) -> str:
        data = message if isinstance(message, bytes) else message.SerializeToString()
        how = grpc.Compression.Gzip if compress else None
        async with connected(bound, ("grpc.max_metadata_size", 1 << 22), compression=how) as channel:
            path = f"/{service_pb2.DESCRIPTOR.services_by_name['RigcastService'].full_name}/{method}"
            try:
                if method == "Watch":
                    stream = channel.unary_stream(path)(data, metadata=metadata, timeout=PATIENCE)
                    async for _ in stream:
                        return "taken"
                else:
                    await channel.unary_unary(path)(data, metadata=metadata, timeout=PATIENCE)
            except grpc.aio.AioRpcError as error:
                return f"status {error.code().name}"
        return "taken"

    return attack


def perform(*sent: bytes) -> Attack:
    """Bytes in the stream of Perform."""

    async def requests() -> AsyncIterator[bytes]:
        for data in sent:
            yield data

    async def attack(bound: Config) -> str:
        async with connected(bound) as channel:
            path = f"/{service_pb2.DESCRIPTOR.services_by_name['RigcastService'].full_name}/Perform"
            stream = channel.stream_stream(path)(requests(), timeout=PATIENCE)
            told = ""
            try:
                async for data in stream:
                    told = told or _read(data)[0]
                    if told and "close" not in told and len(sent) > 1:
                        return told
            except grpc.aio.AioRpcError as error:
                return f"status {error.code().name}"
        return "taken"

    return attack


def grpc_bytes(*sent: bytes) -> Attack:
    """Bytes to gRPC's port, and what was sent in between is read."""

    async def attack(bound: Config) -> str:
        async with line(bound, bound.grpc_port) as there:
            for data in sent:
                await there.send(data)
            await there.rest()
        return "cut"

    return attack


def h2(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    """An HTTP/2 frame, RFC 9113 section 4.1."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


async def many_calls(bound: Config) -> str:
    """Calls of 60 KB; a fourth or fifth is more than a connection may send, whatever the machine's pace."""
    async with connected(bound) as channel:
        stub = service_pb2_grpc.RigcastServiceStub(channel)
        try:
            for _ in range(40):
                await stub.ListVoices(service_pb2.ListVoicesRequest(language="x" * 60_000), timeout=PATIENCE)
        except grpc.aio.AioRpcError as error:
            return f"status {error.code().name}"
    return "taken"


# Packets


def datagrams(protocol: str, *packets: bytes, tries: int = 50, until: str = "") -> Attack:
    """Packets to where a protocol is heard; what the bridge says of them. UDP may lose them, and a slow machine have
    time for many: they are sent until the bridge says something, or just this, `tries` times at most.
    """

    async def attack(bound: Config) -> str:
        async with connected(bound, ("grpc.use_local_subchannel_pool", 1)) as channel:
            stub = service_pb2_grpc.RigcastServiceStub(channel)
            before = await _at_rest(stub, protocol)
            port = LISTENS.get(protocol, int(before.address.rpartition(":")[2]))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
                for _ in range(tries):
                    for packet in packets:
                        line.sendto(packet, ("127.0.0.1", port))
                    outcome = await _became(before, stub, protocol)
                    if outcome == until or (outcome != UNHEARD and not until):
                        break
        return outcome

    return attack


async def _at_rest(stub: Any, protocol: str) -> service_pb2.Input:
    """A place that has read whatever others sent there."""
    before = await _heard(stub, protocol)
    while True:
        await asyncio.sleep(0.05)
        now = await _heard(stub, protocol)
        if _change(before, now) == UNHEARD:
            return now
        before = now


async def _became(before: service_pb2.Input, stub: Any, protocol: str) -> str:
    """What the bridge has noticed since, given some time."""
    for _ in range(4):
        await asyncio.sleep(0.05)
        if (outcome := _change(before, await _heard(stub, protocol))) != UNHEARD:
            return outcome
    return UNHEARD


def _change(before: service_pb2.Input, now: service_pb2.Input) -> str:
    if now.refused > before.refused:
        return "thrown away unread"
    if sum(fault.packets for fault in now.faults) > sum(fault.packets for fault in before.faults):
        return "left out"
    return "taken" if len(now.devices) > len(before.devices) else UNHEARD


async def _heard(stub: Any, protocol: str) -> service_pb2.Input:
    """A place, as the bridge tells of it."""
    answer = await stub.ListInputs(service_pb2.ListInputsRequest(), timeout=PATIENCE)
    return next(place for place in answer.inputs if place.protocol == protocol)


# Files


def model_file(change: Callable[[onnx.ModelProto], bytes | None]) -> Attack:
    """A model, changed or other bytes in its place, as it is looked at before it is loaded."""
    return _file("model.onnx", lambda: change(made := _tiny()) or made.SerializeToString(), lambda f: read_card(f))


def loaded_model(change: Callable[[onnx.ModelProto], bytes | None]) -> Attack:
    """The same, loaded."""
    return _file("model.onnx", lambda: change(made := _tiny()) or made.SerializeToString(), lambda f: load(f, "cpu"))


def character(data: bytes) -> Attack:
    """A character's file."""
    return _file("person.vrm", lambda: data, lambda file: glb.document(glb.bytes_of(file)))


def _file(name: str, data: Callable[[], bytes], read: Callable[[Path], Any]) -> Attack:
    def attempt() -> str:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / name
            file.write_bytes(data())
            (file.parent / "linked").symlink_to("/etc/hostname")
            try:
                read(file)
            except (ModelError, GlbError):
                return "refused"
        return "taken"

    async def attack(_: Config) -> str:
        return await asyncio.to_thread(attempt)

    return attack


@functools.cache
def _tiny_bytes() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return tiny_model.make(Path(folder) / "tiny.onnx").read_bytes()


def _tiny() -> onnx.ModelProto:
    return onnx.ModelProto.FromString(_tiny_bytes())


def external(location: str) -> Attack:
    """A model whose weights lie elsewhere."""

    def change(model: onnx.ModelProto) -> None:
        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.ClearField("float_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=location)

    return model_file(change)


def deep_model(depth: int) -> bytes:
    """A model whose node has a branch whose node has a branch, and so on."""
    graph = b""
    for _ in range(depth):
        attribute = field(6, 2, _sized(graph))  # AttributeProto.g
        node = field(5, 2, _sized(attribute))  # NodeProto.attribute
        graph = field(1, 2, _sized(node))  # GraphProto.node
    return field(7, 2, _sized(graph))  # ModelProto.graph


def _sized(data: bytes) -> bytes:
    """With its length before it, as a varint."""
    size, head = len(data), b""
    while size > 127:
        head, size = head + bytes([size & 127 | 128]), size >> 7
    return head + bytes([size]) + data


def bomb(model: onnx.ModelProto) -> None:
    """Let it make 300 million zeros at every run."""
    for node in model.graph.node:
        node.output[:] = ["emphasis_before" if name == "emphasis" else name for name in node.output]
    model.graph.initializer.append(helper.make_tensor("much", onnx.TensorProto.INT64, [1], [300_000_000]))
    zeros = helper.make_node("ConstantOfShape", ["much"], ["bomb_zeros"])
    zero = helper.make_node("ReduceSum", ["bomb_zeros"], ["bomb_zero"])
    model.graph.node.extend([zeros, zero, helper.make_node("Add", ["emphasis_before", "bomb_zero"], ["emphasis"])])


def large(model: onnx.ModelProto) -> None:
    """Let it tell 65 MB of itself."""
    model.doc_string = "x" * (65 * 2**20)


def unknown_operator(model: onnx.ModelProto) -> None:
    """Let it ask for code of its author's."""
    model.graph.node[0].domain = "com.evil"


def bundles(depth: int) -> bytes:
    """Bundles of OSC in bundles."""
    packet = b""
    for _ in range(depth):
        packet = b"#bundle\0" + bytes(8) + struct.pack(">i", len(packet)) + packet
    return packet
