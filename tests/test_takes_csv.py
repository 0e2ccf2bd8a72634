"""CSV as Live Link Face writes it: the header by hand, what phones write, and what is broken."""

import csv
from pathlib import Path

import numpy as np
import pytest

from bridge import takes
from bridge.curves import INDEX
from bridge.frames import Motion
from bridge.outputs.livelink import euler, head_rotation
from bridge.skeleton import JOINT_INDEX, from_rotation_vector
from bridge.takes import TakeError
from tests.moving import moving

HEADER = (
    "Timecode,BlendShapeCount,EyeBlinkLeft,EyeLookDownLeft,EyeLookInLeft,EyeLookOutLeft,EyeLookUpLeft,EyeSquintLeft,"
    "EyeWideLeft,EyeBlinkRight,EyeLookDownRight,EyeLookInRight,EyeLookOutRight,EyeLookUpRight,EyeSquintRight,"
    "EyeWideRight,JawForward,JawRight,JawLeft,JawOpen,MouthClose,MouthFunnel,MouthPucker,MouthRight,MouthLeft,"
    "MouthSmileLeft,MouthSmileRight,MouthFrownLeft,MouthFrownRight,MouthDimpleLeft,MouthDimpleRight,MouthStretchLeft,"
    "MouthStretchRight,MouthRollLower,MouthRollUpper,MouthShrugLower,MouthShrugUpper,MouthPressLeft,MouthPressRight,"
    "MouthLowerDownLeft,MouthLowerDownRight,MouthUpperUpLeft,MouthUpperUpRight,BrowDownLeft,BrowDownRight,BrowInnerUp,"
    "BrowOuterUpLeft,BrowOuterUpRight,CheekPuff,CheekSquintLeft,CheekSquintRight,NoseSneerLeft,NoseSneerRight,TongueOut,"
    "HeadYaw,HeadPitch,HeadRoll,LeftEyeYaw,LeftEyePitch,LeftEyeRoll,RightEyeYaw,RightEyePitch,RightEyeRoll"
)
"""As the app writes it."""


def written(path: Path, motion: Motion) -> Path:
    with takes.writer(path) as take:
        take.write(motion)
        take.finish()
    return path


def test_the_header_and_the_rows_are_the_apps(tmp_path: Path) -> None:
    motion = moving(130)
    lines = written(tmp_path / "a.csv", motion).read_text().splitlines()
    assert lines[0] == HEADER
    rows = list(csv.DictReader(lines))
    assert [rows[i]["Timecode"] for i in (0, 59, 60, 129)] == [
        "00:00:00:00.000", "00:00:00:59.000", "00:00:01:00.000", "00:00:02:09.000"
    ]  # fmt: skip
    assert {row["BlendShapeCount"] for row in rows} == {"61"}
    for name, index in INDEX.items():
        found = [float(row[name[0].upper() + name[1:]]) for row in rows]
        np.testing.assert_allclose(found, motion.curves[:, index], atol=1e-6, err_msg=name)


def test_sides_are_not_swapped(tmp_path: Path) -> None:
    motion = Motion.rest(1)
    motion.curves[0, [INDEX["jawLeft"], INDEX["mouthRight"]]] = 0.25, 0.75
    row = next(csv.DictReader(written(tmp_path / "a.csv", motion).read_text().splitlines()))
    assert [float(row[name]) for name in ("JawLeft", "JawRight", "MouthLeft", "MouthRight")] == [0.25, 0, 0, 0.75]


def test_angles_are_radians_with_the_signs_of_the_packets(tmp_path: Path) -> None:
    motion = Motion.rest(1)
    motion.rotations[0, JOINT_INDEX["head"]] = from_rotation_vector([0.2, 0, 0])
    motion.rotations[0, JOINT_INDEX["leftEye"]] = from_rotation_vector([0, 0.3, 0])
    row = next(csv.DictReader(written(tmp_path / "a.csv", motion).read_text().splitlines()))
    assert float(row["HeadPitch"]) == pytest.approx(-0.2, abs=1e-6)  # down
    assert float(row["LeftEyeYaw"]) == pytest.approx(-0.3, abs=1e-6)  # to the left
    assert float(row["HeadYaw"]) == float(row["RightEyePitch"]) == 0


def test_what_was_written_is_read(tmp_path: Path) -> None:
    motion = moving(90)
    poses = list(takes.read(written(tmp_path / "a.csv", motion)))
    assert [pose.time_us for pose in poses] == [round(i * 1e6 / 60) for i in range(90)]
    np.testing.assert_allclose([pose.curves for pose in poses], motion.curves, atol=1e-6)
    heads = [euler(head_rotation(rotations)) for rotations in motion.rotations]
    np.testing.assert_allclose([euler(head_rotation(pose.rotations)) for pose in poses], heads, atol=1e-5)
    eyes = [JOINT_INDEX["leftEye"], JOINT_INDEX["rightEye"]]
    np.testing.assert_allclose([pose.rotations[eyes] for pose in poses], motion.rotations[:, eyes], atol=1e-4)
    assert poses[0].rotations[JOINT_INDEX["leftUpperArm"], 2] < -0.4  # arms hang


def lines(*codes: str) -> str:
    return "Timecode,BlendShapeCount,JawOpen,Extra,JawLeft\n" + "".join(f"{code},2,0.5,9,0.1\n" for code in codes)


def times(path: Path, text: str) -> list[float]:
    path.write_text(text)
    return [pose.time_us / 1e6 for pose in takes.read(path)]


def test_phones_write_the_time_of_day_at_30_or_60(tmp_path: Path) -> None:
    at_60 = lines("14:03:52:58.207", "14:03:52:59.207", "14:03:53:00.207")
    assert times(tmp_path / "a.csv", at_60) == pytest.approx([0, 1 / 60, 2 / 60], abs=1e-5)
    at_30 = lines(*(f"10:00:{i // 30:02}:{i % 30:02}.000" for i in range(90)))
    assert times(tmp_path / "a.csv", at_30) == pytest.approx([i / 30 for i in range(90)], abs=1e-5)


def test_midnight_is_passed(tmp_path: Path) -> None:
    found = times(tmp_path / "a.csv", lines("23:59:59:59.000", "00:00:00:00.000", "00:00:00:30.000"))
    assert found == pytest.approx([0, 1 / 60, 31 / 60], abs=1e-5)


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\ufeffBlendShapeCount,jawopen,TIMECODE\n1,0.5,00:00:00:00.000\n\n")
    (pose,) = takes.read(tmp_path / "a.csv")
    assert pose.curves[INDEX["jawOpen"]] == 0.5
    assert pose.curves.sum() == 0.5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no take of Live Link Face"),
        ("a,b\n1,2\n", "is no take of Live Link Face"),
        (lines("00:00:00:00.000", "yesterday"), 'line 3: "yesterday" is no timecode'),
        (lines("00:00:00:00.000") + "00:00:00:01.000,2\n", "line 3: has too few columns"),
        (lines("00:00:00:00.000").replace("0.5", "nan"), "line 2: a value is not finite"),
        (lines("00:00:00:00.000").replace("0.5", "half"), "line 2: could not convert"),
        (lines("00:00:00:00.000") + "," * 100_000, "more than 65536 characters"),
    ],
)
def test_broken_files_are_refused_by_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(TakeError, match=rf"a\.csv.*{words}"):
        list(takes.read(tmp_path / "a.csv"))
