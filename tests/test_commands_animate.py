"""`rigcast animate`: what it makes, what it says, and what it leaves behind when it fails."""

import io
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge import cli, takes
from bridge.commands import animate
from bridge.config import SETTINGS
from tests.tiny_model import make


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of its own, with a recording and a model in it, and no settings."""
    monkeypatch.chdir(tmp_path)
    for setting in SETTINGS.values():
        monkeypatch.delenv(setting.variable, raising=False)
    rng = np.random.default_rng(0)
    soundfile.write("line.wav", rng.uniform(-0.3, 0.3, 16_000), 16_000)
    make(tmp_path / "tiny.onnx")
    return tmp_path


def run(*arguments: str) -> int:
    return cli.main(["animate", *arguments])


def test_a_sound_file_becomes_a_take(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("line.wav", "--model", "tiny.onnx", "--out", "line.json") == 0
    said = capsys.readouterr()
    assert said.out.startswith("line.json: 1.5 s, 90 frames, made in ")
    assert said.err == ""  # no bar where there is no terminal
    assert json.loads(Path("line.json").read_text())["sound"] == "line.wav"
    assert len(list(takes.read(Path("line.json")))) == 90
    assert not list(folder.glob("*.part*"))


def test_a_text_becomes_a_take_and_its_sound(folder: Path) -> None:
    assert run("--text", "[happy] Hello there.", "--out", "hello.vrma", "--face", "vrm1") == 0
    samples, rate = soundfile.read("hello.wav")
    assert rate == 24_000
    assert np.abs(samples).max() > 0.1
    assert Path("hello.vrma").read_bytes()[:4] == b"glTF"
    assert sorted(path.name for path in folder.iterdir()) == ["hello.vrma", "hello.wav", "line.wav", "tiny.onnx"]


def test_of_a_text_the_sound_alone_may_be_wanted(folder: Path) -> None:
    assert run("--text", "Hello.", "--out", "hello.wav") == 0
    assert soundfile.info("hello.wav").frames > 12_000
    assert sorted(path.name for path in folder.iterdir()) == ["hello.wav", "line.wav", "tiny.onnx"]
    assert run("line.wav", "--out", "other.wav") == 1  # a sound has its sound


def test_a_text_is_read_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Papa."))
    assert run("--text", "-", "--out", "a.csv") == 0
    assert len(list(takes.read(Path("a.csv")))) > 60


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out", "a.csv"], "give a sound file, or --text"),
        (["line.wav", "--text", "Hello", "--out", "a.csv"], "give a sound file, or --text"),
        (["--text", " ", "--out", "a.csv"], "there is nothing to say"),
        (["--text", "Hello", "--strength", "1", "--out", "a.csv"], "--strength and --model are for sound files"),
        (["--text", "Hello", "--voice", "nobody", "--out", "a.csv"], "nobody"),
        (["line.wav", "--voice", "de", "--out", "a.csv"], "--voice is for --text"),
        (["line.wav", "--out", "a.fbx"], "a.fbx: the name must end with .csv"),
        (["line.wav", "--out", "nowhere/a.csv"], "nowhere/a.csv: there is no folder nowhere"),
        (["line.wav", "--strength", "3", "--out", "a.csv"], "--strength 3: must be 0 to 2"),
        (["line.wav", "--emotion", "joy", "--out", "a.csv"], "there is no emotion 'joy'; there are neutral, happy"),
        (["line.wav", "--emotion", "happy:2", "--out", "a.csv"], "the intensity must be 0 to 1, as in happy:0.5"),
        (["line.wav", "--emotion", "happy:very", "--out", "a.csv"], "the intensity must be 0 to 1"),
        (["line.wav", "--model", "nobody", "--out", "a.csv"], "there is no model 'nobody'"),
        (["nowhere.wav", "--out", "a.csv"], "nowhere.wav"),
        (["tiny.onnx", "--model", "tiny.onnx", "--out", "a.csv"], "tiny.onnx: "),
    ],
)
def test_what_cannot_be_is_told_and_leaves_nothing(
    folder: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(folder.iterdir())
    assert run(*arguments) == 1
    said = capsys.readouterr().err
    assert said.startswith("rigcast: ")
    assert words.replace("/", os.sep) in said.replace("/", os.sep)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("kind", ["csv", "vrma"])
def test_a_file_that_breaks_leaves_the_earlier_take(
    kind: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    soundfile.write("whole.flac", rng.uniform(-0.5, 0.5, 24_000 * 12), 24_000)
    Path("a.flac").write_bytes(Path("whole.flac").read_bytes()[:-100_000] + rng.bytes(2000))
    Path(f"a.{kind}").write_bytes(b"before")
    before = sorted(folder.iterdir())
    assert run("a.flac", "--model", "tiny.onnx", "--out", f"a.{kind}", "--overwrite") == 1
    assert "a.flac: is broken" in capsys.readouterr().err
    assert Path(f"a.{kind}").read_bytes() == b"before"
    assert sorted(folder.iterdir()) == before


def test_what_exists_is_only_replaced_when_asked_to(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.csv").write_bytes(b"before")
    assert run("line.wav", "--model", "tiny.onnx", "--out", "a.csv") == 1
    assert "a.csv: exists already; choose another name, or --overwrite it" in capsys.readouterr().err
    assert run("--text", "Hello.", "--out", "line.csv") == 1  # its sound would replace the recording
    assert "line.wav: exists already" in capsys.readouterr().err
    assert run("line.wav", "--model", "tiny.onnx", "--out", "a.csv", "--overwrite") == 0
    assert len(list(takes.read(Path("a.csv")))) == 90


def test_one_that_was_killed_does_not_stand_in_the_way(folder: Path) -> None:
    Path("a.part.vrma.journal").write_bytes(b"half a journal")
    assert run("line.wav", "--model", "tiny.onnx", "--out", "a.vrma") == 0
    assert sorted(path.name for path in folder.iterdir()) == ["a.vrma", "line.wav", "tiny.onnx"]


def test_emotions_are_read() -> None:
    assert animate.emotion("happy") == ("happy", 1)
    assert animate.emotion("sad:0.25") == ("sad", 0.25)
