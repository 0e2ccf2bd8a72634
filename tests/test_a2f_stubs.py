"""The service with the stubs that clients really have, each in a Python of its own: those of the older family, from
messages written here, and the public ones from PyPI in a virtual environment."""

import asyncio
import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from bridge.a2f.request import BLEND_SHAPES
from bridge.face.model import Model, load
from tests import tiny_model
from tests.real_bridge import PATIENCE, started
from tests.serving_a2f import Running, serving, sound

HERE = Path(__file__).parent / "a2f"
PUBLIC = "nvidia-audio2face-3d==1.3.0"
SECONDS = 1.0


class Stubs(NamedTuple):
    """A family of stubs: its name for tests/a2f/client.py, and the Python that has it."""

    family: str
    python: str
    path: str


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Stubs:
    out = tmp_path_factory.mktemp("older")
    protos = [str(path) for path in sorted(HERE.glob("*.proto"))]
    flags = [f"-I{HERE}", f"--python_out={out}", f"--grpc_python_out={out}"]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *flags, *protos], check=True, timeout=PATIENCE * 5)
    return Stubs("older", sys.executable, str(out))


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Stubs:
    folder = tmp_path_factory.mktemp("public")
    venv.create(folder, with_pip=False)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--only-binary=:all:",
        PUBLIC,
    ]
    done = subprocess.run(install, capture_output=True, text=True, timeout=PATIENCE * 30)
    if done.returncode:
        why = "optional: no grpcio that old for this Python" if sys.version_info >= (3, 14) else "pip: " + done.stderr
        pytest.skip(why.strip()[-300:])
    return Stubs("public", str(python), "")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load(tiny_model.make(tmp_path_factory.mktemp("model") / "tiny.onnx"), "cpu")


async def animated(running: Running, stubs: Stubs, tmp_path: Path, rate: int, manner: str) -> tuple[bytes, Any]:
    """The sound that was sent and what the client made of the answers."""
    data, path = sound(SECONDS, rate), tmp_path / "sound.raw"
    path.write_bytes(data)
    client = await asyncio.create_subprocess_exec(
        stubs.python, str(HERE / "client.py"), stubs.family, f"127.0.0.1:{running.server.port}", str(path), str(rate),
        manner, env=os.environ | {"PYTHONPATH": stubs.path}, cwd=tmp_path, stdout=subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE * 10):
        said, _ = await client.communicate()
    assert client.returncode == 0
    return data, json.loads(said)


@pytest.fixture(params=["older", "public"])
def stubs(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize(("rate", "manner"), [(16_000, "burst"), (44_100, "paced"), (48_000, "burst")])
async def test_a_stock_client_is_served(model: Model, stubs: Stubs, tmp_path: Path, rate: int, manner: str) -> None:
    async with serving(model, tmp_path) as running:
        data, found = await animated(running, stubs, tmp_path, rate, manner)
    assert found["order"] == ["animation_data_stream_header", "animation_data", "event", "status"]
    assert "code" not in found
    assert found["status"][0] == 0
    assert found["rate"] == rate
    assert tuple(found["names"]) == BLEND_SHAPES
    assert found["times"] == pytest.approx([k / 30 for k in range(30)])
    assert bytes.fromhex(found["sound"]) == data
    assert 0.9 < max(found["jaw"]) <= 1  # twice as wide as it is, and clamped
    assert min(found["jaw"]) < 0.1
    assert found["tongue"] == pytest.approx([0.25] * 30)
    assert set(found["blink"]) == {0.0}
    assert np.mean(found["smile"][25:]) > np.mean(found["smile"][:5]) + 0.1, "joy comes at 0.2 s"
    if stubs.family == "public":
        assert found["joy"] == pytest.approx(1)
    assert set(found["configs"]) == {"advanced_config.json", "stylization_config.json"}


async def test_a_stock_client_that_cancels_is_let_go(model: Model, stubs: Stubs, tmp_path: Path) -> None:
    async with serving(model, tmp_path) as running:
        _, found = await animated(running, stubs, tmp_path, 16_000, "cancelled")
        _, again = await animated(running, stubs, tmp_path, 16_000, "burst")
        assert not running.server.busy
    assert found["code"] == "CANCELLED"
    assert "status" not in found
    assert again["status"][0] == 0


async def test_a_stock_client_with_a_wrong_header_is_told(model: Model, stubs: Stubs, tmp_path: Path) -> None:
    async with serving(model, tmp_path) as running:
        _, found = await animated(running, stubs, tmp_path, 8_000, "burst")
    assert found["code"] == "INVALID_ARGUMENT"
    assert found["status"] == [3, "audio_header.samples_per_second: is 8000; send 16000 to 144000"]
    assert found["order"] == ["status"]


def test_the_whole_bridge_serves_it_where_it_says(older: Stubs, tmp_path: Path) -> None:
    model, path = tiny_model.make(tmp_path / "tiny.onnx"), tmp_path / "sound.raw"
    path.write_bytes(sound(0.2))
    with started("--a2f", "0", "--model", str(model)) as bridge:
        command = [older.python, str(HERE / "client.py"), older.family, bridge.a2f, str(path), "16000", "burst"]
        found = subprocess.check_output(command, env=os.environ | {"PYTHONPATH": older.path}, timeout=PATIENCE * 10)
    assert json.loads(found)["status"][0] == 0
