"""Layers on one another: what goes into the poses of many sessions, mixed at once.

A run of a few frames is too short for numpy: most of its time would go into calling it. So runs of all sessions that
are due are laid one after another and mixed as one. Every step works row by row, so a session's bits do not depend on
who else is in the mix.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bridge.body.emphasis import emphasised
from bridge.body.eyes import settle
from bridge.body.gaze import turned
from bridge.body.posture import posture
from bridge.clip import Part
from bridge.curves import CURVES
from bridge.face.emotion import felt
from bridge.face.mix import mix_face
from bridge.frames import Motion
from bridge.skeleton import Array, multiply

if TYPE_CHECKING:
    from bridge.body.noise import Floats
    from bridge.inputs.capture import Capture

Rows = slice | npt.NDArray[np.intp]


@dataclass(slots=True)
class Layers:
    """What goes into a run of frames of one session, from `first` of its grid on; what there is none of is None."""

    first: int
    idle: Motion
    parts: list[Part] = field(default_factory=list)
    """What is spoken, of each clip its share."""
    moods: Array | None = None
    """Shares (count, emotions), 0..1."""
    aims: "Floats | None" = None
    """Where the gaze goes, as from Gaze.aims."""
    capture: "Capture | None" = None

    def __len__(self) -> int:
        return len(self.idle)


def mix(runs: Sequence[Layers]) -> list[Motion]:
    """The poses of each run. Arrays may be shared between them: do not write to them."""
    if not runs:
        return []
    together = [run for run in runs if run.capture is None]
    mixed = dict(zip(map(id, together), _mix(together), strict=True)) if together else {}
    return [_captured(run, run.capture) if run.capture else mixed[id(run)] for run in runs]


def _captured(run: Layers, capture: "Capture") -> Motion:
    """One run with what is captured of a performer: under the eyes' settling, and over the face."""
    motion, authority = _added([run])
    motion.rotations, motion.root = capture.body(run.first, motion.rotations, motion.root)
    motion.rotations = settle(motion.rotations, motion.curves)
    motion.curves = capture.face(motion.curves, authority)
    return motion


def _mix(runs: Sequence[Layers]) -> list[Motion]:
    motion, _ = _added(runs)
    rotations = settle(motion.rotations, motion.curves)
    if len(runs) == 1:
        return [Motion(motion.curves, rotations, motion.root)]
    spans = [slice(end - len(run), end) for end, run in zip(_ends(runs), runs, strict=True)]
    return [Motion(motion.curves[span], rotations[span], motion.root[span]) for span in spans]


def _added(runs: Sequence[Layers]) -> tuple[Motion, Array]:
    """All layers of all runs, one after another, with eyes that are not settled yet; and speech's authority (rows,)."""
    idle = joined([run.idle for run in runs])
    speech = np.zeros((len(idle), len(CURVES)), np.float32)
    authority = np.zeros(len(idle), np.float32)
    for rank in range(max(len(run.parts) for run in runs)):
        _speak(runs, rank, idle, speech, authority)
    emotion = np.zeros((len(idle), len(CURVES)), np.float32)
    if any(run.moods is not None for run in runs):
        rows = _rows(runs, [run.moods is not None for run in runs])
        moods = np.concatenate([run.moods for run in runs if run.moods is not None])
        emotion[rows] = felt(moods)
        idle.rotations[rows] = multiply(idle.rotations[rows], posture(moods))
    if any(run.aims is not None for run in runs):
        rows = _rows(runs, [run.aims is not None for run in runs])
        aims = np.concatenate([run.aims for run in runs if run.aims is not None])
        idle.rotations[rows] = turned(idle.rotations[rows], aims)
    idle.curves = mix_face(idle.curves, emotion, speech, authority)
    return idle, authority


def _speak(runs: Sequence[Layers], rank: int, idle: Motion, speech: Array, authority: Array) -> None:
    """Add the clip of this rank of every run that has one."""
    parts = [run.parts[rank] for run in runs if len(run.parts) > rank]
    rows = _rows(runs, [len(run.parts) > rank for run in runs])
    body = _bodies(parts)
    speech[rows] += np.concatenate([part.speech for part in parts])
    authority[rows] = np.maximum(authority[rows], np.concatenate([part.authority for part in parts]))
    idle.curves[rows] += body.curves
    idle.rotations[rows] = multiply(idle.rotations[rows], body.rotations)
    idle.root[rows] += body.root


def _bodies(parts: Sequence[Part]) -> Motion:
    """What the bodies add, one after another."""
    heard = [part.emphasis for part in parts if part.emphasis is not None]
    if len(heard) == len(parts):
        return emphasised(np.concatenate(heard))
    return joined([_body(part) for part in parts])


def _body(part: Part) -> Motion:
    if part.body is not None:
        return part.body
    assert part.emphasis is not None, "one of them is there"
    return emphasised(part.emphasis)


def joined(motions: Sequence[Motion]) -> Motion:
    """One after another, in arrays of their own."""
    return Motion(
        np.concatenate([motion.curves for motion in motions]),
        np.concatenate([motion.rotations for motion in motions]),
        np.concatenate([motion.root for motion in motions]),
    )


def _ends(runs: Sequence[Layers]) -> list[int]:
    """The row after the last one of each."""
    return [int(end) for end in np.cumsum([len(run) for run in runs])]


def _rows(runs: Sequence[Layers], chosen: Sequence[bool]) -> Rows:
    """Where the chosen runs lie among all."""
    if all(chosen):
        return slice(None)
    return np.flatnonzero(np.repeat(chosen, [len(run) for run in runs]))
