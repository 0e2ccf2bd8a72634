"""The tokens file: what is kept, what is refused, and that the tokens themselves are nowhere."""

import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import tokens
from bridge.roles import Role, role
from bridge.tokens import FOREVER, Key, TokensError

HASH = "ab" * 32


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    keys = [
        Key("unreal", tokens.digest("a"), Role.WATCH, 1_800_000_000.0),
        Key("desk-2", tokens.digest("b"), Role.ADMIN, FOREVER),
    ]
    tokens.write(file, keys)
    assert tokens.read(file) == keys
    assert [path.name for path in tmp_path.iterdir()] == ["tokens.toml"]


def test_no_file_holds_no_tokens(tmp_path: Path) -> None:
    assert tokens.read(tmp_path / "none.toml") == []


@pytest.mark.skipif(sys.platform == "win32", reason="optional: Windows has no such permissions")
def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    previous = os.umask(0)
    try:
        tokens.write(file, [])
    finally:
        os.umask(previous)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="optional: links need a privilege there")
def test_a_link_in_its_way_is_not_followed(tmp_path: Path) -> None:
    path, other = tmp_path / "tokens", tmp_path / "other"
    other.write_text("untouched")
    (tmp_path / f"tokens.{os.getpid()}.new").symlink_to(other)
    tokens.write(path, [])
    assert other.read_text() == "untouched"
    assert not path.is_symlink()


def test_a_token_has_256_bits_and_is_kept_as_a_hash(tmp_path: Path) -> None:
    token = tokens.new()
    assert len(token) == 43
    assert token != tokens.new()
    file = tmp_path / "tokens.toml"
    tokens.write(file, [Key("one", tokens.digest(token), Role.WATCH)])
    assert token not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[a", "is not TOML"),
        ("a = 1", r"\[a\]: must be a table"),
        ("['a b']", "a name has 1 to 64 characters"),
        (f"['{'x' * 65}']", "a name has 1 to 64 characters"),
        ("[a]\nrole = 'watch'", "sha256: must be 64 digits"),
        (f"[a]\nrole = 'watch'\nsha256 = '{'g' * 64}'", "sha256: must be 64 digits"),
        (f"[a]\nrole = 'king'\nsha256 = '{HASH}'", "'king' is no role; there are watch, perform, admin"),
        (f"[a]\nsha256 = '{HASH}'", "'' is no role"),
        (f"[a]\nrole = 'watch'\nsha256 = '{HASH}'\nexpires = 5", "expires: must be a time with its zone"),
        (f"[a]\nrole = 'watch'\nsha256 = '{HASH}'\nexpires = 2026-01-01T00:00:00", "with its zone"),
        (f"[a]\nrole = 'watch'\nsha256 = '{HASH}'\nexpire = 5", "expire: there is no such field"),
        ("\n".join(f"[t{i}]" for i in range(1001)), "1001 tokens, the limit is 1000"),
        ("# " + "x" * 1_000_000, "larger than 1000000 bytes"),
    ],
)
def test_a_bad_file_says_where_and_why(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(TokensError, match=words) as caught:
        tokens.read(file)
    assert str(file) in str(caught.value)


def test_bytes_that_are_no_text_are_no_crash(tmp_path: Path) -> None:
    (tmp_path / "tokens.toml").write_bytes(b"[\xff]")
    with pytest.raises(TokensError, match="is not TOML"):
        tokens.read(tmp_path / "tokens.toml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(TokensError, match="cannot be read"):
        tokens.read(tmp_path)


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("2h", 7200), ("7d", 604_800)])
def test_spans(text: str, seconds: float) -> None:
    assert tokens.span(text) == seconds
    assert tokens.span("never") == FOREVER


@pytest.mark.parametrize("text", ["", "2", "2x", "0h", "-1h", "1.5h", "1h30m", "9999999d", "２h ", "2h\n"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no span"):
        tokens.span(text)


@given(st.text())
def test_any_token_has_a_hash(token: str) -> None:
    assert len(tokens.digest(token)) == 32


def test_roles_are_named_and_ordered() -> None:
    assert [str(r) for r in Role] == ["watch", "perform", "admin"]
    assert all(role(str(r)) is r for r in Role)
    assert Role.WATCH < Role.PERFORM < Role.ADMIN
