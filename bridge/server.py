"""The bridge as one process: voices, stage and both transports, from start to clean end."""

import asyncio
import contextlib
import ctypes
import gc
import logging
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

from bridge import journal as journals
from bridge import metrics
from bridge.a2f import service as a2f
from bridge.backstage import InProcess
from bridge.clock import SECOND, grid, instant_ns
from bridge.config import Config, ConfigError, is_loopback
from bridge.doors import Doors
from bridge.face.model import Device, Model, ModelError, load, locate
from bridge.frames import FRAME_RATE
from bridge.headroom import Headroom
from bridge.inputs.binding import bindings
from bridge.inputs.service import Inputs, hearing
from bridge.journal import Journal
from bridge.listening import Listening
from bridge.outputs.service import Outputs, sending
from bridge.session import Code, Limits, RefusedError
from bridge.speech.espeak import EspeakVoices
from bridge.stage import Settings, Stage, nowhere
from bridge.transport import grpc, websocket
from bridge.transport.page import Page

DRAIN_POLL_S = 0.05

PHASE_NS = 1_000_000
"""How long after a frame of the machine's grid its tick comes: event loops count in milliseconds, and a tick that came
just before the frame would find nothing due."""

SWITCH_S = 0.001
"""How long another thread, the model's or the journal's, may keep the interpreter while the loop waits for it: Python's
usual 5 would make ticks late."""

M_MMAP_THRESHOLD = -3
"""glibc's malloc.h."""

LARGE = 131_072
"""Bytes; what glibc begins with."""

YOUNG = 5_000
"""Objects more than before at which Python looks for cycles among the new ones. At its usual 700 that takes a twentieth
of the loop, for things that live for a block of frames and are in no cycle; and a look at all things, up to 50 ms with
256 sessions, is for once in minutes."""

logger = logging.getLogger(__name__)


async def serve(config: Config, *, ready: Callable[[Config], None] | None = None) -> None:
    """Run until cancelled. `ready` gets the configuration with the ports that were really taken.

    Raises OSError where a port is taken.
    """
    async with running(config) as bound:
        if ready:
            ready(bound)
        await asyncio.get_running_loop().create_future()


@contextlib.asynccontextmanager
async def running(config: Config) -> AsyncIterator[Config]:
    """A bridge that listens, with the ports that it took. Raises ConfigError, and OSError where a port is taken."""
    doors = Doors(config)
    async with contextlib.AsyncExitStack() as stack:
        hearing_task = asyncio.create_task(_listening(config))  # both take a while, in other processes and threads
        stack.callback(hearing_task.cancel)
        voices = await EspeakVoices.start()
        stack.push_async_callback(voices.close)
        backstage = InProcess()
        stack.push_async_callback(backstage.close)
        listening = await hearing_task
        stack.push_async_callback(listening.close)
        inputs = Inputs(bindings(config.capture))
        saved = journals.read(Path(config.journal)) if config.journal else {}
        journal = Journal(Path(config.journal), saved) if config.journal else None
        note = journal.note if journal else nowhere
        stage = Stage(voices, settings_of(config), listening=listening, inputs=inputs, note=note, backstage=backstage)
        outputs = stage.outputs = Outputs(stage, config)
        await stack.enter_async_context(sending(outputs))
        stage.restore(saved)
        stage.headroom = Headroom(config.busy_limit / 100)
        calls = await grpc.start(stage, config, doors)
        stack.push_async_callback(calls.stop)
        clips = await a2f.start(stage, config, doors) if config.a2f >= 0 else None
        if clips:
            stack.push_async_callback(clips.stop)
        web = await websocket.start(stage, config, Page(_avatar, metrics.Metrics(stage).text), doors)
        stack.push_async_callback(web.wait_closed)
        stack.callback(web.close)
        for work in (_tick(stage), doors.keep(), backstage.start()):  # the last takes as long as all of this
            stack.callback(asyncio.create_task(work).cancel)
        await stack.enter_async_context(hearing(inputs))
        going = RefusedError(Code.UNAVAILABLE, "the server is going down", fatal=True)
        if journal:
            stack.push_async_callback(asyncio.to_thread, journal.close)
        stack.callback(stage.close, going)
        stack.push_async_callback(_drain, stage, clips, config.drain_s)
        stack.push_async_callback(calls.drain)
        if clips:
            stack.push_async_callback(clips.drain)
        _give_memory_back()
        gc.freeze()  # what was imported stays: collecting it again and again would hold frames up
        gc.set_threshold(YOUNG, 20, 50)
        ports = {"http_port": web.sockets[0].getsockname()[1], "grpc_port": calls.port}
        if journal:
            await asyncio.to_thread(_begin, journal, config)
        yield replace(config, **ports, a2f=clips.port if clips else config.a2f)


