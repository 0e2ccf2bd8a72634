"""Performances as files: one module a format, told apart by how the file's name ends."""

from collections.abc import Iterator
from pathlib import Path

from bridge.outputs.feed import Pose
from bridge.takes.take import LONGEST_S, TakeError, Writer

__all__ = ["FACES", "LONGEST_S", "READ", "WRITTEN", "TakeError", "Writer", "kind_of", "read", "recover", "writer"]

WRITTEN = (".csv", ".json", ".bvh", ".glb", ".vrma")
READ = (".csv", ".json")
FACES = ("sync", "vrm1")
"""Expressions of a .vrma; see bridge.takes.gltf."""


def kind_of(path: Path, kinds: tuple[str, ...]) -> str:
    """How the name ends, in small letters. Raises TakeError where that is none of these."""
    kind = path.suffix.lower()
    if kind not in kinds:
        raise TakeError(f"{path}: the name must end with {' or '.join(kinds)}, which tells the format")
    return kind


def writer(path: Path, *, sound: str = "", face: str = "sync") -> Writer:
    """A new take. sound: the name of the file of its sound, to be told where that can be; face: one of FACES.

    Raises TakeError, OSError. What is at `path` already is lost: at once, or with formats that are written when all is
    known, at the end.
    """
    match kind_of(path, WRITTEN):
        case ".csv":
            from bridge.takes.csv import CsvWriter

            return CsvWriter(path)
        case ".json":
            from bridge.takes.json import JsonWriter

            return JsonWriter(path, sound)
        case ".bvh":
            from bridge.takes.bvh import BvhWriter

            return BvhWriter(path)
        case ".glb":
            from bridge.takes.gltf import glb_writer

            return glb_writer(path)
        case _:
            from bridge.takes.gltf import vrma_writer

            return vrma_writer(path, face)


def read(path: Path) -> Iterator[Pose]:
    """The poses of a take, in the order of their times. Raises TakeError, OSError, also while they are read."""
    if kind_of(path, READ) == ".csv":
        from bridge.takes.csv import read_csv

        return read_csv(path)
    from bridge.takes.json import read_json

    return read_json(path)


def recover(journal: Path) -> Path:
    """Finish what a journal was kept for, and return where it is. Raises TakeError, OSError."""
    from bridge.takes.gltf import write_glb, write_vrma
    from bridge.takes.journal import SUFFIX, finish, read_journal

    if journal.suffix != SUFFIX:
        raise TakeError(f"{journal}: is no journal; their names end with {SUFFIX}")
    kind = read_journal(journal).options.get("kind")
    work = {".glb": write_glb, ".vrma": write_vrma}.get(str(kind))
    if work is None:
        raise TakeError(f"{journal}: is for a {kind} file, which this version cannot write")
    path = journal.with_suffix("")
    finish(path, journal, work)
    return path
