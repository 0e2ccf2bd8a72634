"""Blender opens takes, where PyPI's bpy is installed (it is large, and bound to one version of Python)."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge import takes
from bridge.body.kinematics import positions
from bridge.curves import INDEX
from bridge.frames import Motion
from bridge.skeleton import JOINTS
from tests.moving import moving

COUNT = 40

SCRIPT = """
import json, sys, bpy
path, count = sys.argv[1], int(sys.argv[2])
bpy.ops.wm.read_factory_settings(use_empty=True)
if path.endswith("bvh"):
    bpy.ops.import_anim.bvh(filepath=path, update_scene_fps=True, update_scene_duration=True)
else:
    bpy.context.scene.render.fps = 60
    bpy.ops.import_scene.gltf(filepath=path)
scene = bpy.context.scene
body = next(o for o in bpy.data.objects if o.type == "ARMATURE")
face = bpy.data.objects.get("Face")
frames = []
first = scene.frame_start if path.endswith("bvh") else 0
for frame in range(count):
    scene.frame_set(first + frame)
    heads = {bone.name: list(body.matrix_world @ bone.head) for bone in body.pose.bones}
    frames.append({"heads": heads, "jaw": face.data.shape_keys.key_blocks["jawOpen"].value if face else 0})
print("FOUND", json.dumps({"fps": scene.render.fps / scene.render.fps_base, "frames": frames}))
"""


def opened(path: Path) -> Any:
    """What Blender makes of a file: rate, and of each frame where bones begin and how far the jaw is open."""
    if importlib.util.find_spec("bpy") is None:
        pytest.skip("optional: bpy is not installed (pip install bpy)")
    command = [sys.executable, "-c", SCRIPT, str(path), str(COUNT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    found = [line[6:] for line in done.stdout.splitlines() if line.startswith("FOUND ")]
    assert found, done.stderr
    return json.loads(found[0])


def written(path: Path, motion: Motion) -> Path:
    with takes.writer(path) as take:
        take.write(motion)
        take.finish()
    return path


def test_a_body_of_bvh_stands_and_moves_as_it_did(tmp_path: Path) -> None:
    motion = moving(COUNT)
    found = opened(written(tmp_path / "a.bvh", motion))
    assert found["fps"] == pytest.approx(60, abs=0.1)
    expected = positions(motion.rotations, motion.root)
    for frame, where in zip(found["frames"], expected, strict=True):
        heads = np.array([frame["heads"][joint.name] for joint in JOINTS])
        np.testing.assert_allclose(heads[:, [0, 2, 1]] * [1, 1, -1], where, atol=2e-3)  # Blender is Z up, facing -Y


def test_a_character_of_gltf_moves_its_face_and_body(tmp_path: Path) -> None:
    motion = moving(COUNT)
    found = opened(written(tmp_path / "a.glb", motion))
    jaws = [frame["jaw"] for frame in found["frames"]]
    np.testing.assert_allclose(jaws, motion.curves[:, INDEX["jawOpen"]], atol=0.02)
    head = np.array([frame["heads"]["head"] for frame in found["frames"]])
    expected = positions(motion.rotations, motion.root)[:, [j.name for j in JOINTS].index("head")]
    np.testing.assert_allclose(np.ptp(head[:, [0, 2, 1]], axis=0), np.ptp(expected, axis=0), atol=2e-3)
