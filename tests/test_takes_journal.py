"""Journals: what was cut off can be finished, and nothing is lost by a slip."""

from pathlib import Path

import pytest

from bridge import takes
from bridge.takes import TakeError
from bridge.takes.journal import HEAD, ROW, beside
from tests.moving import blocks, moving


def cut_off(path: Path, count: int) -> Path:
    """A take that was never finished. Returns its journal."""
    take = takes.writer(path)
    for block in blocks(moving(60), 6)[: count // 6]:
        take.write(block)
    take.close()
    return beside(path)


def finished(path: Path, count: int) -> bytes:
    with takes.writer(path) as take:
        take.write(blocks(moving(60), count)[0])
        take.finish()
    return path.read_bytes()


def test_what_was_cut_off_is_finished(tmp_path: Path) -> None:
    journal = cut_off(tmp_path / "a.vrma", 30)
    assert not (tmp_path / "a.vrma").exists()
    with open(journal, "ab") as file:
        file.write(b"half a row")
    assert takes.recover(journal) == tmp_path / "a.vrma"
    assert (tmp_path / "a.vrma").read_bytes() == finished(tmp_path / "b.vrma", 30)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a.vrma", "b.vrma"]


def test_a_take_of_the_same_name_does_not_overwrite_it(tmp_path: Path) -> None:
    journal = cut_off(tmp_path / "a.vrma", 30)
    with pytest.raises(TakeError, match=r"rigcast record --recover .*a\.vrma\.journal"):
        takes.writer(tmp_path / "a.vrma")
    assert journal.stat().st_size == HEAD + 30 * 4 * ROW


def test_a_take_of_nothing_leaves_nothing(tmp_path: Path) -> None:
    cut_off(tmp_path / "a.glb", 0)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    (tmp_path / "a.vrma").write_bytes(b"before")
    journal = cut_off(tmp_path / "a.vrma", 30)
    assert (tmp_path / "a.vrma").read_bytes() == b"before"
    takes.recover(journal)
    assert (tmp_path / "a.vrma").read_bytes() != b"before"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.vrma", b"glTF", "is no journal; their names"),
        ("a.vrma.journal", b"", "is no journal of a take"),
        ("a.vrma.journal", b'{"rigcast_journal": 99}'.ljust(HEAD), "is no journal of a take"),
        ("a.vrma.journal", b'{"rigcast_journal": 1, "kind": ".vrma"}'.ljust(HEAD) + b"1", "holds no frame"),
        ("a.fbx.journal", b'{"rigcast_journal": 1, "kind": ".fbx"}'.ljust(HEAD) + bytes(4 * ROW), "cannot write"),
    ],
)
def test_what_is_no_journal_is_refused(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(TakeError, match=rf"{name}: .*{words}"):
        takes.recover(tmp_path / name)
    assert (tmp_path / name).read_bytes() == data
