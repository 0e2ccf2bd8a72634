"""The numbers that make a person: a named, bounded vector from which everything else follows.

A later model writes this vector from words or a photo, so every entry is a number or a colour, has bounds, and any
vector inside the bounds gives an undamaged character. Multipliers are relative to the default person.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]


class ParamsError(ValueError):
    """A parameter that is unknown, of the wrong kind or out of bounds; the message names field and bounds."""


def _number(default: float, low: float, high: float, doc: str) -> Any:
    return dataclasses.field(default=default, metadata={"low": low, "high": high, "doc": doc})


def _choice(default: str, options: tuple[str, ...], doc: str) -> Any:
    return dataclasses.field(default=default, metadata={"options": options, "doc": doc})


def _colour(default: str, doc: str) -> Any:
    return dataclasses.field(default=default, metadata={"colour": True, "doc": doc})


HAIR_STYLES = ("long", "bob", "twintails", "ponytail", "short")
BANGS = ("full", "parted", "swept")
OUTFITS = ("sailor", "hoodie", "blazer")
LOWERS = ("skirt", "trousers")


@dataclass(frozen=True, slots=True)
class Params:
    """One person. `Params.fields()` lists every entry with its bounds and meaning."""

    head_size: float = _number(1.0, 0.92, 1.08, "whole head, multiplier")
    face_width: float = _number(1.0, 0.93, 1.07, "cheeks and temples, multiplier")
    face_length: float = _number(1.0, 0.94, 1.06, "eyes to chin, multiplier")
    jaw_width: float = _number(0.95, 0.85, 1.15, "corners of the jaw, multiplier")
    cheek_fullness: float = _number(0.5, 0.0, 1.0, "0 lean, 1 round cheeks")
    chin_point: float = _number(0.75, 0.0, 1.0, "0 round, 1 pointed chin")

    eye_width: float = _number(1.0, 0.88, 1.12, "opening between the corners, multiplier")
    eye_height: float = _number(1.0, 0.75, 1.12, "opening between the lids, multiplier")
    eye_spacing: float = _number(1.0, 0.95, 1.06, "distance between the eyes, multiplier")
    eye_level: float = _number(0.0, -0.4, 0.4, "height of the eyes, cm")
    eye_tilt: float = _number(0.0, -1.0, 1.0, "-1 drooping, 1 cat-like outer corners")
    iris_size: float = _number(1.0, 0.85, 1.12, "iris, multiplier")
    pupil_size: float = _number(1.0, 0.7, 1.3, "pupil, multiplier")
    lash_length: float = _number(0.6, 0.0, 1.0, "0 short, 1 long lashes")
    eye_colour: str = _colour("#2aa7b8", "middle of the iris")
    eye_glow: str = _colour("#8df0d8", "lower rim of the iris, where the light gathers")

    brow_height: float = _number(0.0, -0.5, 0.5, "cm above the usual place")
    brow_tilt: float = _number(0.0, -1.0, 1.0, "-1 worried, 1 determined")
    brow_thickness: float = _number(1.0, 0.6, 1.7, "multiplier")
    brow_length: float = _number(1.0, 0.8, 1.15, "multiplier")

    nose_length: float = _number(1.0, 0.6, 1.5, "how far the tip stands out, multiplier")
    nose_width: float = _number(1.0, 0.8, 1.4, "multiplier")
    nose_level: float = _number(0.0, -0.3, 0.3, "height of the tip, cm")

    mouth_width: float = _number(1.0, 0.82, 1.22, "between the corners at rest, multiplier")
    mouth_level: float = _number(0.0, -0.3, 0.3, "height of the mouth, cm")
    mouth_curve: float = _number(0.75, -0.3, 1.0, "resting corners: -0.3 pouting, 1 smiling")
    lip_fullness: float = _number(0.5, 0.0, 1.0, "0 a drawn line, 1 full lips")
    lip_colour: str = _colour("#e58c8c", "tint of the lips")

    skin_colour: str = _colour("#ffe6d9", "lit skin")
    blush: float = _number(0.55, 0.0, 1.0, "0 none, 1 rosy cheeks")

    hair_style: str = _choice("long", HAIR_STYLES, "cut of the hair")
    bangs: str = _choice("full", BANGS, "cut over the forehead")
    hair_length: float = _number(1.0, 0.7, 1.25, "multiplier of the style's length")
    hair_volume: float = _number(0.6, 0.0, 1.0, "0 sleek, 1 big")
    ahoge: float = _number(0.35, 0.0, 1.0, "the lock that stands up: 0 none, 1 long")
    hair_wave: float = _number(0.5, 0.0, 1.0, "0 straight, 1 wavy")
    hair_colour: str = _colour("#8f7fd6", "hair")
    hair_tips: str = _colour("#f0a6cf", "the ends of the hair")

    outfit: str = _choice("sailor", OUTFITS, "clothes above the waist")
    top_colour: str = _colour("#fdf8f1", "upper garment")
    skirt_colour: str = _colour("#3a4272", "skirt or trousers, collar and jacket")
    accent_colour: str = _colour("#f0666f", "ribbon and trims")
    sock_colour: str = _colour("#2f3457", "socks")
    shoe_colour: str = _colour("#6b4038", "shoes")

    height: float = _number(1.0, 0.9, 1.08, "whole body, multiplier of 1.6 m")
    shoulder_width: float = _number(1.0, 0.9, 1.2, "multiplier")
    bust: float = _number(0.45, 0.0, 1.0, "0 flat, 1 full")
    waist: float = _number(1.0, 0.88, 1.15, "multiplier")
    hips: float = _number(1.0, 0.9, 1.12, "multiplier")
    leg_thickness: float = _number(1.0, 0.88, 1.15, "multiplier")
    frame: float = _number(0.0, 0.0, 1.0, "0 slender with a waist, 1 broad and straight with a strong neck")
    lower: str = _choice("skirt", LOWERS, "clothes below the waist")

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, _checked(field, getattr(self, field.name)))

    @classmethod
    def fields(cls) -> tuple["dataclasses.Field[Any]", ...]:
        """Every entry; `metadata` holds `doc` and `low`/`high`, `options` or `colour`."""
        return dataclasses.fields(cls)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Params":
        """Missing entries take the default. Raises ParamsError for an unknown name or a bad value."""
        known = [field.name for field in cls.fields()]
        for name in values:
            if name not in known:
                raise ParamsError(f"unknown parameter {name!r}; known are {', '.join(known)}")
        return cls(**values)

    @classmethod
    def from_json(cls, text: str) -> "Params":
        """The inverse of `to_json`. Raises ParamsError."""
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise ParamsError(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
        except (ValueError, RecursionError) as error:  # a number of thousands of digits, lists in lists
            raise ParamsError(f"not JSON of parameters: {error}") from None
        if not isinstance(values, dict):
            raise ParamsError(f"expected a JSON object of parameters, got {type(values).__name__}")
        return cls.from_mapping(values)

    def to_json(self) -> str:
        """Every entry, in the order of the class."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def random(cls, seed: int) -> "Params":
        """A person by chance, the same for the same seed; see `bridge.avatar.chance` for how colours harmonise."""
        from bridge.avatar.chance import random_values

        return cls.from_mapping(random_values(seed))


def _checked(field: "dataclasses.Field[Any]", value: Any) -> float | str:
    meta = field.metadata
    if "options" in meta:
        if value not in meta["options"]:
            raise ParamsError(f"{field.name} must be one of {', '.join(meta['options'])}, got {value!r}")
        return str(value)
    if "colour" in meta:
        return _checked_colour(field.name, value)
    low, high = meta["low"], meta["high"]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ParamsError(f"{field.name} must be a number from {low} to {high}, got {value!r}")
    if not low <= value <= high:  # NaN fails too
        raise ParamsError(f"{field.name} must be from {low} to {high}, got {value}")
    return float(value)


def _checked_colour(name: str, value: Any) -> str:
    digits = value[1:] if isinstance(value, str) and value.startswith("#") else ""
    if len(digits) != 6 or any(c not in "0123456789abcdefABCDEF" for c in digits):
        raise ParamsError(f"{name} must be a colour such as '#ffe6d9' (each channel 00 to ff), got {value!r}")
    return str(value).lower()


def rgb(colour: str) -> Vector:
    """(3,) sRGB in 0..1 of a checked `#rrggbb`."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


DEFAULT = Params()
