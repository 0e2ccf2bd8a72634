"""Binary glTF 2.0 that somebody sent: what may be read of it, and whether it keeps what it promises.

Khronos, glTF 2.0 specification, chapters 3 (properties), 4 (GLB) and 5. Nothing outside the file is ever read, nothing
is unpacked; every number that says how much there is, is held against how much there is.
"""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bridge.avatar import pictures

MAGIC, VERSION = 0x46546C67, 2
JSON_CHUNK, BINARY_CHUNK = 0x4E4F534A, 0x004E4942
LARGEST_FILE = 256 * 2**20
LARGEST_JSON = 16 * 2**20
"""Bytes. A detailed character has 30 MB, of which JSON is one."""
MOST_ENTRIES = 100_000
"""Of each list in the document: nodes, accessors, meshes."""
DEEPEST = 256
"""Nodes above a node."""
LARGEST_PICTURE, MOST_PIXELS = 8192, 2**28
"""Pixels of a side, and of all pictures, which is 1 GiB unpacked. A file of a few kilobytes may unpack to gigabytes."""

_COMPONENTS = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
_TYPES = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
_LISTS = (
    "accessors",
    "animations",
    "bufferViews",
    "buffers",
    "images",
    "materials",
    "meshes",
    "nodes",
    "skins",
    "textures",
)


class GlbError(ValueError):
    """The file is no binary glTF, or not a sound one; the words say what is wrong where."""


def bytes_of(path: Path) -> bytes:
    """A file, up to LARGEST_FILE; a longer one is cut off, and `document` says so. Raises OSError."""
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1)


