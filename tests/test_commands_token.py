"""`rigcast token`: what it prints where, and what it keeps."""

import time
from pathlib import Path

import pytest

from bridge import tokens
from bridge.cli import main
from bridge.roles import Role

FLAG = "--tokens-file"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the tokens are kept; no settings of this machine play in."""
    monkeypatch.chdir(tmp_path)
    return str(tmp_path / "tokens.toml")


def test_a_new_token_is_printed_alone_and_opens(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "new", "--role", "watch", "--expires", "2h", "--name", "unreal", FLAG, file]) == 0
    out, errors = capsys.readouterr()
    (key,) = tokens.read(Path(file))
    assert key.digest == tokens.digest(out.strip())
    assert (key.name, key.role) == ("unreal", Role.WATCH)
    assert 7100 < key.expires - time.time() <= 7200
    assert out.strip() not in errors


def test_tokens_are_listed_and_revoked_by_name(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["token", "new", FLAG, file]) == 0
    capsys.readouterr()
    assert main(["token", "list", FLAG, file]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["perform-1", "perform-2"]
    assert main(["token", "revoke", "perform-1", FLAG, file]) == 0
    assert [key.name for key in tokens.read(Path(file))] == ["perform-2"]
    assert main(["token", "new", FLAG, file]) == 0
    assert {key.name for key in tokens.read(Path(file))} == {"perform-1", "perform-2"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["new", "--role", "king"], "'king' is no role"),
        (["new", "--expires", "soon"], "'soon' is no span"),
        (["new", "--name", "a b"], "a name has 1 to 64 characters"),
        (["revoke", "nobody"], "nobody named 'nobody' holds a token"),
    ],
)
def test_what_cannot_be_is_said(
    file: str, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["token", *arguments, FLAG, file]) == 1
    assert words in capsys.readouterr().err


def test_a_name_holds_one_token(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "new", "--name", "a", FLAG, file]) == 0
    assert main(["token", "new", "--name", "a", FLAG, file]) == 1
    assert "holds a token already" in capsys.readouterr().err


def test_an_empty_list_says_what_to_do(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "list", FLAG, file]) == 0
    assert "`rigcast token new` makes one" in capsys.readouterr().err
