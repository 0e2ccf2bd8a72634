"""The speech sounds that a voice may report, and how espeak-ng's spelling of them is read.

The transcription is broad: what a face shows is kept, what it cannot show is dropped. Length, tone, nasality, aspiration,
palatalisation, place within the teeth and syllabicity go; a diphthong stays one sound, spelt as nucleus and glide ("aɪ");
an affricate stays one sound ("tʃ"). Every symbol is made of letters of the International Phonetic Alphabet (2020 chart).
"""


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

ARPABET: dict[str, str] = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AX": "ə", "AXR": "ɚ", "AY": "aɪ",
    "EH": "ɛ", "ER": "ɚ", "EY": "eɪ", "IH": "ɪ", "IX": "ɨ", "IY": "i", "OW": "oʊ", "OY": "ɔɪ",
    "UH": "ʊ", "UW": "u", "UX": "ʉ",
    "B": "b", "CH": "tʃ", "D": "d", "DH": "ð", "DX": "ɾ", "EL": "l", "EM": "m", "EN": "n", "F": "f", "G": "ɡ",
    "HH": "h", "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "NX": "ɾ", "P": "p", "Q": "ʔ",
    "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "V": "v", "W": "w", "WH": "ʍ", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
"""ARPAbet without stress digits (Wikipedia's table of the two-letter codes) in the same symbols, for aligned corpora."""
