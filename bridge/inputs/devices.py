"""Who is heard at a place: each device's captured instants on our clock, and how well it is heard."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bridge.inputs.alignment import Alignment
from bridge.inputs.captured import Captured

MOST_DEVICES = 16
"""At one place; whoever has been silent longest gives way to a new one, if it has been silent for FORGOTTEN_S."""

FORGOTTEN_S = 5.0
SILENCE_S = 0.5
"""Without a packet for so long a device is gone."""

KEPT = 64
"""Instants of a device that are kept: a second at 60 Hz."""

METERED_S = 2.0


class Instant(NamedTuple):
    """What was captured at a time of our clock, in seconds; `number` counts a device's instants."""

    number: int
    time: float
    captured: Captured


class Device:
    """One phone or program."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.subject = ""
        self.instants: deque[Instant] = deque(maxlen=KEPT)
        self.heard = float("-inf")
        """Our time of its last packet."""
        self.meter = Meter()
        self._alignment = Alignment()
        self._number = 0

    def take(self, captured: Captured, now: float) -> None:
        """Something arrived now."""
        self.heard, self.subject = now, captured.subject or self.subject
        time = self._alignment(captured.time, now)
        if time is None or (self.instants and time < self.instants[-1].time):
            return
        if self.instants and time == self.instants[-1].time:  # the rest of the same instant
            self.instants.pop()
        else:
            self.meter.count(time)
        self._number += 1
        self.instants.append(Instant(self._number, time, captured))

    def lives(self, now: float) -> bool:
        """Whether it is still heard."""
        return now - self.heard < SILENCE_S

    def answers_to(self, name: str) -> bool:
        """Whether somebody who asks for this name, or the beginning of an identifier, means it."""
        return self.name.lower().startswith(name.lower()) or (bool(name) and self.subject == name)


class Meter:
    """How many instants a second, and what share of them is missing."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=int(METERED_S * 120))

    def count(self, time: float) -> None:
        """An instant."""
        self._times.append(time)

    def rate(self, now: float) -> float:
        """Instants a second over the last METERED_S."""
        recent = [time for time in self._times if now - time <= METERED_S]
        return (len(recent) - 1) / (recent[-1] - recent[0]) if len(recent) > 1 and recent[-1] > recent[0] else 0.0

    def loss(self, now: float) -> float:
        """Share of instants, 0..1, that did not come, judged by the usual distance of two."""
        steps = np.diff([time for time in self._times if now - time <= METERED_S])
        if len(steps) < 8:
            return 0.0
        missing = float(np.maximum(np.round(steps / np.median(steps)) - 1, 0).sum())
        return missing / (missing + len(steps))


class Devices:
    """All at one place, by name."""

    def __init__(self) -> None:
        self._devices: dict[str, Device] = {}

    def __iter__(self) -> Iterator[Device]:
        return iter(self._devices.values())

    def take(self, captured: Captured, name: str, now: float) -> bool:
        """Something of a device of this name arrived now. False where there are too many others."""
        device = self._devices.get(name)
        if device is None:
            if len(self._devices) >= MOST_DEVICES and not self._make_room(now):
                return False
            device = self._devices[name] = Device(name)
        device.take(captured, now)
        return True

    def pick(self, name: str, now: float) -> Device | None:
        """Of those who answer to the name and live, the one that has been here longest."""
        return next((device for device in self if device.lives(now) and device.answers_to(name)), None)

    def _make_room(self, now: float) -> bool:
        oldest = min(self, key=lambda device: device.heard)
        if now - oldest.heard < FORGOTTEN_S:
            return False
        del self._devices[oldest.name]
        return True
