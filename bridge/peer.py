"""One connected client, whatever its transport: bytes in, bytes out, and its place in a session."""

import logging
from collections.abc import Callable
from typing import cast

from bridge import metrics
from bridge.face.emotion import EMOTIONS
from bridge.live import Live
from bridge.member import Member
from bridge.outbox import Lost, Outbox
from bridge.roles import Role
from bridge.session import (
    Code,
    Conversation,
    EndAudio,
    Interrupt,
    Join,
    LookAt,
    Ping,
    PushAudio,
    RefusedError,
    Request,
    Say,
    SetEmotion,
    SetOutputs,
    StartAudio,
)
from bridge.stage import Session, Stage
from bridge.wire import Kind, Parcel, Wire, batch, wire
from rigcast.v1 import session_pb2

PIECE = 24_576
"""Bytes of messages that leave together, in one Batch or one write, but for a message that is longer. A block with its
sound has 18 kB."""

logger = logging.getLogger(__name__)


def _nobody() -> None:
    """Wakes nobody."""


class Peer:
    """What a transport holds of a client.

    Give it what arrives with `receive`, send what `next` returns, and sleep until `wake` is called where that is None;
    where `closing` is set and nothing is left to send, close the connection for that reason. Event loop only.
    """

    def __init__(self, stage: Stage, protocol: str, wake: Callable[[], None], role: Role = Role.ADMIN) -> None:
        self.closing: RefusedError | None = None
        self._stage = stage
        self._protocol = protocol
        self._wire: Wire = wire(protocol)
        self._conversation = Conversation(self._wire, stage.settings.limits, EMOTIONS, role)
        self._outbox = Outbox(wake)
        self._session: Session | None = None
        self._member: Member | None = None
        self._live: Live | None = None
        self._batched = False

    @property
    def joined(self) -> bool:
        """Whether it is, or was, in a session."""
        return self._session is not None

    def receive(self, data: bytes | str) -> None:
        """A message from the client. Never raises: what is wrong is answered."""
        if self.closing:
            return  # nobody will read an answer
        request_id = 0
        metrics.MESSAGES.inc()
        metrics.BYTES.inc(len(data))
        try:
            request_id, request = self._conversation.receive(data)
            self.handle(request_id, request)
        except RefusedError as refusal:
            refusal.request_id = refusal.request_id or request_id
            self.refuse(refusal)
        except Exception:
            logger.exception("a request failed")
            message = "a fault of the server; its log says more"
            self.refuse(RefusedError(Code.INTERNAL, message, request_id=request_id))

    def handle(self, request_id: int, request: Request) -> None:
        """Do what a checked request asks for. Raises RefusedError."""
        if isinstance(request, Join):
            self._join(request)
            self._accept(request_id)
            return
        session = self._session
        assert session is not None, "the conversation admits nothing before a join"
        if isinstance(request, Say | StartAudio):
            self._stage.check_open()
        utterance = 0
        match request:
            case Say():
                utterance = session.say(request)
            case Interrupt():
                session.interrupt(request)
            case SetEmotion():
                session.set_emotion(request)
            case LookAt():
                session.look_at(request)
            case StartAudio():
                self._end_audio()
                self._live = session.start_audio(request)
                utterance = self._live.utterance
            case PushAudio():
                if self._live:
                    session.push_audio(self._live, request)
            case EndAudio():
                self._end_audio()
            case SetOutputs():
                self._stage.set_outputs(session.name, request)
            case Ping():
                pong = session_pb2.Pong(request_id=request_id, now_us=session.now_us)
                self._reply(session_pb2.ServerMessage(pong=pong))
                return
        self._accept(request_id, utterance)

    def next(self) -> bytes | str | None:
        """The next message to send, None if there is none at present."""
        messages = self.take(PIECE if self._batched else 1)
        return messages[0] if messages else None

    def take(self, size: int) -> list[bytes | str]:
        """The next messages to send, so many that they come to `size` bytes or letters, if as much waits; in one, for a
        client that asked for batches."""
        messages = self._waiting(size)
        return [batch(messages)] if self._batched and len(messages) > 1 else messages

    @property
    def waiting(self) -> bool:
        """Whether there is something to send."""
        return len(self._outbox) > 0

    def _waiting(self, size: int) -> list[bytes | str]:
        now_us = self._session.now_us if self._session else 0
        if lost := self._outbox.lost(now_us):
            told = self._tell(lost)
            return [told, *self._outbox.take(size - len(told), now_us)]
        return self._outbox.take(size, now_us)

    def _tell(self, lost: Lost) -> bytes | str:
        metrics.DROPPED_FRAMES.inc(lost.frames)
        metrics.DROPPED_AUDIO.inc(lost.audio_us / 1e6)
        dropped = session_pb2.ServerMessage()
        dropped.dropped.frames, dropped.dropped.audio_us = lost
        return self._wire.encode(dropped)

    def refuse(self, refusal: RefusedError) -> None:
        """Answer that a request, or the client, is refused."""
        metrics.refused(refusal)
        error = session_pb2.Error(
            request_id=refusal.request_id,
            code=cast(session_pb2.ErrorCode, refusal.code.value),
            message=refusal.message,
            field=refusal.field,
            limit=refusal.limit,
        )
        self._reply(session_pb2.ServerMessage(error=error))
        if refusal.fatal:
            self._close(refusal)

    def leave(self) -> None:
        """The connection is gone."""
        self._conversation.close()
        self._end_audio()
        if self._session is not None and self._member is not None:
            self._session.leave(self._member)
            self._member = None

    def forget(self) -> None:
        """Nothing more will be sent. What refers to one another no longer does: its memory is free now, and not when
        Python looks for cycles among all that is old, which is once in many minutes."""
        self._outbox.wake = _nobody

    def _end_audio(self) -> None:
        live, self._live = self._live, None
        if live and self._session:
            self._session.end_audio(live)

    def _join(self, request: Join) -> None:
        self._wire = wire(self._protocol, request.form)
        kinds = {Kind.CONTROL}
        kinds |= {Kind.FRAME} if request.frames else set()
        kinds |= {Kind.AUDIO} if request.audio else set()
        kinds |= {Kind.EVENT} if request.events else set()
        member = Member(self._wire, self._outbox, frozenset(kinds), self.refuse)
        try:
            session = self._stage.session(request.session)
            session.enter(member)
        except RefusedError as refusal:
            refusal.fatal = True
            raise
        self._session, self._member, self._batched = session, member, request.batched

    def _accept(self, request_id: int, utterance: int = 0) -> None:
        if request_id:
            accepted = session_pb2.Accepted(request_id=request_id, utterance=utterance)
            self._reply(session_pb2.ServerMessage(accepted=accepted))

    def _reply(self, message: session_pb2.ServerMessage) -> None:
        now_us = self._session.now_us if self._session else 0
        self._outbox.put([Parcel(Kind.CONTROL, now_us, 0, self._wire.encode(message))], now_us)

    def _close(self, reason: RefusedError) -> None:
        self.closing = reason.with_traceback(None)  # which would hold this object
        self.leave()
        self._outbox.wake()
