"""Forced alignment of English: words known, when was each sound?

PocketSphinx and the acoustic model in its package find the times. They are good to 20 or 30 ms for adults who read,
less good for children.
"""

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
from pocketsphinx import Config, Decoder, get_model_path

RATE = 16000
HOP = 0.01
"""Seconds between the decoder's frames."""

_STRESS = re.compile(r"\d")

Timed = tuple[str, float, float]
"""An ARPAbet symbol, with its stress if known, and the seconds of its start and end."""


@cache
def _recogniser() -> Decoder:
    names = {"hmm": "en-us/en-us", "dict": "en-us/cmudict-en-us.dict", "lm": "en-us/en-us.lm.bin"}
    return Decoder(Config(**{name: get_model_path(path) for name, path in names.items()}, loglevel="FATAL"))


def _aligner() -> Decoder:
    """A decoder with an empty dictionary and wide beams. One an utterance: its second pass spoils it for another."""
    beams = {"beam": 1e-80, "wbeam": 1e-60, "pbeam": 1e-80}
    hmm = get_model_path("en-us/en-us")
    # bestpath: a second search over the words, whose times the search for sounds can't always meet
    return Decoder(Config(hmm=hmm, dict=None, lm=None, bestpath=False, **beams, loglevel="FATAL"))


def align(pcm: npt.NDArray[np.int16], words: Sequence[Sequence[str]]) -> list[Timed] | None:
    """The sounds of `pcm`, 16 kHz mono, whose words are given as ARPAbet sounds; None where they do not fit.

    Silence is left out. Two passes: words first, sounds within them second.
    """
    decoder = _aligner()
    names = ["_".join(word).lower() for word in words]
    spelt = dict(zip(names, words, strict=True))
    for name, sounds in spelt.items():
        decoder.add_word(name, _STRESS.sub("", " ".join(sounds)), False)
    decoder.set_align_text(" ".join(names))
    if not _run(decoder, pcm) or decoder.hyp() is None:
        return None
    decoder.set_alignment()
    if not _run(decoder, pcm):  # hyp() must not be asked after this pass: PocketSphinx 5.1.1 crashes
        return None
    out: list[Timed] = []
    for word in decoder.get_alignment():
        if word.name in spelt:
            out += [
                (symbol, p.start * HOP, (p.start + p.duration) * HOP)
                for symbol, p in zip(spelt[word.name], word, strict=True)
            ]
    return out


def recognise(pcm: npt.NDArray[np.int16]) -> list[tuple[str, ...]] | None:
    """The words of `pcm` as ARPAbet sounds, as far as a small general grammar of English finds them."""
    decoder = _recogniser()
    if not _run(decoder, pcm):
        return None
    said = [decoder.lookup_word(segment.word) for segment in decoder.seg() if segment.word[0] not in "<["]
    return [tuple(sounds.split()) for sounds in said if sounds]


def _run(decoder: Decoder, pcm: npt.NDArray[np.int16]) -> bool:
    decoder.start_utt()
    decoder.process_raw(pcm.tobytes(), full_utt=True)
    try:
        decoder.end_utt()
    except RuntimeError:  # no path fits
        return False
    return True
