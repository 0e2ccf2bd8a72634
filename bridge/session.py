"""Who may say what when: one client's conversation with the bridge, without I/O.

Both transports hand bytes to a `Conversation` and get requests back, checked and with defaults filled in. The states
and what each admits stand in one table, below; everything else here is the range of a field.

    CONNECTED --join--> JOINED --(fatal refusal, end)--> CLOSED
                        JOINED --start_audio--> LIVE --end_audio--> JOINED
"""

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any

import numpy as np

from bridge.frames import AUDIO_RATE
from bridge.meter import Meter
from bridge.outputs import target
from bridge.roles import Role, needed
from bridge.skeleton import Array
from bridge.wire import BadMessageError, Wire
from rigcast.v1 import session_pb2

MAIN = "main"
SESSION_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
MOST_REFUSALS = 64
"""Refused messages after which a client is sent away: it is broken, and answering it costs the others."""


class Code(IntEnum):
    """What kind of refusal; the numbers are those of rigcast.v1.ErrorCode."""

    INVALID_ARGUMENT = 1
    FAILED_PRECONDITION = 2
    NOT_FOUND = 3
    RESOURCE_EXHAUSTED = 4
    UNAUTHENTICATED = 5
    UNAVAILABLE = 6
    INTERNAL = 7
    PERMISSION_DENIED = 8


