"""Faults on purpose: what becomes of a show when a process is killed, a disk is full, a model is broken.

A scenario is a context that holds what its runs share; it gives a function that makes one run of a seeded chance and
returns figures in milliseconds. A run that does not end as promised raises AssertionError. tools/faults.py makes many,
tests/test_faults.py a few.
"""

import asyncio
import contextlib
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from bridge import server
from bridge.config import Config
from bridge.curves import INDEX
from bridge.face.card import BUILT_IN
from bridge.face.model import Model, load
from bridge.frames import Pcm
from bridge.speech.espeak import EspeakVoices
from bridge.wire import unpack
from rigcast.v1 import service_pb2, session_pb2, stream_pb2
from tests.hostile import connection_of
from tests.real_bridge import PATIENCE, Bridge, calling, joined, request, started, until
from tests.test_hostile_drain import NOT_SERVING, health

Figures = dict[str, float]
Run = Callable[[random.Random], Awaitable[Figures]]
Scenario = Callable[[Path], AbstractAsyncContextManager[Run]]

WORDS = re.findall(
    "[a-z]+",
    "anchor basket candle dragon engine forest garden hammer island jacket kitten ladder market needle orange pencil "
    "rabbit silver tunnel velvet window yellow zipper bottle copper dinner finger guitar helmet insect jungle kettle "
    "lemon magnet napkin oyster pepper ribbon saddle temple",
)
MODEL = BUILT_IN / "speech2face-40ms.onnx"
MS = 1000.0


def ms(began: float) -> float:
    """Since that moment."""
    return (time.perf_counter() - began) * MS


def sentence(chance: random.Random, count: int) -> str:
    """So many words, none twice; a full stop now and then."""
    words = chance.sample(WORDS, count)
    return "".join(word + chance.choice((" ", " ", ", ", ". ")) for word in words).strip(" ,.") + "."


def words_of(text: str) -> list[str]:
    """The words of a text without its marks."""
    return re.findall(r"[a-z]+", re.sub(r"\[[^]]*\]", "", text))


async def message_of(connection: ClientConnection) -> session_pb2.ServerMessage:
    """The next message."""
    async with asyncio.timeout(PATIENCE):
        return session_pb2.ServerMessage.FromString(await connection.recv(decode=False))


# Killed, and started again


class Heard:
    """What a client of a session has got of its words: their times, and up to where there is sound."""

    def __init__(self) -> None:
        self.words: list[tuple[int, str]] = []
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
                self.words.append((message.event.time_us, message.event.word.text.strip(".,").lower()))

    @property
    def said(self) -> int:
        """Words that were said to their end at least: another one has begun after them."""
        return sum(time_us <= self.until_us for time_us, _ in self.words[1:])


