"""JSON: everything comes back, and nothing broken gets in."""

import json
from pathlib import Path

import numpy as np
import pytest

from bridge import takes
from bridge.curves import CURVES, INDEX
from bridge.frames import Motion
from bridge.skeleton import JOINTS
from bridge.takes import TakeError
from tests.moving import blocks, moving


def test_what_was_written_is_read(tmp_path: Path) -> None:
    motion, path = moving(70), tmp_path / "a.json"
    with takes.writer(path, sound="a.wav") as take:
        for block in blocks(motion, 6):
            take.write(block)
    poses = list(takes.read(path))
    assert [pose.time_us for pose in poses] == [round(i * 1e6 / 60) for i in range(70)]
    np.testing.assert_allclose([pose.curves for pose in poses], motion.curves, atol=1e-5)
    np.testing.assert_allclose([pose.rotations for pose in poses], motion.rotations, atol=3e-5)
    np.testing.assert_allclose([pose.root for pose in poses], motion.root, atol=1e-5)


def test_it_says_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with takes.writer(path, sound="a.wav") as take:
        take.write(Motion.rest(2))
        take.write(Motion.rest(1), held=True)
        found = json.loads(path.read_text())  # while it is written
    assert found["rigcast_take"] == 1
    assert found["frame_rate"] == 60
    assert found["sound"] == "a.wav"
    assert found["curves"] == list(CURVES)
    assert [joint["name"] for joint in found["joints"]] == [joint.name for joint in JOINTS]
    assert [frame.get("held", False) for frame in found["frames"]] == [False, False, True]
    assert found["frames"][2]["time"] == pytest.approx(2 / 60, abs=1e-6)


def test_others_may_write_less_and_in_another_order(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        json.dumps(
            {
                "rigcast_take": 1,
                "curves": ["tongueOut", "unheardOf", "jawOpen"],
                "frames": [{"time": 0, "curves": [0.1, 0.2, 0.3]}, {"time": 0.5, "curves": [0, 0, 1]}],
            },
            indent=1,
        )
    )
    first, second = takes.read(tmp_path / "a.json")
    assert second.time_us == 500_000
    assert first.curves[INDEX["jawOpen"]] == pytest.approx(0.3)
    assert first.curves.sum() == pytest.approx(0.4)
    assert (first.rotations[:, 3] == 1).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[1, 2]", "is no take"),
        ('{"rigcast_take": 2}', "is no take"),
        ('{"rigcast_take": 1}', "its head cannot be read: KeyError"),
        ('{"rigcast_take": 1, "curves": ["jawOpen"], "frames": [{"time": 0, "curves": []}]}', "frame 0"),
        ('{"rigcast_take": 1, "curves": ["jawOpen"], "frames": [{"time": 0, "curves": [NaN]}]}', "not finite"),
        ('{"rigcast_take": 1, "curves": ["jawOpen"], "frames": [{"time": "x", "curves": [1]}]}', "frame 0"),
        ('{"rigcast_take": 1, "curves": ["jawOpen"], "frames": [{"time": 1e9, "curves": [1]}]}', "its time must be"),
        (
            '{"rigcast_take": 1, "curves": ["jawOpen"], "frames": [{"time": 0, "curves": ["x"]}]}',
            "cannot be read|no JSON",
        ),
        ('{"rigcast_take": 1, "curves": [], "frames": [{"time": 0, "curves": [], "rotations": [1, 2]}]}', "frame 0"),
        ('{"rigcast_take": 1, "curves": [], "frames": 7}', "cannot be read"),
        ('{"rigcast_take": 1, "curves": 7, "frames": []}', "its head"),
    ],
)
def test_broken_files_are_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(TakeError, match=rf"a\.json: .*({words})"):
        list(takes.read(tmp_path / "a.json"))
