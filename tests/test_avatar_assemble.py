"""Whole characters: skinning, morphs, the file's structure, and that chance breaks nothing."""

import dataclasses
import functools
import json
import struct
from typing import Any

import numpy as np
import pytest

from bridge.avatar import DEFAULT, Params, build, build_gltf, default_vrm
from bridge.avatar.assemble import model
from bridge.avatar.clothes import LOWERS, OUTFITS
from bridge.avatar.gltf import Model, strongest
from bridge.avatar.hairstyle import BANGS, STYLES
from bridge.avatar.params import BANGS as BANG_NAMES
from bridge.avatar.params import HAIR_STYLES
from bridge.avatar.params import LOWERS as LOWER_NAMES
from bridge.avatar.params import OUTFITS as OUTFIT_NAMES
from bridge.avatar.vrm import PRESETS
from bridge.curves import CURVES
from bridge.skeleton import JOINTS


@functools.cache
def made_of(person: Params) -> Model:
    """A character's meshes, made once for all tests."""
    return model(person)


@pytest.fixture(scope="module")
def default() -> Model:
    return made_of(DEFAULT)


def facts(data: bytes) -> dict[str, Any]:
    """The JSON of a GLB."""
    length = struct.unpack_from("<I", data, 12)[0]
    return dict(json.loads(data[20 : 20 + length]))


EXTREMES = [
    Params(**{f.name: f.metadata[end] for f in Params.fields() if "low" in f.metadata}) for end in ("low", "high")
]  # fmt: skip


@pytest.mark.parametrize("person", [DEFAULT, *EXTREMES, *map(Params.random, range(10))], ids=lambda p: "")
def test_every_person_is_whole(person: Params) -> None:
    """Finite, of a person's size, unit normals, triangles within range, weights that add up to 1."""
    made = made_of(person)
    names = list(made.rig.bones)
    for parts in made.meshes.values():
        for part in parts:
            assert np.isfinite(part.positions).all()
            assert np.abs(part.positions[:, 0]).max() < 0.95
            assert part.positions[:, 1].min() > -0.01
            assert part.positions[:, 1].max() < 2.0
            assert np.abs(np.linalg.norm(part.normals, axis=1) - 1).max() < 1e-6
            assert part.triangles.min() >= 0
            assert part.triangles.max() < len(part)
            assert (part.uvs >= 0).all()
            assert (part.uvs <= 1).all()
            joints, weights = strongest(part, names)
            assert np.abs(weights.sum(1) - 1).max() < 1e-6
            assert joints.max() < len(names)
            for curve, shift in part.morphs.items():
                assert np.isfinite(shift).all()
                assert np.linalg.norm(shift, axis=1).max() < 0.06, curve


def test_weights_of_every_part_cover_it_before_they_are_normalised(default: Model) -> None:
    for parts in default.meshes.values():
        for part in parts:
            total = sum(part.skin.values())
            assert np.abs(total - 1).max() < 1e-6, part.material
            assert min(weight.min() for weight in part.skin.values()) > -1e-9


def test_faces_look_outwards(default: Model) -> None:
    """The normals agree with the winding of the triangles, but where shading wants the form rather than the bump."""
    for parts in default.meshes.values():
        for part in parts:
            a, b, c = (part.positions[part.triangles[:, k]] for k in range(3))
            face = np.cross(b - a, c - a)
            area = np.linalg.norm(face, axis=1)
            agree = (face * part.normals[part.triangles].mean(1)).sum(1) > 0
            if part.material != "Ink":  # the inside of the mouth is lit from the front
                assert area[agree].sum() / area.sum() > 0.9, part.material


def test_the_skeleton_is_the_bridges(default: Model) -> None:
    for joint in JOINTS:
        bone = default.rig.bones[joint.name]
        assert bone.parent == (JOINTS[joint.parent].name if joint.parent >= 0 else None)
        if not joint.name.endswith("Eye"):
            above = default.rig.bones[bone.parent].place if bone.parent else 0
            assert np.abs(bone.place - above - np.array(joint.offset)).max() < 1e-9


