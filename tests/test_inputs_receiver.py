"""Places at work on loopback: what is heard of real packets, floods, strangers, phones that have to be asked."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator

import numpy as np
import pytest

from bridge.curves import INDEX
from bridge.inputs.binding import Place, bindings
from bridge.inputs.captured import Captured
from bridge.inputs.devices import FORGOTTEN_S, MOST_DEVICES, Device, Devices
from bridge.inputs.receiver import MOST_BYTES, MOST_PACKETS, TICK_S, Budget, Receiver
from bridge.inputs.service import Inputs, hearing
from tests.test_inputs_readers import IFM, VTS, face

HOST = "127.0.0.1"


class Time:
    """Moved by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def at(protocol: str, port: int = 0) -> tuple[Receiver, Time]:
    time = Time()
    return Receiver(Place(protocol, HOST, port, port), time), time


@contextlib.asynccontextmanager
async def opened(receiver: Receiver) -> AsyncIterator[socket.socket]:
    """A socket that sends to the receiver."""
    await receiver.open()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.connect((HOST, receiver.port))
        try:
            yield line
        finally:
            receiver.close()


async def until(condition: "object") -> None:
    """Wait for something to be true."""
    async with asyncio.timeout(30):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.005)


async def test_packets_arrive_by_udp() -> None:
    receiver, time = at("livelink")
    async with opened(receiver) as line:
        line.send(face())
        line.send(b"nonsense")
        await until(lambda: receiver.packets and receiver.complaints.reasons)
    (device,) = receiver.devices
    assert (device.name, device.subject) == ("PHONE-1", "Ann")
    assert device.instants[-1].captured.curves[10] == pytest.approx(0.1)
    assert device.lives(time.now + 0.4)
    assert not device.lives(time.now + 0.6)


async def test_it_listens_on_loopback_only() -> None:
    async with opened(at("livelink")[0]) as line:
        assert line.getpeername()[0] == HOST


async def test_a_taken_port_is_told_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HOST, 0))
        inputs = Inputs(bindings(f"livelink:{other.getsockname()[1]}"))
        async with hearing(inputs):
            await until(lambda: "in use" in caplog.text)


async def test_metahuman_animator_is_recognised(caplog: pytest.LogCaptureFixture) -> None:
    receiver, _ = at("livelink")
    for _ in range(100):
        receiver.datagram_received(b"\x01\x00" + bytes(80), (HOST, 5))
    assert caplog.text.count("switch the app to Live Link (ARKit)") == 1
    assert sum(receiver.complaints.reasons.values()) == 100


def test_complaints_are_bounded() -> None:
    receiver, _ = at("livelink")
    for version in range(16, 256):
        receiver.datagram_received(bytes([version]) + face()[1:], (HOST, 5))
    assert len(receiver.complaints.reasons) <= 33


def test_a_flood_is_thrown_away_unread_and_leaves_room_for_others() -> None:
    receiver, time = at("livelink")
    read = 0
    for tick in range(60):
        time.now += TICK_S
        for _ in range(2000):
            receiver.datagram_received(b"x", ("10.0.0.9", 5))
        packet = face().replace(struct.pack(">i", 3600), struct.pack(">i", 3600 + tick))
        receiver.datagram_received(packet, ("10.0.0.2", 5))
        read = sum(receiver.complaints.reasons.values())
    assert read <= 60 * MOST_PACKETS / 2 + MOST_PACKETS
    assert receiver.budget.refused >= 60 * 2000 - read
    (device,) = receiver.devices
    assert len(device.instants) >= 59


