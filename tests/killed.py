"""kill -9 while sessions speak, and the bridge is started again as supervisors do, again and again: what has to come
back, and what must not."""

import asyncio
import contextlib
import random
import re
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from bridge.curves import INDEX
from bridge.outputs.livelink import LiveLinkFace
from bridge.outputs.target import Target
from bridge.wire import unpack
from rigcast.v1 import service_pb2, session_pb2
from tests.phones import acting
from tests.real_bridge import PATIENCE, Bridge, calling, request, started
from tests.shows import message_of, ms, sentence, visiting, words_of

NAMES = ("show-0", "show-1", "show-2")
SETTLED_US = 1_000_000
"""Session time after which an emotion has been turned to."""


class Heard:
    """What a client of a session has got of its words: their times, texts and utterances, and up to where there is
    sound."""

    def __init__(self) -> None:
        self.words: list[tuple[int, str, int]] = []
        self.until_us = 0

    def take(self, message: session_pb2.ServerMessage) -> None:
        """Read on; what is taken back was not said."""
        match message.WhichOneof("body"):
            case "audio":
                self.until_us = message.audio.time_us + len(message.audio.pcm) // 2 * 1_000_000 // 24_000
            case "forget":
                self.until_us = min(self.until_us, message.forget.time_us)
                self.words = [word for word in self.words if word[0] < message.forget.time_us]
            case "event" if message.event.HasField("word"):
                word = message.event.word
                self.words.append((message.event.time_us, word.text.strip(".,").lower(), word.utterance))

    def of(self, utterances: set[int]) -> list[tuple[int, str]]:
        """The words of these, with their times."""
        return [(time_us, word) for time_us, word, utterance in self.words if utterance in utterances]

    def said(self, utterances: set[int]) -> int:
        """Words of these that were said to their end at least: another one has begun after them."""
        return sum(time_us <= self.until_us for time_us, _ in self.of(utterances)[1:])


class Show:
    """A session that is asked for something, and what must be left of it."""

    def __init__(self, chance: random.Random, name: str) -> None:
        self.name = name
        self.emotion = chance.choice(("happy", "sad", "neutral"))
        self.target = (chance.choice((-1.0, 1.0)) * 0.5, 1.5, 1.0)
        self.voice = chance.choice(("", "en-gb", "en-us+m3"))
        self.rate = chance.choice((1.2, 2.0, 3.0))
        words = sentence(chance, 24).rstrip(".").split(" ")
        self.texts = [" ".join(words[:8]) + ".", "[happy] " + " ".join(words[8:16]) + ".", " ".join(words[16:]) + "."]
        self.numbers: set[int] = set()  # of the texts' utterances
        self.before, self.after = Heard(), Heard()
        self.heard_ms = 0.0

    async def ask(self, connection: ClientConnection) -> None:
        """All there is to do; returns when it is accepted."""
        x, y, z = self.target
        await connection.send(request(100, set_emotion=session_pb2.SetEmotion(emotion=self.emotion, intensity=1.0)))
        await connection.send(request(100, look_at=session_pb2.LookAt(target={"x": x, "y": y, "z": z})))
        await connection.send(request(100, say=session_pb2.Say(text="This is cut off.")))
        for i, text in enumerate(self.texts):
            say = session_pb2.Say(text=text, voice=self.voice, rate=self.rate, interrupt=not i)
            await connection.send(request(i + 1, say=say))
        while len(self.numbers) < len(self.texts):
            message = await message_of(connection)
            self.before.take(message)
            if message.HasField("accepted") and 0 < message.accepted.request_id <= len(self.texts):
                self.numbers.add(message.accepted.utterance)

    async def listen(self, connection: ClientConnection) -> None:
        """Until the connection is gone."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                self.before.take(await message_of(connection))

    @property
    def left(self) -> int:
        """Words that have not been said to their end."""
        return sum(len(words_of(text)) for text in self.texts) - self.before.said(self.numbers)

    async def listen_on(self, bridge: Bridge, words: int, began: float) -> list[float]:
        """To what the session still has to say, so many words of it, and look at it: its curves when it has settled.

        began: when the bridge was started.
        """
        async with visiting(bridge, self.name) as connection:
            frame = None
            while len(self.after.words) < words or frame is None or frame.time_us < SETTLED_US:
                message = await message_of(connection)
                self.after.take(message)
                self.heard_ms = self.heard_ms or (ms(began) if message.HasField("audio") else 0)
                frame = message.frame if message.HasField("frame") else frame
            await connection.send(request(interrupt=session_pb2.Interrupt()))
            curves: list[float] = unpack(frame).curves[0].tolist()
            return curves

    def judge(self, curves: list[float]) -> None:
        """The face is right; nothing was said twice, and nothing left out but the release of a word that was begun."""
        smile, frown = (curves[INDEX[name]] for name in ("mouthSmileLeft", "mouthFrownLeft"))
        shown = {"happy": smile > 0.1, "sad": frown > 0.1, "neutral": max(smile, frown) < 0.3}[self.emotion]
        assert shown or smile > 0.1, (self.emotion, smile, frown)  # [happy] is in the text
        words = [word for text in self.texts for word in words_of(text)]
        before, after = ([word for _, word in heard.of(self.numbers)] for heard in (self.before, self.after))
        heard = self.before.said(self.numbers)
        assert {number for *_, number in self.after.words} <= self.numbers, "what was cut off is said"
        assert before == words[: len(before)], (before, words)
        assert after, "nothing was said"
        first = words.index(after[0])
        assert after == words[first : first + len(after)], (after, words)
        assert heard <= first <= max(len(before), 1), (before, heard, after)


class Supervised:
    """A bridge with a journal that is started again after it was killed. A phone is in session show-0."""

    def __init__(self, folder: Path) -> None:
        self.journal = folder / "journal"
        self._port = _free_port()
        self._life = contextlib.ExitStack()
        self.bridge: Bridge

    def start(self) -> None:
        """Takes as long as it takes until it listens."""
        capture = f"livelink:127.0.0.1:{self._port},session={NAMES[0]}"
        flags = ("--journal", str(self.journal), "--capture", capture, "--log-level", "error")
        self.bridge = self._life.enter_context(started(*flags))

    def kill(self) -> None:
        """As the system does when memory ends."""
        self.bridge.process.kill()
        self._life.close()

    async def phone(self) -> None:
        """A face that squints a little at rest, and raises a brow when that has been taken for neutral."""
        encoder, pose = LiveLinkFace(Target("127.0.0.1", self._port)), acting(eyeWideLeft=0.4)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            while True:
                for datagram in encoder.datagrams(pose, time.time() * 60):
                    with contextlib.suppress(OSError):  # nobody is there
                        line.sendto(datagram, ("127.0.0.1", self._port))
                if self.calibrated:
                    pose.curves[INDEX["browOuterUpRight"]] = 0.6
                await asyncio.sleep(1 / 60)

    async def calibrate(self) -> None:
        """Take the phone's face for neutral, and wait until that is written down."""
        async with visiting(self.bridge, NAMES[0], no_frames=True), calling(self.bridge) as stub:
            async with asyncio.timeout(PATIENCE):
                await stub.Calibrate(service_pb2.CalibrateRequest(session=NAMES[0]))
                while not self.calibrated:
                    await asyncio.sleep(0.02)

    @property
    def calibrated(self) -> bool:
        """Whether a neutral is in the journal."""
        return self.journal.exists() and re.search(rb'"follow", 0, "[^"]+", \[', self.journal.read_bytes()) is not None


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


