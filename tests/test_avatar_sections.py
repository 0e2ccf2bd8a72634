"""No lid and no lip passes through another: every curve alone at 1, and what is usual together."""

import numpy as np
import pytest
from avatar_people import PEOPLE, subject_of
from avatar_sections import lids_stick_through, lips_stick_through, own_loop, shorter_tail

from bridge.avatar.expressions import LIDS, layered
from bridge.avatar.vrm import PRESETS
from bridge.curves import CURVES
from bridge.face.emotion import EMOTIONS, expression
from bridge.face.mouth import Posture, pose
from bridge.face.shapes import SHAPES

BOUND = 0.1
"""Millimetres of a lip or lid that may stick through another; a picture element of the head filling a screen."""

Weights = dict[str, float]


def named(row: np.ndarray) -> Weights:
    """The curves of a row that are not 0."""
    return {curve: float(weight) for curve, weight in zip(CURVES, row, strict=True) if weight}


def sounds() -> dict[str, Weights]:
    """The mouth of every sound of speech, held."""
    table = np.array(list(SHAPES.values()), float)
    column = dict(zip(next(iter(SHAPES.values()))._fields, table.T, strict=True))
    rows = pose(Posture(**{name: column[name] for name in Posture._fields}))
    return dict(zip(SHAPES, map(named, rows), strict=True))


def mixed(*layers: Weights) -> Weights:
    """The sum of layers within 0..1, with both sides of a curve named."""
    total: Weights = {}
    for layer in layers:
        for name, weight in layer.items():
            total[name] = min(total.get(name, 0.0) + weight, 1.0)
    return total


ALONE: dict[str, Weights] = {curve: {curve: 1} for curve in CURVES}
FEELINGS: dict[str, Weights] = {name: named(expression(name)) for name in EMOTIONS}
VRM = {f"preset {name}": weights for name, weights in PRESETS.items()}
SPEECH = {f"/{symbol}/": weights for symbol, weights in sounds().items()}
TOGETHER: list[Weights] = [
    {"jawOpen": 1, "mouthClose": 1},
    {"jawOpen": 0.5, "mouthClose": 0.5},
    {"jawOpen": 0.6, "mouthClose": 0.3},
    {"jawOpen": 1, "mouthSmile": 1},
    {"jawOpen": 1, "mouthFunnel": 1},
    {"jawOpen": 0.3, "mouthPucker": 1},
    {"jawOpen": 0.3, "mouthFrown": 1},
    {"jawOpen": 0.5, "mouthLeft": 1},
    {"jawOpen": 0.6, "tongueOut": 1},
    {"mouthPucker": 1, "mouthFunnel": 1},
    {"mouthPucker": 1, "mouthSmile": 1},
    {"mouthSmile": 1, "mouthDimple": 1},
    {"mouthSmile": 1, "mouthClose": 0.5},
    {"mouthSmile": 1, "mouthLeft": 1},
    {"mouthStretch": 1, "mouthFrown": 1},
    {"mouthPress": 1, "mouthRollLower": 1, "mouthRollUpper": 1},
    {"mouthRollLower": 1, "mouthRollUpper": 1},
    {"mouthLowerDown": 1, "mouthRollLower": 1},
    {"mouthUpperUp": 1, "mouthRollUpper": 1},
    {"mouthShrugLower": 1, "mouthShrugUpper": 1},
    {"mouthFrown": 1, "mouthShrugLower": 1},
    {"noseSneer": 1, "mouthSmile": 1},
    {"noseSneer": 1, "mouthUpperUp": 1, "mouthFrown": 1},
    {"cheekPuff": 1, "mouthPucker": 1},
    {"eyeBlink": 1, "mouthSmile": 1, "cheekSquint": 1},
    {"eyeBlink": 1, "eyeSquint": 1, "cheekSquint": 1},
    {"eyeBlink": 0.6, "eyeSquint": 1},
    {"eyeBlink": 1, "eyeWide": 1},
    {"eyeBlink": 1, "eyeLookDown": 1},
    {"eyeBlink": 1, "eyeLookUp": 1},
    {"eyeBlink": 1, "browDown": 1},
    {"eyeBlink": 1, "browInnerUp": 1, "browOuterUp": 1},
    {"eyeBlinkLeft": 1, "mouthSmileLeft": 1, "cheekSquintLeft": 1},
    {"eyeWide": 1, "eyeSquint": 1},
]
USUAL: dict[str, Weights] = {
    **FEELINGS,
    **VRM,
    **{str(weights): weights for weights in TOGETHER},
    **{
        f"{name}, blinking": mixed(feeling, {"eyeBlinkLeft": 1, "eyeBlinkRight": 1})
        for name, feeling in FEELINGS.items()
    },
}
TALKING = SPEECH | {
    f"{name} {symbol}": mixed(FEELINGS[name], SPEECH[symbol])
    for name in ("happy", "sad", "angry", "surprised")
    for symbol in ("/m/", "/f/", "/a/", "/u/", "/i/")
}


@pytest.mark.parametrize("who", PEOPLE)
def test_no_curve_alone_makes_lids_or_lips_pass_through_each_other(who: str) -> None:
    assert worst(who, ALONE) < BOUND


@pytest.mark.parametrize("who", PEOPLE)
def test_nor_do_moods_presets_and_what_is_usual_together(who: str) -> None:
    assert worst(who, USUAL) < BOUND


@pytest.mark.parametrize("who", PEOPLE)
def test_nor_does_speech_in_any_mood(who: str) -> None:
    assert worst(who, TALKING) < BOUND


def worst(who: str, poses: dict[str, Weights]) -> float:
    """The millimetres of the worst pose; tells which poses are above the bound."""
    subject = subject_of(who)
    found = {}
    for name, weights in poses.items():
        posed = subject.posed(**weights)
        found[name] = max(lips_stick_through(posed), lids_stick_through(posed))
    print({name: round(depth, 2) for name, depth in found.items() if depth >= BOUND})
    return max(found.values())


def line(*points: tuple[float, float]) -> np.ndarray:
    """One plane's cut: y and z from the free edge outwards."""
    return np.array(points, float)[None]


def test_the_measure_finds_how_far_an_edge_sticks_through() -> None:
    upper = line((0.0, 0.0), (1.0, 0.0))
    assert shorter_tail(upper, line((0.3, 0.2), (0.3, -1.0))) == pytest.approx(0.2)
    assert shorter_tail(upper, line((0.1, 0.5), (0.1, -1.0))) == pytest.approx(0.1)


def test_the_measure_lets_lips_touch_and_overlap() -> None:
    upper = line((0.0, 0.0), (1.0, 0.0))
    assert shorter_tail(upper, line((0.0, 0.0), (-1.0, 0.0))) == 0
    assert shorter_tail(upper, line((0.5, -0.1), (-1.0, -0.1))) == 0


def test_the_measure_finds_a_fold() -> None:
    assert own_loop(line((0, 0), (1, 0), (1, 1), (0.5, 1), (0.5, -1))) == pytest.approx(3.0)
    assert own_loop(line((0, 0), (1, 0.2), (2, 0), (3, 0.4))) == 0


def test_the_measure_fails_on_lids_of_one_depth() -> None:
    """Without the upper lid before the lower one, a blink with a squint would carry them through each other."""
    subject = subject_of("default")
    posed = subject.posed(eyeBlink=1, eyeSquint=1, cheekSquint=1)
    assert lids_stick_through(posed) == 0
    posed[..., 2] -= layered(subject.face, LIDS["eyeBlinkLeft"])
    assert lids_stick_through(posed) > 10 * BOUND
