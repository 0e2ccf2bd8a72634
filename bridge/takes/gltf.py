"""A take as an animation in glTF 2.0 (Khronos), in a .glb: of the default character, or for any VRM (.vrma).

`.glb` is the whole character, its 52 morph targets and its bones animated, for any program that opens glTF. `.vrma` is
VRM's own kind of animation, VRMC_vrm_animation 1.0, which programs put on any VRM: the humanoid's bones, the direction
of the eyes, and the weights of expressions, which stand there as the x of a node's place.

However long the take is, it goes from the journal to the file piece by piece.
"""

import json
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from bridge import __version__
from bridge.body.bounds import EYES
from bridge.body.eyes import directions, eye_rotations, turns
from bridge.curves import CURVES
from bridge.frames import FRAME_RATE
from bridge.outputs.presets import VRM1, weights
from bridge.skeleton import JOINTS, Array, normalised
from bridge.takes.journal import Journal, JournalWriter, curves_of, root_of, rotations_of

PIECE = 1 << 14
"""Frames written at once."""

STILL = 1e-5
"""What never leaves the rest of its node by more than this is left out."""

Document = dict[str, Any]
Values = Callable[[Array], Array]
"""Makes numbers, a row a frame, of rows of the journal."""

_MAGIC, _VERSION, _JSON, _BIN = 0x46546C67, 2, 0x4E4F534A, 0x004E4942
_FLOAT = 5126
_KINDS = {"weights": "SCALAR", "rotation": "VEC4", "translation": "VEC3"}
_WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}
_RESTS = {"weights": [0.0], "rotation": [0.0, 0.0, 0.0, 1.0], "translation": [0.0, 0.0, 0.0]}


class Track(NamedTuple):
    """What may move: a node, its property, and the property's values."""

    node: int
    path: str
    values: Values


def glb_writer(path: Path) -> JournalWriter:
    """The default character's animation. See Writer."""
    return JournalWriter(path, {"kind": ".glb"}, write_glb)


def vrma_writer(path: Path, face: str) -> JournalWriter:
    """An animation for any VRM, with expressions of one of takes.FACES. See Writer."""
    return JournalWriter(path, {"kind": ".vrma", "face": face}, write_vrma)


def write_glb(path: Path, journal: Journal) -> None:
    """Write the default character with its animation."""
    from bridge.avatar import build_gltf

    document, blob = _read_glb(build_gltf())
    nodes = document["nodes"]
    place = {node["name"]: i for i, node in enumerate(nodes)}
    faces = [i for i, node in enumerate(nodes) if "mesh" in node and "weights" in document["meshes"][node["mesh"]]]
    tracks = [Track(i, "weights", curves_of) for i in faces]
    tracks += _bones([place[joint.name] for joint in JOINTS], nodes[place["hips"]]["translation"])
    _write(path, document, blob, tracks, journal.rows)


def write_vrma(path: Path, journal: Journal) -> None:
    """Write an animation for any VRM."""
    nodes: list[Document] = [{"name": joint.name, "translation": joint.offset} for joint in JOINTS]
    for i, joint in enumerate(JOINTS[1:], 1):
        nodes[joint.parent].setdefault("children", []).append(i)
    tracks = [track for track in _bones(range(len(JOINTS)), JOINTS[0].offset) if track.node not in EYES]
    bones = {joint.name: {"node": i} for i, joint in enumerate(JOINTS) if i not in EYES}
    face = journal.options.get("face")
    expressions = {}
    for name, values in _expressions(VRM1, weights) if face == "vrm1" else _expressions(SYNC, _sync):
        expressions[name] = {"node": len(nodes)}
        tracks.append(Track(len(nodes), "translation", values))
        nodes.append({"name": name})
    tracks.append(Track(len(nodes), "rotation", _gaze))
    look = {"node": len(nodes), "offsetFromHeadBone": np.mean([JOINTS[eye].offset for eye in EYES], 0).tolist()}
    nodes.append({"name": "lookAt"})
    document: Document = {
        "asset": {"version": "2.0", "generator": f"Rigcast {__version__}"},
        "extensionsUsed": ["VRMC_vrm_animation"],
        "extensions": {
            "VRMC_vrm_animation": {
                "specVersion": "1.0",
                "humanoid": {"humanBones": bones},
                "expressions": {"preset" if face == "vrm1" else "custom": expressions},
                "lookAt": look,
            }
        },
        "scene": 0,
        "scenes": [{"nodes": [0, *range(len(JOINTS), len(nodes))]}],
        "nodes": nodes,
    }
    _write(path, document, b"", tracks, journal.rows)


# ---- what moves ----


