"""`rigcast bench latency`: how long after a text is sent its first sound and its first moving frame are here."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bridge.bench.house import bridge
from bridge.curves import INDEX
from bridge.wire import PROTOCOL, unpack
from rigcast.v1 import session_pb2

TEXT = "Bob moved my paper boat."
MOVING = 0.05
"""Rise of jawOpen that counts as moving: what an eye sees, well above idle life."""


@dataclass
class Latency:
    """Milliseconds from sending a text to having its first sound, and its first moving frame."""

    sound_ms: list[float] = field(default_factory=list)
    face_ms: list[float] = field(default_factory=list)


async def measure(texts: int) -> Latency:
    """Send a short text again and again into an idle session."""
    latency = Latency()
    async with bridge() as found:
        connection, _ = await join(f"ws://{found.host}:{found.ws_port}/rigcast", "bench")
        async with connection:
            await _speak_once(connection, Latency())  # the first sentence warms the voice up
            for _ in range(texts):
                await _speak_once(connection, latency)
    return latency


async def _speak_once(connection: ClientConnection, latency: Latency) -> None:
    """Say the text, note both instants, and wait until it has been presented."""
    await connection.send(_request(say=session_pb2.Say(text=TEXT)))
    sent, sound, face, rest = time.perf_counter(), 0.0, 0.0, None
    while True:
        message = await _next(connection)
        now = time.perf_counter()
        match message.WhichOneof("body"):
            case "audio":
                sound = sound or now
            case "frame":
                jaw = float(unpack(message.frame).curves[0, INDEX["jawOpen"]])
                rest = jaw if rest is None else rest
                if sound and not face and jaw > rest + MOVING:
                    face = now
            case "event" if message.event.HasField("utterance_ended"):
                break
    latency.sound_ms.append((sound - sent) * 1000)
    latency.face_ms.append((face - sent) * 1000)
    await connection.send(_request(interrupt=session_pb2.Interrupt()))
    await asyncio.sleep(0.3)  # idle again, and what ran ahead is past
    await _drain(connection)


async def _drain(connection: ClientConnection) -> None:
    """Throw away what has arrived."""
    while True:
        try:
            await asyncio.wait_for(connection.recv(decode=False), 0.001)
        except TimeoutError:
            return


async def join(address: str, session: str) -> tuple[ClientConnection, session_pb2.Welcome]:
    """Enter a session as a binary client."""
    connection = await connect(address, subprotocols=[Subprotocol(PROTOCOL)], compression=None, max_queue=None)
    await connection.send(_request(join=session_pb2.Join(session=session)))
    return connection, (await _next(connection)).welcome


def _request(**body: object) -> bytes:
    return session_pb2.ClientMessage(**body).SerializeToString()  # type: ignore[arg-type]


async def _next(connection: ClientConnection) -> session_pb2.ServerMessage:
    data = await connection.recv(decode=False)
    return session_pb2.ServerMessage.FromString(data)


def described(latency: Latency) -> str:
    """The percentiles, a line each."""
    rows = [("text to first sound", latency.sound_ms), ("text to first moving frame", latency.face_ms)]
    return "\n".join(f"{name:27} {_percentiles(values)} ms  (n={len(values)})" for name, values in rows)


def _percentiles(values: Sequence[float]) -> str:
    p50, p95, p99 = np.percentile(values, [50, 95, 99])
    return f"p50 {p50:6.1f}  p95 {p95:6.1f}  p99 {p99:6.1f}"
