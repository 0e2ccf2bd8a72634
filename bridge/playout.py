"""A playout buffer: samples that arrive irregularly, laid out on the session's clock without a gap.

The first sample's place lies ahead of its arrival by what the face needs to hear (`delay`) and by a margin: the time
between two looks at the layout (a step), and SPARE. Then sample follows sample. Where the next one has not come in time
there is silence in its place, and what comes later goes on after it, again with a margin: sound is late then, never
torn. Whoever looks at the layout (the ear, the echo) sees one and the same sound, so that lips and sound cannot part,
whatever the network does.

A microphone whose crystal runs fast, or which was late for a while, lies further and further back. That is mended
where it is quiet: there a little is left out, or repeated. A sender who is ahead of real time on purpose (a file, a
synthesiser) is never mended.
"""

from collections import deque

import numpy as np
import numpy.typing as npt

from bridge.frames import AUDIO_RATE, SAMPLES_PER_FRAME, Pcm

SPARE = AUDIO_RATE * 20 // 1000
"""Samples that the arrival may be late by for each frame of a step, 20 ms: what a chunk waits until it is full, the
network, and the time to hear it, which grows with the number of those who are heard together."""

WINDOW = 3 * AUDIO_RATE
"""Samples of time after which the spare of a microphone is judged, by its least in this time."""

TOLERANCE = AUDIO_RATE * 15 // 1000
"""Samples by which the spare may differ from the margin: 15 ms."""

AHEAD = AUDIO_RATE // 2
"""A sender who has once sent this many samples more than time has passed is no microphone."""

PIECE = AUDIO_RATE // 100
"""Samples that are left out or repeated at a time: 10 ms."""

QUIET, HUSH = 328, 0.04
"""A piece is quiet if it stays below -40 dB of full scale, or below this share of the recent peak."""

FADES = 0.995
"""What is left of the recent peak after the time of a piece: half after 1.4 s."""


