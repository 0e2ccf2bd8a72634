"""How an emotion carries the body, from the waist up.

After what people read in postures: sunk head and rounded shoulders for sadness, a forward head, squared shoulders and
bent arms for anger, shoulders drawn up and a trunk that shrinks back for fear, a head turned away for disgust, a
raised chin for contempt, an opened chest for joy (Wallbott 1998, Eur. J. Soc. Psychol. 28; Coulson 2004, J. Nonverbal
Behav. 28; Dael, Mortillaro & Scherer 2012, Emotion 12). Sizes are our choice: plain at full intensity, no pantomime.
"""

import numpy as np

from bridge.body.idle import degrees
from bridge.face.emotion import EMOTIONS
from bridge.skeleton import Array, from_rotation_vector

_POSTURES = {
    "happy": degrees(
        spine=(-1, 0, 0), chest=(-1, 0, 0), upperChest=(-2, 0, 0), neck=(-1, 0, 1), head=(-1, 0, 3),
        leftShoulder=(0, 3, 1),
    ),
    "relaxed": degrees(
        spine=(1, 0, -0.5), upperChest=(1, 0, 0), neck=(1, 0, 1.5), head=(1, 0, 3), leftShoulder=(0, 0, -2),
    ),
    "surprised": degrees(
        spine=(-1.5, 0, 0), chest=(-1.5, 0, 0), upperChest=(-2, 0, 0), neck=(-3, 0, 0), head=(2, 0, 0),
        leftShoulder=(0, 0, 5), leftUpperArm=(0, 0, 3), leftLowerArm=(0, -8, 0),
    ),
    "sad": degrees(
        spine=(2, 0, 0), chest=(3, 0, 0), upperChest=(4, 0, 0), neck=(5, 0, 0), head=(4, 0, 2),
        leftShoulder=(0, -4, -3), leftUpperArm=(4, 0, -2),
    ),
    "angry": degrees(
        spine=(2, 0, 0), chest=(1, 0, 0), upperChest=(1, 0, 0), neck=(6, 0, 0), head=(-3, 0, 0),
        leftShoulder=(0, -2, 4), leftUpperArm=(0, 2, 4), leftLowerArm=(6, -14, 0),
    ),
    "afraid": degrees(
        spine=(-3, 0, 0), chest=(1, 0, 0), upperChest=(3, 0, 0), neck=(-4, 0, 0), head=(4, 0, 0),
        leftShoulder=(0, -5, 7), leftUpperArm=(0, 0, -2), leftLowerArm=(0, -20, 0),
    ),
    "disgusted": degrees(
        spine=(-2, 0, 0), upperChest=(-1, 2, 0), neck=(-2, 4, 1), head=(2, 7, 2),
        leftShoulder=(0, -3, 3), leftLowerArm=(0, -6, 0),
    ),
    "scornful": degrees(
        spine=(-1, 0, 0), upperChest=(-2, 0, 0), neck=(-2, 2, 1), head=(-5, 3, 4), leftShoulder=(0, 2, 0),
    ),
    "pained": degrees(
        spine=(4, 0, 0), chest=(3, 0, 0), upperChest=(3, 0, 0), neck=(2, 0, 1), head=(4, 2, 4),
        leftShoulder=(0, -4, 4), leftLowerArm=(0, -14, 0),
    ),
}  # fmt: skip
"""Degrees about X, Y, Z of each joint's own; a "left" joint brings its mirror."""

POSTURES = np.stack([_POSTURES.get(name, degrees()) for name in EMOTIONS]).astype(np.float32)
"""Rotation vectors (emotions, joints, 3) at full intensity, in the order of EMOTIONS."""


def posture(weights: Array) -> Array:
    """What emotions of these weights (count, emotions), 0..1, add to every joint: quaternions (count, joints, 4)."""
    turns = np.zeros((len(weights), *POSTURES.shape[1:]), np.float32)
    for i in np.flatnonzero(weights.any(0)):  # not a matrix product: its bits depend on the number of rows
        turns += weights[:, i, None, None] * POSTURES[i]
    return from_rotation_vector(turns)
