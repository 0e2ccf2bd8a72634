"""The parameter vector: bounds, kind errors, chance."""

import dataclasses
import json

import pytest

from bridge.avatar import DEFAULT, Params, ParamsError


def test_defaults_lie_within_their_own_bounds() -> None:
    for field in Params.fields():
        if "low" in field.metadata:
            assert field.metadata["low"] <= field.default <= field.metadata["high"], field.name
            assert field.metadata["low"] < field.metadata["high"]


def test_every_entry_is_documented() -> None:
    assert all(field.metadata["doc"] for field in Params.fields())


def test_json_gives_the_same_person_back() -> None:
    person = Params.random(7)
    assert Params.from_json(person.to_json()) == person


def test_what_is_left_out_keeps_its_default() -> None:
    assert Params.from_json('{"eye_tilt": 0.5}') == dataclasses.replace(DEFAULT, eye_tilt=0.5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"eye_width": 3}', ("eye_width", "0.88", "1.12", "3")),
        ('{"eye_width": "big"}', ("eye_width", "number", "'big'")),
        ('{"eye_width": true}', ("eye_width", "number")),
        ('{"eye_width": NaN}', ("eye_width", "nan")),
        ('{"eye_width": null}', ("eye_width", "None")),
        ('{"hair_style": "mullet"}', ("hair_style", "bob", "mullet")),
        ('{"hair_style": ["bob"]}', ("hair_style", "bob")),
        ('{"skin_colour": "pink"}', ("skin_colour", "#", "pink")),
        ('{"skin_colour": "#12345"}', ("skin_colour", "#12345")),
        ('{"skin_colour": 255}', ("skin_colour", "255")),
        ('{"eyes": 1}', ("eyes", "eye_width")),
        ("[1]", ("object", "list")),
        ('{"eye_width": 1', ("not JSON", "line 1")),
    ],
)
def test_errors_name_the_field_and_the_bounds(text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(ParamsError) as error:
        Params.from_json(text)
    for word in words:
        assert word in str(error.value)


def test_chance_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    people = [Params.random(seed) for seed in range(20)]
    assert people[3] == Params.random(3)
    assert len({person.to_json() for person in people}) == 20


def test_to_json_is_plain() -> None:
    assert set(json.loads(DEFAULT.to_json())) == {field.name for field in Params.fields()}
