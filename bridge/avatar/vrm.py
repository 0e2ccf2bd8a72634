"""The VRM 1.0 extensions (vrm-c/vrm-specification): meta, humanoid, expressions, lookAt, MToon, spring bones."""

from typing import Any

import numpy as np

from bridge.avatar.gltf import Material, Model, Writer
from bridge.avatar.mesh import Points
from bridge.avatar.params import Params, rgb
from bridge.avatar.textures import hair_shade, shade_of, skin_shade
from bridge.curves import CURVES

FACE_NODE = "Face"
SIDES = (("left", 1.0), ("right", -1.0))

PRESETS: dict[str, dict[str, float]] = {
    "happy": {
        "mouthSmile": 1.0,
        "cheekSquint": 0.8,
        "eyeSquint": 0.5,
        "browOuterUp": 0.3,
        "browInnerUp": 0.2,
        "jawOpen": 0.3,
    },
    "angry": {"browDown": 1.0, "eyeSquint": 0.35, "mouthFrown": 0.55, "noseSneer": 0.5, "mouthPress": 0.3},
    "sad": {"browInnerUp": 1.0, "mouthFrown": 0.6, "eyeBlink": 0.22, "mouthShrugLower": 0.3, "eyeLookDown": 0.15},
    "relaxed": {"mouthSmile": 0.45, "eyeBlink": 0.30, "cheekSquint": 0.3, "browInnerUp": 0.12},
    "surprised": {"eyeWide": 1.0, "browInnerUp": 0.7, "browOuterUp": 0.8, "jawOpen": 0.32, "mouthFunnel": 0.25},
    "aa": {"jawOpen": 0.75},
    "ih": {"jawOpen": 0.18, "mouthStretch": 0.6, "mouthLowerDown": 0.25, "mouthUpperUp": 0.15},
    "ou": {"jawOpen": 0.16, "mouthPucker": 0.85, "mouthFunnel": 0.25},
    "ee": {"jawOpen": 0.28, "mouthSmile": 0.35, "mouthStretch": 0.3, "mouthUpperUp": 0.2, "mouthLowerDown": 0.2},
    "oh": {"jawOpen": 0.48, "mouthPucker": 0.4, "mouthFunnel": 0.35},
    "blink": {"eyeBlink": 1.0},
    "blinkLeft": {"eyeBlinkLeft": 1.0},
    "blinkRight": {"eyeBlinkRight": 1.0},
    "lookUp": {"eyeLookUp": 1.0},
    "lookDown": {"eyeLookDown": 1.0},
    "lookLeft": {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
    "lookRight": {"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0},
    "neutral": {},
}
"""VRM's preset expressions as ARKit weights; a name without a side means both sides."""


def extend(writer: Writer, params: Params, name: str) -> None:
    """Adds the VRM extensions to a document."""
    document = writer.document
    document.extensions = {"VRMC_vrm": vrm_block(writer, params, name), "VRMC_springBone": spring_block(writer)}
    document.extensionsUsed = ["KHR_materials_unlit", "VRMC_materials_mtoon", "VRMC_springBone", "VRMC_vrm"]


def vrm_block(writer: Writer, params: Params, name: str) -> dict[str, Any]:
    """The VRMC_vrm extension."""
    bones = writer.model.rig.bones.values()
    return {
        "specVersion": "1.0",
        "meta": meta(name),
        "humanoid": {"humanBones": {bone.name: {"node": writer.node[bone.name]} for bone in bones if bone.humanoid}},
        "lookAt": look_at(writer),
        "firstPerson": {
            "meshAnnotations": [{"node": writer.node[mesh], "type": "auto"} for mesh in writer.model.meshes]
        },
        "expressions": expressions(writer.node[FACE_NODE]),
    }


def meta(name: str) -> dict[str, Any]:
    """Who made it and what everyone may do with it: anything."""
    return {
        "name": name,
        "version": "1.0",
        "authors": ["Rigcast contributors"],
        "copyrightInformation": "Made by code; Apache-2.0",
        "licenseUrl": "https://vrm.dev/licenses/1.0/",
        "otherLicenseUrl": "https://www.apache.org/licenses/LICENSE-2.0",
        "avatarPermission": "everyone",
        "allowExcessivelyViolentUsage": False,
        "allowExcessivelySexualUsage": False,
        "commercialUsage": "corporation",
        "allowPoliticalOrReligiousUsage": False,
        "allowAntisocialOrHateUsage": False,
        "creditNotation": "unnecessary",
        "allowRedistribution": True,
        "modification": "allowModificationRedistribution",
    }


def look_at(writer: Writer) -> dict[str, Any]:
    """Eyes turn by bones; the bones may turn as far as real eyes, since irises take a share of it only."""
    eye, head = writer.model.rig.place("leftEye"), writer.model.rig.place("head")
    offset = [0.0, round(float(eye[1] - head[1]), 5), round(float(eye[2] - head[2]) + 0.03, 5)]
    return {
        "type": "bone",
        "offsetFromHeadBone": offset,
        "rangeMapHorizontalInner": {"inputMaxValue": 90, "outputScale": 22},
        "rangeMapHorizontalOuter": {"inputMaxValue": 90, "outputScale": 26},
        "rangeMapVerticalDown": {"inputMaxValue": 90, "outputScale": 20},
        "rangeMapVerticalUp": {"inputMaxValue": 90, "outputScale": 20},
    }


def expressions(face: int) -> dict[str, Any]:
    """Presets, and the 52 curves under their names in PascalCase as face trackers send them."""
    custom = {curve[0].upper() + curve[1:]: _expression(face, {curve: 1.0}) for curve in CURVES}
    preset = {name: _expression(face, weights) for name, weights in PRESETS.items()}
    for name in ("happy", "angry", "sad", "relaxed", "surprised"):
        preset[name]["overrideBlink"] = "blend"
        preset[name]["overrideMouth"] = "blend"
    return {"preset": preset, "custom": custom}


def _expression(face: int, weights: dict[str, float]) -> dict[str, Any]:
    binds = [
        {"node": face, "index": CURVES.index(curve), "weight": weight}
        for name, weight in weights.items()
        for curve in CURVES
        if curve in (name, name + "Left", name + "Right")
    ]
    return {
        "isBinary": False,
        "morphTargetBinds": binds,
        "overrideBlink": "none",
        "overrideLookAt": "none",
        "overrideMouth": "none",
    }


def spring_block(writer: Writer) -> dict[str, Any]:
    """The VRMC_springBone extension: chains that swing, and the spheres and rolls that keep them out of the body."""
    rig = writer.model.rig
    size = rig.params.height
    spheres = [
        ("head", [0.0, 0.075 * size, 0.0], 0.066 * rig.params.head_size),
        ("neck", [0.0, 0.02, 0.0], 0.034 * size),
        ("upperChest", [0.0, 0.04 * size, -0.005], 0.078 * size),
        ("chest", [0.0, 0.02 * size, 0.0], 0.075 * size),
        ("leftUpperArm", [0.0, 0.0, 0.0], 0.042 * size),
        ("rightUpperArm", [0.0, 0.0, 0.0], 0.042 * size),
    ]
    rolls = [(f"{side}Shoulder", sign * (rig.place("leftUpperArm")[0] - 0.03 * size)) for side, sign in SIDES]
    colliders = [
        {"node": writer.node[bone], "shape": {"sphere": {"offset": offset, "radius": round(radius, 5)}}}
        for bone, offset, radius in spheres
    ]
    colliders += [
        {"node": writer.node[bone], "shape": {"capsule": _roll(0.2 * reach, reach, round(0.040 * size, 5))}}
        for bone, reach in rolls
    ]
    springs = [
        {
            "name": chain.bones[0],
            "joints": [
                {
                    "node": writer.node[bone],
                    "hitRadius": chain.hit_radius,
                    "stiffness": chain.stiffness,
                    "gravityPower": chain.gravity,
                    "gravityDir": [0.0, -1.0, 0.0],
                    "dragForce": chain.drag,
                }
                for bone in chain.bones
            ],
            "colliderGroups": [0],
        }
        for chain in rig.chains
    ]
    group = {"name": "body", "colliders": list(range(len(colliders)))}
    return {"specVersion": "1.0", "colliders": colliders, "colliderGroups": [group], "springs": springs}


def _roll(start: float, end: float, radius: float) -> dict[str, Any]:
    """A capsule along X, metres."""
    return {"offset": [round(start, 5), 0.0, 0.0], "radius": radius, "tail": [round(end, 5), 0.0, 0.0]}


# ---- materials ----


def mtoon(
    shade: Points, outline: Points | None = None, outline_width: float = 0.0036, shift: float = -0.08, rim: float = 0.0
) -> dict[str, Any]:
    """A VRMC_materials_mtoon block. shade multiplies the lit colour in shadow; outline is what multiplies the surface's
    colour in its outline, or none, and outline_width its share of half the picture's height, so that lines are whole in
    every shot; shift moves the shadow's edge, + into the light; rim is how bright the silhouette glows."""
    block: dict[str, Any] = {
        "specVersion": "1.0",
        "transparentWithZWrite": False,
        "renderQueueOffsetNumber": 0,
        "shadeColorFactor": [round(float(v), 4) for v in linear(shade)],
        "shadingShiftFactor": shift,
        "shadingToonyFactor": 0.9,
        "giEqualizationFactor": 0.9,
        "parametricRimColorFactor": [rim, rim, rim],
        "parametricRimFresnelPowerFactor": 4.0,
        "parametricRimLiftFactor": 0.0,
        "rimLightingMixFactor": 1.0,
        "outlineWidthMode": "none",
    }
    if outline is not None:
        block["outlineWidthMode"] = "screenCoordinates"
        block["outlineWidthFactor"] = outline_width
        block["outlineColorFactor"] = [round(float(v), 4) for v in linear(outline)]
        block["outlineLightingMixFactor"] = 1.0
    return block


def linear(colour: Points) -> Points:
    """sRGB to linear light (IEC 61966-2-1)."""
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def materials(p: Params) -> list[Material]:
    """The character's surfaces; each shade colour is a hue-shifted darker form of the lit one."""

    def with_shade_picture(material: Material, index: int) -> Material:
        material.extension["shadeMultiplyTexture"] = {"index": index}
        return material

    tone, plain, warm = skin_shade(p) / rgb(p.skin_colour), np.ones(3), np.array([0.62, 0.38, 0.36])
    found = [
        Material("Skin", "face", extension=mtoon(tone, warm, shift=0.2)),
        Material("Eye", "eye", extension=mtoon(plain * 0.97)),
        Material("Iris", "iris", extension=mtoon(plain)),
        Material("Ink", "ink", double_sided=True, extension=mtoon(plain)),
        Material(
            "Hair", "hair", double_sided=True, extension=mtoon(hair_shade(p), plain * 0.66, 0.0026, -0.15, rim=0.10)
        ),
        Material(
            "Cloth",
            "cloth",
            double_sided=True,
            extension=mtoon(shade_of(plain, 0.8), np.array([0.46, 0.38, 0.46]), shift=-0.25, rim=0.06),
        ),
        Material("Body", "body", extension=mtoon(tone, warm, shift=-0.15)),
    ]
    order = ["face", "eye", "iris", "ink", "hair", "cloth", "body"]
    return [with_shade_picture(material, order.index(material.picture)) for material in found]


__all__ = ["Model", "extend", "materials"]
