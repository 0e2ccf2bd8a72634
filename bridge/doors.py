"""Who may come in, whatever the transport: tokens and what they open, and when a guest must go.

A bridge without tokens listens on this machine alone, and everybody on it may do everything.
"""

import asyncio
import contextlib
import hmac
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bridge import tokens
from bridge.config import Config, ConfigError, is_loopback
from bridge.roles import Role, needed
from bridge.session import Code, RefusedError, forbidden
from bridge.tokens import FOREVER, Key, TokensError

SWEEP_S = 1.0
"""How often the tokens file is looked at, and how long an expired token is still good for at most."""

logger = logging.getLogger(__name__)


EVERYBODY = Key("this machine", b"", Role.ADMIN)
"""What clients come in with where no token is asked for."""


class Doors:
    """Admits clients and sends them away when their token ends. Event loop only; `now` gives UNIX seconds.

    Raises ConfigError where the tokens file cannot be read, or opens nothing although other machines can reach us.
    """

    def __init__(self, config: Config, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._file = Path(config.tokens_file)
        self._settled = _configured(config)
        try:
            self._keys = self._settled + tokens.read(self._file)
        except TokensError as error:
            raise ConfigError(str(error)) from None
        self._open = not self._keys and is_loopback(config.host)
        self._inside: dict[object, tuple[Key, Callable[[RefusedError], None]]] = {}
        if not self._open and not any(self._is_good(key) for key in self._keys):
            raise ConfigError(f"{self._file}: no token in it is good any more. Make one with\n  rigcast token new")

    def admit(self, token: str, what: str) -> Key:
        """Let the holder of a token ask for something of bridge.roles.NEEDED. Raises RefusedError."""
        found = self._key(token)
        if found.role < needed(what):
            raise forbidden(found.role, what)
        return found

    def _key(self, token: str) -> Key:
        if self._open:
            return EVERYBODY
        if not token:
            raise _unknown("the token is missing")
        given = tokens.digest(token)
        found = [key for key in self._keys if hmac.compare_digest(key.digest, given)]  # all of them: no early end
        if not found:
            raise _unknown("the token is wrong")
        key = max(found, key=lambda key: key.expires)
        if not self._is_good(key):
            raise _unknown(f"the token expired at {tokens.moment(key.expires)}")
        return key

    @contextlib.contextmanager
    def inside(self, guest: Key, expel: Callable[[RefusedError], None]) -> Iterator[None]:
        """While it lasts, `expel` is called as soon as the guest's token has ended."""
        place = object()
        self._inside[place] = (guest, expel)
        try:
            yield
        finally:
            self._inside.pop(place, None)

    async def keep(self) -> None:
        """Follow the tokens file, and send away whose token has ended or is no longer in it. Runs until cancelled.

        A bridge that began without tokens asks for none until it ends.
        """
        if self._open:
            return
        seen = await asyncio.to_thread(_stamp, self._file)
        while True:
            await asyncio.sleep(SWEEP_S)
            stamp = await asyncio.to_thread(_stamp, self._file)
            if stamp != seen:
                seen = stamp
                await self._reread()
            self.sweep()

    async def _reread(self) -> None:
        """A file that cannot be read changes nothing: a slip of the pen must not end a show."""
        try:
            found = await asyncio.to_thread(tokens.read, self._file)
        except TokensError as error:
            logger.error("the tokens stay as they were: %s", error)
            return
        self._keys = self._settled + found
        logger.info("%s: %d tokens", self._file, len(found))

    def sweep(self) -> None:
        """Send away whoever's token is no longer good."""
        good = {key.digest for key in self._keys if self._is_good(key)}
        for place, (guest, expel) in list(self._inside.items()):
            if guest.digest not in good:
                del self._inside[place]
                expel(_unknown("the token has ended"))

    def _is_good(self, key: Key) -> bool:
        return self._now() < key.expires


def bearer(authorization: str) -> str:
    """The token of an Authorization header (RFC 6750); what has another form is returned whole, and opens nothing."""
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else authorization


def _unknown(reason: str) -> RefusedError:
    return RefusedError(Code.UNAUTHENTICATED, f"{reason}; `rigcast token new` makes one", fatal=True)


def _configured(config: Config) -> list[Key]:
    """The tokens that the settings name."""
    named = (
        ("token", config.token, Role.ADMIN),
        ("perform_token", config.perform_token, Role.PERFORM),
        ("watch_token", config.watch_token, Role.WATCH),
    )
    return [Key(name, tokens.digest(token), role, FOREVER) for name, token, role in named if token]


def _stamp(path: Path) -> tuple[int, int]:
    """What changes whenever the file does."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_ino
