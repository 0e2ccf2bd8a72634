"""The Unity package's core, compiled by Mono: its own tests, then a real bridge at the other end of a real socket."""

from pathlib import Path

import pytest

from tests import mono, real_bridge

TOKEN = "a-token-for-this-test-alone"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tests of the core, compiled."""
    mono.need_mono()
    return mono.core_tests(tmp_path_factory.mktemp("unity"))


FIXTURES = sorted(
    path.stem for path in (mono.PACKAGE / "Tests/Editor").glob("*Tests.cs") if path.stem != "EndToEndTests"
)


@pytest.mark.parametrize("fixture", FIXTURES)
def test_the_core_passes_its_own_tests(library: Path, fixture: str) -> None:
    results = mono.run_nunit(library, f"Rigcast.Core.Tests.{fixture}")
    assert results
    assert {name: result for name, result in results.items() if result != "Success"} == {}


def test_lips_and_sound_go_together_from_a_real_bridge(library: Path) -> None:
    with real_bridge.started() as bridge, real_bridge.started(RIGCAST_TOKEN=TOKEN) as guarded:
        results = mono.run_nunit(
            library,
            "Rigcast.Core.Tests.EndToEndTests",
            RIGCAST_TEST_URL=bridge.websocket,
            RIGCAST_TEST_GUARDED_URL=guarded.websocket,
            RIGCAST_TEST_TOKEN=TOKEN,
        )
    assert len(results) == 3
    assert {name: result for name, result in results.items() if result != "Success"} == {}
