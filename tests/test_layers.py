"""Many sessions mixed at once give the bits that each gives alone."""

import numpy as np
import pytest

from bridge.clip import Line, Part, rehearse
from bridge.curves import CURVES
from bridge.frames import Motion
from bridge.layers import Layers, mix
from bridge.performance import Performance
from tests.listener import speech


def cast() -> list[Performance]:
    """Some that rest, speak, feel and look, in all combinations."""
    found = []
    for seed in range(8):
        performance = Performance(seed)
        if seed & 1:
            performance.perform(Line(rehearse(speech(), seed), 1, "…", True, True), 0)
        if seed & 2:
            performance.set_emotion("happy" if seed & 4 else "sad", 0.8, 0)
        if seed & 4:
            performance.look_at((0.5, 1.2, 1.0 + seed), 0)
        found.append(performance)
    return found


def heard(layers: Layers, seed: int) -> Layers:
    """The same with live speech besides."""
    chance, count = np.random.default_rng(seed), len(layers)
    shares = chance.random((count, len(CURVES) + 3)).astype(np.float32)
    layers.parts.append(Part(shares[:, 3:], shares[:, 0], None, shares[:, 1:3]))
    return layers


def assert_same(one: Motion, other: Motion) -> None:
    np.testing.assert_array_equal(one.curves, other.curves)
    np.testing.assert_array_equal(one.rotations, other.rotations)
    np.testing.assert_array_equal(one.root, other.root)


@pytest.mark.parametrize("first", [0, 12, 30, 90])
def test_together_is_alone_bit_by_bit(first: int) -> None:
    runs = [performance.layers(first + i, 1 + i % 6) for i, performance in enumerate(cast())]
    for run, motion in zip(runs, mix(runs), strict=True):
        assert len(motion) == len(run)
        assert_same(motion, mix([run])[0])


def test_those_who_are_heard_live_are_the_same_alone_and_together() -> None:
    performers = cast()
    runs = [performance.layers(30 + i, 1 + i % 6) for i, performance in enumerate(performers)]
    live = [heard(performance.layers(30 + i, 1 + i % 6), i) for i, performance in enumerate(performers)]
    for mixed in (live, live[:1] + runs[1:], runs[:4] + live[4:]):
        for run, motion in zip(mixed, mix(mixed), strict=True):
            assert_same(motion, mix([run])[0])
    assert not np.array_equal(mix(runs)[0].rotations, mix(live)[0].rotations)


def test_layers_do_change_the_poses() -> None:
    motions = [performance.motion(30, 6) for performance in cast()]
    plain = [Performance(seed).motion(30, 6) for seed in range(8)]
    differs = [not np.array_equal(a.curves, b.curves) for a, b in zip(motions, plain, strict=True)]
    assert differs == [False] + 7 * [True]


def test_mixing_writes_to_nothing_that_it_is_given() -> None:
    performance = Performance(1)
    idle = performance.layers(0, 6).idle
    kept = Motion(idle.curves.copy(), idle.rotations.copy(), idle.root.copy())
    mix([performance.layers(0, 6), performance.layers(0, 6)])
    assert_same(idle, kept)


def test_nobody_is_mixed_to_nothing() -> None:
    nobody: list[Layers] = []
    assert mix(nobody) == []
