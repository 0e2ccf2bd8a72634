"""Mono from Debian's packages: compiles the Unity package's C# and runs its NUnit tests, without Unity."""

import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "unity_package"
NUNIT = Path("/usr/lib/cli/nunit.framework-2.6.3/nunit.framework.dll")
APT = "mono-mcs mono-runtime nunit-console libnunit-framework2.6.3-cil"
PATIENCE = 300.0
"""Seconds; a healthy run takes a tenth of it."""


def need_mono() -> None:
    """Skip where the compiler or NUnit is missing."""
    missing = [name for name in ("mcs", "mono", "nunit-console") if not shutil.which(name)]
    if missing or not NUNIT.exists():
        pytest.skip(f"needs {' '.join(missing) or 'NUnit'}: apt-get install --no-install-recommends {APT}")


def compiled(out: Path, sources: Iterable[Path], *references: Path, flags: Iterable[str] = ()) -> Path:
    """A library of these sources, in the C# that Unity 2022.3 and mcs share; a warning is an error."""
    command = ["mcs", "-langversion:7.2", "-warn:4", "-warnaserror", "-debug", "-target:library", f"-out:{out}", *flags]
    command += ["-r:System.Core.dll", "-r:System.Numerics.dll"]
    command += [f"-r:{reference}" for reference in references] + sorted(map(str, sources))
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def core(folder: Path) -> Path:
    """Runtime/Core, compiled into a folder."""
    return compiled(folder / "Rigcast.Core.dll", (PACKAGE / "Runtime/Core").rglob("*.cs"))


def core_tests(folder: Path) -> Path:
    """Tests/Editor with what it stands on, compiled into a folder."""
    nunit = Path(shutil.copy(NUNIT, folder))
    return compiled(folder / "Rigcast.Core.Tests.dll", (PACKAGE / "Tests/Editor").glob("*.cs"), nunit, core(folder))


def run_nunit(library: Path, fixture: str, **variables: str) -> dict[str, str]:
    """Run one fixture's tests, or all of a namespace; the results by name ("Success", "Ignored", or the failure)."""
    report = library.parent / "TestResult.xml"
    report.unlink(missing_ok=True)
    command = ["nunit-console", "-nologo", f"-xml:{report}", f"-run:{fixture}", str(library)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, cwd=library.parent, env=os.environ | variables
    )
    print(done.stdout)
    assert report.exists(), done.stdout + done.stderr
    return {case.attrib["name"]: _result(case) for case in ET.parse(report).iter("test-case")}


def _result(case: ET.Element) -> str:
    message = case.findtext(".//message", "").strip()
    return f"{case.attrib['result']} {message}".strip()
