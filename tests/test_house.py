"""What holds of the whole house: what it imports, what is generated, what it says, what it stands on."""

import json
import re
import subprocess
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from bridge import __version__

ROOT = Path(__file__).parent.parent
PROSE_OR_CODE = {".md", ".py", ".ts", ".html", ".css", ".proto", ".toml", ".yaml", ".h", ".cpp", ".cs", ".json", ""}
LONGEST_FILE = 600

# What users and products may be built on without asking. Others must be explained in NOTICE.
PERMISSIVE = re.compile(r"apache|mit\b|bsd|isc\b|psf|zlib|cc0|unlicense|python software", re.IGNORECASE)
COPYLEFT = re.compile(r"\b[AL]?GPL|general public|mozilla|MPL|non-commercial", re.IGNORECASE)


def tracked() -> list[Path]:
    """Every file under version control."""
    if not (ROOT / ".git").exists():
        pytest.skip("optional: not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def texts() -> list[tuple[Path, str]]:
    """Every file under version control that people write, with its text."""
    return [(p, p.read_text(encoding="utf-8")) for p in tracked() if p.suffix in PROSE_OR_CODE and p.name != ".gitkeep"]


BARRED = """if True:
    import asyncio, importlib, pkgutil, sys
    for name in ("torch", "onnx", "export", "grpc_tools", "pytest"):
        sys.modules[name] = None  # importing it fails
"""


def python(code: str) -> None:
    """Run code in a Python of its own, in which nothing can be imported that the bridge must do without."""
    done = subprocess.run([sys.executable, "-c", BARRED + code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_every_module_of_the_bridge_imports_without_torch_and_export() -> None:
    python("""
    import bridge
    for module in pkgutil.walk_packages(bridge.__path__, "bridge."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    """)


def test_the_bridge_speaks_without_torch_and_export() -> None:
    python("""
    import grpc
    from bridge import server
    from bridge.config import Config
    from rigcast.v1 import service_pb2_grpc, session_pb2

    async def speak():
        async with (
            asyncio.timeout(60),
            server.running(Config(http_port=0, grpc_port=0)) as bound,
            grpc.aio.insecure_channel(bound.grpc_target) as channel,
        ):
            async def requests():
                yield session_pb2.ClientMessage(join=session_pb2.Join())
                yield session_pb2.ClientMessage(say=session_pb2.Say(text="[happy] Papa."))

            missing = {"welcome", "frame", "audio", "event"}
            async for message in service_pb2_grpc.RigcastServiceStub(channel).Perform(requests()):
                missing.discard(message.WhichOneof("body"))
                if not missing:
                    return

    asyncio.run(speak())
    """)


def test_the_generated_code_is_current() -> None:
    done = subprocess.run(
        [sys.executable, "tools/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    place = re.compile(rf"{re.escape(str(ROOT))}\b|/(?:home|root|Users)/\w|[A-Z]:\\Users\\\w")
    found = [f"{p.relative_to(ROOT)}: {m.group()}" for p, text in texts() for m in place.finditer(text)]
    assert found == []


def test_nothing_is_left_unfinished() -> None:
    mark = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK|lorem ip" r"sum)\b")
    found = [f"{p.relative_to(ROOT)}: {m.group()}" for p, text in texts() for m in mark.finditer(text)]
    assert found == []


def test_files_are_short() -> None:
    code = {".py", ".ts", ".h", ".cpp", ".cs"}
    written = [p for p in tracked() if p.suffix in code and "_pb" not in p.name and "generated" not in p.parts]
    lengths = {str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in written}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_links_between_documents_lead_somewhere() -> None:
    link = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
    broken = [
        f"{p.relative_to(ROOT)}: {target}"
        for p, text in texts()
        if p.suffix == ".md"
        for target in link.findall(text)
        if not (p.parent / target).exists()
    ]
    assert broken == []


def required(name: str, found: dict[str, Distribution]) -> dict[str, Distribution]:
    """What a distribution needs at run time here, itself included, and what those need."""
    if name not in found:
        found[name] = distribution(name)
        for requirement in map(Requirement, found[name].requires or []):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                required(requirement.name, found)
    return found


def test_what_the_bridge_stands_on_is_free_to_use_or_explained() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    unexplained = {}
    for name, package in required("rigcast", {}).items():
        data = package.metadata
        classifiers = [c for c in data.get_all("Classifier") or [] if c.startswith("License")]
        licence = data.get("License-Expression") or " ".join([data.get("License") or "", *classifiers])
        free = PERMISSIVE.search(licence) and not COPYLEFT.search(licence)
        if not free and name not in notice:
            unexplained[name] = licence
    assert unexplained == {}


def test_what_the_page_ships_is_free_to_use() -> None:
    packages = json.loads((ROOT / "bridge/preview/package-lock.json").read_text(encoding="utf-8"))["packages"]
    shipped, ahead = set(), list(packages[""]["dependencies"].keys() - {"vite"})  # vite builds it and stays behind
    while ahead:
        name = ahead.pop()
        if name not in shipped:
            shipped.add(name)
            ahead += packages[f"node_modules/{name}"].get("dependencies", {})
    licences = {name: packages[f"node_modules/{name}"].get("license", "none named") for name in shipped}
    assert "three" in licences
    assert {name: x for name, x in licences.items() if not PERMISSIVE.search(x) or COPYLEFT.search(x)} == {}


def test_the_installed_version_is_the_source_s() -> None:
    try:
        assert distribution("rigcast").version == __version__
    except PackageNotFoundError:
        pytest.fail("rigcast is not installed: pip install --editable .")


def test_the_program_works_as_a_module_too() -> None:
    done = subprocess.run([sys.executable, "-m", "bridge", "--version"], capture_output=True, text=True, timeout=60)
    assert done.stdout == f"rigcast {__version__}\n"
