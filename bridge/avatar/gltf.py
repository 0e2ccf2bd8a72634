"""Parts, bones and pictures written as glTF 2.0 (Khronos), by pygltflib."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pygltflib as g  # type: ignore[import-untyped]

from bridge.avatar.mesh import Part, Points
from bridge.avatar.rig import Rig
from bridge.curves import CURVES

GENERATOR = "Rigcast avatar"
ROOT = "Root"
SHEETS = ("ink", "cloth", "body")
"""Pictures of columns or bands side by side: smaller copies, as others get, would mix the neighbours."""
MOVED = 1e-5
"""Displacements shorter than this many metres are left out of the file."""


@dataclass(slots=True)
class Material:
    """A lit or plain surface. picture names an image; extension is the VRMC_materials_mtoon block, if any."""

    name: str
    picture: str
    double_sided: bool = False
    extension: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Model:
    """A whole character before it is written: one node a mesh, one primitive a material."""

    rig: Rig
    meshes: dict[str, list[Part]]
    materials: list[Material]
    pictures: dict[str, bytes]


class Writer:
    """Builds a document; `node` tells where each bone and mesh stands afterwards."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.document = g.GLTF2(asset=g.Asset(version="2.0", generator=GENERATOR), scene=0)
        self.node: dict[str, int] = {}
        self._blob = bytearray()
        self._write_bones()
        self._write_pictures()
        for name, parts in model.meshes.items():
            self._write_mesh(name, parts)
        root = self.node[ROOT]
        self.document.scenes = [g.Scene(nodes=[root, *(self.node[name] for name in model.meshes)])]

    def glb(self) -> bytes:
        """The file's bytes, the same for the same model."""
        self.document.buffers = [g.Buffer(byteLength=len(self._blob))]
        self.document.set_binary_blob(bytes(self._blob))
        return b"".join(self.document.save_to_bytes())

    # ---- bones ----

    def _write_bones(self) -> None:
        bones = self.model.rig.bones
        self.document.nodes.append(g.Node(name=ROOT, children=[]))
        self.node[ROOT] = 0
        for bone in bones.values():
            self.node[bone.name] = len(self.document.nodes)
            above = bones[bone.parent].place if bone.parent else np.zeros(3)
            offset = [float(v) for v in np.round(bone.place - above, 6)]
            self.document.nodes.append(g.Node(name=bone.name, translation=offset, children=[]))
            self.document.nodes[self.node[bone.parent or ROOT]].children.append(self.node[bone.name])
        inverse = np.tile(np.eye(4, dtype=np.float32), (len(bones), 1, 1))
        inverse[:, 3, :3] = [-np.round(bone.place, 6) for bone in bones.values()]
        matrices = self._accessor(inverse.reshape(-1, 16), g.MAT4, g.FLOAT)
        joints = [self.node[name] for name in bones]
        self.document.skins.append(g.Skin(joints=joints, inverseBindMatrices=matrices, skeleton=self.node["hips"]))

    # ---- meshes ----

    def _write_mesh(self, name: str, parts: list[Part]) -> None:
        morphing = any(part.morphs for part in parts)
        mesh = g.Mesh(name=name, primitives=[self._primitive(part, morphing) for part in parts])
        if morphing:
            mesh.extras = {"targetNames": list(CURVES)}
            mesh.weights = [0.0] * len(CURVES)
        self.node[name] = len(self.document.nodes)
        self.document.nodes.append(g.Node(name=name, mesh=len(self.document.meshes), skin=0))
        self.document.meshes.append(mesh)

    def _primitive(self, part: Part, morphing: bool) -> g.Primitive:
        joints, weights = strongest(part, list(self.model.rig.bones))
        attributes = g.Attributes(
            POSITION=self._accessor(part.positions, g.VEC3, g.FLOAT, g.ARRAY_BUFFER, bounds=True),
            NORMAL=self._accessor(part.normals, g.VEC3, g.FLOAT, g.ARRAY_BUFFER),
            TEXCOORD_0=self._accessor(part.uvs, g.VEC2, g.FLOAT, g.ARRAY_BUFFER),
            JOINTS_0=self._accessor(joints, g.VEC4, g.UNSIGNED_BYTE, g.ARRAY_BUFFER),
            WEIGHTS_0=self._accessor(weights, g.VEC4, g.FLOAT, g.ARRAY_BUFFER),
        )
        kind = g.UNSIGNED_SHORT if len(part) < 65535 else g.UNSIGNED_INT
        indices = self._accessor(part.triangles.reshape(-1), g.SCALAR, kind, g.ELEMENT_ARRAY_BUFFER)
        material = [m.name for m in self.model.materials].index(part.material)
        targets = [{"POSITION": self._target(part, curve)} for curve in CURVES] if morphing else []
        return g.Primitive(attributes=attributes, indices=indices, material=material, targets=targets)

    def _target(self, part: Part, curve: str) -> int:
        shift = part.morphs.get(curve, np.zeros((len(part), 3))).astype(np.float32)
        moved = np.flatnonzero(np.abs(shift).max(1) > MOVED)
        moved = moved if len(moved) else np.zeros(1, int)  # a sparse accessor needs an entry
        whole = np.zeros_like(shift)
        whole[moved] = shift[moved]
        sparse = g.Sparse(
            count=len(moved),
            indices=g.AccessorSparseIndices(
                bufferView=self._view(moved.astype(np.uint16)), componentType=g.UNSIGNED_SHORT
            ),
            values=g.AccessorSparseValues(bufferView=self._view(shift[moved])),
        )
        low, high = ([float(v) for v in bound] for bound in (whole.min(0), whole.max(0)))
        accessor = g.Accessor(componentType=g.FLOAT, count=len(shift), type=g.VEC3, sparse=sparse, min=low, max=high)
        accessor.bufferView = accessor.byteOffset = None
        self.document.accessors.append(accessor)
        return len(self.document.accessors) - 1

    # ---- pictures and materials ----

    def _write_pictures(self) -> None:
        order = list(self.model.pictures)
        edge = g.CLAMP_TO_EDGE
        self.document.samplers = [
            g.Sampler(magFilter=g.LINEAR, minFilter=smaller, wrapS=edge, wrapT=edge)
            for smaller in (g.LINEAR_MIPMAP_LINEAR, g.LINEAR)
        ]
        for name, data in self.model.pictures.items():
            view = self._view_bytes(data)
            self.document.images.append(g.Image(name=name, mimeType="image/png", bufferView=view))
            self.document.textures.append(
                g.Texture(name=name, sampler=int(name in SHEETS), source=len(self.document.images) - 1)
            )
        for material in self.model.materials:
            texture = g.TextureInfo(index=order.index(material.picture))
            surface = g.PbrMetallicRoughness(baseColorTexture=texture, metallicFactor=0.0, roughnessFactor=0.9)
            extensions = {}
            if material.extension:
                extensions = {"VRMC_materials_mtoon": material.extension, "KHR_materials_unlit": {}}
            self.document.materials.append(
                g.Material(
                    name=material.name,
                    pbrMetallicRoughness=surface,
                    doubleSided=material.double_sided,
                    extensions=extensions,
                    alphaCutoff=None,
                )
            )

    # ---- bytes ----

    def _view_bytes(self, data: bytes, target: int | None = None) -> int:
        self._blob += bytes(-len(self._blob) % 4)
        view = g.BufferView(buffer=0, byteOffset=len(self._blob), byteLength=len(data), target=target)
        self._blob += data
        self.document.bufferViews.append(view)
        return len(self.document.bufferViews) - 1

    def _view(self, values: npt.NDArray[Any], target: int | None = None) -> int:
        return self._view_bytes(np.ascontiguousarray(values).tobytes(), target)

    def _accessor(
        self, values: npt.NDArray[Any], kind: str, component: int, target: int | None = None, bounds: bool = False
    ) -> int:
        values = np.asarray(values).astype(_DTYPES[component])
        view = self._view(values, target)
        accessor = g.Accessor(bufferView=view, componentType=component, count=len(values), type=kind)
        if bounds:
            accessor.min, accessor.max = ([float(v) for v in bound] for bound in (values.min(0), values.max(0)))
        self.document.accessors.append(accessor)
        return len(self.document.accessors) - 1


_DTYPES = {g.FLOAT: np.float32, g.UNSIGNED_BYTE: np.uint8, g.UNSIGNED_SHORT: np.uint16, g.UNSIGNED_INT: np.uint32}


def strongest(part: Part, bones: list[str]) -> tuple[npt.NDArray[np.uint8], Points]:
    """joints (n, 4) and weights (n, 4) that add up to 1: each vertex's four strongest bones."""
    table = np.zeros((len(part), len(bones)))
    for name, weight in part.skin.items():
        table[:, bones.index(name)] += weight
    order = np.argsort(-table, axis=1, kind="stable")[:, :4]
    weights = np.take_along_axis(table, order, 1)
    weights = weights / weights.sum(1, keepdims=True)
    weights = weights.astype(np.float32).astype(float)
    return np.where(weights > 0, order, 0).astype(np.uint8), weights
