"""The Unity package's browser plugin, run by Node.js against a real bridge."""

import base64
import importlib.util
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rigcast.v1 import session_pb2
from tests import real_bridge

ROOT = Path(__file__).parent.parent
PLUGIN = ROOT / "unity_package/Runtime/Plugins/WebGL/RigcastWebSocket.jslib"
OPENED, MESSAGE, CLOSED = 1, 2, 3


@pytest.fixture(scope="module")
def node() -> Any:
    """Node.js with its WebSocket, which before version 22 must be asked for."""
    spec = importlib.util.spec_from_file_location("page_script", ROOT / "tools/page.py")
    assert spec
    assert spec.loader
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    found = page.from_path() or page.from_wheel()
    if found is None:
        pytest.skip("no Node.js; `python tools/page.py` installs one")
    return [*found.node, "--experimental-websocket", "--no-warnings", str(Path(__file__).parent / "unity_webgl.mjs")]


def events(node: list[str], url: str) -> list[tuple[int, bytes]]:
    """What the plugin tells of a connection that joins and reads five messages."""
    join = base64.b64encode(real_bridge.request(join=session_pb2.Join(session="browser"))).decode()
    done = subprocess.run([*node, str(PLUGIN), url, join], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    lines = [line.partition(" ") for line in done.stdout.splitlines()]
    return [(int(kind), base64.b64decode(data)) for kind, _, data in lines]


def test_it_joins_a_real_bridge_and_hands_on_whole_messages(node: list[str]) -> None:
    with real_bridge.started() as bridge:
        told = events(node, bridge.websocket)
    assert [kind for kind, _ in told] == [OPENED] + 5 * [MESSAGE]
    messages = [session_pb2.ServerMessage.FromString(data) for _, data in told[1:]]
    assert messages[0].WhichOneof("body") == "welcome"
    assert {message.WhichOneof("body") for message in messages[1:]} == {"frame"}


@pytest.mark.parametrize("url", ["ws://127.0.0.1:9/rigcast", "not an address"])
def test_a_connection_that_cannot_be_made_is_told_as_closed(node: list[str], url: str) -> None:
    assert [kind for kind, _ in events(node, url)] == [CLOSED]
