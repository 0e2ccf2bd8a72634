"""The ctypes binding to espeak-ng, as shipped by the package espeakng-loader.

espeak-ng is GPL-3.0-or-later and keeps one global state that is not thread-safe: import this module only in the worker
process (espeak_worker), never in the bridge. Names and values follow espeak-ng's speak_lib.h.
"""

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import espeakng_loader

_SYNCHRONOUS = 2  # synthesis ends before espeak_Synth returns; sound arrives in the callback
_BUFFER_MS = 1000  # room for 220 events a buffer: espeak-ng allows 200 a second and drops what is over
_PHONEME_EVENTS, _PHONEME_IPA, _DONT_EXIT = 0x1, 0x2, 0x8000
_UTF8, _END_PAUSE = 0x1, 0x1000
_RATE, _PITCH = 1, 3
_WORD, _PHONEME = 1, 7


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_void_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # in characters, from 1
        ("length", ctypes.c_int),  # of the word, in characters
        ("audio_position", ctypes.c_int),  # milliseconds
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("unused", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


class LibraryError(Exception):
    """espeak-ng refused; the message says what."""


class Language(NamedTuple):
    """A voice file: its label, its language tags with their priority (small is best), and its path as identifier."""

    label: str
    tags: list[tuple[int, str]]
    identifier: str


class Phone(NamedTuple):
    """A phoneme begins at a sample; an empty name is a pause."""

    sample: int
    name: str


class Word(NamedTuple):
    """A word begins at a sample; its place in the text in characters."""

    sample: int
    offset: int
    length: int


class Espeak:
    """The one instance of espeak-ng in this process. Changes the working directory: espeak-ng keeps at most 160
    characters of its path and opens files by bytes, which fails for some Windows paths; "." always fits."""

    def __init__(self) -> None:
        os.chdir(Path(espeakng_loader.get_library_path()).parent)
        self._lib = _declare(ctypes.CDLL(espeakng_loader.get_library_path()))
        options = _PHONEME_EVENTS | _PHONEME_IPA | _DONT_EXIT
        self.rate: int = self._lib.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, b".", options)
        if self.rate <= 0:
            raise LibraryError("espeak-ng cannot read its data; reinstall the package espeakng-loader")
        self._voice = ""
        self._pcm = bytearray()
        self._events: list[Phone | Word] = []
        self._limit = 0
        self._callback = _Callback(self._take)  # kept, or ctypes would free it under espeak-ng
        self._lib.espeak_SetSynthCallback(self._callback)

    def languages(self) -> list[Language]:
        """Every voice file."""
        voices = self._lib.espeak_ListVoices(None)
        found = []
        for i in range(1000):
            if not voices[i]:
                break
            v = voices[i].contents
            found.append(Language(v.name.decode().strip(), list(_tags(v.languages)), v.identifier.decode()))
        return found

    def variants(self) -> list[str]:
        """Names that may follow a language after "+"."""
        folder = Path(espeakng_loader.get_data_path()) / "voices" / "!v"
        return sorted(p.name for p in folder.iterdir() if p.is_file())

    def speak(self, text: str, voice: str, wpm: int, pitch: int, limit: int) -> tuple[bytes, list[Phone | Word]]:
        """16-bit mono at `rate` Hz, and what begins when, in order.

        voice: a Language's identifier, perhaps with "+variant"; wpm: words a minute, 80 to 449 (from 450 on espeak-ng
        shortens the sound afterwards and its event positions no longer fit); pitch: 0 to 99, 50 is the voice's own.
        Raises LibraryError for an unknown voice and for more than `limit` samples.
        """
        self._select(voice)
        self._lib.espeak_SetParameter(_RATE, wpm, 0)
        self._lib.espeak_SetParameter(_PITCH, pitch, 0)
        self._pcm, self._events, self._limit = bytearray(), [], limit
        data = text.encode("utf-8", "replace") + b"\0"
        status = self._lib.espeak_Synth(data, len(data), 0, 1, 0, _UTF8 | _END_PAUSE, None, None)
        if status != 0:
            raise LibraryError(f"espeak-ng failed with status {status}")
        if len(self._pcm) // 2 > limit:
            raise LibraryError(f"the sound is longer than {limit // self.rate} s; split the text")
        return bytes(self._pcm), self._events

    def _select(self, voice: str) -> None:
        if voice == self._voice:
            return
        self._voice = ""
        if self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
            raise LibraryError(f"espeak-ng cannot load voice {voice!r}")
        self._voice = voice

    def _take(self, wav: int | None, count: int, events: Any) -> int:
        """espeak-ng's callback: 0 goes on, 1 ends the synthesis."""
        if wav and count > 0:
            self._pcm += ctypes.string_at(wav, 2 * count)
        i = 0
        while (event := events[i]).type:
            if event.type == _PHONEME:
                name = event.id.string.decode("utf-8", "ignore")  # cut off at 8 bytes, within a letter perhaps
                self._events.append(Phone(event.sample, name))
            elif event.type == _WORD:
                self._events.append(Word(event.sample, event.text_position - 1, event.length))
            i += 1
        return int(len(self._pcm) // 2 > self._limit)


def _declare(lib: Any) -> Any:
    c = ctypes
    lib.espeak_Initialize.argtypes = (c.c_int, c.c_int, c.c_char_p, c.c_int)
    lib.espeak_SetSynthCallback.argtypes = (_Callback,)
    lib.espeak_SetVoiceByName.argtypes = (c.c_char_p,)
    lib.espeak_SetParameter.argtypes = (c.c_int, c.c_int, c.c_int)
    lib.espeak_ListVoices.argtypes = (c.c_void_p,)
    lib.espeak_ListVoices.restype = c.POINTER(c.POINTER(_Voice))
    lib.espeak_Synth.argtypes = (
        c.c_char_p, c.c_size_t, c.c_uint, c.c_int, c.c_uint, c.c_uint, c.c_void_p, c.c_void_p
    )  # fmt: skip
    return lib


def _tags(address: int) -> Iterator[tuple[int, str]]:
    """A list of (priority byte, zero-ended tag), ended by a priority of 0."""
    while priority := ctypes.string_at(address, 1)[0]:
        tag = ctypes.string_at(address + 1)
        yield priority, tag.decode()
        address += len(tag) + 2
