"""The doctor: finds what is right, and what is wrong, by trying it."""

import json
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_model

from bridge import cli, doctor, server
from bridge.a2f import probe
from bridge.config import SETTINGS, Config
from bridge.doctor import Finding, State, audio2face, hearing, program, running, settings, speaking
from bridge.face.model import load
from bridge.frames import AUDIO_RATE, Phone, Speech
from rigcast.v1 import service_pb2, session_pb2
from tests.hostile import connection_of
from tests.real_bridge import request
from tests.serving_a2f import serving


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings but a test's own."""
    monkeypatch.chdir(tmp_path)
    for setting in SETTINGS.values():
        monkeypatch.delenv(setting.variable, raising=False)


async def found(check: AsyncIterator[Finding]) -> list[Finding]:
    """All that a check finds."""
    return [finding async for finding in check]


def states(findings: list[Finding]) -> dict[str, State]:
    """The worst state of each part."""
    order = list(State)
    worst: dict[str, State] = {}
    for finding in findings:
        worst[finding.part] = max(finding.state, worst.get(finding.part, State.OK), key=order.index)
    return worst


async def test_a_sound_machine_has_nothing_broken_but_perhaps_the_page() -> None:
    findings = await doctor.examine(Config(http_port=0, grpc_port=0))
    assert [f for f in findings if f.state is State.BROKEN and f.part != "page"] == []
    assert states(findings).keys() >= {"rigcast", "packages", "onnxruntime", "speech", "movement", "avatar", "page"}
    assert next(f for f in findings if f.part == "onnxruntime").text.startswith("CPU works")


async def test_a_check_that_fails_is_a_finding() -> None:
    async def fails() -> AsyncIterator[Finding]:
        yield Finding("lamp", State.OK, "is there")
        raise RuntimeError("it went out")

    assert await found(doctor._guarded("lamp", fails())) == [
        Finding("lamp", State.OK, "is there"),
        Finding("lamp", State.BROKEN, "RuntimeError: it went out"),
    ]


async def test_a_package_that_cannot_be_imported_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "MODULES", ("numpy", "a_module_that_is_not_there"))
    findings = await found(program.packages(Config()))
    broken = [f for f in findings if f.state is State.BROKEN]
    assert len(broken) == 1
    assert "a_module_that_is_not_there" in broken[0].text
    assert broken[0].remedy == "pip install --force-reinstall a_module_that_is_not_there"


def test_a_provider_that_is_not_there_does_not_compute() -> None:
    assert program.computes("CPUExecutionProvider")
    assert not program.computes("CoreMLExecutionProvider" if cli.sys.platform != "darwin" else "CUDAExecutionProvider")


async def test_a_port_taken_by_a_stranger_is_broken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        config = Config(http_port=stranger.getsockname()[1], grpc_port=0)
        findings = await found(running.check(config))
    assert states(findings)["http port"] is State.BROKEN
    assert states(findings)["grpc port"] is State.OK
    assert "--http-port" in next(f for f in findings if f.part == "http port").remedy


async def test_an_address_of_another_machine_is_broken() -> None:
    config = Config(host="192.0.2.1", token="a-token-of-enough-characters")  # reserved for documentation, RFC 5737
    findings = await found(running.check(config))
    assert states(findings)["http port"] is states(findings)["grpc port"] is State.BROKEN


async def test_a_running_bridge_is_found_with_its_sessions() -> None:
    async with server.running(Config(http_port=0, grpc_port=0, token="a-token-of-enough-characters")) as bound:
        findings = await found(running.check(bound))
        stranger = await found(running.check(replace(bound, token="another-token-than-the-other")))
        async with connection_of(bound, token=bound.token) as connection:
            await connection.send(request(join=session_pb2.Join(session="visited", no_frames=True)))
            await connection.recv()
            visited = await found(running.check(bound))
    assert states(findings) == {"bridge": State.NOTE, "http port": State.OK, "grpc port": State.OK}
    assert any("nobody has joined" in f.text for f in findings)
    assert any(f.text.startswith('session "visited": 1 watching, ') for f in visited)
    assert states(stranger) == {"bridge": State.BROKEN, "http port": State.OK, "grpc port": State.OK}


