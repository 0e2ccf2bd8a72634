"""The Rigcast bridge: text, speech, a chat or a captured face in; curves, poses and audio on one clock out."""

__version__ = "0.1.0"
