"""What brings sessions back after the process was killed: a small file of what was asked and what has been said.

Lines of JSON, each a list that begins with a session's name; `fold` is all that they mean. They are written by a thread
of its own, so that a slow disk holds nobody up, and without a flush: a process that dies loses nothing that it wrote,
only a machine does. The file is written anew when it has doubled. It is emptied by a clean end, but for what there
was no time to say: whoever starts next says it.
"""

import contextlib
import errno
import json
import logging
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Condition, Thread
from typing import Any

from bridge import metrics
from bridge.face.emotion import EMOTIONS
from bridge.inputs.captured import LONGEST_NAME
from bridge.inputs.follower import Source
from bridge.inputs.prepare import Rest
from bridge.outputs import target
from bridge.session import SESSION_NAME

FRESH_S = 60.0
"""Seconds for which a journal is good: a supervisor takes one or two, and nobody wants last night's sentence."""
ALIVE_S = 5.0
"""How often the file is touched while nothing happens, and written again after it could not be."""
SLACK = 262_144
"""Bytes by which the file may grow beyond twice what is to be known."""
LARGEST = 64 * 2**20
MOST_WAITING = 100_000
"""Entries that a disk may leave unwritten."""
PROMPT_S = 0.002
"""Seconds for which the event loop waits until it is written that words have been said, before it sends them; where
the disk takes longer, it does not wait again until that has been written."""
CLOSE_S = 2.0
"""Seconds that the last entries may take at the end."""
LONGEST_TEXT = 100_000
"""Characters: the most that the setting text_characters allows."""
MOST_SOURCES = MOST_OUTPUTS = 64
"""Of one session that are kept. No more outputs can be set; who has more sources has the first ones kept."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Text:
    """A text that waits or is being said; of its lines, what begins at character `offset` of `line` is still to be."""

    text: str
    voice: str
    rate: float
    pitch: float
    line: int = 0
    offset: int = 0


@dataclass(slots=True)
class Saved:
    """A session. `count` is the number of its last utterance, by which `texts` are known; `target` is in metres.

    outputs: those that clients switched on, each its protocol and the line that asked for it. sources: by their place
    among the settings' for this session.
    """

    count: int = 0
    emotion: str = "neutral"
    intensity: float = 0.0
    target: tuple[float, float, float] | None = None
    texts: dict[int, Text] = field(default_factory=dict)
    outputs: list[tuple[str, str]] = field(default_factory=list)
    sources: dict[int, Source] = field(default_factory=dict)


Sessions = dict[str, Saved]
Entry = tuple[Any, ...]


def fold(sessions: Sessions, entry: Any) -> None:
    """Do to the sessions what an entry says. Raises ValueError where it is none."""
    match entry:
        case [str(name), "gone"]:
            sessions.pop(name, None)
        case [str(name), *what] if SESSION_NAME.match(name):
            _fold(sessions.setdefault(name, Saved()), what)
        case _:
            raise ValueError("no entry")


def _fold(saved: Saved, what: list[Any]) -> None:
    match what:
        case ["count", int(number)] if 0 <= number < 2**32:
            saved.count = max(saved.count, number)
        case ["say", int(number), str(text), str(voice), float(rate), float(pitch)] if (
            0 < number < 2**32 and len(text) <= LONGEST_TEXT
        ):
            saved.count = max(saved.count, number)
            saved.texts[number] = Text(text, voice, rate, pitch)
        case ["said", int(number), int(line), int(offset)] if line >= 0 and offset >= 0:
            if found := saved.texts.get(number):
                found.line, found.offset = line, offset
        case ["end", int(number)]:
            saved.texts.pop(number, None)
        case ["silence"]:
            saved.texts.clear()
        case ["feel", str(emotion), float(intensity)] if emotion in EMOTIONS and 0 <= intensity <= 1:
            saved.emotion, saved.intensity = emotion, intensity
        case ["look", None]:
            saved.target = None
        case ["look", [float(x), float(y), float(z)]] if all(abs(value) <= 1000 for value in (x, y, z)):
            saved.target = x, y, z
        case ["send", [*lines]] if len(lines) <= MOST_OUTPUTS:
            saved.outputs = [_output(line) for line in lines]
        case ["follow", int(place), str(device), rest] if 0 <= place < MOST_SOURCES and len(device) <= LONGEST_NAME:
            saved.sources[place] = Source(device, _rest(rest))
        case _:
            raise ValueError("no entry")


def _output(line: Any) -> tuple[str, str]:
    """An output's protocol and line. Raises ValueError where nobody can have asked for it."""
    match line:
        case [str(protocol), str(text)] if protocol in target.PROTOCOLS:
            target.requested(protocol, text)
            return protocol, text
        case _:
            raise ValueError("no output")


def _rest(values: Any) -> tuple[float, ...] | None:
    """A neutral pose as it is written. Raises ValueError where it is none."""
    match values:
        case None:
            return None
        case [*numbers] if all(isinstance(number, float) for number in numbers):
            Rest.read(numbers)
            return tuple(numbers)
        case _:
            raise ValueError("no neutral")


def entries(sessions: Sessions) -> Iterator[Entry]:
    """What folds to these sessions."""
    for name, saved in sessions.items():
        if (saved.emotion, saved.intensity) != ("neutral", 0.0):
            yield name, "feel", saved.emotion, saved.intensity
        if saved.target:
            yield name, "look", saved.target
        for number, text in saved.texts.items():
            yield name, "say", number, text.text, text.voice, text.rate, text.pitch
            if text.line or text.offset:
                yield name, "said", number, text.line, text.offset
        if saved.outputs:
            yield name, "send", saved.outputs
        for place, source in saved.sources.items():
            yield name, "follow", place, source.device, source.rest
        yield name, "count", saved.count


