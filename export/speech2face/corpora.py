"""Speech with known sounds: how each corpus lies on disk, and who is kept out of training.

Every reader yields `Utterance`s. Whole speakers are kept out, chosen by a hash of their name, so that the choice is
nobody's and stays the same.
"""

import csv
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from bridge.frames import Phone
from bridge.speech.phones import ARPABET
from export.speech2face.align import RATE, Timed, align, recognise

Samples = npt.NDArray[np.int16]
"""Mono at RATE."""

ASTRAY = frozenset(json.loads(Path(__file__).with_name("astray.json").read_text()))
"""Names of clips whose times are wrong: two alignments of them disagree (`realign` finds them), or the aligner did not
know a word. They are not learnt from."""

SILENCE = frozenset({"", "SIL", "SP", "SPN", "PAU"})


class Utterance(NamedTuple):
    """A clip: who says it, where it comes from, train or dev or test, its sound and its sounds."""

    name: str
    speaker: str
    corpus: str
    split: str
    pcm: Samples
    phones: list[Phone]


def split_of(speaker: str) -> str:
    """Which part a speaker belongs to: a fifth are for testing, a twentieth for choosing between models."""
    draw = zlib.crc32(speaker.encode()) % 20
    return "test" if draw < 4 else "dev" if draw == 4 else "train"


def arpabet(timed: list[Timed]) -> list[Phone]:
    """ARPAbet sounds with times as IPA; silence is left out, AH0 is a schwa."""
    out = []
    for label, start, end in timed:
        match = re.fullmatch(r"([A-Z]+)([0-2]?)", label.upper())
        if match and match[1] not in SILENCE:
            symbol = "ə" if label.upper() == "AH0" else ARPABET[match[1]]
            out.append(Phone(symbol, start, end, int(match[2] or 0)))
    return out


def read_sound(path: Path) -> Samples:
    """A file's sound, mono at RATE."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return np.asarray(np.clip(soxr.resample(samples.mean(1), rate, RATE) * 32767, -32768, 32767), np.int16)


def ljspeech(folder: Path) -> Iterator[Utterance]:
    """LJ Speech 1.1, one reader: audio/*, phones/*.csv with start,end,ARPAbet. Every tenth clip is for testing."""
    for i, path in enumerate(sorted((folder / "phones").glob("*.csv"))):
        with open(path, newline="", encoding="utf-8") as file:
            rows = [row for row in csv.reader(file) if row and row[0][:1].isdigit()]
        phones = arpabet([(row[2], float(row[0]), float(row[1])) for row in rows])
        sound = next((folder / "audio").glob(path.stem + ".*"))
        yield Utterance(path.stem, "lj", "ljspeech", "known" if i % 10 == 0 else "train", read_sound(sound), phones)


def speechocean762(folder: Path, cache: Path) -> Iterator[Utterance]:
    """speechocean762: audio/*, text-phone (the sounds of each word), utt2spk. Aligned here, into `cache`."""
    words: dict[str, list[list[str]]] = defaultdict(list)
    for line in (folder / "text-phone").read_text().splitlines():
        key, *sounds = line.split()
        words[key.split(".")[0]].append([sound.split("_")[0] for sound in sounds])
    speakers = dict(line.split() for line in (folder / "utt2spk").read_text().splitlines())
    known = _read_cache(cache)
    for path in sorted((folder / "audio").iterdir()):
        pcm, name = read_sound(path), path.stem
        if name not in known:
            known[name] = align(pcm, words[name])
        if known[name]:
            speaker = speakers[name]
            yield Utterance(name, speaker, "speechocean762", split_of(speaker), pcm, arpabet(known[name] or []))
    cache.write_text(json.dumps(known))


def librispeech(folder: Path, cache: Path) -> Iterator[Utterance]:
    """LibriSpeech: audio/SPEAKER-*.flac. The words are recognised, so the sounds are guesses: for training only."""
    known = _read_cache(cache)
    for path in sorted((folder / "audio").iterdir()):
        pcm, name = read_sound(path), path.stem
        if name not in known:
            known[name] = align(pcm, words) if (words := recognise(pcm)) else None
        yield Utterance(name, name.split("-")[0], "librispeech", "train", pcm, arpabet(known[name] or []))
    cache.write_text(json.dumps(known))


def _read_cache(path: Path) -> dict[str, list[Timed] | None]:
    return json.loads(path.read_text()) if path.exists() else {}
