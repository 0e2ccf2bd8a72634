"""Certificates for both transports and for the program's own clients, from PEM files.

`tls_cert` and `tls_key` are this program's own, whether it serves or calls. `tls_client_ca` is whom a server demands
certificates of (mutual TLS), `tls_ca` is whom a client trusts; without it, it trusts just the bridge's own certificate.
"""

import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.config import Config, ConfigError

if TYPE_CHECKING:
    import grpc

LARGEST_FILE = 1_000_000
"""Bytes of a PEM file; a chain of three has about ten thousand."""
CERTIFICATE, KEY = "CERTIFICATE", "PRIVATE KEY"


def server_context(config: Config) -> ssl.SSLContext | None:
    """What the page and WebSocket are served with; None without TLS. Raises ConfigError."""
    if not config.tls_cert:
        return None
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

    if server_context(config) is None:  # it finds what is wrong with the files, which gRPC would not say
        return None
    authority = _read(config, "tls_client_ca", CERTIFICATE) if config.tls_client_ca else None
    return grpc.ssl_server_credentials([_identity(config)], authority, require_client_auth=authority is not None)


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
