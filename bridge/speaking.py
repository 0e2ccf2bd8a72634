"""Whose turn it is: one speaker a session says text after text, sentence by sentence, and lets live audio be heard."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bridge.clip import Line, Mark, rehearse
from bridge.face.emotion import EMOTIONS
from bridge.frames import AUDIO_RATE, EndReason, Speech
from bridge.live import Live
from bridge.performance import Performance
from bridge.speech.script import Line as ScriptLine
from bridge.speech.script import parse
from bridge.speech.voice import VoiceError, Voices

AHEAD = 3 * AUDIO_RATE
"""Samples of speech that may wait to be performed before the next sentence is asked for."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text to be spoken, with its number."""

    number: int
    text: str
    voice: str
    rate: float
    pitch: float


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
    ) -> None:
        self._seed = seed
        self._voices = voices
        self._performance = performance
        self._now = now
        self._changed = changed
        self._queue: deque[Utterance | Live] = deque()
        self._task: asyncio.Task[None] | None = None
        self._current: Utterance | Live | None = None
        self._waiting: asyncio.Future[None] | None = None  # for room

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
        if self._task is not None:
            self._task.cancel()
            self._task = self._current = None
        for utterance in dropped:
            if isinstance(utterance, Live):
                utterance.drop()
            self._performance.end_utterance(utterance.number, EndReason.INTERRUPTED, "", self._now())

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
        lines = parse(utterance.text, EMOTIONS, self._voices.find(utterance.voice).language)
        plain = " ".join(line.text for line in lines)
        for i, line in enumerate(lines):
            await self._room()
            speech = await self._voices.speak(
                line.text, voice=utterance.voice, rate=utterance.rate, pitch=utterance.pitch
            )
            rehearsal = await asyncio.to_thread(rehearse, speech, self._seed + utterance.number + i)
            last = i == len(lines) - 1
            self._performance.perform(
                Line(rehearsal, utterance.number, plain, i == 0, last, _marks(line, speech)), self._now()
            )
            if last:
                self._current = None
            self._changed()


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
