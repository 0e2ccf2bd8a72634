"""What hears our outputs: readers of Live Link Face and VMC of our own, and a port that remembers."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

ORDER = ("Root/Pos", "Bone/Pos", "Blend/Val", "Blend/Apply", "OK", "T")


@dataclass
class FaceFrame:
    """One packet of Live Link Face."""

    device: str
    subject: str
    timecode: float
    curves: list[float]
    head: list[float]
    eyes: list[float]


def read_face(data: bytes) -> FaceFrame:
    """Read a packet to its last byte."""
    place = 0

    def take(form: str) -> Any:
        nonlocal place
        (value,) = struct.unpack_from(">" + form, data, place)
        place += struct.calcsize(">" + form)
        return value

    def text() -> str:
        return take(f"{take('i')}s").decode()

    assert take("B") == 6
    device, subject = text(), text()
    frame, part, rate, per = take("i"), take("f"), take("i"), take("i")
    assert 0 <= part < 1
    assert rate / per == 60
    values = [take("f") for _ in range(take("B"))]
    assert place == len(data)
    return FaceFrame(device, subject, frame + part, values[:52], values[52:55], values[55:])


@dataclass
class BodyFrame:
    """What a Marionette has after a frame. Times in seconds, bones hold position and quaternion."""

    time: float = -1.0
    arrival: float = 0.0
    bones: dict[str, tuple[float, ...]] = field(default_factory=dict)
    blends: dict[str, float] = field(default_factory=dict)
    datagrams: int = 0


def osc(data: bytes) -> list[OscMessage]:
    """The messages of a datagram, by python-osc."""
    return list(OscBundle(data)) if OscBundle.dgram_is_bundle(data) else [OscMessage(data)]


def marionette(heard: Iterable[tuple[float, bytes]]) -> list[BodyFrame]:
    """Whole frames of datagrams and the times of their coming; asserts the order of messages in each."""
    frames, frame, stage = list[BodyFrame](), BodyFrame(), 0
    for arrival, data in heard:
        frame.datagrams += 1
        for message in osc(data):
            kind, values = message.address.removeprefix("/VMC/Ext/"), list(message.params)
            at = ORDER.index(kind)
            assert at in (stage, stage + 1), f"{kind} after {ORDER[stage]}"
            stage = at
            if kind == "Bone/Pos":
                frame.bones[values[0]] = tuple(values[1:])
            elif kind == "Blend/Val":
                frame.blends[values[0]] = values[1]
            elif kind == "T":
                frame.time, frame.arrival = values[0], arrival
                frames.append(frame)
                frame, stage = BodyFrame(), 0
    return frames


class Ear:
    """A UDP port of this machine and all that came to it, with the time of its coming, seconds."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, bytes]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self._over = False
        self.port: int = self._socket.getsockname()[1]

    def listen(self) -> None:
        """Until it is closed; in a thread of its own."""
        while not self._over:
            with contextlib.suppress(TimeoutError):
                data = self._socket.recv(65536)
                self.heard.append((time.monotonic(), data))
        self._socket.close()

    def close(self) -> None:
        self._over = True


@contextlib.contextmanager
def listening() -> Iterator[Ear]:
    """An ear on a free port."""
    ear = Ear()
    thread = threading.Thread(target=ear.listen)
    thread.start()
    try:
        yield ear
    finally:
        ear.close()
        thread.join()
