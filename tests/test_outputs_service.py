"""Outputs that clients switch on and off: over both transports, held to limits, hosts and roles, seen by everybody."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import grpc
import pytest

from bridge import doctor
from bridge.cli import main
from bridge.config import Config
from bridge.doctor import State
from bridge.outputs import service
from bridge.outputs.service import Outputs, sending
from bridge.peer import Peer
from bridge.roles import Role
from bridge.server import settings_of
from bridge.stage import Settings, Stage
from rigcast.v1 import service_pb2
from rigcast.v1 import session_pb2 as pb
from tests.real_bridge import Bridge, calling, joined, request, started, until
from tests.receivers import listening, marionette, read_face
from tests.test_stage import Hum


class Client:
    """What a transport does, without one."""

    def __init__(self, stage: Stage, session: str = "main", role: Role = Role.PERFORM) -> None:
        self.peer = Peer(stage, "rigcast.v1", lambda: None, role)
        self.peer.receive(pb.ClientMessage(join=pb.Join(session=session)).SerializeToString())

    def ask(self, *vmc: str, livelink: tuple[str, ...] = ()) -> str:
        """Ask for these; "" where that was taken, else the code, the field and the words of the refusal."""
        while self.peer.next() is not None:
            pass
        outputs = pb.SetOutputs(livelink=livelink, vmc=vmc)
        self.peer.receive(pb.ClientMessage(request_id=5, set_outputs=outputs).SerializeToString())
        data = self.peer.next()
        assert isinstance(data, bytes)
        answer = pb.ServerMessage.FromString(data)
        if answer.WhichOneof("body") == "accepted":
            return ""
        assert answer.error.request_id == 5
        return f"{pb.ErrorCode.Name(answer.error.code)[11:]} {answer.error.field} {answer.error.message}"


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """One that sends, and allows three outputs and one other machine."""
    monkeypatch.setattr(service, "CHANGES_PER_S", 1000)
    config = Config(outputs=3, output_hosts="192.0.2.7 studio.invalid", vmc="9")
    stage = Stage(Hum(), settings_of(config))
    outputs = stage.outputs = Outputs(stage, config)
    async with sending(outputs):
        yield stage


def on(stage: Stage) -> list[str]:
    """What clients switched on."""
    assert stage.outputs
    return [f"{o.session} {o.protocol} {o.address}" for o in stage.outputs.report().outputs if o.requested]


async def test_the_last_word_of_a_session_holds(stage: Stage) -> None:
    one, two = Client(stage), Client(stage, "second")
    assert one.ask("1", "2") == ""
    assert two.ask(livelink=("[::1]:3/Ann",)) == ""
    assert on(stage) == ["main vmc 127.0.0.1:1", "main vmc 127.0.0.1:2", "second livelink [::1]:3"]
    assert stage.outputs
    kept = next(running for running in stage.outputs if running.output.address == "127.0.0.1:2")
    assert Client(stage).ask("2", "4") == ""
    assert on(stage) == ["main vmc 127.0.0.1:2", "main vmc 127.0.0.1:4", "second livelink [::1]:3"]
    assert kept in list(stage.outputs)
    assert one.ask() == ""
    one.peer.leave()
    assert on(stage) == ["second livelink [::1]:3"]
    assert [o.session for o in stage.outputs.report().outputs if not o.requested] == ["main"]  # of the settings


async def test_an_output_keeps_its_session_and_ends_with_its_switch(stage: Stage) -> None:
    client = Client(stage)
    assert client.ask("1") == ""
    await asyncio.sleep(0.01)
    client.peer.leave()
    members = set(stage.sessions["main"].members)
    assert len(members) == 2
    Client(stage).ask()
    await asyncio.sleep(0.01)
    assert len(stage.sessions["main"].members & members) == 1  # that of the settings


@pytest.mark.parametrize(
    ("vmc", "refusal"),
    [
        (("1", "2", "3", "4"), "RESOURCE_EXHAUSTED set_outputs 4 outputs, the limit is 3"),
        (("192.0.2.8:1",), "PERMISSION_DENIED set_outputs.vmc 192.0.2.8 is another machine"),
        (("0.0.0.0:1",), "PERMISSION_DENIED set_outputs.vmc 0.0.0.0 is another machine"),
        (("127.0.0.1.nip.invalid:1",), "PERMISSION_DENIED set_outputs.vmc"),
        (("1", "1,session=other"), 'INVALID_ARGUMENT set_outputs.vmc "1,session=other": there is no option "session"'),
        (("1 2",), "INVALID_ARGUMENT set_outputs.vmc a receiver is named by"),
        (("1:2:3",), "INVALID_ARGUMENT set_outputs.vmc"),
    ],
)
async def test_refusals_name_the_cause_and_change_nothing(stage: Stage, vmc: tuple[str, ...], refusal: str) -> None:
    client = Client(stage)
    assert client.ask("7") == ""
    assert client.ask(*vmc).startswith(refusal)
    assert on(stage) == ["main vmc 127.0.0.1:7"]


async def test_sessions_share_the_limit_and_settings_name_machines(stage: Stage) -> None:
    assert Client(stage).ask("192.0.2.7:1", "studio.invalid:2") == ""
    assert Client(stage, "second").ask("3", "4").startswith("RESOURCE_EXHAUSTED set_outputs 2 outputs are on for other")
    assert Client(stage, "second").ask("3") == ""
    assert len(on(stage)) == 3


async def test_who_only_watches_switches_nothing(stage: Stage) -> None:
    assert Client(stage, role=Role.WATCH).ask("1").startswith("PERMISSION_DENIED set_outputs this token is for watch")
    assert on(stage) == []


async def test_switching_is_held_to_a_rate() -> None:
    stage = Stage(Hum(), Settings())
    stage.outputs = Outputs(stage, Config())
    client = Client(stage)
    answers = [client.ask() for _ in range(100)]
    assert 0 < answers.count("") < 50
    assert answers[-1].startswith("RESOURCE_EXHAUSTED set_outputs outputs are switched more than 4 times a second")


async def test_a_stage_without_outputs_says_so() -> None:
    assert Client(Stage(Hum(), Settings())).ask("1").startswith("FAILED_PRECONDITION set_outputs this server sends")


# A real bridge


@pytest.fixture(scope="module")
def bridge() -> Iterator[Bridge]:
    with started() as bridge:
        yield bridge


async def test_a_running_session_is_sent_to_a_program_and_no_more(bridge: Bridge) -> None:
    with listening() as body, listening() as face:
        async with joined(bridge, "stage-1") as client:
            outputs = pb.SetOutputs(vmc=[str(body.port)], livelink=[f"{face.port}/Ann"])
            await client.send(request(3, set_outputs=outputs))
            assert (await until(client, "accepted")).accepted.request_id == 3
        await asyncio.sleep(1.0)  # it goes on without its client
        async with calling(bridge) as stub:
            listed = (await stub.ListOutputs(service_pb2.ListOutputsRequest())).outputs
            assert [(o.protocol, o.session, o.subject, o.requested) for o in listed] == [
                ("livelink", "stage-1", "Ann", True), ("vmc", "stage-1", "", True),
            ]  # fmt: skip
            assert all(o.poses > 5 and not o.trouble for o in listed)
            await stub.SetOutputs(service_pb2.SetOutputsRequest(session="stage-1"))
            await asyncio.sleep(0.2)
            assert not (await stub.ListOutputs(service_pb2.ListOutputsRequest())).outputs
            assert len(marionette(body.heard)) > 5
            assert read_face(face.heard[-1][1]).subject == "Ann"
            count = len(body.heard)
            await asyncio.sleep(0.2)
            assert len(body.heard) == count


async def test_a_call_is_refused_by_cause(bridge: Bridge) -> None:
    async with calling(bridge) as stub:
        asked = service_pb2.SetOutputsRequest(session="x", outputs=pb.SetOutputs(vmc=["192.0.2.1"]))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.SetOutputs(asked)
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert "output_hosts" in str(caught.value.details())


def test_the_command_switches_and_lists(bridge: Bridge, capsys: pytest.CaptureFixture[str]) -> None:
    to = ["--to", bridge.grpc]
    with listening() as body:
        assert main(["outputs", "show", "--vmc", f"{body.port},face=sync", "--livelink", "9/Nobody", *to]) == 0
        assert main(["outputs", *to]) == 0
        told = capsys.readouterr().out
    assert f'VMC to 127.0.0.1:{body.port}, session "show", 60 Hz, on request' in told
    assert 'Live Link Face to 127.0.0.1:9 as "Nobody", session "show"' in told
    assert main(["outputs", "show", "--off", *to]) == 0
    assert main(["outputs", *to]) == 0
    assert "Nothing is sent" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--vmc", "39539"], "name the session: rigcast outputs SESSION"),
        (["show", "--off", "--vmc", "1"], "--off goes alone"),
        (["show", "--vmc", "192.0.2.1"], "192.0.2.1 is another machine"),
        (["show", "--vmc", "1,face=x"], "face must be some of"),
    ],
)
def test_the_command_explains(bridge: Bridge, capsys: pytest.CaptureFixture[str], flags: list[str], words: str) -> None:
    assert main(["outputs", *flags, "--to", bridge.grpc]) in (1, 2)
    assert words in capsys.readouterr().err


async def test_the_doctor_sees_what_a_running_bridge_sends(bridge: Bridge) -> None:
    port = int(bridge.grpc.rpartition(":")[2])
    async with calling(bridge) as stub:
        asked = pb.SetOutputs(vmc=["9"])
        await stub.SetOutputs(service_pb2.SetOutputsRequest(session="doctor", outputs=asked))
        await asyncio.sleep(0.5)
        (found,) = [finding async for finding in doctor.outputs.check(Config(grpc_port=port))]
        await stub.SetOutputs(service_pb2.SetOutputsRequest(session="doctor"))
    assert found.state is State.NOTE
    assert found.text.startswith('VMC to 127.0.0.1:9, session "doctor", 60 Hz, on request')
    assert "nobody listens there yet" in found.text
