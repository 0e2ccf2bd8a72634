"""VTube Studio on a phone: JSON, 60 times a second, for as long as it was asked for.

Where the eyes look is taken from their curves. How the head's angles become a rotation follows the makers' example for
Unity (DenchiSoft/VTubeStudioBlendshapeUDPReceiverTest: VTubeStudioReceiveDataExample): about X by minus y, about Y by
minus x, about Z by z. So y is positive upwards, as Live2D's ParamAngleY is. Its cube may be a mirror image, so yaw and
roll may have to be turned round in the receiver.
"""

import json
import math
from typing import Any

from bridge.inputs.captured import Captured, PacketError, finite, turned

ASK_EVERY_S = 1.0
ASKED_S = 5.0
"""Seconds that one request asks for: four of five may be lost."""

LONGEST = 16384
MOST_CURVES = 256


def ask(port: int) -> bytes:
    """What makes a phone send to this port of ours."""
    return json.dumps(
        {"messageType": "iOSTrackingDataRequest", "time": ASKED_S, "sentBy": "Rigcast", "ports": [port]}
    ).encode()


def read(data: bytes) -> Captured:
    """One packet. Raises PacketError."""
    if len(data) > LONGEST:
        raise PacketError(f"a VTube Studio packet has {LONGEST} bytes at most, not {len(data)}")
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        raise PacketError("a VTube Studio packet is JSON") from None
    if not isinstance(message, dict) or not isinstance(message.get("FaceFound"), bool):
        raise PacketError("this is no VTube Studio packet: FaceFound is missing")
    captured = Captured(time=_time(message.get("Timestamp")), seen=message["FaceFound"])
    if captured.seen:
        captured.set_curves(dict(_weights(message.get("BlendShapes"))))
        captured.look_by_curves()
        if "Rotation" in message:
            x, y, z = (math.radians(_number(_field(message["Rotation"], axis))) for axis in "xyz")
            captured.head = turned(-x, -y, z)
    return captured


def _time(milliseconds: Any) -> float | None:
    """Seconds; a phone that tells nonsense tells no time."""
    if isinstance(milliseconds, int) and 0 < milliseconds < 2**53:
        return milliseconds / 1000
    return None


def _weights(shapes: Any) -> list[tuple[str, float]]:
    if not isinstance(shapes, list) or len(shapes) > MOST_CURVES:
        raise PacketError(f"BlendShapes is a list of {MOST_CURVES} at most")
    return [(name, _number(_field(shape, "v"))) for shape in shapes if isinstance(name := _field(shape, "k"), str)]


def _field(where: Any, name: str) -> Any:
    if not isinstance(where, dict) or name not in where:
        raise PacketError(f"{name} is missing in a VTube Studio packet")
    return where[name]


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise PacketError("a number is expected where there is none")
    return float(finite(value, "a VTube Studio packet"))
