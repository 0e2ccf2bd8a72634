"""The Audio2Face service in this process, with the tiny model for ears, and the plainest client of it."""

import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import numpy as np

from bridge.a2f import service
from bridge.config import Config
from bridge.doors import Doors
from bridge.face.model import Model
from bridge.listening import Listening
from bridge.stage import Settings, Stage
from rigcast.a2f.v1 import a2f_pb2 as pb
from tests.live_audio import pcm, voice

RATE = 16_000
CALL = f"/{service.CONTROLLER}/ProcessAudioStream"
CONFIGS = f"/{service.CONFIGS}/GetConfigs"


class Running(NamedTuple):
    """A service that listens."""

    stage: Stage
    server: service.Server
    channel: grpc.aio.Channel

    def call(self, requests: Iterable[pb.ClientMessage] | None = None, token: str = "") -> Any:
        """Call it; without requests they are written one by one."""
        method = self.channel.stream_stream(
            CALL, request_serializer=_bytes, response_deserializer=pb.ServerMessage.FromString
        )
        metadata = (("authorization", f"Bearer {token}"),) if token else ()
        return method(None if requests is None else iter(requests), metadata=metadata)


def _bytes(message: Any) -> bytes:
    return message if isinstance(message, bytes) else message.SerializeToString()


@contextlib.asynccontextmanager
async def serving(model: Model | None, tmp_path: Path, **settings: Any) -> AsyncIterator[Running]:
    """The service on a free port; the client's windows stay small, so that one that does not read is felt."""
    config = Config(a2f=0, tokens_file=str(tmp_path / "none.toml"), **settings)
    listening = Listening(model, "" if model else "there is no model")
    stage = Stage(None, Settings(), listening=listening)  # type: ignore[arg-type]  # nobody speaks here
    server = await service.start(stage, config, Doors(config))
    target, options = f"127.0.0.1:{server.port}", [("grpc.enable_http_proxy", 0), ("grpc.http2.bdp_probe", 0)]
    try:
        async with grpc.aio.insecure_channel(target, options=options) as channel:
            yield Running(stage, server, channel)
    finally:
        await server.stop()
        await listening.close()


def sound(seconds: float, rate: int = RATE) -> bytes:
    """Syllables, as clients send them."""
    return pcm(voice(seconds, rate)).astype("<i2").tobytes()


def header(rate: int = RATE, **more: Any) -> pb.ClientMessage:
    """A header that is taken."""
    form = pb.SoundFormat(channels=1, rate=rate, bits_per_sample=16)
    return pb.ClientMessage(header=pb.ClientHeader(sound_format=form, **more))


def clip(data: bytes, rate: int = RATE, size: int = 32_000, **more: Any) -> Iterator[pb.ClientMessage]:
    """All that a client sends, `size` bytes a message."""
    yield header(rate, **more)
    for i in range(0, len(data), size):
        yield pb.ClientMessage(sound=pb.Sound(samples=data[i : i + size]))
    yield end()


def end() -> pb.ClientMessage:
    """The end of the sound."""
    return pb.ClientMessage(end_of_sound=pb.EndOfSound())


async def answers(call: Any, found: list[pb.ServerMessage] | None = None) -> list[pb.ServerMessage]:
    """All that comes until the call ends, in `found`."""
    found = [] if found is None else found
    while (message := await call.read()) is not grpc.aio.EOF:
        found.append(message)
    return found


def weights(messages: Iterable[pb.ServerMessage]) -> np.ndarray:
    """Of each frame: (n, 52)."""
    return np.array([m.animation.pose.weights[0].values for m in messages if m.HasField("animation")])


def echo(messages: Iterable[pb.ServerMessage]) -> bytes:
    """The sound that came back."""
    return b"".join(m.animation.sound.samples for m in messages)
