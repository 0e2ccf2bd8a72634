"""Builds of the Unreal plugin's core with plain CMake, kept under build/ so that only what changed is built again."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PLUGIN = ROOT / "unreal_plugin"
NEEDED = "Debian: apt install cmake g++ clang libgtest-dev nlohmann-json3-dev libboost-dev"


def needed(*programs: str) -> None:
    """Skip, saying what to install, where one of these programs is missing."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"no {program} here. {NEEDED}")


@cache
def built(flavour: str, target: str, *options: str) -> Path:
    """The folder of a build of this target with these CMake options."""
    needed("cmake", "clang++" if any("clang++" in option for option in options) else "g++")
    folder = ROOT / "build" / "unreal" / flavour
    run(["cmake", "-S", str(PLUGIN), "-B", str(folder), *options])
    run(["cmake", "--build", str(folder), "--target", target, "--parallel", "2"])
    return folder


def run(command: list[str], seconds: float = 600) -> str:
    """What a program prints; a failure shows all of it."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-8000:]}\n{done.stderr[-8000:]}"
    return done.stdout
