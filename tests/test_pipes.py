"""The messages between the bridge and a speech worker."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.pipes import LENGTHS, MAX_BODY, MAX_HEADER, MessageError, lengths, pack, parse


@given(st.dictionaries(st.text(), st.integers() | st.text(st.characters(codec="utf-8"))), st.binary())
def test_a_message_comes_through(header: dict[str, int | str], body: bytes) -> None:
    message = pack(header, body)
    start = LENGTHS.size
    text, sound = lengths(message[:start])
    assert parse(message[start : start + text]) == header
    assert message[start + text :] == body
    assert len(body) == sound


@pytest.mark.parametrize("sizes", [(MAX_HEADER + 1, 0), (0, MAX_BODY + 1), (2**32 - 1, 2**32 - 1)])
def test_too_long_a_message_is_refused_before_it_is_read(sizes: tuple[int, int]) -> None:
    with pytest.raises(MessageError, match="limit"):
        lengths(LENGTHS.pack(*sizes))


def test_too_long_a_message_is_not_sent() -> None:
    with pytest.raises(MessageError, match="limit"):
        pack({"text": "a" * MAX_HEADER})


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"1", b"\xff\xfe"])
def test_what_is_no_object_is_refused(text: bytes) -> None:
    with pytest.raises(MessageError):
        parse(text)


@pytest.mark.skipif(sys.platform == "win32", reason="optional: pipes break with another error there")
def test_a_worker_whose_bridge_is_gone_ends_without_a_word() -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", "from bridge import pipes; pipes.work(lambda: ({}, lambda *request: ({}, b'')))"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert worker.stdin
    assert worker.stdout
    assert worker.stderr
    with worker.stdin, worker.stderr:
        worker.stdout.close()
        worker.stdin.write(pack({}))
        worker.stdin.flush()
        assert (worker.wait(20), worker.stderr.read()) == (0, b"")
