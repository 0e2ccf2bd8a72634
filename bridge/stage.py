"""All sessions of a server: who is in them, what they are asked for, and what goes out to whom. Event loop only."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING
from zlib import crc32

from bridge import __version__, metrics
from bridge.backstage import Backstage, InThreads
from bridge.body.idle import Idle
from bridge.clock import Clock
from bridge.face.emotion import EMOTIONS
from bridge.frames import (
    AUDIO_RATE,
    FRAME_RATE,
    SAMPLES_PER_FRAME,
    EndReason,
    Forget,
    Item,
    Motion,
    UtteranceEnded,
    frame_time_us,
    sample_time_us,
    time_us_sample,
)
from bridge.headroom import Headroom
from bridge.inputs.capture import Capture
from bridge.inputs.service import Inputs
from bridge.journal import Saved, Sessions
from bridge.layers import mix
from bridge.listening import Listening
from bridge.live import Live
from bridge.member import Member
from bridge.outputs.target import requested
from bridge.performance import LEAD, PAIR, Draft, Performance, block_frames, step_after
from bridge.recent import Recent
from bridge.session import (
    MAIN,
    Code,
    Interrupt,
    Limits,
    LookAt,
    PushAudio,
    RefusedError,
    Say,
    SetEmotion,
    SetOutputs,
    StartAudio,
)
from bridge.speaking import Speaker, Utterance
from bridge.speech.voice import UnknownVoiceError, Voices
from bridge.wire import PROTOCOL, Kind, Parcel, Wire, pack_all, parcels, rig
from rigcast.v1 import service_pb2, session_pb2

if TYPE_CHECKING:
    from bridge.outputs.service import Outputs

RETURN_S = 10.0
"""Seconds for which a session that came back waits for somebody to hear the rest of what it had to say."""

Note = Callable[..., None]
"""Takes an entry of bridge.journal."""

logger = logging.getLogger(__name__)


def nowhere(*_: object) -> None:
    """Where entries go that nobody keeps."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What every session of a stage has in common. `lead` is in frames, `linger` in seconds.

    `seed` and a session's name together choose its idle life.
    """

    limits: Limits = field(default_factory=Limits)
    voice: str = ""
    lead: int = LEAD
    linger: float = 30.0
    seed: int = 0


class Session:
    """One performance and its members."""

    def __init__(
        self,
        name: str,
        voices: Voices,
        settings: Settings,
        clock: Clock,
        listening: Listening,
        stir: Callable[["Session"], None],
        capture: Capture | None,
        note: Note,
        backstage: Backstage,
        slot: int = 0,
    ) -> None:
        """`stir` is called when more of its live audio has been heard, so that it is sent before the next tick. `slot`:
        the tick of a block's time at which its blocks fall due."""
        self.name = name
        self.slot = slot
        self._stir = stir
        self.members: set[Member] = set()
        self.left_alone = 0
        self._voices = voices
        self._settings = settings
        self._clock = clock
        self._note = partial(note, name)
        self._listening = listening
        self._lives: list[Live] = []  # begun or waiting
        self._utterances = 0
        self._recent = Recent()
        self._due_ns = 0  # of the monotonic clock; whatever needs it earlier, sets it or pumps
        seed = settings.seed + crc32(name.encode())
        first = -(-clock.now() // SAMPLES_PER_FRAME)
        self._performance = Performance(seed, settings.lead, Idle(seed, partial(backstage.order_idle, seed)), first)
        self._performance.capture = capture
        self._speaker = Speaker(voices, self._performance, seed, self.now, self.pump, backstage)

    # The clock

    def now(self) -> int:
        """The present, in audio samples."""
        return self._clock.now(self._performance.horizon)

    @property
    def now_us(self) -> int:
        """The present, in microseconds."""
        return sample_time_us(self.now())

    # What is asked

    def say(self, request: Say) -> int:
        """Queue a text and return its number. Raises RefusedError if the queue is full or there is no such voice."""
        self._check_queue(request.interrupt, "say")
        voice = request.voice or self._settings.voice
        try:
            self._voices.find(voice)
        except UnknownVoiceError as error:
            raise RefusedError(Code.NOT_FOUND, str(error), field="say.voice") from None
        if request.interrupt:
            self.interrupt(Interrupt(0))
        self._utterances += 1
        self._note("say", self._utterances, request.text, voice, request.rate, request.pitch)
        self._speaker.say(Utterance(self._utterances, request.text, voice, request.rate, request.pitch))
        return self._utterances

    def start_audio(self, request: StartAudio) -> Live:
        """Queue live audio. Raises RefusedError if the queue is full or the server has no ear."""
        model = self._listening.model
        if model is None:
            message = f"this server takes no live audio: {self._listening.reason}"
            raise RefusedError(Code.FAILED_PRECONDITION, message, field="start_audio")
        self._check_queue(request.interrupt, "start_audio")
        if request.interrupt:
            self.interrupt(Interrupt(0))
        self._utterances += 1
        self._note("count", self._utterances)
        limit = time_us_sample(self._settings.limits.waiting_audio_us)
        ahead, step = self._settings.lead * SAMPLES_PER_FRAME, self._listening.step
        live = Live(request, self._utterances, model, ahead, limit, step)
        self._lives.append(live)
        self._listening.add(live, partial(self._stir, self))
        self._speaker.say(live)
        return live

    def push_audio(self, live: Live, request: PushAudio) -> None:
        """More of its sound. Raises RefusedError if too much waits."""
        live.push(request, self.now())
        if not live.begun:
            self.pump()  # what is under way is laid out at the next tick

    def end_audio(self, live: Live) -> None:
        """Its sound is complete. Nothing is sent before the next tick: the session may be going down."""
        live.finish(self.now())

    def _check_queue(self, interrupt: bool, field: str) -> None:
        limit = self._settings.limits.queued_texts
        if not interrupt and self._speaker.queued >= limit:
            message = f"{limit} texts or streams of audio wait already; interrupt, or wait for one to end"
            raise RefusedError(Code.RESOURCE_EXHAUSTED, message, field=field, limit=limit)

    def interrupt(self, request: Interrupt) -> None:
        """Cut the speech and drop what waits."""
        self._note("silence")
        self._performance.interrupt(self.now(), time_us_sample(request.time_us))
        self._speaker.drop()
        self.pump()

    def set_emotion(self, request: SetEmotion) -> None:
        """Turn the emotion."""
        self._note("feel", request.emotion, request.intensity)
        self._performance.set_emotion(request.emotion, request.intensity, self.now())
        self._due_ns = 0

    def look_at(self, request: LookAt) -> None:
        """Turn the gaze."""
        self._note("look", request.target)
        self._performance.look_at(request.target, self.now())
        self._due_ns = 0

    def calibrate(self) -> None:
        """Take what is captured next for neutral. Raises RefusedError where nothing is captured for the session."""
        if self._performance.capture is None:
            message = f"nothing is captured for session {self.name!r}; start the bridge with --capture"
            raise RefusedError(Code.FAILED_PRECONDITION, message, field="session")
        self._performance.capture.calibrate()

    def restore(self, saved: Saved) -> None:
        """Be as a session was before the process ended; what it still had to say waits for somebody to hear it."""
        self._utterances = saved.count
        self._performance.set_emotion(saved.emotion, saved.intensity, self.now())
        self._performance.look_at(saved.target, self.now())
        if self._performance.capture:
            self._performance.capture.resume(saved.sources)
        if saved.texts:
            self._speaker.wait(RETURN_S)
        for number, text in saved.texts.items():
            self._speaker.say(Utterance(number, text.text, text.voice, text.rate, text.pitch, text.line, text.offset))

    # Members

    def enter(self, member: Member) -> None:
        """Let a member in; it gets the Welcome, then what has been sent of the present, then the stream."""
        if len(self.members) >= self._settings.limits.subscribers:
            limit = self._settings.limits.subscribers
            message = f"session {self.name!r} has {limit} clients already"
            raise RefusedError(Code.RESOURCE_EXHAUSTED, message, field="join.session", limit=limit, fatal=True)
        self.pump()
        now_us = self.now_us
        welcome = member.wire.encode(session_pb2.ServerMessage(welcome=self.welcome()))
        present = self._recent.parcels(member.wire, member.kinds, now_us)
        member.outbox.put([Parcel(Kind.CONTROL, now_us, 0, welcome), *present], now_us)
        self.members.add(member)
        if member.kinds & {Kind.AUDIO, Kind.EVENT}:  # somebody, and not a program that is sent poses by UDP
            self._speaker.go_on()

    def leave(self, member: Member) -> None:
        """Let a member go."""
        self.members.discard(member)
        self.left_alone = self.now()

    def welcome(self) -> session_pb2.Welcome:
        """What a new member needs to read the stream."""
        return session_pb2.Welcome(
            protocol=PROTOCOL,
            server=__version__,
            session=self.name,
            rig=rig(),
            now_us=self.now_us,
            lead_us=frame_time_us(self._settings.lead),
            emotions=list(EMOTIONS),
            limits=limits_message(self._settings.limits),
            no_live_audio=self._listening.reason,
        )

    def state(self) -> service_pb2.SessionState:
        """The session as it stands."""
        return service_pb2.SessionState(
            name=self.name,
            subscribers=len(self.members),
            speaking=self.speaking,
            queued_texts=self._speaker.queued,
            now_us=self.now_us,
        )

    @property
    def speaking(self) -> bool:
        """Whether there is speech, or will be."""
        return self._speaker.busy or self._performance.speaking(self.now())

    @property
    def abandoned(self) -> bool:
        """Whether it has had nobody and nothing to say for the time that a session lingers."""
        if self.members:
            return False  # `leave` says since when there is nobody
        if self.speaking:
            self.left_alone = self.now()
            return False
        return self.now() - self.left_alone > self._settings.linger * AUDIO_RATE

    def close(self, reason: RefusedError) -> None:
        """Send everybody away."""
        self._speaker.drop()
        for live in self._lives:
            self._listening.discard(live)
        for member in list(self.members):
            member.expel(reason)

    # What goes out

    @property
    def due(self) -> bool:
        """Whether there may be something to send."""
        return self._clock.monotonic_ns() >= self._due_ns

    def pump(self) -> None:
        """Send what has become due."""
        draft = self.draft()
        self.send(draft, mix(draft.runs))
        self._listening.wake()

    def draft(self) -> Draft:
        """What has become due, but for the mixing of its poses; it must be sent."""
        self._speaker.tick()
        now = self.now()
        self._tend(now)
        self._performance.phase = self._clock.phase(block_frames(self._settings.lead)) - self.slot
        draft = self._performance.draft(now)
        due = self._performance.due
        if self._lives:  # at whole pairs of the machine's grid, so that many are heard in one run
            step = min(live.step for live in self._lives)
            due = min(due, step_after(now, step, self._clock.phase(step) - PAIR * self.slot))
        self._due_ns = self._clock.when_ns(due)
        return draft

    def draft_heard(self) -> Draft:
        """As `draft`, where nothing has changed but that more of its live audio has been heard."""
        return self._performance.draft(self.now())

    def send(self, draft: Draft, motions: Iterable[Motion]) -> None:
        """Send a draft with its poses."""
        if items := draft.items(motions):
            now_us = sample_time_us(draft.now)
            self._recent.add(items, now_us)
            self._write_down(items)  # first: who is killed in between says nothing twice
            self._deliver(items, now_us)

    def _write_down(self, items: Iterable[Item]) -> None:
        """What has been said, and which utterances are over."""
        for said in self._speaker.said(self._performance.horizon):
            self._note("said", said.utterance, said.line, said.offset)
        for item in items:
            if isinstance(item, UtteranceEnded):
                self._note("end", item.utterance)
        if self._performance.capture:
            for place, source in self._performance.capture.news():
                self._note("follow", place, source.device, source.rest)

    def _tend(self, now: int) -> None:
        """Lay live audio out, and let go of what is over."""
        for live in self._lives:
            if live.begins(now):
                self._performance.join(live)
            self._feel(live)
            live.advance(now)
            self._settle(live, now)
        if self._lives:
            self._lives = [live for live in self._lives if not live.gone(now)]

    def _feel(self, live: Live) -> None:
        """Let the ear know the emotion."""
        frame = live.ear.next_frame
        if not self._performance.calm(frame) or live.ear.emotion.any():
            live.ear.emotion = self._performance.mood(frame)

    def _settle(self, live: Live, now: int) -> None:
        """Tell, once, how live audio ends, and stop hearing it when all has been heard."""
        if (live.complete or live.over) and not live.done.is_set():
            live.done.set()
            if live.complete:
                self._performance.close(live)
            else:  # it never made a sound
                self._performance.end_utterance(live.utterance, EndReason.FINISHED, "", now)
        if live.over:
            self._listening.discard(live)

    def _deliver(self, items: list[Item], now_us: int) -> None:
        void = next((item.time_us for item in items if isinstance(item, Forget)), None)
        encoded: dict[Wire, list[Parcel]] = {}
        for member in list(self.members):
            if member.wire not in encoded:
                encoded[member.wire] = [p for item in items for p in parcels(member.wire, item)]
            if void is not None:
                member.outbox.forget(void)
            if not member.outbox.put([p for p in encoded[member.wire] if p.kind in member.kinds], now_us):
                member.expel(_refusal(Code.RESOURCE_EXHAUSTED, "this client does not read what it asked for"))


def _refusal(code: Code, message: str) -> RefusedError:
    return RefusedError(code, message, fatal=True)


def limits_message(limits: Limits) -> session_pb2.Limits:
    """The limits as clients are told them."""
    return session_pb2.Limits(
        text_characters=limits.text_characters,
        message_bytes=limits.message_bytes,
        sessions=limits.sessions,
        subscribers=limits.subscribers,
        queued_texts=limits.queued_texts,
        waiting_audio_us=limits.waiting_audio_us,
        messages_per_s=limits.messages_per_s,
        bytes_per_s=limits.bytes_per_s,
        outputs=limits.outputs,
    )


class Stage:
    """Every session, by name. `tick` must be called at the frame rate."""

    TICK = 1 / FRAME_RATE

    def __init__(
        self,
        voices: Voices,
        settings: Settings,
        clock: Callable[[], Clock] = Clock,
        listening: Listening | None = None,
        inputs: Inputs | None = None,
        note: Note = nowhere,
        backstage: Backstage | None = None,
    ) -> None:
        self.inputs = inputs or Inputs()
        self.outputs: Outputs | None = None
        self.headroom: Headroom | None = None
        self.listening = listening or Listening(None, "it was started without a model")
        self.voices = voices
        self.settings = settings
        self.sessions: dict[str, Session] = {}
        self.draining = False
        self._stirred: set[Session] = set()
        self._clock = clock
        self._note = note
        self._backstage = backstage or InThreads()

    def check_open(self) -> None:
        """Raises RefusedError where nobody and nothing new is taken, since the server is going down."""
        if self.draining:
            message = "the server is going down; try another one, or this one again in a moment"
            raise RefusedError(Code.UNAVAILABLE, message)

    @property
    def heard(self) -> bool:
        """Whether any session speaks to somebody."""
        return any(session.speaking and session.members for session in self.sessions.values())

    def session(self, name: str = MAIN) -> Session:
        """The session of that name, made if there is none. Raises RefusedError if there is no room or we drain."""
        self.check_open()
        session = self.sessions.get(name)
        if session is None:
            limit = self.settings.limits.sessions
            if len(self.sessions) >= limit:
                message = f"there are {limit} sessions already; try again when one has ended"
                raise RefusedError(Code.RESOURCE_EXHAUSTED, message, field="session", limit=limit, fatal=True)
            if self.headroom and not self.headroom.admits(len(self.sessions)):
                message = f"{len(self.sessions)} sessions are all that this machine can hold now; try again in a while"
                raise RefusedError(Code.RESOURCE_EXHAUSTED, message, field="session", fatal=True)
            capture = self.inputs.capture(name)
            session = self.sessions[name] = Session(
                name,
                self.voices,
                self.settings,
                self._clock(),
                self.listening,
                self.stir,
                capture,
                self._note,
                self._backstage,
                self._slot(),
            )
            self._note(name, "count", 0)
        return session

    def _slot(self) -> int:
        """The tick of a block's time at which the fewest sessions' blocks fall due."""
        crowd = Counter(session.slot for session in self.sessions.values())
        return min(range(block_frames(self.settings.lead)), key=lambda slot: crowd[slot])

    def set_outputs(self, name: str, request: SetOutputs) -> None:
        """Send a session's poses to these receivers. Raises RefusedError, and then nothing has changed."""
        if self.outputs is None:
            message = "this server sends nothing to other programs"
            raise RefusedError(Code.FAILED_PRECONDITION, message, field="set_outputs")
        if request.wanted:
            self.session(name)
        self.outputs.set(name, request)
        if name in self.sessions:
            self._note(name, "send", [(protocol, target.line) for protocol, target in request.wanted])

    def restore(self, sessions: Sessions) -> None:
        """Make sessions as they were, as many as there may be. Texts may be more than may wait: they were taken."""
        for name, saved in islice(sessions.items(), self.settings.limits.sessions):
            self.session(name).restore(saved)
            if saved.outputs and self.outputs:
                self._send_again(self.outputs, name, saved.outputs)

    def _send_again(self, outputs: "Outputs", name: str, lines: Iterable[tuple[str, str]]) -> None:
        try:
            outputs.switch(name, SetOutputs(tuple((protocol, requested(protocol, line)) for protocol, line in lines)))
        except RefusedError as refusal:  # the settings have changed
            logger.warning("session %r sends to no other program any more: %s", name, refusal)

    def existing(self, name: str) -> Session:
        """The session of that name. Raises RefusedError if there is none."""
        if name not in self.sessions:
            raise RefusedError(Code.NOT_FOUND, f"there is no session {name!r}", field="session")
        return self.sessions[name]

    def tick(self) -> None:
        """Send what is due in every session, and end the abandoned ones."""
        self._play([session for session in self.sessions.values() if session.due], Session.draft)
        self.listening.wake()

    def stir(self, session: Session) -> None:
        """More of this session's live audio has been heard: send it, together with all that were heard with it."""
        if not self._stirred:
            asyncio.get_running_loop().call_soon(self._play_stirred)
        self._stirred.add(session)

    def _play_stirred(self) -> None:
        stirred, self._stirred = self._stirred, set()
        there = [session for session in stirred if self.sessions.get(session.name) is session]
        self._play(there, Session.draft_heard)

    def _play(self, sessions: Iterable[Session], write: Callable[[Session], Draft]) -> None:
        """Send what is due in these, all mixed together; `write` makes a session's draft. One's fault stays its own."""
        drafts = [(session, draft) for session in sessions if (draft := self._draft(session, write))]
        for (session, draft), motions in zip(drafts, self._mixed(drafts), strict=True):
            try:
                session.send(draft, mix(draft.runs) if motions is None else motions)
            except Exception:
                self._fail(session)
                continue
            if session.abandoned:
                self._forget(session, _refusal(Code.UNAVAILABLE, "the session has ended"))

    def _draft(self, session: Session, write: Callable[[Session], Draft]) -> Draft | None:
        try:
            return write(session)
        except Exception:
            self._fail(session)
            return None

    def _fail(self, session: Session) -> None:
        """Close a session while its exception is handled."""
        metrics.failed("session")
        logger.exception("session %r failed and is closed", session.name)
        self._forget(session, _refusal(Code.INTERNAL, "the session failed; the server's log says more"))

    def _mixed(self, drafts: Sequence[tuple[Session, Draft]]) -> list[list[Motion] | None]:
        """The poses of each draft; None for all where they cannot be mixed together, so that one's fault shows."""
        runs = [run for _, draft in drafts for run in draft.runs]
        try:
            mixed = mix(runs)
            pack_all(mixed)
            motions = iter(mixed)
        except Exception:
            logger.exception("%d sessions are mixed one by one", len(drafts))
            return [None] * len(drafts)
        return [list(islice(motions, len(draft.blocks))) for _, draft in drafts]

    def close(self, reason: RefusedError) -> None:
        """End every session."""
        for session in list(self.sessions.values()):
            self._end(session, reason)

    def _forget(self, session: Session, reason: RefusedError) -> None:
        """End a session for good."""
        self._note(session.name, "gone")
        self._end(session, reason)

    def _end(self, session: Session, reason: RefusedError) -> None:
        if self.sessions.pop(session.name, None):
            session.close(reason)

    def describe(self) -> service_pb2.DescribeResponse:
        """The rig, the limits, the sessions."""
        return service_pb2.DescribeResponse(
            protocol=PROTOCOL,
            server=__version__,
            rig=rig(),
            limits=limits_message(self.settings.limits),
            emotions=list(EMOTIONS),
            sessions=[session.state() for session in self.sessions.values()],
        )
