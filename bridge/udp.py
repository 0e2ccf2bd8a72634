"""UDP as outputs and inputs both use it: names, sockets, and troubles that are told once in a while."""

import asyncio
import socket
from typing import Any

RETRY_S = 2.0
"""After which what went wrong is tried again: a name, a port that was taken, a session that had ended."""

SILENCE_S = 60.0
"""The same trouble is told once in this time."""


async def resolved(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    """Family and address of a host, IPv4 first: programs listen there, "localhost" may mean IPv6. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    family, *_, address = min(found, key=lambda way: way[0] != socket.AF_INET)
    return family, address


def bound(family: socket.AddressFamily, address: Any) -> socket.socket:
    """A socket that has the port for itself and never blocks. Raises OSError where another program has it."""
    line = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if exclusive := getattr(socket, "SO_EXCLUSIVEADDRUSE", 0):  # or Windows would share the port
            line.setsockopt(socket.SOL_SOCKET, exclusive, 1)
        line.setblocking(False)
        line.bind(address)
    except BaseException:
        line.close()
        raise
    return line


class Silence:
    """After a trouble was told, it is kept for SILENCE_S."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def broken(self, reason: str, now: float) -> bool:
        """Whether this reason is to be told now, in seconds of any clock; it counts as told then."""
        if now - self._told.get(reason, -SILENCE_S) < SILENCE_S:
            return False
        self._told[reason] = now
        return True
