"""People whose faces are measured: the default one, those at the bounds of every parameter, and ten by chance."""

import functools

import numpy as np

from bridge.avatar import DEFAULT, Params
from bridge.avatar.expressions import skin_shifts
from bridge.avatar.face import EYE_IN, EYE_OUT, EYE_ROW, HALF, MOUTH, MOUTH_ROW, Face
from bridge.curves import CURVES

LID = slice(HALF + EYE_IN, HALF + EYE_OUT + 1)
LIPS = slice(HALF - MOUTH, HALF + MOUTH + 1)
LOW, HIGH = (
    Params(**{f.name: f.metadata[end] for f in Params.fields() if end in f.metadata}) for end in ("low", "high")
)
PEOPLE = {"default": DEFAULT, "low": LOW, "high": HIGH} | {str(seed): Params.random(seed) for seed in range(10)}


class Subject:
    """A face and what its curves do, measured once."""

    def __init__(self, params: Params) -> None:
        self.face = Face(params)
        self.shifts = skin_shifts(self.face)

    def posed(self, **weights: float) -> np.ndarray:
        """(ROWS, COLUMNS, 3) with the curves applied; a name without a side means both."""
        out = self.face.rest.copy()
        for name, weight in weights.items():
            for curve in sided(name) if weight else ():
                out += weight * self.shifts[curve]
        return out

    def lip_gap(self, **weights: float) -> np.ndarray:
        """Upper lip's edge above the lower one's, cm, along the mouth."""
        posed = self.posed(**weights)
        return np.asarray(posed[MOUTH_ROW, LIPS, 1] - posed[MOUTH_ROW + 1, LIPS, 1])

    def lid_gap(self, **weights: float) -> np.ndarray:
        """Upper lid's edge above the lower one's, cm, along the left eye."""
        posed = self.posed(**weights)
        return np.asarray(posed[EYE_ROW, LID, 1] - posed[EYE_ROW + 1, LID, 1])


def sided(name: str) -> tuple[str, ...]:
    """The curves of a name: itself, or both its sides."""
    return (name,) if name in CURVES else (f"{name}Left", f"{name}Right")


@functools.cache
def subject_of(name: str) -> Subject:
    """The face of one of PEOPLE, made once for all tests."""
    return Subject(PEOPLE[name])
