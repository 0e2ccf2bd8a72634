"""What other tools say of the file: the Khronos validator under Node, three-vrm in a real browser."""

import asyncio
import importlib.util
import json
import os
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bridge.avatar import Params, build, build_gltf, default_vrm
from bridge.curves import CURVES

HERE = Path(__file__).parent / "avatar_js"
ROOT = HERE.parent.parent


def load(path: Path) -> ModuleType:
    """A script that is no part of a package, as a module."""
    spec = importlib.util.spec_from_file_location(path.stem + "_script", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def node() -> Any:
    """Node, with the validator installed from the lock file."""
    page = load(ROOT / "tools" / "page.py")
    found = page.from_path() or page.from_wheel()
    if found is None:
        pytest.skip("no Node.js; `python tools/page.py` installs one")
    installed = HERE / "node_modules" / "gltf-validator" / "package.json"
    if not installed.exists():
        command = [*found.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        path = os.pathsep.join([str(found.folder), os.environ.get("PATH", "")])
        subprocess.run(command, cwd=HERE, env={**os.environ, "PATH": path}, check=True, timeout=120)
    return found


def test_the_khronos_validator_finds_no_error(node: Any, tmp_path: Path) -> None:
    models = {"default.vrm": default_vrm(), "chance.vrm": build(Params.random(1)), "plain.glb": build_gltf()}
    for name, data in models.items():
        (tmp_path / name).write_bytes(data)
    command = [*node.node, str(HERE / "validate.mjs"), *(str(tmp_path / name) for name in models)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(reports) == len(models)
    for report in reports:
        assert report["errors"] == 0, report["messages"]
    assert reports[-1]["warnings"] == 0, reports[-1]["messages"]


def test_three_vrm_loads_poses_and_draws_it(tmp_path: Path) -> None:
    sheet = load(HERE / "sheet.py")
    if not (sheet.MODULES / "@pixiv" / "three-vrm").exists():
        pytest.skip("the page's packages are not installed; `python tools/page.py --dev` installs them")
    if sheet.chromium.find() is None:
        pytest.skip("no Chromium")
    file = tmp_path / "default.vrm"
    file.write_bytes(default_vrm())
    facts = asyncio.run(_drive(sheet, file))
    assert facts["complaints"] == []
    assert {curve[0].upper() + curve[1:] for curve in CURVES} <= set(facts["expressions"])
    assert {"aa", "happy", "blink", "lookLeft"} <= set(facts["expressions"])
    assert len(facts["bones"]) == 54
    assert facts["springs"] > 10
    rest, posed = facts["rest"], facts["posed"]
    assert 1.5 < rest["max"][1] - rest["min"][1] < 1.75
    assert abs(posed["max"][0]) < 0.6  # arms hang; nothing flies off


async def _drive(sheet: ModuleType, file: Path) -> dict[str, Any]:
    with sheet.served([file]) as address:
        async with sheet.chromium.page(f"{address}/page.html", width=320, height=320) as tab:
            await tab.until("window.rigcastReady === true")
            found = await tab.evaluate("rigcastLoad('/file/0')")
            rest = await tab.evaluate("rigcastFacts({bones: {leftUpperArm: [0, 0, 0], rightUpperArm: [0, 0, 0]}})")
            posed = await tab.evaluate("rigcastFacts({presets: {happy: 1, blink: 1}, seconds: 0.5})")
            await tab.evaluate("rigcastShot({view: 'face', curves: {jawOpen: 1}}, 320, 320)")
            return {**found, "rest": rest, "posed": posed, "complaints": tab.complaints}
