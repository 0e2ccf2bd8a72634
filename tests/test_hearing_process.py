"""Streams that are heard in a process of its own: the same frames, and nothing lost when that process is."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator

import numpy as np
import pytest
import tiny_model

from bridge.face import hearing_process
from bridge.face.batch import LIMIT
from bridge.face.ears import Ear, Heard
from bridge.face.hearing import Hearing
from bridge.face.hearing_process import Process
from bridge.face.model import Model, load
from bridge.frames import AUDIO_RATE, Pcm
from bridge.skeleton import Array
from tests.real_bridge import PATIENCE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux only; elsewhere a thread hears")


@pytest.fixture
def model(tmp_path) -> Model:
    return load(tiny_model.make(tmp_path / "tiny.onnx"), "cpu")


@pytest.fixture
async def process(model: Model) -> AsyncIterator[Process]:
    made = Process(model)
    made.start()
    yield made
    made.close()


@pytest.fixture
def hearing(model: Model, process: Process) -> Iterator[Hearing]:
    made = Hearing(model)
    made.process = process
    yield made
    made.close()


def noise(seed: int) -> Pcm:
    chance = np.random.default_rng(seed)
    return (chance.normal(0, 4000, AUDIO_RATE) * chance.random(AUDIO_RATE // 800).repeat(800)).astype(np.int16)


def rows(found: list[Heard]) -> Array:
    return np.concatenate([np.column_stack((heard.curves, heard.authority, heard.emphasis)) for heard in found])


def streams(model: Model, count: int) -> list[Ear]:
    ears = [Ear(model, start=100 * i, strength=1 + i % 2 / 2) for i in range(count)]
    for i, ear in enumerate(ears):
        ear.feed(noise(i)[: AUDIO_RATE // 2 + 1000 * (i % 9)])
    return ears


async def all_of(hearing: Hearing, ears: list[Ear]) -> list[Array]:
    """What each hears to the end of its sound."""
    found: dict[Ear, list[Heard]] = {ear: [] for ear in ears}
    while any(ear.due for ear in ears):
        for heard in await hearing.listen(ears):
            assert not heard.failed
            found[heard.ear].append(heard)
    return [rows(found[ear]) for ear in ears]


async def test_it_hears_what_a_thread_hears(model: Model, hearing: Hearing, monkeypatch: pytest.MonkeyPatch) -> None:
    count = LIMIT + 5
    wanted = await all_of(Hearing(model), streams(model, count))
    monkeypatch.setattr(hearing._runner, "run", lambda work: pytest.fail("heard here"))
    for here, there in zip(wanted, await all_of(hearing, streams(model, count)), strict=True):
        np.testing.assert_array_equal(here, there)


async def test_a_process_that_dies_costs_no_frame(model: Model, hearing: Hearing, process: Process) -> None:
    wanted = await all_of(Hearing(model), streams(model, 12))
    ears, found = streams(model, 12), []
    first = await hearing.listen(ears)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    rest = await all_of(hearing, ears)
    for ear, end in zip(ears, rest, strict=True):
        begun = rows([heard for heard in first if heard.ear is ear])
        found.append(np.concatenate((begun, end)))
    for here, there in zip(wanted, found, strict=True):
        np.testing.assert_array_equal(here, there)
    async with asyncio.timeout(PATIENCE):
        while not process.free():  # another one has taken its place
            await asyncio.sleep(0.01)


async def test_who_waits_too_long_for_it_is_heard_here(
    model: Model, hearing: Hearing, process: Process, caplog: pytest.LogCaptureFixture
) -> None:
    assert process.pid
    os.kill(process.pid, signal.SIGSTOP)
    try:
        ears = streams(model, 12)
        found = await all_of(hearing, ears)
        assert not process.free()
    finally:
        os.kill(process.pid, signal.SIGCONT)
    for here, there in zip(await all_of(Hearing(model), streams(model, 12)), found, strict=True):
        np.testing.assert_array_equal(here, there)
    async with asyncio.timeout(PATIENCE):
        while not process.free():
            await asyncio.sleep(0.01)
    assert not caplog.records


async def test_a_model_that_was_exchanged_on_the_disk_is_not_mixed_with_the_old(
    model: Model, caplog: pytest.LogCaptureFixture
) -> None:
    tiny_model.make(model.card.file, look_ahead=640)
    process = Process(model)
    process.start()
    assert not process.free()
    assert "tiny.onnx is another model than it was" in caplog.text
    process.close()


async def test_where_it_hangs_or_cannot_be_had_the_thread_goes_on(
    model: Model, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hearing_process, "TIME_LIMIT_S", 0.01)
    hearing = Hearing(model)
    hearing.process = Process(model)
    hearing.process.start()
    async with asyncio.timeout(PATIENCE):
        while not caplog.records:
            await asyncio.sleep(0.01)
    assert "own process from now on: it has not begun after 0.01 s" in caplog.text
    assert len(await hearing.listen(streams(model, 2))) == 2
    hearing.process.close()
    hearing.close()


async def test_a_face_that_fails_there_says_so_here(tmp_path, caplog: pytest.LogCaptureFixture) -> None:
    model = load(tiny_model.make(tmp_path / "nan.onnx", fault="nan"), "cpu")
    hearing = Hearing(model)
    hearing.process = Process(model)
    hearing.process.start()
    ears = streams(model, 3)
    ears[1].strength = 0
    found = {heard.ear: heard for heard in await hearing.listen(ears)}
    assert [found[ear].failed for ear in ears] == [0, 8, 0]
    assert not found[ears[1]].curves.any()
    assert "nan.onnx fails" in caplog.text
    hearing.process.close()
