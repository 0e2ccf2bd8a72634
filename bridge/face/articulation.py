"""Phones with times to the curves of the mouth: coarticulation.

A blend of two published models, each where it is at its best:

* What sounds share, the jaw's height and how lips spread and round, follows the dominance functions of Cohen & Massaro
  ("Modeling coarticulation in synthetic visual speech", 1993): every sound pulls each articulator towards its target
  with a strength that fades before and after it, and the articulator stands at the weighted mean. Ours fade from a
  sound's edges rather than from its centre, by a raised cosine, so that a long sound is held, a short one undershoots
  and none reaches further than `REACH`. Rounding looks ahead the furthest, through consonants that leave the lips free,
  but not past the vowel before (Öhman, J. Acoust. Soc. Am. 39, 1966).
* What a sound cannot do without, the closure of P B M, the lip under the teeth of F V, the tongue between them of TH,
  is a gesture with its own activation (Browman & Goldstein, "Articulatory phonology", Phonetica 49, 1992) that
  overrides the blend. It aims beyond contact, as speakers' lips do (Löfqvist & Gracco, J. Speech Lang. Hear. Res. 40,
  1997), and so gets there at any rate of speech; what goes beyond contact presses the lips together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bridge.face.loudness import loudness
from bridge.face.mouth import VIRTUAL, Floats, Posture, pose
from bridge.face.shapes import Shape, parts
from bridge.frames import FRAME_RATE, Phone
from bridge.skeleton import Array

__all__ = ["SPEED_LIMIT", "FaceTrack", "articulate", "authority", "loudness", "postures"]

REACH = {"jaw": (0.08, 0.08), "lips": (0.08, 0.08), "round": (0.20, 0.12)}
"""Seconds before and after a sound within which it pulls at an articulator; half of the pull is left at half of them.
Rounding begins the earlier the more consonants stand before the vowel (Perkell & Matthies, J. Acoust. Soc. Am. 91,
1992). These and the constants below are ours, tuned with `tests/score_lips.py` on a human reader's aligned speech."""

_REST_REACH = 0.06
_REST_GRIP = 0.7
_REST_FULL = 0.12
"""A pause pulls the mouth shut with this grip, all of it if the pause lasts as long as this; seconds."""

_GESTURE_RAMP = 0.05
_GESTURE_WITHIN = 0.03
"""Seconds that a gesture takes to form and to fade, and how far inside its sound it reaches and leaves its aim."""

_RELEASE = 0.15
"""Last share of a sound's time in which its gesture is let go already: of a stop, the burst and the breath."""

_AUTHORITY_EASE = 0.2
"""Seconds before and after words over which the mouth is given up to the emotions."""

_STRESS = np.array([0.92, 1.1, 1.03])
"""How far jaw and lips go in vowels by stress: none, primary, secondary."""

_LOUDNESS_GAIN = 0.5
"""How far the mouth opens runs from 1 minus half of this where there is no sound to 1 plus half of it where it is
twice as loud as usual."""

_SMOOTHING = np.array([0.3, 0.4, 0.3])
_PAD = len(_SMOOTHING) // 2

SPEED_LIMIT = FRAME_RATE * float(_SMOOTHING.max())
"""No curve moves faster: 24, weight a second. From frame to frame the output of a filter with one peak moves by that
peak at most while its input stays within 0..1."""

_BLOCK = 256
"""Frames computed together, so that the time taken stays linear in the length of the speech."""


@dataclass(slots=True)
class FaceTrack:
    """What speech does to the face, a row a frame.

    curves (count, 52) float32 weights 0..1, only what speech adds. authority (count,) float32 0..1: how much speech
    needs the mouth, 1 within words, easing to 0 in pauses; emotion on the mouth yields by it.
    """

    curves: Array
    authority: Array


