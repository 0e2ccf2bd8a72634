"""glTF and VRM animations: what the Khronos validator says, and every number read back by pygltflib."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pygltflib
import pytest

from bridge import takes
from bridge.body.eyes import eye_rotations
from bridge.curves import CURVES, INDEX
from bridge.frames import Motion
from bridge.outputs.presets import VRM1, weights
from bridge.skeleton import JOINT_INDEX, JOINTS
from bridge.takes import gltf
from tests.moving import moving
from tests.test_avatar_js import HERE, node

__all__ = ["node"]  # the fixture

COUNT = 150


@pytest.fixture(scope="module")
def motion() -> Motion:
    return moving(COUNT)


def write(path: Path, motion: Motion, face: str = "sync") -> Path:
    with takes.writer(path, face=face) as take:
        take.write(motion)
        take.finish()
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, motion: Motion) -> dict[str, Path]:
    """The default character animated, animations of each face, and one in which nothing moves."""
    folder = tmp_path_factory.mktemp("gltf")
    return {
        "glb": write(folder / "a.glb", motion),
        "sync": write(folder / "sync.vrma", motion),
        "vrm1": write(folder / "vrm1.vrma", motion, "vrm1"),
        "still": write(folder / "still.vrma", Motion.rest(10)),
    }


class Animation:
    """A file's only animation, by name of the node and path."""

    def __init__(self, path: Path) -> None:
        self.document = pygltflib.GLTF2.load_binary(str(path))
        (animation,) = self.document.animations
        self.tracks: dict[tuple[str, str], np.ndarray] = {}
        for channel in animation.channels:
            sampler = animation.samplers[channel.sampler]
            self.times = self._numbers(sampler.input)
            key = self.document.nodes[channel.target.node].name, channel.target.path
            self.tracks[key] = self._numbers(sampler.output).reshape(len(self.times), -1)

    def _numbers(self, accessor: int) -> np.ndarray:
        found = self.document.accessors[accessor]
        view = self.document.bufferViews[found.bufferView]
        blob = self.document.binary_blob()[view.byteOffset : view.byteOffset + view.byteLength]
        return np.frombuffer(blob, "<f4")


def test_the_khronos_validator_finds_no_error(node: Any, files: dict[str, Path]) -> None:
    command = [*node.node, str(HERE / "validate.mjs"), *map(str, files.values())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    for report in map(json.loads, done.stdout.splitlines()):
        assert report["errors"] == report["warnings"] == 0, report["messages"]


def test_the_character_does_what_was_performed(files: dict[str, Path], motion: Motion) -> None:
    found = Animation(files["glb"])
    np.testing.assert_allclose(found.times, np.arange(COUNT) / 60, atol=1e-6)
    np.testing.assert_allclose(found.tracks["Face", "weights"], motion.curves, atol=1e-6)
    hips = next(node for node in found.document.nodes if node.name == "hips")
    np.testing.assert_allclose(found.tracks["hips", "translation"] - hips.translation, motion.root, atol=1e-5)
    for i, joint in enumerate(JOINTS):
        same_turn(found.tracks[joint.name, "rotation"], motion.rotations[:, i])
    names = found.document.meshes[found.document.nodes[names_of(found).index("Face")].mesh].extras["targetNames"]
    assert names == list(CURVES)


def same_turn(found: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_allclose(np.abs((found * expected).sum(-1)), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found, axis=-1), 1, atol=1e-5)


def names_of(animation: Animation) -> list[str]:
    return [node.name for node in animation.document.nodes]


def test_an_animation_for_any_vrm_names_bones_and_expressions(files: dict[str, Path], motion: Motion) -> None:
    found = Animation(files["sync"])
    block = found.document.extensions["VRMC_vrm_animation"]
    nodes = names_of(found)
    assert block["specVersion"] == "1.0"
    bones = {name: nodes[bone["node"]] for name, bone in block["humanoid"]["humanBones"].items()}
    assert bones == {j.name: j.name for j in JOINTS if not j.name.endswith("Eye")}
    assert not any(name.endswith("Eye") for name, _ in found.tracks)  # the format forbids it
    for i, joint in enumerate(JOINTS):
        if (joint.name, "rotation") in found.tracks:
            same_turn(found.tracks[joint.name, "rotation"], motion.rotations[:, i])
    translated = {name for name, path in found.tracks if path == "translation"} & {j.name for j in JOINTS}
    assert translated == {"hips"}
    np.testing.assert_allclose(found.tracks["hips", "translation"] - JOINTS[0].offset, motion.root, atol=1e-5)


def test_expressions_are_the_x_of_their_nodes(files: dict[str, Path], motion: Motion) -> None:
    found = Animation(files["sync"])
    custom = found.document.extensions["VRMC_vrm_animation"]["expressions"]["custom"]
    assert set(custom) == {name[0].upper() + name[1:] for name in CURVES if not name.startswith("eyeLook")}
    jaw = found.tracks["JawOpen", "translation"]
    np.testing.assert_allclose(jaw[:, 0], motion.curves[:, INDEX["jawOpen"]], atol=1e-6)
    assert not jaw[:, 1:].any()
    assert ("TongueOut", "translation") not in found.tracks  # it never moved


def test_presets_serve_models_without_the_52(files: dict[str, Path], motion: Motion) -> None:
    found = Animation(files["vrm1"])
    assert set(found.document.extensions["VRMC_vrm_animation"]["expressions"]["preset"]) == set(VRM1)
    expected = weights(motion.curves)[:, VRM1.index("aa")]
    np.testing.assert_allclose(found.tracks["aa", "translation"][:, 0], expected, atol=1e-6)
    assert expected.max() > 0.5


def test_the_gaze_is_where_both_eyes_look(tmp_path: Path) -> None:
    motion = Motion.rest(5)
    yaw, pitch = np.linspace(0, 0.3, 5), np.linspace(0, -0.2, 5)
    for eye, squint in (("leftEye", 0.05), ("rightEye", -0.05)):
        motion.rotations[:, JOINT_INDEX[eye]] = eye_rotations(yaw + squint, pitch)
    found = Animation(write(tmp_path / "a.vrma", motion))
    np.testing.assert_allclose(found.tracks["lookAt", "rotation"], eye_rotations(yaw, pitch), atol=1e-3)


def test_a_take_at_rest_still_lasts(files: dict[str, Path]) -> None:
    assert Animation(files["still"]).times[-1] == pytest.approx(9 / 60)


def test_pieces_join(tmp_path: Path, motion: Motion, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = write(tmp_path / "whole.vrma", motion).read_bytes()
    monkeypatch.setattr(gltf, "PIECE", 32)
    assert write(tmp_path / "pieces.vrma", motion).read_bytes() == whole