class Show:
    """A session that is asked for something, and what must be left of it."""

    def __init__(self, chance: random.Random, name: str) -> None:
        self.name = name
        self.emotion = chance.choice(("happy", "sad", "neutral"))
        self.target = (chance.choice((-1.0, 1.0)) * 0.5, 1.5, 1.0)
        self.voice = chance.choice(("", "en-gb", "en-us+m3"))
        words = sentence(chance, 24).rstrip(".").split(" ")
        self.texts = [" ".join(words[:8]) + ".", "[happy] " + " ".join(words[8:16]) + ".", " ".join(words[16:]) + "."]
        self.before, self.after = Heard(), Heard()

    async def ask(self, connection: ClientConnection) -> None:
        """All there is to do; returns when it is accepted."""
        rate = 1.2
        await connection.send(request(set_emotion=session_pb2.SetEmotion(emotion=self.emotion, intensity=1.0)))
        x, y, z = self.target
        await connection.send(request(look_at=session_pb2.LookAt(target={"x": x, "y": y, "z": z})))
        await connection.send(request(say=session_pb2.Say(text="This is cut off.")))
        for i, text in enumerate(self.texts):
            await connection.send(
                request(i, say=session_pb2.Say(text=text, voice=self.voice, rate=rate, interrupt=not i))
            )
        while True:
            message = await message_of(connection)
            self.before.take(message)
            if message.accepted.request_id == len(self.texts) - 1:
                return

    async def listen(self, connection: ClientConnection) -> None:
        """Until the connection is gone."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                self.before.take(await message_of(connection))

    async def listen_on(self, bridge: Bridge, words: int) -> None:
        """To what the session still has to say, so many words of it; and look at it."""
        async with joined(bridge, self.name) as connection:
            frame = None
            while len(self.after.words) < words:
                message = await message_of(connection)
                self.after.take(message)
                frame = message.frame if message.HasField("frame") else frame
            assert frame is not None
            smile, frown = (
                float(unpack(frame).curves[0, INDEX[name]]) for name in ("mouthSmileLeft", "mouthFrownLeft")
            )
            assert {"happy": smile > 0.1, "sad": frown > 0.1, "neutral": max(smile, frown) < 0.3}[self.emotion] or (
                "[happy]" in " ".join(self.texts) and smile > 0.1
            ), (self.emotion, smile, frown)

    def judge(self) -> None:
        """Nothing was said twice, and nothing left out but the release of a word that was begun."""
        words = [word for text in self.texts for word in words_of(text)]
        before, after = [word for _, word in self.before.words], [word for _, word in self.after.words]
        before = before[before.index(words[0]) :] if words[0] in before else []
        heard = max(0, self.before.said - (len(self.before.words) - len(before)))
        assert before == words[: len(before)], (before, words)
        assert after, "nothing was said"
        first = words.index(after[0])
        assert after == words[first : first + len(after)], (after, words)
        assert heard <= first <= max(len(before), 1), (before, heard, after)


@contextlib.asynccontextmanager
async def kill(folder: Path, sessions: int = 3) -> AsyncIterator[Run]:
    """kill -9 while sessions speak; the bridge is started again at once, as supervisors do."""
    yield partial(_kill, folder, sessions)


async def _kill(folder: Path, sessions: int, chance: random.Random) -> Figures:
    file = folder / "journal"
    shows = [Show(chance, f"show-{i}") for i in range(sessions)]
    with started("--journal", str(file), "--log-level", "error") as bridge:
        async with contextlib.AsyncExitStack() as stack:
            connections = [await stack.enter_async_context(joined(bridge, show.name)) for show in shows]
            await asyncio.gather(*(show.ask(c) for show, c in zip(shows, connections, strict=True)))
            listening = [asyncio.create_task(show.listen(c)) for show, c in zip(shows, connections, strict=True)]
            await asyncio.sleep(chance.uniform(0.05, 4.0))
            bridge.process.kill()
            began = time.perf_counter()
            await asyncio.gather(*listening)
    if chance.random() < 0.3:  # the power of a torn line
        with file.open("ab") as end:
            end.write(b'["show-0", "say", 99, "half a li')
    size = file.stat().st_size
    began = time.perf_counter()
    with started("--journal", str(file), "--log-level", "error") as bridge:
        async with calling(bridge) as stub:
            about = await stub.Describe(service_pb2.DescribeRequest(), timeout=PATIENCE)
        back = ms(began)
        assert {session.name for session in about.sessions} == {show.name for show in shows}
        count = chance.randint(2, 5)
        left = [len([w for text in show.texts for w in words_of(text)]) - show.before.said for show in shows]
        await asyncio.gather(
            *(show.listen_on(bridge, min(count, max(n, 1))) for show, n in zip(shows, left, strict=True) if n > 0)
        )
    for show, n in zip(shows, left, strict=True):
        if n > 0:
            show.judge()
    file.unlink(missing_ok=True)
    return {"back_ms": back, "journal_bytes": size}


# A reader that comes back


@contextlib.asynccontextmanager
async def reconnect(folder: Path) -> AsyncIterator[Run]:
    """A connection is torn; its client comes back and is at the present."""
    with started("--log-level", "error") as bridge:
        async with joined(bridge, "show", no_frames=True) as speaker:
            reading = asyncio.create_task(_read_for_ever(speaker))
            yield partial(_reconnect, bridge, speaker)
            reading.cancel()


async def _read_for_ever(connection: ClientConnection) -> None:
    async for _ in connection:
        pass


async def _reconnect(bridge: Bridge, speaker: ClientConnection, chance: random.Random) -> Figures:
    text = session_pb2.Say(text=sentence(chance, 12), interrupt=True)
    async with joined(bridge, "show") as connection:
        await until(connection, "welcome")
        await speaker.send(request(say=text))
        await until(connection, "audio")
        await asyncio.sleep(chance.uniform(0, 0.5))
        connection.transport.abort()
    await asyncio.sleep(chance.uniform(0, 0.3))
    began = time.perf_counter()
    async with joined(bridge, "show") as connection:
        now_us = (await until(connection, "welcome")).welcome.now_us
        present_us = now_us + ms(began) * 1000
        sound = frame = None
        while frame is None or sound is None:
            message = await message_of(connection)
            frame = frame or (message.frame if message.HasField("frame") else None)
            sound = sound or (message.audio if message.HasField("audio") else None)
        took = ms(began)
    assert frame.time_us > now_us - 100_000, "that is the past"
    assert frame.time_us < present_us + 250_000, "that is not the present"
    return {"resumed_ms": took}


# A model that is broken, a GPU that is not there


def _settings(folder: Path, **more: Any) -> Config:
    return Config(http_port=0, grpc_port=0, drain_s=0, tokens_file=str(folder / "none"), **more)


@contextlib.asynccontextmanager
async def model(folder: Path) -> AsyncIterator[Run]:
    """The file of the model is broken in many ways: live audio is refused with the reason, and texts are spoken."""
    yield partial(_model, folder)


def _broken(chance: random.Random, file: Path) -> None:
    data = bytearray(MODEL.read_bytes())
    match chance.randrange(5):
        case 0:
            del data[chance.randrange(len(data)) :]
        case 1:
            data[:0] = chance.randbytes(16)
        case 2:
            data = bytearray(chance.randbytes(chance.randrange(10_000)))
        case 3:
            data = data.replace(b"speech2face/1", b"speech2face/9")
        case _:
            data = bytearray(b"\x80\x04\x95") + data  # as a pickle begins
    file.write_bytes(data)


async def _model(folder: Path, chance: random.Random) -> Figures:
    file = folder / "broken.onnx"
    _broken(chance, file)
    async with server.running(_settings(folder, model=str(file))) as bound, connection_of(bound) as connection:
        await connection.send(request(join=session_pb2.Join(session="show")))
        welcome = (await until(connection, "welcome")).welcome
        assert "broken.onnx" in welcome.no_live_audio
        await connection.send(request(1, start_audio=session_pb2.StartAudio()))
        error = (await until(connection, "error")).error
        assert error.code == session_pb2.ERROR_CODE_FAILED_PRECONDITION
        assert "broken.onnx" in error.message
        return {"speaks_ms": await _speaks(connection)}


async def _speaks(connection: ClientConnection) -> float:
    """How long until a short text is heard."""
    began = time.perf_counter()
    await connection.send(request(say=session_pb2.Say(text="It goes on.")))
    await until(connection, "audio")
    return ms(began)


@contextlib.asynccontextmanager
async def gpu(folder: Path) -> AsyncIterator[Run]:
    """CUDA is asked for and is not there, or goes while it hears: the CPU hears on."""
    voices = await EspeakVoices.start()
    sound = (await voices.speak("Papa and mama are far away.")).pcm
    await voices.close()
    yield partial(_gpu, folder, sound)


def _gone(config: Config) -> Model:
    """A model whose GPU was there when it was loaded."""
    return replace(load(config.model, "cpu"), device="cuda")


async def _gpu(folder: Path, sound: Pcm, chance: random.Random) -> Figures:
    usual, late = server._load, chance.random() < 0.5
    if late:
        server._load = _gone
    try:
        async with server.running(_settings(folder, model=str(MODEL), device="cuda")) as bound:
            return {"heard_ms": await _hears(bound, sound[: chance.randint(24_000, len(sound))])}
    finally:
        server._load = usual


async def _hears(bound: Config, sound: Pcm) -> float:
    """How long until the mouth opens to a sound that is sent at once."""
    async with connection_of(bound) as connection:
        await connection.send(request(join=session_pb2.Join(session="show")))
        assert not (await until(connection, "welcome")).welcome.no_live_audio
        await connection.send(request(start_audio=session_pb2.StartAudio()))
        began = time.perf_counter()
        for first in range(0, len(sound), 2400):
            await connection.send(
                request(push_audio=session_pb2.PushAudio(samples=sound[first : first + 2400].tobytes()))
            )
        await connection.send(request(end_audio=session_pb2.EndAudio()))
        while True:
            message = await message_of(connection)
            assert not message.HasField("error"), message.error
            assert not message.event.HasField("utterance_ended"), "the mouth stayed closed"
            if message.HasField("frame") and unpack(message.frame).curves[0, INDEX["jawOpen"]] > 0.1:
                return ms(began)


# A voice that crashes


@contextlib.asynccontextmanager
async def voice(folder: Path) -> AsyncIterator[Run]:
    """The voice's process is killed while two sessions speak: both are heard to the end."""
    with started("--log-level", "error") as bridge:
        yield partial(_voice, bridge)


