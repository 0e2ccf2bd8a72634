"""How espeak-ng's names of phonemes are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.speech.phones import (
    AFFRICATES,
    ARPABET,
    CONSONANTS,
    DIPHTHONGS,
    INVENTORY,
    SONORANTS,
    STOPS,
    VOWELS,
    read,
    stress,
)


@pytest.mark.parametrize(
    ("name", "sounds"),
    [
        ("p", "p"),
        ("ˈoʊ", "oʊ"),
        ("ɜː", "ɜ"),
        ("tʃ", "tʃ"),
        ("t͡ʃ", "tʃ"),
        ("ʧ", "tʃ"),
        ("ç", "ç"),
        ("c\u0327", "ç"),
        ("ɔ̃", "ɔ"),
        ("õɪ̃", "oɪ"),
        ("ɐ̃ʊ", "aʊ"),
        ("ɔø", "ɔɪ"),
        ("əl", "ə l"),
        ("ɑːɹ", "ɑ ɹ"),
        ("aɪɚ", "aɪ ɚ"),
        ("iɑu", "j aʊ"),
        ("uei", "w eɪ"),
        ("yɛ", "ɥ ɛ"),
        ("iɛ", "j ɛ"),
        ("ts.h", "tʂ"),
        ("tɕh", "tɕ"),
        ("kʰ", "k"),
        ("s.", "ʂ"),
        ("i.", "ɨ"),
        ("onɡ", "o ŋ"),
        ("ɯᵝ", "ɯ"),
        ("ʲ", "j"),
        ("h", "h"),
        ("ss", "s"),
        ("g", "ɡ"),
        ("", ""),
        ("_", ""),
    ],
)
def test_a_name_is_read_as_its_sounds(name: str, sounds: str) -> None:
    assert read(name) == tuple(sounds.split())


@given(st.text(st.sampled_from([*"".join(INVENTORY), *"ˈˌːʰʲ̃͡.:#`-ATS9"]), max_size=6) | st.text(max_size=8))
def test_whatever_is_read_lies_in_the_inventory(name: str) -> None:
    assert set(read(name)) <= INVENTORY


@pytest.mark.parametrize("symbol", sorted(INVENTORY))
def test_a_symbol_is_read_as_itself(symbol: str) -> None:
    assert read(symbol) == (symbol,)


def test_stress_is_in_the_name() -> None:
    assert [stress(name) for name in ("ə", "ˈə", "ˌə", "tˈ")] == [0, 1, 2, 1]


def test_the_kinds_of_sounds_are_apart() -> None:
    assert len(VOWELS) + len(DIPHTHONGS) + len(CONSONANTS) + len(AFFRICATES) == len(INVENTORY)
    assert set("".join(DIPHTHONGS)) <= VOWELS
    assert STOPS <= CONSONANTS | AFFRICATES
    assert SONORANTS <= CONSONANTS - STOPS


def test_arpabet_lies_in_the_inventory() -> None:
    assert len(ARPABET) == 50
    assert set(ARPABET.values()) <= INVENTORY
