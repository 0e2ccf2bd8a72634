"""Outputs end to end: a real bridge, real datagrams, a spoken sentence; and what goes wrong on the way."""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection

from bridge import doctor
from bridge.config import Config
from bridge.curves import INDEX
from bridge.doctor import State
from bridge.outputs import sender
from bridge.outputs.sender import Timecode, outputs
from bridge.outputs.service import Outputs, sending
from bridge.outputs.target import Target
from bridge.session import Code, Limits, RefusedError
from bridge.stage import Settings, Stage
from rigcast.v1 import session_pb2
from tests.real_bridge import Bridge, collect, ended, joined, request, started, until
from tests.receivers import BodyFrame, Ear, FaceFrame, listening, marionette, read_face
from tests.test_stage import Hum

TEXT = "Bob's big thumbs move pure food. Papa bought my mama a map."
LATE_US = 300_000
GAP = ("JawOpen", "MouthClose")


@dataclass
class Ears:
    """A bridge that sends one session to four ears."""

    bridge: Bridge
    face: Ear
    late: Ear
    body: Ear
    loose: Ear

    def empty(self) -> None:
        for ear in (self.face, self.late, self.body, self.loose):
            ear.heard.clear()

    def body_frames(self) -> dict[int, BodyFrame]:
        """By the number of their frame."""
        return {round(frame.time * 60): frame for frame in marionette(whole(self.body))}


@pytest.fixture(scope="module")
def ears() -> Iterator[Ears]:
    with contextlib.ExitStack() as stack:
        face, late, body, loose = (stack.enter_context(listening()) for _ in range(4))
        flags = [
            "--livelink", f"{face.port}/Ann",
            "--livelink", f"127.0.0.1:{late.port}/Bob,delay={LATE_US // 1000}",
            "--vmc", f"127.0.0.1:{body.port},face=vrm0+sync",
            "--vmc", f"{loose.port},rate=30,bundles=no",
        ]  # fmt: skip
        yield Ears(stack.enter_context(started(*flags)), face, late, body, loose)


def watching(ears: Ears) -> AbstractAsyncContextManager[ClientConnection]:
    """A client that gets the same poses by WebSocket."""
    ears.empty()
    return joined(ears.bridge, "main", frame_form=session_pb2.FRAME_FORM_PLAIN)


def whole(ear: Ear) -> list[tuple[float, bytes]]:
    """What came by VMC, from the first that begins a frame."""
    start = next(i for i, (_, data) in enumerate(ear.heard) if b"/VMC/Ext/Root/Pos" in data)
    return ear.heard[start:]


def truth(messages: list[session_pb2.ServerMessage]) -> tuple[dict[int, list[float]], dict[int, list[float]]]:
    """Curves by frame number as they are in the end, and those that were taken back."""
    kept: dict[int, list[float]] = {}
    void: dict[int, list[float]] = {}
    for message in messages:
        match message.WhichOneof("body"):
            case "plain_frame":
                kept[frame_number(message.plain_frame.time_us)] = list(message.plain_frame.curves)
            case "forget":
                gone = [k for k in kept if k >= frame_number(message.forget.time_us)]
                void |= {k: kept.pop(k) for k in gone}
    return kept, void


def frame_number(time_us: int) -> int:
    return round(time_us * 60 / 1e6)


def phones(messages: list[session_pb2.ServerMessage]) -> list[tuple[float, float, str]]:
    """Start and end in frames, and the symbol."""
    events = [m.event for m in messages if m.event.WhichOneof("kind") == "phone"]
    return [(e.time_us * 0.06e-3, (e.time_us + e.phone.duration_us) * 0.06e-3, e.phone.symbol) for e in events]


async def after(client: ClientConnection, time_us: int) -> list[session_pb2.ServerMessage]:
    """All that comes until the pose of a time."""
    return await collect(client, lambda message: message.plain_frame.time_us > time_us)


async def present(client: ClientConnection) -> float:
    """By how many seconds the session's time is less than the monotonic one, as well as can be known."""
    best, offset = 1.0, 0.0
    for _ in range(10):
        before = time.monotonic()
        await client.send(request(1, ping=session_pb2.Ping()))
        now_us = (await until(client, "pong")).pong.now_us
        after = time.monotonic()
        if after - before < best:
            best, offset = after - before, (before + after) / 2 - now_us / 1e6
    return offset