def _give_memory_back() -> None:
    """Let glibc keep large blocks in mappings of their own, which go back to the system when they are free.

    It would raise that threshold by itself, up to 32 MiB, and hold sentences and idle life in its heap, in between what
    lives longer: 64 sessions grew by 15 MiB an hour. Elsewhere than on glibc nothing is done.
    """
    with contextlib.suppress(OSError, TypeError, AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)


def _avatar() -> bytes:
    """The default avatar. Its makers are imported when somebody wants to see it: that takes a fifth of a start."""
    from bridge.avatar import default_vrm

    return default_vrm()


def _begin(journal: Journal, config: Config) -> None:
    """Write the journal from now on. Raises ConfigError."""
    try:
        journal.begin()
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}; name a file in a folder of your own"
        raise ConfigError(f'{config.source("journal")}: journal = "{config.journal}": {reason}') from None


async def _listening(config: Config) -> Listening:
    """What hears live audio. Without a model that works, texts are spoken all the same."""
    try:
        model = await asyncio.to_thread(_load, config)
    except ModelError as error:
        metrics.failed("model")
        logger.warning("there will be no live audio: %s", error)
        private = "its model cannot be used; its log and `rigcast doctor` say why"  # the words tell of its disk
        return Listening(None, str(error) if is_loopback(config.host) else private)
    why = f" ({model.note})" if model.note else ""
    logger.info("live audio is heard by %s %s on %s%s", model.card.name, model.card.version, model.device, why)
    return Listening(model)


def _load(config: Config) -> Model:
    """The model on its device, or on the CPU where that has gone: a show goes on. Raises ModelError."""
    path = locate(config.model)
    try:
        return load(path, cast(Device, config.device))
    except ModelError as error:
        if config.device != "cuda":
            raise
        model = load(path, "cpu")
        metrics.failed("gpu")
        logger.warning("live audio is heard on the CPU: %s", error)
        return model


def settings_of(config: Config) -> Settings:
    """What the configuration says of sessions."""
    limits = Limits(
        config.text_characters,
        config.message_bytes,
        config.sessions,
        config.subscribers,
        config.queued_texts,
        messages_per_s=config.messages_per_s,
        bytes_per_s=config.bytes_per_s,
        outputs=config.outputs,
    )
    return Settings(
        limits, config.voice, config.lead_ms * FRAME_RATE // 1000, float(config.session_linger_s), config.seed
    )


async def _drain(stage: Stage, clips: a2f.Server | None, seconds: int) -> None:
    """Take nobody new, and let what is being said end, for so long at most. A second cancellation cuts it short."""

    def busy() -> bool:
        return stage.heard or bool(clips and clips.busy)

    stage.draining = True
    if not busy() or not seconds:
        return
    logger.warning("Going down when all is said, in %d s at most; once more ends it now.", seconds)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while busy():
                await asyncio.sleep(DRAIN_POLL_S)


async def _tick(stage: Stage) -> None:
    """Call the stage once a frame of the machine's grid; a tick that came late is not made up for."""
    sys.setswitchinterval(SWITCH_S)
    frame = 0
    while True:
        frame = max(frame + 1, grid(time.monotonic_ns() - PHASE_NS))
        due = instant_ns(frame) + PHASE_NS
        await asyncio.sleep(max(due - time.monotonic_ns(), 0) / SECOND)
        began = time.monotonic_ns()
        late_s = max(began - due, 0) / SECOND
        metrics.LATENESS.observe(late_s)
        if stage.headroom:
            stage.headroom.tick(late_s)
        stage.tick()
        metrics.TICK.observe((time.monotonic_ns() - began) / SECOND)
