"""The journal's file: what is written is read, whatever happened to it; nobody else may read it; it stays small."""

import json
import logging
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bridge import journal
from bridge.config import Config, ConfigError
from bridge.inputs.follower import Source
from bridge.inputs.prepare import NUMBERS
from bridge.journal import Journal, Saved, Sessions, Text, entries, fold, parse, read
from bridge.server import running

REST = (*[0.25] * NUMBERS, *[0.0, 0.0, 0.0, 1.0] * 3)
WHOLE: Sessions = {
    "main": Saved(
        7,
        "happy",
        0.5,
        (0.1, 1.5, 2.0),
        {6: Text("Ä\n\u2028 [sad] b", "de", 1.2, 0.9, 1, 4), 7: Text("c", "", 1.0, 1.0)},
        [("vmc", "127.0.0.1:39540,rate=30"), ("livelink", "11111/Ann")],
        {0: Source("phone", REST), 1: Source("192.168.1.5", None)},
    ),
    "idle": Saved(),
}


def folded(*lines: tuple[object, ...]) -> Sessions:
    sessions: Sessions = {}
    for line in lines:
        fold(sessions, line)
    return sessions


def written(path: Path, *notes: tuple[object, ...], sessions: Sessions | None = None) -> bytes:
    """What a journal holds that took these notes, and was not closed."""
    it = Journal(path, sessions or {})
    it.begin()
    for note in notes:
        it.note(*note)
    until = time.monotonic() + 10
    while not it._queue.empty() or (
        notes and json.dumps(notes[-1], ensure_ascii=False).encode() not in path.read_bytes()
    ):
        assert time.monotonic() < until
        time.sleep(0.005)
    data = path.read_bytes()
    it.close()
    return data


def test_entries_say_what_is_known() -> None:
    assert folded(*entries(WHOLE)) == WHOLE


def test_a_text_goes_when_it_has_been_said_or_is_cut_off() -> None:
    say = [("s", "say", n, "text", "", 1.0, 1.0) for n in (1, 2, 3)]
    assert list(folded(*say, ("s", "end", 1))["s"].texts) == [2, 3]
    assert folded(*say, ("s", "silence"))["s"] == Saved(3)
    assert folded(*say, ("s", "gone")) == {}
    assert folded(*say, ("s", "said", 2, 1, 9))["s"].texts[2].offset == 9
    assert folded(*say, ("s", "said", 9, 1, 9))["s"].texts.keys() == {1, 2, 3}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    data = written(path, *entries(WHOLE))
    assert parse(data) == (WHOLE, 0)
    path.write_bytes(data)
    assert read(path) == WHOLE


def test_what_was_known_is_in_the_new_file(tmp_path: Path) -> None:
    assert parse(written(tmp_path / "journal", ("main", "end", 6), sessions=parse(b"".join(lines()))[0]))[0][
        "main"
    ].texts.keys() == {7}


def lines() -> list[bytes]:
    return [json.dumps(entry).encode() + b"\n" for entry in entries(WHOLE)]


def test_a_line_that_was_torn_is_left_out() -> None:
    data = b"".join(lines())
    for end in range(len(data)):
        sessions, wrong = parse(data[:end])
        assert not wrong
        assert sessions.keys() <= WHOLE.keys()


@pytest.mark.parametrize(
    "line",
    [
        b"", b"null", b"[]", b"{", b"[" * 10_000, b"\xff", b'["../x","count",1]', b'["a","count",-1]', b'["a","fly"]',
        b'["a","count",1e3]', b'["a","feel","happy",NaN]', b'["a","feel","happy",7.0]', b'["a","feel","mad",1.0]',
        b'["a","look",[1.0,2.0]]', b'["a","look",[1.0,2.0,Infinity]]', b'["a","say",1,"x","",1,1.0]',
        b'["a","said",1,-1,0]', b'["a","say",1,"%s","",1.0,1.0]' % (b"x" * 100_001), b'["a","send",["vmc"]]',
        b'["a","send",[["vmc",39540]]]', b'["a","send",[["smoke","39540"]]]', b'["a","send",[["vmc","a b"]]]',
        b'["a","send",[%s]]' % b",".join([b'["vmc","39540"]'] * 65), b'["a","follow",0,"phone",[]]',
        b'["a","follow",64,"phone",null]', b'["a","follow",0,"%s",null]' % (b"x" * 65),
        b'["a","follow",0,"phone",[%s]]' % b",".join([b"0.0"] * 67),
    ],
    ids=lambda line: repr(line[:40]),
)  # fmt: skip
def test_a_line_that_is_no_entry_is_told_and_left_out(line: bytes) -> None:
    first, *rest = lines()
    assert parse(b"".join([first, line, b"\n", *rest])) == ({**WHOLE, **folded(*junk(line))}, 1)


def junk(line: bytes) -> list[tuple[object, ...]]:
    """A line with a good name makes its session all the same."""
    return [("a", "count", 0)] if line.startswith(b'["a"') else []


