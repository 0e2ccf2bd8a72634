"""The interface behind which every text-to-speech engine stands."""

from typing import NamedTuple, Protocol

from bridge.frames import Speech


class VoiceInfo(NamedTuple):
    """Someone who can speak: a unique name, a BCP 47 language, the engine, a label for people."""

    name: str
    language: str
    engine: str
    label: str


class VoiceError(Exception):
    """The engine could not speak; the message says what was wrong and what to do."""


class UnknownVoiceError(VoiceError):
    """There is no voice of that name."""


class Voices(Protocol):
    """An engine, or several. Called from the event loop; slow work happens elsewhere."""

    def voices(self) -> list[VoiceInfo]:
        """All who can speak."""
        ...

    def find(self, name: str) -> VoiceInfo:
        """The voice of that name, the default one for "". Raises UnknownVoiceError, which names what comes near."""
        ...

    async def speak(self, text: str, *, voice: str = "", rate: float = 1.0, pitch: float = 1.0) -> Speech:
        """One sentence as sound with phones and words. Raises VoiceError; the next call may succeed again."""
        ...

    async def close(self) -> None:
        """End workers and free everything."""
        ...