def test_the_budget_counts_bytes_too() -> None:
    budget = Budget()
    assert budget.allows("a", MOST_BYTES // 2, 0.0)
    assert not budget.allows("a", 1, 0.001)
    assert budget.allows("b", MOST_BYTES // 2, 0.001)
    assert not budget.allows("c", 1, 0.001)
    assert budget.allows("a", 1, 0.02)
    assert budget.refused == 2


def test_devices_are_bounded_and_silent_ones_give_way() -> None:
    devices = Devices()
    for i in range(MOST_DEVICES):
        assert devices.take(Captured(), f"phone {i}", 10.0 + i)
    assert not devices.take(Captured(), "one more", 11.0)
    late = 10.0 + FORGOTTEN_S
    assert devices.take(Captured(), "one more", late)
    assert len(list(devices)) == MOST_DEVICES
    assert devices.pick("phone 0", late) is None


def test_what_comes_later_of_the_same_instant_takes_its_place() -> None:
    device = Device("x")
    for weight in (0.1, 0.2):
        captured = Captured(time=5.0)
        captured.set_curves({"jawOpen": weight})
        device.take(captured, 10.0 + weight / 10)
    (instant,) = device.instants
    assert (instant.number, instant.time) == (2, pytest.approx(10.01))
    assert instant.captured.curves[INDEX["jawOpen"]] == pytest.approx(0.2)
    device.take(Captured(time=4.9), 10.03)  # late
    assert len(device.instants) == 1


def test_the_meter() -> None:
    receiver, time = at("livelink")
    for frame in range(240):
        time.now += 1 / 60
        if frame % 10 != 3:
            packet = face().replace(struct.pack(">i", 3600), struct.pack(">i", 3600 + frame))
            receiver.datagram_received(packet, (HOST, 5))
    (device,) = receiver.devices
    assert device.meter.rate(time.now) == pytest.approx(54, abs=1)
    assert device.meter.loss(time.now) == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize(
    ("protocol", "answer"), [("ifacialmocap", IFM.encode()), ("vtubestudio", json.dumps(VTS).encode())]
)
async def test_a_phone_is_asked_until_it_sends(protocol: str, answer: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind((HOST, 0))
        phone.setblocking(False)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((HOST, 0))
            own = probe.getsockname()[1]
        (binding,) = bindings(f"{protocol}:{HOST}:{phone.getsockname()[1]},port={own}")
        inputs = Inputs([binding])
        async with hearing(inputs):
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(30):
                asked, (host, port) = await loop.sock_recvfrom(phone, 2000)
            assert port == own
            assert b"iFacialMocap_" in asked or json.loads(asked)["ports"] == [own]
            phone.sendto(answer, (host, port))
            (receiver,) = inputs
            await until(lambda: receiver.packets)
        (device,) = receiver.devices
        assert device.name == HOST
        assert device.instants[-1].captured.curves[INDEX["jawOpen"]] > 0


def test_nobody_but_the_phone_is_heard_that_was_asked() -> None:
    receiver, _ = at("ifacialmocap")
    receiver._phone = ("192.168.1.20", 49983)
    receiver.datagram_received(IFM.encode(), ("192.168.1.66", 49983))
    assert not list(receiver.devices)
    receiver.datagram_received(IFM.encode(), ("192.168.1.20", 49983))
    assert len(list(receiver.devices)) == 1


async def test_a_running_bridge_shows_what_a_phone_sends() -> None:
    """Through sockets, server and session: the brows of a Live Link Face packet arrive at a WebSocket client."""
    import websockets

    from bridge.config import Config
    from bridge.server import running

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    async with running(Config(http_port=0, grpc_port=0, capture=f"livelink:{port}")) as config:
        phone = asyncio.create_task(_send(port))
        url = f"ws://{HOST}:{config.http_port}/rigcast"
        async with websockets.connect(url, subprotocols=["rigcast.v1.json"]) as client, asyncio.timeout(60):  # type: ignore[list-item]
            await client.send('{"join": {}}')
            brow = 0.0
            while brow < 0.42:
                message = json.loads(await client.recv())
                if "plainFrame" in message:
                    brow = message["plainFrame"]["curves"][INDEX["browInnerUp"]]
        phone.cancel()
    assert brow == pytest.approx(0.43, abs=0.01)


async def _send(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        for frame in range(100_000):
            packet = face().replace(struct.pack(">i", 3600), struct.pack(">i", 3600 + frame))
            line.sendto(packet, (HOST, port))
            await asyncio.sleep(1 / 60)


def test_vmc_senders_are_kept_apart_by_host_and_bounded() -> None:
    from tests.test_inputs_readers import bundle, osc

    receiver, _ = at("vmc")
    for i in range(40):
        receiver.datagram_received(
            bundle(osc("/VMC/Ext/Blend/Val", "JawOpen", 0.5), osc("/VMC/Ext/OK", 1)), (f"10.0.0.{i}", 5)
        )
        receiver.datagram_received(b"nonsense", (f"10.0.1.{i}", 5))
    assert len(list(receiver.devices)) == MOST_DEVICES
    assert len(receiver._performers) == MOST_DEVICES
    first = next(iter(receiver.devices))
    assert np.isclose(first.instants[-1].captured.curves[INDEX["jawOpen"]], 0.5)
