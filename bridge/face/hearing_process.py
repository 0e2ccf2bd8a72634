"""Hearing in a process of its own, for a crowd.

A thread shares the interpreter with the event loop, and each takes from the other; with some hundred streams both come
too late. What goes there and back, two megabytes a round for 64 streams, lies in memory that both processes see; only
how many are to be heard goes through pipes (see worker.py). All of a stream stays with its ear, so nothing is lost with
the process: what it owes is heard here. Linux only; elsewhere the thread goes on.
"""

import asyncio
import logging
import mmap
import os
import sys

from bridge.face.batch import LIMIT
from bridge.face.model import Model
from bridge.face.rounds import FRAMES, Done, Round
from bridge.worker import Worker, WorkerError

TIME_LIMIT_S = 10.0
"""For the start, and for each answer; later it is taken to hang."""

PATIENCE_S = 0.25
"""After so long without an answer a round is heard here instead; it takes some 15 ms."""

logger = logging.getLogger(__name__)


class Process:
    """Works rounds out in a worker, one at a time. Event loop only."""

    def __init__(self, model: Model) -> None:
        """For a model on the CPU. Raises OSError where there is no memory for it, or the system has no such memory."""
        if sys.platform != "linux":
            raise OSError("memory that two processes see is had on Linux only")
        self._file = os.memfd_create("rigcast-hearing")
        size = Round.size(model, LIMIT, FRAMES)
        os.ftruncate(self._file, size)
        self._round = Round.of(model, LIMIT, FRAMES, mmap.mmap(self._file, size))
        self._worker = Worker("bridge.face.hearing_worker", TIME_LIMIT_S, (self._file,))
        self._request = {"memory": self._file, "model": str(model.card.file.resolve()), "sizes": model.sizes}
        self._exchange: asyncio.Task[Done | None] | None = None
        self._usable = self._closed = False

    async def start(self) -> None:
        """Starts the process and lets it load the model; where that fails, says so."""
        self._usable = await self._ask(0, 0) is not None

    @property
    def pid(self) -> int | None:
        """The process."""
        return self._worker.pid

    @property
    def free(self) -> bool:
        """Whether it can work a round out now: it has started, answered all, and not failed."""
        return self._usable and (self._exchange is None or self._exchange.done())

    def round(self, streams: int, frames: int) -> Round:
        """To be filled in, run, and read before the next; only while it is free."""
        return self._round.part(streams, frames)

    async def run(self, work: Round) -> Done | None:
        """Work out what `round` gave; None where that failed or takes too long, and it is void then."""
        self._exchange = asyncio.create_task(self._ask(len(work.counts), len(work.rows)))
        done, _ = await asyncio.wait([self._exchange], timeout=PATIENCE_S)  # which ends it neither late nor cancelled
        return self._exchange.result() if done else None

    async def _ask(self, streams: int, frames: int) -> Done | None:
        try:
            answer, _ = await self._worker.ask(self._request | {"streams": streams, "frames": frames})
        except WorkerError as error:
            if not self._closed:
                logger.warning("live audio is heard in the server's own process from now on: %s", error)
            self._usable = False
            return None
        return Done(answer["seconds"], answer["trouble"])

    async def close(self) -> None:
        """Ends the process; from now on it is not free."""
        self._usable, self._closed = False, True
        await self._worker.close()
        os.close(self._file)
