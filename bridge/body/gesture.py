"""What speaking adds to the body: the head, brows, trunk and hands move with stress and phrase.

Heads move with the voice, and help to understand it (Munhall et al. 2004, Psychol. Sci. 15): small nods go with
accents, larger moves with the phrase (Graf et al. 2002, Proc. IEEE FG; Hadar et al. 1983, Lang. Speech 26), and more
of both the livelier the speech (Busso et al. 2007, IEEE TASLP 15). Brows rise on some accents, not on all (Cavé et al.
1996, Proc. ICSLP). Hands beat where the voice does (McNeill 1992, Hand and Mind). Sizes and chances without a source
are our choice, made by eye.
"""

from typing import NamedTuple

import numpy as np

from bridge.body.blink import blink, close_lids
from bridge.body.ease import bump, glide, smoothstep
from bridge.body.noise import Floats, Ints, normal, smooth, uniform
from bridge.curves import INDEX
from bridge.frames import FRAME_RATE, Motion, Phone, Speech
from bridge.skeleton import JOINT_INDEX, JOINTS, Array, from_rotation_vector

ONSET = (0.2, 0.35)
"""Seconds by which gestures begin before the first sound, and in which they come to their strength."""

SETTLING = 0.9
"""Seconds in which everything goes back to rest after the last sound."""

PAUSE = 0.08
"""Seconds without a phone that part two phrases."""

ACCENT_GAP = 0.32
"""Seconds between accents that the head marks, at least: it beats at most some 3 times a second (Hadar et al. 1983)."""

SECONDARY = 0.6
"""Strength of an accent on secondary stress, primary being 1."""

NOD, NOD_RISE, NOD_FALL = 4.0, (0.18, 0.26), (0.28, 0.42)
"""Degrees of the nod on an accent at usual loudness, mostly, and seconds, from to, in which it comes and goes. The
head pitches by a few degrees in talk (Graf et al. 2002; Busso et al. 2007)."""

ASIDE = (1.2, 0.9)
"""Standard deviations of the turn and tilt that come with an accent, degrees."""

RAISED = 0.2
"""Share of accents on which the chin rises instead."""

PHRASE = (1.0, 3.5, 2.0)
"""Standard deviations of where the head stays during a phrase: pitch, turn, tilt in degrees. It moves there in the
pause before (Hadar et al. 1984, Lang. Speech 27)."""

PHRASE_SECONDS = 0.7
FINAL, FINAL_RISE, FINAL_FALL = 2.5, 0.45, 0.7
"""Degrees by which the head sinks towards the end of a phrase, and the seconds that it takes down and up."""

SWAY, SWAY_RATE = (3.0, 4.0, 3.0), 0.7
"""Largest degrees of a slow wandering (mostly within 0.4 of them), and its control points a second."""

BROW_SHARE = 0.45
BROWS = {"browInnerUp": 0.40, "browOuterUpLeft": 0.35, "browOuterUpRight": 0.32}
BROW_RISE, BROW_FALL = 0.2, 0.5
"""Share of accents that raise the brows, how far at most, and seconds."""

BLINK_SHARE, BLINK_SECONDS = 0.5, (0.12, 0.2)
"""Share of phrases that end in a blink, and seconds in which it closes and opens: who speaks blinks at the breaks
(Nakano & Kitazawa 2010, Exp. Brain Res. 205), and so 26 times a minute rather than 17 (Bentivoglio et al. 1997)."""

HANDS_SHARE, HANDS_SHORTEST = 0.6, 0.7
"""Share of phrases in which hands speak too, and seconds that a phrase must last for it."""

HANDS = np.array([(0.0, 1.0), (1.0, 0.0), (1.0, 1.0)])
HANDS_CHANCE = np.array([0.45, 0.70])
"""Which of left and right takes part, and where chance goes over to the next of these."""

LIFT_SECONDS, LOWER_SECONDS = 0.75, 0.9
BEAT_RISE, BEAT_FALL = 0.2, 0.3
"""Seconds in which forearms rise and sink, and in which a beat comes and goes."""

_X, _Y, _Z = 0, 1, 2

