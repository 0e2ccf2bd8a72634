"""The program: help that reads, exit codes, errors without tracebacks, and what its clients make of a bridge."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from bridge import cli
from bridge.commands.remote import credentials
from bridge.config import SETTINGS
from rigcast.v1 import service_pb2, service_pb2_grpc, session_pb2, stream_pb2

COMMANDS = ["demo", "serve", "say", "voices", "doctor", "config"]


def rigcast(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    command = [sys.executable, "-m", "bridge", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings but a test's own."""
    monkeypatch.chdir(tmp_path)
    for setting in SETTINGS.values():
        monkeypatch.delenv(setting.variable, raising=False)


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; from bridge.cli import make_parser; text = make_parser().format_help(); "
        "print(text, sorted({'grpc', 'numpy', 'onnxruntime', 'google.protobuf'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.rstrip().endswith("[]"), done.stderr
    assert all(f"\n    {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    assert f"examples:\n  rigcast {command}" in capsys.readouterr().out


def test_wrong_usage_is_2() -> None:
    assert rigcast("dance").returncode == 2
    assert rigcast().returncode == 2


def test_a_bad_setting_is_2_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serve", "--http-port", "99999"]) == 2
    assert capsys.readouterr().err == "rigcast: --http-port: http_port = 99999: must be 0..65535\n"


def test_config_prints_values_and_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rigcast.toml").write_text('voice = "de"\ntoken = "a-secret-of-some-length"')
    monkeypatch.setenv("RIGCAST_LEAD_MS", "90")
    assert cli.main(["config", "--sessions", "4"]) == 0
    out = capsys.readouterr().out
    rows = {line.split(" = ")[0]: line.split(" = ")[1].split() for line in out.splitlines()}
    assert list(rows) == list(SETTINGS)
    assert rows["voice"][:3] == ['"de"', "#", "rigcast.toml"]
    assert rows["lead_ms"][:3] == ["90", "#", "RIGCAST_LEAD_MS"]
    assert rows["sessions"][:3] == ["4", "#", "--sessions"]
    assert rows["seed"][:3] == ["0", "#", "default"]
    assert "a-secret" not in out


@pytest.mark.parametrize("command", [["say", "hello"], ["say", "--wait", "hello"], ["voices"]])
def test_without_a_bridge_a_client_says_what_to_start(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*command, "--to", "127.0.0.1:1"]) == 1
    error = capsys.readouterr().err
    assert error == "rigcast: no bridge answers at 127.0.0.1:1. Start one with `rigcast serve` or `rigcast demo`\n"


class Scripted(service_pb2_grpc.RigcastServiceServicer):
    """A bridge that answers by rote and remembers what it was asked."""

    def __init__(self) -> None:
        self.said: list[session_pb2.Say] = []
        self.metadata: list[tuple[str, str]] = []
        self.reason = stream_pb2.END_REASON_FINISHED

    def Describe(self, request, context):  # noqa: N802
        return service_pb2.DescribeResponse(sessions=[service_pb2.SessionState(name="main", subscribers=1)])

    def ListVoices(self, request, context):  # noqa: N802
        voices = [service_pb2.Voice(name="de", language="de", engine="espeak-ng", label="Deutsch")]
        return service_pb2.ListVoicesResponse(voices=voices if "de".startswith(request.language) else [])

    def Say(self, request, context):  # noqa: N802
        if not request.say.text:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "say.text is empty")
        self.said.append(request.say)
        self.metadata = [tuple(pair) for pair in context.invocation_metadata()]
        return service_pb2.SayResponse(utterance=1)

    def Perform(self, requests, context):  # noqa: N802
        assert next(requests).join.session == "main"
        yield session_pb2.ServerMessage(welcome=session_pb2.Welcome(now_us=5_000_000))
        message = next(requests)
        self.said.append(message.say)
        yield session_pb2.ServerMessage(accepted=session_pb2.Accepted(request_id=message.request_id, utterance=2))
        for utterance, reason in ((1, stream_pb2.END_REASON_FINISHED), (2, self.reason)):
            ended = stream_pb2.UtteranceEnded(utterance=utterance, reason=reason, detail="the voice broke")
            event = stream_pb2.Event(time_us=5_010_000, utterance_ended=ended)
            yield session_pb2.ServerMessage(event=event)


@pytest.fixture
def scripted():
    """A scripted bridge and its address."""
    bridge = Scripted()
    server = grpc.server(ThreadPoolExecutor(4))
    service_pb2_grpc.add_RigcastServiceServicer_to_server(bridge, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield bridge, f"127.0.0.1:{port}"
    server.stop(None).wait()


def test_say_hands_on_every_flag(scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    bridge, target = scripted
    monkeypatch.setenv("RIGCAST_TOKEN", "a-secret-of-some-length")
    flags = ["--voice", "de", "--rate", "1.5", "--pitch", "0.75", "--interrupt"]
    assert cli.main(["say", "Guten", "Tag.", *flags, "--to", target]) == 0
    assert bridge.said == [session_pb2.Say(text="Guten Tag.", voice="de", rate=1.5, pitch=0.75, interrupt=True)]
    assert set(credentials("a-secret-of-some-length")) <= set(bridge.metadata)


def test_say_reports_a_refusal(scripted, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["say", "", "--to", scripted[1]]) == 1
    assert capsys.readouterr().err == "rigcast: say.text is empty\n"


def test_say_warns_when_nobody_watches(scripted, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["say", "hi", "--session", "other", "--to", scripted[1]]) == 0
    assert 'nobody watches session "other"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("reason", "code", "error"),
    [
        (stream_pb2.END_REASON_FINISHED, 0, ""),
        (stream_pb2.END_REASON_INTERRUPTED, 1, "rigcast: the text was interrupted\n"),
        (stream_pb2.END_REASON_FAILED, 1, "rigcast: the voice broke\n"),
    ],
)
def test_say_wait_ends_as_its_utterance_does(
    scripted, reason: stream_pb2.EndReason, code: int, error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bridge, target = scripted
    bridge.reason = reason
    assert cli.main(["say", "hello", "--wait", "--to", target]) == code
    assert capsys.readouterr().err == error
    assert bridge.said[0].text == "hello"


def test_voices_are_listed(scripted, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["voices", "--to", scripted[1]]) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["NAME", "LANGUAGE", "LABEL", "ENGINE"],
        ["de", "de", "Deutsch", "espeak-ng"],
    ]
    assert cli.main(["voices", "--language", "tlh", "--to", scripted[1]]) == 1
    assert 'no voice whose language begins with "tlh"' in capsys.readouterr().err