class Playout:
    """Samples at AUDIO_RATE in as they come, out as they lie. Times are samples of the session.

    `delay`: how many samples beyond an instant must be known to show it. `ahead`: how far beyond the present the
    layout may run. `step`: every how many frames more is taken. Before `start` everything waits.
    """

    def __init__(self, delay: int, ahead: int, step: int) -> None:
        self.edge = -1
        """All before this is laid out."""
        self._delay, self._ahead = delay, ahead
        self._guard = step * SAMPLES_PER_FRAME  # before what is needed silence steps in: until then nobody looks again
        self._margin = self._guard + step * SPARE
        self._waiting: deque[Pcm] = deque()
        self._count = 0  # samples of _waiting
        self._closed = False
        self._silence = 0  # how much has just stood in for what did not come
        self._peak = 0.0
        self._owed = 0  # samples to be left out where it is quiet; below 0: to be repeated
        self._paced = True  # as a microphone is
        self._balance = 0  # samples that came, less those that time has taken
        self._last = -1  # when they came last
        self._window = -1
        self._least = 0

    @property
    def waiting(self) -> int:
        """Samples that came and are not laid out."""
        return self._count

    @property
    def end(self) -> int:
        """Where what came so far will end."""
        return self.edge + self._count

    def place(self, now: int, earliest: int = 0) -> int:
        """Where the first sample would lie if it came now: a frame's own sample, at or after `earliest`."""
        return -(-max(now + self._delay + self._margin, earliest) // SAMPLES_PER_FRAME) * SAMPLES_PER_FRAME

    @property
    def dry(self) -> bool:
        """Whether silence stands in for what has not come."""
        return self._silence > 0

    def start(self, edge: int) -> None:
        """Begin the layout there."""
        self.edge = edge

    def push(self, pcm: Pcm, now: int, gap: int = 0) -> None:
        """More samples; `gap` is how many were lost before them. What has stood in for them already counts."""
        if not len(pcm) and not gap:
            return
        self._observe(now, gap + len(pcm))
        silence = self.missing(gap)
        if self._silence:
            silence = max(silence, now + self._delay + self._margin - self.edge)
        self._silence = 0
        if silence > 0:
            self._append(np.zeros(silence, np.int16))
        self._append(pcm)

    def missing(self, gap: int) -> int:
        """How much silence a gap of so many samples needs now."""
        return max(gap - self._silence, 0)

    def close(self) -> None:
        """No more will come."""
        self._closed = True
        self._owed = 0

    def take(self, now: int) -> Pcm:
        """What is laid out now, from `edge` on: as far as the face will need it soon."""
        parts = self._due(now + self._delay + self._margin + self._ahead - self.edge)
        count = sum(map(len, parts))
        lacking = now + self._delay + self._guard - self.edge - count
        if not self._closed and not self._count and lacking > 0:
            self._silence += lacking
            parts.append(np.zeros(lacking, np.int16))
            count += lacking
        self.edge += count
        pcm = np.concatenate(parts) if parts else np.zeros(0, np.int16)
        self._peak = max(self._peak * FADES ** (count / PIECE), _peak(pcm))
        return pcm

    def _append(self, pcm: Pcm) -> None:
        if len(pcm):
            self._waiting.append(pcm)
            self._count += len(pcm)

    def _pop(self, count: int) -> Pcm:
        """The next samples, `count` at most; of what came together."""
        head = self._waiting.popleft()
        if len(head) > count:
            self._waiting.appendleft(head[count:])
        self._count -= min(count, len(head))
        return head[:count]

    def _due(self, room: int) -> list[Pcm]:
        parts: list[Pcm] = []
        while room > 0 and self._count:
            part = self._mended() if self._owed and self._count >= 2 * PIECE else self._pop(room)
            parts.append(part)
            room -= len(part)
        return parts

    def _mended(self) -> Pcm:
        """The next piece, where it is quiet one less or one more."""
        first, second = self._piece(), self._piece()
        limit = max(QUIET, HUSH * self._peak)
        if max(_peak(first), _peak(second)) > limit:
            self._put_back(second)
            return first
        if self._owed > 0:
            self._owed = max(self._owed - PIECE, 0)
            return _blend(first, second)
        self._owed = min(self._owed + PIECE, 0)
        self._put_back(second)
        return np.concatenate([first, _blend(first[::-1], first)])

    def _piece(self) -> Pcm:
        parts = [self._pop(PIECE)]
        while (lacking := PIECE - sum(map(len, parts))) > 0:
            parts.append(self._pop(lacking))
        return np.concatenate(parts)

    def _put_back(self, pcm: Pcm) -> None:
        self._waiting.appendleft(pcm)
        self._count += len(pcm)

    def _observe(self, now: int, count: int) -> None:
        """Judge how much the sender has to spare, just before more comes."""
        if self._last >= 0:
            self._balance -= now - self._last
            self._paced = self._paced and self._balance < AHEAD
        self._balance += count
        self._last = now
        if self.edge < 0 or not self._paced or self._silence:
            self._window = -1
            return
        spare = self.end - now - self._delay
        if self._window < 0:
            self._window, self._least = now, spare
        self._least = min(self._least, spare)
        if now - self._window >= WINDOW:
            self._settle(self._least - self._margin)
            self._window = -1

    def _settle(self, excess: int) -> None:
        """What is to be mended. It counts as time, so that a fast crystal is not taken for a sender ahead of time."""
        self._owed = excess if abs(excess) > TOLERANCE and not self._closed else 0
        self._balance -= max(self._owed, 0)


def _peak(pcm: Pcm) -> float:
    return float(max(int(pcm.max()), -int(pcm.min()))) if len(pcm) else 0.0


def _blend(first: Pcm, second: Pcm) -> Pcm:
    """The one fading into the other."""
    share: npt.NDArray[np.float64] = np.linspace(0, 1, len(first))
    mixed: Pcm = np.rint(first * (1 - share) + second * share).astype(np.int16)
    return mixed