HEAD: tuple[tuple[str, float], ...] = (("upperChest", 0.08), ("neck", 0.34), ("head", 0.58))
"""Joint and its share of what the head does."""

LEAN: tuple[tuple[str, float], ...] = (("spine", 0.7), ("chest", 0.6), ("upperChest", 0.4), ("head", -1.4))
"""Joint and degrees by which who speaks leans forward."""

LIFT: tuple[tuple[str, int, float], ...] = (
    ("UpperArm", _Y, -7.0), ("UpperArm", _Z, 3.0), ("LowerArm", _Y, -38.0), ("LowerArm", _X, -22.0), ("Hand", _Z, 8.0),
)  # fmt: skip
BEAT: tuple[tuple[str, int, float], ...] = (("LowerArm", _Y, 5.0), ("UpperArm", _Y, 1.5), ("Hand", _Z, -7.0))
"""Joint, axis and degrees of the left arm: lifted before the body, palm half up; and at the stroke of a beat."""


class Accents(NamedTuple):
    """Stressed sounds that the body marks: seconds, and strength 0..1 (0.5 is usual)."""

    time: Floats
    strength: Floats

    def bumps(self, t: Floats, rise: Floats | float, fall: Floats | float) -> Floats:
        """(len(t), accents): a bump at each accent, of its strength in terms of the usual one."""
        return bump(t[:, None] - self.time, rise, fall) * (2 * self.strength)


def gesture(speech: Speech, first_frame: int, count: int, seed: int, energy: Array) -> Motion:
    """What speaking adds in `count` frames from `first_frame` on; row i is (first_frame + i) / 60 s from its start.

    energy (count,) is the loudness of each row, 0..1, 0.5 being usual: accents take their strength from it, so ask for
    all of a speech at once, at least from ONSET before its start to SETTLING after its end. There it is at rest, as it
    is where nothing is spoken. Legs, pelvis and eyes stay as they are.
    """
    motion = Motion.rest(count)
    phrases = _phrases(speech.phones)
    if not len(phrases):
        return motion
    t = np.arange(first_frame, first_frame + count) / FRAME_RATE
    accents = _accents(speech.phones, t, energy)
    turns = np.zeros((count, len(JOINTS), 3))
    present = _present(t, phrases[0, 0], phrases[-1, 1])
    _move_head(_head(seed, t, phrases, accents) * present[:, None], turns)
    for name, lean in LEAN:
        turns[:, JOINT_INDEX[name], _X] += np.radians(lean) * present
    _move_hands(seed, t, phrases, accents, present, turns)
    motion.rotations[:] = from_rotation_vector(turns)
    _raise_brows(seed, t, accents, present, motion.curves)
    close_lids(motion.curves, _blinks(seed, t, phrases[:, 1]))
    return motion


def _phrases(phones: list[Phone]) -> Floats:
    """Start and end (n, 2) in seconds of what is spoken without a pause."""
    phrases: list[list[float]] = []
    for phone in phones:
        if phrases and phone.start - phrases[-1][1] < PAUSE:
            phrases[-1][1] = max(phrases[-1][1], phone.end)
        else:
            phrases.append([phone.start, phone.end])
    return np.array(phrases).reshape(-1, 2)


def _accents(phones: list[Phone], t: Floats, energy: Array) -> Accents:
    """The stressed sounds, the stronger of two that are closer than ACCENT_GAP."""
    kept: list[tuple[float, float]] = []
    for phone in phones:
        if phone.stress:
            begin, end = np.searchsorted(t, (phone.start, phone.end))
            loudness = float(energy[begin:end].max(initial=0.0))
            accent = (phone.start + 0.4 * (phone.end - phone.start), loudness * (SECONDARY if phone.stress == 2 else 1))
            if not kept or accent[0] - kept[-1][0] >= ACCENT_GAP:
                kept.append(accent)
            elif accent[1] > kept[-1][1]:
                kept[-1] = accent
    return Accents(*np.array(kept).reshape(-1, 2).T)


def _present(t: Floats, start: float, end: float) -> Floats:
    """How far the body takes part (n,): 0 before and after, 1 while it speaks."""
    return np.asarray(smoothstep((t - start + ONSET[0]) / ONSET[1]) * (1 - smoothstep((t - end) / SETTLING)))


