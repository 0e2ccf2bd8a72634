"""A loop that sends what the bridge sends, and works nothing out: the floor that the bridge's cost is held against.

    python -m bridge.bench.bare serve --http-port 0 --grpc-port 0

Same messages, same sizes, same instants, same libraries (websockets, grpc.aio); each client is a session that speaks
for ever: block after block of frames and their sound, as long as the bridge's, each frame with its own time and number.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import grpc
import numpy as np
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websockets
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from bridge.bench.swarm import PERFORM
from bridge.clock import SECOND, grid, instant_ns
from bridge.commands import loop_factory
from bridge.frames import SAMPLES_PER_FRAME, AudioChunk, Motion, Poses, frame_time_us, sample_time_us
from bridge.performance import LEAD, block_frames
from bridge.server import PHASE_NS
from bridge.transport.line import framed, prepare
from bridge.wire import PROTOCOL, rig, server_message, wire
from rigcast.v1 import session_pb2

BLOCK = block_frames(LEAD)
PCM = np.zeros(BLOCK * SAMPLES_PER_FRAME, np.int16)


class Stream:
    """One client's stream."""

    def __init__(self, phase: int) -> None:
        self.wake = asyncio.Event()
        self.waiting: list[bytes] = []
        self._origin = grid(time.monotonic_ns())
        self._next = 0
        self._phase = phase

    def answer(self, data: bytes) -> bytes | None:
        """What a client's message is answered with."""
        message = session_pb2.ClientMessage.FromString(data)
        now_us = (time.monotonic_ns() - instant_ns(self._origin)) // 1000
        if message.HasField("join"):
            welcome = session_pb2.Welcome(protocol=PROTOCOL, rig=rig(), now_us=now_us, lead_us=frame_time_us(LEAD))
            return session_pb2.ServerMessage(welcome=welcome).SerializeToString()
        if message.HasField("ping"):
            return session_pb2.ServerMessage(pong=session_pb2.Pong(now_us=now_us)).SerializeToString()
        return None

    def due(self, frame: int) -> list[bytes]:
        """What must leave with this frame of the machine's grid."""
        messages: list[bytes] = []
        while self._next + BLOCK - LEAD <= frame - self._origin - (self._phase if not self._next else 0):
            messages += self._block()
        return messages

    def _block(self) -> list[bytes]:
        first, self._next = self._next, self._next + BLOCK
        chunk = AudioChunk(sample_time_us(first * SAMPLES_PER_FRAME), first // BLOCK, PCM)
        return [server_message(chunk).SerializeToString(), *_FRAMES.encode_poses(Poses(first, first, _REST))]  # type: ignore[list-item]


_FRAMES = wire(PROTOCOL)
_REST = Motion.rest(BLOCK)


class Loop:
    """All streams, and the tick."""

    def __init__(self) -> None:
        self._streams: dict[Stream, ServerConnection | None] = {}
        self._phases = count()

    async def tick(self) -> None:
        """As the bridge's."""
        frame = 0
        while True:
            frame = max(frame + 1, grid(time.monotonic_ns() - PHASE_NS))
            await asyncio.sleep(max(instant_ns(frame) + PHASE_NS - time.monotonic_ns(), 0) / SECOND)
            for stream, connection in list(self._streams.items()):
                if messages := stream.due(frame):
                    if connection and not connection.transport.is_closing():
                        connection.transport.write(b"".join(part for m in messages for part in framed(m)))
                    elif not connection:
                        stream.waiting += messages
                        stream.wake.set()

    async def websocket(self, connection: ServerConnection) -> None:
        """One WebSocket client."""
        prepare(connection.transport)
        stream = Stream(next(self._phases) % BLOCK)
        try:
            while True:
                data = await connection.recv(decode=False)
                if answer := stream.answer(data):
                    connection.transport.write(b"".join(framed(answer)))
                self._streams.setdefault(stream, connection)
        except ConnectionClosed:
            pass
        finally:
            self._streams.pop(stream, None)

    async def perform(self, requests: AsyncIterator[bytes], context: Any) -> None:
        """One gRPC client."""
        stream = Stream(next(self._phases) % BLOCK)

        async def read() -> None:
            async for data in requests:
                if answer := stream.answer(data):
                    stream.waiting.append(answer)
                    stream.wake.set()
                self._streams.setdefault(stream, None)

        reader = asyncio.create_task(read())
        try:
            while True:
                waiting, stream.waiting = stream.waiting, []
                for message in waiting:
                    await context.write(message)
                if not stream.waiting:
                    stream.wake.clear()
                    await stream.wake.wait()
        finally:
            self._streams.pop(stream, None)
            reader.cancel()


async def serve(http_port: int, grpc_port: int) -> None:
    """Serve until cancelled."""
    loop = Loop()
    service, _, call = PERFORM.strip("/").partition("/")
    server = grpc.aio.server()
    handler: Any = grpc.stream_stream_rpc_method_handler(loop.perform)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {call: handler}),))
    grpc_port = server.add_insecure_port(f"127.0.0.1:{grpc_port}")
    await server.start()
    protocols = [Subprotocol(PROTOCOL)]
    async with serve_websockets(
        loop.websocket, "127.0.0.1", http_port, subprotocols=protocols, compression=None
    ) as web:
        print(f"WebSocket ws://127.0.0.1:{web.sockets[0].getsockname()[1]}/rigcast")
        print(f"gRPC 127.0.0.1:{grpc_port}", flush=True)
        await loop.tick()


def main() -> None:
    """Serve on the ports that are asked for, and overlook what else a bridge would be told."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--http-port", type=int, default=0)
    parser.add_argument("--grpc-port", type=int, default=0)
    args, _ = parser.parse_known_args()
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve(args.http_port, args.grpc_port))


if __name__ == "__main__":
    main()
