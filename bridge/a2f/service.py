"""The calls of Audio2Face-3D's clients: messages in and out, time limits, and how a call ends.

What goes wrong is told twice, as those clients look in both places: by a last Status in the stream, and by gRPC's own.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from typing import Any, NoReturn

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import DecodeError
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from bridge import metrics, tls
from bridge.a2f import request
from bridge.a2f.clip import Clip, Shown
from bridge.a2f.configs import configs
from bridge.a2f.emotions import NAMES
from bridge.a2f.request import BITS, BLEND_SHAPES
from bridge.config import Config, authority
from bridge.doors import Doors, bearer
from bridge.face.model import Model
from bridge.session import Code, RefusedError
from bridge.stage import Stage
from bridge.transport.grpc import KEEPALIVE_MS, STATUS
from rigcast.a2f.v1 import a2f_pb2

CONTROLLER = "nvidia_ace.services.a2f_controller.v1.A2FControllerService"
CONFIGS = "nvidia_ace.services.a2x_export_config.v1.A2XExportConfigService"
EMOTIONS_TYPE = "type.googleapis.com/com.nvidia.ace.services.audio2face_3d.v1.EmotionAggregate"
"""What the public stubs call our Emotions. Older ones have another name for it, and pass it by."""

IDLE_S = 30.0
"""Seconds after which a call ends in which nothing comes and nothing can be sent."""

FAREWELL_S = 1.0
"""Seconds that the last word to a client may take."""

HELD_BYTES = 2**28
"""Bytes of sound that all calls together may hold: clients may send a whole clip at once, and read it late."""

MESSAGE_BYTES = 2**22
"""Of a message: more than the longest sound of one at the highest rate."""

SUCCESS, ERROR = 0, 3

logger = logging.getLogger(__name__)
Context = grpc.aio.ServicerContext[Any, Any]


class Line:
    """What goes to one client: one message at a time, and a last word even to one that stopped reading."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._last: asyncio.Task[None] | None = None

    async def write(self, **body: Any) -> None:
        """Send a message. Cancelled, it goes on in the background, as gRPC cannot take it back."""
        message = a2f_pb2.ServerMessage(**body).SerializeToString()
        self._last = asyncio.create_task(self.context.write(message))
        self._last.add_done_callback(lambda task: task.cancelled() or task.exception())  # told by whoever awaits it
        await asyncio.shield(self._last)

    async def fail(self, code: grpc.StatusCode, words: str) -> NoReturn:
        """End the call badly. Who does not read gets the code alone."""
        with contextlib.suppress(Exception):  # the call ends in any case
            async with asyncio.timeout(FAREWELL_S):
                if self._last:
                    await asyncio.wait([self._last])
                await self.write(status=a2f_pb2.Status(code=ERROR, message=words))
                while await self.context.read() is not grpc.aio.EOF:
                    pass  # a client that is cut off while it sends may see an error of gRPC's own instead of ours
        await self.context.abort(code, words)


