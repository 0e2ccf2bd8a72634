"""The playout buffer under a hand-moved clock: what is laid out, where, and what a bad network does to it."""

import numpy as np
import pytest

from bridge.frames import AUDIO_RATE, SAMPLES_PER_FRAME, Pcm
from bridge.playout import PIECE, SPARE, TOLERANCE, Playout
from tests.live_audio import chunks, pcm, voice

DELAY = 1945
AHEAD = 4800
STEP = 2
GUARD = STEP * SAMPLES_PER_FRAME
MARGIN = GUARD + STEP * SPARE


class Table:
    """A buffer that is asked every `every` frames, and what it has laid out."""

    def __init__(self, step: int = STEP, every: int = 1) -> None:
        self.playout = Playout(DELAY, AHEAD, step)
        self.every = every
        self.now = 0
        self.laid: list[Pcm] = []
        self.begin = -1

    def push(self, samples: Pcm, gap: int = 0) -> None:
        self.playout.push(samples, self.now, gap)
        if self.begin < 0:
            self.begin = self.playout.place(self.now)
            self.playout.start(self.begin)
        if self.every == 1:
            self.take()

    def take(self) -> None:
        self.laid.append(self.playout.take(self.now))
        assert self.playout.edge - self.now - DELAY >= GUARD or self.playout.waiting == 0

    def run(self, until: int) -> None:
        """Let time pass, tick by tick."""
        while self.now < until:
            step = self.every * SAMPLES_PER_FRAME
            self.now = min(self.now + step - self.now % step, until)
            if self.begin >= 0 and (self.every == 1 or self.now % step == 0):
                self.take()

    def feed(self, samples: Pcm, size: int, rate: float = 1.0) -> None:
        """As a microphone that records `rate` times as fast as time goes."""
        begin, sent = self.now, 0
        for chunk in chunks(samples, size):
            self.run(begin + round(sent / rate))
            self.push(chunk)
            sent += len(chunk)

    @property
    def sound(self) -> Pcm:
        return np.concatenate(self.laid)

    @property
    def spare(self) -> int:
        return self.playout.end - self.now - DELAY


def loud(samples: Pcm) -> Pcm:
    """What is left when quiet and silence are taken away."""
    return samples[np.abs(samples.astype(int)) > 3000]


@pytest.mark.parametrize("size", [1, 24, 400, 480, 1999, 24_000])
def test_regular_sound_is_laid_out_whole_after_its_delay(size: int) -> None:
    table = Table()
    table.now = 777
    samples = pcm(voice(2.0 if size > 1 else 0.2))
    table.feed(samples, size)
    table.playout.close()
    table.run(table.now + 2 * AUDIO_RATE)
    assert DELAY + MARGIN <= table.begin - 777 < DELAY + MARGIN + SAMPLES_PER_FRAME
    assert table.begin % SAMPLES_PER_FRAME == 0
    np.testing.assert_array_equal(table.sound, samples)


def test_a_little_jitter_is_not_heard() -> None:
    table, chance = Table(), np.random.default_rng(3)
    samples = pcm(voice(9.0))
    for i, chunk in enumerate(chunks(samples, 480)):
        late = 0 if i == 0 else int(chance.integers(0, TOLERANCE))
        table.run(max(table.now, i * 480 + late))
        table.push(chunk)
    np.testing.assert_array_equal(table.sound[: len(samples)], samples)


@pytest.mark.parametrize("step", [2, 4])
@pytest.mark.parametrize("phase", [0, 100, 799])
def test_who_looks_once_a_step_finds_the_same_sound(step: int, phase: int) -> None:
    table, chance = Table(step, every=step), np.random.default_rng(5)
    table.now = phase
    samples = pcm(voice(6.0))
    for i, chunk in enumerate(chunks(samples, 480)):  # the rest of what may be late is the chunk's own length
        table.run(max(table.now, phase + i * 480 + int(chance.integers(0, step * SPARE - 480))))
        table.push(chunk)
    table.run(table.now + AUDIO_RATE)
    delay = DELAY + step * (SAMPLES_PER_FRAME + SPARE)
    assert delay <= table.begin - phase <= delay + SAMPLES_PER_FRAME + step * SPARE - 480
    np.testing.assert_array_equal(table.sound[: len(samples)], samples)


