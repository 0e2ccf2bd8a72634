"""Live audio: one client's stream of sound on its way to a place on the grid, as a Clip that grows while it is heard.

    bytes ─ session.py ─▶ samples ─ soxr ─▶ 24 kHz ─ playout ─▶ laid out on the clock ─┬─ ear ─▶ face and body, by frame
                                                                                      └────────▶ the echo

Sound and face are taken from the same layout, so whatever is late, lost or mended stays together.
"""

import asyncio

import numpy as np
import numpy.typing as npt
import soxr

from bridge.body.emphasis import Emphasis
from bridge.clip import FACE_FADE, FACE_ONSET, FACE_TAIL, FOREVER, GESTURE_FADE, Part, ease, faded, frames_of
from bridge.curves import CURVES
from bridge.face.ears import Ear, Heard
from bridge.face.model import Model
from bridge.frames import AUDIO_RATE, SAMPLES_PER_FRAME, Pcm
from bridge.playout import Playout
from bridge.session import Code, PushAudio, RefusedError, StartAudio
from bridge.skeleton import Array


class Resampler:
    """A client's mono samples -1..1 to the session's rate, as int16.

    soxr's variable-rate engine, at a constant rate: it holds a stream back by 5 ms from 44.1 kHz up and by 30 from
    8 kHz, where its block-wise ones take 20 to 75, keeps aliases below -115 dB as they do, and instants within 0.1 ms.
    Samples at the session's own rate pass unchanged.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._stream = None if rate == AUDIO_RATE else soxr.ResampleStream(rate, AUDIO_RATE, 1, "float32", "HQ", True)

    def feed(self, samples: Array) -> Pcm:
        """The next samples; what comes back is the earlier part of them."""
        return _pcm(self._stream.resample_chunk(samples) if self._stream else samples)

    def flush(self) -> Pcm:
        """What was held back; a new stream begins."""
        if not self._stream:
            return _pcm(np.zeros(0, np.float32))
        rest = self._stream.resample_chunk(np.zeros(0, np.float32), last=True)
        self._stream.clear()
        return _pcm(rest)

    def length(self, samples: int) -> int:
        """How long so many of the client's samples last, at the session's rate; one more at most."""
        return -(-samples * AUDIO_RATE // self._rate)


def _pcm(samples: Array) -> Pcm:
    scaled = np.rint(samples * 32768)
    return np.minimum(np.maximum(scaled, -32768), 32767).astype(np.int16)  # a third of what np.clip takes


class Live:
    """A stream of live audio. Event loop only.

    It waits for its turn (`open`), begins with the first sound that comes then, and is done when its client ended it
    and all of it lies on the clock, or when it was cut.
    """

    def __init__(self, audio: StartAudio, utterance: int, model: Model, ahead: int, limit: int, step: int) -> None:
        """`ahead`: how many samples the session runs ahead of the present. `limit`: how many may wait. `step`: every
        how many frames it is advanced."""
        self.utterance = self.number = utterance
        self.step = step
        self.start = FOREVER
        self.cut: int | None = None
        self.ear = Ear(model, strength=audio.strength)
        self.done = asyncio.Event()
        """Whatever comes after it may be placed: its end is known."""
        self._echo = audio.echo
        self._resampler = Resampler(audio.rate)
        self._playout = Playout(self.ear.delay, ahead, step)
        self._limit = limit
        self._next = 0  # the client's sample that is expected
        self._earliest: int | None = None
        self._ended = False
        self._dropped = False
        self._sound = np.zeros(0, np.int16)  # laid out and not yet past, up to the playout's edge
        self._emphasis = Emphasis()
        self._rows = np.zeros((0, len(CURVES) + 1 + Emphasis.SIZE), np.float32)  # curves, authority, body
        self._known = 0  # the frame after the last of _rows

    # What the client says

    def push(self, request: PushAudio, now: int) -> None:
        """Take sound in. Raises RefusedError if too much waits; then it is as if nothing had been sent."""
        if self._ended or self.over:
            return
        first = self._next if request.first is None else request.first
        samples, gap = request.samples[max(self._next - first, 0) :], max(first - self._next, 0)
        self._make_room(self._playout.missing(self._resampler.length(gap)), len(samples))
        lost = self._skip(gap, now) if gap else 0
        self._playout.push(self._resampler.feed(samples), now, lost)
        self._next += gap + len(samples)

    def _skip(self, gap: int, now: int) -> int:
        """So much of the client's sound is lost: how many samples that makes."""
        rest = self._resampler.flush()
        if self._playout.dry:  # silence has taken the place of this as well
            return self._resampler.length(gap) + len(rest)
        self._playout.push(rest, now)
        return self._resampler.length(gap)

    def _make_room(self, gap: int, count: int) -> None:
        if self._playout.waiting + gap + self._resampler.length(count) <= self._limit:
            return
        seconds = self._limit / AUDIO_RATE
        limit_us = self._limit * 1_000_000 // AUDIO_RATE
        if gap > self._limit:
            words = f"that is {gap / AUDIO_RATE:.0f} s after what came before; gaps may last {seconds:g} s"
            raise RefusedError(Code.RESOURCE_EXHAUSTED, words, field="push_audio.first_sample", limit=limit_us)
        words = f"{seconds:g} s of sound wait already; send it no faster than it is played"
        raise RefusedError(Code.RESOURCE_EXHAUSTED, words, field="push_audio.samples", limit=limit_us)

    def finish(self, now: int) -> None:
        """No more sound will come."""
        if self._ended:
            return
        self._playout.push(self._resampler.flush(), now)
        self._playout.close()
        self._ended = True

    # Its turn

    def open(self, earliest: int) -> None:
        """Its turn has come: it may begin at this sample or later."""
        self._earliest = earliest

    def drop(self) -> None:
        """It is cut, or will not be heard at all."""
        self._dropped = True
        self.done.set()

    @property
    def complete(self) -> bool:
        """Whether its place is known from its first sample to its last."""
        return self.begun and self._ended

    @property
    def begun(self) -> bool:
        """Whether it has its place."""
        return self.start < FOREVER

    @property
    def over(self) -> bool:
        """Whether it will have no further part: cut and heard up to there, all heard, or never to begin."""
        if self.begun:
            return self._known >= min(self._natural_end + FACE_TAIL, self._cut)
        return self._dropped or self.cut is not None or (self._ended and not self._playout.waiting)

    def gone(self, now: int) -> bool:
        """Whether nothing of it will be shown any more."""
        return self.over and not (self.begun and self.end > now // SAMPLES_PER_FRAME)

    def begins(self, now: int) -> bool:
        """Whether it takes its place now."""
        if self.begun or self._dropped or self._earliest is None or not self._playout.waiting:
            return False
        edge = self._playout.place(now, self._earliest)
        self._playout.start(edge)
        self.ear.reset(edge)
        self.start = self._known = edge // SAMPLES_PER_FRAME
        return True

    def advance(self, now: int) -> None:
        """Lay out what is due, and let the ear have it. What is past goes."""
        if self.begun and not self.over:
            self._lay(self._playout.take(now))
            if self._ended and not self._playout.waiting:
                need = (self._natural_end + FACE_TAIL) * SAMPLES_PER_FRAME + self.ear.delay
                self._lay(np.zeros(max(need - self.ear.end, 0), np.int16))
        self._let_go(now // SAMPLES_PER_FRAME)

    def _lay(self, pcm: Pcm) -> None:
        if not len(pcm):
            return
        self.ear.feed(pcm)
        self._sound = np.concatenate([self._sound, pcm])

    def _let_go(self, frame: int) -> None:
        """Keep what may still be shown: nothing before this frame."""
        first = self._known - len(self._rows)
        self._rows = self._rows[min(max(frame - first, 0), max(len(self._rows) - 1, 0)) :]
        past = max(frame * SAMPLES_PER_FRAME - (self.ear.end - len(self._sound)), 0)
        self._sound = self._sound[past:]

    def hear(self, heard: Heard) -> None:
        """The ear has heard some more frames."""
        body = self._emphasis.follow(heard.emphasis)
        rows = np.concatenate([heard.curves, heard.authority[:, None], body], axis=1)
        self._rows = np.concatenate([self._rows, rows])
        self._known += len(rows)

    # As a Clip

    @property
    def begin(self) -> int:
        """See Clip."""
        return self.start

    @property
    def known(self) -> int:
        """See Clip. After a cut, and after its end, the last frame stays and fades."""
        return FOREVER if self.begun and self.over else self._known

    @property
    def sound_end(self) -> int:
        """See Clip."""
        return min(self._natural_end, self._cut)

    @property
    def _natural_end(self) -> int:
        return frames_of(self._playout.end) if self._ended and self.begun else FOREVER

    @property
    def _cut(self) -> int:
        return FOREVER if self.cut is None else self.cut

    @property
    def end(self) -> int:
        """See Clip."""
        return self.sound_end + GESTURE_FADE

    def part(self, first: int, count: int) -> Part:
        """See Clip."""
        rows = self._at(first - (self._known - len(self._rows)), count)
        speech, authority, moves = rows[:, : len(CURVES)], rows[:, len(CURVES)], rows[:, len(CURVES) + 1 :]
        if first < self.start + GESTURE_FADE or self.sound_end < FOREVER:
            face, body = self._weights(np.arange(first, first + count))
            speech, authority, moves = speech * face[:, None], authority * face, moves * body[:, None]
        return Part(speech, authority, None, moves)

    def _at(self, first: int, count: int) -> Array:
        """So many of the rows there are, the nearest one for what is not there."""
        if first >= 0 and first + count <= len(self._rows):
            return self._rows[first : first + count]
        return self._rows[np.clip(np.arange(first, first + count), 0, len(self._rows) - 1)]

    def _weights(self, frames: npt.NDArray[np.intp]) -> tuple[Array, Array]:
        """How much of its face and body there is at these frames: they come in at its start, and go at its end."""
        shown = frames - self.start + 1
        face_end = min(self._natural_end + FACE_TAIL, self._cut + FACE_FADE)
        face = ease(shown / FACE_ONSET) * ease((face_end - frames) / FACE_FADE)
        return face, ease(shown / GESTURE_FADE) * ease((self.end - frames) / GESTURE_FADE)

    def sound(self, first: int, end: int) -> Pcm:
        """See Clip."""
        if not self._echo:
            return self._sound[:0]
        origin = self.ear.end - len(self._sound)
        begin = max(first * SAMPLES_PER_FRAME, origin)
        pcm = self._sound[begin - origin : max(end * SAMPLES_PER_FRAME - origin, 0)]
        return pcm if self.cut is None else faded(pcm, self.cut * SAMPLES_PER_FRAME - begin)
