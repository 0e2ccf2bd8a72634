"""What espeak-ng reports while it speaks, made into phones and words that fit the sound.

espeak-ng marks the sample where it starts each phoneme, which is not quite where the sound is heard:
  - the silent closure of a stop comes before its mark, so it is counted to the stop here;
  - a vowel after a sonorant or b is marked once the mouth has opened, so its start is moved back to the opening;
  - a liquid that the vowel before it already contains has no length, so it takes a share of that vowel;
  - one mark may stand for several sounds ("əl"), which then share its time.
All positions here are samples of the engine's sound, until `align` turns them into seconds.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bridge.frames import Phone, Word
from bridge.speech import phones

Samples = npt.NDArray[np.int16]

MIN_PHONE = 0.005
"""Seconds; a mark that the next one follows sooner has no sound of its own."""
MIN_PAUSE = 0.050
"""Seconds; between two sounds the mouth does not rest in less."""
MAX_CLOSURE = 0.100
"""Seconds of silence that can be a stop's own."""
MAX_ONSET = 0.015
"""Seconds of silence that can be any other sound's own."""
QUIET = 0.1
"""Silence is below this part of the loudest sample nearby; variants with an echo are never wholly silent."""
OPENING = 4.0
"""Decibels by which the sound grows within 10 ms when a mouth opens; less is a gradual change."""


@dataclass(slots=True)
class _Span:
    """Where one or more sounds are marked, and how many words had begun."""

    sounds: list[str]
    start: int
    end: int
    word: int
    stress: int


def align(events: list[list[str | int]], pcm: Samples, rate: int, text: str) -> tuple[list[Phone], list[Word]]:
    """Phones and words, in seconds of `pcm`, from the worker's events on `text`.

    events: ["p", sample, espeak-ng's name] or ["w", sample, offset, length], in order; pcm at `rate` Hz.
    """
    spans = _spans(events, len(pcm), rate)
    _close_stops(spans, pcm, rate)
    _open_vowels(spans, pcm, rate)
    _bridge_gaps(spans, rate)
    return _phones(spans, rate), _words(spans, _word_places(events, text), text, rate)


def _spans(events: list[list[str | int]], end: int, rate: int) -> list[_Span]:
    """Each mark lasts until the next; pauses leave no span, marks without length join the span before."""
    marks, word = [], -1
    for kind, sample, *rest in events:
        if kind == "w":
            word += 1
        elif not str(rest[0]).startswith("("):  # "(fr)": the language changes
            marks.append((int(sample), str(rest[0]), word))
    spans: list[_Span] = []
    for (start, name, index), (stop, *_) in pairwise([*marks, (end, "", word)]):
        sounds = phones.read(name)
        if stop - start < MIN_PHONE * rate and spans and spans[-1].end == start:
            spans[-1].sounds.extend(sounds)
            spans[-1].end = stop
        elif sounds and stop > start:
            spans.append(_Span(list(sounds), start, stop, index, phones.stress(name)))
    return spans


def _close_stops(spans: list[_Span], pcm: Samples, rate: int) -> None:
    """Silence before a mark goes from the sound before to the one after, as far as it can be its closure.

    Before the first sound it is left out: nothing needs to be waited for.
    """
    before = _Span([], 0, 0, -1, 0)
    for span in spans:
        quiet = span.start - before.end or _quiet(pcm, max(before.start, span.start - rate // 8), span.start)
        before.end = min(before.end, span.start - quiet)
        longest = MAX_CLOSURE if span.sounds[0] in phones.STOPS else MAX_ONSET
        span.start -= min(quiet, int(longest * rate)) if before.sounds else 0
        before = span


def _quiet(pcm: Samples, start: int, stop: int) -> int:
    """How many samples right before `stop` are silent; at most three quarters."""
    level = np.abs(pcm[start:stop].astype(np.int32))
    loud = np.flatnonzero(level > max(QUIET * level.max(initial=0), 8))
    return max(len(level) - 1 - max(int(loud[-1]) if len(loud) else 0, len(level) // 4), 0)


def _open_vowels(spans: list[_Span], pcm: Samples, rate: int) -> None:
    """Moves the boundary between a sonorant or b and the vowel after it to where the sound opens."""
    for before, span in pairwise(spans):
        last = before.sounds[-1]
        if phones.is_vowel(span.sounds[0]) and (last in phones.SONORANTS or last == "b") and before.end == span.start:
            span.start = before.end = _opening((before.start + span.start) // 2, span.start, pcm, rate)


def _opening(start: int, stop: int, pcm: Samples, rate: int) -> int:
    """Where between two samples the loudness above the voice's fundamental rises most; `stop` where it hardly does."""
    step = rate // 200  # 5 ms
    brighter = np.diff(pcm[max(start - 2 * step, 0) : stop + 2 * step].astype(np.float64))
    total = np.cumsum(brighter * brighter)
    energy = total[2 * step :] - total[: -2 * step] + 1.0
    rise = 10 * np.log10(energy[2 * step :] / energy[: -2 * step])
    if not len(rise) or rise.max() < OPENING:
        return stop
    return min(start + int(rise.argmax()), stop)


def _bridge_gaps(spans: list[_Span], rate: int) -> None:
    for before, span in pairwise(spans):
        if span.start - before.end < MIN_PAUSE * rate:
            before.end = span.start


def _phones(spans: list[_Span], rate: int) -> list[Phone]:
    """Shares each span's time among its sounds, twice as much to a vowel; its first vowel bears the stress."""
    found = []
    for span in spans:
        weights = [2 if phones.is_vowel(sound) else 1 for sound in span.sounds]
        stressed = weights.index(max(weights))
        share = (span.end - span.start) / sum(weights)
        edges = [(span.start + share * sum(weights[:i])) / rate for i in range(len(weights) + 1)]
        for i, sound in enumerate(span.sounds):
            found.append(Phone(sound, edges[i], edges[i + 1], span.stress if i == stressed else 0))
    return found


def _word_places(events: list[list[str | int]], text: str) -> list[tuple[int, int]]:
    """Where each reported word begins and ends in the text. espeak-ng reports a number or a phrase several times, and
    the blank after some symbols; all these get the place of the word before."""
    places: list[tuple[int, int]] = []
    for kind, _, *rest in events:
        if kind == "w":
            start, length = int(rest[0]), int(rest[1])
            again = bool(places) and (start < places[-1][1] or not text[start : start + length].strip())
            places.append(places[-1] if again else (start, start + length))
    return places


def _words(spans: list[_Span], places: list[tuple[int, int]], text: str, rate: int) -> list[Word]:
    """A word lasts from its first sound to its last."""
    found: dict[tuple[int, int], Word] = {}
    for span in spans:
        if span.word < 0:
            continue
        place = places[span.word]
        start = found[place].start if place in found else span.start / rate
        found[place] = Word(text[place[0] : place[1]].strip(), start, span.end / rate, place[0])
    return list(found.values())
