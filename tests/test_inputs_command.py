"""`rigcast inputs` and the doctor: who is heard, what is wrong, a neutral on request; against real sockets."""

import asyncio
import contextlib
import json
import socket
import struct
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest

from bridge import doctor, takes
from bridge.cli import main
from bridge.config import Config
from bridge.curves import INDEX
from bridge.inputs.receiver import DISCOVERY_PORT
from bridge.server import running
from rigcast.v1 import service_pb2, service_pb2_grpc, session_pb2
from tests.moving import moving
from tests.test_inputs_readers import face

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def phone(port: int, data: bytes | None = None) -> Iterator[None]:
    """Sends a face sixty times a second, or always the same bytes."""
    done = threading.Event()

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            frame = 0
            while not done.wait(1 / 60):
                frame += 1
                line.sendto(
                    data or face().replace(struct.pack(">i", 3600), struct.pack(">i", 3600 + frame)), (HOST, port)
                )

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def inputs(*arguments: str) -> int:
    return main(["inputs", *arguments])


def test_listening_here(capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    with phone(port):
        assert inputs(f"livelink:{port}", "--seconds", "1") == 0
    out = capsys.readouterr().out
    assert 'PHONE-1 "Ann": ' in out
    assert "52 curves, 2 joints, head" in out
    with phone(port):
        assert inputs(f"livelink:{port}", "--seconds", "1", "--json") == 0
    (device,) = json.loads(capsys.readouterr().out)["inputs"][0]["devices"]
    assert device["rate"] > 10


def test_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    assert inputs(f"livelink:{free_port()}", "--seconds", "0.2") == 1
    out = capsys.readouterr().out
    assert "nobody yet" in out
    assert "--host 0.0.0.0" in out


def test_the_wrong_mode_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with phone(DISCOVERY_PORT, b"CPSDISCOVER\0\x02\x00\x01"):
        assert inputs(f"livelink:{free_port()}", "--seconds", "0.5") == 1
    assert "this is the MetaHuman Animator mode" in capsys.readouterr().out


def test_a_taken_port_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HOST, 0))
        assert inputs(f"livelink:{other.getsockname()[1]}", "--seconds", "0.2") == 1
    assert "in use" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["kinect"], "there is no protocol"), (["--seconds", "0"], "must be above 0"), (["--seconds", "nan"], "above 0")],
)
def test_wrong_usage(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert inputs(*arguments) == 2
    assert words in capsys.readouterr().err


@contextlib.asynccontextmanager
async def bridge() -> AsyncIterator[tuple[Config, int]]:
    """A bridge that hears Live Link Face at a port."""
    port = free_port()
    async with running(Config(http_port=0, grpc_port=0, capture=f"livelink:{port}")) as config:
        yield config, port


async def test_a_running_bridge_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    async with bridge() as (config, port):
        with phone(port):
            await asyncio.sleep(0.5)
            assert await asyncio.to_thread(inputs, "--to", config.grpc_target) == 0
    out = capsys.readouterr().out
    assert f"Live Link Face at 127.0.0.1:{port}, for session main" in out
    assert "PHONE-1" in out


async def test_a_recorded_take_is_an_input(tmp_path: Path) -> None:
    """What `rigcast replay` sends moves a character: its jaw opens, which of itself it does not."""
    path, motion = tmp_path / "take.json", moving(241)
    with takes.writer(path) as writer:
        writer.write(motion)
        writer.finish()
    port = free_port()
    capture = f"livelink:{port},smooth=0,jaw=1,lips=1"
    async with (
        running(Config(http_port=0, grpc_port=0, capture=capture)) as config,
        grpc.aio.insecure_channel(config.grpc_target) as channel,
    ):
        watch = service_pb2_grpc.RigcastServiceStub(channel).Watch(
            session_pb2.Join(frame_form=session_pb2.FRAME_FORM_PLAIN)
        )
        replay = asyncio.to_thread(main, ["replay", str(path), "--livelink", str(port)])
        sent = asyncio.create_task(replay)
        async with asyncio.timeout(60):
            while await _next(watch, INDEX["jawOpen"]) < 0.6:
                pass
            assert await sent == 0
        watch.cancel()


async def test_a_neutral_on_request() -> None:
    """The brow at 0.43 is rest from then on."""
    brow = INDEX["browInnerUp"]
    async with bridge() as (config, port), grpc.aio.insecure_channel(config.grpc_target) as channel:
        with phone(port):
            stub = service_pb2_grpc.RigcastServiceStub(channel)
            watch = stub.Watch(session_pb2.Join(frame_form=session_pb2.FRAME_FORM_PLAIN))
            async with asyncio.timeout(30):
                while await _next(watch, brow) < 0.42:
                    pass
                await stub.Calibrate(service_pb2.CalibrateRequest())
                while await _next(watch, brow) > 0.02:
                    pass
            watch.cancel()


async def _next(watch: "object", curve: int) -> float:
    while True:
        message = await watch.read()  # type: ignore[attr-defined]
        if message.HasField("plain_frame"):
            return float(message.plain_frame.curves[curve])


async def test_calibrating_what_is_not_there_is_refused() -> None:
    async with (
        running(Config(http_port=0, grpc_port=0)) as config,
        grpc.aio.insecure_channel(config.grpc_target) as channel,
    ):
        stub = service_pb2_grpc.RigcastServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError, match="there is no session"):
            await stub.Calibrate(service_pb2.CalibrateRequest(session="nowhere"))
        watch = stub.Watch(session_pb2.Join())
        await watch.read()
        with pytest.raises(grpc.aio.AioRpcError, match="nothing is captured for session 'main'"):
            await stub.Calibrate(service_pb2.CalibrateRequest())
        watch.cancel()


# The doctor


async def findings(config: Config) -> list[doctor.Finding]:
    return [finding async for finding in doctor.CHECKS["inputs"](config)]


async def test_the_doctor_before_a_bridge_runs() -> None:
    (none,) = await findings(Config(grpc_port=1))
    assert (none.state, none.part) == (doctor.State.OK, "inputs")
    port = free_port()
    (free,) = await findings(Config(grpc_port=1, capture=f"livelink:{port}"))
    assert free.state is doctor.State.OK
    assert f"livelink:0.0.0.0:{port}" in free.remedy
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HOST, 0))
        (taken,) = await findings(Config(grpc_port=1, capture=f"livelink:{other.getsockname()[1]}"))
    assert taken.state is doctor.State.BROKEN


async def test_the_doctor_beside_a_bridge() -> None:
    async with bridge() as (config, port):
        (silent,) = await findings(config)
        assert silent.state is doctor.State.NOTE
        with phone(port):
            await asyncio.sleep(0.5)
            (heard,) = await findings(config)
        assert heard.state is doctor.State.OK
        assert "PHONE-1" in heard.text
