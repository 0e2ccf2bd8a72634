"""What waits to be sent to one client: frames give way to newer ones, nothing else is lost without a word."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from bridge.wire import Kind, Parcel

FRAME_AGE_US = 100_000
"""A waiting frame older than this is worth less than its place: the client shows a newer one sooner without it."""

AUDIO_AGE_US = 1_000_000
"""Waiting sound older than this can no longer be played in time; leaving it out is told in a Dropped."""

MOST_PARCELS = 4096
"""More than this waiting after old frames and sound are gone: the client does not read at all."""

SHORT = 64
"""A queue below this is only looked through when its head is old."""


class Lost(NamedTuple):
    """What was left out since it was last asked for."""

    frames: int
    audio_us: int


class Outbox:
    """A bounded queue of parcels. Not thread-safe; `wake` is called whenever something waits."""

    def __init__(self, wake: Callable[[], None] = lambda: None) -> None:
        self.wake = wake
        self._waiting: deque[Parcel] = deque()
        self._frames = 0
        self._audio_us = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, parcels: Iterable[Parcel], now_us: int) -> bool:
        """Add parcels and let go of what has grown old. False if too much waits all the same: close the client."""
        self._prune(now_us)
        self._waiting.extend(parcels)
        self.wake()
        return len(self._waiting) <= MOST_PARCELS

    def forget(self, time_us: int) -> None:
        """Take back unsent frames, sound and events of this session time and later."""
        self._waiting = deque(p for p in self._waiting if p.kind is Kind.CONTROL or p.time_us < time_us)

    def take(self, size: int, now_us: int) -> list[bytes | str]:
        """The next messages to send, so many that they come to `size` bytes or letters, if as much waits."""
        self._prune(now_us)
        waiting, messages = self._waiting, []
        while waiting and size > 0:
            message = waiting.popleft().data
            messages.append(message)
            size -= len(message)
        return messages

    def lost(self, now_us: int) -> Lost | None:
        """What was left out since the last call; None if nothing was."""
        self._prune(now_us)
        if not self._frames and not self._audio_us:
            return None
        lost = Lost(self._frames, self._audio_us)
        self._frames = self._audio_us = 0
        return lost

    def _prune(self, now_us: int) -> None:
        """Drop old frames and old sound. Cheap while the reader keeps up."""
        if len(self._waiting) < SHORT and not (self._waiting and _is_old(self._waiting[0], now_us)):
            return
        kept: deque[Parcel] = deque()
        for parcel in self._waiting:
            if not _is_old(parcel, now_us):
                kept.append(parcel)
            elif parcel.kind is Kind.FRAME:
                self._frames += 1
            else:
                self._audio_us += parcel.duration_us
        self._waiting = kept


def _is_old(parcel: Parcel, now_us: int) -> bool:
    if parcel.kind is Kind.FRAME:
        return now_us - parcel.time_us > FRAME_AGE_US
    return parcel.kind is Kind.AUDIO and now_us - parcel.time_us - parcel.duration_us > AUDIO_AGE_US
