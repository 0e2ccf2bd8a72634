"""iFacialMocap: text, 60 times a second, from a phone that was asked for it by a word.

`name-40|…|=head#x,y,z,px,py,pz|rightEye#x,y,z|leftEye#x,y,z|`: percent and degrees; with version 2 "&" stands for "-".
Where the eyes look is taken from their curves. The head's angles are read as Unity's, about X, Y and Z, as
malaybaku/VMagicMirror does, whose iFacialMocapReceiver gives them to Quaternion.Euler as they are; whether it shows a
mirror image then is not told, so yaw and roll may have to be turned round in the receiver.
"""

import math

from bridge.inputs.captured import Captured, PacketError, finite, turned

ASK = b"iFacialMocap_sahuasouryya9218sauhuiayeta91555dy3719|sendDataVersion=v2"
ASK_EVERY_S = 2.0
"""A phone that was restarted, or was not there yet, hears it then."""

LONGEST = 8192
MOST_FIELDS = 256
_SIDES = {"_L": "Left", "_R": "Right"}


def ask(port: int) -> bytes:
    """What makes a phone send, to this port, which is always 49983."""
    return ASK


def read(data: bytes) -> Captured:
    """One packet. Raises PacketError."""
    if len(data) > LONGEST:
        raise PacketError(f"an iFacialMocap packet has {LONGEST} bytes at most, not {len(data)}")
    try:
        fields = data.decode("ascii").rstrip("\0").split("|", MOST_FIELDS)
    except UnicodeDecodeError:
        raise PacketError("an iFacialMocap packet is ASCII text") from None
    captured = Captured()
    captured.set_curves(dict(filter(None, map(_weight, fields))))
    if not captured.heard.any():
        raise PacketError("this is no iFacialMocap packet: no curve is in it")
    for field in fields:
        if field.startswith("=head#"):
            pitch, yaw, roll, *_ = _numbers(field[6:])
            captured.head = turned(*map(math.radians, (yaw, pitch, roll)))
    captured.look_by_curves()
    return captured


def _weight(field: str) -> tuple[str, float] | None:
    """A curve's name, as ARKit spells it, and its weight; None for a field of another kind."""
    name, separator, value = field.partition("&" if "&" in field else "-")
    if not separator or "#" in name:
        return None
    name = name.strip()
    return name[:-2] + _SIDES[name[-2:]] if name[-2:] in _SIDES else name, _number(value) / 100


def _numbers(text: str) -> list[float]:
    numbers = [_number(part) for part in text.split(",", 8)]
    if len(numbers) < 3:
        raise PacketError("a rotation has three numbers")
    return numbers


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise PacketError("a number is expected where there is none") from None
    return finite(number, "an iFacialMocap packet")
