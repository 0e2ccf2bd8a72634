"""From what an ear has heard to the weights that a client asked for: emotion, blinks, strengths, smoothing, gains."""

from functools import cache

import numpy as np

from bridge.a2f.emotions import EmotionTrack, ours
from bridge.a2f.request import Request
from bridge.body.blink import blinks, close_lids
from bridge.body.emphasis import Emphasis, emphasised
from bridge.body.eyes import BLINK
from bridge.curves import CURVES, INDEX, MOUTH
from bridge.face.ears import MAX_STRENGTH, Heard
from bridge.face.emotion import EMOTIONS, expression
from bridge.face.mix import mix_face
from bridge.frames import FRAME_RATE
from bridge.skeleton import Array

_WIDE = [INDEX["eyeWideLeft"], INDEX["eyeWideRight"]]
_JAW, _CLOSE, _TONGUE = INDEX["jawOpen"], INDEX["mouthClose"], INDEX["tongueOut"]


class Face:
    """One clip's face. Frames are asked for in order."""

    def __init__(self, request: Request, seed: int) -> None:
        """`seed` chooses when it blinks."""
        look = request.face
        self.track = EmotionTrack(request.treatment, request.beginning)
        self.strength = min(look["lowerFaceStrength"] * look["skinStrength"], MAX_STRENGTH)
        """How far the mouth goes, for the ear."""
        self._request = request
        self._seed = seed
        self._emphasis = Emphasis()
        upper = look["upperFaceStrength"] * look["skinStrength"]
        self._heard_gains = _by_region(upper, 1)  # the ear has seen to the mouth
        self._gains = _by_region(upper, self.strength)
        self._smoothing = _Smoothing(look["upperFaceSmoothing"], look["lowerFaceSmoothing"])

    def mood(self, frame: int) -> Array:
        """The shares of our EMOTIONS (10,) at a frame of the grid, for the ear."""
        shares: Array = ours(self.track.rows(np.array([frame / FRAME_RATE])))[0]
        return shares

    def show(self, heard: Heard) -> tuple[Array, Array]:
        """The weights (n, 52) of these frames, as the client wants them: what it does not clamp may leave 0..1; and
        the shares of its emotions (n, 10) in them."""
        times = np.arange(heard.first_frame, heard.first_frame + len(heard.curves)) / FRAME_RATE
        look = self._request.face
        brows = emphasised(self._emphasis.follow(heard.emphasis)).curves
        idle = np.zeros_like(heard.curves)
        close_lids(idle, blinks(self._seed, times) * look["blinkStrength"])
        shares = self.track.rows(times)
        emotion = ours(shares) @ _expressions()
        speech = heard.curves * self._heard_gains
        face: Array = mix_face(idle + brows * self._gains, emotion * self._gains, speech, heard.authority)
        self._shift(face)
        weights: Array = self._smoothing.follow(face) * self._request.gains + self._request.offsets
        return weights.clip(0, 1) if self._request.clamped else weights, shares

    def _shift(self, face: Array) -> None:
        """Move lids, lips and tongue as the parameters say; within 0..1, and lips never shut further than the jaw is
        open."""
        look = self._request.face
        face[:, BLINK] += look["blinkOffset"] + max(-look["eyelidOpenOffset"], 0)
        face[:, _WIDE] += max(look["eyelidOpenOffset"], 0)
        face[:, _JAW] += look["lipOpenOffset"]
        face[:, _TONGUE] *= look["tongueStrength"]
        np.clip(face, 0, 1, out=face)
        face[:, _CLOSE] = np.minimum(face[:, _CLOSE], face[:, _JAW])


class _Smoothing:
    """A filter of the first order for each region, by its time constant in seconds; 0 lets everything pass."""

    def __init__(self, upper: float, lower: float) -> None:
        taus = np.maximum(_by_region(upper, lower), 1e-6)
        self._step = -np.expm1(-1 / (FRAME_RATE * taus))
        self._shown: Array | None = None

    def follow(self, rows: Array) -> Array:
        """What these rows (n, 52), which follow those before, become."""
        if np.all(self._step > 1 - 1e-6):
            return rows
        out = np.empty_like(rows)
        shown = rows[0] if self._shown is None else self._shown
        for i, target in enumerate(rows):
            out[i] = shown = shown + self._step * (target - shown)
        self._shown = shown
        return out


def _by_region(upper: float, lower: float) -> Array:
    """A number for each curve (52,): one for the mouth and what belongs to it, one for the rest of the face."""
    row = np.full(len(CURVES), upper, np.float32)
    row[list(MOUTH)] = lower
    return row


@cache
def _expressions() -> Array:
    return np.stack([expression(name) for name in EMOTIONS])
