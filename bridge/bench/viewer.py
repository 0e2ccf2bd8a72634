"""One client of a load generator: what it says, and how late it gets what it is sent.

A frame is due with the tick at which it must leave at the latest: half a lead before the instant it shows for the
first of a block of frames, whose number is a multiple of the block's length; two frames before it for live audio.
Sessions' frames lie on the machine's grid of 60ths (bridge/clock.py), so a Pong, rounded to that grid, ties session
time to the machine's clock exactly, and lateness is arrival less that instant: it holds the tick's own lateness,
mixing, encoding, both sockets and this reader.
"""

import time
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from bridge.bench.lines import Line
from bridge.frames import FRAME_RATE
from bridge.performance import PAIR, block_frames
from rigcast.v1 import session_pb2

FRAME, AUDIO, BATCH = 0x12, 0x22, 0x5A
"""First bytes of a ServerMessage: the tag of its body."""

SURE_S = 0.016
"""A Pong that took longer leaves open at which frame of the grid a session began: it is out by half of it at most."""

FRESH_S = 0.1

BIN_MS, BINS = 0.1, 20_000
LOWEST_MS = -200.0
"""Of the histograms of lateness: 0.1 ms from -200 ms on."""


@dataclass
class Tally:
    """What all viewers of a swarm saw since it was last emptied."""

    frames: int = 0
    misplaced: int = 0
    """Frames and chunks lost, repeated or out of order."""
    stalls: int = 0
    """Times at which a session's clock stood still."""
    dropped: int = 0
    """Frames that the server says it left out."""
    octets: int = 0
    late: "array[float]" = field(default_factory=lambda: array("d"))
    """Seconds."""
    refusals: Counter[str] = field(default_factory=Counter)
    refused_s: list[float] = field(default_factory=list)
    """From a Join to the refusal that answered it."""
    rates: list[float] = field(default_factory=list)
    """Frames a second of each viewer."""

    def histogram(self) -> dict[int, int]:
        """Lateness as the counts of bins that are not empty."""
        bins = np.clip((np.array(self.late) * 1000 - LOWEST_MS) / BIN_MS, 0, BINS - 1).astype(int)
        found, counts = np.unique(bins, return_counts=True)
        return dict(zip(found.tolist(), counts.tolist(), strict=True))