def test_only_its_owner_may_read_it_and_only_for_a_minute(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b"")
    path.chmod(0o666)
    path.write_bytes(written(path, ("s", "say", 1, "secret", "", 1.0, 1.0)))
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o600
    assert read(path)
    os.utime(path, (time.time() - 61,) * 2)
    assert not read(path)
    assert not read(tmp_path / "none")


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_no_file_is_not_read(kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = Path("/dev/zero") if kind == "device" else tmp_path / "journal"
    if kind == "folder":
        path.mkdir()
    elif not hasattr(os, "mkfifo"):
        pytest.skip("optional: pipes and devices are POSIX")
    elif kind == "pipe":
        os.mkfifo(path)
    assert not read(path)
    assert "it is no file" in caplog.text
    with pytest.raises(OSError, match="it is no file"):
        Journal(path, {}).begin()
    assert not path.is_file()


def test_a_file_of_any_bytes_is_survived(tmp_path: Path) -> None:
    chance, whole = random.Random(3), b"".join(lines())
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 4))
        path = tmp_path / "journal"
        path.write_bytes(data)
        sessions = read(path)
        assert folded(*entries(sessions)) == sessions


def test_a_clean_end_leaves_only_what_was_not_said(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    written(path, ("s", "feel", "happy", 1.0))
    assert not path.exists()
    written(path, ("s", "say", 1, "unsaid", "", 1.0, 1.0))
    assert read(path)["s"].texts[1].text == "unsaid"
    assert [each.name for each in tmp_path.iterdir()] == ["journal"]


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = written(tmp_path / "journal", ("s", "follow", 99, "phone", None), ("s", "count", 3))
    assert parse(data) == ({"s": Saved(3)}, 0)
    assert "will not come back: ('s', 'follow', 99, 'phone', None)" in caplog.text


def test_what_has_been_said_is_written_before_it_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "PROMPT_S", 20)
    it = Journal(tmp_path / "journal", {})
    it.begin()
    it.note("s", "say", 1, "text", "", 1.0, 1.0)
    while not it._prompt:
        time.sleep(0.001)
    for at in range(100):
        it.note("s", "said", 1, 0, at)
        assert parse((tmp_path / "journal").read_bytes())[0]["s"].texts[1].offset == at
    it.close()


def test_a_slow_disk_is_waited_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Lock()
    write = Journal._write

    def slow(it: Journal, batch: list[tuple[object, ...]]) -> None:
        with held:
            write(it, batch)

    monkeypatch.setattr(Journal, "_write", slow)
    waits: list[None] = []
    wait = Journal._wait
    monkeypatch.setattr(Journal, "_wait", lambda it: (waits.append(None), wait(it)))
    it = Journal(tmp_path / "journal", {})
    it._prompt = True
    it.begin()
    with held:
        for at in range(5):
            it.note("s", "said", 1, 0, at)
        assert len(waits) == 1
    while it._written < 5:
        time.sleep(0.001)
    it.note("s", "said", 1, 0, 5)
    assert len(waits) == 2
    it.close()


def test_the_file_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "SLACK", 1000)
    notes = [("s", "say", n, "x" * 100, "", 1.0, 1.0) if n % 2 else ("s", "end", n - 1) for n in range(1, 2001)]
    assert len(written(tmp_path / "journal", *notes, ("s", "count", 9999))) < 2000


FULL = """
import logging, resource, sys, time
from pathlib import Path
from bridge.inputs.follower import Source
from bridge.inputs.prepare import NUMBERS
from bridge.journal import Journal, read
import bridge.journal as journal

logging.basicConfig(format="%(message)s")
journal.ALIVE_S = 0.05
path = Path(sys.argv[1])
it = Journal(path, {})
it.begin()
it.note("a", "say", 1, "x" * 1000, "", 1.0, 1.0)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, hard))
it.note("a", "say", 2, "x" * 3000, "", 1.0, 1.0)
while path.exists():
    time.sleep(0.01)
print("gone", flush=True)
it.note("a", "end", 1)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
while not path.exists():
    time.sleep(0.01)
print(*read(path)["a"].texts, sorted(p.name for p in path.parent.iterdir()), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="optional: limits of a process are POSIX")
def test_a_full_disk_costs_the_journal_and_not_the_show(tmp_path: Path) -> None:
    """It goes, as half of it would bring back what is past, and comes again when there is room."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "journal")], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "gone\n2 ['journal']\n"
    assert done.stderr.count("a crash brings no session back") == 1


def test_a_disk_that_hangs_ends_the_journal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MOST_WAITING", 10)
    it = Journal(tmp_path / "journal", {})  # its thread was never started, as if it hung
    with caplog.at_level(logging.ERROR):
        for number in range(100):
            it.note("s", "count", number)
    assert it._queue.qsize() == 11
    assert len(caplog.records) == 1


async def test_a_journal_that_cannot_be_written_is_named_at_the_start(tmp_path: Path) -> None:
    config = Config(
        http_port=0, grpc_port=0, journal=str(tmp_path / "none" / "journal"), tokens_file=str(tmp_path / "t")
    )
    with pytest.raises(ConfigError, match=r"journal = .* cannot be written: No such file"):
        async with running(config):
            pass
