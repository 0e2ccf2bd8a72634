"""VMC protocol 3.1 as a Performer: OSC messages for a Marionette (VSeeFace, Warudo, EVMC4U), which listens on 39539.

The order is root, bones, blend values, Apply, OK, T: receivers exist that take a frame over at Apply only. Positions
and rotations are local and in Unity's space: left-handed, Y up, metres; a glTF model gets there by turning X round.
"""

from collections.abc import Iterator

import numpy as np

from bridge.curves import CURVES
from bridge.outputs.feed import Pose
from bridge.outputs.osc import Message, bundles
from bridge.outputs.presets import VRM0, VRM1, weights
from bridge.outputs.target import Target
from bridge.skeleton import JOINTS, Array

POSITION = np.array([-1, 1, 1], np.float32)
ROTATION = np.array([1, -1, -1, 1], np.float32)
"""From glTF to Unity: by which position and quaternion are multiplied."""

LOADED = 1
_OFFSETS = np.array([joint.offset for joint in JOINTS], np.float32)
_ROOT = Message("/VMC/Ext/Root/Pos", "root", types="fffffff")(0, 0, 0, 0, 0, 0, 1)
_BONES = [Message("/VMC/Ext/Bone/Pos", joint.name[0].upper() + joint.name[1:], types="fffffff") for joint in JOINTS]
_APPLY = Message("/VMC/Ext/Blend/Apply")()
_OK = Message("/VMC/Ext/OK", types="i")(LOADED)
_TIME = Message("/VMC/Ext/T", types="f")

NAMES = {"sync": tuple(name[0].upper() + name[1:] for name in CURVES), "vrm0": VRM0, "vrm1": VRM1}
"""Blend values of each kind of face: Perfect Sync's are ARKit's with a capital letter."""


class Vmc:
    """A session's frames as datagrams."""

    def __init__(self, target: Target) -> None:
        self._kinds = target.face
        self._blends = [Message("/VMC/Ext/Blend/Val", name, types="f") for kind in target.face for name in NAMES[kind]]
        self._bundles = target.bundles

    def datagrams(self, pose: Pose, timecode: float) -> list[bytes]:
        """The pose; the time of day is not told."""
        messages = self.messages(pose)
        return list(bundles(messages)) if self._bundles else list(messages)

    def messages(self, pose: Pose) -> Iterator[bytes]:
        """The messages of a frame in their order."""
        yield _ROOT
        for bone, row in zip(_BONES, bones(pose).tolist(), strict=True):
            yield bone(*row)
        for blend, weight in zip(self._blends, self._weights(pose.curves), strict=True):
            yield blend(weight)
        yield from (_APPLY, _OK, _TIME(pose.time_us / 1e6))

    def _weights(self, curves: Array) -> list[float]:
        presets = weights(curves).tolist()
        rows = {"sync": curves.tolist(), "vrm0": presets, "vrm1": presets}
        return [weight for kind in self._kinds for weight in rows[kind]]


def bones(pose: Pose) -> Array:
    """Local position and quaternion (22, 7) of every joint in Unity's space."""
    positions = _OFFSETS.copy()
    positions[0] += pose.root
    return np.hstack([positions * POSITION, pose.rotations * ROTATION])
