"""Whose turn it is: one speaker a session says text after text, sentence by sentence, and lets live audio be heard."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from bridge.backstage import Backstage
from bridge.clip import Line, Mark
from bridge.face.emotion import EMOTIONS
from bridge.frames import AUDIO_RATE, EndReason, Speech, Word
from bridge.live import Live
from bridge.performance import Performance
from bridge.speech.script import Line as ScriptLine
from bridge.speech.script import parse, rest
from bridge.speech.voice import VoiceError, Voices

AHEAD = 3 * AUDIO_RATE
"""Samples of speech that may wait to be performed before the next sentence is asked for."""

RELEASE = round(0.08 * AUDIO_RATE)
"""Samples before a word's end at which it counts as said: what remains is its release, and it gives whoever writes
that down the time to."""

logger = logging.getLogger(__name__)


class Said(NamedTuple):
    """Once `sample` has been sent, what is still to be said of an utterance begins at this character of this line."""

    sample: int
    utterance: int
    line: int
    offset: int


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text to be spoken, with its number. It begins at this character of this line: the rest has been said before."""

    number: int
    text: str
    voice: str
    rate: float
    pitch: float
    line: int = 0
    offset: int = 0


class Speaker:
    """Speaks utterances and live audio in turn. Event loop only.

    `now` tells the present sample; `changed` is called when the performance has something new, so that it goes out at
    once instead of at the next tick. `seed` chooses the gestures.
    """

    def __init__(
        self,
        voices: Voices,
        performance: Performance,
        seed: int,
        now: Callable[[], int],
        changed: Callable[[], None],
        backstage: Backstage,
    ) -> None:
        self._seed = seed
        self._backstage = backstage
        self._voices = voices
        self._performance = performance
        self._now = now
        self._changed = changed
        self._queue: deque[Utterance | Live] = deque()
        self._task: asyncio.Task[None] | None = None
        self._current: Utterance | Live | None = None
        self._waiting: asyncio.Future[None] | None = None  # for room
        self._may_speak = asyncio.Event()
        self._may_speak.set()
        self._said: deque[Said] = deque()  # to come, by sample

    @property
    def queued(self) -> int:
        """Texts and streams of audio that wait, the one being spoken left out."""
        return len(self._queue)

    @property
    def busy(self) -> bool:
        """Whether a text is being turned into sound or live audio is open, or either waits."""
        return self._task is not None

    def say(self, utterance: Utterance | Live) -> None:
        """Speak after what is queued."""
        self._queue.append(utterance)
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def drop(self) -> None:
        """Forget what waits and what is being made; each of these utterances ends as interrupted."""
        dropped = [self._current, *self._queue] if self._current else [*self._queue]
        self._queue.clear()
        self._said.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = self._current = None
        for utterance in dropped:
            if isinstance(utterance, Live):
                utterance.drop()
            self._performance.end_utterance(utterance.number, EndReason.INTERRUPTED, "", self._now())

    def wait(self, seconds: float) -> None:
        """Say nothing before `go_on`, or so much later."""
        self._may_speak.clear()
        asyncio.get_running_loop().call_later(seconds, self.go_on)

    def go_on(self) -> None:
        """Somebody listens."""
        self._may_speak.set()

    def said(self, sample: int) -> Iterator[Said]:
        """How far texts have come now that everything before `sample` has been sent; each is told once."""
        while self._said and self._said[0].sample <= sample:
            yield self._said.popleft()

    def tick(self) -> None:
        """Time has passed: ask for the next sentence where enough has been spoken."""
        if self._waiting and not self._waiting.done() and self._has_room():
            self._waiting.set_result(None)

    def _has_room(self) -> bool:
        return self._performance.speech_end() - self._now() <= AHEAD

    async def _room(self) -> None:
        """Wait until little enough speech lies ahead."""
        if not self._has_room():
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting

    async def _run(self) -> None:
        await self._may_speak.wait()
        while self._queue:
            self._current = self._queue.popleft()
            try:
                if isinstance(self._current, Live):
                    await self._listen(self._current)
                else:
                    await self._speak(self._current)
            except VoiceError as error:
                self._fail(self._current, str(error))
            except Exception:
                logger.exception("utterance %d could not be spoken", self._current.number)
                self._fail(self._current, "a fault of the server; its log says more")
        self._task = self._current = None

    async def _listen(self, live: Live) -> None:
        """Let live audio begin after what was said before, and wait until its end is known."""
        live.open(self._performance.speech_end())
        self._changed()
        await live.done.wait()

    def _fail(self, utterance: Utterance | Live, reason: str) -> None:
        self._performance.end_utterance(utterance.number, EndReason.FAILED, reason, self._now())
        self._changed()

    async def _speak(self, utterance: Utterance) -> None:
        script = parse(utterance.text, EMOTIONS, self._voices.find(utterance.voice).language)
        lines = rest(script, utterance.line, utterance.offset)
        plain = " ".join(line.text for line in lines)
        for i, line in enumerate(lines, utterance.line):
            await self._room()
            speech = await self._voices.speak(
                line.text, voice=utterance.voice, rate=utterance.rate, pitch=utterance.pitch
            )
            rehearsal = await self._backstage.rehearse(speech, self._seed + utterance.number + i)
            first, last = i == utterance.line, i == len(script) - 1
            begin = self._performance.perform(
                Line(rehearsal, utterance.number, plain, first, last, _marks(line, speech)), self._now()
            )
            cut = utterance.offset if first else 0
            self._said += (Said(begin + at, utterance.number, *place) for at, place in _places(speech, i, cut))
            if last:
                self._current = None
            self._changed()
        if not lines:
            self._performance.end_utterance(utterance.number, EndReason.FINISHED, "", self._now())


def _places(speech: Speech, line: int, cut: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """From which sample of a line on, what comes next is to be said next: its line, and the character there.

    cut: how many characters of the line the speech leaves out.
    """
    for word, following in pairwise(speech.words):
        yield _said_at(word), (line, cut + following.offset)
    end = _said_at(speech.words[-1]) if speech.words else len(speech.pcm)
    yield end, (line + 1, 0)


def _said_at(word: Word) -> int:
    return max(round(word.end * AUDIO_RATE) - RELEASE, round(word.start * AUDIO_RATE))


def _marks(line: ScriptLine, speech: Speech) -> list[Mark]:
    """When the line's emotion marks are due: at the first word that begins at or after them, else at the end."""
    return [
        Mark(
            next((word.start for word in speech.words if word.offset >= mark.offset), speech.seconds),
            mark.emotion,
            mark.intensity,
        )
        for mark in line.marks
    ]
