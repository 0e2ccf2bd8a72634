"""Sends the present of a session to a receiver, pose by pose, over UDP. Event loop only; nothing here blocks it."""

import asyncio
import errno
import logging
import socket
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from bridge import metrics
from bridge.config import Config, authority, is_loopback
from bridge.frames import FRAME_RATE, frame_time_us
from bridge.member import Member
from bridge.outbox import FRAME_AGE_US
from bridge.outputs.feed import RAW, Ahead, Pose
from bridge.outputs.livelink import LiveLinkFace
from bridge.outputs.target import PROTOCOLS, Target, targets
from bridge.outputs.vmc import Vmc
from bridge.session import RefusedError
from bridge.stage import Stage
from bridge.udp import RETRY_S, Silence, bound, resolved
from bridge.wire import Kind

logger = logging.getLogger(__name__)

TOLD_S = 2 * RETRY_S
"""For which a trouble counts as present: it may show every other time only."""

OUT_OF_STEP_S = 0.05
"""By which timecode may leave the time of day, as when the session's clock stood still, before it is set anew."""

SHORTEST_SLEEP_S = 0.001
"""What event loops count in; asking for less would keep them spinning."""

NOBODY = (errno.ECONNREFUSED, errno.ECONNRESET)


class Encoder(Protocol):
    """One protocol."""

    def datagrams(self, pose: Pose, timecode: float) -> list[bytes]:
        """The packets of a pose that is shown at this time of day, in frames of 1/60 s."""
        ...


ENCODERS: dict[str, Callable[[Target], Encoder]] = {"livelink": LiveLinkFace, "vmc": Vmc}
"""By the protocol's name in PROTOCOLS."""


class Output(NamedTuple):
    """A protocol, by its name in PROTOCOLS, and where it goes."""

    protocol: str
    target: Target

    @property
    def address(self) -> str:
        """host:port of the receiver."""
        return authority(self.target.host, self.target.port)

    @property
    def subject(self) -> str:
        """The name that the receiver shows; empty where it shows none."""
        return self.target.subject if PROTOCOLS[self.protocol].subjects else ""

    def encoder(self) -> Encoder:
        """What makes packets of its poses."""
        return ENCODERS[self.protocol](self.target)

    async def heard(self) -> bool | None:
        """Whether a program listens; None if that is on another machine. Raises OSError where there is no way."""
        with await connected(self.target) as line:
            if not is_loopback(line.getpeername()[0]):
                return None
            family, address = line.family, line.getpeername()
        try:
            bound(family, address).close()
        except OSError:
            return True
        return False

    def __str__(self) -> str:
        subject = f' as "{self.subject}"' if self.subject else ""
        label, target = PROTOCOLS[self.protocol].label, self.target
        return f'{label} to {self.address}{subject}, session "{target.session}", {target.rate} Hz'


def outputs(config: Config) -> Iterator[Output]:
    """All that the configuration asks for."""
    for protocol in PROTOCOLS:
        for each in targets(protocol, getattr(config, protocol)):
            yield Output(protocol, each)


class Sender:
    """One output at work. Its troubles are logged and never reach the session."""

    def __init__(self, output: Output, stage: Stage) -> None:
        self.poses = 0
        """Sent until now."""
        self._output = output
        self._failed = ("", -TOLD_S)
        self._target = output.target
        self._stage = stage
        self._encoder = output.encoder()
        self._timecode = Timecode(local_time)
        self._silence = Silence()

    async def run(self) -> None:
        """Send until cancelled."""
        logger.info("sending %s", self._output)
        if not is_loopback(self._target.host):
            logger.warning("what is sent to %s leaves this machine, and is not encrypted", self._output.address)
        while True:
            try:
                with await connected(self._target) as line:
                    await self._play(line)
            except (OSError, RefusedError) as error:
                self._tell(reason_of(error))
            except Exception:
                self._failed = ("a fault of ours; the log says more", time.monotonic())
                metrics.failed("output")
                logger.exception("%s failed, and begins anew", self._output)
            await asyncio.sleep(RETRY_S)

    async def _play(self, line: socket.socket) -> None:
        """Send until the session sends us away. Raises RefusedError with its reason, OSError."""
        ahead, reasons = Ahead(), list[RefusedError]()
        session = self._stage.session(self._target.session)
        member = Member(RAW, ahead, frozenset({Kind.FRAME}), reasons.append)
        session.enter(member)
        try:
            while not reasons:
                present_us = session.now_us - self._target.delay_us
                self._send(line, ahead, present_us)
                await asyncio.sleep(max(_until_next_frame(present_us), SHORTEST_SLEEP_S))
        finally:
            session.leave(member)
        raise reasons[0]

    def _send(self, line: socket.socket, ahead: Ahead, present_us: int) -> None:
        """Send what has become due, except what came too late to be of use."""
        for pose in ahead.due(present_us):
            if pose.time_us < present_us - FRAME_AGE_US or _frame(pose.time_us) % (FRAME_RATE // self._target.rate):
                continue
            try:
                for datagram in self._encoder.datagrams(pose, self._timecode.frames(pose.time_us, present_us)):
                    line.send(datagram)
                self.poses += 1
            except OSError as error:
                self._tell(reason_of(error))

    @property
    def trouble(self) -> str:
        """What went wrong in the last seconds; empty where nothing did."""
        reason, at = self._failed
        return reason if time.monotonic() - at < TOLD_S else ""

    def _tell(self, reason: str) -> None:
        now = time.monotonic()
        self._failed = (reason, now)
        if self._silence.broken(reason, now):
            logger.warning("%s: %s", self._output, reason)


class Timecode:
    """The time of day at session times, as even as they are."""

    def __init__(self, local_time: Callable[[], float]) -> None:
        self._local_time = local_time
        self._offset = float("inf")

    def frames(self, time_us: int, present_us: int) -> float:
        """Frames of 1/60 s since midnight at a session time, where `present_us` is now."""
        offset = self._local_time() - present_us / 1e6
        if abs(offset - self._offset) > OUT_OF_STEP_S:
            self._offset = offset
        return (time_us / 1e6 + self._offset) * FRAME_RATE


def local_time() -> float:
    """Seconds since midnight where we are."""
    now = time.time()
    at = time.localtime(now)
    return at.tm_hour * 3600 + at.tm_min * 60 + at.tm_sec + now % 1


async def connected(where: Target) -> socket.socket:
    """A socket that never blocks. Raises OSError where the name is unknown or there is no way."""
    family, address = await resolved(where.host, where.port)
    line = socket.socket(family, socket.SOCK_DGRAM)
    try:
        line.setblocking(False)
        line.connect(address)
    except BaseException:
        line.close()
        raise
    return line


def _frame(time_us: int) -> int:
    """The grid's frame at its own time."""
    return (time_us * FRAME_RATE + 500_000) // 1_000_000


def _until_next_frame(present_us: int) -> float:
    """Seconds."""
    frame = (present_us + 1) * FRAME_RATE // 1_000_000 + 1  # frame times are rounded, by less than 1 µs
    return (frame_time_us(frame) - present_us) / 1e6


def reason_of(error: OSError | RefusedError) -> str:
    """What went wrong, for people."""
    if isinstance(error, RefusedError):
        return error.message
    if isinstance(error, socket.gaierror):
        return f"the host is unknown ({error.strerror})"
    if error.errno in NOBODY:
        return "nobody listens there yet; start the receiver, or see which port it takes"
    return error.strerror or str(error)
