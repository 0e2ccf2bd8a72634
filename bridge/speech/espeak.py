"""The embedded voices: espeak-ng in a worker process, some 130 languages, no download.

Japanese is read from kana; espeak-ng says "Chinese letter" for each kanji.
"""

import difflib
import math
import re
import unicodedata

from bridge.frames import Speech
from bridge.speech import message
from bridge.speech.voice import UnknownVoiceError, VoiceError, VoiceInfo
from bridge.worker import Worker, WorkerError

DEFAULT_VOICE = "en-us+f5"
"""The female variant that a speech recogniser (pocketsphinx 5) understood best of 16, before the plain voice."""
NORMAL_WPM = 160
"""Words a minute at rate 1. espeak-ng keeps 84 to 449, so rates below 0.53 and above 2.8 act like these."""
MAX_WPM = 449
MAX_TEXT = 1000
"""Characters in one sentence."""
RATES, PITCHES = (0.5, 3.0), (0.5, 2.0)

_MISSING = frozenset(("fo", "kaa", "xex"))  # espeakng-loader 0.2.4 has no dictionary for these
_REGION = re.compile(r"-([a-z]{2}|\d{3}|[a-z]{4})$")


class EspeakVoices:
    """The languages of espeak-ng, each with any of its variants: "en-us", "cmn", "ja+f2". Make one with `start`.

    One worker process speaks for all sessions, a sentence at a time, in the order of asking.
    """

    def __init__(self, default: str, time_limit: float) -> None:
        self._default = default
        self._worker = Worker("bridge.speech.espeak_worker", time_limit)
        self._catalogue = Catalogue([], [])

    @classmethod
    async def start(cls, default: str = DEFAULT_VOICE, time_limit: float = 10.0) -> "EspeakVoices":
        """Starts the worker and lets it speak a word, so that the first sentence is fast.

        time_limit: seconds for one sentence (a usual one takes 2 ms), after which the worker is taken to hang.
        Raises VoiceError where espeak-ng cannot be started, UnknownVoiceError for an unknown default.
        """
        voices = cls(default, time_limit)
        try:
            await voices._begin()
            hello = voices._worker.greeting
            voices._catalogue = Catalogue(hello["languages"], hello["variants"])
            await voices.speak("Hello")
        except BaseException:
            await voices.close()
            raise
        return voices

    @property
    def pid(self) -> int | None:
        """The worker's process."""
        return self._worker.pid

    def voices(self) -> list[VoiceInfo]:
        """Every language once; any may be followed by "+" and one of `variants`."""
        return self._catalogue.voices

    def variants(self) -> list[str]:
        """Other throats for every language, such as "f2" (female) or "m3" (male)."""
        return self._catalogue.variants

    def find(self, name: str) -> VoiceInfo:
        """Who is meant by a name such as "en-us" or "ja+f2"; the default for "". Raises UnknownVoiceError."""
        return self._catalogue.find(name or self._default)

    async def speak(self, text: str, *, voice: str = "", rate: float = 1.0, pitch: float = 1.0) -> Speech:
        """One sentence of at most MAX_TEXT characters; rate 0.5–3 and pitch 0.5–2 times the voice's own.

        Text without anything to pronounce, such as "…", is a short silence. Raises VoiceError for bad arguments, for
        an empty text and when the engine fails twice; UnknownVoiceError for an unknown voice.
        """
        request = {
            "text": _clean(text),
            "voice": self._catalogue.identifier(voice or self._default),
            "wpm": min(round(NORMAL_WPM * _within("rate", rate, RATES)), MAX_WPM),
            "pitch": min(round(50 + 50 * math.log2(_within("pitch", pitch, PITCHES))), 99),  # an octave each way
        }
        try:
            return message.speech(*await self._worker.ask(request))
        except WorkerError as error:
            raise VoiceError(f"{error}; change the text, make it shorter, or choose another voice") from error

    async def close(self) -> None:
        """Ends the worker; speaking is over."""
        await self._worker.close()

    async def _begin(self) -> None:
        try:
            await self._worker.start()
        except WorkerError as error:
            raise VoiceError(str(error)) from error


