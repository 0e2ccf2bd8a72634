"""What the visible articulators do for each speech sound of the IPA.

The targets are ours, set from the sounds' height, backness and rounding (*Handbook of the International Phonetic
Association*, 1999) and from which articulators a sound needs at all (Keating, "Underspecification in phonetics",
Phonology 5, 1988): the `grip` of a sound on an articulator is its dominance in the sense of Cohen & Massaro (1993), and
what a sound leaves free, its neighbours rule.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple


class Shape(NamedTuple):
    """Targets of one sound in stressed, careful speech at ordinary loudness; all 0..1, 0 is rest.

    jaw: lowered, as jawOpen. part: lips drawn off the teeth, beyond what the jaw does. wide: corners drawn apart.
    pucker: lips narrowed and pushed forward. funnel: lips flared. tongue: its tip between the teeth.
    seal: lips pressed together. tuck: lower lip under the upper teeth. Each grip is how much the sound insists on it.
    """

    jaw: float = 0.0
    part: float = 0.0
    wide: float = 0.0
    pucker: float = 0.0
    funnel: float = 0.0
    jaw_grip: float = 1.0
    lips_grip: float = 1.0
    round_grip: float = 1.0
    tongue: float = 0.0
    seal: float = 0.0
    tuck: float = 0.0
    vowel: bool = False


def _vowel(jaw: float, part: float, wide: float, pucker: float = 0.0, funnel: float = 0.0, grip: float = 1.0) -> Shape:
    return Shape(jaw, part, wide, pucker, funnel, grip, grip, grip, vowel=True)


_VOWELS = {
    # front, spread
    "i": _vowel(0.07, 0.13, 0.55),
    "ɪ": _vowel(0.10, 0.11, 0.34),
    "e": _vowel(0.28, 0.16, 0.44),
    "ɛ": _vowel(0.30, 0.16, 0.32),
    "æ": _vowel(0.46, 0.18, 0.36),
    # front, rounded
    "y": _vowel(0.08, 0.0, 0.0, 0.66, 0.20),
    "ʏ": _vowel(0.13, 0.0, 0.0, 0.50, 0.22),
    "ø": _vowel(0.19, 0.0, 0.0, 0.50, 0.28),
    "œ": _vowel(0.30, 0.0, 0.0, 0.32, 0.36),
    "ɶ": _vowel(0.44, 0.0, 0.0, 0.12, 0.40),
    # open
    "a": _vowel(0.54, 0.16, 0.16),
    "ɐ": _vowel(0.40, 0.12, 0.12),
    "ɑ": _vowel(0.52, 0.14, 0.04),
    "ɒ": _vowel(0.44, 0.04, 0.0, 0.14, 0.30),
    # back, rounded
    "ɔ": _vowel(0.38, 0.04, 0.0, 0.28, 0.38),
    "o": _vowel(0.27, 0.0, 0.0, 0.46, 0.30),
    "ʊ": _vowel(0.11, 0.0, 0.0, 0.42, 0.18),
    "u": _vowel(0.07, 0.0, 0.0, 0.66, 0.16),
    # back, unrounded; Japanese u is ɯ: lips neither drawn apart nor pushed forward
    "ʌ": _vowel(0.36, 0.14, 0.10),
    "ɤ": _vowel(0.24, 0.12, 0.16),
    "ɯ": _vowel(0.10, 0.10, 0.04, 0.06),
    # central; a schwa insists on little, so it undershoots (Van Bergem, Speech Communication 14, 1994)
    "ə": _vowel(0.30, 0.14, 0.12, grip=0.7),
    "ɘ": _vowel(0.20, 0.12, 0.16, grip=0.7),
    "ɵ": _vowel(0.18, 0.04, 0.0, 0.30, 0.24, grip=0.7),
    "ɜ": _vowel(0.22, 0.08, 0.08, 0.06, 0.12),
    "ɞ": _vowel(0.28, 0.0, 0.0, 0.24, 0.30),
    "ɚ": _vowel(0.09, 0.04, 0.0, 0.22, 0.16, grip=0.8),
    "ɝ": _vowel(0.11, 0.04, 0.0, 0.26, 0.18),
    "ɨ": _vowel(0.11, 0.14, 0.28, grip=0.8),
    "ʉ": _vowel(0.10, 0.0, 0.0, 0.54, 0.20),
    # apical vowels of Mandarin (si, shi): the teeth stay together
    "ɿ": _vowel(0.06, 0.24, 0.28),
    "ʅ": _vowel(0.08, 0.22, 0.14, 0.06, 0.08),
    # nasal; French an has drifted back and is rounded, on is close to a nasal o
    "ɑ̃": _vowel(0.42, 0.04, 0.0, 0.16, 0.26),
    "ɔ̃": _vowel(0.26, 0.0, 0.0, 0.46, 0.32),
    "œ̃": _vowel(0.32, 0.06, 0.0, 0.24, 0.30),
}

_CONSONANTS = {
    "p b m": Shape(jaw=0.05, jaw_grip=1.0, lips_grip=0.5, round_grip=0.15, seal=1.0),
    "ʙ": Shape(jaw=0.06, jaw_grip=1.0, lips_grip=0.5, round_grip=0.2, seal=0.75),
    "ɸ β": Shape(jaw=0.06, jaw_grip=0.8, lips_grip=0.5, round_grip=0.2, seal=0.55),
    "f v ɱ ⱱ": Shape(jaw=0.07, jaw_grip=1.0, lips_grip=0.5, round_grip=0.2, tuck=1.0),
    "ʋ": Shape(jaw=0.10, jaw_grip=0.7, lips_grip=0.4, round_grip=0.2, tuck=0.6),
    "θ ð": Shape(jaw=0.12, part=0.18, jaw_grip=0.9, lips_grip=0.5, round_grip=0.15, tongue=1.0),
    "t d n": Shape(jaw=0.10, part=0.16, wide=0.08, jaw_grip=0.55, lips_grip=0.3, round_grip=0.1),
    "s z": Shape(jaw=0.06, part=0.24, wide=0.18, jaw_grip=1.0, lips_grip=0.6, round_grip=0.15),
    "ʃ ʒ ɧ": Shape(jaw=0.08, part=0.06, pucker=0.28, funnel=0.42, jaw_grip=1.0, lips_grip=0.6, round_grip=0.7),
    "ʂ ʐ": Shape(jaw=0.09, part=0.10, pucker=0.14, funnel=0.28, jaw_grip=0.9, lips_grip=0.5, round_grip=0.4),
    "ɕ ʑ": Shape(jaw=0.07, part=0.22, wide=0.24, jaw_grip=0.9, lips_grip=0.6, round_grip=0.4),
    "ʈ ɖ ɳ": Shape(jaw=0.11, part=0.14, jaw_grip=0.5, lips_grip=0.3, round_grip=0.15),
    "l ɭ ɬ ɮ ɫ": Shape(jaw=0.17, part=0.16, wide=0.08, jaw_grip=0.5, lips_grip=0.3, round_grip=0.1),
    "r ɾ ɺ ɽ": Shape(jaw=0.13, part=0.16, wide=0.06, jaw_grip=0.5, lips_grip=0.3, round_grip=0.1),
    "ɹ ɻ": Shape(jaw=0.11, part=0.04, pucker=0.26, funnel=0.28, jaw_grip=0.6, lips_grip=0.4, round_grip=0.5),
    "j ʝ ç": Shape(jaw=0.10, part=0.16, wide=0.42, jaw_grip=0.7, lips_grip=0.5, round_grip=0.3),
    "c ɟ ɲ ʎ": Shape(jaw=0.11, part=0.16, wide=0.26, jaw_grip=0.5, lips_grip=0.4, round_grip=0.15),
    "ɥ": Shape(jaw=0.07, pucker=0.66, funnel=0.18, jaw_grip=0.8, lips_grip=0.8),
    "w ʍ": Shape(jaw=0.07, pucker=0.68, funnel=0.16, jaw_grip=0.8, lips_grip=0.8),
    "k ɡ g ŋ ʟ": Shape(jaw=0.14, part=0.12, wide=0.04, jaw_grip=0.35, lips_grip=0.2, round_grip=0.08),
    "x ɣ ɰ q ɢ ɴ χ ʁ ʀ": Shape(jaw=0.18, part=0.12, jaw_grip=0.35, lips_grip=0.2, round_grip=0.08),
    "h ɦ ħ ʕ ʔ": Shape(jaw=0.20, part=0.10, jaw_grip=0.08, lips_grip=0.08, round_grip=0.04),
}

SHAPES: dict[str, Shape] = _VOWELS | {
    symbol: shape for symbols, shape in _CONSONANTS.items() for symbol in symbols.split()
}
"""Simple sounds by symbol. Diphthongs and affricates are sequences of these."""

_ANY = SHAPES["k"]
_ONSET = {True: 0.6, False: 0.4}
"""Share of its time that the first part of a diphthong (True) or of an affricate (False) takes."""


def _simple(symbol: str) -> Iterator[Shape]:
    """The known sounds in a symbol from left to right, the longest first; what is no known sound is left out."""
    i = 0
    while i < len(symbol):
        for length in (2, 1):
            piece = symbol[i : i + length]
            if len(piece) == length and (shape := SHAPES.get(piece)):
                yield shape
                break
        else:
            length = 1
            if shape := SHAPES.get(unicodedata.normalize("NFD", symbol[i])[0]):
                yield shape
        i += length


@lru_cache(maxsize=1024)
def parts(symbol: str) -> tuple[tuple[Shape, float], ...]:
    """The shapes that a phone runs through, each with its share of the phone's time; the shares sum to 1.

    Marks that do not show on the lips are passed over; a symbol without any known sound is taken for a consonant that
    leaves the lips to its neighbours. Never fails; an empty symbol has no part and means silence.
    """
    if not symbol.strip():
        return ()
    found = list(_simple(unicodedata.normalize("NFC", symbol))) or [_ANY]
    if len(found) == 1:
        return ((found[0], 1.0),)
    first = _ONSET[found[0].vowel]
    rest = (1 - first) / (len(found) - 1)
    return ((found[0], first), *((shape, rest) for shape in found[1:]))
