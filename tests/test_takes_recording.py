"""What is written of a stream: only what can no longer be taken back, in order, without a hole."""

from pathlib import Path

import numpy as np

from bridge.clip import Line, rehearse
from bridge.curves import INDEX
from bridge.frames import AUDIO_RATE, SAMPLES_PER_FRAME, AudioChunk, Forget, Item, Motion, Poses
from bridge.performance import Performance
from bridge.takes.recording import Gap, Recorder
from bridge.takes.take import Writer
from bridge.takes.wav import WavWriter
from bridge.wire import BinaryWire, server_message
from rigcast.v1 import session_pb2
from tests.listener import Listener, speech

LEAD = 12
LEAD_US = 200_000
JAW = INDEX["jawOpen"]


class Written(Writer):
    """Keeps what is written."""

    def __init__(self) -> None:
        self.curves: list[np.ndarray] = []
        self.held: list[bool] = []

    def write(self, motion: Motion, *, held: bool = False) -> None:
        self.curves += list(motion.curves)
        self.held += [held] * len(motion)

    def close(self) -> None:
        pass


def messages(items: list[Item]) -> list[session_pb2.ServerMessage]:
    """As they come over the wire."""
    found: list[session_pb2.ServerMessage] = []
    for item in items:
        if isinstance(item, Poses):
            found += [session_pb2.ServerMessage.FromString(bytes(data)) for data in BinaryWire().encode_poses(item)]
        else:
            found.append(server_message(item))
    return found


def pose(frame: int, jaw: float = 0.0) -> list[session_pb2.ServerMessage]:
    motion = Motion.rest(1)
    motion.curves[0, JAW] = jaw
    return messages([Poses(frame, frame, motion)])


def give(recorder: Recorder, *groups: list[session_pb2.ServerMessage]) -> None:
    for message in (message for group in groups for message in group):
        recorder.receive(message)


def test_a_take_is_what_a_listener_would_have_seen_and_heard(tmp_path: Path) -> None:
    performance, listener, take = Performance(1, LEAD), Listener(), Written()
    with WavWriter(tmp_path / "a.wav") as sound:
        recorder = Recorder(take, sound, LEAD_US)
        for frame in range(300):
            now = frame * SAMPLES_PER_FRAME
            if frame in (30, 130):
                performance.perform(Line(rehearse(speech(), frame), frame, "Bob's big food.", True, True), now)
            if frame == 80:
                performance.interrupt(now)
            items = performance.advance(now)
            listener.hear(items)
            give(recorder, messages(items))
    assert listener.forgets  # something was taken back
    assert recorder.frames == len(take.curves) >= 300 - LEAD
    expected = listener.motion().curves[: recorder.frames]
    np.testing.assert_allclose(take.curves, expected, atol=1e-4)
    written = np.frombuffer((tmp_path / "a.wav").read_bytes()[44:], "<i2")
    np.testing.assert_array_equal(written, listener.sound[: recorder.frames * SAMPLES_PER_FRAME])
    assert written.any()
    assert not any(take.held)
    assert recorder.gaps == []


def test_nothing_is_written_that_may_be_taken_back() -> None:
    take = Written()
    recorder = Recorder(take, None, LEAD_US)
    give(recorder, *(pose(i) for i in range(100, 131)))
    assert recorder.frames == 30 - LEAD
    give(recorder, messages([Forget(2_000_000)]), pose(120, 0.5), pose(132, 0.5))
    assert [round(float(row[JAW]), 3) for row in take.curves] == [0.0] * 20
    give(recorder, pose(145))
    assert round(float(take.curves[20][JAW]), 3) == 0.5
    assert take.held[20:] == [False, *([True] * 11), False]


def test_what_never_came_is_held_and_named() -> None:
    take = Written()
    recorder = Recorder(take, None, 0)
    give(recorder, *(pose(i, i / 100) for i in (10, 11, 12, 16, 17, 20, 21)))
    assert [round(float(row[JAW]) * 100) for row in take.curves] == [10, 11, 12, 12, 12, 12, 16, 17, 17, 17, 20]
    assert take.held == [False] * 3 + [True] * 3 + [False] * 2 + [True] * 2 + [False]
    assert recorder.gaps == [Gap(3, 3), Gap(8, 2)]
    assert recorder.missed == 5


def test_sound_that_never_came_is_silence(tmp_path: Path) -> None:
    ones = np.ones(SAMPLES_PER_FRAME, np.int16)
    with WavWriter(tmp_path / "a.wav") as sound:
        recorder = Recorder(None, sound, 0)
        give(recorder, pose(0), messages([AudioChunk(1_000_000 // 60, 0, ones)]), pose(1), pose(4))
        give(recorder, messages([AudioChunk(4_000_000 // 60, 2, ones)]), pose(6))
    written = np.frombuffer((tmp_path / "a.wav").read_bytes()[44:], "<i2").reshape(-1, SAMPLES_PER_FRAME)
    np.testing.assert_array_equal(written.mean(1), [0, 1, 0, 0, 1, 0])


def test_it_ends_at_the_length_that_was_asked_for() -> None:
    take = Written()
    recorder = Recorder(take, None, 0, most=5)
    give(recorder, pose(0))
    assert not recorder.full
    give(recorder, *(pose(i) for i in range(1, 20)))
    assert recorder.full
    assert recorder.frames == len(take.curves) == 5


def test_a_take_begins_with_the_first_frame_that_comes() -> None:
    recorder = Recorder(take := Written(), None, 0)
    give(
        recorder, messages([AudioChunk(0, 0, np.zeros(AUDIO_RATE, np.int16))]), pose(600, 0.25), pose(599, 1), pose(601)
    )
    assert [float(row[JAW]) for row in take.curves] == [0.25]


def test_what_is_written_is_let_go_of(tmp_path: Path) -> None:
    with WavWriter(tmp_path / "a.wav") as sound:
        for kept in (sound, None):
            assert waiting(Recorder(Written(), kept, LEAD_US)) <= 2 * LEAD + 2


def waiting(recorder: Recorder) -> int:
    """Frames and chunks that it has after a while."""
    for frame in range(300):
        give(recorder, pose(frame), messages([AudioChunk(frame * 1_000_000 // 60, frame, np.zeros(400, np.int16))]))
    return len(recorder._poses) + len(recorder._chunks)


def test_gaps_are_named_up_to_a_number_and_counted_beyond() -> None:
    recorder = Recorder(Written(), None, 0)
    give(recorder, *(pose(2 * i) for i in range(2000)))
    assert recorder.missed == 1999
    assert len(recorder.gaps) == 1000