def articulate(
    phones: Sequence[Phone],
    count: int,
    *,
    first_frame: int = 0,
    loudness: Array | None = None,
    strength: float = 1.0,
) -> FaceTrack:
    """The face that says `phones`: row i shows the instant (first_frame + i) / 60 s on their clock.

    loudness (count,) 0..1 as from `loudness`; none means the usual level. strength scales how far the mouth goes: 0 not
    at all, 1 as people do; above 1 it exaggerates, and closures stay closed. A row does not depend on which others are
    asked for, so a sentence may be taken in pieces. Raises ValueError if loudness is not one value a frame.
    """
    if loudness is not None and len(loudness) != count:
        raise ValueError(f"loudness has {len(loudness)} values for {count} frames; give one a frame")
    at = np.arange(first_frame - _PAD, first_frame + count + _PAD) / FRAME_RATE
    edged = np.pad(loudness, _PAD, "edge") if loudness is not None and count else None
    posture = postures(phones, at, loudness=edged, strength=strength)
    return FaceTrack(_smooth(np.clip(pose(posture), 0, 1)), _smooth(authority(phones, at)))


def postures(phones: Sequence[Phone], at: Floats, *, loudness: Array | None = None, strength: float = 1.0) -> Posture:
    """The articulators that say `phones` at the times `at` (count,) in seconds, rising, before any smoothing.

    loudness (count,) and strength as for `articulate`.
    """
    score = _score(phones, strength)
    blocks = [_posture(score, at[i : i + _BLOCK]) for i in range(0, len(at), _BLOCK)]
    posture = Posture(*(np.concatenate(column) for column in zip(*blocks, strict=True)))
    if loudness is None:
        return posture
    gain = 1 + _LOUDNESS_GAIN * (loudness - 0.5)
    return posture._replace(jaw=posture.jaw * gain, part=posture.part * gain)


@dataclass(slots=True)
class _Score:
    """Sounds in the order of time, pauses among them: in every array an entry a sound. Times in seconds."""

    start: Floats
    end: Floats
    reach_before: dict[str, Floats]
    reach_after: dict[str, Floats]
    grip: dict[str, Floats]
    target: dict[str, Floats]
    gesture: dict[str, Floats]


_ORGANS = {"jaw": ("jaw",), "lips": ("part", "wide"), "round": ("pucker", "funnel")}
_GESTURES = ("seal", "tuck", "tongue")
_FOREVER = 1e6


def _sounds(phones: Sequence[Phone]) -> list[tuple[float, float, int, Shape | None]]:
    """Start, end, stress and shape of all that happens; no shape is a pause. The first and last pauses are endless."""
    out: list[tuple[float, float, int, Shape | None]] = []
    now = -_FOREVER
    for symbol, start, end, stress in sorted(phones, key=lambda phone: phone.start):
        if not (shapes := parts(symbol)):
            continue
        if start > now:
            out.append((now, start, 0, None))
        at = start
        for shape, share in shapes:
            then = at + share * max(end - start, 0.0)
            out.append((at, then, stress, shape))
            at = then
        now = max(now, at)
    out.append((now, _FOREVER, 0, None))
    return out


def _score(phones: Sequence[Phone], strength: float) -> _Score:
    """The sounds as arrays, with stress, strength and reach worked in."""
    sounds = _sounds(phones)
    rest = np.array([shape is None for *_, shape in sounds])
    start, end, stress = (np.array(column) for column in list(zip(*sounds, strict=True))[:3])
    table = np.array([shape or Shape() for *_, shape in sounds], float)
    field = dict(zip(Shape._fields, table.T, strict=True))
    vowel = field["vowel"] > 0
    extent = strength * np.where(vowel, _STRESS[stress], 1)
    rest_grip = _REST_GRIP * np.minimum(1, (end - start) / _REST_FULL)
    before = {organ: np.where(rest, _REST_REACH, REACH[organ][0]) for organ in _ORGANS}
    before["round"] = np.minimum(before["round"], _since_vowel(start, end, vowel))
    return _Score(
        start,
        end,
        reach_before=before,
        reach_after={organ: np.where(rest, _REST_REACH, REACH[organ][1]) for organ in _ORGANS},
        grip={organ: np.where(rest, rest_grip, field[organ + "_grip"]) for organ in _ORGANS},
        target={name: extent * field[name] for names in _ORGANS.values() for name in names},
        gesture={name: min(strength, 1) * field[name] for name in _GESTURES},
    )


