"""One source on one session's grid: for every frame what it tells, and how much of it shows.

A frame follows from the one before it and from what is known of the source when it is worked out, so the last second's
are kept: after a Forget the character goes on from any of them.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bridge.frames import AUDIO_RATE, FRAME_RATE
from bridge.inputs.binding import Binding
from bridge.inputs.captured import Mask
from bridge.inputs.devices import SILENCE_S, Device, Devices, Instant
from bridge.inputs.one_euro import towards
from bridge.inputs.prepare import NUMBERS, TURNS, Preparer, Rest, Row
from bridge.skeleton import Array, rest_rotations

APPEAR, VANISH = 15, 30
"""Frames in which a source takes over what it tells, and in which that goes back when it is silent: 250 and 500 ms."""

SETTLE = 12
"""Frames at most in which a source that was cut off goes from where it was to where it is."""

KEPT = 64
"""Frames that can be gone back to."""

ROWS = 64

RETURN_S = 1.0
"""For which a follower that was told whom to follow waits for that device, while there are others."""


class State(NamedTuple):
    """A frame: numbers (55,) and rotations (23, 4) of the source, and how far each (78,) has appeared, 0..1.

    held: frames since something new was known. left: share of the way from `old` that is still to go.
    """

    frame: int
    appeared: Array
    numbers: Array
    turns: Array
    held: int = 0
    left: float = 0.0
    step: float = 0.0
    old: tuple[Array, Array] | None = None


class Source(NamedTuple):
    """Whom a session follows: a device's name, and its neutral as it is written, where one has been taken."""

    device: str
    rest: tuple[float, ...] | None


class Follower:
    """Follows one device of a place for one session. `clock` tells our time in seconds. Event loop only."""

    def __init__(self, binding: Binding, devices: Devices, clock: Callable[[], float]) -> None:
        self.binding = binding
        self._devices = devices
        self._clock = clock
        self._device: Device | None = None
        self._read = 0
        self._preparer = Preparer(binding)
        self._rows: deque[Row] = deque(maxlen=ROWS)
        self._states: deque[State] = deque(maxlen=KEPT)
        self._lag = 0.0  # our time less the session's, and the delay
        self._known: Source | None = None
        self._until = 0.0  # our time up to which that device is waited for
        self._told: tuple[Device | None, Rest | None] = None, None
        self.lives = False
        """Whether it has something to tell, or still shows what it told."""

    @property
    def device(self) -> Device | None:
        """Whom it follows now."""
        return self._device

    def calibrate(self) -> None:
        """Take what comes next for a face at rest that looks ahead."""
        self._preparer.calibrate()

    def resume(self, known: Source) -> None:
        """Go on with this device, if it comes."""
        self._known, self._until = known, self._clock() + RETURN_S

    def news(self) -> Source | None:
        """Whom it follows, if that is not what this said last."""
        device, rest = self._device, self._preparer.rest
        if device is None or (device is self._told[0] and rest is self._told[1]):
            return None
        self._told = device, rest
        return Source(device.name, rest and rest.written())

    def update(self, sample: int) -> None:
        """The session's present is this sample; take what has arrived."""
        now = self._clock()
        self._lag = now - sample / AUDIO_RATE - self.binding.delay_us / 1e6
        if self._device is None or not self._device.lives(now):
            self._choose(now)
        if self._device is not None:
            for instant in self._device.instants:
                if instant.number > self._read:
                    self._take(instant)
        shows = bool(self._states and self._states[-1].appeared.any())
        self.lives = shows or (self._device is not None and self._device.lives(now) and self._tells)

    @property
    def _tells(self) -> bool:
        return bool(self._rows and self._rows[-1].told.any())

    def _take(self, instant: Instant) -> None:
        if self._rows and self._rows[-1].time == instant.time:
            self._rows.pop()
        self._rows.append(self._preparer(instant))
        self._read = instant.number

    @property
    def known(self) -> int:
        """The first frame of which the source has not told yet."""
        return int((self._rows[-1].time - self._lag) * FRAME_RATE) + 1 if self._rows else 0

    def forget(self, frame: int) -> None:
        """Work this frame and later ones out anew."""
        while self._states and self._states[-1].frame >= frame:
            self._states.pop()

    def states(self, first: int, count: int) -> list[State]:
        """`count` frames from `first` on; those that follow what was asked for last are worked out now."""
        self.forget(first)
        state = self._states[-1] if self._states else _NOTHING
        for frame in range(first, first + count):
            state = self._next(state, frame)
            self._states.append(state)
        return list(self._states)[-count:]

    def _choose(self, now: float) -> None:
        device = self._pick(now)
        if device is not None and device is not self._device:
            known, self._known = self._known, None
            self._device, self._read = device, 0
            self._rows.clear()
            rest = known.rest if known and known.device == device.name else None
            self._preparer.restart(Rest.read(rest) if rest else None)

    def _pick(self, now: float) -> Device | None:
        if self._known and (device := self._devices.pick(self._known.device, now)):
            return device
        return self._devices.pick(self.binding.device, now) if not self._known or now > self._until else None

    def _next(self, last: State, frame: int) -> State:
        time = frame / FRAME_RATE + self._lag
        row, fresh = self._at(time)
        if row is None or not row.told.any():
            appeared = np.maximum(last.appeared - np.float32(1 / VANISH), 0)
            return last._replace(frame=frame, appeared=appeared, held=last.held + 1)
        left, step, old = max(last.left - last.step, 0.0), last.step, last.old
        if last.held > 1 and fresh and last.appeared.any():
            left, step, old = 1.0, 1 / min(2 * last.held, SETTLE), (last.numbers, last.turns)
        numbers, turns = _settled(row, left, old)
        rates = np.where(row.told, np.float32(1 / APPEAR), np.float32(-1 / VANISH))
        appeared = np.clip(last.appeared + rates, 0, 1)
        return State(frame, appeared, numbers, turns, 0 if fresh else last.held + 1, left, step, old)

    def _at(self, time: float) -> tuple[Row | None, bool]:
        """What the source told of this time of ours, and whether it really has told of it; the last is held a while."""
        after = bisect_right(self._rows, time, key=lambda row: row.time)
        if not after:
            return None, False
        before = self._rows[after - 1]
        if after == len(self._rows):
            return (before if time - before.time < SILENCE_S else None), time - before.time < 1 / FRAME_RATE
        return between(before, self._rows[after], time), True


_NOTHING = State(
    -1, np.zeros(NUMBERS + TURNS, np.float32), np.zeros(NUMBERS, np.float32), rest_rotations(2).reshape(-1, 4)[:TURNS]
)


def between(a: Row, b: Row, time: float) -> Row:
    """The row at a time from a's to b's."""
    share = np.float32((time - a.time) / (b.time - a.time))
    told: Mask = b.told
    return Row(
        time, a.numbers + share * (b.numbers - a.numbers), towards(a.turns, b.turns, np.full(TURNS, share)), told
    )


def _settled(row: Row, left: float, old: tuple[Array, Array] | None) -> tuple[Array, Array]:
    """The row, or where the source was as far as it has not settled."""
    if old is None or left <= 0:
        return row.numbers, row.turns
    share = np.float32(left * left * (3 - 2 * left))
    return row.numbers + share * (old[0] - row.numbers), towards(row.turns, old[1], np.full(TURNS, share))
