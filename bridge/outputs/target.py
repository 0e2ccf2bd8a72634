"""Where an output goes and how, read from a line such as "192.168.1.5:11111/Ann,session=stage,delay=80".

Loaded with the settings, so it imports no numbers.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
ANGLES = ("yaw", "pitch", "roll")
FACES = ("vrm0", "vrm1", "sync")
SESSION_NAME = r"[A-Za-z0-9_.-]{1,64}"
LONGEST_SUBJECT = 64
LONGEST_LINE = 256
LONGEST_DELAY_MS = 2000


@dataclass(frozen=True, slots=True)
class Target:
    """One receiver of one session's poses.

    `delay_us` is how long after its moment a pose is sent: as much as the sound is late where it is heard. `rate` is 60
    or 30 Hz. Of Live Link Face: `subject`, and `flip`, the angles of the head whose sign is turned round. Of VMC:
    `face`, the kinds of blend values (of FACES), and `bundles`, whether messages travel together.
    """

    host: str
    port: int
    session: str = "main"
    rate: int = 60
    delay_us: int = 0
    subject: str = "Rigcast"
    flip: frozenset[str] = frozenset()
    face: tuple[str, ...] = ("vrm0",)
    bundles: bool = True
    line: str = field(default="", compare=False)
    """What it was read from."""


class Option(NamedTuple):
    """A word of the line: the field it sets, what it may be, and how it is read (ValueError where it cannot be)."""

    field: str
    bound: str
    read: Callable[[str], Any]


class Protocol(NamedTuple):
    """A protocol's name for people, its port, its options, and whether its receivers show a subject's name."""

    label: str
    port: int
    options: dict[str, Option]
    subjects: bool


def targets(protocol: str, text: str) -> tuple[Target, ...]:
    """Those of a setting of this name: lines parted by spaces. Raises ValueError."""
    _, port, options, subjects = PROTOCOLS[protocol]
    return tuple(_target(word, port, options, subjects) for word in text.split())


def requested(protocol: str, text: str) -> Target:
    """What a client asks for: a line that names no session, as it is for the client's own. Raises ValueError."""
    if not 0 < len(text) <= LONGEST_LINE or not text.isprintable() or " " in text:
        raise ValueError(f"a receiver is named by 1..{LONGEST_LINE} printable characters without a space")
    _, port, options, subjects = PROTOCOLS[protocol]
    return _target(text, port, {name: options[name] for name in options if name != "session"}, subjects)


def _target(word: str, port: int, options: dict[str, Option], subjects: bool) -> Target:
    address, *pairs = word.split(",")
    where, slash, subject = address.partition("/")
    if slash and (not subjects or not 0 < len(subject) <= LONGEST_SUBJECT):
        reason = f"a subject has 1..{LONGEST_SUBJECT} characters" if subjects else "only Live Link Face has subjects"
        raise ValueError(f'"{word}": {reason}')
    fields = dict(values(word, pairs, options))
    if subject:
        fields["subject"] = subject
    host, port = host_and_port(word, where, port)
    return Target(host, port, line=word, **fields)


def host_and_port(word: str, where: str, port: int) -> tuple[str, int]:
    """Host and port of "HOST:PORT"; either may be missing. Raises ValueError that names the word."""
    if where.isdecimal():
        where = f"{LOOPBACK}:{where}"
    try:
        parts = urlsplit("//" + where)
        host, port = parts.hostname or LOOPBACK, port if parts.port is None else parts.port
    except ValueError:
        raise ValueError(f'"{word}": the port must be 1..65535') from None
    if not port:
        raise ValueError(f'"{word}": the port must be 1..65535')
    return host, port


def values(word: str, pairs: list[str], options: dict[str, Option]) -> Iterator[tuple[str, Any]]:
    """Field and value of each "NAME=VALUE". Raises ValueError that names the word, the option and its bound."""
    for pair in pairs:
        name, _, value = pair.partition("=")
        if name not in options:
            raise ValueError(f'"{word}": there is no option "{name}". There are: {", ".join(options)}')
        field, bound, read = options[name]
        try:
            yield field, read(value)
        except (KeyError, ValueError):
            raise ValueError(f'"{word}": {name} must be {bound}') from None


def within(value: int, low: int, high: int) -> int:
    """The value. Raises ValueError beyond the bounds."""
    if not low <= value <= high:
        raise ValueError
    return value


def some_of(value: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """The words of "a+b", in the order of `known`. Raises ValueError for another."""
    found = value.split("+")
    if not set(found) <= set(known):
        raise ValueError
    return tuple(word for word in known if word in found)


def session_name(value: str) -> str:
    """A session's name. Raises ValueError where it is none."""
    if not re.fullmatch(SESSION_NAME, value):
        raise ValueError
    return value


COMMON = {
    "session": Option("session", '1..64 of a-z, A-Z, 0-9, "-", "_" and "."', session_name),
    "rate": Option("rate", "60 or 30", lambda value: {"60": 60, "30": 30}[value]),
    "delay": Option(
        "delay_us", f"0..{LONGEST_DELAY_MS} ms", lambda value: 1000 * within(int(value), 0, LONGEST_DELAY_MS)
    ),
}
LIVELINK = {
    "flip": Option("flip", f"some of {'+'.join(ANGLES)}", lambda value: frozenset(some_of(value, ANGLES))),
}
VMC = {
    "face": Option("face", f"some of {'+'.join(FACES)}", lambda value: some_of(value, FACES)),
    "bundles": Option("bundles", "yes or no", lambda value: {"yes": True, "no": False}[value]),
}

PROTOCOLS: dict[str, Protocol] = {
    "livelink": Protocol("Live Link Face", 11111, COMMON | LIVELINK, subjects=True),
    "vmc": Protocol("VMC", 39539, COMMON | VMC, subjects=False),
}
"""By the name of their setting."""
