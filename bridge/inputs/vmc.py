"""VMC protocol 3.1 as a Marionette hears it from a Performer: bones, blend values, and whether a body is seen at all.

Bones are local, in Unity's space, and relative to a T-pose, so turning X round makes them ours. Positions of bones are
those of another body; only the hips' is kept. Of blend values, Perfect Sync's names are the curves; where none of them
ever comes, VRM's presets stand in.

A frame has no marked end: it ends with the last of Apply, OK and T that its sender sends, or where something comes
again.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bridge.curves import CURVES
from bridge.inputs import presets
from bridge.inputs.captured import EYES, Captured, PacketError
from bridge.inputs.osc import Message, messages
from bridge.outputs.vmc import POSITION, ROTATION
from bridge.skeleton import JOINT_INDEX, normalised

MOST_FRAMES = 4
"""In one packet; a frame is several, mostly."""

LONGEST_TIME = 8192.0
"""Seconds of a sender's clock beyond which its 32 bits tell no millisecond any more, and it is not believed."""

FARTHEST = 10.0
"""Metres from the middle that hips may be."""

_PLACE = "/VMC/Ext/"
_ENDS = (_PLACE + "Blend/Apply", _PLACE + "OK", _PLACE + "T")
"""What may end a frame, in the order in which they are sent; the last one that a sender sends does."""

_JOINTS = {name.lower(): i for name, i in JOINT_INDEX.items()}
_CURVES = {name.lower(): i for i, name in enumerate(CURVES)}


class Performer:
    """One sender: what it has told so far, as a frame comes in several packets."""

    def __init__(self) -> None:
        self._pose = Captured()
        self._told = set[tuple[str, ...]]()  # of the frame that is coming in
        self._presets = dict[str, float]()
        self._end = 0  # which of _ENDS this sender's frames end with
        self._handlers: dict[str, Callable[..., None]] = {
            _PLACE + "Bone/Pos": self._bone,
            _PLACE + "Blend/Val": self._blend,
            _ENDS[0]: lambda *_: None,
            _ENDS[1]: self._ok,
            _ENDS[2]: self._time,
        }

    def read(self, data: bytes) -> list[Captured]:
        """The frames that end in one packet. Raises PacketError; what had been told before stays."""
        frames, ended = list[Captured](), False
        for message in messages(data):
            if message.address not in self._handlers:
                continue
            key = message.address, *(name for name in message.arguments[:1] if isinstance(name, str))
            if key in self._told:
                frames.append(self._frame())
            if len(frames) > MOST_FRAMES:
                raise PacketError(f"a VMC packet has more than {MOST_FRAMES} frames in it")
            self._take(message)
            self._told.add(key)
            ended |= self._ends(message.address)
        if ended and self._told:
            frames.append(self._frame())
        return frames

    def _ends(self, address: str) -> bool:
        """Whether a frame ends here."""
        if address in _ENDS:
            self._end = max(self._end, _ENDS.index(address))
        return address == _ENDS[self._end]

    def _take(self, message: Message) -> None:
        try:
            self._handlers[message.address](*message.arguments)
        except (TypeError, AttributeError, ValueError) as error:
            if isinstance(error, PacketError):
                raise
            raise PacketError(f"{message.address} has other arguments than VMC's") from None

    def _bone(self, name: str, *numbers: float) -> None:
        joint = _JOINTS.get(name.lower())
        x, y, z, *q = map(float, numbers[:7])
        rotation = np.array(q, np.float32) * ROTATION
        if joint is not None and abs(rotation).max() > 1e-3:
            self._pose.rotations[joint] = normalised(rotation)
            self._pose.turned[joint] = True
        if joint == 0 and max(abs(x), abs(y), abs(z)) <= FARTHEST:
            self._pose.hips = np.array([x, y, z], np.float32) * POSITION

    def _blend(self, name: str, weight: float, *_: object) -> None:
        name, weight = name.lower(), float(weight)
        if (curve := _CURVES.get(name)) is not None:
            self._pose.curves[curve] = min(max(weight, 0.0), 1.0)
            self._pose.heard[curve] = True
        elif name in presets.rows():
            self._presets[name] = weight

    def _ok(self, loaded: float, *_: object) -> None:
        self._pose.seen = int(loaded) == 1

    def _time(self, seconds: float, *_: object) -> None:
        self._pose.time = float(seconds) if abs(seconds) < LONGEST_TIME else None

    def _frame(self) -> Captured:
        """All that is known by now; begins the next."""
        self._told.clear()
        pose = self._pose
        out = replace(
            pose, curves=pose.curves.copy(), heard=pose.heard.copy(), rotations=pose.rotations.copy(),
            turned=pose.turned.copy(),
        )  # fmt: skip
        if self._presets and not pose.heard.any():
            out.curves, out.heard = presets.curves(self._presets), presets.touched().copy()
        if not pose.turned[list(EYES)].any():
            out.look_by_curves()
        return out
