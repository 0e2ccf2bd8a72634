"""The tool that writes curves for scoring: aligned phones in, Live Link Face's columns out."""

import csv
from pathlib import Path

import numpy as np
import pytest
import score_lips

ALIGNED = "start,end,phone\n0.0,0.3,sp\n0.3,0.38,P\n0.38,0.52,AA1\n0.52,0.6,P\n0.6,0.66,AH0\n0.66,0.9,sil\n"


@pytest.fixture
def aligned(tmp_path: Path) -> Path:
    folder = tmp_path / "phones"
    folder.mkdir()
    (folder / "papa.csv").write_text(ALIGNED, encoding="utf-8")
    return folder


def test_alignments_become_phones(aligned: Path) -> None:
    phones = score_lips.read_phones(aligned / "papa.csv")
    assert [(p.symbol, p.stress) for p in phones] == [("p", 0), ("ɑ", 1), ("p", 0), ("ə", 0)]
    assert phones[1].start == 0.38


def test_curves_come_out_in_columns_that_tools_know(aligned: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    score_lips.main(["--phones", str(aligned), "--out", str(out)])
    assert (out / "list.txt").read_text().split() == ["papa.csv", str(Path("..") / "phones" / "papa.csv")]
    with open(out / "papa.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert float(rows[60]["time"]) == pytest.approx(1.0)
    assert rows[60]["Timecode"] == "00:00:01:00.000"
    jaw = np.array([float(row["JawOpen"]) for row in rows])
    press = np.array([float(row["MouthPressLeft"]) for row in rows])
    assert 0.4 < int(jaw.argmax()) / 60 < 0.5
    assert press[20] > 0.05
    assert press[33] > 0.05
    assert press[27] == 0


def test_missing_things_are_named(aligned: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(SystemExit, match=r"no sound for papa\.csv"):
        score_lips.main(["--phones", str(aligned), "--audio", str(tmp_path / "none"), "--out", str(tmp_path / "o")])
    with pytest.raises(SystemExit, match=r"no \.csv files of phones"):
        score_lips.main(["--phones", str(tmp_path / "none"), "--out", str(tmp_path / "o")])
