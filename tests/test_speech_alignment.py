"""Marks and sound into phones and words, on sound made for the purpose."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.frames import Phone
from bridge.speech.alignment import Samples, align

RATE = 20_000


def sound(*parts: tuple[float, int]) -> Samples:
    """Noise: (seconds, loudness) after each other; silence is loudness 0."""
    chance = np.random.default_rng(1)
    return np.concatenate([chance.normal(0, 1, round(s * RATE)) * loud for s, loud in parts]).astype(np.int16)


def mark(seconds: float, name: str) -> list[str | int]:
    return ["p", round(seconds * RATE), name]


def phones(events: list[list[str | int]], pcm: Samples) -> list[Phone]:
    return align(events, pcm, RATE, "")[0]


def times(found: list[Phone]) -> list[tuple[str, float, float]]:
    return [(p.symbol, round(p.start, 3), round(p.end, 3)) for p in found]


def test_the_silence_before_a_stop_is_its_closure() -> None:
    pcm = sound((0.2, 3000), (0.05, 0), (0.05, 2000), (0.1, 3000))
    found = times(phones([mark(0, "ɑ"), mark(0.25, "p"), mark(0.3, "ɑ")], pcm))
    assert found == [("ɑ", 0, 0.2), ("p", 0.2, 0.3), ("ɑ", 0.3, 0.4)]


def test_a_faint_echo_in_the_closure_is_silence_too() -> None:
    pcm = sound((0.2, 3000), (0.05, 60), (0.05, 2000), (0.1, 3000))
    assert times(phones([mark(0, "ɑ"), mark(0.25, "k"), mark(0.3, "ɑ")], pcm))[1] == ("k", 0.2, 0.3)


def test_only_a_part_of_a_pause_can_be_a_closure() -> None:
    pcm = sound((0.2, 3000), (0.4, 0), (0.1, 3000))
    stop = [mark(0, "ɑ"), mark(0.2, ""), mark(0.6, "t")]
    vowel = [mark(0, "ɑ"), mark(0.2, ""), mark(0.6, "ɛ")]
    assert times(phones(stop, pcm))[1] == ("t", 0.5, 0.7)
    assert times(phones(vowel, pcm))[1] == ("ɛ", 0.585, 0.7)
    assert times(phones(vowel, pcm))[0] == ("ɑ", 0, 0.2)


def test_the_first_sound_waits_for_no_closure() -> None:
    pcm = sound((0.2, 0), (0.05, 2000), (0.1, 3000))
    assert times(phones([mark(0.2, "p"), mark(0.25, "ɑ")], pcm))[0] == ("p", 0.2, 0.25)


def test_a_vowel_starts_where_the_mouth_opens() -> None:
    pcm = sound((0.1, 200), (0.2, 3000))
    (m, a) = phones([mark(0, "m"), mark(0.13, "a")], pcm)
    assert m.end == a.start == pytest.approx(0.1, abs=0.003)


def test_a_vowel_after_a_hiss_stays_where_it_is_marked() -> None:
    pcm = sound((0.1, 200), (0.2, 3000))
    assert times(phones([mark(0, "s"), mark(0.13, "a")], pcm))[1] == ("a", 0.13, 0.3)


def test_a_sound_without_length_takes_its_share_of_the_one_before() -> None:
    pcm = sound((0.4, 3000))
    found = times(phones([mark(0, "ˈɛ"), mark(0.3, "l"), mark(0.3, "z")], pcm))
    assert found == [("ɛ", 0, 0.2), ("l", 0.2, 0.3), ("z", 0.3, 0.4)]


def test_sounds_of_one_mark_share_its_time_and_the_vowel_bears_the_stress() -> None:
    pcm = sound((0.3, 3000))
    assert phones([mark(0, "ˈiɛ")], pcm) == [
        Phone("j", 0.0, pytest.approx(0.1), 0),
        Phone("ɛ", pytest.approx(0.1), pytest.approx(0.3), 1),
    ]


def test_a_gap_too_short_for_a_pause_belongs_to_the_sound_before() -> None:
    pcm = sound((0.1, 3000), (0.04, 0), (0.1, 3000))
    assert times(phones([mark(0, "n"), mark(0.1, ""), mark(0.14, "s")], pcm))[0] == ("n", 0, 0.125)


def test_a_change_of_language_is_no_sound() -> None:
    pcm = sound((0.2, 3000))
    found = times(phones([mark(0, "s"), mark(0.1, "(en)"), mark(0.1, "z")], pcm))
    assert found == [("s", 0, 0.1), ("z", 0.1, 0.2)]


def test_words_last_from_their_first_sound_to_their_last() -> None:
    pcm = sound((0.4, 3000), (0.2, 0), (0.2, 3000))
    text = "so 42 🙂"
    events: list[list[str | int]] = [
        ["w", 0, 0, 2],
        mark(0, "s"),
        mark(0.1, "oʊ"),
        ["w", 4000, 3, 2],
        mark(0.2, "f"),
        ["w", 6000, 4, 1],  # the same number once more
        mark(0.3, "uː"),
        mark(0.4, ""),
        ["w", 12000, 6, 1],
        mark(0.6, "s"),
        ["w", 14000, 7, 1],  # the end of the text, which espeak-ng takes for a word of the symbol
        mark(0.7, "z"),
    ]
    words = align(events, pcm, RATE, text)[1]
    assert [(w.text, w.offset, round(w.start, 2), round(w.end, 2)) for w in words] == [
        ("so", 0, 0.0, 0.2),
        ("42", 3, 0.2, 0.4),
        ("🙂", 6, 0.58, 0.8),
    ]


@given(
    st.lists(
        st.tuples(st.integers(0, 3000), st.sampled_from(["p", "m", "ˈɑ", "l", "s", "", "əl", "b", "(de)", "\x01"])),
        max_size=20,
    ),
    st.integers(0, 2**32 - 1),
)
def test_phones_are_in_order_inside_the_sound(gaps: list[tuple[int, str]], seed: int) -> None:
    events, sample = [], 0
    for gap, name in gaps:
        sample += gap
        events.append(["p", sample, name])
    chance = np.random.default_rng(seed)
    pcm = (chance.normal(0, 2000, sample + 500) * (chance.random(sample + 500) < chance.random())).astype(np.int16)
    edge = 0.0
    for phone in phones(events, pcm):
        assert edge - 1e-9 <= phone.start < phone.end <= len(pcm) / RATE + 1e-9
        edge = phone.end
