"""What hears our outputs: readers of Live Link Face and VMC of our own, and a socket that remembers."""

import asyncio
import contextlib
import struct
import time
from collections.abc import AsyncIterator, Iterable
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
    """What a Marionette has after a frame. `time` is in seconds, bones hold position and quaternion."""

    time: float = -1.0
    bones: dict[str, tuple[float, ...]] = field(default_factory=dict)
    blends: dict[str, float] = field(default_factory=dict)
    datagrams: int = 0


def osc(data: bytes) -> list[OscMessage]:
    """The messages of a datagram, by python-osc."""
    return list(OscBundle(data)) if OscBundle.dgram_is_bundle(data) else [OscMessage(data)]


def marionette(datagrams: Iterable[bytes]) -> list[BodyFrame]:
    """Whole frames; asserts the order of messages, and that blend values are applied."""
    frames, frame, stage = list[BodyFrame](), BodyFrame(), 0
    for data in datagrams:
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
                frame.time = values[0]
                frames.append(frame)
                frame, stage = BodyFrame(), 0
    return frames


class Ear(asyncio.DatagramProtocol):
    """A UDP port of this machine and all that came to it, with the time of its coming, seconds."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, bytes]] = []
        self.port = 0

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.heard.append((time.monotonic(), data))


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[Ear]:
    """An ear on a free port."""
    transport, ear = await asyncio.get_running_loop().create_datagram_endpoint(Ear, ("127.0.0.1", 0))
    ear.port = transport.get_extra_info("sockname")[1]
    try:
        yield ear
    finally:
        transport.close()