class RefusedError(Exception):
    """A request cannot be granted. `fatal` ends the conversation; otherwise it goes on as if nothing had been said."""

    def __init__(
        self, code: Code, message: str, *, field: str = "", limit: int = 0, request_id: int = 0, fatal: bool = False
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.field, self.limit = code, message, field, limit
        self.request_id, self.fatal = request_id, fatal

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server takes; units as in rigcast.v1.Limits."""

    text_characters: int = 5000
    message_bytes: int = 524_288
    sessions: int = 256
    subscribers: int = 16
    queued_texts: int = 32
    waiting_audio_us: int = 30_000_000
    messages_per_s: int = 1000
    bytes_per_s: int = 4_194_304
    outputs: int = 8


@dataclass(frozen=True, slots=True)
class Join:
    """Enter a session."""

    session: str
    form: int
    frames: bool
    audio: bool
    events: bool
    batched: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a text."""

    text: str
    voice: str
    rate: float
    pitch: float
    interrupt: bool


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Stop speaking at a session time, microseconds; 0 is now."""

    time_us: int


@dataclass(frozen=True, slots=True)
class SetEmotion:
    """Turn the emotion."""

    emotion: str
    intensity: float


@dataclass(frozen=True, slots=True)
class LookAt:
    """Turn the gaze to a point in metres, or free it."""

    target: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class Ping:
    """Answer at once."""


@dataclass(frozen=True, slots=True)
class StartAudio:
    """Speak with sound that follows: `rate` samples a second and channel, each of the type `sample`."""

    rate: int
    channels: int
    sample: np.dtype[Any]
    interrupt: bool
    echo: bool
    strength: float


@dataclass(frozen=True, slots=True)
class PushAudio:
    """The next sound: mono float32 (n,) within -1..1, and how many samples were recorded before it, None if unsaid."""

    samples: Array
    first: int | None


@dataclass(frozen=True, slots=True)
class EndAudio:
    """The sound is complete."""


@dataclass(frozen=True, slots=True)
class SetOutputs:
    """Send the session's poses to these, protocol and target, and to no others that clients asked for."""

    wanted: tuple[tuple[str, target.Target], ...]


Request = Join | Say | Interrupt | SetEmotion | LookAt | Ping | StartAudio | PushAudio | EndAudio | SetOutputs


class State(Enum):
    """Where a conversation stands."""

    CONNECTED = "connected"
    JOINED = "joined"
    LIVE = "live"
    CLOSED = "closed"


ALWAYS = frozenset({"say", "interrupt", "set_emotion", "look_at", "ping", "start_audio", "set_outputs"})
"""What every client in a session may send."""

ADMITTED: dict[State, frozenset[str]] = {
    State.CONNECTED: frozenset({"join"}),
    State.JOINED: ALWAYS,
    State.LIVE: ALWAYS | {"push_audio", "end_audio"},
    State.CLOSED: frozenset(),
}
"""The bodies of ClientMessage that each state takes."""


class Conversation:
    """Reads one client's messages: bytes in, requests out. `emotions` are the names that may be asked for."""

    def __init__(self, wire: Wire, limits: Limits, emotions: Collection[str], role: Role = Role.ADMIN) -> None:
        self.state = State.CONNECTED
        self._wire = wire
        self._limits = limits
        self._emotions = emotions
        self._role = role
        self._meter = Meter(limits.messages_per_s, limits.bytes_per_s)
        self._refusals = 0

    def receive(self, data: bytes | str) -> tuple[int, Request]:
        """One message: its request_id and what it asks for.

        Raises RefusedError, with the request_id where it could be read. After a fatal one, the state is CLOSED.
        """
        try:
            message = self._read(data)
            try:
                return message.request_id, self._request(message)
            except RefusedError as refusal:
                refusal.request_id = message.request_id
                raise
        except RefusedError as refusal:
            self._refusals += 1
            refusal.fatal |= self.state is State.CONNECTED or self._refusals >= MOST_REFUSALS
            if refusal.fatal:
                self.state = State.CLOSED
            raise

    def close(self) -> None:
        """Take nothing more."""
        self.state = State.CLOSED

    def _read(self, data: bytes | str) -> session_pb2.ClientMessage:
        if exceeded := self._meter.take(len(data)):
            raise _too_much("", *exceeded)
        if len(data) > self._limits.message_bytes:
            raise _too_much("", f"a message of {len(data)} bytes", self._limits.message_bytes, fatal=True)
        try:
            return self._wire.decode(data)
        except BadMessageError as error:
            raise RefusedError(Code.INVALID_ARGUMENT, str(error)) from None

    def _request(self, message: session_pb2.ClientMessage) -> Request:
        body = message.WhichOneof("body")
        if body is None:
            raise RefusedError(Code.INVALID_ARGUMENT, "the message is empty, or newer than this server", field="body")
        if body not in ADMITTED[self.state]:
            raise self._out_of_order(body)
        if self._role < needed(body):
            raise forbidden(self._role, body)
        request = READERS[body](getattr(message, body), self)
        if isinstance(request, StartAudio):
            self._audio = request
        self.state = LEADS_TO.get(type(request), self.state)
        return request

    def _out_of_order(self, body: str) -> RefusedError:
        words = "this connection has joined already; open another one for another session"
        if self.state is State.CONNECTED:
            words = "the first message must be a join"
        elif self.state is State.CLOSED:
            words = "this connection is closed"
        elif body != "join":
            words = "no audio has been started; send start_audio first"
        return RefusedError(Code.FAILED_PRECONDITION, words, field=body, fatal=self.state is State.CLOSED)

    def emotion(self, name: str, field: str) -> str:
        """The name, if there is such an emotion."""
        if name not in self._emotions:
            raise RefusedError(
                Code.NOT_FOUND, f"there is no emotion {name[:40]!r}; there are {', '.join(self._emotions)}", field=field
            )
        return name

    @property
    def limits(self) -> Limits:
        """The limits that requests are held to."""
        return self._limits

    @property
    def audio(self) -> StartAudio:
        """The stream of audio that was started last."""
        assert self._audio is not None, "only asked for while LIVE"
        return self._audio


def forbidden(role: Role, what: str) -> RefusedError:
    """What a client hears that asks for more than its token is for."""
    message = f"this token is for {role}, and {what} needs one for {needed(what)}"
    return RefusedError(Code.PERMISSION_DENIED, message, field=what)


def read_join(message: session_pb2.Join, _: Conversation) -> Join:
    """Check a Join."""
    return Join(
        session_name(message.session, "join.session"),
        message.frame_form,
        not message.no_frames,
        not message.no_audio,
        not message.no_events,
        message.batched,
    )


def read_say(message: session_pb2.Say, conversation: Conversation) -> Say:
    """Check a Say."""
    limit = conversation.limits.text_characters
    if len(message.text) > limit:
        raise _too_much("say.text", f"{len(message.text)} characters", limit)
    if not message.text.strip():
        raise RefusedError(Code.INVALID_ARGUMENT, "there is nothing to say", field="say.text")
    if len(message.voice) > 64:
        raise _too_much("say.voice", f"{len(message.voice)} characters", 64)
    rate = _number("say.rate", message.rate or 1.0, 0.5, 3.0)
    pitch = _number("say.pitch", message.pitch or 1.0, 0.5, 2.0)
    return Say(message.text, message.voice, rate, pitch, message.interrupt)


def read_interrupt(message: session_pb2.Interrupt, _: Conversation) -> Interrupt:
    """Check an Interrupt."""
    return Interrupt(message.time_us)


def _read_emotion(message: session_pb2.SetEmotion, conversation: Conversation) -> SetEmotion:
    return SetEmotion(
        conversation.emotion(message.emotion, "set_emotion.emotion"),
        _number("set_emotion.intensity", message.intensity, 0.0, 1.0),
    )


def _read_look(message: session_pb2.LookAt, _: Conversation) -> LookAt:
    if not message.HasField("target"):
        return LookAt(None)
    x, y, z = (
        _number(f"look_at.target.{axis}", getattr(message.target, axis), -1000.0, 1000.0) for axis in ("x", "y", "z")
    )
    return LookAt((x, y, z))


def _read_start(message: session_pb2.StartAudio, _: Conversation) -> StartAudio:
    rate = int(_number("start_audio.sample_rate", message.sample_rate or AUDIO_RATE, 8000, 96000))
    channels = int(_number("start_audio.channels", message.channels or 1, 1, 2))
    if message.format not in SAMPLES:
        words = f"there is no format {message.format}; there are SAMPLE_FORMAT_S16 and SAMPLE_FORMAT_F32"
        raise RefusedError(Code.INVALID_ARGUMENT, words, field="start_audio.format")
    strength = message.strength if message.HasField("strength") else 1.0
    return StartAudio(
        rate,
        channels,
        SAMPLES[message.format],
        message.interrupt,
        not message.no_echo,
        _number("start_audio.strength", strength, 0.0, 2.0),
    )


def _read_push(message: session_pb2.PushAudio, conversation: Conversation) -> PushAudio:
    audio, data = conversation.audio, message.samples
    size = audio.sample.itemsize * audio.channels
    if len(data) % size:
        words = f"{len(data)} bytes are no whole number of samples; one of each channel takes {size}"
        raise RefusedError(Code.INVALID_ARGUMENT, words, field="push_audio.samples")
    samples = np.frombuffer(data, audio.sample).astype(np.float32)
    if audio.sample.kind == "i":
        samples *= np.float32(1 / 32768)
    elif not np.isfinite(samples).all():
        words = "a sample is no finite number; send -1 to 1"
        raise RefusedError(Code.INVALID_ARGUMENT, words, field="push_audio.samples")
    else:
        samples = np.clip(samples, -1, 1)
    mono = samples if audio.channels == 1 else samples.reshape(-1, audio.channels).mean(axis=1, dtype=np.float32)
    return PushAudio(mono, message.first_sample if message.HasField("first_sample") else None)


def read_outputs(message: session_pb2.SetOutputs, conversation: Conversation) -> SetOutputs:
    """Check a SetOutputs, but for what the server's settings allow."""
    lines = [(protocol, line) for protocol in target.PROTOCOLS for line in getattr(message, protocol)]
    if len(lines) > conversation.limits.outputs:
        raise _too_much("set_outputs", f"{len(lines)} outputs", conversation.limits.outputs)
    return SetOutputs(tuple((protocol, _target(protocol, line)) for protocol, line in lines))


def _target(protocol: str, line: str) -> target.Target:
    try:
        return target.requested(protocol, line)
    except ValueError as error:
        raise RefusedError(Code.INVALID_ARGUMENT, str(error), field=f"set_outputs.{protocol}") from None


SAMPLES: dict[int, np.dtype[Any]] = {
    session_pb2.SAMPLE_FORMAT_UNSPECIFIED: np.dtype("<i2"),
    session_pb2.SAMPLE_FORMAT_S16: np.dtype("<i2"),
    session_pb2.SAMPLE_FORMAT_F32: np.dtype("<f4"),
}
"""How the samples of each format are read."""

LEADS_TO: dict[type, State] = {Join: State.JOINED, StartAudio: State.LIVE, EndAudio: State.JOINED}
"""The requests after which a conversation stands elsewhere."""

READERS: dict[str, Callable[..., Request]] = {
    "join": read_join,
    "say": read_say,
    "interrupt": read_interrupt,
    "set_emotion": _read_emotion,
    "look_at": _read_look,
    "ping": lambda message, conversation: Ping(),
    "start_audio": _read_start,
    "push_audio": _read_push,
    "end_audio": lambda message, conversation: EndAudio(),
    "set_outputs": read_outputs,
}
"""What checks each body."""


def session_name(name: str, field: str) -> str:
    """The name of a session, `main` for an empty one. Raises RefusedError."""
    if not name:
        return MAIN
    if not SESSION_NAME.match(name):
        rule = "a name has 1 to 64 characters of a-z, A-Z, 0-9, '-', '_' and '.'"
        raise RefusedError(Code.INVALID_ARGUMENT, rule, field=field, limit=64)
    return name


def _number(field: str, value: float, low: float, high: float) -> float:
    if not math.isfinite(value) or not low <= value <= high:
        raise RefusedError(Code.INVALID_ARGUMENT, f"{value:g} is outside {low:g} to {high:g}", field=field)
    return value


def _too_much(field: str, what: str, limit: int, *, fatal: bool = False) -> RefusedError:
    return RefusedError(Code.RESOURCE_EXHAUSTED, f"{what}, the limit is {limit}", field=field, limit=limit, fatal=fatal)
