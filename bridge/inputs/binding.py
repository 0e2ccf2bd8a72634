"""Who is captured for which session, read from a line such as "livelink:0.0.0.0:11111,session=stage,lips=0".

Loaded with the settings, so it imports no numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bridge.inputs.regions import AUTO, REGIONS, Share, share
from bridge.outputs.target import ANGLES, Option, host_and_port, session_name, some_of, values, within

LONGEST_DELAY_MS = 1000
LONGEST_DEVICE = 64
CALMEST = 4


class Protocol(NamedTuple):
    """A protocol's name for people, its port, and ours where that is another. `asks`: a phone sends when asked."""

    label: str
    port: int
    own_port: int
    asks: bool = False


PROTOCOLS: dict[str, Protocol] = {
    "livelink": Protocol("Live Link Face", 11111, 11111),
    "ifacialmocap": Protocol("iFacialMocap", 49983, 49983, asks=True),
    "vtubestudio": Protocol("VTube Studio", 21412, 21413, asks=True),
    "vmc": Protocol("VMC", 39540, 39540),
}
"""By the name that a line begins with. 39540 is where a VMC Performer hears others; 39539 is for programs that show
models, and one of these may run here too."""


class Place(NamedTuple):
    """Where something is heard: an own address to listen at, or a phone to ask and the own port that it answers to."""

    protocol: str
    host: str
    port: int
    own_port: int

    @property
    def asks(self) -> bool:
        """Whether the host is that of a phone."""
        return PROTOCOLS[self.protocol].asks


@dataclass(frozen=True, slots=True)
class Binding:
    """One source of one session.

    device: the beginning of a device's identifier or its subject's name; "" takes whoever is heard first. delay_us is
    how long after its moment something captured is shown. flip: angles of the head to turn round. mirror: left is
    right. smooth: strength of the smoothing, 1 as usual. neutral: take the first face that is seen for one at rest.
    """

    place: Place
    session: str = "main"
    device: str = ""
    delay_us: int = 80_000
    flip: frozenset[str] = frozenset()
    mirror: bool = False
    smooth: float = 1.0
    neutral: bool = False
    shares: Mapping[str, Share] = field(default_factory=dict)


def bindings(text: str) -> tuple[Binding, ...]:
    """Bindings PROTOCOL[:ADDRESS][,OPTION=VALUE…], parted by spaces. Raises ValueError."""
    return tuple(_binding(word) for word in text.split())


def places(text: str) -> tuple[Place, ...]:
    """The places of these bindings. Raises ValueError."""
    return tuple(binding.place for binding in bindings(text))


def _binding(word: str) -> Binding:
    where, *pairs = word.split(",")
    name, _, address = where.partition(":")
    if name not in PROTOCOLS:
        raise ValueError(f'"{word}": there is no protocol "{name}". There are: {", ".join(PROTOCOLS)}')
    protocol = PROTOCOLS[name]
    if protocol.asks and not address:
        raise ValueError(f'"{word}": tell the phone\'s address: {name}:192.168.1.20')
    host, port = host_and_port(word, address, protocol.port)
    fields, shares = _options(word, pairs, name)
    own_port = fields.pop("own_port", protocol.own_port) if protocol.asks else port
    return Binding(Place(name, host, port, own_port), shares=shares, **fields)


def _options(word: str, pairs: list[str], protocol: str) -> tuple[dict[str, Any], dict[str, Share]]:
    known = OPTIONS | (ASKED if PROTOCOLS[protocol].asks else {})
    found = dict(values(word, pairs, known))
    usual = {name: region.vmc if protocol == "vmc" else region.share for name, region in REGIONS.items()}
    shares = {name: found.pop(name, None) or share(usual[name]) for name in REGIONS}
    return found, shares


def _device(value: str) -> str:
    if not 0 < len(value) <= LONGEST_DEVICE or not value.isprintable():
        raise ValueError
    return value


def _calm(value: str) -> float:
    if not 0 <= float(value) <= CALMEST:
        raise ValueError
    return float(value)


def _plain_share(value: str) -> Share:
    found = share(value)
    if found.yields:
        raise ValueError
    return found


_SHARE = 'a share 0..1, "auto" (yields to speech) or "auto*0.5"'
_YES = {"yes": True, "no": False}
OPTIONS = {
    "session": Option("session", '1..64 of a-z, A-Z, 0-9, "-", "_" and "."', session_name),
    "device": Option("device", f"1..{LONGEST_DEVICE} characters", _device),
    "delay": Option("delay_us", f"0..{LONGEST_DELAY_MS} ms", lambda v: 1000 * within(int(v), 0, LONGEST_DELAY_MS)),
    "flip": Option("flip", f"some of {'+'.join(ANGLES)}", lambda v: frozenset(some_of(v, ANGLES))),
    "mirror": Option("mirror", "yes or no", _YES.__getitem__),
    "smooth": Option("smooth", f"0..{CALMEST}", _calm),
    "neutral": Option("neutral", '"first" or "none"', {"first": True, "none": False}.__getitem__),
} | {
    name: Option(name, _SHARE, share) if region.share == AUTO else Option(name, "a share 0..1", _plain_share)
    for name, region in REGIONS.items()
}
"""Of every protocol."""

ASKED = {"port": Option("own_port", "1..65535", lambda v: within(int(v), 1, 65535))}
"""Of those whose phone is asked: our port, to which it answers."""
