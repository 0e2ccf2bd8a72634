"""A session's clock: audio samples since its start, driven by the machine's monotonic clock."""

import time
from collections.abc import Callable

from bridge.frames import AUDIO_RATE, FRAME_RATE, SAMPLES_PER_FRAME

SECOND = 1_000_000_000


class Clock:
    """Counts samples from 0. `monotonic_ns` can be replaced to move time by hand.

    Its frames lie on the machine's grid: a frame begins at a whole 60th of a second of the monotonic clock. So frames
    of all sessions fall due at one instant, the server's tick comes just after it, and whoever reads the same clock
    knows to the microsecond how late a frame is.
    """

    def __init__(self, monotonic_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self.monotonic_ns = monotonic_ns
        """The machine's clock."""
        self._origin = grid(monotonic_ns())  # the frame of the machine's grid at which it began
        self._reached = 0
        self.waited = 0
        """Samples for which it has stood still."""

    def now(self, latest: int | None = None) -> int:
        """The present sample, `latest` at most: past it the clock stands still, as a sound card does that has run dry.

        So when the process was kept from working, or the machine slept, nothing is skipped: everything comes later, and
        at the machine's next frame.
        """
        passed = self.monotonic_ns() - instant_ns(self._origin)
        now = max(passed * AUDIO_RATE // SECOND, self._reached)
        if latest is not None and now > latest:
            frames = -(-(now - latest) // SAMPLES_PER_FRAME)
            self._origin += frames
            self.waited += frames * SAMPLES_PER_FRAME
            now = latest
        self._reached = now
        return now

    def phase(self, period: int) -> int:
        """Where its beginning lies in a period of so many frames of the machine's grid; elsewhere after the clock has
        stood still."""
        return self._origin % period

    def when_ns(self, sample: int) -> int:
        """When a sample's time has come, on the machine's clock, unless this one stands still before."""
        return instant_ns(self._origin) - (-sample * SECOND // AUDIO_RATE)


def grid(monotonic_ns: int) -> int:
    """The frame of the machine's grid that lasts at an instant of the monotonic clock."""
    return monotonic_ns * FRAME_RATE // SECOND


def instant_ns(frame: int) -> int:
    """When a frame of the machine's grid begins, on the monotonic clock."""
    return -(-frame * SECOND // FRAME_RATE)
