"""All outputs of a server: those of its settings, and those that clients switched on."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

from bridge.config import Config, is_loopback
from bridge.meter import Meter
from bridge.outputs.sender import Output, Sender, outputs
from bridge.session import Code, RefusedError, SetOutputs
from bridge.stage import Stage
from rigcast.v1 import service_pb2

CHANGES_PER_S = 4
"""Of all clients together; each may look up a name and open sockets."""

logger = logging.getLogger(__name__)


class Running:
    """A sender at work."""

    def __init__(self, output: Output, stage: Stage) -> None:
        self.output = output
        self.sender = Sender(output, stage)
        self.task = asyncio.create_task(self.sender.run())


class Outputs:
    """Of one server. Event loop only."""

    def __init__(self, stage: Stage, config: Config) -> None:
        self._stage = stage
        self._config = config
        self._set = list[Running]()
        self._requested: dict[str, dict[Output, Running]] = {}
        self._changes = Meter(CHANGES_PER_S, 1)

    def start(self) -> None:
        """Begin those of the settings."""
        self._set = [Running(output, self._stage) for output in outputs(self._config)]

    async def stop(self) -> None:
        """End all."""
        running = list(self)
        self._set, self._requested = [], {}
        for each in running:
            each.task.cancel()
        await asyncio.gather(*(each.task for each in running), return_exceptions=True)

    def set(self, session: str, request: SetOutputs) -> None:
        """Send the session's poses to these from now on. Raises RefusedError, and then nothing has changed."""
        if self._changes.take(0):
            message = f"outputs are switched more than {CHANGES_PER_S} times a second"
            raise RefusedError(Code.RESOURCE_EXHAUSTED, message, field="set_outputs", limit=CHANGES_PER_S)
        self.switch(session, request)

    def switch(self, session: str, request: SetOutputs) -> None:
        """As `set`, however often."""
        wanted = [Output(protocol, replace(target, session=session)) for protocol, target in request.wanted]
        before = self._requested.get(session, {})
        self._check(wanted, len([*self]) - len(self._set) - len(before))
        after = {output: before.get(output) or Running(output, self._stage) for output in wanted}
        self._requested[session] = after
        if not after:
            del self._requested[session]
        for output in before.keys() - after.keys():
            logger.info("no longer sending %s", output)
            before[output].task.cancel()

    def _check(self, wanted: list[Output], others: int) -> None:
        """Raises RefusedError where the settings do not allow these beside so many others."""
        limit = self._stage.settings.limits.outputs
        if others + len(wanted) > limit:
            message = f"{others} outputs are on for other sessions, and {limit} may be in all; switch some off"
            raise RefusedError(Code.RESOURCE_EXHAUSTED, message, field="set_outputs", limit=limit)
        for protocol, target in wanted:
            if not is_loopback(target.host) and target.host not in self._config.output_hosts.split():
                message = f"{target.host} is another machine; the server's setting output_hosts must name it"
                raise RefusedError(Code.PERMISSION_DENIED, message, field=f"set_outputs.{protocol}")

    def __iter__(self) -> Iterator[Running]:
        yield from self._set
        for running in self._requested.values():
            yield from running.values()

    def report(self) -> service_pb2.ListOutputsResponse:
        """How each does."""
        return service_pb2.ListOutputsResponse(outputs=[self._line(running) for running in self])

    def _line(self, running: Running) -> service_pb2.Output:
        output, sender = running.output, running.sender
        return service_pb2.Output(
            protocol=output.protocol,
            address=output.address,
            session=output.target.session,
            subject=output.subject,
            rate=output.target.rate,
            requested=running not in self._set,
            poses=sender.poses,
            trouble=sender.trouble,
        )


@contextlib.asynccontextmanager
async def sending(outputs: Outputs) -> AsyncIterator[None]:
    """Send to every receiver meanwhile."""
    outputs.start()
    try:
        yield
    finally:
        await outputs.stop()
