"""Corpora to one folder of arrays that training maps into memory.

    python -m export.speech2face.prepare --out DIR --ljspeech DIR --speechocean762 DIR --librispeech DIR

Any of the corpora may be left out. LJ Speech 1.1: https://keithito.com/LJ-Speech-Dataset (public domain) with the phone
times of any forced aligner; speechocean762: https://www.openslr.org/101 (free for any use); LibriSpeech:
https://www.openslr.org/12 (CC BY 4.0). flite must be installed, espeak-ng comes with the bridge.
"""

import argparse
import json
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from tqdm import tqdm

from bridge.frames import AUDIO_RATE, FRAME_RATE, Phone
from export.speech2face import corpora, synthesis
from export.speech2face.align import RATE
from export.speech2face.corpora import Utterance
from export.speech2face.targets import TARGETS, targets
from export.speech2face.voices import Voice, recast, strangers

STRANGERS = {"ljspeech": 5, "speechocean762": 6, "librispeech": 4}
"""In how many other voices each speaker of a corpus is heard, besides the true one."""

CONFIDENCE = {"librispeech": 0.5}
"""How far labels are trusted; 1 where nothing is said."""


ARRAYS = ("pcm", "rows", "classes")


def frames_in(samples: int) -> int:
    """Frames whose instant lies within so many samples."""
    return samples * FRAME_RATE // RATE


def variant(utterance: Utterance, voice: Voice) -> dict[str, Any]:
    """A clip in a voice, with its targets."""
    pcm = recast(utterance.pcm, voice)
    phones = [Phone(p.symbol, p.start / voice.pace, p.end / voice.pace, p.stress) for p in utterance.phones]
    count = frames_in(len(pcm))
    rows, classes = targets(phones, soxr.resample(pcm, RATE, AUDIO_RATE), count)
    return {
        "about": {"name": utterance.name, "speaker": utterance.speaker, "corpus": utterance.corpus,
                  "split": utterance.split, "voice": voice, "samples": len(pcm), "frames": count,
                  "confidence": CONFIDENCE.get(utterance.corpus, 1.0),
                  "phones": [tuple(p) for p in phones]},
        "pcm": pcm, "rows": rows.astype(np.float16), "classes": classes,
    }  # fmt: skip


def variants(utterance: Utterance) -> list[dict[str, Any]]:
    """All that training or testing wants of a clip."""
    others = STRANGERS.get(utterance.corpus, 0) if utterance.split == "train" else 0
    return [variant(utterance, voice) for voice in (Voice(), *strangers(utterance.speaker, others))]


def gather(options: argparse.Namespace) -> Iterator[Utterance]:
    """All utterances of all corpora."""
    texts = []
    if options.ljspeech:
        texts += [line.split("|")[-1] for line in (options.ljspeech / "metadata.csv").read_text().splitlines()]
        yield from corpora.ljspeech(options.ljspeech)
    if options.speechocean762:
        texts += [
            line.split("\t", 1)[-1].lower() for line in (options.speechocean762 / "text").read_text().splitlines()
        ]
        yield from corpora.speechocean762(options.speechocean762, options.out / "speechocean762.json")
    if options.librispeech:
        yield from corpora.librispeech(options.librispeech, options.out / "librispeech.json")
    texts = [text for text in texts if len(re.findall(r"\w+", text)) > 3]
    yield from synthesis.espeak(texts, options.minutes, "train", options.seed)
    yield from synthesis.espeak(texts, 6, "test", options.seed)
    for voice in synthesis.FLITE:
        yield from synthesis.flite(texts, options.minutes / 4, voice, "train", options.seed)
    yield from synthesis.flite(texts, 4, synthesis.FLITE_TEST, "test", options.seed)


def write(folder: Path, utterances: Iterable[Utterance]) -> list[dict[str, Any]]:
    """Write all variants of the utterances for `batches.Clips`; returns what is known of each clip."""
    folder.mkdir(parents=True, exist_ok=True)
    index, sample, frame = [], 0, 0
    with ExitStack() as stack, ProcessPoolExecutor(2) as pool:
        files = {name: stack.enter_context(open(folder / f"{name}.bin", "wb")) for name in ARRAYS}
        for found in tqdm(pool.map(variants, utterances, chunksize=4), unit=" clips"):
            for clip in found:
                for name in ARRAYS:
                    np.asarray(clip[name]).tofile(files[name])
                about = clip["about"] | {"sample": sample, "frame": frame}
                index.append(about)
                sample, frame = sample + about["samples"], frame + about["frames"]
    (folder / "index.json").write_text(json.dumps({"targets": TARGETS, "clips": index}))
    return index


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    for corpus in ("ljspeech", "speechocean762", "librispeech"):
        parser.add_argument(f"--{corpus}", type=Path, metavar="DIR")
    parser.add_argument("--minutes", type=float, default=40, help="of espeak-ng; flite's voices give a quarter each")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    wanted = (u for u in gather(options) if u.split != "train" or u.name not in corpora.ASTRAY)
    index = write(options.out, wanted)
    for part in sorted({(about["corpus"].split("-")[0], about["split"]) for about in index}):
        length = sum(a["samples"] for a in index if (a["corpus"].split("-")[0], a["split"]) == part)
        print(*part, f"{length / RATE / 60:.1f} minutes")


if __name__ == "__main__":
    main()