def document(data: bytes) -> dict[str, Any]:
    """The document of a binary glTF, checked against its binary part. Raises GlbError."""
    if len(data) > LARGEST_FILE:
        raise GlbError(f"larger than {LARGEST_FILE // 2**20} MB")
    text, binary = _chunks(data)
    try:
        found = json.loads(text)
    except RecursionError:
        raise GlbError("its JSON is nested too deep") from None
    except ValueError as error:
        raise GlbError(f"its JSON is none: {error}") from None
    if not isinstance(found, dict):
        raise GlbError("its JSON must be an object")
    try:
        _check(found, binary)
    except (AttributeError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise GlbError(f"its JSON is not as glTF has it: {type(error).__name__}: {str(error)[:100]}") from None
    return found


def _chunks(data: bytes) -> tuple[bytes, bytes]:
    """The two parts of the file: JSON and, where there is one, binary."""
    if len(data) < 20 or struct.unpack_from("<I", data)[0] != MAGIC:
        raise GlbError("no .vrm or .glb (a binary glTF begins with 'glTF')")
    _, version, length = struct.unpack_from("<III", data)
    if version != VERSION:
        raise GlbError(f"glTF of version {version}; only {VERSION} is read")
    if length != len(data):
        raise GlbError(f"its header says {length} bytes, and there are {len(data)}")
    parts = []
    at = 12
    while at + 8 <= len(data):
        size, kind = struct.unpack_from("<II", data, at)
        if at + 8 + size > len(data):
            raise GlbError(f"a part of {size} bytes ends behind the file's end")
        parts.append((kind, data[at + 8 : at + 8 + size]))
        at += 8 + size + -size % 4
    if not parts or parts[0][0] != JSON_CHUNK:
        raise GlbError("its first part must be JSON")
    if len(parts[0][1]) > LARGEST_JSON:
        raise GlbError(f"its JSON has {len(parts[0][1])} bytes, the limit is {LARGEST_JSON}")
    binary = next((part for kind, part in parts[1:2] if kind == BINARY_CHUNK), b"")
    return parts[0][1], binary


def _check(found: dict[str, Any], binary: bytes) -> None:
    for name in _LISTS:
        entries = found.get(name, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise GlbError(f"{name} must be a list of objects")
        if len(entries) > MOST_ENTRIES:
            raise GlbError(f"{len(entries)} {name}, the limit is {MOST_ENTRIES}")
    _check_within(found)
    views = list(_views(found, len(binary)))
    for i, accessor in enumerate(found.get("accessors", [])):
        _check_accessor(f"accessors[{i}]", accessor, views)
    _check_pictures(found, views, binary)
    _check_nodes(found.get("nodes", []))


def _check_within(found: dict[str, Any]) -> None:
    """No file but this one."""
    for name in ("buffers", "images"):
        for i, entry in enumerate(found.get(name, [])):
            if "uri" in entry:
                raise GlbError(f"{name}[{i}] lies in another place, {str(entry['uri'])[:60]!r}; pack it into the file")
    if len(found.get("buffers", [])) > 1:
        raise GlbError("more than one buffer; a binary glTF has one inside")


def _views(found: dict[str, Any], size: int) -> Iterator[tuple[int, int]]:
    """Begin and end of each view in the binary part."""
    for i, view in enumerate(found.get("bufferViews", [])):
        begin, length = (
            _count(view.get("byteOffset", 0), f"bufferViews[{i}]"),
            _count(view["byteLength"], f"bufferViews[{i}]"),
        )
        if begin + length > size:
            raise GlbError(f"bufferViews[{i}] ends at byte {begin + length}, and there are {size}")
        yield begin, begin + length


def _check_accessor(where: str, accessor: dict[str, Any], views: list[tuple[int, int]]) -> None:
    count, width = _count(accessor["count"], where), _width(accessor, where)
    if "bufferView" in accessor:
        _check_room(where, accessor, "bufferView", count, width, views)
    sparse = accessor.get("sparse")
    if sparse is not None:
        told = _count(sparse["count"], where)
        if told > count:
            raise GlbError(f"{where}.sparse has {told} values for {count}")
        index = _COMPONENTS.get(sparse["indices"]["componentType"], 4)
        _check_room(f"{where}.sparse.indices", sparse["indices"], "bufferView", told, index, views)
        _check_room(f"{where}.sparse.values", sparse["values"], "bufferView", told, width, views)
    elif "bufferView" not in accessor and count > MOST_ENTRIES:
        raise GlbError(f"{where} has {count} zeros")


def _check_room(
    where: str, entry: dict[str, Any], name: str, count: int, width: int, views: list[tuple[int, int]]
) -> None:
    begin, end = views[_index(entry[name], views, where)]
    needed = _count(entry.get("byteOffset", 0), where) + count * width
    if needed > end - begin:
        raise GlbError(f"{where} needs {needed} bytes, and its view has {end - begin}")


def _width(accessor: dict[str, Any], where: str) -> int:
    try:
        return _COMPONENTS[accessor["componentType"]] * _TYPES[accessor["type"]]
    except KeyError:
        raise GlbError(f"{where} has no type that glTF knows") from None


def _check_pictures(found: dict[str, Any], views: list[tuple[int, int]], binary: bytes) -> None:
    pixels = 0
    for i, image in enumerate(found.get("images", [])):
        if "bufferView" in image:
            begin, end = views[_index(image["bufferView"], views, f"images[{i}].bufferView")]
            pixels += _pixels(f"images[{i}]", binary[begin:end])
    if pixels > MOST_PIXELS:
        raise GlbError(f"its pictures have {pixels} pixels, the limit is {MOST_PIXELS}")


def _pixels(where: str, data: bytes) -> int:
    try:
        width, height = pictures.size(data)
    except ValueError as error:
        raise GlbError(f"{where} is {error}") from None
    if max(width, height) > LARGEST_PICTURE:
        raise GlbError(f"{where} is {width} by {height} pixels, the limit is {LARGEST_PICTURE}")
    return width * height


def _check_nodes(nodes: list[dict[str, Any]]) -> None:
    """A forest: no node below itself, or below two."""
    parent: dict[int, int] = {}
    for i, node in enumerate(nodes):
        for child in node.get("children", []):
            child = _index(child, nodes, f"nodes[{i}].children")
            if child in parent:
                raise GlbError(f"nodes[{child}] hangs below two others")
            parent[child] = i
    for i in range(len(nodes)):
        above = i
        for _ in range(DEEPEST):
            if above not in parent:
                break
            above = parent[above]
        else:
            raise GlbError(f"nodes[{i}] lies more than {DEEPEST} deep, or below itself")


def _index(value: Any, entries: list[Any], where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < len(entries):
        raise GlbError(f"{where} names {str(value)[:20]}, and there are {len(entries)}")
    return value


def _count(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**40:
        raise GlbError(f"{where} has a size of {str(value)[:20]}")
    return value
