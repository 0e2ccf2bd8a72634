"""The face's vocabulary: the 52 ARKit blendshapes, in the order in which every frame carries them."""

CURVES: tuple[str, ...] = (
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft",
    "eyeSquintLeft", "eyeWideLeft",
    "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight",
    "eyeSquintRight", "eyeWideRight",
    "jawForward", "jawLeft", "jawRight", "jawOpen",
    "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight",
    "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight",
    "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthUpperUpLeft", "mouthUpperUpRight",
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "noseSneerLeft", "noseSneerRight",
    "tongueOut",
)  # fmt: skip
"""Names in ARKit's spelling; the order is that of Apple's Live Link Face packets."""

INDEX: dict[str, int] = {name: i for i, name in enumerate(CURVES)}
"""Where a curve stands in a frame."""

MOUTH: tuple[int, ...] = tuple(i for i, n in enumerate(CURVES) if n.startswith(("jaw", "mouth", "tongue")))
"""Curves that speech rules while it lasts."""


def curve_vector(**weights: float) -> "list[float]":
    """A full row of weights from named ones, the rest 0. Raises KeyError for a name that is no curve."""
    row = [0.0] * len(CURVES)
    for name, weight in weights.items():
        row[INDEX[name]] = weight
    return row
