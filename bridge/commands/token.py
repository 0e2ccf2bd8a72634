"""`rigcast token`: make, list and revoke the tokens of the tokens file."""

import argparse
import sys
import time
from pathlib import Path

from bridge import tokens
from bridge.commands import CommandError
from bridge.config import load
from bridge.roles import role
from bridge.tokens import Key, TokensError


def new(args: argparse.Namespace) -> int:
    """Print a new token, once; all else goes to the standard error, so that a script can catch the token."""
    file = _file(args)
    keys = _read(file)
    try:
        what, expires = role(args.role), time.time() + tokens.span(args.expires)
    except ValueError as error:
        raise CommandError(str(error)) from None
    name = args.name or _free(str(what), keys)
    if not tokens.NAME.match(name):
        raise CommandError(f"--name {name!r}: a name has 1 to 64 characters of a-z, A-Z, 0-9, '-' and '_'")
    if any(key.name == name for key in keys):
        raise CommandError(f"{file}: {name} holds a token already; revoke it first, or choose another --name")
    if len(keys) >= tokens.MOST_TOKENS:
        raise CommandError(f"{file}: {len(keys)} tokens, the limit is {tokens.MOST_TOKENS}; revoke some")
    token = tokens.new()
    tokens.write(file, [*keys, Key(name, tokens.digest(token), what, expires)])
    print(f"{file}: {name}, {what}, {_until(expires)}. It is shown only now:", file=sys.stderr, flush=True)
    print(token)
    return 0


def list_all(args: argparse.Namespace) -> int:
    """Print who holds a token; the tokens themselves are nowhere."""
    keys = _read(file := _file(args))
    if not keys:
        print(f"{file}: no tokens. `rigcast token new` makes one.", file=sys.stderr)
    for key in keys:
        print(f"{key.name:24}  {key.role!s:8}  {_until(key.expires)}")
    return 0


def revoke(args: argparse.Namespace) -> int:
    """Take a token out of the file."""
    keys = _read(file := _file(args))
    kept = [key for key in keys if key.name != args.name]
    if len(kept) == len(keys):
        raise CommandError(f"{file}: nobody named {args.name!r} holds a token; see `rigcast token list`")
    tokens.write(file, kept)
    return 0


def _file(args: argparse.Namespace) -> Path:
    return Path(load({"tokens_file": args.tokens_file}, args.config).tokens_file)


def _read(file: Path) -> list[Key]:
    try:
        return tokens.read(file)
    except TokensError as error:
        raise CommandError(str(error)) from None


def _free(role: str, keys: list[Key]) -> str:
    taken = {key.name for key in keys}
    return next(name for i in range(1, len(keys) + 2) if (name := f"{role}-{i}") not in taken)


def _until(expires: float) -> str:
    if expires == tokens.FOREVER:
        return "without an end"
    return f"{'ended' if expires <= time.time() else 'until'} {tokens.moment(expires)}"
