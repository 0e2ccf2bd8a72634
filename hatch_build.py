"""Building the package builds the preview page first, so that an installed Rigcast has it."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Calls tools/page.py; where that fails, warns and builds without the page."""

    def dependencies(self) -> list[str]:
        """What the build needs beside hatchling: PyPI's Node.js, where there is none on the machine."""
        spec = importlib.util.spec_from_file_location("page", self._tool)
        if spec is None or spec.loader is None or not self._tool.exists():
            return []
        page = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(page)
        return [] if page.from_path() else [page.WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the wheel is filled. An editable install gets its page later, from `make page`."""
        if version == "editable" or not self._tool.exists():
            return
        if subprocess.run([sys.executable, str(self._tool)]).returncode:
            self.app.display_warning(
                "This build has no preview page: tools/page.py could not build it, for the reason above. "
                "All else works; mend that and build again to have it."
            )

    @property
    def _tool(self) -> Path:
        return Path(self.root, "tools", "page.py")
