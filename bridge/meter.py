"""How much one client may send: a token bucket for messages and one for bytes, as in networks."""

import time
from collections.abc import Callable

BURST_S = 4.0
"""Seconds whose worth may come at once: a sound file, or what a network held back."""


class Meter:
    """Counts what a client sends. `messages` and `octets` are what it may send a second; `now` is in seconds."""

    def __init__(self, messages: int, octets: int, now: Callable[[], float] = time.monotonic) -> None:
        self._rates = (messages, octets)
        self._left = [messages * BURST_S, octets * BURST_S]
        self._now = now
        self._last = now()

    def take(self, octets: int) -> tuple[str, int] | None:
        """Count a message of so many bytes. Where it is too much: what there is too much of, and its limit a second."""
        now = self._now()
        elapsed, self._last = now - self._last, now
        for i, (name, rate, amount) in enumerate(zip(("messages", "bytes"), self._rates, (1, octets), strict=True)):
            self._left[i] = min(self._left[i] + rate * elapsed, rate * BURST_S)
            if self._left[i] < amount:
                return f"too many {name} a second", rate
            self._left[i] -= amount
        return None
