"""A sentence as spoken, as a message of pipes.py: phones and words in JSON, the sound beside it."""

import numpy as np

from bridge import pipes
from bridge.frames import Phone, Speech, Word


def packed(speech: Speech) -> tuple[pipes.Header, bytes]:
    """Header and body. The lists may be added to."""
    return {"phones": speech.phones, "words": speech.words}, speech.pcm.astype("<i2", copy=False).tobytes()


def speech(header: pipes.Header, body: bytes) -> Speech:
    """What was packed, with sound that cannot be written to."""
    phones = [Phone(*phone) for phone in header["phones"]]
    return Speech(np.frombuffer(body, "<i2"), phones, [Word(*word) for word in header["words"]])
