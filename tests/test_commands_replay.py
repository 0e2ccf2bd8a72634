"""`rigcast replay`: a take comes out as it went in, at its own pace."""

import time
from pathlib import Path

import numpy as np
import pytest

from bridge import cli, takes
from bridge.curves import INDEX
from tests.moving import moving
from tests.real_bridge import PATIENCE
from tests.receivers import listening, marionette, read_face

COUNT = 61


@pytest.fixture
def take(tmp_path: Path) -> Path:
    path = tmp_path / "take.json"
    with takes.writer(path) as writer:
        writer.write(moving(COUNT))
        writer.finish()
    return path


def test_every_frame_goes_to_every_receiver_at_its_rate(take: Path) -> None:
    motion = moving(COUNT)
    with listening() as face, listening() as body:
        to = ["--livelink", f"{face.port}/Ann", "--vmc", f"{body.port},face=sync,rate=30"]
        assert cli.main(["replay", str(take), *to]) == 0
        deadline = time.monotonic() + PATIENCE
        while len(face.heard) < COUNT and time.monotonic() < deadline:
            time.sleep(0.01)
        frames = [read_face(data) for _, data in face.heard]
        bodies = marionette(body.heard)
    assert {frame.subject for frame in frames} == {"Ann"}
    np.testing.assert_allclose([frame.curves for frame in frames], motion.curves, atol=2e-5)
    codes = np.array([frame.timecode for frame in frames])
    assert np.median(np.abs(np.diff(codes) - 1)) < 0.01
    assert [round(frame.time * 60) for frame in bodies] == list(range(0, COUNT, 2))
    jaws = [frame.blends["JawOpen"] for frame in bodies]
    np.testing.assert_allclose(jaws, motion.curves[::2, INDEX["jawOpen"]], atol=2e-5)
    head = [frame.bones["Head"][3:] for frame in bodies]
    np.testing.assert_allclose(head, motion.rotations[::2, 5] * [1, -1, -1, 1], atol=1e-4)


def test_it_takes_as_long_as_the_take(take: Path) -> None:
    with listening() as face:
        assert cli.main(["replay", str(take), "--livelink", str(face.port)]) == 0
        assert face.heard[-1][0] - face.heard[0][0] >= (COUNT - 1) / 60 - 0.1


def test_nobody_there_is_told_once(take: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with listening() as gone:
        port = gone.port
    assert cli.main(["replay", str(take), "--vmc", f"127.0.0.1:{port}"]) == 0
    assert capsys.readouterr().err.count("nobody listens there yet") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["take.json"], 1, "where to? Name a receiver"),
        (["take.json", "--vmc", "127.0.0.1:99999"], 2, "the port must be 1..65535"),
        (["take.json", "--livelink", "127.0.0.1:1/Ann,colour=red"], 2, 'no option "colour"'),
        (["take.glb", "--vmc", "1"], 1, "take.glb: the name must end with .csv or .json"),
        (["nowhere.csv", "--vmc", "1"], 1, "nowhere.csv"),
        (["empty.csv", "--vmc", "1"], 1, "empty.csv: is no take"),
        (["headed.csv", "--vmc", "1"], 1, "headed.csv: holds no frame"),
    ],
)
def test_what_cannot_be_is_told(
    arguments: list[str], code: int, words: str, take: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(take.parent)
    Path("empty.csv").touch()
    Path("headed.csv").write_text("Timecode,JawOpen\n")
    assert cli.main(["replay", *arguments]) == code
    said = capsys.readouterr().err
    assert said.startswith("rigcast: ")
    assert words in said
