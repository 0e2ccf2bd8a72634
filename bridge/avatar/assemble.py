"""From parameters to a file."""

import dataclasses

from bridge.avatar import textures
from bridge.avatar.body import body_parts
from bridge.avatar.clothes import outfit_parts
from bridge.avatar.fabric import cloth_picture
from bridge.avatar.face import Face
from bridge.avatar.features import eye_joint, head_parts
from bridge.avatar.gltf import Model, Writer
from bridge.avatar.hairstyle import hair_of
from bridge.avatar.mesh import Part, Points, merge
from bridge.avatar.params import DEFAULT, Params
from bridge.avatar.rig import Rig
from bridge.avatar.vrm import extend, materials

CM = 0.01
HEAD = 1.19
"""Stylised people have larger heads than the tables of `surface`, which are near to life."""


def model(params: Params) -> Model:
    """The character before it is written to a file."""
    face = Face(params)
    scale = CM * HEAD * params.head_size * params.height
    rig = Rig(params, eye_joint(face) * scale)
    origin = rig.place("head")
    head = [_placed(part, scale, origin) for part in head_parts(face)]
    hair = hair_of(params, face.surface)
    hair.add_bones(rig, scale)
    locks = [_placed(part, scale, origin) for part in hair.parts]
    meshes = {
        "Face": _by_material(head),
        "Body": _by_material(body_parts(params, rig) + outfit_parts(params, rig)),
        "Hair": _by_material(locks),
    }
    pictures = {
        "face": textures.face_picture(params),
        "eye": textures.eye_picture(params),
        "iris": textures.iris_picture(params),
        "ink": textures.ink_picture(params),
        "hair": textures.hair_picture(params),
        "cloth": cloth_picture(params),
        "body": textures.body_picture(params),
    }
    return Model(rig, meshes, materials(params), {name: textures.png(picture) for name, picture in pictures.items()})


def build(params: Params = DEFAULT, name: str = "Mei") -> bytes:
    """A VRM 1.0 file (GLB): the same bytes for the same parameters and name."""
    writer = _written(params)
    extend(writer, params, name)
    return writer.glb()


def build_gltf(params: Params = DEFAULT) -> bytes:
    """A plain glTF 2.0 file (GLB) with the 52 morph targets, for tools that know no VRM: no extension but unlit."""
    writer = _written(params)
    for material in writer.document.materials:
        material.extensions = {name: block for name, block in material.extensions.items() if name.startswith("KHR_")}
    writer.document.extensionsUsed = ["KHR_materials_unlit"]
    return writer.glb()


def _written(params: Params) -> Writer:
    """The document, with the parameters kept in it."""
    writer = Writer(model(params))
    writer.document.asset.extras = {"rigcast_params": dataclasses.asdict(params)}
    return writer


def _placed(part: Part, scale: float, origin: Points) -> Part:
    """A piece of the head, from centimetres to its place in the model."""
    part.positions = part.positions * scale + origin
    part.morphs = {name: shift * scale for name, shift in part.morphs.items()}
    return part


def _by_material(parts: list[Part]) -> list[Part]:
    names = dict.fromkeys(part.material for part in parts)
    return [merge([part for part in parts if part.material == name]) for name in names]
