"""Write what a model does to unseen speech, for a program that scores lips, and print the table.

    python -m export.speech2face.evaluate MODEL.onnx --data DIR --out DIR --score PROGRAM

Each condition gets a folder with curves and phones of every clip as CSV and a list.txt that pairs them. PROGRAM is
called with the list and prints its scores as JSON in its last line (lipread, closed, false_closed, lag_ms, rest_mm).
"""

import argparse
import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soxr
from tqdm import tqdm

from bridge.curves import CURVES
from bridge.face.hearing import hear_clip
from bridge.face.model import load
from bridge.face.shapes import parts
from bridge.frames import AUDIO_RATE, FRAME_RATE
from bridge.speech.phones import ARPABET
from export.speech2face.align import RATE
from export.speech2face.augment import NO_SPEECH, add_noise, coloured_noise
from export.speech2face.batches import Clips
from export.speech2face.corpora import ASTRAY

Sound = npt.NDArray[np.float32]
Timed = tuple[float, float, str]
Scores = dict[str, float | None]

SEED = 77
"""Of the noises heard here; those of training come from others."""

_ARPABET = {ipa: arpabet for arpabet, ipa in ARPABET.items()} | {
    "ə": "AH",
    "ɨ": "IH",
    "ʉ": "UW",
    "a": "AA",
    "e": "EY",
    "o": "OW",
}


class Case(NamedTuple):
    """A clip under a condition: sound at RATE and what is said when."""

    condition: str
    name: str
    sound: Sound
    phones: list[Timed]


def arpabet(symbol: str) -> str:
    """The nearest sound of English: itself, or one that looks like it."""
    if symbol in _ARPABET:
        return _ARPABET[symbol]
    shape = parts(symbol)[0][0]
    if shape.vowel:
        if max(shape.pucker, shape.funnel) > 0.25:
            return "AO" if shape.jaw > 0.3 else "UW"
        return "AA" if shape.jaw > 0.38 else "EH" if shape.jaw > 0.2 else "IY"
    return "P" if shape.seal > 0.5 else "F" if shape.tuck > 0.5 else "T"


def spoken(clips: Clips, condition: str, chosen: list[int]) -> Iterator[Case]:
    """Clips as they are."""
    for i in chosen:
        about = clips.about[i]
        phones = [(start, end, arpabet(symbol)) for symbol, start, end, _ in about["phones"]]
        yield Case(condition, about["name"], clips.sound(i), with_pauses(phones, about["samples"] / RATE))


def with_pauses(phones: list[Timed], seconds: float) -> list[Timed]:
    """The same with silence named."""
    out, now = [], 0.0
    for start, end, symbol in sorted(phones):
        if start > now:
            out.append((now, start, "sil"))
        out.append((start, end, symbol))
        now = max(now, end)
    return [*out, (now, seconds, "sil")] if seconds > now else out


def noisy(cases: Iterator[Case], decibels: float) -> Iterator[Case]:
    """The same in noise so many decibels below the speech."""
    draw = np.random.default_rng(SEED)
    for case in cases:
        noise = coloured_noise(len(case.sound), draw)
        yield case._replace(condition=f"noise at {decibels:.0f} dB", sound=add_noise(case.sound, noise, decibels))


def wordless() -> Iterator[Case]:
    """Sounds during which the lips ought to rest."""
    draw = np.random.default_rng(SEED)
    for kind, make in NO_SPEECH.items():
        for i in range(8):
            yield Case(kind, f"{kind}{i}", 0.05 * make(8 * RATE, draw), [(0.0, 8.0, "sil")])


def cases(clips: Clips) -> Iterator[Case]:
    """Everything that is scored."""

    def of(corpus: str, split: str) -> list[int]:
        return [i for i in clips.where(split) if clips.about[i]["corpus"].startswith(corpus)]

    def sure(chosen: list[int]) -> list[int]:
        return [i for i in chosen if clips.about[i]["name"] not in ASTRAY]

    people, reader = of("speechocean762", "test"), of("ljspeech", "known")
    yield from spoken(clips, "unseen people", people)
    yield from spoken(clips, "unseen people, times confirmed", sure(people))
    yield from spoken(clips, "known reader, new sentences", reader)
    yield from spoken(clips, "known reader, times confirmed", sure(reader))
    yield from spoken(clips, "unseen TTS", of("flite", "test"))
    for language, name in {"cmn": "Mandarin", "es": "Spanish", "de": "German"}.items():
        yield from spoken(clips, f"{name} (espeak-ng, unseen throat)", of(f"espeak-{language}", "test"))
    for decibels in (20, 10, 5):
        yield from noisy(spoken(clips, "", people), decibels)
    yield from wordless()


def write(folder: Path, case: Case, curves: npt.NDArray[np.float32]) -> str:
    """Write a case's curves and phones; returns its line in the list."""
    with open(folder / f"{case.name}.curves.csv", "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["time", *CURVES])
        out.writerows([f"{i / FRAME_RATE:.6f}", *(f"{x:.5f}" for x in row)] for i, row in enumerate(curves))
    with open(folder / f"{case.name}.phones.csv", "w", newline="") as file:
        csv.writer(file).writerows(case.phones)
    return f"{case.name}.curves.csv {case.name}.phones.csv\n"


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="what `prepare` wrote")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--score", metavar="PROGRAM", help="a Python program that scores a list")
    options = parser.parse_args(arguments)
    model, lists = load(options.model, "cpu"), {}
    for case in tqdm(cases(Clips(options.data)), unit=" clips"):
        folder = options.out / case.condition.replace(" ", "-").replace(",", "")
        if case.condition not in lists:
            folder.mkdir(parents=True, exist_ok=True)
            lists[case.condition] = folder / "list.txt"
            lists[case.condition].write_text("")
        pcm = np.clip(soxr.resample(case.sound, RATE, AUDIO_RATE) * 32767, -32768, 32767).astype(np.int16)
        with open(lists[case.condition], "a") as file:
            file.write(write(folder, case, hear_clip(model, pcm).curves))
    if options.score:
        scores = {name: score(options.score, path) for name, path in lists.items()}
        (options.out / "scores.json").write_text(json.dumps(scores))
        print(table(scores))


def score(program: str, path: Path) -> Scores:
    """What the program says of a list."""
    said = subprocess.run([sys.executable, program, str(path)], capture_output=True, text=True, check=True).stdout
    scores = json.loads(said.splitlines()[-1])
    scores = {name: value if np.isfinite(value) else None for name, value in scores.items()}
    if scores["closure_auc"] is None:  # nothing was said
        scores["lag_ms"] = None
    return scores


COLUMNS = ("lipread", "closure_auc", "closed", "false_closed", "open_rho", "round_auc", "fv_auc", "lag_ms", "rest_mm")


def table(scores: dict[str, Scores]) -> str:
    """Markdown; what a condition has too little of stands as a dash."""
    lines = ["| condition | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for condition, found in scores.items():
        known = {name: value for name, value in found.items() if value is not None and np.isfinite(value)}
        cells = (f"{known[name]:.3f}" if name in known else "–" for name in COLUMNS)
        lines.append(f"| {condition} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
