"""Curves find the shapes of faces that name them otherwise."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge import retarget
from bridge.curves import CURVES

ROOT = Path(__file__).parent.parent
CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "retarget_cases.json").read_text(encoding="utf-8"))
"""The page's tests read them too: both matchers find the same."""


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_shapes_are_matched_by_their_names(case: dict[str, Any]) -> None:
    report = retarget.match(case["shapes"])
    assert {m.shape: m.convention for m in report.matches} == case["matches"]
    assert list(report.unmatched) == case["unmatched"]
    assert report.weights(case["curves"]) == pytest.approx(case["weights"])
    assert all(m.guessed == (m.convention == "guess") for m in report.matches)


@pytest.mark.parametrize("convention", ["ARKit", "MetaHuman", "Character Creator"])
def test_a_full_rig_follows_every_curve(convention: str) -> None:
    report = retarget.match(retarget.shapes(convention))
    assert report.missing == ()
    assert report.unmatched == ()


@pytest.mark.parametrize("convention", ["ARKit", "MetaHuman", "Character Creator"])
def test_what_was_carried_over_comes_back(convention: str) -> None:
    face = {curve: (i + 1) / 60 for i, curve in enumerate(CURVES)}
    shapes = retarget.match(retarget.shapes(convention)).weights(face)
    back = retarget.inverse(convention, shapes)
    lost = {"mouthClose"} if convention == "MetaHuman" else set()  # its lips together are a quotient
    assert back == pytest.approx({curve: weight for curve, weight in face.items() if curve not in lost})


def test_whole_mouths_have_no_inverse() -> None:
    assert retarget.inverse("VRM 1", {"aa": 1, "blinkLeft": 0.5}) == {"eyeBlinkLeft": 0.5}


def test_the_table_names_only_curves() -> None:
    for convention in retarget.conventions():
        for shape, terms in retarget.shapes(convention).items():
            assert {part for term in terms for part in term.split("/")} <= set(CURVES), shape


def test_every_viseme_of_oculus_is_known() -> None:
    names = "sil PP FF TH DD kk CH SS nn RR aa E ih oh ou".split()  # noqa: SIM905  # as they are written
    assert {f"viseme_{name}" for name in names} <= retarget.shapes("Oculus").keys()


def test_the_quotient_is_nothing_while_the_jaw_is_shut() -> None:
    lips = retarget.match(["CTRL_expressions_mouthLipsTogetherDR"]).matches[0]
    assert lips.weight({"mouthClose": 0.3}) == 0
    assert lips.weight({"mouthClose": 0.3, "jawOpen": 0.2}) == 1


def test_a_rig_of_nonsense_is_told_as_such() -> None:
    report = retarget.match(["", "  ", "👻", "L", "Left", "Mouth", "blendShape1", "_R"])
    assert report.matches == ()
    assert len(report.missing) == len(CURVES)


def test_the_unity_package_has_the_same_table() -> None:
    done = subprocess.run([sys.executable, "tools/names.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_unreal_plugin_knows_the_same_lips_together() -> None:
    """All other names it derives from the wire's, as Live Link spells them."""
    source = (ROOT / "unreal_plugin/Source/RigcastCore/Private/FaceMap.cpp").read_text(encoding="utf-8")
    together = {name for name, terms in retarget.shapes("MetaHuman").items() if "mouthClose/jawOpen" in terms}
    assert set(re.findall(r"CTRL_expressions_\w+", source)) == together
    assert f"SHUT = {retarget.SHUT:g}".replace("0.001", "1e-3f") in source
