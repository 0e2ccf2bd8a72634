"""What is captured of one session's character, mixed into what it does of its own accord.

`Capture` is what a Performance sees of inputs: how far it may go, and two steps of its mixing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

import numpy as np

from bridge.body.ease import smoothstep
from bridge.body.kinematics import LEGS, inverse, planted
from bridge.clip import FOREVER
from bridge.curves import CURVES, INDEX
from bridge.frames import SAMPLES_PER_FRAME
from bridge.inputs.captured import EYES
from bridge.inputs.follower import Follower, Source
from bridge.inputs.one_euro import towards
from bridge.inputs.prepare import CURVE, HIPS, NUMBERS, SEEN_HEAD
from bridge.inputs.regions import REGIONS
from bridge.skeleton import JOINT_INDEX, JOINTS, Array, multiply, scaled

MARGIN = 3
"""Frames by which poses run ahead of the present at least, whatever has arrived: 50 ms, so that a late tick of the
server does not make the session's clock stand still."""

LEAN = 0.3
"""Share of a seen head's turn that the trunk goes along, by our choice: without it a body looks nailed down."""

NECK, HEAD = JOINT_INDEX["neck"], JOINT_INDEX["head"]
_JAW, _CLOSE = INDEX["jawOpen"], INDEX["mouthClose"]
_TRUNK = list(range(NECK))
_SPINE = [JOINT_INDEX[name] for name in ("spine", "chest", "upperChest")]
_HIPS = 0


class Capture:
    """All sources of one session; of two that rule the same, the later in order does. Event loop only."""

    def __init__(self, followers: Sequence[Follower]) -> None:
        self.followers = tuple(followers)
        self._layers = [_Layer(follower) for follower in followers]
        self._live = False
        self._present = 0

    def update(self, now: int) -> bool:
        """The session's present is this sample. Whether a source has come to life, so that poses begin anew."""
        self._present = now // SAMPLES_PER_FRAME
        for follower in self.followers:
            follower.update(now)
        was, self._live = self._live, any(follower.lives for follower in self.followers)
        return self._live and not was

    @property
    def known(self) -> int:
        """The first frame that is not known yet; while nothing is captured, there is none."""
        if not self._live:
            return FOREVER
        known = min(follower.known for follower in self.followers if follower.lives)
        return max(known, self._present + MARGIN + 1)

    def calibrate(self) -> None:
        """Take what every source tells next for neutral."""
        for follower in self.followers:
            follower.calibrate()

    def resume(self, sources: Mapping[int, Source]) -> None:
        """Go on with these, by their place in the order; others may be missing."""
        for i, follower in enumerate(self.followers):
            if i in sources:
                follower.resume(sources[i])

    def news(self) -> Iterator[tuple[int, Source]]:
        """Whom the session follows, by their place, where that is not what this said last."""
        for i, follower in enumerate(self.followers):
            if source := follower.news():
                yield i, source

    def body(self, first: int, rotations: Array, root: Array) -> tuple[Array, Array]:
        """Rotations (count, 22, 4), eyes as directions in the model's space, and root (count, 3), mixed."""
        for layer in self._layers:
            layer.shows = self._live and layer.read(first, len(root))
            if layer.shows:
                rotations, root = layer.body(rotations, root)
        return rotations, root

    def face(self, curves: Array, authority: Array) -> Array:
        """Curves (count, 52) of the frames that `body` was asked for, mixed; speech has the mouth by `authority`."""
        for layer in self._layers:
            if layer.shows:
                curves = layer.face(curves, authority)
        return curves


class _Layer:
    """One source's part in a block of frames."""

    def __init__(self, follower: Follower) -> None:
        shares = follower.binding.shares
        self._follower = follower
        self._weights = np.zeros((2, len(CURVES)), np.float32)  # that yield to speech, that do not
        self._joints = np.zeros(len(JOINTS), np.float32)
        for region in REGIONS:
            weight, yields = shares[region]
            if region != "gaze":  # its curves follow from the eyes' joints
                self._weights[0 if yields else 1, curves_of(region)] = weight
            self._joints[joints_of(region)] = weight
        self.shows = False
        self._numbers = self._turns = self._appeared = np.zeros(0, np.float32)

    def read(self, first: int, count: int) -> bool:
        """Take these frames from the source. Whether anything of it shows."""
        states = self._follower.states(first, count)
        self._numbers = np.stack([state.numbers for state in states])
        self._turns = np.stack([state.turns for state in states])
        self._appeared = smoothstep(np.stack([state.appeared for state in states])).astype(np.float32)
        return bool(self._appeared.any())

    def body(self, rotations: Array, root: Array) -> tuple[Array, Array]:
        """The body first, then the head on it, then the eyes in that."""
        shares = self._appeared[:, NUMBERS:-1] * self._joints
        moved = shares[:, _TRUNK].any()
        gaze = rotations[:, EYES]
        out = towards(rotations, self._turns[:, :SEEN_HEAD], shares)
        if self._appeared[:, -1].any():
            self._lean(out, self._appeared[:, -1] * self._joints[_SPINE[0]])
        trunk: Array = reduce(multiply, (out[:, joint] for joint in _TRUNK))
        if self._appeared[:, -1].any():
            self._turn_head(out, trunk, self._appeared[:, -1] * self._joints[HEAD])
        head = multiply(multiply(trunk, out[:, NECK]), out[:, HEAD])
        out[:, EYES] = towards(gaze, multiply(head[:, None], self._turns[:, EYES]), shares[:, EYES])
        if moved:
            root = root + (self._appeared[:, HIPS].min(1) * self._joints[_HIPS])[:, None] * self._numbers[:, HIPS]
            out[:, LEGS] = planted(out[:, _HIPS], root)
        return out, root

    def _lean(self, rotations: Array, share: Array) -> None:
        """The trunk goes a little along with a head that a camera sees: whoever sends one tells no trunk."""
        turn = scaled(self._turns[:, SEEN_HEAD], share * np.float32(LEAN / len(_SPINE)))
        rotations[:, _SPINE] = multiply(rotations[:, _SPINE], turn[:, None])

    def _turn_head(self, rotations: Array, trunk: Array, share: Array) -> None:
        """Neck and head halve the way to where a camera sees the head, whatever the trunk does."""
        local = multiply(inverse(trunk), self._turns[:, SEEN_HEAD])
        half = scaled(local, np.full(len(local), 0.5, np.float32))
        for joint in (NECK, HEAD):
            rotations[:, joint] = towards(rotations[:, joint], half, share)

    def face(self, curves: Array, authority: Array) -> Array:
        """Captured curves in place of others as far as they are told, shown and not in the way of speech."""
        yields, stays = self._weights
        share = self._appeared[:, CURVE] * (yields * (1 - authority[:, None]) + stays)
        out: Array = curves + share * (self._numbers[:, CURVE] - curves)
        out[:, _CLOSE] = np.minimum(out[:, _CLOSE], out[:, _JAW])
        return out


def curves_of(region: str) -> list[int]:
    """Where a region's curves stand in a frame."""
    pattern = REGIONS[region].curves
    return [i for i, name in enumerate(CURVES) if pattern and re.match(pattern, name)]


def joints_of(region: str) -> list[int]:
    """Where a region's joints stand in a skeleton."""
    return [i for i, joint in enumerate(JOINTS) if re.fullmatch(REGIONS[region].joints, joint.name)]