def read(path: Path) -> Sessions:
    """The sessions of a journal that was left behind; none where it is too old or cannot be read, which is logged."""
    try:
        _check(path)
        with path.open("rb") as file:
            age, data = time.time() - os.fstat(file.fileno()).st_mtime, file.read(LARGEST + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        logger.error("%s: no session comes back: %s", path, error.strerror or error)
        return {}
    if age > FRESH_S:
        return {}
    sessions, wrong = parse(data[:LARGEST])
    if sessions:
        logger.warning("%s: %d sessions come back", path, len(sessions))
    if wrong:
        logger.error("%s: %d lines are no entries", path, wrong)
    return sessions


def _check(path: Path) -> None:
    """Raises OSError for what is no file: a pipe would never be read to its end, and a device would be replaced."""
    if path.exists() and not path.is_file():
        raise OSError("it is no file")


def parse(data: bytes) -> tuple[Sessions, int]:
    """The sessions, and how many lines are wrong; the last one may be torn, which is none of these."""
    sessions: Sessions = {}
    wrong = 0
    for line in data.split(b"\n")[:-1]:
        try:
            fold(sessions, json.loads(line))
        except (ValueError, RecursionError):
            wrong += 1
    return sessions, wrong


class Journal:
    """Writes a journal, from `begin` to `close`. `note` may be called before, and is the event loop's."""

    def __init__(self, path: Path, sessions: Sessions) -> None:
        """sessions: what is known already, and is from now on this object's own."""
        self._path = path
        self._sessions = sessions
        self._queue: SimpleQueue[Entry] = SimpleQueue()
        self._thread = Thread(target=self._run, name="journal", daemon=True)
        self._fd: int | None = None
        self._size = self._limit = 0
        self._on = True
        self._turn = Condition()
        self._noted = self._written = 0
        self._prompt = False

    def begin(self) -> None:
        """Write what is known, and go on in a thread. Raises OSError where the file cannot be written."""
        _check(self._path)
        self._rewrite()
        self._thread.start()

    def note(self, *entry: Any) -> None:
        """Write this down in a moment."""
        if self._on and self._queue.qsize() > MOST_WAITING:
            self._on = False
            metrics.failed("journal")
            logger.error("%s: the disk does not take it; after a crash no session comes back", self._path)
        if self._on:
            self._noted += 1
            self._queue.put(entry)
            if self._prompt and entry[1] == "said":
                self._wait()

    def _wait(self) -> None:
        with self._turn:
            self._prompt = self._turn.wait_for(lambda: self._written >= self._noted, PROMPT_S)

    def _has_written(self, count: int) -> None:
        with self._turn:
            self._written += count
            self._prompt = True
            self._turn.notify()

    def close(self) -> None:
        """Write the rest; keep only texts that were not said."""
        if self._thread.is_alive():
            self._queue.put(())
            self._thread.join(CLOSE_S)

    def _run(self) -> None:
        going = True
        while going and self._on:
            batch, going = self._batch()
            try:
                self._write(batch)
            except OSError as error:
                self._fail(error)
            self._has_written(len(batch))
        self._drop()
        if not self._on or not any(saved.texts for saved in self._sessions.values()):
            self._unlink()

    def _batch(self) -> tuple[list[Entry], bool]:
        """What has come, nothing after a while without, and whether more may come."""
        batch: list[Entry] = []
        with contextlib.suppress(Empty):
            entry = self._queue.get(timeout=ALIVE_S)
            while entry:
                batch.append(entry)
                entry = self._queue.get_nowait()
            return batch, False
        return batch, True

    def _write(self, batch: list[Entry]) -> None:
        data = _lines([entry for entry in batch if self._takes(entry)])
        if self._fd is None or self._size + len(data) > self._limit:
            self._rewrite()
        elif data:
            self._put(data)
        else:
            os.utime(self._path)

    def _takes(self, entry: Entry) -> bool:
        """Know this too, if it is anything that could be read again."""
        try:
            fold(self._sessions, entry)
        except ValueError:
            logger.error("%s: this is not written down, and will not come back: %.200r", self._path, entry)
            return False
        return True

    def _rewrite(self) -> None:
        """The file anew, in one step; only its owner may read it, where the system knows owners."""
        self._drop()
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        beside.unlink(missing_ok=True)
        self._size = 0
        try:
            self._fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            self._put(_lines(entries(self._sessions)))
            self._drop()
            os.replace(beside, self._path)
        finally:
            self._drop()
            beside.unlink(missing_ok=True)
        self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
        self._limit = 2 * self._size + SLACK

    def _put(self, data: bytes) -> None:
        assert self._fd is not None
        left = memoryview(data)
        while left:
            left = left[os.write(self._fd, left) :]
        self._size += len(data)

    def _fail(self, error: OSError) -> None:
        """What cannot be written on would bring back what is past: it goes, and comes when there is room."""
        if self._fd is not None:
            metrics.failed("journal")
            logger.error("%s: %s; until it can be written, a crash brings no session back", self._path, error.strerror)
        self._drop()
        self._unlink()

    def _drop(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
        self._fd = None

    def _unlink(self) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


def _lines(batch: Iterable[Entry]) -> bytes:
    data = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in batch).encode()
    if len(data) > LARGEST:
        raise OSError(errno.EFBIG, f"more than {LARGEST // 2**20} MB of texts wait")
    return data
