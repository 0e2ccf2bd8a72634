"""Files that a command is to make."""

from pathlib import Path

from bridge.commands import CommandError


def check_files(files: list[Path], overwrite: bool) -> None:
    """Raises CommandError where a file exists that must not be replaced, or its folder does not."""
    for file in files:
        if not file.absolute().parent.is_dir():
            raise CommandError(f"{file}: there is no folder {file.parent}")
        if file.exists() and not overwrite:
            raise CommandError(f"{file}: exists already; choose another name, or --overwrite it")
