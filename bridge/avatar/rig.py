"""The skeleton: the bridge's 22 joints, fingers, toes and the hair's swinging chains. Metres, T-pose, +Z ahead."""

from dataclasses import dataclass

import numpy as np

from bridge.avatar.mesh import Points
from bridge.avatar.params import Params
from bridge.skeleton import JOINTS

FINGERS = ("Index", "Middle", "Ring", "Little")
FINGER_SEGMENTS = ("Proximal", "Intermediate", "Distal")
THUMB_SEGMENTS = ("Metacarpal", "Proximal", "Distal")

# From the wrist, left hand, metres: where each finger begins, its direction, the length of its segments.
FINGER_TABLE: dict[str, tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]] = {
    "Index": ((0.082, 0.004, 0.026), (1.0, 0.0, 0.10), (0.031, 0.020, 0.018)),
    "Middle": ((0.084, 0.005, 0.008), (1.0, 0.0, 0.0), (0.034, 0.023, 0.019)),
    "Ring": ((0.081, 0.004, -0.010), (1.0, 0.0, -0.09), (0.031, 0.021, 0.018)),
    "Little": ((0.075, 0.002, -0.026), (1.0, 0.0, -0.20), (0.025, 0.016, 0.015)),
    "Thumb": ((0.022, -0.006, 0.022), (0.7071, 0.0, 0.7071), (0.030, 0.026, 0.022)),
}


@dataclass(frozen=True, slots=True)
class Bone:
    """A joint and where it rests in the model, metres. `humanoid` marks VRM's own names."""

    name: str
    parent: str | None
    place: Points
    humanoid: bool = True


@dataclass(frozen=True, slots=True)
class Chain:
    """Bones that swing, from the fixed one on; see VRMC_springBone for stiffness, drag and gravity."""

    bones: tuple[str, ...]
    stiffness: float
    drag: float
    gravity: float
    hit_radius: float


class Rig:
    """Bones by name, in an order in which parents come first, and the chains among them."""

    def __init__(self, params: Params, eye: Points) -> None:
        """eye (3,): the left eye's joint relative to the head's, metres."""
        self.params = params
        self.bones: dict[str, Bone] = {}
        self.chains: list[Chain] = []
        for joint in JOINTS:
            self._add_humanoid(joint.name, joint.parent, self._offset(joint.name, joint.offset, eye))
        for side in ("left", "right"):
            self._add_toes(side)
            self._add_fingers(side)

    def place(self, name: str) -> Points:
        """(3,): where a joint rests."""
        return self.bones[name].place

    def add(self, name: str, parent: str, place: Points, humanoid: bool = False) -> None:
        """A further bone. Raises ValueError for a name already in use."""
        if name in self.bones:
            raise ValueError(f"bone {name!r} exists already")
        self.bones[name] = Bone(name, parent, np.asarray(place, float), humanoid)

    def _add_humanoid(self, name: str, parent: int, offset: Points) -> None:
        above = JOINTS[parent].name if parent >= 0 else None
        start = self.place(above) if above else np.zeros(3)
        self.bones[name] = Bone(name, above, start + offset)

    def _offset(self, name: str, offset: tuple[float, float, float], eye: Points) -> Points:
        if name.endswith("Eye"):
            return eye * ([1, 1, 1] if name == "leftEye" else [-1, 1, 1])
        out = np.array(offset) * self.params.height
        if name.endswith("UpperArm"):
            out[0] *= self.params.shoulder_width
        if name.endswith("UpperLeg"):
            out[0] *= self.params.hips
        return out

    def _add_toes(self, side: str) -> None:
        place = self.place(f"{side}Foot") * [1, 0, 1] + np.array([0, 0.02, 0.105]) * self.params.height
        self.add(f"{side}Toes", f"{side}Foot", place, humanoid=True)

    def _add_fingers(self, side: str) -> None:
        flip = np.array([1.0 if side == "left" else -1.0, 1, 1])
        for finger, (start, direction, lengths) in FINGER_TABLE.items():
            place = self.place(f"{side}Hand") + np.array(start) * flip * self.params.height
            above = f"{side}Hand"
            aim = np.array(direction) * flip / np.linalg.norm(direction)
            for segment, length in zip(segments(finger), lengths, strict=True):
                name = f"{side}{finger}{segment}"
                self.add(name, above, place, humanoid=True)
                place, above = place + aim * length * self.params.height, name


def segments(finger: str) -> tuple[str, str, str]:
    """VRM's names of a finger's bones from the palm outwards."""
    return THUMB_SEGMENTS if finger == "Thumb" else FINGER_SEGMENTS
