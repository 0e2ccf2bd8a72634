import json

import pytest
import tiny_model

from bridge.cli import main
from bridge.face import card


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of the user's own with a model in it, and none that come with Rigcast."""
    mine = tmp_path / "models"
    mine.mkdir()
    monkeypatch.setattr(card, "BUILT_IN", tmp_path / "none")
    monkeypatch.setattr(card, "folder", lambda: mine)
    tiny_model.make(mine / "tiny.onnx", look_ahead=640)
    return mine


def test_list_shows_good_models_and_says_what_is_wrong_with_others(folder, capsys):
    (folder / "bad.onnx").write_text("no model")
    assert main(["models", "list"]) == 0
    head, bad, tiny = capsys.readouterr().out.splitlines()
    assert head.split() == ["MODEL", "VERSION", "LOOK-AHEAD", "LICENCE", "SIZE", "FILE"]
    assert "bad.onnx: it is not ONNX" in bad
    assert tiny.split() == ["tiny", "1.0", "40", "ms", "Apache-2.0", "0.0", "MB", str(folder / "tiny.onnx")]


def test_list_as_json(folder, capsys):
    assert main(["models", "list", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["name"], found["look_ahead_ms"], found["curves"]) == ("tiny", 40, len(tiny_model.CURVES))


def test_list_without_any_model_says_where_they_belong(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(card, "BUILT_IN", tmp_path / "a")
    monkeypatch.setattr(card, "folder", lambda: tmp_path / "b")
    assert main(["models", "list"]) == 1
    assert str(tmp_path / "b") in capsys.readouterr().err


def test_check_passes_a_good_model_and_can_go_on_for_hours(folder, capsys):
    assert main(["models", "check", "tiny", "--device", "cpu", "--hours", "0.01"]) == 0
    out = capsys.readouterr().out
    assert "tiny 1.0, Apache-2.0" in out
    assert out.count("  ok    ") == 8
    assert "lasting" in out
    assert "It can be served." in out
    assert main(["models", "check", "tiny", "--hours", "25"]) == 1
    assert "--hours 25: it goes from 0 to 24" in capsys.readouterr().err


def test_check_tells_a_broken_contract_and_fails(folder, capsys):
    tiny_model.make(folder / "tiny.onnx", licence=None)
    assert main(["models", "check", str(folder / "tiny.onnx"), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["failed"] == 1
    assert "lack licence" in found["checks"][0]["figure"]


def test_check_fails_where_a_trial_does(folder, capsys):
    tiny_model.make(folder / "tiny.onnx", fault="nan")
    assert main(["models", "check", "tiny"]) == 1
    out = capsys.readouterr().out
    assert "FAILED  extremes" in out
    assert out.endswith("\n1 failed.\n")


def test_bench_measures_and_writes(folder, tmp_path, capsys):
    file = tmp_path / "bench.json"
    assert main(["models", "bench", "tiny", "--streams", "1,3", "--seconds", "0.01", "--json", str(file)]) == 0
    out = capsys.readouterr().out
    assert "1 streams:" in out
    assert "3 streams:" in out
    report = json.loads(file.read_text())
    assert [row["streams"] for row in report["speed"]] == [1, 3]
    assert report["model"]["name"] == "tiny"
    assert report["machine"]


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--streams", "0"], "--streams 0: give numbers from 1 to 1024"),
        (["--streams", "a"], "--streams a"),
        (["--seconds", "0"], "--seconds 0"),
    ],
)
def test_bench_refuses_what_cannot_be(folder, flags, says, capsys):
    assert main(["models", "bench", "tiny", *flags]) == 1
    assert says in capsys.readouterr().err


def test_a_model_that_is_not_there_is_told(folder, capsys):
    assert main(["models", "bench", "nobody"]) == 1
    assert "there is no model 'nobody'; there are: tiny" in capsys.readouterr().err
