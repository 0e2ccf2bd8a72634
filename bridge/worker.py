"""A child process that answers requests in their order over pipes (see pipes.py), replaced when it dies or hangs."""

import asyncio
import contextlib
import os
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bridge
from bridge import config, metrics, pipes

Answer = tuple[pipes.Header, bytes]

MOST_DEATHS = 2
"""A request whose worker dies is asked once more of a new one."""


class WorkerError(Exception):
    """There is no answer; the words say why."""


@dataclass(eq=False, slots=True)
class _Request:
    message: bytes
    answer: "asyncio.Future[Answer]"
    deaths: int = 0
    sent: bool = False


@dataclass(eq=False, slots=True)
class _Process:
    """A worker that runs."""

    child: asyncio.subprocess.Process
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter = field(repr=False)

    @property
    def alive(self) -> bool:
        return self.child.returncode is None and not self.reader.at_eof()


def surroundings() -> dict[str, Any]:
    """How subprocess is to start a worker: it finds the bridge where this process found it, whatever the current folder
    is, and no token."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(config.PREFIX)}
    return {"cwd": Path(bridge.__file__).parent.parent, "env": env}


class Worker:
    """Runs a module of the bridge as a program. The first thing this sends is its greeting, then it answers.

    What is asked is sent at once, so that the worker need not wait for this process between two answers. A worker
    that keeps dying is replaced ever more slowly, up to LONGEST_WAIT seconds apart. Event loop only.
    """

    FREE_FAILURES = 2
    FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0
    GRACE = 0.5
    """Seconds that a worker gets to end by itself."""

    def __init__(self, module: str, time_limit: float) -> None:
        """time_limit: seconds in which a worker has to start, and for each answer; later it is taken to hang."""
        self.greeting: pipes.Header = {}
        self._module = module
        self._time_limit = time_limit
        self._process: _Process | None = None
        self._requests: deque[_Request] = deque()  # not answered yet
        self._work: asyncio.Task[None] | None = None
        self._failures = 0
        self._closed = False
        self._starting = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        return self._process.child.pid if self._process else None

    @property
    def ailing(self) -> bool:
        """Whether it died so often without an answer that new ones are started ever more slowly."""
        return self._failures > self.FREE_FAILURES

    @property
    def waiting(self) -> int:
        """Requests that are not answered yet."""
        return len(self._requests)

    async def ask(self, request: pipes.Header, body: bytes = b"") -> Answer:
        """The worker's answer. Raises WorkerError, also where the request is too long or the worker refuses it.

        When the caller is cancelled, the exchange goes on to its end, so that the answer is not taken for another's.
        """
        if self._closed:
            raise WorkerError(f"{self._module} has been closed")
        try:
            message = pipes.pack(request, body)
        except pipes.MessageError as error:
            raise WorkerError(str(error)) from error
        asked = _Request(message, asyncio.get_running_loop().create_future())
        self._requests.append(asked)
        if self._work is None:
            self._work = asyncio.create_task(self._answer_all())
        else:
            self._send()
        return _accepted(await asked.answer)

    async def start(self) -> None:
        """Starts the process where none runs. Raises WorkerError."""
        try:
            await self._ready()
        except (OSError, EOFError) as error:
            raise WorkerError(f"{self._module} could not be started: {error}") from error

    async def close(self) -> None:
        """Ends the process, whatever it does; requests from now on raise WorkerError."""
        self._closed = True
        if self._process and self._process.child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.child.kill()
        if self._work:
            await self._work
        async with self._starting:
            await self._drop()

    async def _answer_all(self) -> None:
        """Give every request its answer, the first first."""
        try:
            while self._requests:
                await self._answer(self._requests[0])
        finally:
            self._work = None

    async def _answer(self, first: _Request) -> None:
        try:
            await self._ready()
            self._send()
            answer = await self._read()
        except WorkerError as error:
            await self._fail(first, error)
        except (OSError, EOFError):
            first.deaths += 1
            if first.deaths >= MOST_DEATHS:
                await self._fail(first, WorkerError(f"{self._module} died twice on this"))
            else:
                await self._drop()
        else:
            self._failures = 0
            self._end(first, answer)

    async def _fail(self, first: _Request, error: WorkerError) -> None:
        await self._drop()
        self._end(first, error)

    def _end(self, first: _Request, outcome: Answer | WorkerError) -> None:
        self._requests.popleft()
        if first.answer.done():
            return  # its caller has gone
        if isinstance(outcome, WorkerError):
            first.answer.set_exception(outcome)
        else:
            first.answer.set_result(outcome)

    def _send(self) -> None:
        """Send what has not been sent to the process that runs, if one does."""
        if self._process is None or self._process.writer.is_closing():
            return
        for request in self._requests:
            if not request.sent:
                request.sent = True
                self._process.writer.write(request.message)

    async def _ready(self) -> None:
        """A running worker that has said its greeting."""
        async with self._starting:
            if self._process and self._process.alive:
                return
            await self._drop()
            if self.ailing:
                doublings = min(self._failures - self.FREE_FAILURES - 1, 10)
                await asyncio.sleep(min(self.FIRST_WAIT * 2**doublings, self.LONGEST_WAIT))
            if self._closed:
                raise WorkerError(f"{self._module} has been closed")
            self._failures += 1  # until an answer says otherwise
            process = await self._spawn()
            try:
                self.greeting, _ = _accepted(await self._read(process))
            except BaseException:
                await _end_process(process, self.GRACE)
                raise
            self._process = process

    async def _spawn(self) -> _Process:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._module,
            **surroundings(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=pipes.MAX_HEADER,
        )
        assert child.stdin is not None
        assert child.stdout is not None
        return _Process(child, child.stdout, child.stdin)

    async def _read(self, process: _Process | None = None) -> Answer:
        """The next answer. Raises OSError or EOFError when the process has died."""
        process = process or self._process
        assert process is not None
        try:
            async with asyncio.timeout(self._time_limit):
                header, body = pipes.lengths(await process.reader.readexactly(pipes.LENGTHS.size))
                return pipes.parse(await process.reader.readexactly(header)), await process.reader.readexactly(body)
        except TimeoutError as error:
            raise WorkerError(f"{self._module} took over {self._time_limit:g} s and was ended") from error
        except pipes.MessageError as error:
            raise WorkerError(f"{self._module} cannot be understood and was ended: {error}") from error

    async def _drop(self) -> None:
        """Lets go of the process; what it was asked is to be asked anew."""
        process, self._process = self._process, None
        for request in self._requests:
            request.sent = False
        if process and not self._closed:
            metrics.failed(self._module.rpartition(".")[2].removesuffix("_worker"))
        if process:
            await _end_process(process, self.GRACE)


async def _end_process(process: _Process, grace: float) -> None:
    """It ends with its input, and by force where it does not.

    A process that is dying is never killed again: subprocess would reap it unknown to asyncio.
    """
    process.writer.close()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        try:
            await asyncio.wait_for(process.child.communicate(), grace)
        except TimeoutError:
            process.child.kill()
            await process.child.communicate()


def _accepted(answer: Answer) -> Answer:
    """The answer, unless it is a refusal in words; a worker that refuses is well and stays."""
    if "error" in answer[0]:
        raise WorkerError(str(answer[0]["error"]))
    return answer
