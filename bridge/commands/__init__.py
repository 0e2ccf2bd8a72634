"""What each command of the program does. Imported only when it is called, so that the others start fast."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable


class CommandError(Exception):
    """A command could not do its work, for a reason that is no fault of the program; the message is for its user."""


def loop_factory() -> "Callable[[], AbstractEventLoop] | None":
    """What makes the event loop: uvloop where it exists, else None for asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