class Viewer:
    """Joins a session, speaks into it, and judges what comes."""

    def __init__(self, session: str, tally: Tally, texts: list[str], live: bool, batched: bool) -> None:
        """`batched`: ask for what goes out together in one message."""
        self.line: Line
        self.joined = False
        self.judging = False
        self.stale = 0
        """Frames older than FRESH_S since it woke."""
        self.fresh_after: float | None = None
        """Seconds from its waking to a frame of at most that age."""
        self.woke: float | None = None
        self._session = session
        self._tally = tally
        self._texts = texts
        self._said = hash(session)
        self._live = live
        self._batched = batched
        self._live_from = 1 << 60
        self._origin: int | None = None  # the frame of the machine's grid at which session time began
        self._asked = 0.0
        self._block = self._ahead = 1
        self._run: list[float] = []  # how late each of so many frames was
        self._redone = -1  # frames up to here were sent before, and are sent again
        self._last_frame = -1
        self._sequence: int | None = None
        self._chunk: int | None = None
        self._counted = 0

    # What it says

    def join(self) -> None:
        """Enter the session."""
        self._asked = time.monotonic()
        self._send(join=session_pb2.Join(session=self._session, batched=self._batched))

    def ask_time(self) -> None:
        """Tie session time to the machine's."""
        self._asked = time.monotonic()
        self._send(ping=session_pb2.Ping())

    def say(self) -> None:
        """The next text of all."""
        self._said += 1
        self._send(say=session_pb2.Say(text=self._texts[self._said % len(self._texts)]))

    def start_audio(self, rate: int) -> None:
        """Speak with sound of this rate, 16 bits, from now on."""
        self._send(start_audio=session_pb2.StartAudio(sample_rate=rate))

    def _send(self, **body: object) -> None:
        self.line.send(session_pb2.ClientMessage(**body).SerializeToString())  # type: ignore[arg-type]

    # What it hears

    def received(self, message: bytes) -> None:
        """A message from the server."""
        tag = message[0] if message else 0
        if tag == FRAME:
            self._frame(*_stamp(message))
        elif tag == AUDIO:
            self._audio(_stamp(message)[1])
        elif tag == BATCH:
            for part in parts(message):
                self.received(part)
        else:
            self._other(session_pb2.ServerMessage.FromString(message))

    def _frame(self, time_us: int, sequence: int) -> None:
        now = time.monotonic()
        frame = (time_us * FRAME_RATE + 500_000) // 1_000_000
        if self.judging:
            self._counted += 1
            self._tally.misplaced += self._sequence is not None and sequence != self._sequence + 1
            self._judge(frame, now)
        self._sequence = sequence
        self._last_frame = frame
        if self.woke is not None:
            self._wake(frame, now)

    def _judge(self, frame: int, now: float) -> None:
        if self._origin is None:
            return
        if self._live:
            if frame >= self._live_from:
                self._tally.late.append(now - (self._origin + frame - PAIR) / FRAME_RATE)
            return
        if frame % self._block == 0:
            self._run.clear()
        if frame > self._redone:
            self._run.append(now - (self._origin + frame - self._ahead) / FRAME_RATE)
        if len(self._run) == self._block:  # one of them began a block, and the others had more time
            self._tally.late.append(max(self._run))

    def _wake(self, frame: int, now: float) -> None:
        if self._origin is None or self.woke is None:
            return
        if now - (self._origin + frame) / FRAME_RATE > FRESH_S:
            self.stale += 1
        elif self.fresh_after is None:
            self.fresh_after = now - self.woke

    def _audio(self, sequence: int) -> None:
        if self.judging:
            self._tally.misplaced += self._chunk is not None and sequence != self._chunk + 1
        self._chunk = sequence

    def _other(self, message: session_pb2.ServerMessage) -> None:
        body = message.WhichOneof("body")
        if body == "forget":
            self._redone = max(self._redone, self._last_frame)
        elif body == "event":
            self._event(message)
        elif body == "pong":
            self._pong(message.pong.now_us / 1e6)
        elif body == "welcome":
            lead = round(message.welcome.lead_us * FRAME_RATE / 1e6)
            self._block = block_frames(lead)
            self._ahead, self.joined = lead - self._block, True
        elif body == "dropped":
            self._tally.dropped += message.dropped.frames
        elif body == "error":
            self._tally.refusals[f"{session_pb2.ErrorCode.Name(message.error.code)[11:]}: {message.error.message}"] += 1
            if not self.joined:
                self._tally.refused_s.append(time.monotonic() - self._asked)

    def _event(self, message: session_pb2.ServerMessage) -> None:
        if not message.event.HasField("utterance_started"):
            return
        if self._live:
            self._live_from = (message.event.time_us * FRAME_RATE + 500_000) // 1_000_000
        else:
            self.say()

    def _pong(self, session_s: float) -> None:
        now = time.monotonic()
        if now - self._asked > SURE_S:
            return
        origin = round(((now + self._asked) / 2 - session_s) * FRAME_RATE)
        if self.judging and self._origin is not None and origin != self._origin:
            self._tally.stalls += 1
        self._origin = origin

    @property
    def tied(self) -> bool:
        """Whether session time is tied to the machine's."""
        return self._origin is not None

    def take_count(self) -> int:
        """Frames since it was last asked."""
        count, self._counted = self._counted, 0
        return count


def parts(batch: bytes) -> Iterator[bytes]:
    """The messages of a Batch."""
    _, at = _varint(batch, 1)
    while at < len(batch):
        size, at = _varint(batch, at + 1)
        yield batch[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
    return value | data[at] << shift, at + 1


def _stamp(message: bytes) -> tuple[int, int]:
    """time_us and sequence, fields 1 and 2 of a Frame or an AudioChunk; proto3 leaves zeros out."""
    _, at = _varint(message, 1)
    values = [0, 0]
    while at < len(message) and (tag := message[at]) in (0x08, 0x10):
        values[tag == 0x10], at = _varint(message, at + 1)
    return values[0], values[1]