def test_feet_stand_on_the_ground(default: Model) -> None:
    assert abs(min(part.positions[:, 1].min() for part in default.meshes["Body"])) < 1e-6


def test_the_same_parameters_give_the_same_bytes() -> None:
    assert build(DEFAULT) == default_vrm()
    assert default_vrm() is default_vrm()


def test_the_default_is_small() -> None:
    assert len(default_vrm()) < 4_000_000


def test_ten_people_differ() -> None:
    people = [made_of(Params.random(seed)) for seed in range(10)]
    skins = [next(p for p in person.meshes["Face"] if p.material == "Skin").positions for person in people]
    for k, skin in enumerate(skins):
        for other in skins[:k]:
            assert np.abs(skin - other).max() > 0.002  # metres


def test_the_vrm_has_what_vrm_asks_for() -> None:
    document = facts(default_vrm())
    vrm = document["extensions"]["VRMC_vrm"]
    bones = vrm["humanoid"]["humanBones"]
    assert {joint.name for joint in JOINTS} <= set(bones)
    assert sum("Thumb" in bone for bone in bones) == 6
    assert len(bones) == 22 + 2 + 30
    assert set(vrm["expressions"]["preset"]) == set(PRESETS)
    assert set(vrm["expressions"]["custom"]) == {curve[0].upper() + curve[1:] for curve in CURVES}
    assert vrm["meta"]["licenseUrl"].startswith("https://vrm.dev/")
    assert len({spring["name"] for spring in document["extensions"]["VRMC_springBone"]["springs"]}) >= 5


def test_curves_stand_in_the_order_of_the_wire() -> None:
    document = facts(default_vrm())
    face = next(mesh for mesh in document["meshes"] if mesh["name"] == "Face")
    assert face["extras"]["targetNames"] == list(CURVES)
    assert all(len(primitive["targets"]) == len(CURVES) for primitive in face["primitives"])
    binds = document["extensions"]["VRMC_vrm"]["expressions"]["custom"]["JawOpen"]["morphTargetBinds"]
    assert [bind["index"] for bind in binds] == [CURVES.index("jawOpen")]


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_are_made_of_curves(preset: str) -> None:
    for name in PRESETS[preset]:
        assert name in CURVES or name + "Left" in CURVES


def test_the_plain_file_needs_no_vrm() -> None:
    document = facts(build_gltf())
    assert document["extensionsUsed"] == ["KHR_materials_unlit"]
    assert "VRMC" not in json.dumps(document)
    assert document["meshes"][0]["extras"]["targetNames"] == list(CURVES)


def test_the_file_remembers_its_parameters() -> None:
    person = Params.random(2)
    assert Params.from_mapping(facts(build(person))["asset"]["extras"]["rigcast_params"]) == person


def test_every_choice_has_its_maker() -> None:
    assert set(HAIR_STYLES) == set(STYLES)
    assert set(BANG_NAMES) == set(BANGS)
    assert set(OUTFIT_NAMES) == set(OUTFITS)
    assert set(LOWER_NAMES) == set(LOWERS)


@pytest.mark.parametrize(("style", "bangs"), [*zip(HAIR_STYLES, BANG_NAMES * 2, strict=False), ("long", "swept")])
def test_hair_leaves_the_face_free(style: str, bangs: str) -> None:
    """No lock lies before the middle of an eye or the mouth, nor within the skull's face."""
    made = model(dataclasses.replace(DEFAULT, hair_style=style, bangs=bangs))
    hair = next(part for part in made.meshes["Hair"] if part.material == "Hair").positions
    eye, mouth = made.rig.place("leftEye"), made.rig.place("head")
    for x, y in ((eye[0], eye[1]), (-eye[0], eye[1]), (0, mouth[1])):
        before = (np.hypot(hair[:, 0] - x, hair[:, 1] - y) < 0.008) & (hair[:, 2] > 0.03)
        assert not before.any()
