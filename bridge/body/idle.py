"""Life without a cause: a relaxed stance that breathes, shifts its weight, looks about and blinks.

Sizes without a source are our choice, made by eye.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from bridge.body.blink import blinks, close_lids
from bridge.body.bounds import EYES
from bridge.body.ease import glide, smoothstep
from bridge.body.eyes import eye_rotations
from bridge.body.glance import glances
from bridge.body.kinematics import LEGS, planted
from bridge.body.noise import Floats, Ints, smooth, uniform
from bridge.body.schedule import events
from bridge.curves import INDEX
from bridge.frames import FRAME_RATE, Motion
from bridge.skeleton import JOINT_INDEX, JOINTS, from_rotation_vector, multiply, rotation_vector

BREATHS = (13.5 / 60, 15.0 / 60)
"""Breaths a second, from person to person: adults at rest take 12 to 16 a minute (Tortora & Derrickson, Principles of
Anatomy and Physiology; 16.6 +- 2.8 in Tobin et al. 1983, Chest 84). BREATH_DRIFT lets each wander within that."""

BREATH_DRIFT, BREATH_DRIFT_RATE = 0.25, 0.04
"""Breaths that the rhythm gets ahead or behind at most, and how often a second it turns: ± 0.02 breaths a second."""

INHALED, EXHALED = 0.42, 0.88
"""Parts of a breath at which lungs are full and empty again; then comes a pause (Ti/Ttot 0.42, Tobin et al. 1983)."""

SHIFT_GAP = (25.0, 53.0)
"""Seconds between shifts of weight, from to. Who stands for long fidgets sideways every 49 s and shifts every 199 s
(Duarte & Zatsiorsky 1999, Motor Control 3), together every 39 s."""

SHIFT_SECONDS = (1.8, 2.8)
SHIFT = (0.008, 0.030)
"""Metres that the pelvis goes sideways from the middle, from to; the mean shift is 22 mm (Duarte & Zatsiorsky 1999)."""

SWAY, SWAY_RATE = (0.006, 0.010), 0.3
"""Metres of the slow sway in quiet standing at most, x and z, and control points of its noise a second: a standard
deviation of a few millimetres (Winter 1995, Gait & Posture 3)."""

PELVIS_TILT = np.radians(1.7) / SHIFT[1]
"""Radians a metre: the hip over the loaded leg rises, the free knee bends (contrapposto)."""

STOOP, SHIFT_STOOP = 0.003, 4.0
"""How far the pelvis hangs below rest, in metres, and more by this times the shift squared, so that no leg is
overstretched."""

BLOCK = 256
"""Frames computed at once, 4.3 s."""

BLOCKS = 3
"""Blocks kept: what may be taken back, what is shown, what comes."""

_X, _Y, _Z = 0, 1, 2


def degrees(**turns: tuple[float, float, float]) -> Floats:
    """Rotation vectors (joints, 3) of joints turned about Z, Y, X of their own; a "left" joint brings its mirror."""
    out = np.zeros((len(JOINTS), 3))
    for name, turn in turns.items():
        q = from_rotation_vector(np.diag(np.radians(turn)))
        vector = rotation_vector(multiply(multiply(q[2], q[1]), q[0]))
        out[JOINT_INDEX[name]] = vector
        if name.startswith("left"):
            out[JOINT_INDEX["right" + name[4:]]] = vector * np.array([1, -1, -1])
    return out


STANCE = degrees(
    spine=(1.0, 0, 0),
    upperChest=(1.5, 0, 0),
    neck=(4.0, 0, 0),
    head=(-5.0, 0, 0),
    leftShoulder=(0, 0, -3),
    leftUpperArm=(14, -2, -70),
    leftLowerArm=(14, -16, 0),
    leftHand=(0, 3, -7),
)
"""The relaxed pose that everything swings about."""

SLOW: tuple[tuple[str, int, float], ...] = (
    ("hips", _Y, 2.5), ("spine", _X, 1.0), ("spine", _Y, 2.0), ("chest", _Y, 2.0), ("upperChest", _X, 1.2),
    ("leftUpperArm", _Z, 2.0), ("rightUpperArm", _Z, 2.0), ("leftLowerArm", _Y, 5.0), ("rightLowerArm", _Y, 5.0),
    ("leftHand", _Z, 6.0), ("rightHand", _Z, 6.0), ("neck", _X, 3.0), ("neck", _Y, 6.0), ("neck", _Z, 3.0),
)  # fmt: skip
MEDIUM: tuple[tuple[str, int, float], ...] = (("head", _X, 6.0), ("head", _Y, 9.0), ("head", _Z, 5.0))
QUICK: tuple[tuple[str, int, float], ...] = (("head", _X, 1.5), ("head", _Y, 2.0), ("head", _Z, 1.0))
"""Joint, axis and largest degrees of a wandering; noise mostly stays within 0.4 of the largest."""

DRIFT = ((0.10, SLOW), (0.35, MEDIUM), (1.1, QUICK))
"""Control points of the noise a second, and what it moves."""

FACE: tuple[tuple[str, float], ...] = (
    ("browInnerUp", 0.12), ("browOuterUpLeft", 0.08), ("browOuterUpRight", 0.08),
    ("browDownLeft", 0.06), ("browDownRight", 0.06), ("eyeSquintLeft", 0.10), ("eyeSquintRight", 0.10),
    ("mouthSmileLeft", 0.14), ("mouthSmileRight", 0.14), ("mouthPressLeft", 0.12), ("mouthPressRight", 0.12),
    ("mouthShrugLower", 0.10), ("mouthRollLower", 0.08), ("mouthLeft", 0.05), ("mouthRight", 0.05),
)  # fmt: skip
FACE_RATE = 0.2
"""Curve and largest weight of a face at rest, and control points of its noise a second."""

BREATH: tuple[tuple[str, int, float], ...] = (
    ("spine", _X, -0.3), ("chest", _X, -0.7), ("upperChest", _X, -1.3), ("neck", _X, 1.1), ("head", _X, 1.1),
    ("leftShoulder", _Z, 1.6), ("rightShoulder", _Z, -1.6), ("leftUpperArm", _Z, -1.4), ("rightUpperArm", _Z, 1.4),
)  # fmt: skip
"""Joint, axis and degrees of a full breath: the chest comes forward by some 5 mm (3 to 5 mm in De Groote et al. 1997,
J. Appl. Physiol. 83), the shoulders rise, the head stays level."""

PELVIS: tuple[tuple[str, float], ...] = (("hips", 1.0), ("spine", -0.6), ("chest", -0.7), ("neck", 0.3))
"""Joint and its share of the pelvis's roll: the spine bends back so that the head stays upright."""


