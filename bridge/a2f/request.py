"""What a client's header asks for, checked: how its sound is written, and how it wants the face.

Numbers beyond a parameter's range count as the nearest within it, as in those clients' own sliders; what is no number
is refused. What has no meaning here is left out, and told.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from bridge.a2f.emotions import LONGEST, NAMES, SHORTEST, Treatment, row
from bridge.curves import CURVES
from bridge.session import Code, RefusedError
from bridge.skeleton import Array
from rigcast.a2f.v1 import a2f_pb2

BLEND_SHAPES: tuple[str, ...] = tuple(name[0].upper() + name[1:] for name in CURVES)
"""ARKit's 52 as these clients spell them, in the order in which every frame carries them."""

RATES = 16_000, 144_000
"""Hz, from to; as in the reference service, like the limits of `bridge.a2f.clip`."""

BITS = 16

FACE: dict[str, tuple[float, float, float]] = {
    "upperFaceStrength": (0, 2, 1),
    "lowerFaceStrength": (0, 2, 1),
    "skinStrength": (0, 2, 1),
    "tongueStrength": (0, 3, 1),
    "blinkStrength": (0, 2, 1),
    "blinkOffset": (-1, 1, 0),
    "eyelidOpenOffset": (-1, 1, 0),
    "lipOpenOffset": (-0.2, 0.2, 0),
    "upperFaceSmoothing": (0, 0.1, 0),
    "lowerFaceSmoothing": (0, 0.1, 0),
}
"""Parameters of the face that mean something here: the lowest, the highest, and what it is when nothing is asked."""

MEANINGLESS = (
    "faceMaskLevel", "faceMaskSoftness", "tongueHeightOffset", "tongueDepthOffset",
    "emotion_contrast", "live_blend_coef",
)  # fmt: skip
"""What those clients set and nothing here could follow: our regions have no soft border, our tongue has one shape, and
emotions are given, not heard."""

UNKNOWN = "names that are none of ours"
"""Stands for all other names: what a client writes is neither logged nor kept."""

_WIDEST = 1000.0
"""A multiplier or an offset has no use beyond this, up or down."""


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A header. rate in Hz. face: a number for every name of FACE. gains, offsets (52,). shows_given: whether emotions
    given with the sound show. ignored: what it asked for in vain, names of MEANINGLESS or UNKNOWN."""

    rate: int
    face: Mapping[str, float]
    treatment: Treatment
    beginning: Array
    shows_given: bool
    gains: Array
    offsets: Array
    clamped: bool
    ignored: frozenset[str]


def read(header: a2f_pb2.ClientHeader) -> Request:
    """What a header asks for. Raises RefusedError, naming the field as those clients know it."""
    _check_format(header.sound_format)
    weighting, emotions, floats = header.weighting, header.emotion_treatment, header.face.floats
    numbers = {name: number(f"face_params.{name}", floats[name], *FACE[name][:2]) for name in FACE if name in floats}
    return Request(
        rate=header.sound_format.rate,
        face={name: default for name, (_, _, default) in FACE.items()} | numbers,
        treatment=_treatment(header),
        beginning=shares("emotion_params.beginning_emotion", header.emotion_start.shares),
        shows_given=not emotions.HasField("prefer_given") or emotions.prefer_given,
        gains=_per_curve("bs_weight_multipliers", weighting.multipliers, 1),
        offsets=_per_curve("bs_weight_offsets", weighting.offsets, 0),
        clamped=weighting.clamped,
        ignored=_ignored(header),
    )


def _check_format(given: a2f_pb2.SoundFormat) -> None:
    """Whether we can hear it. Raises RefusedError."""
    if given.kind:
        raise bad("audio_header.audio_format", f"is {given.kind}; only PCM (0) is heard")
    if given.channels != 1:
        raise bad("audio_header.channel_count", f"is {given.channels}; send one channel")
    if given.bits_per_sample != BITS:
        raise bad("audio_header.bits_per_sample", f"is {given.bits_per_sample}; send {BITS}-bit integers")
    low, high = RATES
    if not low <= given.rate <= high:
        raise bad("audio_header.samples_per_second", f"is {given.rate}; send {low} to {high}")


def _treatment(header: a2f_pb2.ClientHeader) -> Treatment:
    emotions, start = header.emotion_treatment, header.emotion_start
    field, default, strength = "emotion_post_processing_params", Treatment(), 1.0
    if emotions.HasField("strength"):
        strength *= number(f"{field}.emotion_strength", emotions.strength, 0, 1)
    if emotions.HasField("given_strength"):
        strength *= number(f"{field}.preferred_emotion_strength", emotions.given_strength, 0, 1)
    most = min(max(emotions.most, 0), len(NAMES)) if emotions.HasField("most") else default.most
    transition = default.transition
    if start.HasField("transition"):
        transition = number("emotion_params.live_transition_time", start.transition, SHORTEST, LONGEST)
    return Treatment(strength, most, transition)


def _per_curve(field: str, given: Mapping[str, float], default: float) -> Array:
    """A number for each curve, by their names."""
    named = {name: number(f"blendshape_params.{field}", value, -_WIDEST, _WIDEST) for name, value in given.items()}
    return np.array([named.get(name, default) for name in BLEND_SHAPES], np.float32)


def _ignored(header: a2f_pb2.ClientHeader) -> frozenset[str]:
    face, emotions, weighting = header.face, header.emotion_treatment, header.weighting
    asked = [*face.floats, *face.integers, *face.float_arrays]
    asked += [theirs for theirs, ours in _TREATMENTS.items() if emotions.HasField(ours)]
    shapes = [*weighting.multipliers, *weighting.offsets]
    return frozenset(
        name if name in MEANINGLESS else UNKNOWN for name in _beside(FACE, asked) + _beside(BLEND_SHAPES, shapes)
    )


_TREATMENTS = {"emotion_contrast": "contrast", "live_blend_coef": "blending"}


def _beside(known: Iterable[str], names: list[str]) -> list[str]:
    known = set(known)
    return [name for name in names if name not in known]


def shares(field: str, given: Mapping[str, float]) -> Array:
    """Shares of emotions by name as a row of `emotions.NAMES`. Raises RefusedError where one is not within 0..1."""
    for name, value in given.items():
        if not 0 <= value <= 1:
            which = name if name in NAMES else "one of them"
            raise bad(field, f"{which} is {value:g}; emotions go from 0 to 1")
    return row(dict(given))


def number(field: str, value: float, low: float, high: float) -> float:
    """The number nearest to it within low..high. Raises RefusedError where it is none."""
    if not math.isfinite(value):
        raise bad(field, f"{value} is no number")
    return min(max(value, low), high)


def bad(field: str, words: str) -> RefusedError:
    """A refusal of what the client sent."""
    return RefusedError(Code.INVALID_ARGUMENT, words, field=field)
