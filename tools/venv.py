"""Make .venv in the checkout and install Rigcast into it, with the extras that are named; quick where that is done.

    python3 tools/venv.py [EXTRA ...]

Needs the standard library alone, and must parse on every Python 3.6 and later, to be able to say that it is too old.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "installed"  # a fingerprint, then the extras, one a line
INPUTS = ("pyproject.toml", "hatch_build.py", "tools/venv.py")


def main() -> int:
    """Returns the exit code."""
    problem = _objection()
    if problem:
        print(problem, file=sys.stderr)
        return 1
    fingerprint, extras = _fingerprint(), set(sys.argv[1:])
    done, *there = STAMP.read_text().split("\n") if PYTHON.exists() and STAMP.exists() else [""]
    if done == fingerprint and extras <= set(there):
        return 0
    extras |= set(there) - {""}
    try:
        _install(sorted(extras))
    except subprocess.CalledProcessError as error:
        print("Setting up .venv failed; the reason stands above. `make clean` starts afresh.", file=sys.stderr)
        return error.returncode
    STAMP.write_text("\n".join([fingerprint, *sorted(extras)]))
    return 0


def _objection() -> str:
    """Why this Python cannot do it, and what can; empty where it can."""
    major, minor = sys.version_info[:2]
    if sys.version_info < OLDEST:
        return (
            f"Rigcast needs Python 3.11 or newer; {sys.executable} is Python {major}.{minor}.\n"
            "Where a newer one is installed, name it: make demo PYTHON=python3.12\n"
            "Else install one: apt install python3.12-venv, brew install python, or https://www.python.org/downloads/"
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return (
            f"{sys.executable} cannot make virtual environments: on this system venv is a package of its own.\n"
            f"On Debian and Ubuntu: sudo apt install python{major}.{minor}-venv"
        )
    return ""


def _fingerprint() -> str:
    """Changes when what would be installed changes."""
    digest = hashlib.sha256(sys.version.encode())
    for path in (ROOT / name for name in INPUTS):
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


def _install(extras: "list[str]") -> None:
    if not _works():
        _say(f"Making the virtual environment .venv with {sys.executable}")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    _say("Installing Rigcast and what it needs; some 300 MB the first time")
    target = ".[" + ",".join(extras) + "]" if extras else "."
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    later = {**os.environ, "HATCH_BUILD_NO_HOOKS": "true"}  # `make page` builds the page
    subprocess.run([*pip, "install", "--editable", target], check=True, cwd=str(ROOT), env=later)


def _works() -> bool:
    """Whether .venv is there and whole; it breaks when the Python it was made with goes away."""
    if not PYTHON.exists():
        return False
    return subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True).returncode == 0


def _say(step: str) -> None:
    print(f"==> {step}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