Order = Callable[[int, Callable[[Motion], None]], bool]
"""Asks somebody to work a block out, by its number, and to hand it over some time. Whether that is taken on."""


class Idle:
    """Idle life of one person, chosen by `seed`; without beginning. Computed in blocks, of which a few are kept.

    `order` is asked for every block a few seconds before its time, again and again until it is taken on; one that has
    not come then is computed here.
    """

    def __init__(self, seed: int, order: Order | None = None) -> None:
        self._seed = seed
        self._phase = phase(seed)
        self._blocks: OrderedDict[int, Motion] = OrderedDict()
        self._order = order
        self._ordered = -1

    def motion(self, first_frame: int, count: int) -> Motion:
        """`count` frames from `first_frame` of the grid on. The arrays may be views of kept ones: read-only.

        Eye joints hold directions in model space; `eyes.settle` makes joints of them.
        """
        parts = []
        while count > 0:
            number, row = divmod(first_frame + self._phase, BLOCK)
            block, rows = self._block(number), slice(row, row + count)
            parts.append(Motion(block.curves[rows], block.rotations[rows], block.root[rows]))
            first_frame, count = first_frame + len(parts[-1]), count - len(parts[-1])
        return parts[0] if len(parts) == 1 else _joined(parts)

    def _block(self, number: int) -> Motion:
        if number not in self._blocks:
            self._keep(number, block(self._seed, number))
        self._blocks.move_to_end(number)
        if self._order and self._ordered <= number and self._order(number + 1, partial(self._keep, number + 1)):
            self._ordered = number + 1
        return self._blocks[number]

    def _keep(self, number: int, block: Motion) -> None:
        for array in (block.curves, block.rotations, block.root):
            array.flags.writeable = False
        self._blocks[number] = block
        while len(self._blocks) > BLOCKS:
            self._blocks.popitem(last=False)


