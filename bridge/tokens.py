"""The tokens file: who holds a token, for which role and until when. Of the token itself it keeps a hash alone.

    [unreal]
    role = "watch"
    expires = 2026-01-31T18:00:00Z
    sha256 = "…"

A token has 256 bits of chance, so one round of SHA-256 is enough: there is nothing to guess.
"""

import hashlib
import os
import re
import secrets
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from bridge.roles import Role, role

DEFAULT_FILE = "rigcast-tokens.toml"
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
MOST_TOKENS = 1000
LARGEST_FILE = 1_000_000
"""Bytes."""

FOREVER = float("inf")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(\d{1,6})([smhd])\Z")


class TokensError(Exception):
    """The file, or what was asked of it, cannot be; the message says where and why."""


class Key(NamedTuple):
    """One token: its holder's name, the hash (32 bytes), what it opens and until when (UNIX seconds)."""

    name: str
    digest: bytes
    role: Role
    expires: float = FOREVER


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def new() -> str:
    """A token: 256 bits of chance, 43 characters that every header, variable and address takes."""
    return secrets.token_urlsafe(32)


def span(text: str) -> float:
    """Seconds of "90s", "30m", "2h" or "7d"; "never" is without an end. Raises ValueError."""
    if text == "never":
        return FOREVER
    found = _SPAN.match(text)
    if not found or not int(found[1]):
        raise ValueError(f'{text!r} is no span; write a number and s, m, h or d ("2h"), or "never"')
    return float(int(found[1]) * _UNITS[found[2]])


def read(path: Path) -> list[Key]:
    """Every token of the file; none where there is no file. Raises TokensError."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TokensError(f"{path}: cannot be read: {error.strerror or error}") from None
    if len(data) > LARGEST_FILE:
        raise TokensError(f"{path}: larger than {LARGEST_FILE} bytes; is it a tokens file?")
    try:
        table = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise TokensError(f"{path}: is not TOML: {error}") from None
    if len(table) > MOST_TOKENS:
        raise TokensError(f"{path}: {len(table)} tokens, the limit is {MOST_TOKENS}")
    return [_key(path, name, entry) for name, entry in table.items()]


def write(path: Path, keys: Iterable[Key]) -> None:
    """Replace the file at once; only its owner may read it, where the system knows owners. Raises OSError."""
    text = "# Made by `rigcast token`. Hashes only: a lost token is replaced, not looked up.\n"
    text += "".join(f"\n{_entry(key)}" for key in keys)
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)  # a link that somebody left there would be followed
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _entry(key: Key) -> str:
    expires = f"expires = {moment(key.expires)}\n" if key.expires != FOREVER else ""
    return f'[{key.name}]\nrole = "{key.role}"\n{expires}sha256 = "{key.digest.hex()}"\n'


def moment(seconds: float) -> str:
    """UNIX seconds as people and TOML read them."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")


def _key(path: Path, name: str, entry: Any) -> Key:
    where = f"{path}: [{name[:80]}]"
    if not NAME.match(name):
        raise TokensError(f"{where}: a name has 1 to 64 characters of a-z, A-Z, 0-9, '-' and '_'")
    if not isinstance(entry, dict):
        raise TokensError(f"{where}: must be a table with role, sha256 and, if it ends, expires")
    if unknown := entry.keys() - {"role", "expires", "sha256"}:
        raise TokensError(f"{where}: {min(unknown)}: there is no such field; there are role, expires, sha256")
    try:
        return Key(name, _hash(entry), role(str(entry.get("role", ""))), _expiry(entry))
    except ValueError as error:
        raise TokensError(f"{where}: {error}") from None


def _hash(entry: Mapping[str, Any]) -> bytes:
    text = entry.get("sha256")
    if not isinstance(text, str) or not re.fullmatch("[0-9a-f]{64}", text):
        raise ValueError("sha256: must be 64 digits 0-9 a-f; `rigcast token new` writes it")
    return bytes.fromhex(text)


def _expiry(entry: Mapping[str, Any]) -> float:
    expires = entry.get("expires")
    if expires is None:
        return FOREVER
    if not isinstance(expires, datetime) or expires.tzinfo is None:
        raise ValueError("expires: must be a time with its zone, as 2026-01-31T18:00:00Z")
    return expires.timestamp()