@pytest.mark.parametrize(
    ("session", "later_us", "state", "text"),
    [
        (service_pb2.SessionState(name="main", subscribers=2, speaking=True), 1, State.OK, "2 watching, speaking"),
        (service_pb2.SessionState(name="main", subscribers=0), 1, State.NOTE, "0 watching, idle"),
        (service_pb2.SessionState(name="main", subscribers=2, now_us=5), 5, State.BROKEN, "clock stands still"),
    ],
)
def test_a_session_is_judged(session: service_pb2.SessionState, later_us: int, state: State, text: str) -> None:
    finding = running.state_of(session, later_us, Config())
    assert finding.state is state
    assert text in finding.text


def test_silence_and_missing_phones_are_broken() -> None:
    second = np.arange(AUDIO_RATE)
    tone = (8000 * np.sin(second / 20)).astype(np.int16)
    phones = [Phone("p", 0.0, 0.1), Phone("ɑ", 0.1, 0.9)]
    assert states(list(speaking.judge(Speech(tone, phones), 1.0))) == {"speech": State.OK, "movement": State.OK}
    assert states(list(speaking.judge(Speech(tone * 0, phones), 1.0)))["speech"] is State.BROKEN
    assert states(list(speaking.judge(Speech(tone, []), 1.0)))["speech"] is State.BROKEN


async def test_settings_that_do_not_go_well_together_are_noted() -> None:
    config = Config(text_characters=5000, message_bytes=5000, host="0.0.0.0", token="a-token-of-enough-characters")
    findings = await found(settings.check(config))
    assert next(f.remedy for f in findings if f.state is State.NOTE) == "message_bytes = 20000"
    assert "a-token" not in "".join(f.text for f in findings)


def test_a_bad_setting_is_a_finding_and_the_exit_code_tells(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "CHECKS", {})
    assert cli.main(["doctor", "--json", "--http-port", "99999"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["broken"] == 1
    assert report["findings"][0]["text"] == "--http-port: http_port = 99999: must be 0..65535"
    assert cli.main(["doctor"]) == 0
    assert "Nothing is broken." in capsys.readouterr().out


async def test_a_model_that_hears_is_fine_and_others_are_told(tmp_path: Path) -> None:
    good, failing, bad = (str(tmp_path / f"{name}.onnx") for name in ("good", "failing", "bad"))
    tiny_model.make(Path(good))
    tiny_model.make(Path(failing), fault="never")
    Path(bad).write_text("no model")
    (fine,) = await found(hearing.check(Config(model=good)))
    assert fine.state is not State.BROKEN
    assert "tiny 1.0, 80 ms ahead" in fine.text
    (broken,) = await found(hearing.check(Config(model=failing)))
    assert broken.state is State.BROKEN
    assert "60 of 60 frames could not be computed" in broken.text
    (broken,) = await found(hearing.check(Config(model=bad)))
    assert broken.state is State.BROKEN
    assert "bad.onnx: it is not ONNX" in broken.text
    assert "live audio is refused" in broken.remedy


async def test_who_has_the_port_of_audio2face_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(load(tiny_model.make(tmp_path / "tiny.onnx"), "cpu"), tmp_path) as running:
        (found,) = await doctor_says(running.server.port)
        assert (found.state, found.text) == (
            State.OK,
            f"127.0.0.1:{running.server.port} is the running bridge, healthy",
        )
        monkeypatch.setattr(probe, "SERVICE", "a twin")
        (twin,) = await doctor_says(running.server.port)
    assert (twin.state, twin.remedy) == (State.BROKEN, audio2face.ANOTHER_PORT)
    assert "another Audio2Face service" in twin.text
    (free,) = await doctor_says(running.server.port)
    assert (free.state, free.remedy) == (State.NOTE, "rigcast serve --a2f")


async def test_a_deaf_audio2face_service_and_a_stranger_are_broken(tmp_path: Path) -> None:
    async with serving(None, tmp_path) as running:
        (deaf,) = await doctor_says(running.server.port)
    assert deaf.state is State.BROKEN
    assert "cannot hear now" in deaf.text
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        (taken,) = await doctor_says(stranger.getsockname()[1])
    assert taken.state is State.BROKEN
    assert "another program" in taken.text


async def doctor_says(port: int) -> list[Finding]:
    return await found(audio2face.check(Config(a2f=port)))
