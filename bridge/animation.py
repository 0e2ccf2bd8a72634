"""From a recording or a text to a take, all at once: the same performance as live, with time moved by hand."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bridge.backstage import InThreads
from bridge.body.emphasis import Emphasis
from bridge.body.idle import Idle
from bridge.clip import FOREVER, GESTURE_TAIL, Part
from bridge.curves import CURVES
from bridge.face.ears import Heard
from bridge.face.emotion import EMOTIONS
from bridge.face.hearing import Hearing, follow
from bridge.frames import (
    SAMPLES_PER_FRAME,
    AudioChunk,
    EndReason,
    Item,
    Motion,
    Pcm,
    Poses,
    UtteranceEnded,
    time_us_sample,
)
from bridge.performance import Performance, block_frames
from bridge.speaking import AHEAD, Speaker, Utterance
from bridge.speech.voice import VoiceError, Voices

START = 60
"""The frame of the performance at which a recording begins, or a text: before it the emotion has set in."""

TAIL = 30
"""Frames shown after a recording's end, in which the mouth closes."""

LEAD_IN = 18
"""Frames shown before a text's first sound: the mouth gets ready in the last 12 of them."""

LEAD = 60
"""Frames computed at once, twice: enough to share overheads, little enough not to reach the sentence to come."""

POLL_S = 0.002
"""Seconds after which the voice is asked again whether it has spoken."""

_LOOKS = [i for i, name in enumerate(CURVES) if name.startswith("eyeLook")]


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is performed. emotion: one of EMOTIONS; intensity 0..1. strength: how far the mouth goes, 0..2, of
    recordings. idle: whether the character lives besides: breathes, blinks, looks about, moves. seed chooses how."""

    emotion: str = "neutral"
    intensity: float = 0.0
    strength: float = 1.0
    idle: bool = True
    seed: int = 0


class Piece(NamedTuple):
    """Frames of a take and their sound, SAMPLES_PER_FRAME a frame; none of a recording, which has its own."""

    motion: Motion
    pcm: Pcm


def of_sound(hearing: Hearing, sound: Iterable[Pcm], manner: Manner) -> Iterator[Piece]:
    """What a character does that says a recording: frame k shows its instant k / 60 s, from 0 to TAIL after its end.

    sound: mono at AUDIO_RATE in pieces, read as they are needed.
    """
    performance, recording = _performance(manner), _Recording()
    performance.join(recording)
    shares = np.zeros(len(EMOTIONS), np.float32)
    shares[EMOTIONS.index(manner.emotion)] = manner.intensity
    for heard in follow(hearing, _with_tail(sound), strength=manner.strength, emotion=shares):
        recording.hear(heard)
        motion = performance.motion(START + heard.first_frame, len(heard.curves))
        yield Piece(_kept(motion, manner), np.zeros(0, np.int16))


def _with_tail(sound: Iterable[Pcm]) -> Iterator[Pcm]:
    yield from sound
    yield np.zeros(TAIL * SAMPLES_PER_FRAME, np.int16)


async def of_text(voices: Voices, text: str, voice: str, manner: Manner) -> AsyncIterator[Piece]:
    """What a character does that says a text, marks and all, from LEAD_IN before its first sound until it is at rest.

    Raises VoiceError where the voice cannot say it.
    """
    performance, now = _performance(manner), START * SAMPLES_PER_FRAME
    speaker = Speaker(voices, performance, manner.seed, lambda: now, lambda: None, InThreads())
    speaker.say(Utterance(1, text, voice, 1.0, 1.0))
    done = False
    while not done:
        done = not speaker.busy and now >= performance.speech_end() + GESTURE_TAIL * SAMPLES_PER_FRAME
        speaker.tick()
        if speaker.busy and performance.speech_end() - now <= AHEAD:
            await asyncio.sleep(POLL_S)  # the take's time stands still until the next sentence is there
            continue
        for piece in _pieces(performance.advance(now), START + 1 - LEAD_IN):
            yield Piece(_kept(piece.motion, manner), piece.pcm)
        now += block_frames(LEAD) * SAMPLES_PER_FRAME


def _pieces(items: Iterable[Item], begin: int) -> Iterator[Piece]:
    """Poses and their sound from a frame on; the sound of a block comes before its poses. Raises VoiceError."""
    chunks: list[AudioChunk] = []
    for item in items:
        match item:
            case AudioChunk():
                chunks.append(item)
            case Poses():
                left_out = max(begin - item.first_frame, 0)
                if left_out < len(item.motion):
                    yield Piece(_from(item.motion, left_out), _joined(chunks, item)[left_out * SAMPLES_PER_FRAME :])
                chunks = []
            case UtteranceEnded(reason=EndReason.FAILED):
                raise VoiceError(item.detail)


def _from(motion: Motion, row: int) -> Motion:
    return Motion(motion.curves[row:], motion.rotations[row:], motion.root[row:])


def _joined(chunks: Iterable[AudioChunk], poses: Poses) -> Pcm:
    """The sound of a block, silence where there is none."""
    out = np.zeros(len(poses.motion) * SAMPLES_PER_FRAME, np.int16)
    for chunk in chunks:
        at = time_us_sample(chunk.time_us) - poses.first_frame * SAMPLES_PER_FRAME
        out[at : at + len(chunk.pcm)] = chunk.pcm
    return out


def _performance(manner: Manner) -> Performance:
    performance = Performance(manner.seed, LEAD, None if manner.idle else _Still(manner.seed))
    if manner.intensity:
        performance.set_emotion(manner.emotion, manner.intensity, 0)
    return performance


def _kept(motion: Motion, manner: Manner) -> Motion:
    """All of it, or the face alone: without idle life there is no body that could stand as a base."""
    if manner.idle:
        return motion
    still = Motion.rest(len(motion))
    still.curves[:] = motion.curves
    still.curves[:, _LOOKS] = 0
    return still


class _Still(Idle):
    """Someone who does nothing by themselves."""

    def motion(self, first_frame: int, count: int) -> Motion:
        """See Idle."""
        return Motion.rest(count)


class _Recording:
    """A Clip of a recording, of which only what has just been heard is at hand."""

    utterance, start, begin = 1, START, START
    known = sound_end = end = FOREVER

    def __init__(self) -> None:
        self.cut: int | None = None
        self._emphasis = Emphasis()
        self._part: Part | None = None

    def hear(self, heard: Heard) -> None:
        """What is said next."""
        self._part = Part(heard.curves, heard.authority, None, self._emphasis.follow(heard.emphasis))

    def part(self, first: int, count: int) -> Part:
        """See Clip: just the frames heard last."""
        assert self._part is not None
        assert len(self._part.speech) == count
        return self._part

    def sound(self, first: int, end: int) -> Pcm:
        """See Clip: it has its own file."""
        return np.zeros(0, np.int16)
