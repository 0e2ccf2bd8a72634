"""The core against the real server: a C++ program with Boost's WebSocket hears and shows a spoken sentence.

What it heard and showed is compared with what the server sent, read by Python at the same time.
"""

import asyncio

import numpy as np
import pytest
from real_bridge import started
from unreal_listening import LIPS_P99_US, Perceived, Sent, follow, lips_against_sound_us, program

TEXT = "The quick brown fox jumps over the lazy dog, and by the time it lands, everybody has gone home."


@pytest.fixture(scope="module")
def listened() -> tuple[Perceived, Sent]:
    """A sentence, heard and seen by the core."""
    program()
    with started() as bridge:
        return asyncio.run(follow(bridge, "listened", TEXT))


def test_the_lips_are_with_the_sound(listened: tuple[Perceived, Sent]) -> None:
    errors = lips_against_sound_us(*listened)
    print(f"sound against lips: p50 {np.median(errors) / 1e3:.1f} ms, p99 {np.quantile(errors, 0.99) / 1e3:.1f} ms")
    assert len(errors) > 120  # two seconds of speech
    assert np.quantile(errors, 0.99) <= LIPS_P99_US


def test_no_frame_is_out_of_order(listened: tuple[Perceived, Sent]) -> None:
    seen, _ = listened
    assert np.all(np.diff(seen.images[:, 1]) >= 0)


def test_what_is_shown_is_what_was_sent_for_that_time(listened: tuple[Perceived, Sent]) -> None:
    seen, sent = listened
    times = np.array(sorted(sent.jaw))
    jaw = np.array([sent.jaw[t] for t in times])
    inside = (seen.images[:, 1] > times[0]) & (seen.images[:, 1] < times[-1])
    assert inside.sum() > 240
    wrong = np.abs(np.interp(seen.images[inside, 1], times, jaw) - seen.images[inside, 2])
    # Where a forgotten stretch was shown just before it was forgotten there is nothing to compare with.
    assert np.mean(wrong > 1e-3) < 0.02
    assert seen.images[:, 2].max() > 0.2


def test_the_sentence_begins_and_ends(listened: tuple[Perceived, Sent]) -> None:
    seen, _ = listened
    started_kind, ended_kind = 1, 2
    assert seen.events[0] == started_kind
    assert seen.events[-1] == ended_kind
