"""Setting up: the tool is understood by Pythons that are too old, and says what they lack."""

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parent.parent / "tools" / "venv.py"


@pytest.fixture
def tool() -> ModuleType:
    """The tool as a module."""
    spec = importlib.util.spec_from_file_location("venv_tool", TOOL)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_old_python_can_read_it() -> None:
    ast.parse(TOOL.read_text(encoding="utf-8"), feature_version=(3, 7))  # the oldest that ast can play


def test_an_old_python_is_told_what_to_do(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tool._objection() == ""
    monkeypatch.setattr(tool.sys, "version_info", (3, 10, 4))
    assert "needs Python 3.11 or newer" in tool._objection()
    assert "is Python 3.10" in tool._objection()


def test_a_missing_venv_is_named_by_its_package(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert f"apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv" in tool._objection()


def test_what_is_installed_is_not_installed_again(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed: list[list[str]] = []
    monkeypatch.setattr(tool, "_install", installed.append)
    monkeypatch.setattr(tool, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(tool, "STAMP", tmp_path / "installed")

    def set_up(*extras: str) -> list[list[str]]:
        installed.clear()
        monkeypatch.setattr(sys, "argv", ["venv.py", *extras])
        assert tool.main() == 0
        return list(installed)

    assert set_up() == [[]]
    assert set_up() == []
    assert set_up("dev") == [["dev"]]
    assert set_up() == []  # whoever has the tests' packages has the program's
    monkeypatch.setattr(tool, "_fingerprint", lambda: "pyproject.toml has changed")
    assert set_up() == [["dev"]]
