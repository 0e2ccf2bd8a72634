"""What a header asks for, and what it must not."""

import math
from typing import Any

import numpy as np
import pytest

from bridge.a2f.emotions import NAMES
from bridge.a2f.request import BLEND_SHAPES, FACE, MEANINGLESS, UNKNOWN, read
from bridge.session import Code, RefusedError
from rigcast.a2f.v1 import a2f_pb2 as pb
from tests.serving_a2f import header

FORM = {"kind": 0, "channels": 1, "rate": 16_000, "bits_per_sample": 16}


def refusal(**more: Any) -> str:
    with pytest.raises(RefusedError) as found:
        read(header(**more).header)
    assert found.value.code is Code.INVALID_ARGUMENT
    return str(found.value)


def test_blend_shapes_are_arkit_s_in_their_order_and_spelling() -> None:
    assert len(BLEND_SHAPES) == 52
    assert BLEND_SHAPES[:3] == ("EyeBlinkLeft", "EyeLookDownLeft", "EyeLookInLeft")
    assert BLEND_SHAPES[17:19] == ("JawOpen", "MouthClose")
    assert BLEND_SHAPES[-2:] == ("NoseSneerRight", "TongueOut")


def test_what_is_left_out_is_at_its_default() -> None:
    asked = read(header().header)
    assert asked.rate == 16_000
    assert asked.face == {name: default for name, (_, _, default) in FACE.items()}
    assert (asked.gains == 1).all()
    assert (asked.offsets == 0).all()
    assert asked.treatment.strength == 1
    assert asked.shows_given
    assert not asked.clamped
    assert not asked.ignored


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": 1}, "audio_header.audio_format"),
        ({"channels": 2}, "audio_header.channel_count"),
        ({"channels": 0}, "audio_header.channel_count"),
        ({"bits_per_sample": 32}, "audio_header.bits_per_sample"),
        ({"rate": 8_000}, "audio_header.samples_per_second"),
        ({"rate": 192_000}, "audio_header.samples_per_second"),
    ],
)
def test_sound_that_cannot_be_heard_is_refused(wrong: dict[str, int], field: str) -> None:
    with pytest.raises(RefusedError, match=f"^{field}: is {next(iter(wrong.values()))};"):
        read(pb.ClientHeader(sound_format=pb.SoundFormat(**FORM | wrong)))


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000, 144_000])
def test_usual_rates_are_taken(rate: int) -> None:
    assert read(header(rate).header).rate == rate


def test_multipliers_and_offsets_go_by_name_and_others_are_told() -> None:
    weighting = pb.Weighting(multipliers={"JawOpen": 1.5, "TongueTipUp": 1}, offsets={"MouthClose": -0.25})
    asked = read(header(weighting=weighting).header)
    assert asked.gains[17] == 1.5
    assert asked.offsets[18] == -0.25
    assert (asked.gains != 1).sum() == (asked.offsets != 0).sum() == 1
    assert asked.ignored == {UNKNOWN}


def test_parameters_beyond_their_range_count_as_the_nearest() -> None:
    face = pb.FaceParameters(floats={"skinStrength": 7.0, "eyelidOpenOffset": -3.0})
    asked = read(header(face=face).header)
    assert asked.face["skinStrength"] == 2
    assert asked.face["eyelidOpenOffset"] == -1


def test_what_has_no_meaning_is_named_and_what_is_unknown_is_not() -> None:
    face = pb.FaceParameters(
        floats={"faceMaskLevel": 0.6, "tongueDepthOffset": 0.1, "rm -rf": 1, "skinStrength": 1},
        integers={"whatever": 3},
        float_arrays={"more": pb.Floats(values=[1])},
    )
    treatment = pb.EmotionTreatment(contrast=1, strength=0.6)
    asked = read(header(face=face, emotion_treatment=treatment).header)
    assert asked.ignored == {"faceMaskLevel", "tongueDepthOffset", "emotion_contrast", UNKNOWN}
    assert asked.ignored <= {*MEANINGLESS, UNKNOWN}
    assert asked.treatment.strength == pytest.approx(0.6)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_what_is_no_number_is_refused(number: float) -> None:
    assert "no number" in refusal(face=pb.FaceParameters(floats={"skinStrength": number}))
    assert "no number" in refusal(weighting=pb.Weighting(multipliers={"JawOpen": number}))
    assert "no number" in refusal(weighting=pb.Weighting(offsets={"NoSuchShape": number}))
    assert "no number" in refusal(emotion_treatment=pb.EmotionTreatment(strength=number))


@pytest.mark.parametrize("share", [-0.1, 1.5, math.nan])
def test_shares_of_emotions_are_held_to_their_range(share: float) -> None:
    words = refusal(emotion_start=pb.EmotionStart(shares={"joy": share}))
    assert words.startswith("emotion_params.beginning_emotion: joy is ")


def test_the_beginning_and_the_transition_are_read() -> None:
    start = pb.EmotionStart(transition=0.0001, shares={"fear": 0.5, "boredom": 1.0})
    asked = read(header(emotion_start=start, emotion_treatment=pb.EmotionTreatment(prefer_given=False)).header)
    assert asked.treatment.transition == 0.1
    assert not asked.shows_given
    assert np.flatnonzero(asked.beginning).tolist() == [NAMES.index("fear")]
