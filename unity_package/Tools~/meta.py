"""Write the .meta file of everything in this package that Unity sees and that has none yet.

A GUID is made from the package's name and the path, so two people who add the same file get the same GUID. One that
exists is never changed: scenes and prefabs find scripts by it. Who moves a file moves its .meta with it.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
NAME = "com.rigcast.bridge"
SAMPLES = "Samples~"

FOLDER = "folderAsset: yes\nDefaultImporter:\n"
IMPORTERS = {
    ".cs": "MonoImporter:\n  serializedVersion: 2\n  defaultReferences: []\n  executionOrder: 0\n"
    "  icon: {instanceID: 0}\n",
    ".asmdef": "AssemblyDefinitionImporter:\n",
    ".json": "TextScriptImporter:\n",
    ".md": "TextScriptImporter:\n",
    ".jslib": "PluginImporter:\n  serializedVersion: 2\n  isPreloaded: 0\n  isOverridable: 0\n  platformData:\n"
    "  - first:\n      Any: \n    second:\n      enabled: 0\n      settings: {}\n"
    "  - first:\n      WebGL: WebGL\n    second:\n      enabled: 1\n      settings: {}\n",
}
USER_DATA = "  externalObjects: {}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n"


def visible(folder: Path = PACKAGE) -> Iterator[Path]:
    """All that Unity imports: no dot in front, no ~ behind, no .meta. Samples are copied, so they count."""
    for path in sorted(folder.iterdir()):
        if path.name == SAMPLES:
            for sample in sorted(path.iterdir()):
                yield from visible(sample)
        elif not path.name.startswith(".") and not path.name.endswith("~") and path.suffix != ".meta":
            yield path
            if path.is_dir():
                yield from visible(path)


def meta_of(path: Path) -> Path:
    """Where a file's or folder's .meta lies."""
    return path.with_name(path.name + ".meta")


def content(path: Path) -> str:
    """What a new .meta says."""
    guid = hashlib.md5(f"{NAME}/{path.relative_to(PACKAGE).as_posix()}".encode(), usedforsecurity=False).hexdigest()
    importer = FOLDER if path.is_dir() else IMPORTERS[path.suffix]
    return f"fileFormatVersion: 2\nguid: {guid}\n{importer}{USER_DATA}"


if __name__ == "__main__":
    for path in visible():
        if not meta_of(path).exists():
            meta_of(path).write_text(content(path), encoding="utf-8", newline="\n")
            print(meta_of(path).relative_to(PACKAGE))
