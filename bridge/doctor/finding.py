"""What the doctor found out about a part."""

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    BROKEN = "broken"


class Finding(NamedTuple):
    """What was found out about a part, and what to do if that is not good."""

    part: str
    state: State
    text: str
    remedy: str = ""
