"""`rigcast mic` against a real bridge: a file in the microphone's place, and a stand-in for PortAudio's devices."""

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.cli import main
from bridge.frames import AUDIO_RATE, SAMPLES_PER_FRAME
from rigcast.v1 import session_pb2 as pb
from tests.live_audio import Record, pcm, voice
from tests.real_bridge import PATIENCE, Bridge, joined, request, started
from tests.tiny_model import make


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    file = make(tmp_path_factory.mktemp("models") / "tiny.onnx")
    with started("--model", str(file), "--device", "cpu") as running:
        yield running


async def watched(bridge: Bridge, session: str, *arguments: str, cut: bool = False) -> tuple[int, Record]:
    """Run `rigcast mic` and watch its session; optionally cut it off. Its exit code, and what was seen."""
    record = Record()
    async with joined(bridge, session) as connection, asyncio.timeout(PATIENCE):
        command = asyncio.create_task(
            asyncio.to_thread(main, ["mic", "--to", bridge.grpc, "--session", session, *arguments])
        )
        while not record.times("utterance_ended"):
            record.take([pb.ServerMessage.FromString(await connection.recv(decode=False))])
            if cut and record.heard.sum() > AUDIO_RATE // 2:  # some of it lies in the past
                await connection.send(request(interrupt=pb.Interrupt()))
        return await command, record


def test_a_file_is_spoken_at_its_pace(bridge: Bridge, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "voice.wav"
    soundfile.write(file, voice(1.5), AUDIO_RATE, "PCM_16")
    began = time.monotonic()
    code, record = asyncio.run(watched(bridge, "file", "--file", str(file)))
    assert (code, record.endings()) == (0, [(1, 1)])
    assert time.monotonic() - began > 1.4
    (begin,), (end,) = record.times("utterance_started"), record.times("utterance_ended")
    assert end - begin > 1.4 * AUDIO_RATE
    record.assert_lips_are_sound(begin // SAMPLES_PER_FRAME + 4, end // SAMPLES_PER_FRAME - 12, share=0.1)
    assert capsys.readouterr().out == '"voice.wav" speaks in session "file". Ctrl-C ends it.\n'


def test_whoever_is_cut_off_is_told(bridge: Bridge, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "voice.flac"
    soundfile.write(file, voice(10.0, 44_100), 44_100)
    code, record = asyncio.run(watched(bridge, "cut", "--file", str(file), cut=True))
    assert (code, record.endings()) == (1, [(1, 2)])
    assert "cut it off" in capsys.readouterr().err


class PortAudioError(Exception):
    """As the library's own."""


class Stand:
    """What sounddevice does, with microphones that hear `voice` for a second and then nothing."""

    PortAudioError = PortAudioError
    default = SimpleNamespace(device=[1, 0])

    def __init__(self, microphones: int) -> None:
        self._devices = [{"name": "Speakers", "max_input_channels": 0, "default_samplerate": 44_100.0, "index": 0}]
        self._devices += [
            {"name": f"Mic {i}", "max_input_channels": 1, "default_samplerate": 16_000.0, "index": i}
            for i in range(1, microphones + 1)
        ]

    def query_devices(self, name: str | None = None, kind: str | None = None) -> Any:
        if kind is None:
            return self._devices
        found = [d for d in self._devices if d["max_input_channels"] and (name or "") in d["name"]]
        if not found:
            raise ValueError(f"No input device matching {name!r}")
        return found[0]

    def RawInputStream(self, rate: int, size: int, *_: Any, callback: Any) -> "Recording":  # noqa: N802
        return Recording(pcm(voice(1.0, rate)), rate, size, callback)


class Recording(threading.Thread):
    """A stream that is recorded while it is open."""

    def __init__(self, samples: np.ndarray, rate: int, size: int, callback: Any) -> None:
        super().__init__(daemon=True)
        self._samples, self._rate, self._size, self._callback = samples, rate, size, callback
        self._open = True

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._open = False
        self.join()

    def run(self) -> None:
        at = 0
        while self._open:
            chunk = self._samples[at : at + self._size]
            chunk = np.pad(chunk, (0, self._size - len(chunk)))
            self._callback(chunk.tobytes(), self._size, None, None)
            at += self._size
            time.sleep(self._size / self._rate)


def test_a_microphone_speaks_until_it_is_cut(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", Stand(2))
    code, record = asyncio.run(watched(bridge, "mic", "--device", "Mic 2", cut=True))
    assert code == 1
    assert record.heard.any()


def test_microphones_are_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", Stand(2))
    assert main(["mic", "--list"]) == 0
    assert capsys.readouterr().out == "* Mic 1  16000 Hz\n  Mic 2  16000 Hz\n"


@pytest.mark.parametrize(
    ("module", "arguments", "words"),
    [
        (None, [], "pip install 'rigcast[mic]'"),
        (None, ["--list"], "pip install 'rigcast[mic]'"),
        (Stand(0), [], "there is no microphone"),
        (Stand(0), ["--list"], "there is no microphone"),
        (Stand(1), ["--device", "Foo"], "rigcast mic --list"),
        (Stand(1), ["--file", "there-is-none.wav"], "there-is-none.wav"),
        (Stand(1), ["--to", "127.0.0.1:1"], "no bridge answers"),
    ],
)
def test_what_is_missing_is_told(
    module: object,
    arguments: list[str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    assert main(["mic", *arguments]) == 1
    assert words in capsys.readouterr().err


def test_a_bridge_without_a_model_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "voice.wav"
    soundfile.write(file, voice(0.2), AUDIO_RATE)
    with started("--model", str(tmp_path / "none.onnx")) as deaf:
        assert main(["mic", "--to", deaf.grpc, "--file", str(file)]) == 1
    assert "takes no live audio" in capsys.readouterr().err
