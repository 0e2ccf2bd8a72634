"""Texts into lines and marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.speech.script import LONGEST, Line, ScriptMark, parse, rest

EMOTIONS = ("neutral", "happy", "sad")


def texts(text: str) -> list[str]:
    return [line.text for line in parse(text, EMOTIONS)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello. It costs 3.14 dollars! Really?", ["Hello.", "It costs 3.14 dollars!", "Really?"]),
        ("Mr. Smith, e.g. this one, is here.", ["Mr. Smith, e.g. this one, is here."]),
        ("你好，世界。今天天气很好！你呢？", ["你好，世界。", "今天天气很好！", "你呢？"]),
        ("One\nTwo", ["One", "Two"]),
        ("  a \x00\x1b[31m b  ", ["a   [31m b"]),
        ("see [1] and [citation]", ["see [1] and [citation]"]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_marks_are_taken_out_and_keep_their_place() -> None:
    assert parse("I am [happy]glad. [Sad 0.5] Not now.", EMOTIONS) == [
        Line("I am glad.", [ScriptMark(5, "happy", 1.0)]),
        Line("Not now.", [ScriptMark(0, "sad", 0.5)]),
    ]


def test_one_blank_is_left_where_a_mark_stood_between_two() -> None:
    assert parse("I am [happy] glad.", EMOTIONS) == [Line("I am glad.", [ScriptMark(5, "happy", 1.0)])]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de-DE", "Das ist z.B. am 3. Mai so."),
        ("es", "La Sra. García vive en EE. UU. hoy."),
        ("qq", "Fine, Mr. Smith."),
    ],
)
def test_each_language_has_its_abbreviations(language: str, text: str) -> None:
    assert [line.text for line in parse(text, (), language)] == [text]


def test_a_mark_behind_the_last_word_stands_at_the_end() -> None:
    assert parse("Well. [sad]", EMOTIONS) == [Line("Well.", [ScriptMark(5, "sad", 1.0)])]


def test_a_mark_alone_is_an_empty_line() -> None:
    assert parse("[happy]", EMOTIONS) == [Line("", [ScriptMark(0, "happy", 1.0)])]


def test_a_name_that_is_no_emotion_is_read_out() -> None:
    assert texts("[hapy] yes") == ["[hapy] yes"]


def test_a_long_sentence_is_parted_at_its_commas() -> None:
    lines = texts("one two three, " * 60)
    assert all(len(line) <= LONGEST for line in lines)
    assert all(line.endswith(",") for line in lines)
    assert texts("x" * 700) == ["x" * 300, "x" * 300, "x" * 100]


@given(st.text(st.characters(codec="utf-8"), max_size=600))
def test_nothing_is_lost_but_blanks_and_control(text: str) -> None:
    spoken = "".join("".join(line.text.split()) for line in parse(text, ()))
    kept = "".join(" " if not c.isprintable() and c != "\n" else c for c in text)
    missing = set("".join(kept.split())) - set(spoken)
    assert not missing


@given(st.lists(st.sampled_from(["[happy]", "[sad .3]", " word", ". ", "。", "\n", "[", "]", "x" * 200])))
def test_every_mark_lies_in_its_line_and_lines_are_short(parts: list[str]) -> None:
    lines = parse("".join(parts), EMOTIONS)
    assert sum(len(line.marks) for line in lines) == sum(p in ("[happy]", "[sad .3]") for p in parts)
    for line in lines:
        assert len(line.text) <= LONGEST
        assert all(0 <= mark.offset <= len(line.text) for mark in line.marks)


def test_the_rest_of_a_script_begins_in_the_mood_that_it_was_in() -> None:
    lines = parse("[happy] One two. Three [sad 0.5] four five.", EMOTIONS)
    assert rest(lines, 0, 0) == lines
    assert rest(lines, 0, 4) == [Line("two.", [ScriptMark(0, "happy", 1.0)]), lines[1]]
    assert rest(lines, 1, 0) == [Line(lines[1].text, [ScriptMark(0, "happy", 1.0), *lines[1].marks])]
    assert rest(lines, 1, lines[1].text.index("five")) == [Line("five.", [ScriptMark(0, "sad", 0.5)])]
    assert rest(lines, 2, 0) == []
