"""Whether one session more can be held: by what the event loop measures of itself, not by a number set beforehand.

The loop's share of a core is the time its thread has worked, of the time that has passed. A session that was let in
counts before it shows there: for what it costs at most when it speaks, or, where that is more, for the mean of all
there are. So a rush at the door cannot outrun the measuring.
"""

import time
from collections.abc import Callable

WINDOW_S = 1.0
"""Over which the share is measured."""

SPEAKING = 0.003
"""Of a core: what a session that speaks to one client costs at most, by `rigcast bench load`, with a margin for slower
machines; what a new session is counted for."""

SETTLING_S = 4.0
"""After this a session shows in the measured share."""

ALWAYS = 8
"""So many sessions are held whatever the machine does: there, work of other programs would be taken for ours."""

LATE_S = 1 / 60
MOST_LATE = 0.1
"""A tick is late by a frame; with this share of them late there is no headroom, whoever keeps the machine busy."""


class Headroom:
    """Measures the loop that calls `tick`. `limit` is the share of a core that sessions may take; 1 is no limit.

    `worked` gives the seconds of processor time of the loop's thread, `now` those that have passed.
    """

    def __init__(
        self, limit: float, worked: Callable[[], float] = time.thread_time, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.busy = 0.0
        """Share of a core in the last full window."""
        self.late = 0.0
        """Share of the last window's ticks that came late."""
        self._limit = limit
        self._worked, self._now = worked, now
        self._since = (now(), worked())
        self._ticks = self._late_ticks = 0
        self._recent: list[float] = []  # when sessions were let in

    def tick(self, late_s: float) -> None:
        """A tick came so late."""
        self._ticks += 1
        self._late_ticks += late_s > LATE_S
        now = self._now()
        elapsed = now - self._since[0]
        if elapsed >= WINDOW_S:
            worked = self._worked()
            self.busy = (worked - self._since[1]) / elapsed
            self.late = self._late_ticks / self._ticks
            self._since, self._ticks, self._late_ticks = (now, worked), 0, 0

    def admits(self, sessions: int) -> bool:
        """Whether a session may come in addition to so many; it counts as let in then."""
        now = self._now()
        self._recent = [when for when in self._recent if now - when < SETTLING_S]
        if self._limit < 1 and sessions >= ALWAYS and not self._has_room(sessions):
            return False
        self._recent.append(now)
        return True

    def _has_room(self, sessions: int) -> bool:
        settled = max(sessions - len(self._recent), ALWAYS)
        expected = (len(self._recent) + 1) * max(SPEAKING, self.busy / settled)
        return self.late < MOST_LATE and self.busy + expected <= self._limit
