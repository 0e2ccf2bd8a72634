"""The Unreal plugin's core, without the engine: its tests as compiled for use, under sanitizers, and fuzzed."""

from pathlib import Path

import pytest
from unreal_builds import PLUGIN, built, run

SANITIZED = "-DRIGCAST_SANITIZE="
# The longer simulations are run without sanitizers only.
QUICK = "--gtest_filter=-*/drift:*/jitter_loss_drift:*/datagram"
FUZZ_SECONDS = 10


def test_the_core_does_what_it_says() -> None:
    folder = built("release", "core_tests", "-DRIGCAST_UNITY=OFF")
    assert "PASSED" in run([str(folder / "Tests" / "core_tests")])


def test_the_core_is_free_of_undefined_behaviour() -> None:
    folder = built("address", "core_tests", SANITIZED + "address,undefined")
    run([str(folder / "Tests" / "core_tests"), QUICK])


def test_the_core_is_free_of_races() -> None:
    folder = built("thread", "core_tests", SANITIZED + "thread")
    run([str(folder / "Tests" / "core_tests"), "--gtest_filter=APlayer*:ARecording*"])


def test_no_bytes_of_a_server_break_the_core(tmp_path: Path) -> None:
    options = ["-DCMAKE_CXX_COMPILER=clang++", "-DRIGCAST_FUZZ=ON", "-DRIGCAST_TESTS=OFF"]
    folder = built("fuzz", "fuzz_session", SANITIZED + "address,undefined", *options)
    corpus = PLUGIN / "Tests" / "Fuzz" / "corpus"
    fuzz = [str(folder / "Tests" / "fuzz_session"), f"-max_total_time={FUZZ_SECONDS}", "-seed=1", "-max_len=4096"]
    fuzz += ["-rss_limit_mb=2048", f"-artifact_prefix={tmp_path}/", str(tmp_path), str(corpus)]
    # by a shell that forks: the peak that libFuzzer asks the system for would else be that of the tests themselves
    run(["sh", "-c", '"$@"; exit $?', "sh", *fuzz])


@pytest.mark.parametrize("name", ["decode a frame", "sample a pose at the play-head", "pull 20 ms of sound"])
def test_the_benchmark_runs(name: str) -> None:
    folder = built("release", "core_bench", "-DRIGCAST_UNITY=OFF")
    assert name in run([str(folder / "Tests" / "core_bench")])
