"""The embedded voice, for real: espeak-ng in its worker process."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from itertools import pairwise

import numpy as np
import psutil
import pytest

from bridge.frames import AUDIO_RATE, Speech
from bridge.speech.espeak import MAX_TEXT, EspeakVoices
from bridge.speech.phones import INVENTORY, is_vowel
from bridge.speech.voice import UnknownVoiceError, VoiceError

SENTENCES = {
    "en-us": "Bob's five big thumbs move pure food; the measure of youth, I think, is joy.",
    "en-gb": "Father's car near the shore poured out thirteen rare cherries.",
    "cmn": "你好，世界。我们去买苹果吧，绿色的鱼。",
    "ja": "こんにちは、まぶしいふゆですね。りょこうをしました。",
    "es": "Buenos días, el niño llora en la calle de Guadalajara.",
    "de": "Guten Tag, über schöne Bäume fliegen Möwen, ich auch. Pfeffer, Zug.",
    "fr": "Bonjour, un bon vin blanc, tu veux peut-être du pain et une feuille.",
    "it": "Gli gnomi scelgono la pizza e il ghiaccio.",
    "pt": "O coração não mente, amanhã há pão e manhã.",
    "ru": "Здравствуйте, щука и ёж живут в реке.",
    "ko": "안녕하세요, 만나서 반갑습니다.",
    "hi": "नमस्ते, आप कैसे हैं? धन्यवाद।",
    "ar": "مرحبا، كيف حالك اليوم يا صديقي؟",
    "nl": "Goedemorgen, het is een mooie dag in Scheveningen.",
    "pl": "Dzień dobry, chrząszcz brzmi w trzcinie.",
    "sv": "God morgon, sju sjuka sjömän.",
    "tr": "Günaydın, güzel bir gün, değil mi?",
    "vi": "Xin chào, bạn khỏe không?",
}


@pytest.fixture
async def voices() -> AsyncIterator[EspeakVoices]:
    made = await EspeakVoices.start()
    yield made
    await made.close()


def level(speech: Speech, start: float, end: float) -> float:
    pcm = speech.pcm[round(start * AUDIO_RATE) : round(end * AUDIO_RATE)].astype(np.float64)
    return float(np.sqrt(np.mean(pcm**2))) if len(pcm) else 0.0


def symbols(speech: Speech) -> str:
    return " ".join(phone.symbol for phone in speech.phones)


async def test_every_language_speaks_sounds_of_the_inventory(voices: EspeakVoices) -> None:
    for voice, text in SENTENCES.items():
        speech = await voices.speak(text, voice=voice)
        assert len(speech.phones) > 8, voice
        assert {phone.symbol for phone in speech.phones} <= INVENTORY, voice
        assert any(phone.stress == 1 for phone in speech.phones), voice
        assert all(is_vowel(phone.symbol) for phone in speech.phones if phone.stress == 1), voice


async def test_phones_are_in_order_and_inside_the_sound(voices: EspeakVoices) -> None:
    for voice, text in SENTENCES.items():
        speech = await voices.speak(text, voice=voice)
        assert all(phone.end > phone.start >= 0 for phone in speech.phones)
        assert all(a.end <= b.start + 1e-9 for a, b in pairwise(speech.phones))
        assert speech.phones[-1].end <= speech.seconds
        assert all(a.start <= b.start and a.offset < b.offset for a, b in pairwise(speech.words))
        assert all(text[w.offset :].startswith(w.text) for w in speech.words)


async def test_the_sounds_are_the_right_ones(voices: EspeakVoices) -> None:
    assert symbols(await voices.speak("Bob moved")) == "b ɑ b m u v d"
    assert symbols(await voices.speak("Thumb, judge", voice="en-us")) == "θ ʌ m dʒ ʌ dʒ"
    assert symbols(await voices.speak("schön", voice="de")) == "ʃ ø n"
    assert symbols(await voices.speak("tu", voice="fr")) == "t y"


async def test_phones_lie_where_they_are_heard(voices: EspeakVoices) -> None:
    """Pauses are silent, vowels are loud, and a hiss is brighter than the vowel beside it."""
    speech = await voices.speak("See, a sea. Papa, a bee.")
    vowels = [p for p in speech.phones if is_vowel(p.symbol)]
    loud = np.median([level(speech, p.start, p.end) for p in vowels])
    pauses = [(a.end, b.start) for a, b in pairwise(speech.phones) if b.start - a.end > 0.08]
    assert pauses
    assert all(level(speech, *pause) < 0.05 * loud for pause in pauses)
    for phone in speech.phones:
        pcm = speech.pcm[round(phone.start * AUDIO_RATE) : round(phone.end * AUDIO_RATE)].astype(np.float64)
        brightness = np.mean(np.diff(pcm) ** 2) / max(np.mean(pcm**2), 1)
        if phone.symbol == "s":
            assert brightness > 0.5
        elif is_vowel(phone.symbol):
            assert brightness < 0.5


@pytest.mark.parametrize("text", ["Hello there.", "Papa is here.", "Eight."])
async def test_silence_around_a_sentence_is_short(voices: EspeakVoices, text: str) -> None:
    speech = await voices.speak(text)
    assert speech.phones[0].start <= 0.011
    assert np.argmax(np.abs(speech.pcm) > 200) / AUDIO_RATE < 0.02
    assert speech.seconds - speech.phones[-1].end == pytest.approx(0.2, abs=0.01)


async def test_rate_and_pitch_change_what_they_say(voices: EspeakVoices) -> None:
    def fundamental(speech: Speech) -> float:
        vowel = max((p for p in speech.phones if is_vowel(p.symbol)), key=lambda p: p.end - p.start)
        pcm = speech.pcm[round(vowel.start * AUDIO_RATE) : round(vowel.end * AUDIO_RATE)].astype(np.float64)
        likeness = np.correlate(pcm, pcm, "full")[len(pcm) - 1 :]
        return AUDIO_RATE / (50 + int(np.argmax(likeness[50:500])))

    text = "A long and lazy afternoon."
    normal, fast = await voices.speak(text), await voices.speak(text, rate=2.0)
    high = await voices.speak(text, pitch=1.8)
    assert fast.phones[-1].end < 0.65 * normal.phones[-1].end
    assert fundamental(high) > 1.2 * fundamental(normal)


async def test_sessions_at_once_get_their_own_sentences(voices: EspeakVoices) -> None:
    texts = [f"{word} {word}" for word in ("apple", "bear", "cat", "dog", "egg", "fish", "goat", "house")] * 3
    alone = [symbols(await voices.speak(text)) for text in texts]
    together = await asyncio.gather(*(voices.speak(text) for text in texts))
    assert [symbols(speech) for speech in together] == alone


async def test_a_caller_that_goes_away_leaves_the_next_ones_answer_alone(voices: EspeakVoices) -> None:
    task = asyncio.create_task(voices.speak("A very long sentence that nobody waits for. " * 10))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    assert symbols(await voices.speak("Bob")) == "b ɑ b"


async def test_a_worker_that_dies_is_replaced(voices: EspeakVoices) -> None:
    first = voices.pid
    for _ in range(2):
        assert voices.pid is not None
        psutil.Process(voices.pid).kill()
        assert symbols(await voices.speak("Bob")) == "b ɑ b"
    assert voices.pid != first


@pytest.mark.skipif(sys.platform == "win32", reason="optional: needs SIGSTOP")
async def test_a_worker_that_hangs_is_replaced_and_the_text_fails_in_words() -> None:
    voices = await EspeakVoices.start(time_limit=1.0)
    try:
        assert voices.pid is not None
        psutil.Process(voices.pid).send_signal(signal.SIGSTOP)
        with pytest.raises(VoiceError, match="took over 1 s"):
            await voices.speak("Bob")
        assert symbols(await voices.speak("Bob")) == "b ɑ b"
    finally:
        await voices.close()


@pytest.mark.parametrize("name", ["nobody", "en-us+nobody", "en us", "../en", "xx-yy", "+f3"])
async def test_an_unknown_voice_is_named(voices: EspeakVoices, name: str) -> None:
    with pytest.raises(UnknownVoiceError, match="unknown voice"):
        voices.find(name)
    with pytest.raises(UnknownVoiceError, match="unknown voice"):
        await voices.speak("Hello", voice=name)


async def test_near_names_are_offered(voices: EspeakVoices) -> None:
    with pytest.raises(UnknownVoiceError, match=r"near it: .*en-us"):
        voices.find("en-uss")


async def test_every_listed_voice_can_be_found(voices: EspeakVoices) -> None:
    names = [voice.name for voice in voices.voices()]
    assert len(names) == len(set(names)) > 100
    for name in names:
        assert voices.find(name).name == name
    assert voices.find("en-GB").language.startswith("en")
    assert voices.find("").engine == "espeak-ng"


@pytest.mark.parametrize("text", ["", "  \n\t", "\x00\x01"])
async def test_nothing_to_say_is_an_error_in_words(voices: EspeakVoices, text: str) -> None:
    with pytest.raises(VoiceError, match="nothing to say"):
        await voices.speak(text)


async def test_a_text_over_the_limit_is_refused(voices: EspeakVoices) -> None:
    with pytest.raises(VoiceError, match=f"limit of {MAX_TEXT}"):
        await voices.speak("a" * (MAX_TEXT + 1))


async def test_too_long_a_sound_is_refused_and_harms_nobody(voices: EspeakVoices) -> None:
    before = voices.pid
    with pytest.raises(VoiceError, match="longer than 120 s"):
        await voices.speak("😂" * MAX_TEXT, rate=0.5)
    assert symbols(await voices.speak("Bob")) == "b ɑ b"
    assert voices.pid == before


@pytest.mark.parametrize(("name", "value"), [("rate", 0.4), ("rate", 3.1), ("pitch", 0.4), ("pitch", float("nan"))])
async def test_a_rate_or_pitch_out_of_range_is_named(voices: EspeakVoices, name: str, value: float) -> None:
    with pytest.raises(VoiceError, match=f"{name}: .* is outside"):
        await voices.speak("Hello", **{name: value})


@pytest.mark.parametrize("rate", [0.5, 1.0, 3.0])
async def test_no_sound_lies_outside_the_phones_at_any_rate(voices: EspeakVoices, rate: float) -> None:
    """Marks are exact in samples: a voice without echo is silent wherever no phone is, also late in a sentence."""
    speech = await voices.speak("Papa, mama, and Bob; six fat cats, no more.", voice="en-us", rate=rate)
    covered = np.zeros(len(speech.pcm), bool)
    for phone in speech.phones:
        start, end = round(phone.start * AUDIO_RATE), round(phone.end * AUDIO_RATE)
        covered[max(start - 24, 0) : end + 24] = True  # resampling rings for 1 ms
    assert covered.mean() < 0.97
    assert np.abs(speech.pcm[~covered].astype(int)).max() < 0.01 * np.abs(speech.pcm.astype(int)).max()


@pytest.mark.parametrize(
    "text",
    ["…", "🙂", "\x01 31m \x1b", "<speak>hi</speak>", "[[h@l'oU]]", "%s%n%x", "a" * 900, "\ud800x", "9" * 60, "ﷺ" * 50],
)
async def test_odd_text_is_spoken_or_silent_and_harms_nobody(voices: EspeakVoices, text: str) -> None:
    before = voices.pid
    speech = await voices.speak(text)
    assert speech.seconds > 0.1
    assert {phone.symbol for phone in speech.phones} <= INVENTORY
    assert voices.pid == before


async def test_after_the_end_it_says_so() -> None:
    voices = await EspeakVoices.start()
    pid = voices.pid
    await voices.close()
    assert pid is not None
    assert not psutil.pid_exists(pid)
    with pytest.raises(VoiceError, match="closed"):
        await voices.speak("Hello")
