"""One clip: a client's sound in, its frames and the same sound out. Event loop only; nothing is known of sockets."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bridge.a2f.emotions import MOST_KEYS, NAMES
from bridge.a2f.face import Face
from bridge.a2f.request import UNKNOWN, Request, bad, shares
from bridge.face.ears import Ear, Heard
from bridge.face.model import Model
from bridge.frames import AUDIO_RATE, FRAME_RATE, SAMPLES_PER_FRAME
from bridge.live import Resampler
from bridge.session import Code, RefusedError
from bridge.skeleton import Array
from rigcast.a2f.v1 import a2f_pb2

LONGEST_SOUND_S = 10
LONGEST_CLIP_S = 300
"""Seconds of one message, and of a whole clip."""

AHEAD = AUDIO_RATE
"""Samples that the ear may hold unheard: more than any model looks ahead, and little enough to share the model."""

_WIDTH = 2
"""Bytes of a sample."""


class Shown(NamedTuple):
    """A frame: its time in seconds, its weights (52,), the shares of the emotions in it (10,), and the client's own
    sound until the next."""

    time: float
    weights: Array
    emotions: Array
    sound: bytes


class Clip:
    """Sound comes by `push` and `finish`, and is given to `ear` by `feed`; what was heard comes to `hear`; `take` gives
    the frames."""

    def __init__(self, request: Request, model: Model, rate: int, seed: int) -> None:
        """`rate`: frames a second, a divisor of FRAME_RATE. `seed` chooses when the face blinks."""
        self._request = request
        self._rate = rate
        self._face = Face(request, seed)
        self._resampler = Resampler(request.rate)
        self.ear = Ear(model, strength=self._face.strength)
        self.ear.emotion = self._face.mood(0)
        self._sound = bytearray()  # received and not yet sent back, from byte _first of the clip on
        self._first = 0
        self._received = self._fed = 0  # samples of the client
        self._flushed = False
        self._shown: deque[tuple[Array, Array]] = deque()  # heard and not yet taken
        self._taken = 0
        self.failed = 0
        """Frames that the model could not compute."""
        self.finished = False
        """Whether all of its sound has come."""

    @property
    def held(self) -> int:
        """Bytes of sound that it keeps."""
        return len(self._sound)

    @property
    def done(self) -> bool:
        """Whether all of its frames were taken."""
        return self.finished and self._taken >= self._frames

    @property
    def _frames(self) -> int:
        """How many frames show what has been received, the last one begun."""
        return -(-self._received * self._rate // self._request.rate)

    # In

    def push(self, sound: a2f_pb2.Sound) -> frozenset[str]:
        """Take sound and emotions in; answers what of them has no meaning here. Raises RefusedError."""
        count, rate = len(sound.samples) // _WIDTH, self._request.rate
        if len(sound.samples) % _WIDTH:
            raise bad("audio_with_emotion.audio_buffer", f"has {len(sound.samples)} bytes; a sample has {_WIDTH}")
        if count > LONGEST_SOUND_S * rate:
            raise _too_long("audio_with_emotion.audio_buffer", count / rate, LONGEST_SOUND_S)
        if self._received + count > LONGEST_CLIP_S * rate:
            raise _too_long("audio_with_emotion", (self._received + count) / rate, LONGEST_CLIP_S)
        ignored = [self._turn(emotion) for emotion in sound.emotions]
        self._sound += sound.samples
        self._received += count
        return frozenset().union(*ignored)

    def _turn(self, emotion: a2f_pb2.EmotionAt) -> frozenset[str]:
        """Turn to an emotion when its time comes, or now if that is past."""
        if not 0 <= emotion.time < float("inf"):
            raise bad("audio_with_emotion.emotions.time_code", f"is {emotion.time}; it counts seconds from 0 on")
        given = shares("audio_with_emotion.emotions", emotion.shares)
        if len(self._face.track) >= MOST_KEYS:
            words = f"{MOST_KEYS} changes of emotion lie ahead already"
            raise RefusedError(Code.RESOURCE_EXHAUSTED, words, field="audio_with_emotion.emotions", limit=MOST_KEYS)
        if self._request.shows_given:
            self._face.track.set(max(emotion.time, self.ear.next_frame / FRAME_RATE), given)
        return frozenset() if set(emotion.shares) <= set(NAMES) else frozenset([UNKNOWN])

    def finish(self) -> None:
        """No more sound will come. Raises RefusedError if none came at all."""
        if not self._received:
            raise bad("audio_with_emotion", "no sound came before the end")
        self.finished = True

    def feed(self) -> None:
        """Let the ear have what it should hear next; the last of the sound makes all that is left due."""
        while self._fed < self._received and self._room > 0:
            begin = self._fed * _WIDTH - self._first
            count = min(self._received - self._fed, self._room * self._request.rate // AUDIO_RATE + 1)
            samples = np.frombuffer(bytes(self._sound[begin : begin + count * _WIDTH]), "<i2")
            self.ear.feed(self._resampler.feed(samples * np.float32(1 / 32768)))
            self._fed += count
        if self.finished and self._fed == self._received and not self._flushed:
            self._flush()

    @property
    def _room(self) -> int:
        """How much more the ear may hold."""
        return AHEAD - (self.ear.end - self.ear.next_frame * SAMPLES_PER_FRAME)

    def _flush(self) -> None:
        self.ear.feed(self._resampler.flush())
        end = self._frames * FRAME_RATE // self._rate * SAMPLES_PER_FRAME
        self.ear.feed(np.zeros(max(end - self.ear.end, 0), np.int16))
        self.ear.flush()
        self._flushed = True

    # Out

    def hear(self, heard: Heard) -> None:
        """The ear has heard some more frames."""
        self.failed += heard.failed
        weights, emotions = self._face.show(heard)
        step = FRAME_RATE // self._rate
        due = slice(-heard.first_frame % step, None, step)
        self._shown.extend(zip(weights[due], emotions[due], strict=True))
        self.ear.emotion = self._face.mood(self.ear.next_frame)

    def take(self) -> Iterator[Shown]:
        """The frames that are ready. A frame waits for its sound; the last one takes what is left of it."""
        while self._shown and not self.done:
            last = self.finished and self._taken == self._frames - 1
            end = self._received if last else (self._taken + 1) * self._request.rate // self._rate
            if end > self._received:
                return
            size = end * _WIDTH - self._first
            sound = bytes(self._sound[:size])
            del self._sound[:size]
            self._first += size
            self._taken += 1
            yield Shown((self._taken - 1) / self._rate, *self._shown.popleft(), sound)


def _too_long(field: str, seconds: float, limit: int) -> RefusedError:
    words = f"has {seconds:g} s of sound; at most {limit} s are heard"
    return RefusedError(Code.RESOURCE_EXHAUSTED, words, field=field, limit=limit)
