"""From a text as it is typed to the lines that a voice speaks: sentences, and where the emotion turns.

A mark is an emotion's name in brackets, "[happy]", with an intensity if it is not full, "[sad 0.5]". Anything else in
brackets is text.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import NamedTuple

import sentencex

LONGEST = 300
"""Characters of a line. A longer sentence is parted at the last comma, blank or, failing both, anywhere before this."""

_MARK = re.compile(r"\[\s*([A-Za-z]+)(?:[\s:,]+([01](?:\.\d*)?|\.\d+))?\s*\]")
_PAUSES = ",;:，、；：—–"


class ScriptMark(NamedTuple):
    """The emotion turns at this character of the line; intensity 0 to 1."""

    offset: int
    emotion: str
    intensity: float


class Line(NamedTuple):
    """What is spoken in one breath, at most LONGEST characters, and the marks in it."""

    text: str
    marks: list[ScriptMark]


def parse(text: str, emotions: Collection[str], language: str = "en") -> list[Line]:
    """The lines of a text, without its marks; at least one, maybe empty. `emotions` are the names a mark can have.

    Control characters become blanks. language: the BCP 47 tag whose abbreviations ("z.B.", "Sra.") end no sentence;
    the full stops of every script do under any.
    """
    plain, marks = _without_marks("".join(" " if _is_control(c) else c for c in text), emotions)
    lines, begin = [], 0
    for piece in _pieces(plain, language):
        start = plain.index(piece, begin)
        end = start + len(piece)
        lines.append(
            Line(piece, [m._replace(offset=max(m.offset - start, 0)) for m in marks if begin <= m.offset < end])
        )
        begin = end
    return _with_the_last(lines, [m for m in marks if m.offset >= begin])


def rest(lines: list[Line], line: int, offset: int) -> list[Line]:
    """What is left from a character of one of the lines on; the emotion that ruled there is set anew. May be empty."""
    if line >= len(lines):
        return []
    text, marks = lines[line]
    before = [m for each in lines[:line] for m in each.marks] + [m for m in marks if m.offset < offset]
    after = [m._replace(offset=m.offset - offset) for m in marks if m.offset >= offset]
    return [Line(text[offset:], [m._replace(offset=0) for m in before[-1:]] + after), *lines[line + 1 :]]


def _is_control(character: str) -> bool:
    return character != "\n" and unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn")


def _without_marks(text: str, emotions: Collection[str]) -> tuple[str, list[ScriptMark]]:
    """The text and its marks, with their places in what is left."""
    names = {name.lower(): name for name in emotions}
    plain, marks, end = "", [], 0
    for found in _MARK.finditer(text):
        name = names.get(found[1].lower())
        if name is None:
            continue
        plain += text[end : found.start()]
        intensity = min(float(found[2]), 1.0) if found[2] else 1.0
        marks.append(ScriptMark(len(plain), name, intensity))
        doubled = plain[-1:] in ("", " ") and text[found.end() : found.end() + 1] == " "
        end = found.end() + doubled  # of the blanks before and after a mark one is left
    return plain + text[end:], marks


def _pieces(text: str, language: str) -> Iterator[str]:
    for paragraph in text.split("\n"):
        for sentence in sentencex.segment(language.partition("-")[0], paragraph):
            yield from _short(sentence.strip())


def _short(sentence: str) -> Iterator[str]:
    """A sentence in parts of at most LONGEST characters, none of them blank."""
    while len(sentence) > LONGEST:
        head = sentence[:LONGEST]
        cut = max(head.rfind(c) for c in _PAUSES) + 1 or head.rfind(" ") + 1 or LONGEST
        yield sentence[:cut].strip()
        sentence = sentence[cut:].strip()
    if sentence:
        yield sentence


def _with_the_last(lines: list[Line], marks: list[ScriptMark]) -> list[Line]:
    """Marks behind the last word belong to the end of the last line."""
    if not lines:
        return [Line("", [m._replace(offset=0) for m in marks])]
    text, before = lines[-1]
    lines[-1] = Line(text, [*before, *(m._replace(offset=len(text)) for m in marks)])
    return lines
