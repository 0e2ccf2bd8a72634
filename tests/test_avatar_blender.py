"""Blender opens both files, where PyPI's bpy is installed (it is large, and bound to one version of Python)."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.avatar import build_gltf, default_vrm

SCRIPT = """
import sys, bpy
for path in sys.argv[1:]:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=path)
    face, body, hair = (bpy.data.objects[name] for name in ("Face", "Body", "Hair"))
    keys = face.data.shape_keys.key_blocks
    jaw = max((a.co - b.co).length for a, b in zip(keys["jawOpen"].data, keys[0].data))
    bones = sum(len(o.data.bones) for o in bpy.data.objects if o.type == "ARMATURE")
    print("FOUND", len(keys), round(jaw, 4), bones, len(body.data.vertices), len(hair.data.vertices))
"""


def test_blender_opens_it(tmp_path: Path) -> None:
    if importlib.util.find_spec("bpy") is None:
        pytest.skip("optional: bpy is not installed (pip install bpy)")
    files = [tmp_path / "vrm.glb", tmp_path / "plain.glb"]  # Blender's importer goes by the name's end
    for file, data in zip(files, (default_vrm(), build_gltf()), strict=True):
        file.write_bytes(data)
    command = [sys.executable, "-c", SCRIPT, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    found = [line.split() for line in done.stdout.splitlines() if line.startswith("FOUND")]
    assert len(found) == 2, done.stderr
    for _, keys, jaw, bones, body, hair in found:
        assert int(keys) == 53  # the rest and the 52 curves
        assert 0.01 < float(jaw) < 0.05
        assert int(bones) > 54
        assert int(body) > 1000
        assert int(hair) > 1000
