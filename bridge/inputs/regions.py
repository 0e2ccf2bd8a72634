"""What of a character can be ruled by whom: regions of the face and the body, and who rules each unless told otherwise.

The one table of mixing; docs/mixing.md shows it to people.
"""

from typing import NamedTuple


class Region(NamedTuple):
    """Curves and joints that go together, by patterns of their names, and the captured share without another word."""

    curves: str
    joints: str
    share: str
    vmc: str


AUTO = "auto"
"""The captured face rules, but yields to speech while there is some."""

REGIONS: dict[str, Region] = {
    "lips": Region(r"mouth|tongue|cheekPuff|noseSneer", "", AUTO, AUTO),
    "jaw": Region(r"jaw", "", AUTO, AUTO),
    "brows": Region(r"brow", "", "1", "1"),
    "eyes": Region(r"eye(Blink|Squint|Wide)|cheekSquint", "", "1", "1"),
    "gaze": Region(r"eyeLook", r"\w+Eye", "1", "1"),
    "head": Region("", r"neck|head", "1", "1"),
    "torso": Region("", r"hips|spine|chest|upperChest", "1", "1"),
    "arms": Region("", r"\w+(Shoulder|UpperArm|LowerArm|Hand)", "0", "1"),
}
"""By name. A phone sees a face, and the torso goes a little along with its head; VMC tells of a body too. Legs are
never captured, they keep the feet where they are."""


class Share(NamedTuple):
    """How much of a region is captured, 0..1, and whether it yields to speech."""

    weight: float
    yields: bool


def share(text: str) -> Share:
    """What "auto", "auto*0.5" or "0.5" says. Raises ValueError."""
    yields = text.startswith(AUTO)
    rest = text.removeprefix(AUTO)
    weight = 1.0 if yields and not rest else float(rest.removeprefix("*") if yields else rest)
    if not 0 <= weight <= 1 or (yields and rest and not rest.startswith("*")):
        raise ValueError
    return Share(weight, yields)