async def test_a_sentence_is_seen_by_all_receivers(ears: Ears) -> None:
    async with watching(ears) as client:
        await client.send(request(1, say=session_pb2.Say(text=TEXT)))
        messages = await collect(client, ended)
        messages += await after(client, messages[-1].event.time_us + 800_000)
        offset = await present(client)
    kept, _ = truth(messages)
    body = ears.body_frames()

    # The curves are those of the session, at their own times.
    shared = sorted(kept.keys() & body.keys())
    assert len(shared) > 150
    sync = [name[0].upper() + name[1:] for name in INDEX]
    sent = np.array([[body[k].blends[name] for name in sync] for k in shared])
    assert sent == pytest.approx(np.array([kept[k] for k in shared]), abs=1e-5)

    # Lips meet on P, B and M, and open elsewhere; the vowels of VRM 0 do the same.
    bilabials = [(start, end) for start, end, symbol in phones(messages) if symbol in "pbm"]
    assert len(bilabials) >= 9
    gap = {k: body[k].blends[GAP[0]] - body[k].blends[GAP[1]] for k in shared}
    vowels = {k: sum(body[k].blends[v] for v in "AIUEO") for k in shared}
    for start, end in bilabials:
        during = [k for k in shared if start - 1.2 <= k <= end + 1.2]
        assert min(gap[k] for k in during) < 0.05
        assert min(vowels[k] for k in during) < 0.1
    assert max(gap.values()) > 0.2
    assert max(vowels.values()) > 0.4

    # Live Link Face tells the same, the later one later; timecode is the time of day of the showing.
    assert_same_face(ears.face, body)
    assert_same_face(ears.late, body)
    assert np.median([frame.arrival - frame.time for frame in body.values()]) - offset == pytest.approx(0, abs=0.03)
    assert lateness(ears.late, body) - lateness(ears.face, body) == pytest.approx(LATE_US / 1e6, abs=0.03)
    assert {read_face(data).subject for _, data in ears.late.heard} == {"Bob"}
    assert abs(sender.local_time() - read_face(ears.face.heard[-1][1]).timecode / 60) % 86400 < 5


def shown(ear: Ear) -> list[float]:
    """When each frame of VMC was whole."""
    return [at for at, data in ear.heard if b"/VMC/Ext/T\0" in data]


def by_face(ear: Ear, body: dict[int, BodyFrame]) -> dict[int, tuple[float, FaceFrame]]:
    """Arrival and packet by number of the frame with the same curves."""
    known = {tuple(round(frame.blends[n[0].upper() + n[1:]], 5) for n in INDEX): k for k, frame in body.items()}
    found = [(at, read_face(data)) for at, data in ear.heard]
    keys = [(known.get(tuple(round(c, 5) for c in face.curves)), at, face) for at, face in found]
    return {k: (at, face) for k, at, face in keys if k is not None}


def assert_same_face(ear: Ear, body: dict[int, BodyFrame]) -> None:
    """Every frame came, in order, its timecode going on by one."""
    faces = by_face(ear, body)
    assert len(faces) > 0.9 * len(body) - 60
    numbers = list(faces)
    assert numbers == sorted(numbers)
    steps = np.diff([face.timecode for _, face in faces.values()]) - np.diff(numbers)
    assert np.abs(np.median(steps)) < 0.01


def lateness(ear: Ear, body: dict[int, BodyFrame]) -> float:
    """Seconds, from an arbitrary beginning."""
    return float(np.median([at - k / 60 for k, (at, _) in by_face(ear, body).items()]))


async def test_an_interrupted_sentence_is_not_seen_after_its_end(ears: Ears) -> None:
    async with watching(ears) as client:
        await client.send(request(1, say=session_pb2.Say(text=TEXT)))
        messages = await collect(client, lambda m: m.event.phone.symbol == "m")
        await client.send(request(2, interrupt=session_pb2.Interrupt()))
        messages += await collect(client, ended)
        messages += await after(client, messages[-1].event.time_us + 1_000_000)
    kept, void = truth(messages)
    other = [k for k in void.keys() & kept.keys() if np.abs(np.array(void[k]) - kept[k]).max() > 0.02]
    assert other, "nothing was taken back, so this test shows nothing"
    body = ears.body_frames()
    assert set(other) <= body.keys()
    for k in kept.keys() & body.keys():
        sent = [body[k].blends[n[0].upper() + n[1:]] for n in INDEX]
        assert sent == pytest.approx(kept[k], abs=1e-5), f"frame {k}"