def _since_vowel(start: Floats, end: Floats, vowel: npt.NDArray[np.bool_]) -> Floats:
    """Seconds from the middle of the vowel before to each sound, at least the reach of a pause."""
    middle = np.where(vowel, (start + end) / 2, -_FOREVER)
    before = np.concatenate(([-_FOREVER], np.maximum.accumulate(middle)[:-1]))
    return np.maximum(start - before, _REST_REACH)


def _posture(score: _Score, at: Floats) -> Posture:
    """The articulators at the times `at`, which lie close together."""
    margin = max(max(reach) for reach in REACH.values())
    begin = int(np.searchsorted(np.maximum.accumulate(score.end), at[0] - margin))
    nearby = slice(begin, int(np.searchsorted(score.start, at[-1] + margin, "right")))
    found = {gesture: _activation(score, gesture, at, nearby) for gesture in _GESTURES}
    for organ in _ORGANS:
        found |= _blend(score, organ, at, nearby)
    return Posture(**found)


def _blend(score: _Score, organ: str, at: Floats, nearby: slice) -> dict[str, Floats]:
    """The dominance-weighted means of the targets of an organ at the times `at`."""
    before = (score.start[nearby] - at[:, None]) / score.reach_before[organ][nearby]
    after = (at[:, None] - score.end[nearby]) / score.reach_after[organ][nearby]
    dominance = _fade(np.maximum(before, after)) * score.grip[organ][nearby]
    dominance /= dominance.sum(1, keepdims=True)
    return {name: dominance @ score.target[name][nearby] for name in _ORGANS[organ]}


def _activation(score: _Score, gesture: str, at: Floats, nearby: slice) -> Floats:
    """How far a gesture is carried out at the times `at`: (count,), 1 at contact, VIRTUAL at most."""
    needs = score.gesture[gesture][nearby]
    start, end, needs = score.start[nearby][needs > 0], score.end[nearby][needs > 0], needs[needs > 0]
    held = (1 - _RELEASE) * (end - start)
    within = np.minimum(_GESTURE_WITHIN, held / 2)
    away = np.maximum(start + within - at[:, None], at[:, None] - (start + held - within))
    absent: Floats = np.prod(1 - needs * _fade(away / _GESTURE_RAMP), axis=1)
    return VIRTUAL * (1 - absent)


def authority(phones: Sequence[Phone], at: Floats) -> Floats:
    """1 within phones, easing to 0 before and after them, at the times `at`."""
    spoken = sorted((phone.start, phone.end) for phone in phones if parts(phone.symbol))
    start = np.array([-_FOREVER, *(begin for begin, _ in spoken), _FOREVER])
    end = np.maximum.accumulate([-_FOREVER, *(end for _, end in spoken)])
    i = np.searchsorted(start, at, "right")
    return _fade(np.minimum(start[i] - at, at - end[i - 1]) / _AUTHORITY_EASE)


def _fade(x: Floats) -> Floats:
    """1 up to 0, then down to 0 at 1 as a raised cosine."""
    return 0.5 + 0.5 * np.cos(np.pi * np.clip(x, 0, 1))


def _smooth(rows: Floats | Array) -> Array:
    """The rows without the padding at both ends, none moving faster than SPEED_LIMIT."""
    count = len(rows) - 2 * _PAD
    return np.asarray(sum(tap * rows[i : i + count] for i, tap in enumerate(_SMOOTHING)), np.float32)
