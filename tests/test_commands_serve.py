"""Serving: it ends cleanly when told to, and the demo greets whoever comes first."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import grpc
import pytest

from bridge import server
from bridge.commands import CommandError, serve
from bridge.commands.remote import credentials
from bridge.config import Config
from rigcast.v1 import service_pb2_grpc, session_pb2

WORK = """
import asyncio, signal
from bridge.commands.serve import run

signal.signal(signal.SIGINT, signal.default_int_handler)  # tests run in a shell's background inherit that it is ignored

async def work():
    try:
        print("ready", flush=True)
        await asyncio.get_running_loop().create_future()
    finally:
        await asyncio.sleep(0)
        print("clean", flush=True)

raise SystemExit(run(work()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="optional: Windows sends no signals")
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_it_cleans_up_when_told_to_stop(told: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", WORK], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(told)
        rest, errors = process.communicate(timeout=20)
    assert (rest, errors, process.returncode) == (b"clean\n", b"", 0)


def test_a_failure_of_the_work_is_not_swallowed() -> None:
    async def fail() -> None:
        raise OSError("port 7788 is taken")

    with pytest.raises(CommandError, match=r"(?s)7788.*rigcast doctor"):
        serve.run(fail())


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="optional: these always have a desktop")
def test_a_desktop_is_where_a_window_can_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not serve.has_desktop()
    monkeypatch.setenv("DISPLAY", ":0")
    assert serve.has_desktop()


@pytest.mark.parametrize("token", ["", "a-token-of-enough-characters"])
async def test_the_demo_greets_the_first_to_join(token: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with server.running(Config(http_port=0, grpc_port=0, token=token)) as bound:
        greeting = asyncio.create_task(serve._greet(bound, browse=False))
        async with grpc.aio.insecure_channel(bound.grpc_target) as channel:
            stub = service_pb2_grpc.RigcastServiceStub(channel)
            join = session_pb2.Join(no_frames=True, no_audio=True)
            async with asyncio.timeout(20):
                async for message in stub.Watch(join, metadata=credentials(token)):
                    if message.event.HasField("utterance_started"):
                        break
            await greeting
    assert message.event.utterance_started.text.startswith("Hello!")
    assert "[" not in message.event.utterance_started.text  # the marks are emotions of ours, not words
    assert "a-token" not in capsys.readouterr().out


def test_no_token_is_among_a_browsers_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody on a machine may read them; the file that it travels in is its user's alone."""
    opened: list[str] = []
    monkeypatch.setattr(serve.webbrowser, "open", opened.append)
    serve._open_page(Config())
    serve._open_page(Config(token="a-token-of-enough-characters"))
    plain, file = opened
    assert plain == "http://127.0.0.1:7788/"
    assert "a-token" not in file
    path = Path(url2pathname(urlsplit(file).path))
    try:
        assert "url=http://127.0.0.1:7788/?token=a-token-of-enough-characters" in path.read_text(encoding="utf-8")
        assert sys.platform == "win32" or path.stat().st_mode & 0o077 == 0
    finally:
        path.unlink()
