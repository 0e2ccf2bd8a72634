"""Hears what comes to one place by UDP, within bounds, and asks a phone for it where needed. Event loop only."""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Callable
from typing import Any, cast

from bridge.config import authority, is_loopback
from bridge.inputs import ifacialmocap, livelink, vtubestudio
from bridge.inputs.binding import PROTOCOLS, Place
from bridge.inputs.captured import Captured, PacketError
from bridge.inputs.devices import MOST_DEVICES, Devices
from bridge.inputs.vmc import Performer
from bridge.udp import RETRY_S, Silence, bound, resolved

logger = logging.getLogger(__name__)

TICK_S = 1 / 60
MOST_PACKETS, MOST_BYTES = 256, 32_768
"""Read in TICK_S at one place; what comes beyond it is thrown away unread. A body and a face by VMC are 110 packets, or
8 kB, at most."""

SHARE_OF_ONE = 2
"""One sender's part in that is one of so many, so that a flood leaves room for others."""

MOST_COMPLAINTS = 32

DISCOVERY_PORT, DISCOVERY_GROUP = 27838, "239.255.137.139"
"""Where phones in MetaHuman Animator's mode announce themselves; whoever listens there joins the group."""

READERS: dict[str, Callable[[bytes], Captured]] = {
    "livelink": livelink.read, "ifacialmocap": ifacialmocap.read, "vtubestudio": vtubestudio.read,
}  # fmt: skip


ASKS: dict[str, tuple[Callable[[int], bytes], float]] = {
    "ifacialmocap": (ifacialmocap.ask, ifacialmocap.ASK_EVERY_S),
    "vtubestudio": (vtubestudio.ask, vtubestudio.ASK_EVERY_S),
}
"""What makes a phone send to a port of ours, and after how many seconds it is asked again."""


class Budget:
    """What may still be read in this sixtieth of a second."""

    def __init__(self) -> None:
        self._until = 0.0
        self._spent: dict[str, tuple[int, int]] = {}
        self._all = (0, 0)
        self.refused = 0
        """Packets thrown away unread."""

    def allows(self, host: str, size: int, now: float) -> bool:
        """Whether a packet of this size from this host may be read; counts it."""
        if now >= self._until:
            self._until, self._all = now + TICK_S, (0, 0)
            self._spent.clear()
        own = self._spent.get(host, (0, 0))
        over = any(
            spent[0] >= MOST_PACKETS // part or spent[1] + size > MOST_BYTES // part
            for spent, part in ((self._all, 1), (own, SHARE_OF_ONE))
        )
        if over:
            self.refused += 1
            return False
        self._spent[host] = own[0] + 1, own[1] + size
        self._all = self._all[0] + 1, self._all[1] + size
        return True


class Complaints:
    """What was wrong with packets, each reason told once in a while."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._silence = Silence()
        self.reasons: dict[str, int] = {}
        """How often each was found."""

    def add(self, host: str, reason: str, now: float) -> None:
        """Something was wrong with a packet from this host."""
        if reason not in self.reasons and len(self.reasons) >= MOST_COMPLAINTS:
            reason = "other packets that cannot be read"
        self.reasons[reason] = self.reasons.get(reason, 0) + 1
        if self._silence.broken(reason, now):
            logger.warning("%s, from %s: %s", self._where, host, reason)


class Receiver(asyncio.DatagramProtocol):
    """One place. `clock` tells our time in seconds."""

    def __init__(self, place: Place, clock: Callable[[], float] = time.monotonic) -> None:
        self.place = place
        self.devices = Devices()
        self.complaints = Complaints(str(self))
        self.budget = Budget()
        self.packets = 0
        self._clock = clock
        self._performers: dict[str, Performer] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._phone: Any = None
        self._broken: OSError | None = None

    def __str__(self) -> str:
        label, where = PROTOCOLS[self.place.protocol].label, authority(self.place.host, self.place.port)
        return f"{label} from {where}" if self.place.asks else f"{label} at {where}"

    # Where it listens

    async def run(self) -> None:
        """Hear until cancelled. What is wrong with the place is logged, and tried again."""
        while True:
            try:
                await self.open()
                try:
                    await self._ask()
                finally:
                    self.close()
            except OSError as error:
                self.complaints.add("this machine", error.strerror or str(error), self._clock())
            await asyncio.sleep(RETRY_S)

    async def open(self) -> None:
        """Listen. Raises OSError where the port is taken, or there is no such address or way."""
        line, address = await _own_line(self.place)
        try:
            _join_group(line, address)
            if self.place.asks:
                _, self._phone = await resolved(self.place.host, self.place.port)
            await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=line)
        except BaseException:
            line.close()
            raise
        if not is_loopback(address[0]):
            logger.warning("%s is heard by whoever can reach this machine, and is not encrypted", self)

    def close(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return int(self._transport.get_extra_info("sockname")[1]) if self._transport else 0

    async def _ask(self) -> None:
        """Ask the phone again and again, as it may not have been there, or only sends for a while."""
        while self._transport and self._phone:
            ask, every_s = ASKS[self.place.protocol]
            self._transport.sendto(ask(self.port), self._phone)
            await asyncio.sleep(every_s)
            if self._broken:
                raise self._broken
        await asyncio.get_running_loop().create_future()

    # What it hears

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        self._broken = None
        self._transport = cast(asyncio.DatagramTransport, transport)

    def error_received(self, exc: Exception) -> None:
        """See asyncio. On Windows a phone that is not there ends the reading, so the place is opened anew."""
        self._broken = exc if isinstance(exc, OSError) else None

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """See asyncio."""
        host, now = str(addr[0]), self._clock()
        if self._phone and host != self._phone[0]:
            return  # nobody else was asked
        if not self.budget.allows(host, len(data), now):
            return
        try:
            heard = self._read(host, data)
        except PacketError as error:
            self.complaints.add(host, str(error), now)
            return
        for captured in heard:
            self.packets += 1
            if not self.devices.take(captured, captured.device or host, now):
                self.complaints.add(host, f"more than {MOST_DEVICES} devices; this one is left out", now)

    def _read(self, host: str, data: bytes) -> list[Captured]:
        if self.place.protocol in READERS:
            return [READERS[self.place.protocol](data)]
        performer = self._performers.get(host)
        if performer is None:
            performer = Performer()
            frames = performer.read(data)  # who sends nonsense is not remembered
            if len(self._performers) >= MOST_DEVICES:
                del self._performers[next(iter(self._performers))]
            self._performers[host] = performer
            return frames
        return performer.read(data)


def _join_group(line: socket.socket, address: Any) -> None:
    """Hear what phones tell everybody, where that is this line's purpose and the network allows it."""
    if address[1] == DISCOVERY_PORT and ":" not in address[0] and not is_loopback(address[0]):
        group = socket.inet_aton(DISCOVERY_GROUP) + socket.inet_aton(address[0])
        with contextlib.suppress(OSError):
            line.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)


async def _own_line(place: Place) -> tuple[socket.socket, Any]:
    """Where to listen: at the place, or at the end of the way to the phone. Raises OSError."""
    family, address = await resolved(place.host, place.port)
    if place.asks:
        with socket.socket(family, socket.SOCK_DGRAM) as way:
            way.connect(address)  # sends nothing
            address = way.getsockname()[0], place.own_port
    return bound(family, address), address