def test_late_sound_follows_silence_and_is_late_from_then_on() -> None:
    table = Table()
    samples = pcm(voice(3.0))
    table.feed(samples[:24_000], 480)
    table.run(table.now + AUDIO_RATE // 2)
    table.feed(samples[24_000:], 480)
    table.playout.close()
    table.run(table.now + AUDIO_RATE)
    sound = table.sound
    silence = len(sound) - len(samples)
    np.testing.assert_array_equal(sound[:24_000], samples[:24_000])
    assert not sound[24_000 : 24_000 + silence].any()
    np.testing.assert_array_equal(sound[24_000 + silence :], samples[24_000:])
    assert AUDIO_RATE // 2 - MARGIN < silence < AUDIO_RATE // 2 + MARGIN


def test_lost_sound_leaves_silence_of_its_length() -> None:
    table = Table()
    samples = pcm(voice(2.0))
    table.feed(samples[:24_000], 480)
    table.run(24_000)
    table.push(samples[26_400:26_880], gap=2400)
    expected = samples[:26_880].copy()
    expected[24_000:26_400] = 0
    np.testing.assert_array_equal(table.sound, expected)


@pytest.mark.parametrize("seconds", [0.05, 0.3, 2.0, 60.0])
def test_a_gap_that_was_waited_for_does_not_count_twice(seconds: float) -> None:
    """A microphone that goes on recording while the network is away: everything lies where it would have."""
    table = Table()
    gap = round(seconds * AUDIO_RATE)
    samples = pcm(voice(1.0))
    table.feed(samples, 480)
    table.run(len(samples) + gap)
    table.push(samples, gap=gap)
    table.take()
    late = len(table.sound) + table.playout.waiting - 2 * len(samples) - gap
    assert 0 <= late <= MARGIN
    laid = len(samples) - table.playout.waiting
    np.testing.assert_array_equal(table.sound[-laid:], samples[:laid])


@pytest.mark.parametrize("ppm", [-200, 200, 1000])
def test_a_crystal_that_is_off_is_mended_where_it_is_quiet(ppm: int) -> None:
    table = Table()
    samples = pcm(voice(120.0))
    table.feed(samples, 480, 1 + ppm * 1e-6)
    assert abs(table.spare - 480 - MARGIN) < TOLERANCE + abs(ppm) * 0.2 + 2 * PIECE
    assert len(loud(table.sound)) == pytest.approx(len(loud(samples)), rel=0.001)
    assert len(table.sound) == pytest.approx(table.now - table.begin + DELAY + MARGIN, abs=1000)


def test_what_came_late_is_caught_up_where_it_is_quiet() -> None:
    """The network holds everything back for two seconds: nothing is lost but pauses, and soon all is as before."""
    table = Table()
    samples = pcm(voice(60.0))
    table.feed(samples[:72_000], 480)
    table.run(table.now + 2 * AUDIO_RATE)
    backlog = samples[72_000 : 72_000 + 2 * AUDIO_RATE]
    for chunk in chunks(backlog, 480):
        table.push(chunk)
    assert table.spare > 2 * AUDIO_RATE
    table.feed(samples[72_000 + len(backlog) :], 480)
    assert table.spare < MARGIN + 480 + TOLERANCE + PIECE
    assert len(loud(table.sound)) == pytest.approx(len(loud(samples)), rel=0.01)


def test_a_sender_ahead_of_time_is_never_mended() -> None:
    table = Table()
    samples = pcm(voice(18.0))
    table.feed(samples, 4800, 1.2)
    table.playout.close()
    table.run(19 * AUDIO_RATE)
    np.testing.assert_array_equal(table.sound, samples)


def test_without_sound_there_is_silence_in_time() -> None:
    table = Table()
    table.push(pcm(voice(0.01)))
    for _ in range(200):
        table.run(table.now + SAMPLES_PER_FRAME)
        assert table.playout.edge >= table.now + DELAY + GUARD
    assert table.playout.edge <= table.now + DELAY + MARGIN