class Call:
    """One clip, from its header to its status. As a guest of Doors it is sent away when its token ends."""

    joined = True
    """Whether it comes in time is its own matter: see IDLE_S."""

    def __init__(self, service: "Service", line: Line, seed: int) -> None:
        self._service = service
        self._line = line
        self._seed = seed
        self._wake = asyncio.Event()
        self._patience: asyncio.Timeout | None = None
        self._refusal: RefusedError | None = None
        self.clip: Clip | None = None

    def refuse(self, refusal: RefusedError) -> None:
        """End the call with this, wherever it stands."""
        self._refusal = self._refusal or refusal
        if self._patience and not self._patience.expired():
            self._patience.reschedule(0)

    async def run(self) -> None:
        """Serve the clip. Raises RefusedError, and TimeoutError where nothing moved for too long."""
        refusal: BaseException | None = None
        if self._refusal:
            raise self._refusal
        try:
            async with asyncio.timeout(IDLE_S) as self._patience:
                await self._serve()
        except* RefusedError as group:
            refusal = group.exceptions[0]
        except* TimeoutError:
            refusal = self._refusal or TimeoutError(f"nothing came, and nothing could be sent, for {IDLE_S:g} s")
        if refusal:
            while isinstance(refusal, BaseExceptionGroup):
                refusal = refusal.exceptions[0]
            raise refusal

    async def _serve(self) -> None:
        asked = await self._header()
        model = self._service.model()
        clip = self.clip = Clip(asked, model, self._service.rate, self._seed)
        await self._write(header=_header(asked.rate))
        self._service.listening.add(clip, self._wake.set)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._receive(clip))
                both.create_task(self._send(clip))
        finally:
            self._service.listening.discard(clip)
        if clip.failed:
            words = f"the model failed in {clip.failed} frames, in which the face is at rest; the server's log says why"
            raise RefusedError(Code.INTERNAL, words)
        await self._write(event=a2f_pb2.Event())
        await self._write(status=a2f_pb2.Status(code=SUCCESS, message="all of the clip was animated and sent"))

    async def _header(self) -> request.Request:
        message = await self._read()
        if message is None or message.WhichOneof("body") != "header":
            raise request.bad("audio_stream_header", "must come first")
        asked = request.read(message.header)
        self._service.tell_ignored(asked.ignored)
        return asked

    async def _receive(self, clip: Clip) -> None:
        """Take all of the sound in, however fast it comes: some clients read only when they have sent it all."""
        while (message := await self._read()) is not None and not message.HasField("end_of_sound"):
            if not message.HasField("sound"):
                raise request.bad("audio_with_emotion", "or end_of_audio must follow the header")
            self._service.check_room(len(message.sound.samples))
            self._service.tell_ignored(clip.push(message.sound))
            self._wake.set()
        clip.finish()
        self._wake.set()

    async def _send(self, clip: Clip) -> None:
        """Send frames as they are known, and let the ear hear more only when they are gone."""
        while not clip.done:
            self._wake.clear()
            for shown in clip.take():
                await self._write(animation=_animation(shown))
            clip.feed()
            self._service.listening.wake()
            if not clip.done:
                await self._wake.wait()

    async def _read(self) -> a2f_pb2.ClientMessage | None:
        """The next message; None when the client has said all."""
        data = await self._line.context.read()
        self._moved()
        if data is grpc.aio.EOF:
            return None
        try:
            return a2f_pb2.ClientMessage.FromString(data)
        except DecodeError:
            raise request.bad("", f"these {len(data)} bytes are no AudioStream") from None

    async def _write(self, **body: Any) -> None:
        await self._line.write(**body)
        self._moved()

    def _moved(self) -> None:
        """Something came or went: there is patience anew."""
        if self._patience and not self._patience.expired() and not self._refusal:
            self._patience.reschedule(asyncio.get_running_loop().time() + IDLE_S)


def _header(rate: int) -> a2f_pb2.ServerHeader:
    return a2f_pb2.ServerHeader(
        sound_format=a2f_pb2.SoundFormat(kind=0, channels=1, rate=rate, bits_per_sample=BITS),
        skeleton=a2f_pb2.Skeleton(blend_shapes=BLEND_SHAPES),
        start=time.time(),
    )


def _animation(shown: Shown) -> a2f_pb2.Animation:
    weights = a2f_pb2.Weights(time=shown.time, values=shown.weights.tolist())
    sound = a2f_pb2.SoundAt(time=shown.time, samples=shown.sound)
    return a2f_pb2.Animation(pose=a2f_pb2.Pose(weights=[weights]), sound=sound, metadata=_metadata(shown))


def _metadata(shown: Shown) -> dict[str, any_pb2.Any]:
    if not shown.emotions.any():
        return {}
    shares = dict(zip(NAMES, shown.emotions.tolist(), strict=True))
    emotions = a2f_pb2.Emotions(shown=[a2f_pb2.EmotionAt(time=shown.time, shares=shares)])
    return {"emotion_aggregate": any_pb2.Any(type_url=EMOTIONS_TYPE, value=emotions.SerializeToString())}


