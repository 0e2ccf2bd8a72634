"""What can be set, within which bounds, and where each value came from.

Sources, each overriding the one before: the defaults below, a TOML file of flat keys (`rigcast.toml` in the current
folder, or the one named by --config or RIGCAST_CONFIG), variables `RIGCAST_*`, flags.
"""

import difflib
import ipaddress
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from bridge import tokens
from bridge.inputs import binding
from bridge.outputs import target

PREFIX = "RIGCAST_"
FILE_VARIABLE = "RIGCAST_CONFIG"
DEFAULT_FILE = "rigcast.toml"
DEVICES = ("auto", "cpu", "cuda")
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")
NEW_TOKEN = "rigcast token new"

Value = str | int


class ConfigError(Exception):
    """A value that cannot be: the message names the source, the field and the bound."""


class Setting(NamedTuple):
    """One field of Config. Numbers lie in low..high (inclusive, in `unit`), strings have low..high characters."""

    name: str
    default: Value
    help: str
    low: int
    high: int
    unit: str = ""
    choices: tuple[str, ...] = ()
    secret: bool = False
    several: bool = False
    """Its flag may be given several times; the values are parted by spaces."""
    bare: Value | None = None
    """What its flag means without a value; None if it needs one."""

    @property
    def flag(self) -> str:
        """How the command line spells it."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """How the environment spells it."""
        return PREFIX + self.name.upper()

    def parse(self, text: str) -> Value:
        """A number where a number is wanted and the text is one; Config refuses what is left."""
        try:
            return int(text) if isinstance(self.default, int) else text
        except ValueError:
            return text

    def shown(self, value: Value) -> str:
        """The value as it may be printed; a secret stays hidden."""
        if self.secret:
            return '"(hidden)"' if value else '""'
        return f'"{value}"' if isinstance(value, str) else str(value)


def _setting(default: Value, help: str, low: int, high: int, unit: str = "", **more: Any) -> Any:
    return field(default=default, metadata={"help": help, "low": low, "high": high, "unit": unit, **more})


@dataclass(frozen=True, slots=True)
class Config:
    """What is in force. Raises ConfigError where a value is out of bounds, or host and token do not go together."""

    host: str = _setting("127.0.0.1", "address to listen on; beyond this machine only with a token", 1, 253)
    http_port: int = _setting(7788, "port of the preview page and of WebSocket; 0 takes a free one", 0, 65535)
    grpc_port: int = _setting(7789, "port of gRPC; 0 takes a free one", 0, 65535)
    token: str = _setting("", "what clients must present to do everything; never a flag", 16, 256, secret=True)
    perform_token: str = _setting("", "what clients may present to watch and perform", 16, 256, secret=True)
    watch_token: str = _setting("", "what clients may present only to watch", 16, 256, secret=True)
    tokens_file: str = _setting(tokens.DEFAULT_FILE, "tokens that end, made by `rigcast token`", 1, 4000)
    tls_cert: str = _setting("", "PEM file of our certificate and those above it; turns TLS on", 0, 4000)
    tls_key: str = _setting("", "PEM file of its private key", 0, 4000)
    tls_client_ca: str = _setting("", "PEM file of whom clients need a certificate from (mutual TLS)", 0, 4000)
    tls_ca: str = _setting("", "PEM file of whom `rigcast say` and its like trust", 0, 4000)
    voice: str = _setting("", "voice of whoever names none; empty is the engine's own choice", 0, 64)
    lead_ms: int = _setting(400, "how far sound and frames run ahead of the present", 20, 2000, "ms")
    text_characters: int = _setting(5000, "length of one text", 1, 100_000, "characters")
    message_bytes: int = _setting(524_288, "size of one message from a client", 1024, 16_777_216, "bytes")
    sessions: int = _setting(256, "sessions that may exist at once", 1, 4096)
    subscribers: int = _setting(16, "clients that may be in one session at once", 1, 1024)
    busy_limit: int = _setting(75, "share of a core beyond which no new session is let in", 10, 100, "percent")
    queued_texts: int = _setting(32, "texts that may wait in one session", 1, 1024)
    session_linger_s: int = _setting(30, "how long a session lives on after its last client left", 0, 86_400, "s")
    messages_per_s: int = _setting(1000, "messages from one connection, over some seconds", 1, 100_000, "1/s")
    bytes_per_s: int = _setting(4_194_304, "bytes from one connection, over some seconds", 4096, 2**30, "bytes/s")
    connections: int = _setting(1024, "connections of WebSocket and the page, and calls of gRPC, at once", 1, 65_536)
    handshake_s: int = _setting(10, "time within which a client must have joined", 1, 600, "s")
    journal: str = _setting("", "file that brings sessions back after a crash; empty is none", 0, 4000)
    drain_s: int = _setting(10, "time in which sentences may end after SIGTERM or Ctrl-C", 0, 3600, "s")
    origins: str = _setting("", "other pages that may use the bridge: http://localhost:5173", 0, 4000, several=True)
    hosts: str = _setting("", "other names of this machine, as behind a proxy", 0, 4000, several=True)
    log_level: str = _setting("info", "least severe message that is logged", 0, 16, choices=LOG_LEVELS)
    log_format: str = _setting("text", "how it is logged; json: one object a line", 0, 16, choices=LOG_FORMATS)
    livelink: str = _setting(
        "", "receivers of Live Link Face: HOST:PORT/SUBJECT[,OPTION=VALUE...]", 0, 4000, several=True
    )
    vmc: str = _setting("", "receivers of VMC: HOST:PORT[,OPTION=VALUE...]", 0, 4000, several=True)
    outputs: int = _setting(8, "receivers that clients may switch on, in all sessions together", 0, 64)
    output_hosts: str = _setting("", "machines beyond this one that these may be on", 0, 4000, several=True)
    a2f: int = _setting(-1, "port of the Audio2Face-3D service; 0 takes a free one, -1 is none", -1, 65535, bare=52000)
    a2f_fps: int = _setting(30, "frames it sends a second of sound: 30 or 60", 30, 60, "fps")
    capture: str = _setting("", "captured faces to mix in: PROTOCOL[:ADDRESS][,OPTION=VALUE...]", 0, 4000, several=True)
    model: str = _setting("", "what hears live audio: a name from `rigcast models list`, or a file", 0, 4000)
    device: str = _setting("auto", "where it runs; auto takes CUDA where that works", 0, 16, choices=DEVICES)
    seed: int = _setting(0, "where the chance in blinks, gaze and idle movement starts", 0, 2**32 - 1)
    sources: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """Of each field that is not at its default: the file, variable or flag that set it."""

    def __post_init__(self) -> None:
        for setting in SETTINGS.values():
            value = getattr(self, setting.name)
            if reason := _objection(setting, value):
                raise self._error(setting.name, setting.shown(value), reason)
        self._check_together()
        self._check_tls()
        self._check_outputs()

    def _check_together(self) -> None:
        if not _is_address(self.host):
            raise self._error("host", f'"{self.host}"', "must be an IP address or a host name alone")
        ports = {name: getattr(self, name) for name in ("http_port", "grpc_port", "a2f")}
        taken = [name for name, port in ports.items() if port > 0]
        for one, other in combinations(taken, 2):
            if ports[one] == ports[other]:
                later = other if other in self.sources else one
                raise self._error(later, str(ports[one]), f"{one} and {other} must differ")
        if self.a2f_fps not in (30, 60):
            raise self._error("a2f_fps", str(self.a2f_fps), "must be 30 or 60")
        given = [token for token in (self.token, self.perform_token, self.watch_token) if token]
        if len(set(given)) < len(given):
            raise self._error("token", SETTINGS["token"].shown(self.token), "each role needs a token of its own")
        if not self.wants_token and not is_loopback(self.host):
            reason = "other machines could reach the bridge, so it needs a token. Make one with"
            where = f"which keeps it in {self.tokens_file}, or set {PREFIX}TOKEN, or token in {DEFAULT_FILE}"
            raise self._error("host", f'"{self.host}"', f"{reason}\n  {NEW_TOKEN}\n{where}")

    def _check_tls(self) -> None:
        if bool(self.tls_cert) != bool(self.tls_key):
            name = "tls_cert" if self.tls_cert else "tls_key"
            raise self._error(name, f'"{getattr(self, name)}"', "tls_cert and tls_key go together")
        if self.tls_client_ca and not self.tls_cert:
            raise self._error("tls_client_ca", f'"{self.tls_client_ca}"', "needs tls_cert and tls_key")

    def _check_outputs(self) -> None:
        for name in (*target.PROTOCOLS, "capture"):
            value = getattr(self, name)
            try:
                found = binding.places(value) if name == "capture" else target.targets(name, value)
            except ValueError as error:
                raise self._error(name, f'"{value}"', str(error)) from None
            for each in found:
                if not _is_address(each.host):
                    raise self._error(name, f'"{each.host}"', "must be an IP address or a host name")

    def _error(self, name: str, value: str, reason: str) -> ConfigError:
        return ConfigError(f"{self.sources.get(name, 'Config')}: {name} = {value}: {reason}")

    def source(self, name: str) -> str:
        """Where a field's value came from."""
        return self.sources.get(name, "default")

    def __repr__(self) -> str:
        shown = (f"{name}={setting.shown(getattr(self, name))}" for name, setting in SETTINGS.items())
        return f"Config({', '.join(shown)})"

    @property
    def wants_token(self) -> bool:
        """Whether clients must present one."""
        return bool(self.token or self.perform_token or self.watch_token) or os.path.exists(self.tokens_file)

    @property
    def page_url(self) -> str:
        """Where a browser on this machine finds the preview page."""
        scheme = "https" if self.tls_cert else "http"
        return f"{scheme}://{authority(reachable(self.host), self.http_port)}/"

    @property
    def grpc_target(self) -> str:
        """Where a gRPC client on this machine finds the bridge."""
        return authority(reachable(self.host), self.grpc_port)


