"""A session's poses as an output reads them: whole, unrounded, and only when their time has come."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from bridge.curves import CURVES
from bridge.frames import Poses
from bridge.skeleton import JOINTS, Array
from bridge.wire import BadMessageError, Kind, Parcel
from rigcast.v1 import session_pb2

MOST_POSES = 600
"""Ten seconds: more than the longest lead and the longest delay together."""

_ROTATIONS = len(CURVES) + 4 * len(JOINTS)


class Pose(NamedTuple):
    """One frame: curves (52,), rotations (22, 4), root (3,), as in bridge.frames.Motion."""

    time_us: int
    curves: Array
    rotations: Array
    root: Array


class RawWire:
    """A pose as the bytes of its numbers, float32, for readers in this process; they read nothing else."""

    def decode(self, data: bytes | str) -> session_pb2.ClientMessage:
        """See bridge.wire.Wire. Raises BadMessageError always: an output has nothing to say."""
        raise BadMessageError("an output sends no messages")

    def encode(self, message: session_pb2.ServerMessage) -> bytes:
        """See bridge.wire.Wire."""
        return b""

    def encode_poses(self, poses: Poses) -> list[bytes | str]:
        """See bridge.wire.Wire."""
        motion = poses.motion
        rotations = motion.rotations.reshape(len(motion), -1)
        return [row.tobytes() for row in np.hstack([motion.curves, rotations, motion.root]).astype(np.float32)]


RAW = RawWire()


def read(parcel: Parcel) -> Pose:
    """What RawWire wrote."""
    assert isinstance(parcel.data, bytes)
    row = np.frombuffer(parcel.data, np.float32)
    rotations = row[len(CURVES) : _ROTATIONS].reshape(-1, 4)
    return Pose(parcel.time_us, row[: len(CURVES)], rotations, row[_ROTATIONS:])


class Ahead:
    """Poses that are not due yet, in the order of their times: a Member's outbox. Event loop only."""

    def __init__(self) -> None:
        self._waiting: deque[Parcel] = deque(maxlen=MOST_POSES)

    def put(self, parcels: Iterable[Parcel], now_us: int) -> bool:
        """Keep the poses among the parcels. There is always room: the oldest goes."""
        self._waiting.extend(parcel for parcel in parcels if parcel.kind is Kind.FRAME)
        return True

    def forget(self, time_us: int) -> None:
        """Take back the poses of this session time and later."""
        while self._waiting and self._waiting[-1].time_us >= time_us:
            self._waiting.pop()

    def due(self, time_us: int) -> Iterator[Pose]:
        """The poses of this session time and earlier, which are then gone."""
        while self._waiting and self._waiting[0].time_us <= time_us:
            yield read(self._waiting.popleft())