async def _voice(bridge: Bridge, chance: random.Random) -> Figures:
    async with contextlib.AsyncExitStack() as stack:
        speakers = [
            await stack.enter_async_context(joined(bridge, f"show-{i}", no_frames=True, no_audio=True))
            for i in range(2)
        ]
        began = time.perf_counter()
        for speaker in speakers:
            await speaker.send(request(say=session_pb2.Say(text=sentence(chance, 6), rate=2.0)))
        ends = asyncio.gather(*(_end_of(speaker) for speaker in speakers))
        await asyncio.sleep(chance.uniform(0, 0.4))
        _kill_voice(bridge)
        for end in await ends:
            assert end.reason == stream_pb2.END_REASON_FINISHED, end
        return {"said_ms": ms(began)}


def _kill_voice(bridge: Bridge) -> None:
    for child in psutil.Process(bridge.process.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()


async def _end_of(speaker: ClientConnection) -> stream_pb2.UtteranceEnded:
    while True:
        message = await message_of(speaker)
        if message.event.HasField("utterance_ended"):
            return message.event.utterance_ended


# A disk that is full


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Any:
    """A folder on a disk of so many bytes where that can be had; else None."""
    place = folder / "small"
    place.mkdir()
    mounted = sys.platform == "linux" and os.geteuid() == 0
    if mounted:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
        mounted = not subprocess.run(command, capture_output=True, check=False).returncode
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(place)], check=True)
        shutil.rmtree(place, ignore_errors=True)