def _head(seed: int, t: Floats, phrases: Floats, accents: Accents) -> Floats:
    """Pitch, turn and tilt of the head (n, 3) in radians."""
    ids = np.arange(len(accents.time))
    u = uniform(seed, np.arange(4)[:, None], ids)
    nods = NOD * (0.5 + u[0]) * np.where(u[1] < RAISED, -0.6, 1.0)
    moves = np.column_stack([nods, _spread(seed, 4, ids, ASIDE)])
    head = accents.bumps(t, _between(NOD_RISE, u[2]), _between(NOD_FALL, u[3])) @ moves
    head[:, 0] += FINAL * bump(t[:, None] - phrases[:, 1], FINAL_RISE, FINAL_FALL).sum(1)
    head += smooth(seed, np.arange(20, 23), t * SWAY_RATE) * SWAY
    ids = np.arange(len(phrases))
    goals = _spread(seed, 10, ids, PHRASE)
    head += glide(t, goals[0], phrases[1:, 0] - PHRASE_SECONDS / 2, np.full(len(ids) - 1, PHRASE_SECONDS), goals[1:])
    return np.asarray(np.radians(head))


def _spread(seed: int, channel: int, ids: Ints, deviations: tuple[float, ...]) -> Floats:
    """Normal numbers (n, k) of these standard deviations, none beyond two of them."""
    columns = [s * np.clip(normal(seed, channel + 2 * i, ids), -2, 2) for i, s in enumerate(deviations)]
    return np.stack(columns, -1)


def _move_head(head: Floats, turns: Floats) -> None:
    for name, share in HEAD:
        turns[:, JOINT_INDEX[name]] += share * head


def _move_hands(seed: int, t: Floats, phrases: Floats, accents: Accents, present: Floats, turns: Floats) -> None:
    """Lift the forearms in some phrases, and let them beat on the accents meanwhile."""
    lifted = _lifted(seed, t, phrases) * present[:, None]
    beats = accents.bumps(t, BEAT_RISE, BEAT_FALL).sum(1)
    for side, name in enumerate(("left", "right")):
        for table, strength in ((LIFT, lifted[:, side]), (BEAT, lifted[:, side] * beats)):
            for part, axis, degrees in table:
                mirror = 1 if name == "left" or axis == _X else -1
                turns[:, JOINT_INDEX[name + part], axis] += mirror * np.radians(degrees) * strength


def _lifted(seed: int, t: Floats, phrases: Floats) -> Floats:
    """How far each forearm is lifted (n, 2), left and right."""
    ids = np.arange(len(phrases))
    u = uniform(seed, np.arange(30, 33)[:, None], ids)
    start, end = phrases.T
    used = (u[0] < HANDS_SHARE) & (end - start > HANDS_SHORTEST)
    hands = HANDS[np.searchsorted(HANDS_CHANCE, u[1], side="right")]
    up = smoothstep((t[:, None] - start + 0.1) / LIFT_SECONDS)
    down = smoothstep((t[:, None] - end + 0.2) / LOWER_SECONDS)
    return np.asarray((up * (1 - down) * (0.6 + 0.4 * u[2]) * used) @ hands)


def _raise_brows(seed: int, t: Floats, accents: Accents, present: Floats, curves: Array) -> None:
    raised = uniform(seed, 40, np.arange(len(accents.time))) < BROW_SHARE
    brows = present * np.tanh((accents.bumps(t, BROW_RISE, BROW_FALL) * raised).sum(1))
    for name, height in BROWS.items():
        curves[:, INDEX[name]] = height * brows


def _blinks(seed: int, t: Floats, ends: Floats) -> Floats:
    closed = np.zeros(len(t))
    for end in ends[uniform(seed, 41, np.arange(len(ends))) < BLINK_SHARE]:
        closed = np.maximum(closed, blink(t - end, *BLINK_SECONDS))
    return closed


def _between(limits: tuple[float, float], u: Floats) -> Floats:
    return limits[0] + (limits[1] - limits[0]) * u