def _bones(nodes: Sequence[int], hips: Iterable[float]) -> list[Track]:
    """The joints' turns and the hips' place, for nodes in the order of JOINTS; `hips` is where they rest."""

    def turn(joint: int) -> Values:
        return lambda rows: _forward(rotations_of(rows)[:, joint])

    rest = np.array(hips, np.float32)
    tracks = [Track(node, "rotation", turn(joint)) for joint, node in enumerate(nodes)]
    return [*tracks, Track(nodes[0], "translation", lambda rows: root_of(rows) + rest)]


def _forward(q: Array) -> Array:
    """The same rotations, of unit length, neighbours on the same side, so that lerps go the shorter way."""
    return normalised(np.where(q[..., 3:] < 0, -q, q))


_SYNC = [i for i, name in enumerate(CURVES) if not name.startswith("eyeLook")]  # lookAt tells of the eyes
SYNC = tuple(CURVES[i][0].upper() + CURVES[i][1:] for i in _SYNC)
"""Curves by the names of Perfect Sync."""


def _sync(curves: Array) -> Array:
    return np.clip(curves[:, _SYNC], 0, 1)


def _expressions(names: Iterable[str], weights: Values) -> Iterator[tuple[str, Values]]:
    """Each expression with its weight as the x of a place."""

    def place(column: int) -> Values:
        return lambda rows: weights(curves_of(rows))[:, column, None] * _X

    yield from ((name, place(column)) for column, name in enumerate(names))


_X = np.array([1, 0, 0], np.float32)


def _gaze(rows: Array) -> Array:
    """Where both eyes look together, relative to the head."""
    middle = turns(directions(rotations_of(rows)[:, EYES])).mean(1)
    return eye_rotations(middle[:, 1], middle[:, 0])


# ---- the file ----


def _write(path: Path, document: Document, blob: bytes, tracks: list[Track], rows: Array) -> None:
    """A document that has these bytes, with an animation of what moves of these tracks."""
    blob += bytes(-len(blob) % 4)
    moving = [track for track in tracks if _moves(document["nodes"][track.node], track, rows)] or tracks[:1]
    size = len(blob) + _describe(document, len(blob), "SCALAR", len(rows))
    times = len(document["accessors"]) - 1
    document["accessors"][times] |= {"min": [0.0], "max": [float(np.float32((len(rows) - 1) / FRAME_RATE))]}
    samplers, channels = [], []
    for i, track in enumerate(moving):
        size += _describe(document, size, _KINDS[track.path], len(rows) * _values_a_frame(track))
        samplers.append({"input": times, "output": len(document["accessors"]) - 1})
        channels.append({"sampler": i, "target": {"node": track.node, "path": track.path}})
    document["animations"] = [{"name": "take", "samplers": samplers, "channels": channels}]
    document["buffers"] = [{"byteLength": size}]
    with open(path, "wb") as file:
        _write_heads(file, document, size)
        file.write(blob)
        file.write((np.arange(len(rows)) / FRAME_RATE).astype("<f4").tobytes())
        for track in moving:
            for piece in _pieces(rows):
                file.write(track.values(piece).astype("<f4").tobytes())


def _values_a_frame(track: Track) -> int:
    return len(CURVES) if track.path == "weights" else 1


def _moves(node: Document, track: Track, rows: Array) -> bool:
    """Whether a track ever leaves what its node is without it."""
    rest = np.array(node.get(track.path, _RESTS[track.path]), np.float32)
    return any(np.abs(track.values(piece) - rest).max() > STILL for piece in _pieces(rows))


def _pieces(rows: Array) -> Iterator[Array]:
    for first in range(0, len(rows), PIECE):
        yield np.array(rows[first : first + PIECE])  # off the disk


def _describe(document: Document, place: int, kind: str, count: int) -> int:
    """A new accessor of `count` values at a place of the buffer. Returns its length in bytes."""
    length = 4 * _WIDTHS[kind] * count
    views = document.setdefault("bufferViews", [])
    accessor = {"bufferView": len(views), "componentType": _FLOAT, "count": count, "type": kind}
    views.append({"buffer": 0, "byteOffset": place, "byteLength": length})
    document.setdefault("accessors", []).append(accessor)
    return length


def _read_glb(data: bytes) -> tuple[Document, bytes]:
    """The JSON and the buffer of a .glb of our own."""
    (length,) = struct.unpack_from("<I", data, 12)
    begin = 20 + length
    (size,) = struct.unpack_from("<I", data, begin)
    return json.loads(data[20:begin]), data[begin + 8 : begin + 8 + size]


def _write_heads(file: BinaryIO, document: Document, size: int) -> None:
    """All of a .glb that stands before the buffer, which has `size` bytes, a multiple of 4."""
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    file.write(struct.pack("<III", _MAGIC, _VERSION, 12 + 8 + len(text) + 8 + size))
    file.write(struct.pack("<II", len(text), _JSON) + text)
    file.write(struct.pack("<II", size, _BIN))