@contextlib.asynccontextmanager
async def kill(folder: Path) -> AsyncIterator[Any]:
    """kill -9 while sessions speak: emotion, gaze, texts, outputs, the phone and its neutral are there again, nothing
    is said twice. Each run kills what came back in the last one."""
    supervised = Supervised(folder)
    await asyncio.to_thread(supervised.start)
    phone = asyncio.create_task(supervised.phone())
    try:
        await supervised.calibrate()

        async def run(chance: random.Random) -> dict[str, float]:
            return await _kill(supervised, chance)

        yield run
    finally:
        phone.cancel()
        supervised.kill()


async def _kill(supervised: Supervised, chance: random.Random) -> dict[str, float]:
    shows = [Show(chance, name) for name in NAMES]
    output = f"127.0.0.1:9,delay={chance.randrange(2000)}"
    await _speak_and_be_killed(supervised, shows, output, chance)
    size = supervised.journal.stat().st_size
    if chance.random() < 0.3:  # what a torn write leaves
        with supervised.journal.open("ab") as end:
            end.write(b'["show-0", "say", 99, "half a li')
    began = time.perf_counter()
    await asyncio.to_thread(supervised.start)
    async with calling(supervised.bridge) as stub:
        about = await stub.Describe(service_pb2.DescribeRequest(), timeout=PATIENCE)
        back = ms(began)
        outputs = await stub.ListOutputs(service_pb2.ListOutputsRequest(), timeout=PATIENCE)
    assert {session.name for session in about.sessions} == set(NAMES)
    assert [(each.session, each.protocol, each.address) for each in outputs.outputs] == [
        (NAMES[1], "vmc", "127.0.0.1:9")
    ]
    assert output.encode() in supervised.journal.read_bytes()
    speaking = [show for show in shows if show.left]
    count = chance.randint(2, 5)
    faces = await asyncio.gather(
        *(each.listen_on(supervised.bridge, min(count, each.left), began) for each in speaking)
    )
    for show, curves in zip(speaking, faces, strict=True):
        show.judge(curves)
        if show.name == NAMES[0]:
            assert curves[INDEX["browOuterUpRight"]] > 0.4, "the phone is not followed"
            assert curves[INDEX["eyeWideLeft"]] < 0.1, "its neutral is lost"
    heard = max((show.heard_ms for show in speaking), default=0.0)
    return {"back_ms": back, "heard_ms": heard, "journal_bytes": size}


async def _speak_and_be_killed(supervised: Supervised, shows: list[Show], output: str, chance: random.Random) -> None:
    async with contextlib.AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(visiting(supervised.bridge, show.name)) for show in shows]
        await connections[1].send(request(200, set_outputs=session_pb2.SetOutputs(vmc=[output])))
        await asyncio.gather(*(show.ask(each) for show, each in zip(shows, connections, strict=True)))
        listening = [asyncio.create_task(show.listen(each)) for show, each in zip(shows, connections, strict=True)]
        await asyncio.sleep(chance.uniform(0.05, 2.5))
        await asyncio.to_thread(supervised.kill)
        await asyncio.gather(*listening)
