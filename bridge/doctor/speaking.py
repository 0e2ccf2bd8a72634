"""Whether a word is spoken, heard, and moves the character."""

import time
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from bridge.config import Config
from bridge.doctor.finding import Finding, State

if TYPE_CHECKING:
    from bridge.frames import Speech

WORD = "Papa."  # a closed mouth and an open one


async def check(config: Config) -> AsyncIterator[Finding]:
    from bridge.speech.espeak import EspeakVoices
    from bridge.speech.voice import UnknownVoiceError

    voices = await EspeakVoices.start()
    try:
        names = voices.voices()
        yield Finding("voices", State.OK, f"{len(names)}, in {len({v.language for v in names})} languages")
        await voices.speak(WORD, voice=config.voice)  # the first one loads the voice
        began = time.perf_counter()
        speech = await voices.speak(WORD, voice=config.voice)
        took_ms = 1000 * (time.perf_counter() - began)
    except UnknownVoiceError as error:
        yield Finding("voices", State.BROKEN, f"voice ({config.source('voice')}): {error}", "rigcast voices")
        return
    finally:
        await voices.close()
    for finding in judge(speech, took_ms):
        yield finding


def judge(speech: "Speech", took_ms: float) -> Iterator[Finding]:
    """Whether the word is to be heard, has phones, and moves the character."""
    import numpy as np

    phones = " ".join(phone.symbol for phone in speech.phones)
    loudest = int(np.abs(speech.pcm.astype(np.int32)).max(initial=0))
    text = f'"{WORD}" took {took_ms:.0f} ms: {speech.seconds:.2f} s of sound, phones {phones or "none"}'
    if loudest < 300 or not phones:
        reason = "it is silent" if loudest < 300 else "it has no phones, so the lips cannot follow"
        yield Finding("speech", State.BROKEN, f"{text}; {reason}", 'try another voice: rigcast serve --voice ""')
    else:
        yield Finding("speech", State.OK, text)
    yield from movement(speech)


def movement(speech: "Speech") -> Iterator[Finding]:
    """Perform the word as a session would, on a clock of our own."""
    import numpy as np

    from bridge.clip import Line, rehearse
    from bridge.curves import INDEX
    from bridge.frames import AUDIO_RATE, FRAME_RATE, Poses
    from bridge.performance import Performance

    performance = Performance(seed=0)
    performance.advance(0)
    performance.perform(Line(rehearse(speech, 0), 1, WORD, first=True, last=True), 0)
    end = int(speech.seconds * AUDIO_RATE) + AUDIO_RATE
    items = [item for now in range(0, end, AUDIO_RATE // FRAME_RATE) for item in performance.advance(now)]
    motions = [item.motion for item in items if isinstance(item, Poses)]
    jaw = np.concatenate([motion.curves[:, INDEX["jawOpen"]] for motion in motions])
    body = np.concatenate([motion.rotations.reshape(len(motion), -1) for motion in motions])
    opening, moving = float(np.ptp(jaw)), float(np.ptp(body, axis=0).max())
    still = [name for name, range_ in (("the jaw", opening), ("the body", moving)) if range_ < 0.01]
    text = f"the word opens the jaw by {opening:.2f}; the body moves"
    if still:
        yield Finding(
            "movement", State.BROKEN, f"{' and '.join(still)} stood still", "this is a fault of ours: report it"
        )
    else:
        yield Finding("movement", State.OK, text)
