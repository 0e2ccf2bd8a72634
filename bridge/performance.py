"""One session's performance: what is asked of the character goes in, timed poses, sound and events come out.

Nothing here knows of sockets, threads or the time of day: the caller says which audio sample is the present. Every
layer is a function of the frame grid, so the future can be taken back and computed anew at no other cost: that is how
a text starts at once although poses run ahead, and how an interruption works.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bridge.body.gaze import Gaze
from bridge.body.idle import Idle
from bridge.clip import ANTICIPATION, FOREVER, Clip, Line, Spoken
from bridge.face.emotion import EmotionTimeline
from bridge.frames import (
    AUDIO_RATE,
    FRAME_RATE,
    SAMPLES_PER_FRAME,
    AudioChunk,
    EmotionChanged,
    EndReason,
    Event,
    Forget,
    Item,
    Motion,
    PhoneEvent,
    Poses,
    UtteranceEnded,
    UtteranceStarted,
    WordEvent,
    frame_time_us,
    sample_time_us,
)
from bridge.layers import Layers, mix
from bridge.skeleton import Array

if TYPE_CHECKING:
    from bridge.inputs.capture import Capture

PAIR = 2
"""Frames of live sound that are emitted together, at the least, unless the present is near: numpy takes as long for two
as for one."""

LEAD = 24
"""Frames by which poses and sound run ahead of the present at most: 400 ms."""

LOOK_GAP = 6
"""Frames, 100 ms: who follows a pointer turns the gaze sixty times a second, and each time all that was sent ahead is
sent anew."""


def step_after(now: int, step: int, phase: int) -> int:
    """The sample at which live sound is tended next: the first after `now` with a step of frames, where steps begin at
    frames of this phase."""
    frame = now // SAMPLES_PER_FRAME + step
    return (frame - (frame + phase) % step) * SAMPLES_PER_FRAME


def block_frames(lead: int) -> int:
    """How many frames are computed at a time, for so long a lead: two thirds of it, the rest is always there."""
    return max(lead, 2) * 2 // 3


class Block(NamedTuple):
    """A run of frames before it is mixed, with the events and the sound that go out before it."""

    told: list[Item]
    sequence: int
    layers: Layers


class Draft(NamedTuple):
    """What a performance emits at the sample `now`, but for the mixing of its poses."""

    now: int
    told: list[Item]
    blocks: list[Block]

    @property
    def runs(self) -> list[Layers]:
        """What is to be mixed."""
        return [block.layers for block in self.blocks]

    def items(self, motions: Iterable[Motion]) -> list[Item]:
        """All of it, with the poses of `runs`."""
        items = list(self.told)
        for block, motion in zip(self.blocks, motions, strict=True):
            items += block.told
            items.append(Poses(block.layers.first, block.sequence, motion))
        return items


class Performance:
    """Sources, layers, mixing and the clock of one session. Not thread-safe; used from one event loop.

    `seed` makes idle life reproducible; `idle` is another one. `lead` is how many frames poses and sound run ahead of
    the present at most; two thirds of them are computed at a time, so that what a block costs is shared, and the rest
    is always there. `first` is the first frame of all.
    Times given to the methods are audio samples since the session's start.
    """

    def __init__(self, seed: int, lead: int = LEAD, idle: Idle | None = None, first: int = 0) -> None:
        self._lead = max(lead, 2)
        self._size = block_frames(lead)
        self._horizon = first  # the first frame not yet emitted
        self._sequence = 0
        self._audio_sequence = 0
        self._clips: list[Clip] = []
        self._events: list[Event] = []  # by time, those still to come and those that may be taken back
        self._forget: int | None = None  # a frame since which everything is void, not yet told
        self._idle = idle or Idle(seed)
        self._gaze = Gaze()
        self._looked = -LOOK_GAP  # the last frame for which poses were taken back to turn the gaze
        self._emotions = EmotionTimeline()
        self._mood = ("neutral", 0.0)
        self.capture: Capture | None = None
        """What is captured of a performer, mixed in. Poses are emitted no further than it is known."""
        self.phase = 0
        """Blocks begin at frames that are, with this added, multiples of their length; one that was taken back begins
        with the rest. So whoever has many performances can choose who is due when."""

    # What is asked of it

    def perform(self, line: Line, now: int) -> int:
        """Put a line after what is already there, or now. Returns the sample at which its sound begins."""
        start = max(self._next_frame(now), self._sound_end())
        self._take_back(start)
        clip = Spoken(line, start, max(start - ANTICIPATION, self._horizon))
        self._clips.append(clip)
        self._schedule(clip)
        return start * SAMPLES_PER_FRAME

    def join(self, clip: Clip) -> None:
        """Let live sound take part from its start on, which must lie ahead; no other sound may come after it until
        `close` says where it ends. Poses are emitted no further than they are known meanwhile."""
        self._take_back(clip.start)
        self._clips.append(clip)
        self._add_event(UtteranceStarted(frame_time_us(clip.start), clip.utterance, ""))

    def close(self, clip: Clip) -> None:
        """Tell the end of live sound, which is known now."""
        if clip.cut is None:
            self._add_event(UtteranceEnded(frame_time_us(clip.sound_end), clip.utterance, EndReason.FINISHED))

    def interrupt(self, now: int, at: int = 0) -> int:
        """Cut everything that is spoken at sample `at`, or now if that is past. Returns the sample of the cut."""
        frame = max(self._next_frame(now), at // SAMPLES_PER_FRAME)
        cut = [clip for clip in self._clips if clip.sound_end > frame]
        if cut:
            self._take_back(frame)
            for clip in cut:
                clip.cut = frame
            self._clips = [clip for clip in self._clips if clip.start < frame]
            self._revoke({clip.utterance for clip in cut}, frame)
        return frame * SAMPLES_PER_FRAME

    def end_utterance(self, utterance: int, reason: EndReason, detail: str, now: int) -> None:
        """Tell that an utterance ended otherwise than by its last line: it failed, or was dropped before its turn."""
        if any(isinstance(e, UtteranceEnded) and e.utterance == utterance for e in self._events):
            return  # the cut has told already
        last = self._sound_end() if reason is EndReason.FAILED else 0
        frame = max(self._horizon, self._next_frame(now), last)
        self._add_event(UtteranceEnded(frame_time_us(frame), utterance, reason, detail))
        self._restore_mood(frame / FRAME_RATE)

    def set_emotion(self, emotion: str, intensity: float, now: int) -> None:
        """Turn the emotion at the next frame; it stays until it is set anew. `emotion` must be one of EMOTIONS."""
        self._take_back(self._next_frame(now))
        self._mood = (emotion, intensity)
        self._turn(self._horizon / FRAME_RATE, emotion, intensity)
        for clip in self._clips:
            if isinstance(clip, Spoken) and clip.line.last and clip.sound_end > self._horizon:
                self._restore_mood(clip.sound_end / FRAME_RATE)

    def look_at(self, target: tuple[float, float, float] | None, now: int) -> None:
        """Turn the gaze to a point in the model's space, metres; None frees it. At the next frame, but for a look that
        comes within LOOK_GAP of one that did: it begins at the horizon, unless another one takes its place before."""
        if self._next_frame(now) >= self._looked + LOOK_GAP:
            self._looked = self._next_frame(now)
            self._take_back(self._looked)
        self._gaze.look_at(self._horizon / FRAME_RATE, target)

    def calm(self, frame: int) -> bool:
        """Whether there is no emotion but the neutral one at a frame."""
        return self._emotions.calm(frame, 1)

    def mood(self, frame: int) -> Array:
        """The shares of the EMOTIONS at a frame, each 0..1."""
        shares: Array = np.clip(self._emotions.weights(frame, 1)[0], 0, 1)
        return shares

    # What comes out

    def advance(self, now: int) -> list[Item]:
        """Everything that has become due: whole blocks, so that a third to all of the lead is always there.
        Live sound is performed as far as it is known, frame by frame.

        `now` must not be beyond `horizon`: a clock that comes late has to wait for the sound, as a sound card would.
        """
        draft = self.draft(now)
        return draft.items(mix(draft.runs))

    def draft(self, now: int) -> "Draft":
        """As `advance`, with the mixing left to the caller, who may mix many sessions at once and must send it all."""
        told: list[Item] = []
        if self.capture and self.capture.update(now):
            self._take_back(self._next_frame(now))
        if self._forget is not None:
            told.append(Forget(frame_time_us(self._forget)))
            self._forget = None
        present = now // SAMPLES_PER_FRAME
        blocks: list[Block] = []
        while count := self._due(present):
            blocks.append(self._block(self._horizon, count))
            self._horizon += count
        self._clips = [clip for clip in self._clips if clip.end > present]
        del self._events[: self._event_at(frame_time_us(present))]
        return Draft(now, told, blocks)

    def _due(self, present: int) -> int:
        """How many frames to emit next."""
        known = min((clip.known for clip in self._clips), default=FOREVER)
        if self.capture:
            known = min(known, self.capture.known)
        known -= self._horizon
        room = present + self._lead - self._horizon
        if known >= self._rest:
            return self._rest if self._rest <= room else 0
        count = min(known, room)
        return count if count >= PAIR or (count > 0 and self._horizon <= present + PAIR) else 0

    @property
    def due(self) -> int:
        """The sample from which on `advance` may have something, unless it is captured or more of it is heard; always,
        where it is captured."""
        if self.capture:
            return 0
        if any(clip.known < FOREVER for clip in self._clips):
            return FOREVER * SAMPLES_PER_FRAME
        return (self._horizon + self._rest - self._lead) * SAMPLES_PER_FRAME

    @property
    def _rest(self) -> int:
        """Frames from the horizon to the end of its block."""
        return self._size - (self._horizon + self.phase) % self._size

    @property
    def horizon(self) -> int:
        """The first sample that is not yet emitted."""
        return self._horizon * SAMPLES_PER_FRAME

    def speech_end(self) -> int:
        """The sample at which everything now scheduled has been spoken; 0 if there is nothing."""
        return self._sound_end() * SAMPLES_PER_FRAME

    def speaking(self, now: int) -> bool:
        """Whether sound is due now or later."""
        return self.speech_end() > now

    # The past and the future

    def _sound_end(self) -> int:
        """The first frame after all sound now scheduled; 0 if there is none."""
        return max((clip.sound_end for clip in self._clips), default=0)

    def _next_frame(self, now: int) -> int:
        return now // SAMPLES_PER_FRAME + 1

    def _take_back(self, frame: int) -> None:
        """Let everything from a frame on be computed and sent anew."""
        if frame < self._horizon:
            self._forget = frame if self._forget is None else min(frame, self._forget)
            self._horizon = frame

    def _revoke(self, utterances: set[int], frame: int) -> None:
        """Take back what these utterances would still have told, and tell that they were interrupted."""
        time_us = frame_time_us(frame)
        told = {e.utterance for e in self._events if isinstance(e, UtteranceEnded) and e.time_us < time_us}
        self._events = [e for e in self._events if e.time_us < time_us or _is_final(e)]
        for utterance in sorted(utterances - told):
            self._add_event(UtteranceEnded(time_us, utterance, EndReason.INTERRUPTED))
        self._emotions.forget(frame / FRAME_RATE)
        self._restore_mood(frame / FRAME_RATE)

    def _schedule(self, clip: Spoken) -> None:
        line, start = clip.line, clip.start * SAMPLES_PER_FRAME
        speech = line.rehearsal.speech

        def at(seconds: float) -> int:
            return sample_time_us(start + round(seconds * AUDIO_RATE))

        if line.first:
            self._add_event(UtteranceStarted(at(0), line.utterance, line.text))
        for phone in speech.phones:
            self._add_event(PhoneEvent(at(phone.start), phone.symbol, round((phone.end - phone.start) * 1e6)))
        for word in speech.words:
            self._add_event(WordEvent(at(word.start), word.text, line.utterance))
        for mark in line.marks:
            self._turn(clip.start / FRAME_RATE + mark.seconds, mark.emotion, mark.intensity)
        if line.last:
            end = clip.sound_end / FRAME_RATE
            self._add_event(UtteranceEnded(at(speech.seconds), line.utterance, EndReason.FINISHED))
            self._restore_mood(end)

    def _turn(self, seconds: float, emotion: str, intensity: float) -> None:
        self._emotions.set(seconds, emotion, intensity)
        time_us = round(seconds * 1e6)
        self._events = [e for e in self._events if not (isinstance(e, EmotionChanged) and e.time_us == time_us)]
        self._add_event(EmotionChanged(time_us, emotion, intensity))

    def _restore_mood(self, seconds: float) -> None:
        """Go back from what the marks of a text said to what set_emotion said."""
        if self._emotions.target(seconds) != self._mood:
            self._turn(seconds, *self._mood)

    def _add_event(self, event: Event) -> None:
        insort(self._events, event, key=attrgetter("time_us"))

    def _event_at(self, time_us: int) -> int:
        """Where the first event at or after a time stands."""
        return bisect_left(self._events, time_us, key=attrgetter("time_us"))

    # One block

    def _block(self, first: int, count: int) -> "Block":
        begin, end = frame_time_us(first), frame_time_us(first + count)
        told: list[Item] = [*self._events[self._event_at(begin) : self._event_at(end)], *self._sound(first, count)]
        self._sequence += count
        return Block(told, self._sequence - count, self.layers(first, count))

    def _sound(self, first: int, count: int) -> Iterable[AudioChunk]:
        for clip in self._clips:
            begin = max(first, clip.start)
            pcm = clip.sound(begin, max(first + count, begin))
            if len(pcm):
                yield AudioChunk(sample_time_us(begin * SAMPLES_PER_FRAME), self._audio_sequence, pcm)
                self._audio_sequence += 1

    def layers(self, first: int, count: int) -> Layers:
        """All that goes into `count` frames from `first` on."""
        return Layers(
            first,
            self._idle.motion(first, count),
            [clip.part(first, count) for clip in self._clips if clip.begin < first + count and clip.end > first],
            None if self._emotions.calm(first, count) else self._emotions.weights(first, count),
            self._gaze.aims(first, count) if self._gaze.active(first, count) else None,
            self.capture,
        )

    def motion(self, first: int, count: int) -> Motion:
        """All layers mixed, for `count` frames from `first` on."""
        return mix([self.layers(first, count)])[0]


def _is_final(event: Event) -> bool:
    return isinstance(event, UtteranceEnded) and event.reason is not EndReason.FINISHED
