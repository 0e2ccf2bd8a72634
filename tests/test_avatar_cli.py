"""`rigcast avatar`, typed for real."""

import json
from pathlib import Path

import pytest

from bridge.avatar import Params, build, default_vrm
from bridge.cli import main


def test_build_writes_the_person_of_a_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "she.vrm"
    assert main(["avatar", "build", "--random", "5", "--out", str(out), "--name", "Ren"]) == 0
    assert out.read_bytes() == build(Params.random(5), "Ren")
    said = capsys.readouterr().out
    assert "'Ren'" in said
    assert "52 curves" in said


def test_params_travel_through_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wish, out = tmp_path / "wish.json", tmp_path / "x.glb"
    wish.write_text('{"hair_style": "bob", "eye_tilt": 0.4}')
    assert main(["avatar", "build", "--params", str(wish), "--out", str(out)]) == 0
    capsys.readouterr()
    assert main(["avatar", "show", str(out), "--params"]) == 0
    assert Params.from_json(capsys.readouterr().out) == Params(hair_style="bob", eye_tilt=0.4)


def test_show_describes_the_built_in_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["avatar", "show"]) == 0
    said = capsys.readouterr().out
    assert "VRM 1.0" in said
    assert json.loads(said[said.index("{") :])["hair_style"] == "long"


def test_fields_are_listed_with_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["avatar", "show", "--fields"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(Params.fields())
    assert any("eye_width" in line and "0.88..1.12" in line for line in lines)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ('{"eye_width": 9}', ("eye_width", "0.88", "1.12")),
        ("\xff\xfe", ("not JSON",)),
        (" " * 70_000, ("larger",)),
    ],
)
def test_a_bad_wish_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wish: str, words: tuple[str, ...]
) -> None:
    file = tmp_path / "wish.json"
    file.write_text(wish, encoding="utf-8")
    assert main(["avatar", "build", "--params", str(file), "--out", str(tmp_path / "x.vrm")]) == 1
    said = capsys.readouterr().err
    assert all(word in said for word in (*words, "wish.json"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["build", "--out", "mei.fbx"],
        ["build", "--out", "nowhere/deep/mei.vrm"],
        ["build", "--random", "-1", "--out", "mei.vrm"],
        ["build", "--params", "missing.json", "--out", "mei.vrm"],
        ["show", "missing.vrm"],
    ],
)
def test_mistakes_end_kindly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["avatar", *arguments]) == 1
    assert capsys.readouterr().err.startswith("rigcast: ")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("data", [b"", b"glTF", b"not a model at all, only words", default_vrm()[:100], b"\0" * 64])
def test_what_is_no_model_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes) -> None:
    file = tmp_path / "bad.vrm"
    file.write_bytes(data)
    assert main(["avatar", "show", str(file)]) == 1
    assert "bad.vrm" in capsys.readouterr().err