class Catalogue:
    """Names of voices and what espeak-ng calls them."""

    def __init__(self, languages: list[tuple[str, list[tuple[int, str]], str]], variants: list[str]) -> None:
        """languages: label, tags with their priority (small is best) and identifier of each voice file."""
        self.voices: list[VoiceInfo] = []
        self.variants = variants
        self._identifiers: dict[str, str] = {}
        self._aliases: dict[str, tuple[int, str]] = {}
        for label, tags, identifier in languages:
            if tags[0][1] not in _MISSING:
                self._add(label, tags, identifier)

    def _add(self, label: str, tags: list[tuple[int, str]], identifier: str) -> None:
        name = tags[0][1].lower()
        if name in self._identifiers:  # a second voice for the tag goes by its file's name
            name = identifier.rpartition("/")[2].lower()
        self._identifiers[name] = identifier
        for priority, tag in tags:
            self._aliases[tag] = min(self._aliases.get(tag, (99, "")), (priority, identifier))
        note = " (kana only)" if name == "ja" else ""
        self.voices.append(VoiceInfo(name, _bcp47(name), "espeak-ng", label + note))

    def identifier(self, voice: str) -> str:
        """espeak-ng's identifier for a name such as "en-us", "de-DE" or "ja+f2". Raises UnknownVoiceError."""
        language, plus, variant = voice.partition("+")
        found = self._language(language.strip().lower().replace("_", "-"))
        if found is None:
            raise UnknownVoiceError(self._unknown(voice, language.lower(), [*self._identifiers, *self._aliases]))
        if plus and variant not in self.variants:
            raise UnknownVoiceError(self._unknown(voice, variant, self.variants, f"{language}+"))
        return found + plus + variant

    def find(self, voice: str) -> VoiceInfo:
        """What is known of a voice, under the name asked for. Raises UnknownVoiceError."""
        found = self.identifier(voice).partition("+")[0]
        info = next(v for v in self.voices if self._identifiers[v.name] == found)
        return info._replace(name=voice)

    def _language(self, name: str) -> str | None:
        if name in self._identifiers:
            return self._identifiers[name]
        if name in self._aliases:
            return self._aliases[name][1]
        shorter = _REGION.sub("", name)
        return self._language(shorter) if shorter != name else None

    @staticmethod
    def _unknown(voice: str, wrong: str, names: list[str], prefix: str = "") -> str:
        near = [prefix + n for n in difflib.get_close_matches(wrong, names, 3)]
        hint = f"; near it: {', '.join(near)}" if near else ""
        return (
            f"unknown voice {voice[:60]!r}{hint}; `rigcast doctor` or ListVoices lists all, such as 'en-us' or 'ja+f2'"
        )


def _bcp47(name: str) -> str:
    """A language tag in its usual case: "en-GB-scotland", "cmn-Latn-pinyin"."""
    first, *rest = name.split("-")
    private = rest.index("x") if "x" in rest else len(rest)
    cased = [{2: part.upper(), 4: part.title()}.get(len(part), part) for part in rest[:private]]
    return "-".join([first, *cased, *rest[private:]])


def _clean(text: str) -> str:
    """Control characters become blanks: some are commands to espeak-ng. Places in the text stay the same."""
    if len(text) > MAX_TEXT:
        raise VoiceError(f"text: {len(text)} characters are over the limit of {MAX_TEXT} a sentence; split it")
    cleaned = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    if not cleaned.strip():
        raise VoiceError("text: there is nothing to say; send at least one word")
    return cleaned


def _within(name: str, value: float, limits: tuple[float, float]) -> float:
    low, high = limits
    if not low <= value <= high:  # also refuses NaN
        raise VoiceError(f"{name}: {value} is outside {low} to {high}")
    return value
