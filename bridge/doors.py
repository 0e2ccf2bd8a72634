"""Who may come in, whatever the transport: tokens and what they open, pages and names, and when a guest must go.

A bridge without tokens listens on this machine alone, and everybody on it may do everything.
"""

import asyncio
import contextlib
import hmac
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

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


class Guest(Protocol):
    """A client, as far as doors know it."""

    @property
    def joined(self) -> bool:
        """Whether it has said what it came for."""
        ...

    def refuse(self, refusal: RefusedError) -> None:
        """Tell it, and end the connection where the refusal is fatal."""
        ...


class _Place(NamedTuple):
    key: Key
    guest: Guest
    due: float
    """UNIX seconds by which it must have joined."""


class Doors:
    """Admits clients and sends them away when their token ends. Event loop only; `now` gives UNIX seconds.

    Raises ConfigError where the tokens file cannot be read, or opens nothing although other machines can reach us.
    """

    def __init__(self, config: Config, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._config = config
        self._file = Path(config.tokens_file)
        self._settled = _configured(config)
        try:
            self._keys = self._settled + tokens.read(self._file)
        except TokensError as error:
            raise ConfigError(str(error)) from None
        self._open = not self._keys and is_loopback(config.host)
        self._inside: dict[object, _Place] = {}
        self._connections = 0
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

    def check_page(self, host: str, origin: str | None) -> None:
        """Whether a browser may use us under this name, for a page of this origin. Raises RefusedError.

        A name that is not ours may have been pointed here by a stranger's page (DNS rebinding); with a token that is
        no danger, as the page does not have it. Unreal's WebSocket leaves the port out of its Origin.
        """
        name = _name(f"//{host}")
        if is_loopback(self._config.host) and not (is_loopback(name) or name in self._config.hosts.lower().split()):
            raise _barred(f"{host[:80]!r} is no name of this bridge; --hosts adds some")
        if origin is None or origin.lower() in self._config.origins.lower().split():
            return
        if urlsplit(origin).netloc.lower() not in (host.lower(), name):
            raise _barred(f"pages of {origin[:80]} may not use this bridge; --origins adds some")

    def come(self) -> bool:
        """Count a connection; False if there are too many."""
        self._connections += 1
        return self._connections <= self._config.connections

    def go(self) -> None:
        """A connection that was counted is gone."""
        self._connections -= 1

    @contextlib.contextmanager
    def inside(self, key: Key, guest: Guest) -> Iterator[None]:
        """While it lasts, the guest is refused when it does not join in time, and as soon as its token ends."""
        place = object()
        self._inside[place] = _Place(key, guest, self._now() + self._config.handshake_s)
        try:
            yield
        finally:
            self._inside.pop(place, None)

    async def keep(self) -> None:
        """Follow the tokens file, and send away who must go. Runs until cancelled.

        A bridge that began without tokens asks for none until it ends.
        """
        seen = await asyncio.to_thread(_stamp, self._file)
        while True:
            await asyncio.sleep(SWEEP_S)
            stamp = await asyncio.to_thread(_stamp, self._file)
            if stamp != seen and not self._open:
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
        """Send away whose token is no longer good, and who has not joined in time."""
        good = {key.digest for key in self._keys if self._is_good(key)} | ({EVERYBODY.digest} if self._open else set())
        for place, (key, guest, due) in list(self._inside.items()):
            if key.digest not in good:
                del self._inside[place]
                guest.refuse(_unknown("the token has ended"))
            elif not guest.joined and self._now() > due:
                del self._inside[place]
                message = f"no join within {self._config.handshake_s} s"
                guest.refuse(RefusedError(Code.FAILED_PRECONDITION, message, field="join", fatal=True))

    def _is_good(self, key: Key) -> bool:
        return self._now() < key.expires


def bearer(authorization: str) -> str:
    """The token of an Authorization header (RFC 6750); what has another form is returned whole, and opens nothing."""
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else authorization


def _name(address: str) -> str:
    """The host of an address in lower case; empty where there is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _barred(message: str) -> RefusedError:
    return RefusedError(Code.PERMISSION_DENIED, message, fatal=True)


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
