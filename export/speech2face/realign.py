"""A second opinion on an alignment, by a trained network: which clips were aligned too badly to learn from?

    python -m export.speech2face.realign MODEL.pt --cache DIR/speechocean762.json --audio DIR --out FILE

Only the order of the sounds is taken from the first alignment. A sound runs through its shapes in turn, at least a
frame each; between any two sounds there may be silence. Where the two alignments differ by more than TOLERANCE on
average, one is astray, and the clip goes to the list; those of the default model's training stand in astray.json.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from bridge.face.shapes import parts
from bridge.frames import FRAME_RATE
from export.speech2face.align import Timed
from export.speech2face.corpora import arpabet, read_sound
from export.speech2face.model import RATE, Speech2Face, load
from export.speech2face.targets import CLASS

PAUSE = -3.0
"""Log-likelihood that a silence between two sounds costs."""
PRIOR = 0.6
"""Power of the sounds' frequencies by which their probabilities are divided; hybrids of network and Markov model do so
(Bourlard & Morgan, "Connectionist speech recognition", 1994)."""

TOLERANCE = 0.1
"""Seconds."""

Scores = npt.NDArray[np.float64]


def realign(likelihood: Scores, timed: list[Timed]) -> list[Timed]:
    """The sounds at new times. likelihood (frames, classes) as from `likelihoods`.

    Raises ValueError if there are fewer frames than sounds.
    """
    classes, owner = _states(timed)
    path = _best_path(likelihood[:, classes], owner < 0)
    out: list[Timed] = []
    for i, (symbol, _, _) in enumerate(timed):
        at = np.flatnonzero(owner[path] == i)
        out.append((symbol, max(at[0] - 0.5, 0) / FRAME_RATE, (at[-1] + 0.5) / FRAME_RATE))
    return out


def _states(timed: list[Timed]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """For each state its class and whose it is: silence (-1), first sound, silence, second sound, ..."""
    classes, owner = [0], [-1]
    for i, sound in enumerate(timed):
        shapes = [shape for shape, _ in parts(arpabet([sound])[0].symbol)]
        classes += [*(CLASS[shape] for shape in shapes), 0]
        owner += [i] * len(shapes) + [-1]
    return np.array(classes), np.array(owner)


def _best_path(scores: Scores, optional: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """The best way from the first states to the last (Viterbi, 1967): stay, go on, or pass over an optional state."""
    count, size = scores.shape
    if count < size:
        raise ValueError(f"{count} frames for {size} states")
    best, came = np.full(size, -np.inf), np.zeros((count, size), np.int8)
    best[:2] = scores[0, :2]
    entry = np.where(optional, PAUSE, 0.0)
    skip = np.zeros(size, bool)
    skip[2:] = optional[1:-1]
    for t in range(1, count):
        ways = np.full((3, size), -np.inf)
        ways[0], ways[1, 1:] = best, best[:-1] + entry[1:]
        ways[2, 2:] = np.where(skip[2:], best[:-2], -np.inf)
        came[t] = ways.argmax(0)
        best = ways.max(0) + scores[t]
    state = size - 1 if best[-1] > best[-2] else size - 2
    path = np.zeros(count, np.intp)
    for t in range(count - 1, -1, -1):
        path[t] = state
        state -= int(came[t, state])
    return path


@torch.no_grad()
def likelihoods(network: Speech2Face, sound: npt.NDArray[np.int16], prior: Scores) -> Scores:
    """Log-likelihoods of the classes, (frames, classes), up to a constant."""
    heard = torch.from_numpy(sound / np.float32(32768))[None]
    _, sounds = network(heard, len(sound) * FRAME_RATE // RATE)
    return np.asarray(sounds[0].log_softmax(-1), np.float64) - PRIOR * np.log(prior)


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="what `prepare` aligned")
    parser.add_argument("--audio", type=Path, required=True, metavar="DIR")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    network, _, _ = load(str(options.model))
    known = json.loads(options.cache.read_text())
    prior = np.full(1 + len(CLASS), 1.0)
    for timed in filter(None, known.values()):
        for phone in arpabet(timed):
            for shape, share in parts(phone.symbol):
                prior[CLASS[shape]] += share * (phone.end - phone.start) * FRAME_RATE
    prior[0] += prior.sum() / 4
    astray = []
    for path in tqdm(sorted(options.audio.iterdir()), unit=" clips"):
        timed = known.get(path.stem)
        if not timed or shift(timed, likelihoods(network, read_sound(path), prior / prior.sum())) > TOLERANCE:
            astray.append(path.stem)
    options.out.write_text(json.dumps(astray))
    print(f"{len(astray)} of {len(known)} clips are astray")


def shift(timed: list[Timed], likelihood: Scores) -> float:
    """How far the starts of the sounds move on average, seconds; without end if they do not fit."""
    try:
        again = realign(likelihood, timed)
    except ValueError:
        return np.inf
    return float(np.mean([abs(b[1] - a[1]) for a, b in zip(timed, again, strict=True)]))


if __name__ == "__main__":
    main()
