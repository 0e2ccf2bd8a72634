"""All inputs of a server: every place is heard once, whoever is bound to it."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

from bridge.inputs.binding import Binding, Place
from bridge.inputs.capture import Capture
from bridge.inputs.follower import Follower
from bridge.inputs.receiver import Receiver

logger = logging.getLogger(__name__)


class Inputs:
    """The places of these bindings, and what sessions get of them. Event loop only."""

    def __init__(self, bindings: Sequence[Binding] = (), clock: Callable[[], float] = time.monotonic) -> None:
        self._bindings = tuple(bindings)
        self.clock = clock
        self.receivers: dict[Place, Receiver] = {b.place: Receiver(b.place, clock) for b in bindings}

    def capture(self, session: str) -> Capture | None:
        """What a new session of this name gets; None where nothing is bound to it."""
        bound = [binding for binding in self._bindings if binding.session == session]
        followers = [Follower(b, self.receivers[b.place].devices, self.clock) for b in bound]
        return Capture(followers) if followers else None

    def sessions(self, place: Place) -> list[str]:
        """Names of those that take from a place."""
        return list(dict.fromkeys(binding.session for binding in self._bindings if binding.place == place))

    def __iter__(self) -> Iterator[Receiver]:
        return iter(self.receivers.values())


@contextlib.asynccontextmanager
async def hearing(inputs: Inputs) -> AsyncIterator[None]:
    """Hear every place meanwhile."""
    for receiver in inputs:
        logger.info("hearing %s", receiver)
    tasks = [asyncio.create_task(receiver.run()) for receiver in inputs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
