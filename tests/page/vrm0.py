"""The built-in character as other conventions have it: a VRM 0, and a plain glTF with Oculus visemes."""

import json
import struct
from collections.abc import Callable
from typing import Any

from bridge.avatar import DEFAULT, build, build_gltf
from bridge.avatar.vrm import PRESETS
from bridge.curves import CURVES

NAMES = {"aa": "A", "ih": "I", "ou": "U", "ee": "E", "oh": "O", "blink": "Blink", "blinkLeft": "Blink_L",
         "blinkRight": "Blink_R", "happy": "Joy", "angry": "Angry", "sad": "Sorrow", "relaxed": "Fun",
         "lookUp": "LookUp", "lookDown": "LookDown", "lookLeft": "LookLeft", "lookRight": "LookRight",
         "neutral": "Neutral"}  # fmt: skip
THUMBS = {"ThumbProximal": "ThumbIntermediate", "ThumbMetacarpal": "ThumbProximal"}
OCULUS = {"jawOpen": "viseme_aa", "mouthPucker": "viseme_U", "mouthFunnel": "viseme_O", "mouthStretchLeft": "viseme_I",
          "tongueOut": "viseme_TH", "mouthRollLower": "viseme_FF", "eyeBlinkLeft": "eyesClosed"}  # fmt: skip


def vrm0() -> bytes:
    """VRM 0: another skeleton's names, looking along -Z, shapes without names behind blend shape groups."""
    return changed(build(DEFAULT), _as_vrm0)


def oculus() -> bytes:
    """A plain glTF whose shapes are a few of Oculus's; the others have names that nobody knows."""

    def renamed(document: dict[str, Any]) -> None:
        _name_shapes(document, lambda curve: OCULUS.get(curve, f"x{CURVES.index(curve)}q"))

    return changed(build_gltf(DEFAULT), renamed)


def changed(glb: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """A binary glTF with another document."""
    length = struct.unpack_from("<I", glb, 12)[0]
    document = json.loads(glb[20 : 20 + length])
    change(document)
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    rest = glb[20 + length :]
    return struct.pack("<4sIIII", b"glTF", 2, 20 + len(text) + len(rest), len(text), 0x4E4F534A) + text + rest


def _name_shapes(document: dict[str, Any], name: Callable[[str], str]) -> None:
    for mesh in document["meshes"]:
        if "extras" in mesh:
            mesh["extras"]["targetNames"] = [name(curve) for curve in CURVES]


def _as_vrm0(document: dict[str, Any]) -> None:
    bones = document["extensions"]["VRMC_vrm"]["humanoid"]["humanBones"]
    face = next(i for i, mesh in enumerate(document["meshes"]) if "extras" in mesh)
    _name_shapes(document, lambda curve: f"x{CURVES.index(curve)}q")
    document["nodes"][0]["rotation"] = [0, 1, 0, 0]
    for material in document["materials"]:
        material.pop("extensions", None)
    document["extensionsUsed"] = ["VRM"]
    document["extensions"] = {"VRM": {
        "specVersion": "0.0", "exporterVersion": "Rigcast's tests", "meta": {"title": "Mei", "version": "1"},
        "humanoid": {"humanBones": [{"bone": _bone0(name), **bone} for name, bone in bones.items()]},
        "firstPerson": {"firstPersonBone": bones["head"]["node"], "lookAtTypeName": "Bone"},
        "blendShapeMaster": {"blendShapeGroups": [_group(face, preset) for preset in PRESETS if preset in NAMES]},
        "secondaryAnimation": {"boneGroups": [], "colliderGroups": []},
        "materialProperties": [{"name": m["name"], "shader": "VRM_USE_GLTFSHADER", "renderQueue": 2000,
                                "floatProperties": {}, "vectorProperties": {}, "textureProperties": {},
                                "keywordMap": {}, "tagMap": {}} for m in document["materials"]],
    }}  # fmt: skip


def _bone0(name: str) -> str:
    for new, old in THUMBS.items():
        if name.endswith(new):
            return name.removesuffix(new) + old
    return name


def _group(mesh: int, preset: str) -> dict[str, Any]:
    binds = [
        {"mesh": mesh, "index": CURVES.index(curve), "weight": 100 * weight}
        for name, weight in PRESETS[preset].items()
        for curve in CURVES
        if curve in (name, f"{name}Left", f"{name}Right")
    ]
    return {"name": NAMES[preset], "presetName": NAMES[preset].lower(), "isBinary": False, "binds": binds}
