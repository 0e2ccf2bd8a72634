"""What is worked out before its time, in a process of its own: what face and body do in a sentence, and idle life.

Both take milliseconds at a time, and the event loop has some hundred microseconds for a session's block of frames. A
thread would fight the loop for the interpreter, a process has its own.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

import numpy as np

from bridge.clip import Rehearsal, rehearse
from bridge.curves import CURVES
from bridge.face.articulation import FaceTrack
from bridge.frames import Motion, Speech
from bridge.skeleton import JOINTS, Array
from bridge.speech import message
from bridge.worker import Worker, WorkerError

TIME_LIMIT_S = 10.0
"""For one answer, as for a sentence of a voice."""

MOST_WAITING = 64
"""Requests, each some milliseconds, behind which a block of idle life would come too late."""

logger = logging.getLogger(__name__)


class Backstage(Protocol):
    """Whoever works things out. Event loop only."""

    async def rehearse(self, speech: Speech, seed: int) -> Rehearsal:
        """See clip.rehearse."""
        ...

    def order_idle(self, seed: int, number: int, give: Callable[[Motion], None]) -> bool:
        """Let `give` be called with this block of this person's idle life, some time: who needs it sooner makes it.
        False where that is not taken on now."""
        ...


class InThreads:
    """Works in this process: for tools, and where no other process can be had."""

    async def rehearse(self, speech: Speech, seed: int) -> Rehearsal:
        """See Backstage."""
        return await asyncio.to_thread(rehearse, speech, seed)

    def order_idle(self, seed: int, number: int, give: Callable[[Motion], None]) -> bool:
        """See Backstage: not taken on."""
        return False


class InProcess:
    """Works in a worker; what this fails to do, and what is asked before `start` is done, is done in this process."""

    def __init__(self) -> None:
        self._worker = Worker("bridge.backstage_worker", TIME_LIMIT_S)
        self._here = InThreads()
        self._orders: set[asyncio.Task[None]] = set()
        self._started = False

    async def start(self) -> None:
        """Starts the worker; where it cannot be started, says so, and goes without."""
        try:
            await self._worker.start()
            self._started = True
        except WorkerError as error:
            logger.warning("sentences are rehearsed in the server's own process: %s", error)

    @property
    def pid(self) -> int | None:
        """The worker's process."""
        return self._worker.pid

    async def rehearse(self, speech: Speech, seed: int) -> Rehearsal:
        """See Backstage."""
        if self._worker.ailing or not self._started:
            return await self._here.rehearse(speech, seed)
        header, pcm = message.packed(speech)
        try:
            _, body = await self._worker.ask(header | {"seed": seed}, pcm)
        except WorkerError as error:
            logger.warning("a sentence is rehearsed in the server's own process: %s", error)
            return await self._here.rehearse(speech, seed)
        return unpacked_rehearsal(speech, body)

    def order_idle(self, seed: int, number: int, give: Callable[[Motion], None]) -> bool:
        """See Backstage. A worker that falls behind gets no more; of one that ails, one order at a time sees whether it
        is well again."""
        if self._worker.waiting >= (1 if self._worker.ailing else MOST_WAITING):
            return False
        task = asyncio.create_task(self._idle(seed, number, give))
        self._orders.add(task)
        task.add_done_callback(self._orders.discard)
        return True

    async def _idle(self, seed: int, number: int, give: Callable[[Motion], None]) -> None:
        try:
            _, body = await self._worker.ask({"idle": number, "seed": seed})
        except WorkerError as error:
            logger.warning("idle life is made in the server's own process: %s", error)
        else:
            give(unpacked_motion(body))

    async def close(self) -> None:
        """Ends the worker; from now on all is done here."""
        for order in self._orders:
            order.cancel()
        await self._worker.close()


def packed(*arrays: Array) -> bytes:
    """Arrays of float32, one after another."""
    return b"".join(array.astype("<f4", copy=False).tobytes() for array in arrays)


def packed_motion(motion: Motion) -> bytes:
    """Poses as an answer."""
    return packed(motion.curves, motion.rotations, motion.root)


def unpacked_motion(body: bytes) -> Motion:
    """What `packed_motion` packed; cannot be written to."""
    return Motion(*_unpacked(body, (len(CURVES),), (len(JOINTS), 4), (3,)))


def packed_rehearsal(rehearsal: Rehearsal) -> bytes:
    """Face and body of a sentence as an answer."""
    face = rehearsal.face
    return packed(face.curves, face.authority) + packed_motion(rehearsal.body)


def unpacked_rehearsal(speech: Speech, body: bytes) -> Rehearsal:
    """What `packed_rehearsal` packed; cannot be written to."""
    curves, authority, *rest = _unpacked(body, (len(CURVES),), (), (len(CURVES),), (len(JOINTS), 4), (3,))
    return Rehearsal(speech, FaceTrack(curves, authority), Motion(*rest))


def _unpacked(body: bytes, *shapes: tuple[int, ...]) -> list[Array]:
    """Arrays of these shapes, with as many rows each as there are bytes for."""
    values = np.frombuffer(body, "<f4")
    widths = [int(np.prod(shape)) for shape in shapes]
    rows = len(values) // sum(widths)
    ends = np.cumsum([rows * width for width in widths])
    return [part.reshape(rows, *shape) for part, shape in zip(np.split(values, ends[:-1]), shapes, strict=True)]
