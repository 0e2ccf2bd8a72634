"""The speech sounds that a voice may report, and how espeak-ng's spelling of them is read.

The transcription is broad: what a face shows is kept, what it cannot show is dropped. Length, tone, nasality,
aspiration, palatalisation, dental place and syllabicity go; a diphthong stays one sound, spelt as nucleus and glide
("aɪ"); an affricate stays one sound ("tʃ"). Letters are those of the International Phonetic Alphabet (2020 chart).
"""

import re
import unicodedata
from functools import lru_cache

VOWELS: frozenset[str] = frozenset("iyɨʉɯuɪʏʊeøɘɵɤoəɚɛœɜɞʌɔæɐaɶɑɒ")
"""The vowels of the IPA chart and the r-coloured schwa."""

DIPHTHONGS: frozenset[str] = frozenset(
    nucleus + glide for nucleus in "aeoɔəiuø" for glide in "ɪʊə" if nucleus + glide not in ("iɪ", "uʊ", "əə")
)
"""Eight nuclei, each gliding to a close front, a close back or a central vowel. Both letters are in VOWELS."""

CONSONANTS: frozenset[str] = frozenset(
    "pbtdʈɖcɟkɡqɢʔ"  # plosives
    "mɱnɳɲŋɴ"  # nasals
    "ʙrʀⱱɾɽ"  # trills, taps
    "ɸβfvθðszʃʒʂʐɕʑçʝxɣχʁħʕhɦɧɬɮ"  # fricatives
    "ʋɹɻjɥɰwʍlɭʎʟɫ"  # approximants and laterals
)
"""The pulmonic consonants of the IPA chart and its "other symbols"."""

AFFRICATES: frozenset[str] = frozenset(("ts", "dz", "tʃ", "dʒ", "tʂ", "dʐ", "tɕ", "dʑ", "pf"))

INVENTORY: frozenset[str] = VOWELS | DIPHTHONGS | CONSONANTS | AFFRICATES
"""Every symbol that a Phone can bear."""

STOPS: frozenset[str] = frozenset("pbtdʈɖcɟkɡqɢʔ") | AFFRICATES
"""Sounds that begin with a closed mouth or throat, often in silence."""

SONORANTS: frozenset[str] = frozenset("mɱnɳɲŋɴʙrʀɾɽʋɹɻjɥɰwlɭʎʟɫ")
"""Nasals, trills, taps, approximants and laterals: consonants that are voiced throughout."""

ARPABET: dict[str, str] = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AX": "ə", "AXR": "ɚ", "AY": "aɪ",
    "EH": "ɛ", "ER": "ɚ", "EY": "eɪ", "IH": "ɪ", "IX": "ɨ", "IY": "i", "OW": "oʊ", "OY": "ɔɪ",
    "UH": "ʊ", "UW": "u", "UX": "ʉ",
    "B": "b", "CH": "tʃ", "D": "d", "DH": "ð", "DX": "ɾ", "EL": "l", "EM": "m", "EN": "n", "F": "f", "G": "ɡ",
    "HH": "h", "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "NX": "ɾ", "P": "p", "Q": "ʔ",
    "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "V": "v", "W": "w", "WH": "ʍ", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
"""ARPAbet's two-letter codes, without stress digits, in the same symbols: for aligned corpora."""

_DIACRITICS = dict.fromkeys([*(set(range(0x300, 0x370)) - {0x327}), ord("ː"), ord("ˑ"), ord("ˈ"), ord("ˌ")])
"""What is dropped: the combining marks but for the cedilla, which makes ç; length and stress."""

_ALIASES = {
    "s.": "ʂ", "z.": "ʐ", "r.": "ɽ", "i.": "ɨ", 'u"': "ʉ", "nɡ": "ŋ", "oe": "œ", "sx": "ɧ", "hs": "s", "ht": "t",
    "ʈʂ": "tʂ", "ɖʐ": "dʐ",
}  # fmt: skip
"""Other spellings, most of them names that espeak-ng 1.52 gives instead of IPA to sounds of Mandarin, Russian,
Cantonese, Swedish and Burmese."""

