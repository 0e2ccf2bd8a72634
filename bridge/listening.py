"""The model at work for all streams of sound: whoever's has become due is heard in one run. Event loop only."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from bridge.face.ears import Ear, Heard
from bridge.face.hearing import Hearing
from bridge.face.hearing_process import Process
from bridge.face.model import Model
from bridge.performance import PAIR

CROWD = 8
"""Streams from which on those that begin go by steps of twice as many frames: each costs less, and is shown 73 ms
later. With more, all are heard in a process of its own, so that whoever has a few is spared its 100 MiB."""

logger = logging.getLogger(__name__)


class Stream(Protocol):
    """Something that is heard."""

    ear: Ear

    def hear(self, heard: Heard) -> None:
        """The ear has heard some more frames."""
        ...


class Listening:
    """Hears all live audio there is. Without a model, `reason` says why there is none."""

    def __init__(self, model: Model | None, reason: str = "") -> None:
        self.model = model
        self.reason = reason
        self._hearing = Hearing(model) if model else None
        self._streams: dict[Stream, Callable[[], None]] = {}
        self._task: asyncio.Task[None] | None = None
        self._helper: asyncio.Task[None] | None = None  # starts a process

    @property
    def step(self) -> int:
        """Frames that a stream which begins now is to be advanced by at a time."""
        return PAIR if len(self._streams) < CROWD else 2 * PAIR

    def add(self, stream: Stream, changed: Callable[[], None]) -> None:
        """Hear this one too; `changed` is called whenever more of it is known."""
        self._streams[stream] = changed
        if self._helper is None and len(self._streams) > CROWD:
            self._helper = asyncio.create_task(self._begin_process())

    def discard(self, stream: Stream) -> None:
        """Hear this one no more."""
        self._streams.pop(stream, None)

    def wake(self) -> None:
        """Sound may have become due."""
        if self._task is None and any(stream.ear.due > 0 for stream in self._streams):
            self._task = asyncio.create_task(self._run())

    @property
    def busy(self) -> bool:
        """Whether something is being heard just now."""
        return self._task is not None

    async def close(self) -> None:
        """Hear nothing more."""
        self._streams.clear()
        if self._helper:
            self._helper.cancel()
        if self._task:
            self._task.cancel()
        if self._hearing:
            self._hearing.close()
            if self._hearing.process:
                await asyncio.to_thread(self._hearing.process.close)

    async def _begin_process(self) -> None:
        """A GPU needs none: nobody waits for the interpreter while it works."""
        if self._hearing and self._hearing.model.device == "cpu":
            try:
                self._hearing.process = Process(self._hearing.model)
            except OSError as error:
                logger.info("live audio stays in the server's own process: %s", error)
            else:
                await asyncio.to_thread(self._hearing.process.start)

    async def _run(self) -> None:
        try:
            await self._hear()
        except Exception:
            logger.exception("live audio is not heard")
        finally:
            self._task = None

    async def _hear(self) -> None:
        assert self._hearing is not None, "there are no streams without a model"
        while heard := await self._hearing.listen(stream.ear for stream in self._streams):
            streams = {stream.ear: stream for stream in self._streams}
            for each in heard:
                stream = streams.get(each.ear)
                if stream and (changed := self._streams.get(stream)):
                    _tell(stream, each, changed)


def _tell(stream: Stream, heard: Heard, changed: Callable[[], None]) -> None:
    try:
        stream.hear(heard)
        changed()
    except Exception:
        logger.exception("a stream of sound failed")  # a session will again at its tick, which closes it
