"""A studio without sockets: time moved by hand, phones that tremble and drop out, one performance."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from bridge.curves import INDEX
from bridge.frames import AUDIO_RATE, Forget, Motion, Poses
from bridge.inputs.binding import bindings
from bridge.inputs.receiver import Receiver
from bridge.inputs.service import Inputs
from bridge.outputs.feed import Pose
from bridge.outputs.livelink import LiveLinkFace
from bridge.outputs.target import Target
from bridge.outputs.vmc import Vmc
from bridge.performance import Performance
from bridge.skeleton import JOINT_INDEX, from_rotation_vector, rest_rotations

Acting = Callable[[float], Pose]


def acting(**curves: float) -> Pose:
    """A still face of these curves; names of joints take rotation vectors in `turn` instead."""
    pose = Pose(0, np.zeros(52, np.float32), rest_rotations(1)[0], np.zeros(3, np.float32))
    for name, weight in curves.items():
        pose.curves[INDEX[name]] = weight
    return pose


def turn(pose: Pose, **joints: tuple[float, float, float]) -> Pose:
    """The pose with these joints turned by rotation vectors."""
    for name, vector in joints.items():
        pose.rotations[JOINT_INDEX[name]] = from_rotation_vector(vector)
    return pose


@dataclass
class Phone:
    """A sender of Live Link Face, or of VMC, with what goes wrong on the way."""

    act: Acting
    subject: str = "Ann"
    host: str = "127.0.0.1"
    rate: float = 60.0
    noise: float = 0.0
    jitter: float = 0.0
    lost: Callable[[float], bool] = lambda t: False
    vmc: bool = False
    ppm: float = 0.0
    _sent: int = 0
    _on_the_way: list[tuple[float, bytes]] = field(default_factory=list)
    _chance: np.random.Generator = field(default_factory=lambda: np.random.default_rng(5))

    def __post_init__(self) -> None:
        target = Target("127.0.0.1", 1, subject=self.subject, face=("sync",))
        self._encoder = Vmc(target) if self.vmc else LiveLinkFace(target)

    def due(self, now: float) -> Iterable[bytes]:
        """The packets that have arrived by now."""
        while (t := self._sent / self.rate) <= now:
            self._sent += 1
            if not self.lost(t):
                self._on_the_way += [(self._arrival(t), data) for data in self._packets(t)]
        arrived = [data for at, data in self._on_the_way if at <= now]
        self._on_the_way = [(at, data) for at, data in self._on_the_way if at > now]
        return arrived

    def _arrival(self, t: float) -> float:
        return t + 0.004 + self.jitter * float(self._chance.exponential())

    def _packets(self, t: float) -> list[bytes]:
        pose = self.act(t)
        pose.curves[:] += self._chance.normal(0, self.noise, 52) if self.noise else 0
        clock = 1000 + t * (1 + self.ppm / 1e6)
        return self._encoder.datagrams(pose._replace(time_us=round(clock * 1e6)), clock * 60)


class Studio:
    """Inputs bound by `line`, one performance of session "main", and phones that send to the first place."""

    def __init__(self, line: str, *phones: Phone) -> None:
        self.now = 0.0
        self.inputs = Inputs(bindings(line), lambda: self.now)
        self.phones = [(phone, i) for i, phone in enumerate(phones)]
        self.performance = Performance(0)
        self.performance.capture = self.inputs.capture("main")
        self.shown: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        self.forgets = 0
        self.ahead: list[int] = []

    @property
    def receivers(self) -> list[Receiver]:
        """Of the places, in order of the line."""
        return list(self.inputs)

    def run(self, seconds: float) -> Motion:
        """Go on for a while; what was presented in it, as a client that honours Forget saw it."""
        first = round(self.now * 60)
        for _ in range(round(seconds * 60)):
            self.now += 1 / 60
            for phone, i in self.phones:
                for data in phone.due(self.now):
                    self.receivers[min(i, len(self.receivers) - 1)].datagram_received(data, (phone.host, 9))
            self._advance()
        frames = range(first, round(self.now * 60))
        rows = [self.shown[frame] for frame in frames]
        return Motion(*(np.stack(part) for part in zip(*rows, strict=True)))

    def _advance(self) -> None:
        sample = math.floor(self.now * AUDIO_RATE + 0.5)
        for item in self.performance.advance(sample):
            if isinstance(item, Forget):
                self.forgets += 1
                first = round(item.time_us * 60 / 1e6)
                assert first >= sample // 400, "the past was taken back"
                self.shown = {frame: row for frame, row in self.shown.items() if frame < first}
            elif isinstance(item, Poses):
                motion = item.motion
                for i in range(len(motion)):
                    self.shown[item.first_frame + i] = motion.curves[i], motion.rotations[i], motion.root[i]
        self.ahead.append(max(self.shown) - sample // 400)
