"""The model at work for all sessions: whoever's live audio has become due is heard in one run. Event loop only."""

import asyncio
import logging
from collections.abc import Callable

from bridge.face.ears import Hearing
from bridge.face.model import Model
from bridge.live import Live

logger = logging.getLogger(__name__)


class Listening:
    """Hears all live audio there is. Without a model, `reason` says why there is none."""

    def __init__(self, model: Model | None, reason: str = "") -> None:
        self.model = model
        self.reason = reason
        self._hearing = Hearing(model) if model else None
        self._streams: dict[Live, Callable[[], None]] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, live: Live, changed: Callable[[], None]) -> None:
        """Hear this one too; `changed` is called whenever more of it is known."""
        self._streams[live] = changed

    def discard(self, live: Live) -> None:
        """Hear this one no more."""
        self._streams.pop(live, None)

    def wake(self) -> None:
        """Sound may have become due."""
        if self._task is None and any(live.ear.due > 0 for live in self._streams):
            self._task = asyncio.create_task(self._run())

    @property
    def busy(self) -> bool:
        """Whether something is being heard just now."""
        return self._task is not None

    def close(self) -> None:
        """Hear nothing more."""
        self._streams.clear()
        if self._hearing:
            self._hearing.close()

    async def _run(self) -> None:
        try:
            await self._hear()
        except Exception:
            logger.exception("live audio is not heard")
        finally:
            self._task = None

    async def _hear(self) -> None:
        assert self._hearing is not None, "there are no streams without a model"
        while heard := await self._hearing.listen(live.ear for live in self._streams):
            lives = {live.ear: live for live in self._streams}
            for each in heard:
                live = lives.get(each.ear)
                if live and (changed := self._streams.get(live)):
                    live.hear(each)
                    _tell(changed)


def _tell(changed: Callable[[], None]) -> None:
    try:
        changed()
    except Exception:
        logger.exception("a session failed")  # and will again at its tick, which closes it
