"""Sessions and peers under a hand-moved clock, with a voice that hums: who gets what, and what one costs another."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from bridge.clock import Clock
from bridge.frames import Speech, frame_time_us
from bridge.listening import Listening
from bridge.outbox import FRAME_AGE_US
from bridge.peer import Peer
from bridge.session import Code, Limits, RefusedError, Say
from bridge.speech.voice import UnknownVoiceError, VoiceError, VoiceInfo
from bridge.stage import Settings, Stage
from rigcast.v1 import session_pb2 as pb
from tests.listener import speech

HUM = VoiceInfo("hum", "en", "test", "Hums")


class Hum:
    """A voice without an engine. It says every text in the same way, and cannot say "break"."""

    def voices(self) -> list[VoiceInfo]:
        return [HUM]

    def find(self, name: str) -> VoiceInfo:
        if name not in ("", "hum"):
            raise UnknownVoiceError(f"there is no voice {name!r}")
        return HUM

    async def speak(self, text: str, *, voice: str = "", rate: float = 1.0, pitch: float = 1.0) -> Speech:
        await asyncio.sleep(0)
        if "break" in text:
            raise VoiceError("the hum broke")
        return speech()

    async def close(self) -> None:
        pass


class House:
    """A stage, its time, and clients made on the spot."""

    def __init__(self, listening: Listening | None = None, **settings: object) -> None:
        self.ns = 0
        self.stage = Stage(Hum(), Settings(**settings), lambda: Clock(lambda: self.ns), listening)  # type: ignore[arg-type]

    async def run(self, seconds: float, *readers: "Client") -> list[list[pb.ServerMessage]]:
        """Tick on; the voice and its thread get their turns. What each reader got meanwhile."""
        got: list[list[pb.ServerMessage]] = [[] for _ in readers]
        for _ in range(round(seconds * 60)):
            self.stage.tick()
            self.ns += 16_666_667
            await asyncio.sleep(0.0005)
            for reader, messages in zip(readers, got, strict=True):
                messages += reader.read()
        return got

    def client(self, session: str = "", **wants: bool) -> "Client":
        client = Client(self)
        client.send(join=pb.Join(session=session, **wants))  # type: ignore[arg-type]
        return client


class Client:
    """What a transport does, without one."""

    def __init__(self, house: House) -> None:
        self.peer = Peer(house.stage, "rigcast.v1", lambda: None)

    def send(self, request_id: int = 0, **body: object) -> None:
        self.peer.receive(pb.ClientMessage(request_id=request_id, **body).SerializeToString())  # type: ignore[arg-type]

    def read(self) -> list[pb.ServerMessage]:
        return list(self._waiting())

    def _waiting(self) -> Iterator[pb.ServerMessage]:
        while (data := self.peer.next()) is not None:
            assert isinstance(data, bytes)
            yield pb.ServerMessage.FromString(data)


def frames(messages: list[pb.ServerMessage]) -> list[int]:
    return [m.frame.time_us for m in messages if m.WhichOneof("body") == "frame"]


def ends(messages: list[pb.ServerMessage]) -> list[tuple[int, int, str]]:
    found = [m.event.utterance_ended for m in messages if m.event.WhichOneof("kind") == "utterance_ended"]
    return [(e.utterance, e.reason, e.detail) for e in found]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House(limits=Limits(sessions=3), linger=5.0)
    yield made
    made.stage.close(RefusedError(Code.UNAVAILABLE, "over", fatal=True))
    await asyncio.sleep(0)


async def test_the_welcome_comes_first_then_the_present(house: House) -> None:
    messages = house.client().read()
    assert messages[0].welcome.session == "main"
    assert frames(messages)[0] == 0
    assert messages[0].welcome.lead_us == 400_000


async def test_all_members_get_the_same(house: House) -> None:
    one, two = house.client(), house.client()
    one.send(3, say=pb.Say(text="Hi."))
    got, other = await house.run(2, one, two)
    assert [m.accepted.utterance for m in got if m.WhichOneof("body") == "accepted"] == [1]
    public = [m for m in got if m.WhichOneof("body") not in ("accepted", "welcome")]
    assert public == [m for m in other if m.WhichOneof("body") != "welcome"]


async def test_a_sleeping_client_wakes_to_the_present_and_is_told(house: House) -> None:
    awake, asleep = house.client(), house.client()
    asleep.read()
    awake.read()
    heard: list[int] = []
    for _ in range(10):
        awake.send(say=pb.Say(text="Hi."))
        (messages,) = await house.run(1, awake)
        heard += frames(messages)
    messages = asleep.read()
    now_us = house.stage.sessions["main"].now_us
    assert all(now_us - t <= FRAME_AGE_US for t in frames(messages))
    assert messages[0].dropped.frames > 400
    assert messages[0].dropped.audio_us > 1_000_000
    assert len(set(heard)) >= 595


async def test_a_broken_voice_fails_the_text_and_the_next_is_spoken(house: House) -> None:
    client = house.client()
    client.send(say=pb.Say(text="break"))
    client.send(say=pb.Say(text="Hi."))
    await house.run(3)
    assert ends(client.read()) == [(1, 3, "the hum broke"), (2, 1, "")]


async def test_what_waits_is_told_when_it_is_cut(house: House) -> None:
    client = house.client()
    for _ in range(3):
        client.send(say=pb.Say(text="Hi. Hi. Hi. Hi. Hi. Hi."))
    await house.run(1)
    client.send(interrupt=pb.Interrupt())
    await house.run(1)
    assert sorted(ends(client.read())) == [(1, 2, ""), (2, 2, ""), (3, 2, "")]
    client.send(say=pb.Say(text="Hi."))
    await house.run(3)
    assert ends(client.read()) == [(4, 1, "")]


async def test_long_texts_are_spoken_sentence_by_sentence_without_running_ahead(house: House) -> None:
    client = house.client()
    client.send(say=pb.Say(text="Hi there. " * 50))
    await house.run(1)
    session = house.stage.sessions["main"]
    assert session.speaking
    assert session._performance.speech_end() - session.now() < 6 * 24_000
    assert not ends(client.read())


async def test_sessions_end_when_they_are_left(house: House) -> None:
    client = house.client("gone")
    await house.run(10)
    client.peer.leave()
    await house.run(4)
    assert "gone" in house.stage.sessions
    await house.run(2)
    assert "gone" not in house.stage.sessions


async def test_a_session_speaks_to_its_end_though_nobody_listens(house: House) -> None:
    house.stage.session("alone").say(Say("Hi. " * 12, "", 1.0, 1.0, False))
    await house.run(8)
    assert "alone" in house.stage.sessions
    await house.run(20)
    assert "alone" not in house.stage.sessions


async def test_too_many_sessions_are_refused_in_words(house: House) -> None:
    for name in ("a", "b", "c"):
        house.client(name)
    late = house.client("d")
    (message,) = late.read()
    assert (message.error.code, message.error.limit) == (4, 3)
    assert late.peer.closing is not None
    assert set(house.stage.sessions) == {"a", "b", "c"}


async def test_a_session_that_fails_is_closed_and_the_others_live(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = house.client("good"), house.client("bad")

    def fail(now: int) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(house.stage.sessions["bad"]._performance, "draft", fail)
    good.read()
    await house.run(0.2)
    assert bad.read()[-1].error.code == pb.ERROR_CODE_INTERNAL
    assert "bad" not in house.stage.sessions
    assert len(frames(good.read())) == 16


async def test_a_machine_that_slept_goes_on_where_it_was(house: House) -> None:
    client = house.client()
    client.send(say=pb.Say(text="Hi."))
    await house.run(0.5)
    house.ns += 3_600_000_000_000
    await house.run(3)
    messages = client.read()
    assert ends(messages) == [(1, 1, "")]
    times = frames(messages)
    assert frame_time_us(round(times[-1] * 60 / 1e6)) == times[-1]
    assert times[-1] < 5_000_000


@pytest.mark.parametrize("stall_s", [0.0, 0.6])
async def test_sessions_are_spread_over_the_ticks_of_a_block(stall_s: float) -> None:
    house = House(limits=Limits(sessions=48))
    clients = [house.client(f"s{i}") for i in range(48)]
    due: list[int] = []
    await house.run(0.5, *clients)
    house.ns += round(stall_s * 1e9)  # more than the lead: all clocks stand still, and go on together
    await house.run(0.5, *clients)
    for _ in range(16):
        due.append(sum(session.due for session in house.stage.sessions.values()))
        await house.run(1 / 60, *clients)
    assert due == [3] * 16