SETTINGS: dict[str, Setting] = {
    f.name: Setting(f.name, f.default, **f.metadata)  # type: ignore[arg-type]  # only settings carry metadata
    for f in fields(Config)
    if f.metadata
}
"""Every field by name, in the order of Config."""


def load(
    flags: Mapping[str, Value | None] | None = None, file: str | None = None,
    *, environ: Mapping[str, str] = os.environ, folder: Path | None = None,
) -> Config:  # fmt: skip
    """The configuration in force. A flag that is None was not given. Raises ConfigError."""
    found: dict[str, tuple[Value, str]] = {}
    path = file or environ.get(FILE_VARIABLE, "")
    if path or ((folder or Path()) / DEFAULT_FILE).exists():
        found |= _from_file((folder or Path()) / (path or DEFAULT_FILE), path or DEFAULT_FILE)
    found |= _from_environment(environ)
    found |= {name: (value, SETTINGS[name].flag) for name, value in (flags or {}).items() if value is not None}
    values: dict[str, Any] = {name: value for name, (value, _) in found.items()}
    return Config(**values, sources={name: source for name, (_, source) in found.items()})


def _from_file(path: Path, source: str) -> dict[str, tuple[Value, str]]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{source}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{source}: is not TOML: {error}") from None
    for key, value in table.items():
        if isinstance(value, dict):
            raise ConfigError(f"{source}: [{key}]: there are no tables here; write every key at the top, flat")
        if key not in SETTINGS:
            raise ConfigError(f"{source}: {key}: there is no such setting{_suggestion(key, SETTINGS)}")
    return {key: (value, source) for key, value in table.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, tuple[Value, str]]:
    by_variable = {setting.variable: setting for setting in SETTINGS.values()}
    found: dict[str, tuple[Value, str]] = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or variable == FILE_VARIABLE:
            continue
        if variable not in by_variable:
            known = [*by_variable, FILE_VARIABLE]
            raise ConfigError(f"{variable}: there is no such setting{_suggestion(variable, known)}")
        setting = by_variable[variable]
        found[setting.name] = (setting.parse(text), variable)
    return found


