"""`rigcast record` against a real bridge: what is written is what was performed, whatever ends it."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge import cli, takes
from bridge.frames import SAMPLES_PER_FRAME, AudioChunk, Forget, Poses
from bridge.wire import unpack
from rigcast.v1 import session_pb2
from tests.listener import Listener
from tests.real_bridge import PATIENCE, Bridge, collect, ended, joined, request, started, until

TEXT = "Papa bought my mama a map."


@pytest.fixture(scope="module")
def bridge() -> Iterator[Bridge]:
    with started() as bridge:
        yield bridge


class Recording:
    """A recorder in a process of its own."""

    def __init__(self, bridge: Bridge, *arguments: str) -> None:
        command = [sys.executable, "-m", "bridge", "record", *arguments, "--to", bridge.grpc]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def begin(self) -> "Recording":
        """Wait until it says that it records."""
        assert self.process.stderr
        said = self.process.stderr.readline()
        assert said.startswith("recording session"), said
        return self

    def end(self) -> tuple[int, str, str]:
        """Its exit code and what it said besides."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


@contextlib.contextmanager
def recording(bridge: Bridge, *arguments: str) -> Iterator[Recording]:
    recorder = Recording(bridge, *arguments)
    try:
        yield recorder.begin()
    finally:
        recorder.process.kill()
        recorder.process.communicate()


def perform(bridge: Bridge, session: str) -> Listener:
    """Let a session speak, be interrupted and speak again; what a client saw of it."""

    async def watch() -> list[session_pb2.ServerMessage]:
        async with joined(bridge, session) as connection:
            found = [await until(connection, "welcome")]
            for text, interrupt in (("This will never be said to its end, as it is cut off.", False), (TEXT, True)):
                await connection.send(request(say=session_pb2.Say(text=text, interrupt=interrupt)))
                found += await collect(connection, lambda m: m.HasField("audio"))
            found += await collect(connection, ended)
            end = found[-1].event.time_us + 1_500_000
            return found + await collect(connection, lambda m: m.frame.time_us > end)

    listener = Listener()
    listener.hear([item for message in asyncio.run(watch()) for item in items(message)])
    return listener


def items(message: session_pb2.ServerMessage) -> list[Poses | AudioChunk | Forget]:
    match message.WhichOneof("body"):
        case "frame":
            return [Poses(round(message.frame.time_us * 60 / 1e6), message.frame.sequence, unpack(message.frame))]
        case "audio":
            return [AudioChunk(message.audio.time_us, 0, np.frombuffer(message.audio.pcm, "<i2").astype(np.int16))]
        case "forget":
            return [Forget(message.forget.time_us)]
    return []


def check(path: Path, listener: Listener) -> None:
    """What a take holds is what the client saw and heard. A busy machine may cost either of them some of it."""
    frames = json.loads(path.read_text())["frames"]
    rows = {i: np.array(frame["curves"]) for i, frame in enumerate(frames) if "held" not in frame}
    seen = {number: pose[0] for number, pose in listener.poses.items()}
    far = {first: distance(rows, seen, first) for first in range(min(seen) - len(frames), max(seen))}
    first = min(far, key=far.__getitem__)
    assert far[first] < 1e-4
    assert first + len(frames) > max(seen) - 60  # up to the last second
    sound, rate = soundfile.read(path.with_suffix(".wav"), dtype="int16")
    assert rate == 24_000
    assert len(sound) >= len(frames) * SAMPLES_PER_FRAME
    truth = listener.sound[first * SAMPLES_PER_FRAME :][: len(sound)]
    both = (sound != 0) & (truth != 0)
    assert both.sum() > 2400
    np.testing.assert_array_equal(sound[both], truth[both])


def distance(rows: dict[int, np.ndarray], seen: dict[int, np.ndarray], first: int) -> float:
    """The greatest difference where row 0 is the session's frame `first`; infinite where they hardly meet."""
    both = [row - seen[first + i] for i, row in rows.items() if first + i in seen]
    return float(np.abs(both).max()) if len(both) > 30 else np.inf


