"""Hearing in a process of its own, for a crowd.

A thread shares the interpreter with the event loop, and each takes from the other; with some hundred streams both come
too late. Here the thread only hands over and waits: what goes there and back, two megabytes a round for 64 streams,
lies in memory that both processes see, and only how many are to be heard goes through pipes (see pipes.py; a worker.py
would let each message wait for the loop several times). All of a stream stays with its ear, so nothing is lost with the
process: what it owes is heard here. Linux only; elsewhere the thread hears.
"""

import contextlib
import logging
import mmap
import os
import select
import subprocess
import sys
import time
from threading import Lock, Thread

from bridge import metrics, pipes
from bridge.face.batch import LIMIT
from bridge.face.model import Model
from bridge.face.rounds import FRAMES, Done, Round
from bridge.worker import surroundings

PATIENCE_S = 0.25
"""After so long without an answer a round is heard here instead; it takes some 15 ms."""

TIME_LIMIT_S = 10.0
"""After so long without an answer, the first one too, the process is taken to hang, and ended."""

MOST_ENDS = 3
"""So often it is started; then the thread hears for good."""

FAILURES = (OSError, EOFError, ValueError, pipes.MessageError)
"""Of a process that died, or was closed while the thread waited for it."""

logger = logging.getLogger(__name__)


class Process:
    """Works rounds out in a process. `start` and `close` from any thread, all else from the one that hears."""

    def __init__(self, model: Model) -> None:
        """For a model on the CPU. Raises OSError where the system has no such memory."""
        if sys.platform != "linux":
            raise OSError("memory that two processes see is had on Linux only")
        size = Round.size(model, LIMIT, FRAMES)
        self._file = os.memfd_create("rigcast-hearing")
        os.ftruncate(self._file, size)
        self._round = Round.of(model, LIMIT, FRAMES, mmap.mmap(self._file, size))
        self._request = {"memory": self._file, "model": str(model.card.file.resolve()), "sizes": model.sizes}
        self._child: subprocess.Popen[bytes] | None = None
        self._changing = Lock()  # of _child and _closed
        self._ready = self._closed = False
        self._owed_since: float | None = None
        self._ends = 0

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Starts it and lets it load the model, which takes a while; where that fails, says so."""
        try:
            with self._changing:
                if self._closed:
                    return
                self._child = _spawn(self._file)
            self._begin()
        except FAILURES as error:
            self._end(error)
        else:
            self._ready = True

    def _begin(self) -> None:
        self._send(0, 0)
        for _ in range(2):  # its greeting, and its answer once the model is loaded
            if self._receive(TIME_LIMIT_S) is None:
                raise EOFError(f"it has not begun after {TIME_LIMIT_S:g} s")

    def free(self) -> bool:
        """Whether it can work a round out now: it has started, answered all, and not failed."""
        if self._ready and self._owed_since is not None:
            self._wait(0)
        return self._ready and self._owed_since is None

    def round(self, streams: int, frames: int) -> Round:
        """To be filled in, run, and read before the next; only while it is free."""
        return self._round.part(streams, frames)

    def run(self, work: Round) -> Done | None:
        """Work out what `round` gave; None where that failed or takes too long, and it is void then."""
        try:
            self._send(len(work.counts), len(work.rows))
        except FAILURES as error:
            self._end(error)
            return None
        self._owed_since = time.monotonic()
        return self._wait(PATIENCE_S)

    def close(self) -> None:
        """Ends it; from now on it is not free."""
        with self._changing:
            if self._closed:
                return
            self._ready, self._closed = False, True
            self._drop()
            os.close(self._file)

    def _wait(self, seconds: float) -> Done | None:
        """The answer that is owed, if it comes so soon."""
        assert self._owed_since is not None, "it has been asked"
        try:
            answer = self._receive(seconds)
        except FAILURES as error:
            self._end(error)
            return None
        if answer:
            self._owed_since = None
            return Done(answer["seconds"], answer["trouble"])
        if time.monotonic() - self._owed_since > TIME_LIMIT_S:
            self._end(EOFError(f"it took over {TIME_LIMIT_S:g} s"))
        return None

    def _end(self, error: Exception) -> None:
        """It has failed: another one takes its place, unless that is of no use."""
        with self._changing:
            self._ready, self._owed_since = False, None
            if self._closed:
                return
            self._drop()
        metrics.failed("hearing")
        self._ends += 1
        if self._ends < MOST_ENDS and not isinstance(error, _RefusedError):
            Thread(target=self.start, name="hearing-start", daemon=True).start()
        else:
            logger.warning("live audio is heard in the server's own process from now on: %s", error)

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child:
            _kill(child)

    def _send(self, streams: int, frames: int) -> None:
        child = self._child
        if child is None or child.stdin is None:
            raise BrokenPipeError("it has been closed")
        child.stdin.write(pipes.pack(self._request | {"streams": streams, "frames": frames}))

    def _receive(self, seconds: float) -> pipes.Header | None:
        """The next answer; None if none comes so soon. Raises OSError, EOFError and MessageError."""
        child = self._child
        if child is None or child.stdout is None:
            raise BrokenPipeError("it has been closed")
        if not select.select([child.stdout], [], [], seconds)[0]:
            return None
        answer = pipes.receive(child.stdout)
        if answer is None:
            raise EOFError("it died")
        if "error" in answer[0]:
            raise _RefusedError(answer[0]["error"])
        return answer[0]


class _RefusedError(EOFError):
    """It says why it cannot hear, and another one would say the same."""


def _spawn(file: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "bridge.face.hearing_worker"],
        **surroundings(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        pass_fds=[file],
    )


def _kill(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    for pipe in (child.stdin, child.stdout):
        with contextlib.suppress(OSError):
            if pipe:
                pipe.close()
    child.wait()
