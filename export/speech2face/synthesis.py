"""Labelled speech without end: espeak-ng in many voices and languages, flite's voices, with every sound's time.

Formant synthesis alone does not carry over to people; beside recordings it adds sounds, rates and silences that they
lack.
"""

import asyncio
import random
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soxr

from bridge.frames import AUDIO_RATE, Phone
from bridge.speech.espeak import EspeakVoices
from bridge.speech.voice import VoiceError
from export.speech2face.align import RATE
from export.speech2face.corpora import Utterance, arpabet, read_sound

THROATS = ("", "+f1", "+f2", "+f3", "+f4", "+f5", "+m1", "+m2", "+m3", "+m4", "+m5", "+m6", "+m7", "+klatt2", "+klatt4")
LANGUAGES = [
    "en-us", "en-gb", "de", "es", "fr", "it", "pt", "pl", "nl", "sv", "tr", "cs", "ro", "hu", "fi", "id",
    "cmn-latn-pinyin",
]  # fmt: skip
"""All but Chinese read English text by their own rules: it says nothing, yet it has the sounds of the language."""
TEST_LANGUAGES = ("cmn-latn-pinyin", "es", "de")

FLITE = ("kal16", "rms", "slt")
FLITE_TEST = "awb"
"""Kept out of training: a Scottish man."""

_INITIALS = [
    "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r", "z", "c", "s", "y",
    "w",
]  # fmt: skip
_FINALS = [
    "a", "ai", "an", "ang", "ao", "e", "ei", "en", "eng", "i", "ia", "ian", "iang", "iao", "ie", "in", "ing", "iong",
    "iu", "o", "ong", "ou", "u", "ua", "uai", "uan", "uang", "ui", "un", "uo", "ue",
]  # fmt: skip


def espeak(texts: Sequence[str], minutes: float, split: str, seed: int) -> Iterator[Utterance]:
    """Some minutes of espeak-ng; for the test split other throats and only TEST_LANGUAGES, as many minutes each."""
    yield from asyncio.run(_espeak(texts, minutes, split, random.Random(f"{split}{seed}")))


async def _espeak(texts: Sequence[str], minutes: float, split: str, draw: random.Random) -> list[Utterance]:
    voices = await EspeakVoices.start()
    out: list[Utterance] = []
    seconds, testing = 0.0, split == "test"
    try:
        while seconds < 60 * minutes:
            language = draw.choice(TEST_LANGUAGES) if testing else _training_language(draw)
            voice = language + ("+f4" if testing else draw.choice([t for t in THROATS if t != "+f4"]))
            text = _pinyin(draw) if "pinyin" in language else _piece(draw, texts)
            try:
                speech = await voices.speak(
                    text, voice=voice, rate=draw.uniform(0.8, 1.4), pitch=draw.uniform(0.6, 1.5)
                )
            except VoiceError:
                continue
            pcm = np.asarray(soxr.resample(speech.pcm, AUDIO_RATE, RATE), np.int16)
            seconds += speech.seconds
            out.append(Utterance(f"espeak-{len(out)}-{voice}", voice, f"espeak-{language}", split, pcm, speech.phones))
    finally:
        await voices.close()
    return out


def _training_language(draw: random.Random) -> str:
    return draw.choice(LANGUAGES[:2]) if draw.random() < 0.4 else draw.choice(LANGUAGES)


def flite(texts: Sequence[str], minutes: float, voice: str, split: str, seed: int) -> Iterator[Utterance]:
    """Some minutes of a flite voice (the program of that name, 2.2), which prints when each sound ends."""
    draw, seconds, count = random.Random(f"{voice}{seed}"), 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "sound.wav"
        while seconds < 60 * minutes:
            text, slower = _piece(draw, texts), draw.uniform(0.8, 1.25)
            command = ["flite", "-voice", voice, "-psdur", "--setf", f"duration_stretch={slower:.2f}", "-t", text]
            printed = subprocess.run([*command, "-o", str(sound)], capture_output=True, text=True, check=True).stdout
            pcm = read_sound(sound)
            seconds, count = seconds + len(pcm) / RATE, count + 1
            yield Utterance(
                f"flite-{voice}-{count}", f"flite-{voice}", f"flite-{voice}", split, pcm, _segments(printed)
            )


def _segments(printed: str) -> list[Phone]:
    """flite's "b:0.215 aa:0.373": every sound with the second at which it ends."""
    timed, begin = [], 0.0
    for symbol, end in re.findall(r"(\w+):([\d.]+)", printed):
        timed.append((symbol.upper().replace("AX", "AH0") if symbol != "axr" else "AXR", begin, float(end)))
        begin = float(end)
    return arpabet(timed)


def _piece(draw: random.Random, texts: Sequence[str]) -> str:
    """A run of 4 to 14 words."""
    words = draw.choice(texts).split()
    length = draw.randint(4, 14)
    begin = draw.randint(0, max(len(words) - length, 0))
    return re.sub(r"[^\w' ,.-]", "", " ".join(words[begin : begin + length])).strip() + "."


def _pinyin(draw: random.Random) -> str:
    """Syllables as Mandarin has them, roughly; what espeak-ng can't read it spells, which does no harm."""
    syllables = [
        draw.choice(_INITIALS) + draw.choice(_FINALS) + draw.choice("1234") for _ in range(draw.randint(4, 12))
    ]
    return " ".join(syllables)