def test_what_is_written_is_what_was_performed(bridge: Bridge, tmp_path: Path) -> None:
    """Three recorders of one session: one is asked to stop, two are killed."""
    asked, killed, cut = (tmp_path / name for name in ("asked.json", "killed.json", "cut.vrma"))
    with contextlib.ExitStack() as stack:
        recorders = [stack.enter_context(recording(bridge, "one", "--out", str(path))) for path in (asked, killed, cut)]
        listener = perform(bridge, "one")
        for recorder in recorders[1:]:
            recorder.process.kill()
            recorder.end()
        recorders[0].process.send_signal(signal.SIGINT)
        code, out, _ = recorders[0].end()
    assert code == 0
    assert out.startswith(f"{asked}: ")
    assert listener.forgets
    check(asked, listener)
    check(killed, listener)
    takes.recover(cut.with_name("cut.vrma.journal"))
    assert cut.read_bytes()[:4] == b"glTF"


def test_it_ends_after_the_seconds_that_were_asked_for(bridge: Bridge, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    assert cli.main(["record", "two", "--out", str(path), "--seconds", "0.5", "--to", bridge.grpc]) == 0
    samples, _ = soundfile.read(path)
    assert len(samples) == 12_000
    assert [file.name for file in tmp_path.iterdir()] == ["a.wav"]


def test_a_bridge_that_goes_leaves_the_take_and_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def go_once_some_is_written() -> None:
        deadline, journal = time.monotonic() + PATIENCE, tmp_path / "a.vrma.journal"
        while not (journal.exists() and journal.stat().st_size > 50_000) and time.monotonic() < deadline:
            time.sleep(0.02)
        bridge.process.terminate()

    with started() as bridge:
        going = threading.Thread(target=go_once_some_is_written)
        going.start()
        code = cli.main(["record", "--out", str(tmp_path / "a.vrma"), "--no-sound", "--to", bridge.grpc])
        going.join()
    said = capsys.readouterr()
    assert code == 1
    assert "rigcast: " in said.err
    assert "going down" in said.err
    assert said.out.startswith(f"{tmp_path / 'a.vrma'}: ")
    assert [file.name for file in tmp_path.iterdir()] == ["a.vrma"]


FULL_DISK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from bridge import cli
sys.exit(cli.main(sys.argv[1:]))
"""


def test_a_full_disk_is_told_and_the_take_kept(bridge: Bridge, tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("optional: Windows cannot limit the size of a file")
    path = tmp_path / "a.csv"
    command = [sys.executable, "-c", FULL_DISK, "record", "three", "--out", str(path), "--to", bridge.grpc]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"{path}: File too large; " in done.stderr
    poses = list(takes.read(path))
    assert 0 < len(poses) < 300
    assert f"{len(poses) / 60:.1f} s until then are kept" in done.stderr
    samples, _ = soundfile.read(path.with_suffix(".wav"))
    assert 0 <= len(samples) / SAMPLES_PER_FRAME - len(poses) <= 60


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out", "a.mp4"], "a.mp4: the name must end with .csv"),
        (["--out", "nowhere/a.csv"], "there is no folder nowhere"),
        (["--out", "a.csv", "--seconds", "0"], "--seconds 0: must be above 0"),
        (["--out", "a.csv", "--to", "127.0.0.1:9"], "no bridge answers at 127.0.0.1:9"),
        (["--recover", "a.csv"], "a.csv: is no journal"),
        (["--recover", "a.glb.journal"], "a.glb.journal"),
        (["--out", "there.csv"], "there.csv: exists already"),
    ],
)
def test_what_cannot_be_is_told_and_leaves_nothing(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.csv").touch()
    assert cli.main(["record", *arguments]) == 1
    said = capsys.readouterr().err
    assert said.startswith("rigcast: ")
    assert words in said
    assert [path.name for path in tmp_path.iterdir()] == ["there.csv"]
