"""Write the curves that the face makes of aligned speech, for scoring them or for looking at them.

    python tests/score_lips.py --phones DIR --out DIR [--audio DIR]

Every DIR/NAME.csv of --phones holds one clip: start,end,phone in seconds, a header or none; phones in ARPAbet (stress
digits allowed) or IPA; empty, sil, sp, spn and pau are silence. Sound of the same name in --audio (WAV, FLAC, Ogg:
whatever libsndfile reads) gives the loudness. For each clip NAME.csv appears in --out, a row a frame with a `time`
column and the columns of Live Link Face, and list.txt there names each pair of curves and phones.
"""

import argparse
import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bridge.curves import CURVES
from bridge.face.articulation import FaceTrack, articulate, loudness
from bridge.frames import AUDIO_RATE, FRAME_RATE, Pcm, Phone
from bridge.speech.phones import ARPABET

SILENCE = {"", "SIL", "SP", "SPN", "PAU", "H#", "NSN", "<EPS>"}
TAIL = 0.4
"""Seconds shown after the last phone, in which the mouth closes."""


def read_phones(path: Path) -> list[Phone]:
    """The sounds of an alignment; a row without a number at its start is a header."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if row and row[0].strip()[:1].isdigit()]
    return [phone for row in rows if (phone := _phone(row[2].strip(), float(row[0]), float(row[1])))]


def _phone(label: str, start: float, end: float) -> Phone | None:
    """One row as a phone of our inventory; AH0 is what ARPAbet has for a schwa."""
    if label.upper() in SILENCE:
        return None
    match = re.fullmatch(r"([A-Za-z]+)([0-2]?)", label)
    if match and match[1].upper() in ARPABET:
        symbol = "ə" if label.upper() == "AH0" else ARPABET[match[1].upper()]
        return Phone(symbol, start, end, int(match[2] or 0))
    return Phone(label, start, end)


def read_sound(path: Path) -> Pcm:
    """Mono samples at AUDIO_RATE."""
    try:
        import soundfile
    except ImportError:
        raise SystemExit("reading sound needs a package more: pip install soundfile") from None
    import soxr

    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return np.asarray(np.clip(soxr.resample(samples.mean(1), rate, AUDIO_RATE) * 32767, -32768, 32767), np.int16)


def write_curves(path: Path, track: FaceTrack) -> None:
    """A CSV as Live Link Face writes it, with the time in seconds before it."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["time", "Timecode", "BlendShapeCount", *(name[0].upper() + name[1:] for name in CURVES)])
        for i, row in enumerate(track.curves):
            second, frame = divmod(i, FRAME_RATE)
            timecode = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}:{frame:02}.000"
            out.writerow([f"{i / FRAME_RATE:.6f}", timecode, len(CURVES), *(f"{weight:.5f}" for weight in row)])


def perform(phones: list[Phone], sound: Path | None) -> FaceTrack:
    """The face from time 0 until the mouth has closed after the last phone."""
    count = int((max((phone.end for phone in phones), default=0.0) + TAIL) * FRAME_RATE)
    return articulate(phones, count, loudness=loudness(read_sound(sound), count) if sound else None)


def clips(phones: Path, audio: Path | None) -> Iterator[tuple[Path, Path | None]]:
    """Every alignment with its sound."""
    for path in sorted(phones.glob("*.csv")):
        sound = next(iter(sorted(audio.glob(f"{path.stem}.*"))), None) if audio else None
        if audio and not sound:
            raise SystemExit(f"{audio} has no sound for {path.name}; leave --audio out to do without")
        yield path, sound


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phones", type=Path, required=True, metavar="DIR")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--audio", type=Path, metavar="DIR")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    pairs = []
    for path, sound in clips(options.phones, options.audio):
        write_curves(options.out / path.name, perform(read_phones(path), sound))
        pairs.append(f"{path.name} {os.path.relpath(path, options.out)}\n")
    if not pairs:
        raise SystemExit(f"{options.phones} has no .csv files of phones")
    (options.out / "list.txt").write_text("".join(pairs), encoding="utf-8")
    print(f"{len(pairs)} clips; score them with list.txt in {options.out}")


if __name__ == "__main__":
    main()
