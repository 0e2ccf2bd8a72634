"""What is worked out in another process is what this one would have made."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import numpy as np
import pytest

from bridge.backstage import InProcess, InThreads
from bridge.body.idle import BLOCK, Idle, block, phase
from bridge.clip import Rehearsal, rehearse
from bridge.frames import Motion
from bridge.worker import Worker, WorkerError
from tests.test_performance import speech


@pytest.fixture
async def backstage() -> AsyncIterator[InProcess]:
    made = InProcess()
    await made.start()
    yield made
    await made.close()


def same(a: Motion, b: Motion) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("curves", "rotations", "root"))


def alike(a: Rehearsal, b: Rehearsal) -> bool:
    face = np.array_equal(a.face.curves, b.face.curves) and np.array_equal(a.face.authority, b.face.authority)
    return face and same(a.body, b.body)


async def idle_block(backstage: InProcess, seed: int, number: int) -> Motion:
    given: asyncio.Future[Motion] = asyncio.get_running_loop().create_future()
    backstage.order_idle(seed, number, given.set_result)
    return await asyncio.wait_for(given, 30)


async def test_a_sentence_is_rehearsed_to_the_bit(backstage: InProcess) -> None:
    said = speech()
    rehearsal = await backstage.rehearse(said, 3)
    assert rehearsal.speech is said
    assert alike(rehearsal, rehearse(said, 3))
    assert not alike(rehearsal, rehearse(said, 4))


async def test_idle_life_is_made_to_the_bit(backstage: InProcess) -> None:
    assert same(await idle_block(backstage, 7, -2), block(7, -2))


async def test_many_things_at_once_do_not_mix(backstage: InProcess) -> None:
    said = speech()
    found = await asyncio.gather(
        *(backstage.rehearse(said, seed) for seed in range(4)), *(idle_block(backstage, 1, n) for n in range(4))
    )
    for i in range(4):
        assert alike(found[i], rehearse(said, i))  # type: ignore[arg-type]
        assert same(found[4 + i], block(1, i))  # type: ignore[arg-type]


async def test_when_its_process_dies_all_goes_on(backstage: InProcess) -> None:
    before = backstage.pid
    assert before
    os.kill(before, signal.SIGTERM)
    said = speech()
    assert alike(await backstage.rehearse(said, 3), rehearse(said, 3))
    assert backstage.pid != before


async def test_without_a_process_sentences_are_rehearsed_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(*_: object) -> None:
        raise WorkerError("no process is to be had")

    monkeypatch.setattr(Worker, "_ready", refuse)
    backstage = InProcess()
    await backstage.start()
    backstage._started = True  # and has gone since
    said = speech()
    assert alike(await backstage.rehearse(said, 3), rehearse(said, 3))
    backstage.order_idle(1, 2, lambda _: pytest.fail("there is nobody to make it"))
    await asyncio.sleep(0.01)
    await backstage.close()
    assert all("no process is to be had" in line for line in caplog.messages)
    assert len(caplog.messages) == 3


async def test_a_worker_that_keeps_dying_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def die(*_: object) -> None:
        raise EOFError

    backstage = InProcess()
    await backstage.start()
    backstage._worker._failures = Worker.FREE_FAILURES + 1
    monkeypatch.setattr(Worker, "ask", die)
    said = speech()
    assert alike(await backstage.rehearse(said, 3), rehearse(said, 3))
    await backstage.close()


async def test_threads_rehearse_alike() -> None:
    said = speech()
    assert alike(await InThreads().rehearse(said, 3), rehearse(said, 3))


def test_idle_life_uses_what_it_ordered() -> None:
    ordered: dict[int, object] = {}

    def order(number: int, give: object) -> bool:
        ordered[number] = give
        return True

    plain, idle = Idle(5), Idle(5, order)
    frame = -phase(5)
    assert same(idle.motion(frame, 6), plain.motion(frame, 6))
    assert list(ordered) == [1]
    marked = Motion.rest(BLOCK)
    ordered[1](marked)  # type: ignore[operator]
    assert same(idle.motion(frame + BLOCK, BLOCK), marked)
    assert list(ordered) == [1, 2]


def test_idle_life_that_nobody_takes_on_is_asked_for_again() -> None:
    asked: list[int] = []

    def order(number: int, _: object) -> bool:
        asked.append(number)
        return len(asked) == 3

    idle = Idle(5, order)
    for frame in range(-phase(5), -phase(5) + 60, 12):
        idle.motion(frame, 12)
    assert asked == [1, 1, 1]


def test_idle_life_that_has_not_come_is_made() -> None:
    idle = Idle(5, lambda *_: True)
    assert same(idle.motion(0, 3 * BLOCK), Idle(5).motion(0, 3 * BLOCK))
