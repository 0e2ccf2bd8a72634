"""Pack the Unreal plugin as a zip that is unpacked into a project's Plugins folder.

    python tools/unreal.py [OUT.zip]

Only what the engine needs goes in: no tests, no CMake. The same sources give the same bytes.
"""

import json
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLUGIN = ROOT / "unreal_plugin"
LEFT_OUT = ("Tests", "CMakeLists.txt", "Binaries", "Intermediate", "__pycache__")
EPOCH = (2026, 1, 1, 0, 0, 0)
"""The time of every file in the zip, so that two packs of one source are equal."""


def files() -> list[Path]:
    """What belongs into the plugin, relative to it, in order."""
    every = (path.relative_to(PLUGIN) for path in PLUGIN.rglob("*") if path.is_file())
    return sorted(path for path in every if not set(path.parts) & set(LEFT_OUT))


def pack(out: Path) -> None:
    """Write the zip: all under Rigcast/, with the licence."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out, "w") as archive:
        for name, path in [*((p.as_posix(), PLUGIN / p) for p in files()), ("LICENSE", ROOT / "LICENSE")]:
            entry = zipfile.ZipInfo(f"Rigcast/{name}", EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())


def main() -> int:
    """Pack, and say where."""
    version = json.loads((PLUGIN / "Rigcast.uplugin").read_text(encoding="utf-8"))["VersionName"]
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / f"Rigcast-Unreal-{version}.zip"
    pack(out)
    print(f"{out}: unpack it into your project's Plugins folder; see docs/unreal.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
