"""The models that come with Rigcast: they keep the contract, and they hear."""

import asyncio
from functools import cache

import numpy as np
import pytest

from bridge.curves import INDEX
from bridge.face.card import BUILT_IN, read_card
from bridge.face.ears import Heard
from bridge.face.hearing import hear_clip
from bridge.face.model import load
from bridge.frames import AUDIO_RATE, FRAME_RATE, Speech
from bridge.speech.espeak import EspeakVoices

SENTENCE = "Bob and Mary have a very big map of the moon"
MODELS = sorted(BUILT_IN.glob("*.onnx"))


@pytest.fixture(params=MODELS, ids=lambda path: path.stem)
def model(request):
    return load(request.param, "cpu")


@cache
def speech() -> Speech:
    async def speak() -> Speech:
        voices = await EspeakVoices.start()
        try:
            return await voices.speak(SENTENCE, voice="en-us+f5")
        finally:
            await voices.close()

    return asyncio.run(speak())


def jaw(heard: Heard):
    return heard.curves[:, INDEX["jawOpen"]]


def test_there_are_two():
    assert {path.stem: read_card(path).look_ahead for path in MODELS} == {"speech2face": 1280, "speech2face-40ms": 640}


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_each_says_what_it_is_made_of(path):
    card = read_card(path)
    assert card.licence == "Apache-2.0"
    assert path.stat().st_size < 8e6
    assert all(card.about[name] for name in ("data", "command", "seed", "figures"))
    assert path.with_suffix(".md").is_file()


def test_lips_close_on_p_b_m_and_open_in_vowels(model):
    heard = hear_clip(model, speech().pcm)
    sealed = heard.curves[:, INDEX["mouthRollUpper"]] / 0.15
    closed = [
        sealed[max(int(p.start * FRAME_RATE) - 2, 0) : int(p.end * FRAME_RATE) + 3].max() > 0.6
        for p in speech().phones
        if p.symbol in "pbm"
    ]
    assert np.mean(closed) >= 0.7
    opened = [
        jaw(heard)[int(p.start * FRAME_RATE) : int(p.end * FRAME_RATE) + 1].max()
        for p in speech().phones
        if p.symbol in ("æ", "ɑ", "ɔ")
    ]
    assert min(opened) > 0.15


@pytest.mark.parametrize("level", [0, 3, 30])
def test_silence_and_hiss_leave_the_lips_at_rest(model, level):
    noise = np.random.default_rng(1).normal(0, level, 3 * AUDIO_RATE).astype(np.int16)
    assert jaw(hear_clip(model, noise)).max() < 0.05


def test_the_mouth_shuts_when_speech_ends(model):
    pcm = np.concatenate([speech().pcm, np.zeros(AUDIO_RATE, np.int16)])
    assert hear_clip(model, pcm).curves[-FRAME_RATE // 2 :].max() < 0.05