_LETTERS = str.maketrans({
    "g": "ɡ", "ʦ": "ts", "ʣ": "dz", "ʧ": "tʃ", "ʤ": "dʒ", "ʨ": "tɕ", "ʥ": "dʑ", "ɗ": "d", "ɓ": "b", "ɠ": "ɡ",
    "ᵻ": "ɨ", "ɝ": "ɚ", "ε": "ɛ", "Φ": "ɸ",  # the last two are Greek letters
    "?": "ʔ", "A": "ɑ", "K": "k", "N": "ŋ", "S": "ʃ", "Z": "ʒ", "X": "χ",  # ASCII where a voice file has no IPA
})  # fmt: skip

_LONE_MODIFIERS = str.maketrans("ʲʰʷᵐⁿᵑ", "jhwmnŋ")
"""A modifier letter that is a sound of its own, as in Japanese "kyo"."""

_NUCLEUS = {v: n for n, vowels in {
    "a": "aɑɐʌæɶ", "e": "eɛ", "o": "oɤɵ", "ɔ": "ɔɒ", "ə": "əɘɜɞɚ", "i": "iɪɨ", "u": "uʊʉɯyʏ", "ø": "øœ",
}.items() for v in vowels}  # fmt: skip
_GLIDE = {v: g for g, vowels in {"ɪ": "iɪyʏɨeɛøœ", "ʊ": "uʊʉɯo", "ə": "əɐɚ"}.items() for v in vowels}
_SEMIVOWEL = {"i": "j", "y": "ɥ", "u": "w"}
_CLOSE_OR_CENTRAL = frozenset("iyɨʉɯuɪʏʊə")

_SOUND = re.compile("|".join(sorted(AFFRICATES)) + f"|[{''.join(VOWELS)}]+|[{''.join(CONSONANTS)}]")
_POST_ASPIRATION = re.compile("(?<=[ptkcqsʂɕʃ])_?h")


@lru_cache(maxsize=2000)
def read(name: str) -> tuple[str, ...]:
    """The sounds, each of INVENTORY, that espeak-ng's name for a phoneme stands for; none for a pause or no sound.

    Most names are one sound; "əl", "ɑːɹ" or the Mandarin "iɛ" are two.
    """
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).translate(_DIACRITICS))
    for alias, letters in _ALIASES.items():
        text = text.replace(alias, letters)
    text = _POST_ASPIRATION.sub("", text.translate(_LETTERS))
    text = re.sub(r"(.)\1+", r"\1", text)
    sounds = [s for run in _SOUND.findall(text) for s in (_vowels(run) if run[0] in VOWELS else [run])]
    return tuple(sounds or _SOUND.findall(name.translate(_LONE_MODIFIERS)))


def _vowels(run: str) -> list[str]:
    """Splits letters that follow each other within one vowel into glides, diphthongs and single vowels."""
    if len(run) < 2:
        return list(run)
    if run[0] in _SEMIVOWEL and run[1] not in _CLOSE_OR_CENTRAL:
        return [_SEMIVOWEL[run[0]], *_vowels(run[1:])]
    pair = _NUCLEUS[run[0]] + _GLIDE.get(run[1], "")
    if pair in DIPHTHONGS:
        return [pair, *_vowels(run[2:])]
    return [run[0], *_vowels(run[1:])]


def stress(name: str) -> int:
    """The stress in espeak-ng's name for a phoneme: 1 primary, 2 secondary, 0 none."""
    return 1 if "ˈ" in name else 2 if "ˌ" in name else 0


def is_vowel(symbol: str) -> bool:
    """Whether a symbol of INVENTORY is a vowel or a diphthong."""
    return symbol[0] in VOWELS
