"""A child process that answers one request at a time over pipes (see pipes.py), replaced when it dies or hangs."""

import asyncio
import contextlib
import sys
from pathlib import Path

import bridge
from bridge.speech import pipes
from bridge.speech.voice import VoiceError

Answer = tuple[pipes.Header, bytes]


class Worker:
    """Runs a module of the bridge as a program. The first thing this sends is its greeting, then it answers.

    A request whose worker dies is asked once more of a new one. Workers that keep dying are replaced ever more slowly,
    up to LONGEST_WAIT seconds apart.
    """

    FREE_FAILURES = 2
    FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0
    GRACE = 0.5
    """Seconds that a worker gets to end by itself."""

    def __init__(self, module: str, time_limit: float) -> None:
        """time_limit: seconds in which a worker has to start and to answer; later it is taken to hang."""
        self.greeting: pipes.Header = {}
        self._module = module
        self._time_limit = time_limit
        self._process: asyncio.subprocess.Process | None = None
        self._failures = 0
        self._closed = False
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        return self._process.pid if self._process else None

    async def ask(self, request: pipes.Header) -> Answer:
        """The worker's answer, in the order of asking. Raises VoiceError.

        When the caller is cancelled, the exchange goes on to its end, so that the answer is not taken for another's.
        """
        await self._turn.acquire()
        exchange = asyncio.ensure_future(self._persist(request))
        exchange.add_done_callback(self._finish)
        return _accepted(await asyncio.shield(exchange))

    async def start(self) -> None:
        """Starts the process where none runs. Raises VoiceError."""
        async with self._turn:
            try:
                await self._ready()
            except (OSError, EOFError) as error:
                raise VoiceError(f"{self._module} could not be started: {error}") from error

    async def close(self) -> None:
        """Ends the process, whatever it does; requests from now on raise VoiceError."""
        self._closed = True
        self._kill()
        async with self._turn:
            await self._drop()

    def _finish(self, exchange: "asyncio.Future[Answer]") -> None:
        self._turn.release()
        if not exchange.cancelled():
            exchange.exception()  # seen here too, for a caller that has gone

    async def _persist(self, request: pipes.Header) -> Answer:
        try:
            return await self._attempt(request)
        except (OSError, EOFError):
            pass
        try:
            return await self._attempt(request)
        except (OSError, EOFError) as error:
            raise VoiceError(f"{self._module} died twice on this text; change it or choose another voice") from error

    async def _attempt(self, request: pipes.Header) -> Answer:
        await self._ready()
        try:
            answer = await self._exchange(request)
        except BaseException:
            await self._drop()
            raise
        self._failures = 0
        return answer

    async def _ready(self) -> None:
        """A running worker that has said its greeting."""
        if self._process and self._process.returncode is None and not _hung_up(self._process):
            return
        await self._drop()
        if self._failures > self.FREE_FAILURES:
            doublings = min(self._failures - self.FREE_FAILURES - 1, 10)
            await asyncio.sleep(min(self.FIRST_WAIT * 2**doublings, self.LONGEST_WAIT))
        if self._closed:
            raise VoiceError("the voice has been closed")
        self._failures += 1  # until an answer says otherwise
        self._process = await self._spawn()
        try:
            self.greeting, _ = _accepted(await self._exchange(None))
        except BaseException:
            await self._drop()
            raise

    async def _spawn(self) -> asyncio.subprocess.Process:
        """The worker finds the bridge where this process found it, whatever the current folder is."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._module,
            cwd=Path(bridge.__file__).parent.parent,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=pipes.MAX_HEADER,
        )

    async def _exchange(self, request: pipes.Header | None) -> Answer:
        """Sends a request, if any, and reads the answer. Raises OSError or EOFError when the process has died."""
        try:
            return await asyncio.wait_for(self._talk(request), self._time_limit)
        except TimeoutError as error:
            raise VoiceError(f"{self._module} took over {self._time_limit:g} s and was ended; try less text") from error
        except pipes.MessageError as error:
            raise VoiceError(f"{self._module} cannot be understood and was ended: {error}") from error

    async def _talk(self, request: pipes.Header | None) -> Answer:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        if request is not None:
            process.stdin.write(pipes.pack(request))
            await process.stdin.drain()
        header, body = pipes.lengths(await process.stdout.readexactly(pipes.LENGTHS.size))
        return pipes.parse(await process.stdout.readexactly(header)), await process.stdout.readexactly(body)

    def _kill(self) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _drop(self) -> None:
        """Lets go of the process: it ends with its input, and by force where it does not.

        A process that is dying is never killed again: subprocess would reap it unknown to asyncio.
        """
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            try:
                await asyncio.wait_for(process.communicate(), self.GRACE)
            except TimeoutError:
                process.kill()
                await process.communicate()


def _hung_up(process: asyncio.subprocess.Process) -> bool:
    """Whether it died while nobody asked it anything, which is no fault of what it is asked next."""
    return process.stdout is not None and process.stdout.at_eof()


def _accepted(answer: Answer) -> Answer:
    """The answer, unless it is a refusal in words; a worker that refuses is well and stays."""
    if "error" in answer[0]:
        raise VoiceError(str(answer[0]["error"]))
    return answer
