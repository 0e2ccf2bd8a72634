"""Who may say what when: one client's conversation with the bridge, without I/O.

Both transports hand bytes to a `Conversation` and get requests back, checked and with defaults filled in. The states
and what each admits stand in one table, below; everything else here is the range of a field.

    CONNECTED --join--> JOINED --(fatal refusal, end)--> CLOSED
"""

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum, IntEnum

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
    message_bytes: int = 65536
    sessions: int = 256
    subscribers: int = 16
    queued_texts: int = 32


@dataclass(frozen=True, slots=True)
class Join:
    """Enter a session."""

    session: str
    form: int
    frames: bool
    audio: bool
    events: bool


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


Request = Join | Say | Interrupt | SetEmotion | LookAt | Ping


class State(Enum):
    """Where a conversation stands."""

    CONNECTED = "connected"
    JOINED = "joined"
    CLOSED = "closed"


ADMITTED: dict[State, frozenset[str]] = {
    State.CONNECTED: frozenset({"join"}),
    State.JOINED: frozenset({"say", "interrupt", "set_emotion", "look_at", "ping"}),
    State.CLOSED: frozenset(),
}
"""The bodies of ClientMessage that each state takes."""


class Conversation:
    """Reads one client's messages: bytes in, requests out. `emotions` are the names that may be asked for."""

    def __init__(self, wire: Wire, limits: Limits, emotions: Collection[str]) -> None:
        self.state = State.CONNECTED
        self._wire = wire
        self._limits = limits
        self._emotions = emotions
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
            refusal.fatal = refusal.fatal or self._refusals >= MOST_REFUSALS
            if refusal.fatal:
                self.state = State.CLOSED
            raise

    def close(self) -> None:
        """Take nothing more."""
        self.state = State.CLOSED

    def _read(self, data: bytes | str) -> session_pb2.ClientMessage:
        if len(data) > self._limits.message_bytes:
            raise _too_much("", f"a message of {len(data)} bytes", self._limits.message_bytes, fatal=True)
        try:
            return self._wire.decode(data)
        except BadMessageError as error:
            fatal = self.state is State.CONNECTED
            raise RefusedError(Code.INVALID_ARGUMENT, str(error), fatal=fatal) from None

    def _request(self, message: session_pb2.ClientMessage) -> Request:
        body = message.WhichOneof("body")
        if body is None:
            raise RefusedError(Code.INVALID_ARGUMENT, "the message is empty, or newer than this server", field="body")
        if body not in ADMITTED[self.state]:
            raise self._out_of_order(body)
        request = READERS[body](getattr(message, body), self)
        if isinstance(request, Join):
            self.state = State.JOINED
        return request

    def _out_of_order(self, body: str) -> RefusedError:
        words = {
            State.CONNECTED: "the first message must be a join",
            State.JOINED: "this connection has joined already; open another one for another session",
            State.CLOSED: "this connection is closed",
        }
        fatal = self.state is not State.JOINED
        return RefusedError(Code.FAILED_PRECONDITION, words[self.state], field=body, fatal=fatal)

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


def read_join(message: session_pb2.Join, _: Conversation) -> Join:
    """Check a Join."""
    return Join(
        session_name(message.session, "join.session"),
        message.frame_form,
        not message.no_frames,
        not message.no_audio,
        not message.no_events,
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


READERS: dict[str, Callable[..., Request]] = {
    "join": read_join,
    "say": read_say,
    "interrupt": read_interrupt,
    "set_emotion": _read_emotion,
    "look_at": _read_look,
    "ping": lambda message, conversation: Ping(),
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