def phase(seed: int) -> int:
    """How far into its first block a person's life begins, frames, so that many people's do not fall due at once."""
    return int(uniform(seed, 0, 0) * BLOCK)


def block(seed: int, number: int) -> Motion:
    """The BLOCK frames of this number. Takes milliseconds."""
    frames = np.arange(number * BLOCK, (number + 1) * BLOCK) - phase(seed)
    return _idle(seed, frames / FRAME_RATE)


def _joined(parts: list[Motion]) -> Motion:
    if not parts:
        return Motion.rest(0)
    return Motion(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("curves", "rotations", "root")))


def _idle(seed: int, t: Floats) -> Motion:
    motion = Motion.rest(len(t))
    turns = np.repeat(STANCE[None], len(t), 0)
    _drift(seed, t, turns)
    _breathe(breath(seed, t), turns)
    motion.root[:] = _stand(seed, t, turns)
    motion.rotations[:] = from_rotation_vector(turns)
    motion.rotations[:, LEGS] = planted(motion.rotations[:, 0], motion.root)
    gaze = glances(seed + 2, t)
    motion.rotations[:, EYES] = eye_rotations(gaze[:, 0], gaze[:, 1])[:, None]
    _feel(seed, t, motion.curves)
    close_lids(motion.curves, blinks(seed + 1, t))
    return motion


def breath(seed: int, t: Floats) -> Floats:
    """How full the lungs are (n,): 0 to 1, mostly 0.6 at the top of a breath."""
    rate = BREATHS[0] + (BREATHS[1] - BREATHS[0]) * float(uniform(seed, 1, 0))
    phase = t * rate + BREATH_DRIFT * smooth(seed, 2, t * BREATH_DRIFT_RATE)
    part = phase - np.floor(phase)
    depth = 0.7 + 0.3 * smooth(seed, 3, phase)
    return np.asarray(depth * smoothstep(part / INHALED) * (1 - smoothstep((part - INHALED) / (EXHALED - INHALED))))


def _drift(seed: int, t: Floats, turns: Floats) -> None:
    channel = 10
    for rate, table in DRIFT:
        joints, axes, degrees = zip(*table, strict=True)
        noise = smooth(seed, np.arange(channel, channel + len(table)), t * rate)
        turns[:, [JOINT_INDEX[j] for j in joints], axes] += np.radians(degrees) * noise
        channel += len(table)


def _breathe(breath: Floats, turns: Floats) -> None:
    joints, axes, degrees = zip(*BREATH, strict=True)
    turns[:, [JOINT_INDEX[j] for j in joints], axes] += breath[:, None] * np.radians(degrees)


def _stand(seed: int, t: Floats, turns: Floats) -> Floats:
    """The pelvis's way (n, 3) in metres; adds the roll that goes with it to `turns`."""
    sway = smooth(seed, np.arange(100, 102), t * SWAY_RATE) * SWAY
    x = _weight(seed, t) + sway[:, 0]
    for name, share in PELVIS:
        turns[:, JOINT_INDEX[name], _Z] += share * PELVIS_TILT * x
    return np.stack([x, -STOOP - SHIFT_STOOP * x * x, sway[:, 1]], -1)


def _weight(seed: int, t: Floats) -> Floats:
    """Metres (n,) by which the pelvis stands towards the left foot."""
    ids, onsets = events(_shift_gaps, seed, t[0] - SHIFT_SECONDS[1], t[-1] + 1 / FRAME_RATE)
    side, far, slow = uniform(seed, np.arange(111, 114)[:, None], ids)
    goals = (np.where(side < 0.5, -1, 1) * _between(SHIFT, far))[:, None]
    return glide(t, goals[0], onsets[1:], _between(SHIFT_SECONDS, slow[1:]), goals[1:])[:, 0]


def _shift_gaps(seed: int, ids: Ints) -> Floats:
    return _between(SHIFT_GAP, uniform(seed, 110, ids))


def _between(limits: tuple[float, float], u: Floats) -> Floats:
    return limits[0] + (limits[1] - limits[0]) * u


def _feel(seed: int, t: Floats, curves: npt.NDArray[np.float32]) -> None:
    names, weights = zip(*FACE, strict=True)
    noise = smooth(seed, np.arange(200, 200 + len(FACE)), t * FACE_RATE)
    curves[:, [INDEX[name] for name in names]] = np.array(weights) * np.square((1 + noise) / 2)
