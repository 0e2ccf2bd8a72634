"""What a session has sent and is not yet past: what somebody needs who comes later."""

from collections import deque
from collections.abc import Container, Iterable, Iterator

from bridge.frames import (
    AudioChunk,
    Forget,
    Item,
    Motion,
    Poses,
    frame_time_us,
    sample_time_us,
    time_us_sample,
)
from bridge.wire import Kind, Parcel, Wire, kind, parcels


class Recent:
    """Items in the order in which they were sent. Times are session time."""

    def __init__(self) -> None:
        self._items: deque[Item] = deque()

    def add(self, items: Iterable[Item], now_us: int) -> None:
        """These have been sent now. A Forget takes back what it makes void."""
        for item in items:
            if isinstance(item, Forget):
                self._items = deque(_before(self._items, item.time_us))
            else:
                self._items.append(item)
        while self._items and _end_us(self._items[0]) <= now_us:
            self._items.popleft()

    def parcels(self, wire: Wire, kinds: Container[Kind], now_us: int) -> Iterator[Parcel]:
        """All of these kinds that is not past."""
        for item in self._items:
            if kind(item) in kinds:
                yield from (p for p in parcels(wire, item) if p.time_us + p.duration_us >= now_us)


def _before(items: Iterable[Item], time_us: int) -> Iterator[Item]:
    """Items as they are after a Forget."""
    for item in items:
        if item.time_us >= time_us:
            continue
        if isinstance(item, AudioChunk):
            yield item._replace(pcm=item.pcm[: time_us_sample(time_us) - time_us_sample(item.time_us)])
        elif isinstance(item, Poses):
            count = sum(frame_time_us(item.first_frame + i) < time_us for i in range(len(item.motion)))
            motion = item.motion
            yield item._replace(motion=Motion(motion.curves[:count], motion.rotations[:count], motion.root[:count]))
        else:
            yield item


def _end_us(item: Item) -> int:
    if isinstance(item, AudioChunk):
        return item.time_us + sample_time_us(len(item.pcm))
    if isinstance(item, Poses):
        return frame_time_us(item.first_frame + len(item.motion))
    return item.time_us