def _objection(setting: Setting, value: Any) -> str:
    """Why a setting cannot have this value; empty where it can."""
    if isinstance(setting.default, int):
        if not isinstance(value, int) or isinstance(value, bool):
            return f"must be a whole number, {_bounds(setting)}"
        return "" if setting.low <= value <= setting.high else f"must be {_bounds(setting)}"
    if not isinstance(value, str):
        return "must be text"
    if setting.choices:
        return "" if value in setting.choices else f"must be one of {', '.join(setting.choices)}"
    if not value.isprintable():
        return "must be printable"
    if setting.secret:
        return _token_objection(setting, value)
    return "" if setting.low <= len(value) <= setting.high else f"must be {_bounds(setting)} characters"


def _token_objection(setting: Setting, token: str) -> str:
    if not token or (setting.low <= len(token) <= setting.high and token.isascii() and " " not in token):
        return ""
    return f"must be {_bounds(setting)} ASCII characters without a space; make one with\n  {NEW_TOKEN}"


def _bounds(setting: Setting) -> str:
    return f"{setting.low}..{setting.high}" + (f" {setting.unit}" if setting.unit else "")


def _suggestion(word: str, known: Iterable[str]) -> str:
    known = list(known)
    near = difflib.get_close_matches(word, known, 1, 0.6)
    return f"; did you mean {near[0]}?" if near else f". There are: {', '.join(known)}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens on the host. A name other than localhost is not trusted."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return all(part and part.replace("-", "").isalnum() for part in host.split("."))
    return True


def reachable(host: str) -> str:
    """Where to knock from this machine: the loopback if the host means every interface."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def authority(host: str, port: int) -> str:
    """host:port as an address is written; an IPv6 host stands in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