async def test_rates_hold(ears: Ears) -> None:
    """Over some seconds in which nothing held the machine up; three times in all."""
    for _ in range(3):
        ears.empty()
        await asyncio.sleep(2.5)
        full = [rate([at for at, _ in ears.face.heard]), rate(shown(ears.body))]
        half = rate(shown(ears.loose))
        if full == pytest.approx([60, 60], rel=0.01) and half == pytest.approx(30, rel=0.01):
            break
    else:
        pytest.fail(f"{full}, {half} Hz")
    frames = marionette(whole(ears.loose))
    assert {frame.datagrams for frame in frames} == {1 + 22 + 12 + 3}
    assert {round(frame.time * 60) % 2 for frame in frames} == {0}


def rate(arrivals: list[float]) -> float:
    """Hz, by least squares: one late frame says little."""
    return 1 / float(np.polyfit(np.arange(len(arrivals)), np.array(arrivals) - arrivals[0], 1)[0])


async def ticking(stage: Stage, seconds: float) -> None:
    for _ in range(round(seconds * 60)):
        stage.tick()
        await asyncio.sleep(1 / 60)


async def test_a_receiver_that_is_not_there_disturbs_nothing_and_is_named_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "RETRY_S", 0.05)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    stage = Stage(Hum(), Settings())
    with listening() as ear:
        config = Config(livelink=f"{ear.port} {free}/Ghost no.such.host.invalid:5/Lost")
        with caplog.at_level(logging.INFO):
            async with sending(Outputs(stage, config)):
                await ticking(stage, 1.0)
    told = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert len(ear.heard) > 30
    assert sum('"Ghost"' in line and "nobody listens there yet" in line for line in told) == 1
    assert sum("the host is unknown" in line for line in told) == 1
    assert sum("leaves this machine" in line and "no.such.host.invalid:5" in line for line in told) == 1
    assert len(told) == 3
    assert not stage.sessions["main"].members


async def test_a_session_that_cannot_be_entered_is_tried_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "RETRY_S", 0.05)
    stage = Stage(Hum(), Settings(limits=Limits(sessions=1)))
    stage.session("first")
    with listening() as ear:
        async with sending(Outputs(stage, Config(vmc=str(ear.port)))):
            await ticking(stage, 0.3)
            assert not ear.heard
            stage.close(RefusedError(Code.UNAVAILABLE, "over", fatal=True))
            await ticking(stage, 0.4)
            assert ear.heard
            stage.close(RefusedError(Code.INTERNAL, "it failed", fatal=True))
            await ticking(stage, 0.1)
            count = len(ear.heard)
            await ticking(stage, 0.4)
        assert len(ear.heard) > count
    told = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert sum("there are 1 sessions already" in line for line in told) == 1
    assert sum("it failed" in line for line in told) == 1


async def test_who_listens_is_known() -> None:
    with listening() as ear:
        (output,) = outputs(Config(vmc=str(ear.port)))
        assert await output.heard() is True
    assert await output.heard() is False
    (away,) = outputs(Config(vmc="192.0.2.1"))  # reserved for documentation, RFC 5737
    with contextlib.suppress(OSError):  # where there is no way out of this machine at all
        assert await away.heard() is None


async def test_the_doctor_shows_outputs() -> None:
    with listening() as ear:
        config = Config(vmc=str(ear.port), livelink="no.such.host.invalid")
        face, body = [finding async for finding in doctor.outputs.check(config)]
    assert (face.state, body.state) == (State.BROKEN, State.OK)
    assert "no.such.host.invalid:11111" in face.text
    (alone,) = [finding async for finding in doctor.outputs.check(Config(vmc=str(ear.port)))]
    assert (alone.state, alone.remedy) == (State.NOTE, "start the receiver, or see which port it takes")
    (none,) = [finding async for finding in doctor.outputs.check(Config())]
    assert "--livelink and --vmc" in none.text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_this_machine_is_reached_by_ipv4(host: str) -> None:
    with await sender.connected(Target(host, 9)) as line:
        assert line.getpeername() == ("127.0.0.1", 9)
        assert not line.getblocking()


def test_timecode_is_the_time_of_day_and_even() -> None:
    day = {"now": 3600.0}
    timecode = Timecode(lambda: day["now"])
    assert timecode.frames(0, 0) == 3600 * 60
    day["now"] += 1.04  # woken late
    assert timecode.frames(1_000_000, 1_000_000) == pytest.approx(3601 * 60)
    day["now"] = 3700.0  # the session stood still meanwhile
    assert timecode.frames(2_000_000, 2_000_000) == pytest.approx(3700 * 60)
    day["now"] = 0.5  # past midnight
    assert timecode.frames(3_000_000, 3_000_000) == pytest.approx(30)
