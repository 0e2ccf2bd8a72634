"""Live Link Face, ARKit mode: one UDP packet a frame, version 6, as stock Unreal reads it on port 11111.

All of it is big-endian: u8 version; device and subject, each an i32 length and UTF-8; the frame's time, i32 frame and
f32 part of it, at the rate i32/i32; u8 count; 61 f32: the 52 curves in the order of bridge.curves, then yaw, pitch and
roll of the head, the left eye and the right eye in radians. The layout is the one in captures of the phone app.

Of the eyes, yaw is positive to the character's right and pitch downwards, as captures show. The head's angles have the
other sign: yaw to the left, pitch upwards, roll to the right shoulder. That is concluded from what public programs do
with them, and was not seen on a phone: Epic's ABP_MH_LiveLink makes a rotator of (-yaw, pitch, roll), as
Dylanyz/ARKitRemap:dev/knowledge-base.md tells; JimWest/MeFaMo, which sends to it, gives the turn about Y as it is and
that about X negated; and a receiver for VRM negates eyes where it takes the head as it is.
mogue/MediaPipe-LiveLink-Python agrees in pitch, not in yaw and roll. A phone held in landscape turns yaw and pitch
round, as another receiver's authors note. `flip` turns any of them round.
"""

import struct
import uuid
from functools import reduce

import numpy as np

from bridge.curves import CURVES
from bridge.frames import FRAME_RATE
from bridge.outputs.feed import Pose
from bridge.outputs.target import ANGLES, Target
from bridge.skeleton import JOINT_INDEX, JOINTS, Array, multiply

VERSION = 6
COUNT = len(CURVES) + 9
FRAMES_A_DAY = 24 * 60 * 60 * FRAME_RATE

_TAIL = struct.Struct(f">ifiiB{COUNT}f")
_EYES = [JOINT_INDEX["leftEye"], JOINT_INDEX["rightEye"]]
_SIGNS = np.array([-1, 1, -1], np.float32)  # of turns about +Y to the left, +X down, +Z towards the right shoulder


def _line(joint: int) -> list[int]:
    """A joint and all that carry it, from the root on."""
    return [] if joint < 0 else [*_line(JOINTS[joint].parent), joint]


_HEAD_LINE = _line(JOINT_INDEX["head"])


class LiveLinkFace:
    """Packets of one subject."""

    def __init__(self, target: Target) -> None:
        device = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{target.session}/{target.subject}.rigcast")).upper()
        self._head = struct.pack(">B", VERSION) + _string(device) + _string(target.subject)
        self._signs = np.array([-1 if angle in target.flip else 1 for angle in ANGLES], np.float32)

    def datagrams(self, pose: Pose, timecode: float) -> list[bytes]:
        """The pose, at a time of day in frames of 1/60 s."""
        whole = int(timecode // 1)
        head = head_angles(pose.rotations) * self._signs
        eyes = euler(pose.rotations[_EYES]).ravel()
        part = min(float(np.float32(timecode - whole)), 1 - 2**-24)  # below 1 in 32 bits too
        values = *pose.curves.tolist(), *head.tolist(), *eyes.tolist()
        return [self._head + _TAIL.pack(whole % FRAMES_A_DAY, part, FRAME_RATE, 1, COUNT, *values)]


def head_rotation(rotations: Array) -> Array:
    """The head in the model's space (4,), as a camera before the character sees it, of rotations (22, 4)."""
    return reduce(multiply, (rotations[joint] for joint in _HEAD_LINE))


def head_angles(rotations: Array) -> Array:
    """Yaw, pitch and roll (3,) of the head as Live Link Face tells them, radians, of rotations (22, 4)."""
    return -euler(head_rotation(rotations))


def euler(q: Array) -> Array:
    """Yaw, pitch and roll (…, 3) in radians, with the signs of Live Link Face's eyes, of quaternions (…, 4).

    Roll is applied first, yaw last, as in Unreal's rotators; pitch lies within a right angle.
    """
    x, y, z, w = (q[..., i] for i in range(4))
    yaw = np.arctan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2 * (w * x - y * z), -1, 1))
    roll = np.arctan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z))
    return np.asarray(np.stack([yaw, pitch, roll], -1) * _SIGNS, np.float32)


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">i", len(data)) + data
