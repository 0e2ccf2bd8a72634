"""Certificates for both transports and for the program's own clients, from PEM files.

`tls_cert` and `tls_key` are this program's own, whether it serves or calls. `tls_client_ca` is whom a server demands
certificates of (mutual TLS), `tls_ca` is whom a client trusts; without it, it trusts just the bridge's own certificate.
A server looks at its files when somebody comes, once a second at most: a renewed certificate is shown to whoever comes
next, and files that cannot serve leave all as it was.
"""

import logging
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from bridge.config import Config, ConfigError

if TYPE_CHECKING:
    import grpc

LARGEST_FILE = 1_000_000
"""Bytes of a PEM file; a chain of three has about ten thousand."""
CERTIFICATE, KEY = "CERTIFICATE", "PRIVATE KEY"
LOOK_S = 1.0
SOON_S = 14 * 86_400
"""Seconds before its end at which a certificate is complained of; what renews by itself does so a month before."""

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Followed(Generic[T]):
    """What `make` makes of a server's files as they are now; any one thread. Raises ConfigError, when made."""

    def __init__(self, config: Config, make: Callable[[Config], T]) -> None:
        self.value = make(config)
        self._config = config
        self._make = make
        self._files = [Path(name) for name in (config.tls_cert, config.tls_key, config.tls_client_ca) if name]
        self._stamps = self._look()
        self._due = time.monotonic() + LOOK_S
        warn(config)

    def renewed(self) -> bool:
        """Whether `value` is another one now."""
        if time.monotonic() < self._due:
            return False
        self._due = time.monotonic() + LOOK_S
        if (stamps := self._look()) == self._stamps:
            return False
        self._stamps = stamps
        try:
            self.value = self._make(self._config)
        except ConfigError as error:  # half of it may be written; the other half is another change
            logger.error("the certificate stays as it was: %s", error)
            return False
        logger.info("%s is shown from now on", self._config.tls_cert)
        warn(self._config)
        return True

    def _look(self) -> list[tuple[int, int] | None]:
        return [_stamp(path) for path in self._files]


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes whenever the file does."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def warn(config: Config) -> None:
    """Log a certificate that ends soon."""
    if (left := expires(config) - time.time()) < SOON_S:
        logger.warning("%s ends %s", config.tls_cert, f"in {left / 86_400:.1f} days" if left > 0 else "in the past")


def expires(config: Config) -> float:
    """UNIX seconds at which our own certificate ends; infinity where that cannot be read. RFC 5280, 4.1."""
    try:
        text = _read(config, "tls_cert", CERTIFICATE).decode("ascii", "replace")
        begin, end = text.index(ssl.PEM_HEADER), text.index(ssl.PEM_FOOTER) + len(ssl.PEM_FOOTER)
        ((_, certificate),) = _parts(ssl.PEM_cert_to_DER_cert(text[begin:end]))
        fields = [content for tag, content in _parts(next(_parts(certificate))[1]) if tag == _SEQUENCE]
        (_, _), (tag, moment) = _parts(fields[2])  # of signature, issuer, validity
        form = "%y%m%d%H%M%SZ" if tag == _UTC_TIME else "%Y%m%d%H%M%SZ"
        return datetime.strptime(moment.decode(), form).replace(tzinfo=UTC).timestamp()
    except (ValueError, IndexError, StopIteration, ConfigError):
        return float("inf")


_SEQUENCE, _UTC_TIME = 0x30, 0x17