class Service:
    """All calls there are. Event loop only."""

    def __init__(self, stage: Stage, config: Config, doors: Doors) -> None:
        self.rate = config.a2f_fps
        self.listening = stage.listening
        self._stage = stage
        self._config = config
        self._doors = doors
        self._calls: set[Call] = set()
        self._count = 0
        self._told: set[str] = set()

    def handlers(self) -> tuple[Any, ...]:
        """What a server serves. Bytes come and go as they are."""
        process: Any = grpc.stream_stream_rpc_method_handler(self._process)
        get: Any = grpc.unary_stream_rpc_method_handler(self._get_configs)
        return (
            grpc.method_handlers_generic_handler(CONTROLLER, {"ProcessAudioStream": process}),
            grpc.method_handlers_generic_handler(CONFIGS, {"GetConfigs": get}),
        )

    @property
    def busy(self) -> bool:
        """Whether a clip is under way."""
        return bool(self._calls)

    def close(self, reason: RefusedError) -> None:
        """End every call."""
        for call in list(self._calls):
            call.refuse(reason)

    def model(self) -> Model:
        """What hears the clips. Raises RefusedError where there is none."""
        if self.listening.model is None:
            raise RefusedError(Code.UNAVAILABLE, f"this server cannot hear: {self.listening.reason}")
        return self.listening.model

    def check_room(self, count: int) -> None:
        """Whether so many bytes more may be held. Raises RefusedError."""
        if sum(call.clip.held for call in self._calls if call.clip) + count > HELD_BYTES:
            words = "too much sound waits to be animated in all; send more slowly, or later"
            raise RefusedError(Code.RESOURCE_EXHAUSTED, words, limit=HELD_BYTES)

    def tell_ignored(self, names: frozenset[str]) -> None:
        """Log what clients ask for in vain; each name once."""
        if new := sorted(names - self._told):
            self._told.update(new)
            logger.warning("Audio2Face clients set what has no meaning here: %s; see docs/interop.md", ", ".join(new))

    async def _process(self, _: Any, context: Context) -> None:
        line = Line(context)
        try:
            with self._entered(line) as call:
                await call.run()
        except RefusedError as refusal:
            metrics.refused(refusal)
            await line.fail(STATUS[refusal.code], str(refusal))
        except TimeoutError as idle:
            await line.fail(grpc.StatusCode.DEADLINE_EXCEEDED, str(idle))
        except Exception:
            logger.exception("a clip of an Audio2Face client failed")
            await line.fail(grpc.StatusCode.INTERNAL, "the clip failed; the server's log says more")

    @contextlib.contextmanager
    def _entered(self, line: Line) -> Any:
        key = self._doors.admit(_token(line.context), "ProcessAudioStream")
        self._stage.check_open()
        if len(self._calls) >= self._config.sessions:
            words = f"{self._config.sessions} clips are under way already; try again when one has ended"
            raise RefusedError(Code.RESOURCE_EXHAUSTED, words, limit=self._config.sessions)
        self._count += 1
        call = Call(self, line, self._config.seed + self._count)
        self._calls.add(call)
        try:
            with self._doors.inside(key, call):
                yield call
        finally:
            self._calls.discard(call)

    async def _get_configs(self, data: bytes, context: Context) -> AsyncIterator[bytes]:
        try:
            self._doors.admit(_token(context), "Describe")
            kind = a2f_pb2.ConfigsRequest.FromString(data).kind
            for name, content in configs(kind, self.rate, self.listening.model):
                yield a2f_pb2.ConfigFile(name=name, content=content).SerializeToString()
        except DecodeError:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"these {len(data)} bytes are no ConfigsTypeRequest")
        except RefusedError as refusal:
            metrics.refused(refusal)
            await context.abort(STATUS[refusal.code], str(refusal))


def _token(context: Context) -> str:
    """What the client presents to our doors; those clients have the same header for their own clouds."""
    given = dict(context.invocation_metadata() or ()).get("authorization", "")
    return bearer(given.decode(errors="replace") if isinstance(given, bytes) else given)


class Server:
    """A listening server of these calls."""

    def __init__(
        self, server: grpc.aio.Server, port: int, service: Service, healths: health.aio.HealthServicer
    ) -> None:
        self.port = port
        self._server = server
        self._service = service
        self._health = healths

    @property
    def busy(self) -> bool:
        """Whether a clip is under way."""
        return self._service.busy

    async def drain(self) -> None:
        """Tell health watchers that this server is going."""
        await self._health.enter_graceful_shutdown()

    async def stop(self) -> None:
        """Take no new call, and end the running ones within a second."""
        self._service.close(RefusedError(Code.UNAVAILABLE, "the server is going down"))
        await self._server.stop(FAREWELL_S)


async def start(stage: Stage, config: Config, doors: Doors) -> Server:
    """Listen for these clients. Raises OSError where the port is taken."""
    server = grpc.aio.server(options=_options(config), maximum_concurrent_rpcs=config.connections)
    service = Service(stage, config, doors)
    server.add_generic_rpc_handlers(service.handlers())
    healths = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(healths, server)
    states = health_pb2.HealthCheckResponse
    for name in ("", CONTROLLER, CONFIGS):
        deaf = name != CONFIGS and stage.listening.model is None
        await healths.set(name, states.NOT_SERVING if deaf else states.SERVING)
    try:
        address, credentials = authority(config.host, config.a2f), tls.server_credentials(config)
        port = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    except RuntimeError as error:
        raise OSError(f"the Audio2Face service cannot listen on {address}; --a2f PORT chooses another port") from error
    await server.start()
    return Server(server, port, service, healths)


def _options(config: Config) -> list[tuple[str, int]]:
    return [
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", MESSAGE_BYTES),
        ("grpc.compression_enabled_algorithms_bitset", 1),  # none: what is small here could be huge there
        ("grpc.max_allowed_incoming_connections", config.connections),
        ("grpc.server_handshake_timeout_ms", config.handshake_s * 1000),
        ("grpc.keepalive_time_ms", KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", KEEPALIVE_MS),
    ]
