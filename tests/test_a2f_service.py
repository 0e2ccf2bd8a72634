"""The service over a socket, with stubs of our own: whole calls, clients that behave oddly, and how calls end."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from bridge.a2f import service
from bridge.a2f.request import BLEND_SHAPES
from bridge.config import Config
from bridge.doors import Doors
from bridge.face.model import Model, load
from bridge.session import Code, RefusedError
from rigcast.a2f.v1 import a2f_pb2 as pb
from tests import tiny_model
from tests.real_bridge import PATIENCE
from tests.serving_a2f import CONFIGS, RATE, Running, answers, clip, echo, end, header, serving, sound, weights

Status = grpc.StatusCode


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load(tiny_model.make(tmp_path_factory.mktemp("model") / "tiny.onnx"), "cpu")


@pytest.fixture(autouse=True)
async def patience() -> Any:
    async with asyncio.timeout(PATIENCE * 10):
        yield


async def refused(call: Any) -> tuple[grpc.StatusCode, str, list[pb.ServerMessage]]:
    """How a call ends that ends badly; its last message must say the same."""
    found: list[pb.ServerMessage] = []
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await answers(call, found)
    assert found[-1].status.code == 3
    assert found[-1].status.message == error.value.details()
    assert not any(m.HasField("status") and m.status.code == 0 for m in found)
    return error.value.code(), error.value.details() or "", found


async def drained(running: Running) -> None:
    """Wait until no clip is under way."""
    while running.server.busy:
        await asyncio.sleep(0.01)


async def test_a_clip_comes_back_as_header_frames_event_and_status(model: Model, tmp_path: Path) -> None:
    data = sound(1.0)
    async with serving(model, tmp_path) as running:
        messages = await answers(running.call(clip(data)))
    kinds = [m.WhichOneof("body") for m in messages]
    assert kinds == ["header", *["animation"] * 30, "event", "status"]
    first = messages[0].header
    assert tuple(first.skeleton.blend_shapes) == BLEND_SHAPES
    assert (first.sound_format.rate, first.sound_format.channels, first.sound_format.bits_per_sample) == (RATE, 1, 16)
    assert first.start > 1e9
    times = [m.animation.pose.weights[0].time for m in messages[1:-2]]
    assert times == pytest.approx([k / 30 for k in range(30)])
    assert times == [m.animation.sound.time for m in messages[1:-2]]
    assert echo(messages) == data
    assert (messages[-1].status.code, messages[-2].event.kind) == (0, 0)


async def test_sixty_frames_a_second_if_so_configured(model: Model, tmp_path: Path) -> None:
    async with serving(model, tmp_path, a2f_fps=60) as running:
        assert len(weights(await answers(running.call(clip(sound(0.5)))))) == 30


async def test_a_client_that_sends_all_before_it_reads_is_served(model: Model, tmp_path: Path) -> None:
    data = sound(6.0, 48_000)  # more than HTTP/2's windows hold, there and back
    async with serving(model, tmp_path) as running:
        call = running.call()
        for message in clip(data, 48_000, 96_000):
            await call.write(message)
        await call.done_writing()
        messages = await answers(call)
    assert echo(messages) == data
    assert messages[-1].status.code == 0


async def test_a_paced_client_gets_frames_before_it_has_sent_all(model: Model, tmp_path: Path) -> None:
    data = sound(1.0)
    async with serving(model, tmp_path) as running:
        call = running.call()
        await call.write(header())
        assert (await call.read()).HasField("header")
        await call.write(pb.ClientMessage(sound=pb.Sound(samples=data[:16_000])))
        early = [await call.read() for _ in range(10)]  # of half a second, less the look-ahead
        await call.write(pb.ClientMessage(sound=pb.Sound(samples=data[16_000:])))
        await call.done_writing()  # an end too, without its message
        messages = early + await answers(call)
    assert echo(messages) == data
    assert messages[-1].status.code == 0


async def test_many_clips_at_once_are_heard_in_one_batch_as_if_alone(model: Model, tmp_path: Path) -> None:
    data = sound(0.7)
    async with serving(model, tmp_path) as running:
        alone = weights(await answers(running.call(clip(data))))
        together = await asyncio.gather(*(answers(running.call(clip(data, size=3200))) for _ in range(5)))
    blinks = [BLEND_SHAPES.index(name) for name in BLEND_SHAPES if "Eye" in name or "Brow" in name]
    for messages in together:
        difference = np.abs(weights(messages) - alone)
        difference[:, blinks] = 0  # each clip blinks for itself
        assert difference.max() < 1e-4


async def test_a_call_that_is_cancelled_half_way_leaves_nothing_behind(
    model: Model, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(model, tmp_path) as running:
        call = running.call(clip(sound(8.0)))
        for _ in range(4):
            await call.read()
        call.cancel()
        await drained(running)
        assert not running.stage.listening._streams
        assert (await answers(running.call(clip(sound(0.2)))))[-1].status.code == 0
    assert [r for r in caplog.records if r.levelno > logging.WARNING] == []


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([pb.ClientMessage(sound=pb.Sound(samples=b"\0\0"))], "audio_stream_header: must come first"),
        ([], "audio_stream_header: must come first"),
        ([pb.ClientMessage()], "audio_stream_header: must come first"),
        ([header(8_000)], "audio_header.samples_per_second: is 8000; send 16000 to 144000"),
        ([header(), end()], "audio_with_emotion: no sound came before the end"),
        ([header(), header()], "audio_with_emotion: or end_of_audio must follow the header"),
        ([header(), b"\xff\xff"], "these 2 bytes are no AudioStream"),
        ([header(), pb.ClientMessage(sound=pb.Sound(samples=b"\0" * 5))], "audio_buffer: has 5 bytes"),
    ],
)
async def test_a_client_that_errs_is_told_what_and_where(
    model: Model, tmp_path: Path, messages: list[Any], words: str
) -> None:
    async with serving(model, tmp_path) as running:
        code, said, _ = await refused(running.call(messages))
    assert code is Status.INVALID_ARGUMENT
    assert words in said


async def test_limits_are_told_as_such(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = [header(), pb.ClientMessage(sound=pb.Sound(samples=bytes(2 * 160_001)))]
    async with serving(model, tmp_path, sessions=1) as running:
        code, said, _ = await refused(running.call(long))
        assert (code, "at most 10 s" in said) == (Status.RESOURCE_EXHAUSTED, True)
        first = running.call()
        await first.write(header())
        await first.read()
        code, said, _ = await refused(running.call(clip(sound(0.1))))
        assert (code, "1 clips are under way already" in said) == (Status.RESOURCE_EXHAUSTED, True)
        first.cancel()
        await drained(running)
        monkeypatch.setattr(service, "HELD_BYTES", 1000)
        code, said, _ = await refused(running.call(clip(sound(0.5))))
        assert (code, "too much sound waits" in said) == (Status.RESOURCE_EXHAUSTED, True)


async def test_who_is_idle_is_sent_away(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "IDLE_S", 0.5)
    async with serving(model, tmp_path) as running:
        for sent in ([], [header()]):
            call = running.call()
            for message in sent:
                await call.write(message)
            code, said, _ = await refused(call)
            assert (code, "nothing came" in said) == (Status.DEADLINE_EXCEEDED, True)


async def test_who_never_reads_is_sent_away(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "IDLE_S", 2.0)
    monkeypatch.setattr(service, "FAREWELL_S", 0.2)
    async with serving(model, tmp_path) as running:
        call = running.call()
        for message in clip(sound(6.0, 96_000), 96_000, 192_000):
            await call.write(message)
        while not running.server.busy:
            await asyncio.sleep(0.01)
        await drained(running)
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await answers(call)
    assert error.value.code() is Status.DEADLINE_EXCEEDED


async def test_a_model_that_fails_is_no_success(tmp_path: Path) -> None:
    broken = load(tiny_model.make(tmp_path / "broken.onnx", fault="never"), "cpu")
    async with serving(broken, tmp_path) as running:
        code, said, messages = await refused(running.call(clip(sound(0.3))))
    assert (code, "the model failed in" in said) == (Status.INTERNAL, True)
    assert len(weights(messages)) == 9


async def test_a_server_that_goes_down_says_so(model: Model, tmp_path: Path) -> None:
    async with serving(model, tmp_path) as running:
        health = health_pb2_grpc.HealthStub(running.channel)
        for name in ("", service.CONTROLLER, service.CONFIGS):
            assert (await health.Check(health_pb2.HealthCheckRequest(service=name))).status == 1
        call = running.call()
        await call.write(header())
        await call.read()
        running.stage.draining = True
        await running.server.drain()
        assert (await health.Check(health_pb2.HealthCheckRequest())).status == 2
        code, said, _ = await refused(running.call(clip(sound(0.1))))
        assert (code, "going down" in said) == (Status.UNAVAILABLE, True)
        assert running.server.busy
        running.server._service.close(RefusedError(Code.UNAVAILABLE, "the server is going down"))
        code, said, _ = await refused(call)
        assert (code, said) == (Status.UNAVAILABLE, "the server is going down")


async def test_without_a_model_it_is_not_healthy_and_says_why(tmp_path: Path) -> None:
    async with serving(None, tmp_path) as running:
        health = health_pb2_grpc.HealthStub(running.channel)
        assert (await health.Check(health_pb2.HealthCheckRequest(service=service.CONTROLLER))).status == 2
        code, said, _ = await refused(running.call(clip(sound(0.1))))
    assert (code, said) == (Status.UNAVAILABLE, "this server cannot hear: there is no model")


async def test_tokens_are_asked_for_where_there_are_some(model: Model, tmp_path: Path) -> None:
    perform, watch = "p" * 20, "w" * 20
    async with serving(model, tmp_path, perform_token=perform, watch_token=watch) as running:
        assert (await refused(running.call(clip(sound(0.1)))))[0] is Status.UNAUTHENTICATED
        assert (await refused(running.call(clip(sound(0.1)), watch)))[0] is Status.PERMISSION_DENIED
        assert (await answers(running.call(clip(sound(0.1)), perform)))[-1].status.code == 0


async def test_what_has_no_meaning_is_logged_once(
    model: Model, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    face = pb.FaceParameters(floats={"faceMaskLevel": 0.6, "\x1b[2J": 1})
    async with serving(model, tmp_path) as running:
        for _ in range(2):
            await answers(running.call(clip(sound(0.1), face=face)))
    said = [r.getMessage() for r in caplog.records if "no meaning" in r.getMessage()]
    assert len(said) == 1
    assert "faceMaskLevel" in said[0]
    assert "\x1b" not in said[0]


@pytest.mark.parametrize("kind", [0, 1])
async def test_configurations_are_files_that_can_be_read(model: Model, tmp_path: Path, kind: int) -> None:
    async with serving(model, tmp_path) as running:
        found = {each.name: each.content async for each in _configs(running, kind)}
    assert sorted(found) == [f"{name}.{('yaml', 'json')[kind]}" for name in ("advanced_config", "stylization_config")]
    if kind == 1:
        assert json.loads(found["advanced_config.json"])["input_sanitization"]["max_sample_rate"] == 144_000
        shapes = json.loads(found["stylization_config.json"])["a2f"]["blendshape_params"]["weight_multipliers"]
        assert tuple(shapes) == BLEND_SHAPES
    else:
        assert "input_sanitization:\n  min_sample_rate: 16000\n" in found["advanced_config.yaml"]
        assert '  inference_model_id: "tiny 1.0"\n' in found["stylization_config.yaml"]


def _configs(running: Running, kind: int) -> Any:
    read = running.channel.unary_stream(
        CONFIGS, request_serializer=lambda m: m.SerializeToString(), response_deserializer=pb.ConfigFile.FromString
    )
    return read(pb.ConfigsRequest(kind=kind))


async def test_configurations_of_another_kind_are_refused(model: Model, tmp_path: Path) -> None:
    async with serving(model, tmp_path) as running:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            _ = [each async for each in _configs(running, 7)]
    assert error.value.code() is Status.INVALID_ARGUMENT


async def test_a_port_that_is_taken_is_an_error_with_a_remedy(model: Model, tmp_path: Path) -> None:
    async with serving(model, tmp_path) as running:
        config = Config(a2f=running.server.port, tokens_file=str(tmp_path / "none.toml"))
        with pytest.raises(OSError, match="--a2f PORT chooses another"):
            await service.start(running.stage, config, Doors(config))
