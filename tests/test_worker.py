"""The process behind a voice, or backstage: it may die, refuse or talk nonsense."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.pipes import MAX_BODY
from bridge.worker import Worker, WorkerError

ROOT = Path(__file__).parent.parent


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    made = Worker("tests.dying_worker", time_limit=20)
    await made.start()
    yield made
    await made.close()


async def pid(worker: Worker) -> int:
    header, _ = await worker.ask({})
    return int(header["pid"])


async def test_it_starts_once_and_stays(worker: Worker) -> None:
    assert worker.greeting == {"greeting": True}
    await worker.start()
    assert await pid(worker) == await pid(worker) == worker.pid


async def test_it_gets_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGCAST_TOKEN", "a-token-of-the-bridge")
    worker = Worker("tests.dying_worker", time_limit=20)
    try:
        assert (await worker.ask({}))[0]["settings"] == []
    finally:
        await worker.close()


async def test_a_request_that_kills_is_tried_twice_and_refused_in_words(worker: Worker) -> None:
    first = await pid(worker)
    with pytest.raises(WorkerError, match="died twice"):
        await worker.ask({"die": True})
    assert await pid(worker) != first


async def test_a_death_in_idleness_is_no_fault_of_the_next_request(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.worker.MOST_DEATHS", 1)
    first, process = await pid(worker), worker._process
    assert process
    process.child.kill()
    while not process.reader.at_eof():
        await asyncio.sleep(0.001)
    assert await pid(worker) != first


async def test_what_is_asked_at_once_is_answered_in_order(worker: Worker) -> None:
    answers = await asyncio.gather(*(worker.ask({}, bytes(i)) for i in range(20)))
    assert [(header["count"], header["body"]) for header, _ in answers] == [(i + 1, i) for i in range(20)]


async def test_a_request_that_kills_harms_none_beside_it(worker: Worker) -> None:
    asked = [worker.ask({"die": i == 1}, bytes(i)) for i in range(4)]
    first, killer, *rest = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(killer, WorkerError)
    assert [answer[0]["body"] for answer in (first, *rest)] == [0, 2, 3]  # type: ignore[index]


async def test_too_long_a_request_is_refused_and_harms_nobody(worker: Worker) -> None:
    first = await pid(worker)
    with pytest.raises(WorkerError, match="limit"):
        await worker.ask({}, bytes(MAX_BODY + 1))
    assert await pid(worker) == first


async def test_a_refusal_leaves_the_worker_in_peace(worker: Worker) -> None:
    first = await pid(worker)
    for _ in range(5):
        with pytest.raises(WorkerError, match="no"):
            await worker.ask({"refuse": True})
    assert await pid(worker) == first


async def test_the_end_of_a_worker_is_noticed_in_order(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(WorkerError):
        await worker.ask({"die": True})
    await pid(worker)
    await worker.close()
    assert caplog.messages == []


async def test_nonsense_ends_the_worker(worker: Worker) -> None:
    first = await pid(worker)
    with pytest.raises(WorkerError, match="cannot be understood"):
        await worker.ask({"garbage": True})
    assert await pid(worker) != first


async def test_workers_that_keep_dying_are_started_ever_more_slowly(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    sleep = asyncio.sleep

    async def asked_to_sleep(seconds: float) -> None:
        waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", asked_to_sleep)
    for _ in range(5):
        with pytest.raises(WorkerError):
            await worker.ask({"die": True})
    assert waits[0] == Worker.FIRST_WAIT
    assert waits == sorted(waits)
    assert waits[-1] == Worker.LONGEST_WAIT
    await pid(worker)
    waits.clear()
    with pytest.raises(WorkerError):
        await worker.ask({"die": True})
    assert waits == []


async def test_a_caller_that_goes_away_takes_nobody_elses_answer(worker: Worker) -> None:
    asked = asyncio.create_task(worker.ask({}))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asked.cancel()
    header, _ = await worker.ask({})
    assert header["count"] == 2


async def test_a_program_that_cannot_run_is_an_error_in_words() -> None:
    worker = Worker("bridge.speech.voice", time_limit=20)  # ends at once
    with pytest.raises(WorkerError, match="could not be started"):
        await worker.start()
    await worker.close()


async def test_closed_is_closed(worker: Worker) -> None:
    await worker.close()
    with pytest.raises(WorkerError, match="closed"):
        await worker.ask({})
    await worker.close()


def test_the_real_worker_ends_with_its_input_and_prints_nothing_but_messages() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bridge.speech.espeak_worker"], input=b"", capture_output=True, timeout=30, cwd=ROOT
    )
    assert done.returncode == 0
    assert done.stderr == b""
    assert b'"variants":[' in done.stdout


def test_espeak_is_loaded_in_the_worker_only() -> None:
    code = "import sys, bridge.speech.espeak; sys.exit('espeakng_loader' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=30, cwd=ROOT).returncode == 0
