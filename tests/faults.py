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
from rigcast.v1 import session_pb2, stream_pb2
from tests.hostile import connection_of
from tests.killed import kill
from tests.real_bridge import PATIENCE, Bridge, opened, request, started, until
from tests.shows import Neighbour, message_of, ms, neighbour, sentence, visiting
from tests.test_hostile_drain import NOT_SERVING, health

Figures = dict[str, float]
Run = Callable[[random.Random], Awaitable[Figures]]
Scenario = Callable[[Path], AbstractAsyncContextManager[Run]]

MODEL = BUILT_IN / "speech2face-40ms.onnx"
DRAIN_S = 2

# A reader that comes back


@contextlib.asynccontextmanager
async def reconnect(folder: Path) -> AsyncIterator[Run]:
    """A connection is torn; its client comes back and is at the present."""
    with started("--log-level", "error") as bridge:
        async with opened(bridge) as connection, neighbour(connection) as beside:
            yield partial(_reconnect, bridge, beside)


async def _reconnect(bridge: Bridge, beside: Neighbour, chance: random.Random) -> Figures:
    text = session_pb2.Say(text=sentence(chance, 12), interrupt=True)
    async with visiting(bridge, "show") as connection:
        await connection.send(request(say=text))
        await until(connection, "audio")
        await asyncio.sleep(chance.uniform(0, 0.5))
    await asyncio.sleep(chance.uniform(0, 0.3))
    began = time.perf_counter()
    async with visiting(bridge, "show") as connection:
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
    return {"resumed_ms": took, "beside_ms": await beside.check()}


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
            data[:0] = bytes([chance.randrange(256) | 7]) + chance.randbytes(15)  # some random fields would be skipped
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
        async with (
            server.running(_settings(folder, model=str(MODEL), device="cuda")) as bound,
            connection_of(bound) as connection,
            neighbour(connection) as beside,
        ):
            heard = await _hears(bound, sound[: chance.randint(24_000, len(sound))])
            return {"opened_ms": heard, "beside_ms": await beside.check()}
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
    """The voice's process, the backstage's, or both are killed while two sessions speak: both are heard to the end, and
    a third one without a gap."""
    with started("--log-level", "error") as bridge:
        async with opened(bridge) as connection, neighbour(connection) as beside:
            yield partial(_voice, bridge, beside)


async def _voice(bridge: Bridge, beside: Neighbour, chance: random.Random) -> Figures:
    async with contextlib.AsyncExitStack() as stack:
        speakers = [
            await stack.enter_async_context(visiting(bridge, f"show-{i}", no_frames=True, no_audio=True))
            for i in range(2)
        ]
        await speakers[0].send(request(1, say=session_pb2.Say(text="Well.", rate=3.0)))
        await _end_of(speakers[0])  # whom the last run has killed, has been replaced
        began = time.perf_counter()
        for speaker in speakers:
            text = " ".join(sentence(chance, 2) for _ in range(2))
            await speaker.send(request(1, say=session_pb2.Say(text=text, rate=3.0)))
        ends = asyncio.gather(*(_end_of(speaker) for speaker in speakers))
        await asyncio.sleep(chance.uniform(0, chance.choice((0.02, 0.5))))  # while it works, or after
        _kill_workers(bridge, chance.choice(("espeak_worker", "backstage_worker", "_worker")))
        for end in await ends:
            assert end.reason == stream_pb2.END_REASON_FINISHED, end
        return {"said_ms": ms(began), "beside_ms": await beside.check()}


def _kill_workers(bridge: Bridge, name: str) -> None:
    """Those of its processes that run a module whose name ends so."""
    for child in psutil.Process(bridge.process.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.cmdline()[-1].endswith(name):
                child.kill()


async def _end_of(speaker: ClientConnection, said: int = 0) -> stream_pb2.UtteranceEnded:
    """The end of this utterance; of 0, the one that request 1 began: who comes anew is told of the last one's end."""
    while True:
        message = await message_of(speaker)
        said = message.accepted.utterance or said
        if said and message.event.utterance_ended.utterance == said:
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
    """The disk fills while a take is recorded: the recorder says so, keeps what there is, and who watches the same
    session notices nothing."""
    with started("--log-level", "error") as bridge:
        async with opened(bridge) as connection, neighbour(connection, "show") as beside:
            yield partial(_disk, bridge, beside, folder)


async def _disk(bridge: Bridge, beside: Neighbour, folder: Path, chance: random.Random) -> Figures:
    kind, room = chance.choice(("csv", "json", "bvh", "glb", "wav")), 4096 * chance.randint(6, 12)
    with small_disk(folder, room) as place:
        out = (place or folder) / f"take.{kind}"
        limit = None if place else partial(resource.setrlimit, resource.RLIMIT_FSIZE, (room, room))
        text = await _recorded(bridge, out, limit)
        assert re.search(r"take\.\w+: (No space left|File too large).* s until then are kept", text), text
        assert out.exists() or out.with_name(f"{out.name}.journal").exists()
        for file in out.parent.glob("take.*"):
            file.unlink()
    return {"beside_ms": await beside.check()}


async def _recorded(bridge: Bridge, out: Path, limit: Callable[[], None] | None) -> str:
    """What `rigcast record` says, which has to fail."""
    command = [sys.executable, "-m", "bridge", "record", "show", "--out", str(out), "--to", bridge.grpc, "--overwrite"]
    recorder = await asyncio.create_subprocess_exec(
        *command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, preexec_fn=limit
    )
    async with asyncio.timeout(PATIENCE):
        _, words = await recorder.communicate()
    assert recorder.returncode == 1, words.decode()
    return words.decode()


# Told to go


@contextlib.asynccontextmanager
async def drain(folder: Path) -> AsyncIterator[Run]:
    """SIGTERM: health says so at once, what is being said ends if there is time, and the process with it."""
    yield _drain


async def _drain(chance: random.Random) -> Figures:
    short = chance.random() < 0.7
    text = sentence(chance, chance.randint(2, 4) if short else 30)
    with started("--log-level", "error", RIGCAST_DRAIN_S=str(DRAIN_S)) as bridge:
        async with visiting(bridge, "show", no_frames=True) as speaker, health(bridge) as watch:
            await speaker.send(request(say=session_pb2.Say(text=text, rate=2.0)))
            await until(speaker, "audio")
            await asyncio.sleep(chance.uniform(0, 0.3))
            ends = asyncio.create_task(_end_of(speaker, 1))
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

PROMISED = {
    "back_ms": 1000.0, "heard_ms": 1000.0, "resumed_ms": 250.0, "health_ms": 100.0, "gone_ms": DRAIN_S * 1000 + 1000.0,
    "beside_ms": 0.0,
}  # fmt: skip
"""Milliseconds of the slowest run, on a machine that does nothing else. From the start of a killed bridge's successor
until it answers, and until its clients hear what was still to be said; until who comes back is at the present; until
health says that the bridge goes, and until it is gone: the drain, and a second in which connections are closed; by how
much any frame of a neighbour came late."""