def _parts(der: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements of DER (X.690, 8.1), each with its tag."""
    at = 0
    while at < len(der):
        tag, size, at = der[at], der[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(der[at : at + count], "big"), at + count
        yield tag, der[at : at + size]
        at += size


def server_context(config: Config) -> ssl.SSLContext | None:
    """What the page and WebSocket are served with; None without TLS. Raises ConfigError."""
    if not config.tls_cert:
        return None
    followed = Followed(config, _server_context)

    def show(connection: "ssl.SSLSocket | ssl.SSLObject", *_: object) -> None:
        followed.renewed()
        connection.context = followed.value

    context = _server_context(config)  # of which each handshake begins
    context.sni_callback = show
    return context


def _server_context(config: Config) -> ssl.SSLContext:
    context = _with_identity(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), config)
    if config.tls_client_ca:
        _trust(context, config, "tls_client_ca")
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(config: Config) -> ssl.SSLContext | None:
    """What the page is asked for with; None without TLS. Raises ConfigError."""
    trusted = _trusted(config)
    if not trusted:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a certificate that is trusted needs no one above it
    _trust(context, config, trusted)
    return _with_identity(context, config) if config.tls_cert else context


def server_credentials(config: Config) -> "grpc.ServerCredentials | None":
    """What gRPC is served with; None without TLS. Raises ConfigError."""
    import grpc

    if not config.tls_cert:
        return None

    def certificates(config: Config) -> grpc.ServerCertificateConfiguration:
        _server_context(config)  # it finds what is wrong with the files, which gRPC would not say
        authority = _read(config, "tls_client_ca", CERTIFICATE) if config.tls_client_ca else None
        return grpc.ssl_server_certificate_configuration([_identity(config)], authority)

    followed = Followed(config, certificates)

    def fetch() -> Any:  # a configuration, or None for no change
        return followed.value if followed.renewed() else None

    return grpc.dynamic_ssl_server_credentials(followed.value, fetch, bool(config.tls_client_ca))


def channel_credentials(config: Config) -> "grpc.ChannelCredentials | None":
    """What gRPC is called with; None without TLS. Raises ConfigError."""
    import grpc

    if client_context(config) is None:
        return None
    key, certificate = _identity(config) if config.tls_cert else (None, None)
    return grpc.ssl_channel_credentials(_read(config, _trusted(config), CERTIFICATE), key, certificate)


def _trusted(config: Config) -> str:
    """The setting that names whom a client trusts; empty without TLS."""
    return "tls_ca" if config.tls_ca else "tls_cert" if config.tls_cert else ""


def _identity(config: Config) -> tuple[bytes, bytes]:
    return _read(config, "tls_key", KEY), _read(config, "tls_cert", CERTIFICATE)


def _with_identity(context: ssl.SSLContext, config: Config) -> ssl.SSLContext:
    _identity(config)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(config.tls_cert, config.tls_key, password=lambda: _refuse_password(config))
    except ssl.SSLError as error:
        mismatch = "KEY_VALUES_MISMATCH" in str(error)
        reason = f"is not the key of {config.tls_cert}" if mismatch else f"cannot be used with tls_cert: {error.reason}"
        raise _error(config, "tls_key", reason) from None
    return context


def _refuse_password(config: Config) -> str:
    raise _error(config, "tls_key", "is encrypted; write it without a passphrase, readable for the bridge alone")


def _trust(context: ssl.SSLContext, config: Config, name: str) -> None:
    try:
        context.load_verify_locations(cadata=_read(config, name, CERTIFICATE).decode(errors="replace"))
    except (ssl.SSLError, ValueError) as error:
        raise _error(config, name, f"holds no certificate that can be read: {error}") from None


def _read(config: Config, name: str, kind: str) -> bytes:
    """A PEM file that holds at least one block of the kind."""
    path = Path(getattr(config, name))
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise _error(config, name, f"cannot be read: {error.strerror or error}") from None
    if len(data) > LARGEST_FILE:
        raise _error(config, name, f"is larger than {LARGEST_FILE} bytes")
    if f"{kind}-----".encode() not in data:
        held = KEY if kind == CERTIFICATE else CERTIFICATE
        swapped = f"; it holds a {held.lower()}" if f"{held}-----".encode() in data else ""
        raise _error(config, name, f"holds no {kind.lower()} in PEM form (-----BEGIN ...{kind}-----){swapped}")
    return data


def _error(config: Config, name: str, reason: str) -> ConfigError:
    return ConfigError(f'{config.source(name)}: {name} = "{getattr(config, name)}": {reason}')
