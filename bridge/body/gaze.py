"""Looking at something: eyes first, the head after them."""

import math
from bisect import bisect_left, bisect_right
from typing import NamedTuple

import numpy as np

from bridge.body.bounds import EYES
from bridge.body.ease import glide
from bridge.body.eyes import directions, eye_rotations, saccade_seconds, turns
from bridge.body.kinematics import positions
from bridge.body.noise import Floats
from bridge.frames import FRAME_RATE
from bridge.skeleton import JOINT_INDEX, Array, from_rotation_vector, multiply, rest_rotations

REACH = np.radians([50.0, 80.0])
"""Pitch and yaw that gaze reaches at most."""

HEAD_SHARE = 0.65
"""Share of a gaze shift that the head takes over in the end; the eyes stay out for the rest, so that a glance stays a
glance. Between the 0.4 to 0.8 of different people (Fuller 1992; Stahl 1999, Exp. Brain Res. 126)."""

HEAD_REACH = np.radians([30.0, 50.0])

HEAD_DELAY, HEAD_SECONDS = 0.05, 0.5
"""Seconds after the eyes that the head starts (Goossens & Van Opstal 1997, Exp. Brain Res. 114), and how long it takes.
Always as long, whatever the way: so no sequence of looks can ever turn it faster than one look from end to end."""

WANDER = 0.25
"""Share of their free wandering that eyes keep while they look at something."""

FASTEST = np.radians(400.0)
"""Radians a second of the eyes at the peak of a saccade, at most: large ones take a little longer than people's, so
that whatever head and wandering add stays within MAX_EYE_SPEED."""

NEAREST = 0.2
"""Metres at which the eyes converge at most."""

REMEMBERED = 4.0
"""Seconds before the last look that can still be asked for."""

HEAD = (JOINT_INDEX["neck"], JOINT_INDEX["head"])


FREE = (0.0, 0.0, 0.0, 0.0)
"""The goal of a gaze without one."""

_SETTLING = math.ceil((HEAD_DELAY + HEAD_SECONDS) * FRAME_RATE)
"""Frames after which a look has come to its end; eyes never take as long."""

_LEFT_EYE, _RIGHT_EYE = positions(rest_rotations(1), np.zeros((1, 3), np.float32))[0, EYES]


class Look(NamedTuple):
    """From this frame on the gaze goes to a place.

    goal: pitch down, yaw to the left and convergence of each eye in radians, and 1 for something, 0 for nothing.
    """

    frame: int
    goal: tuple[float, float, float, float]
    seconds: float
    """How long the eyes take."""


class Gaze:
    """What is looked at and when: a function of time, given its keys, so any recent span may be asked for again."""

    def __init__(self) -> None:
        self._looks = [Look(-FRAME_RATE, FREE, 0.1)]

    def look_at(self, time_s: float, target: tuple[float, float, float] | None) -> None:
        """Turn to a point in model space, metres, at `time_s` seconds of the session; None frees the gaze.

        A saccade under way is ended first, for nothing can turn it: so eyes are never faster than in one saccade. Looks
        that would begin later are dropped, and so are those of which nothing within REMEMBERED is left.
        """
        frame = round(time_s * FRAME_RATE)
        del self._looks[max(bisect_left(self._looks, (frame,)), 1) :]
        del self._looks[: self._settled(frame - round(REMEMBERED * FRAME_RATE))]
        last, goal = self._looks[-1], FREE if target is None else aim(target)
        start = max(frame, last.frame + math.ceil(last.seconds * FRAME_RATE))
        self._looks.append(Look(start, goal, _seconds(_distance(goal, last.goal))))

    def active(self, first_frame: int, count: int) -> bool:
        """Whether anything but free gaze shows in these frames."""
        return any(look.goal is not FREE for look in self._within(first_frame, count))

    def turn(self, rotations: Array, first_frame: int, count: int) -> Array:
        """Rotations (count, 22, 4) with neck and head turned and eyes that look there.

        Eye joints hold directions in model space, here as in what is given; `eyes.settle` makes joints of them.
        """
        return turned(rotations, self.aims(first_frame, count))

    def aims(self, first_frame: int, count: int) -> Floats:
        """Where the gaze goes (count, 6): of the eyes as Look.goal, of the head pitch and yaw, radians."""
        looks = self._within(first_frame, count)
        t = np.arange(first_frame, first_frame + count) / FRAME_RATE
        goals = np.array([look.goal for look in looks])
        onsets = np.array([look.frame for look in looks[1:]]) / FRAME_RATE
        eyes = glide(t, goals[0], onsets, np.array([look.seconds for look in looks[1:]]), goals[1:])
        heads = np.clip(goals[:, :2] * HEAD_SHARE, -HEAD_REACH, HEAD_REACH)
        head = glide(t, heads[0], onsets + HEAD_DELAY, np.full(len(onsets), HEAD_SECONDS), heads[1:])
        return np.concatenate([eyes, head], axis=1)

    def _within(self, first_frame: int, count: int) -> list[Look]:
        """The looks that show in these frames; the first of them has settled."""
        return self._looks[self._settled(first_frame) : bisect_left(self._looks, (first_frame + count,))]

    def _settled(self, frame: int) -> int:
        """Index of the last look that has come to its end at a frame."""
        return max(bisect_right(self._looks, (frame - _SETTLING,)) - 1, 0)


def aim(target: tuple[float, float, float]) -> tuple[float, float, float, float]:
    """The goal of a look from where the eyes rest to a point in model space, metres; within REACH."""
    way = np.asarray(target, np.float32) - (_LEFT_EYE + _RIGHT_EYE) / 2
    distance = max(float(np.linalg.norm(way)), NEAREST)
    pitch, yaw = np.clip(turns(way / distance), -REACH, REACH)
    return float(pitch), float(yaw), float(_LEFT_EYE[0]) / distance, 1.0


def _seconds(turn: float) -> float:
    return float(np.maximum(saccade_seconds(np.array(turn)), 1.5 * turn / FASTEST))


def _distance(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return math.hypot(a[0] - b[0], a[1] - b[1])


def turned(rotations: Array, aims: Floats) -> Array:
    """Rotations (count, 22, 4) with the gaze that `Gaze.aims` tells, as from `Gaze.turn`."""
    eyes, head = aims[:, :4], aims[:, 4:]
    out = rotations.copy()
    share = np.zeros((len(head), 1, 3))
    share[:, 0, :2] = head / len(HEAD)
    out[:, HEAD] = multiply(from_rotation_vector(share), rotations[:, HEAD])
    wander = turns(directions(rotations[:, EYES])) * (1 - (1 - WANDER) * eyes[:, None, 3:])
    pitch, yaw = wander[..., 0] + eyes[:, None, 0], wander[..., 1] + eyes[:, None, 1]
    yaw += eyes[:, None, 2] * np.array([-1, 1])
    out[:, EYES] = eye_rotations(yaw, pitch)
    return out
