"""The load generator's connections, against the real bridge and against bytes torn anywhere."""

import asyncio

import pytest

from bridge.bench.lines import GrpcLine, Line, WebSocketLine, masked
from bridge.bench.swarm import PERFORM
from bridge.bench.viewer import Tally, Viewer, _stamp
from bridge.frames import Poses
from bridge.performance import Performance
from bridge.transport.line import framed
from bridge.wire import PROTOCOL, wire
from rigcast.v1 import session_pb2
from tests.real_bridge import started

HELLO = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
async def test_messages_come_whole_however_they_are_torn(size: int) -> None:
    got: list[bytes] = []
    messages = [b"a" * size, b"b", b"c" * 300]
    data = HELLO + b"".join(part for message in messages for part in framed(message))
    for step in (1, 7, 4096, len(data)):
        if size > 1000 and step < 4096:
            continue
        got.clear()
        line = WebSocketLine(got.append, "x", "/", PROTOCOL)
        for at in range(0, len(data), step):
            line.data_received(data[at : at + step])
        assert got == messages
        assert line.ready.done()


async def test_grpc_messages_come_whole_however_they_are_torn() -> None:
    got: list[bytes] = []
    body = b"".join(b"\0" + len(m).to_bytes(4, "big") + m for m in (b"one", b"", b"three" * 100))
    frames = b"".join(
        len(part).to_bytes(3, "big") + b"\0\0\0\0\0\1" + part for part in (body[:3], body[3:20], body[20:])
    )
    for step in (1, 5, len(frames)):
        got.clear()
        line = GrpcLine(got.append, "x", PERFORM)
        for at in range(0, len(frames), step):
            line.data_received(frames[at : at + step])
        assert got == [b"one", b"", b"three" * 100]


def test_masked_frames_have_the_length_that_they_say() -> None:
    for size in (0, 125, 126, 65535, 65536):
        frame = masked(b"x" * size)
        assert len(frame) == size + {0: 6, 125: 6, 126: 8, 65535: 8, 65536: 14}[size]


def test_times_and_numbers_are_read_as_protobuf_does() -> None:
    for first in (0, 1, 7, 10**6):
        data = wire(PROTOCOL).encode_poses(Poses(first, first, Performance(1).motion(0, 1)))[0]
        assert isinstance(data, bytes)
        frame = session_pb2.ServerMessage.FromString(data).frame
        assert _stamp(data) == (frame.time_us, frame.sequence)


def test_a_viewer_counts_what_is_missing_and_what_comes_twice() -> None:
    for order, misplaced in (((0, 1, 2, 3), 0), ((0, 2, 3), 1), ((0, 0, 1), 1), ((0, 2, 1), 2)):
        tally = Tally()
        viewer = Viewer("s", tally, [], live=False, batched=False)
        viewer.judging = True
        for i in order:
            message = session_pb2.ServerMessage()
            message.frame.time_us, message.frame.sequence = i * 16_667, i
            viewer.received(message.SerializeToString())
        assert tally.misplaced == misplaced


@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize("transport", ["ws", "grpc"])
async def test_both_speak_to_the_real_bridge(transport: str, batched: bool) -> None:
    tally = Tally()
    viewer = Viewer("lines", tally, ["Bob moved my paper boat."], live=False, batched=batched)
    with started() as bridge:

        def make() -> Line:
            if transport == "grpc":
                return GrpcLine(viewer.received, bridge.grpc, PERFORM)
            return WebSocketLine(viewer.received, bridge.websocket.split("/")[2], "/rigcast", PROTOCOL)

        address = bridge.grpc if transport == "grpc" else bridge.websocket.split("/")[2]
        host, _, port = address.partition(":")
        async with asyncio.timeout(40):
            while not viewer.joined:  # a starved server may say UNAVAILABLE to its first call, and means: try again
                _, viewer.line = await asyncio.get_running_loop().create_connection(make, host, int(port))
                await viewer.line.ready
                viewer.join()
                while not viewer.joined and not viewer.line.closed.done():
                    await asyncio.sleep(0.01)
            viewer.judging = True
            viewer.say()
            while not viewer.tied:
                viewer.ask_time()
                await asyncio.sleep(0.1)
            while not viewer.take_count():
                await asyncio.sleep(0.05)
        viewer.line.transport.abort()
    assert not tally.refusals
