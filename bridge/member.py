"""A client's place in a session."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from bridge.session import RefusedError
from bridge.wire import Kind, Parcel, Wire


class Queue(Protocol):
    """Where a member's parcels are put."""

    def put(self, parcels: Iterable[Parcel], now_us: int) -> bool:
        """Add parcels. False if the member reads too slowly to stay."""
        ...

    def forget(self, time_us: int) -> None:
        """Take back what waits for this session time and later."""
        ...


@dataclass(eq=False, slots=True)
class Member:
    """A client's place in a session: what it wants to get, and where it is put."""

    wire: Wire
    outbox: Queue
    kinds: frozenset[Kind]
    expel: Callable[[RefusedError], None]
    """Called when the session sends the client away."""
