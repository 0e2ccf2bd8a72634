"""The Unity package's core, compiled by Mono: its own tests, then a real bridge at the other end of a real socket."""

import contextlib
import time
from concurrent import futures
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import mono, real_bridge

TOKEN = "a-token-for-this-test-alone"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tests of the core, compiled."""
    mono.need_mono()
    return mono.core_tests(tmp_path_factory.mktemp("unity"))


@pytest.fixture(scope="module")
def results(library: Path) -> dict[str, str]:
    """What became of every test, without a bridge."""
    return mono.run_nunit(library, "Rigcast.Core.Tests")


ALONE = sorted(path.stem for path in (mono.PACKAGE / "Tests/Editor").glob("*Tests.cs") if path.stem != "EndToEndTests")


@pytest.mark.parametrize("fixture", ALONE)
def test_the_core_passes_its_own_tests(results: dict[str, str], fixture: str) -> None:
    found = {name: result for name, result in results.items() if f".{fixture}." in name}
    assert found
    assert {name: result for name, result in found.items() if result != "Success"} == {}


def test_lips_and_sound_go_together_from_a_real_bridge(library: Path) -> None:
    with real_bridge.started() as bridge:
        assert_passes(library, "LipsAndSoundGoTogether", RIGCAST_TEST_URL=bridge.websocket)


def test_a_wrong_token_and_a_missing_bridge_are_named(library: Path) -> None:
    with real_bridge.started(RIGCAST_TOKEN=TOKEN) as guarded:
        variables = {"RIGCAST_TEST_GUARDED_URL": guarded.websocket, "RIGCAST_TEST_TOKEN": TOKEN}
        assert_passes(library, "AWrongTokenIsNamed", **variables)
        assert_passes(library, "WhereNoBridgeIsTheProblemIsNamedAndItTriesAgain", RIGCAST_TEST_URL=guarded.websocket)


def test_it_comes_back_when_the_bridge_is_started_anew(library: Path, tmp_path: Path) -> None:
    signal = tmp_path / "live"
    with contextlib.ExitStack() as stack, futures.ThreadPoolExecutor() as pool:
        with real_bridge.started() as first:
            variables = {"RIGCAST_TEST_RESTART_URL": first.websocket, "RIGCAST_TEST_SIGNAL": str(signal)}
            passing = pool.submit(assert_passes, library, "ItComesBackWhenTheBridgeIsStartedAnew", **variables)
            while not signal.exists() and not passing.done():
                time.sleep(0.01)
        stack.enter_context(real_bridge.started("--http-port", str(urlsplit(first.websocket).port)))
        passing.result(real_bridge.PATIENCE)


def assert_passes(library: Path, test: str, **variables: str) -> None:
    """That one of the tests with a bridge ran, and passed."""
    results = mono.run_nunit(library, f"Rigcast.Core.Tests.EndToEndTests.{test}", **variables)
    assert list(results.values()) == ["Success"]