@contextlib.asynccontextmanager
async def disk(folder: Path) -> AsyncIterator[Run]:
    """The disk fills while a take is recorded: the recorder says so, keeps what there is, and nobody else notices."""
    with started("--log-level", "error") as bridge:
        yield partial(_disk, bridge, folder)


async def _disk(bridge: Bridge, folder: Path, chance: random.Random) -> Figures:
    kind, room = chance.choice(("csv", "json", "bvh", "glb", "wav")), 4096 * chance.randint(6, 12)
    with small_disk(folder, room) as place:
        out = (place or folder) / f"take.{kind}"
        limit = None if place else partial(resource.setrlimit, resource.RLIMIT_FSIZE, (room, room))
        command = [
            sys.executable,
            "-m",
            "bridge",
            "record",
            "show",
            "--out",
            str(out),
            "--to",
            bridge.grpc,
            "--overwrite",
        ]
        async with joined(bridge, "show", no_audio=True) as watcher:
            await watcher.send(request(say=session_pb2.Say(text=sentence(chance, 10), interrupt=True)))
            recorder = await asyncio.create_subprocess_exec(
                *command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, preexec_fn=limit
            )
            watching = asyncio.create_task(_gaps(watcher))
            async with asyncio.timeout(PATIENCE):
                _, words = await recorder.communicate()
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
            began = time.perf_counter()
            await _goes_on(watcher)
            took = ms(began)
        text = words.decode()
        assert recorder.returncode == 1, text
        assert re.search(r"take\.\w+: (No space left|File too large).* s until then are kept", text), text
        assert out.exists() or out.with_name(f"{out.name}.journal").exists()
        for file in out.parent.glob("take.*"):
            file.unlink()
    return {"goes_on_ms": took}


async def _gaps(watcher: ClientConnection) -> None:
    """Frames come without a gap."""
    last = None
    while True:
        message = await message_of(watcher)
        assert not message.HasField("dropped")
        if message.HasField("frame"):
            assert last is None or message.frame.sequence > last
            last = message.frame.sequence


async def _goes_on(watcher: ClientConnection) -> None:
    await watcher.send(request(7, ping=session_pb2.Ping()))
    await until(watcher, "pong")
    await until(watcher, "frame")


# Told to go


@contextlib.asynccontextmanager
async def drain(folder: Path) -> AsyncIterator[Run]:
    """SIGTERM: health says so at once, what is being said ends if there is time, and the process with it."""
    yield _drain


async def _drain(chance: random.Random, seconds: int = 3) -> Figures:
    short = chance.random() < 0.7
    text = sentence(chance, chance.randint(2, 5) if short else 30)
    with started("--log-level", "error", RIGCAST_DRAIN_S=str(seconds)) as bridge:
        async with joined(bridge, "show", no_frames=True) as speaker, health(bridge) as watch:
            await speaker.send(request(say=session_pb2.Say(text=text, rate=1.5)))
            await until(speaker, "audio")
            await asyncio.sleep(chance.uniform(0, 0.3))
            ends = asyncio.create_task(_end_of(speaker))
            health_ms = await _told(bridge, watch)
            began = time.perf_counter()
            if short:
                assert (await ends).reason == stream_pb2.END_REASON_FINISHED
            else:
                with contextlib.suppress(ConnectionClosed):
                    assert (await ends).reason != stream_pb2.END_REASON_FINISHED
        assert await asyncio.to_thread(bridge.process.wait, PATIENCE) == 0
        return {"health_ms": health_ms, "gone_ms": ms(began)}


async def _told(bridge: Bridge, watch: Any) -> float:
    """How long until health says what is coming."""
    began = time.perf_counter()
    bridge.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        assert (await anext(aiter(watch))).status == NOT_SERVING
    return ms(began)


SCENARIOS: dict[str, Scenario] = {
    "kill": kill, "reconnect": reconnect, "model": model, "gpu": gpu, "voice": voice, "disk": disk, "drain": drain,
}  # fmt: skip

PROMISED = {"back_ms": 1000.0, "resumed_ms": 250.0, "health_ms": 100.0, "gone_ms": 3000.0 + 1000.0}
"""Milliseconds of the slowest run, on a machine that does nothing else. The last: the drain of these runs, and a second
in which connections are closed."""
