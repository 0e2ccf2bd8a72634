"""A session's clock: audio samples since its start, driven by the machine's monotonic clock."""

import time
from collections.abc import Callable

from bridge.frames import AUDIO_RATE


class Clock:
    """Counts samples from 0. `monotonic_ns` can be replaced to move time by hand."""

    def __init__(self, monotonic_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._monotonic_ns = monotonic_ns
        self._start = monotonic_ns()
        self.waited = 0
        """Samples for which it has stood still."""

    def now(self, latest: int | None = None) -> int:
        """The present sample, `latest` at most: past it the clock stands still, as a sound card does that has run dry.

        So when the process was kept from working, or the machine slept, nothing is skipped: everything comes later.
        """
        now = (self._monotonic_ns() - self._start) * AUDIO_RATE // 1_000_000_000
        if latest is None or now <= latest:
            return now
        self._start += (now - latest) * 1_000_000_000 // AUDIO_RATE
        self.waited += now - latest
        return latest
