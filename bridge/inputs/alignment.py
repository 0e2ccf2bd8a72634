"""When something really happened, by our clock, if a sender's clock told its time and the way here took changing time.

What is late on the way only ever adds to the difference of two clocks; so the smallest difference of the last seconds
is that of the clocks and the shortest way. A window that moves follows clocks that drift apart.
"""

WINDOW_S = 2.0
"""Seconds of a half window: clocks 500 ppm apart differ by 2 ms in the whole of it."""

OUT_OF_STEP_S = 0.5
"""A clock that differs by this much from what it said has been set anew."""

STANDING_S = 0.1
"""A clock that told the same time for longer does not run."""

LATE_S = 0.5
"""What is older than the newest by less comes late; by more, the sender has begun anew."""

SLEW = 0.02
"""Share by which the difference may change of the time that passes, so that nothing jumps."""


class Alignment:
    """Of one sender. Times are seconds; ours must never go back."""

    def __init__(self) -> None:
        self._newest: float | None = None  # the sender's time
        self._moved = 0.0  # ours, when it last went on
        self._offset = 0.0
        self._halves = (float("inf"), float("inf"))
        self._since = 0.0
        self._last = 0.0  # ours

    def __call__(self, theirs: float | None, ours: float) -> float | None:
        """Our time of something that they say was at `theirs`, which arrived at `ours`; None where it comes too late
        to be of use."""
        if theirs is None or self._stands(theirs, ours):
            return ours
        if self._newest is not None and 0 < self._newest - theirs < LATE_S:
            return None
        gap = ours - theirs
        if self._newest is None or abs(gap - self._offset) > OUT_OF_STEP_S:
            self._offset, self._halves, self._since = gap, (float("inf"), gap), ours
        self._follow(gap, ours)
        self._newest = theirs
        return min(theirs + self._offset, ours)

    def _stands(self, theirs: float, ours: float) -> bool:
        if theirs != self._newest:
            self._moved = ours
        return ours - self._moved > STANDING_S

    def _follow(self, gap: float, ours: float) -> None:
        """The least gap of one to two windows, approached slowly."""
        if ours - self._since > WINDOW_S:
            self._halves, self._since = (self._halves[1], gap), ours
        self._halves = self._halves[0], min(self._halves[1], gap)
        most = SLEW * (ours - self._last)
        self._offset += min(max(min(self._halves) - self._offset, -most), most)
        self._last = ours
