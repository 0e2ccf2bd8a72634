import pytest

from bridge.face.shapes import SHAPES, Shape, parts
from bridge.speech.phones import AFFRICATES, ARPABET, DIPHTHONGS, INVENTORY, VOWELS


@pytest.mark.parametrize("symbol", sorted(INVENTORY | set(ARPABET.values())))
def test_every_sound_of_the_inventory_has_its_own_shape(symbol: str) -> None:
    shapes = parts(symbol)
    assert len(shapes) == (2 if symbol in DIPHTHONGS | AFFRICATES else 1)
    assert sum(share for _, share in shapes) == pytest.approx(1)
    assert all(letter in SHAPES for letter in symbol)
    assert all(shape.vowel == (letter in VOWELS) for letter, (shape, _) in zip(symbol, shapes, strict=True))


@pytest.mark.parametrize("shape", SHAPES.values())
def test_shapes_stay_within_bounds_and_every_organ_is_held(shape: Shape) -> None:
    assert all(0 <= value <= 1 for value in shape)
    assert min(shape.jaw_grip, shape.lips_grip, shape.round_grip) > 0
    assert shape.pucker <= 0.8
    assert shape.funnel <= 0.8


@pytest.mark.parametrize(
    ("spelt", "known"),
    [("aː", "a"), ("tʰ", "t"), ("n̩", "n"), ("i˥", "i"), ("o̞", "o"), ("ẽ", "e"), ("t͡ʃ", "tʃ"), ("ɡʷ", "ɡ"), ("ç", "ç")],
)
def test_marks_that_do_not_show_on_the_lips_are_passed_over(spelt: str, known: str) -> None:
    assert parts(spelt) == parts(known)


def test_a_nasal_vowel_with_a_shape_of_its_own_keeps_it() -> None:
    assert parts("ɔ̃")[0][0] == SHAPES["ɔ̃"] != SHAPES["ɔ"]


@pytest.mark.parametrize("symbol", ["?", "☃", "汉", "\u0303", "q͡χ" * 40, "x\x00"])
def test_an_unknown_symbol_still_gets_a_mouth(symbol: str) -> None:
    assert parts(symbol)


def test_silence_has_no_shape() -> None:
    assert parts("") == parts(" ") == ()


@pytest.mark.parametrize(
    ("rounded", "spread"),
    [("y", "i"), ("ø", "e"), ("œ", "ɛ"), ("u", "ɯ"), ("o", "ɤ"), ("ɥ", "j"), ("ʃ", "ɕ"), ("ʂ", "s")],
)
def test_lip_rounding_tells_pairs_apart(rounded: str, spread: str) -> None:
    a, b = SHAPES[rounded], SHAPES[spread]
    assert a.pucker + a.funnel > b.pucker + b.funnel + 0.3
    assert a.wide < b.wide + 0.05
    assert a.round_grip >= 0.4


@pytest.mark.parametrize("heights", ["ieɛæ", "ieɛa", "uoɔɑ", "yøœɶ", "ɯɤʌɑ"])
def test_the_jaw_falls_with_the_height_of_the_vowel(heights: str) -> None:
    jaws = [SHAPES[vowel].jaw for vowel in heights]
    assert jaws == sorted(jaws)
    assert jaws[-1] > jaws[0] + 0.2
