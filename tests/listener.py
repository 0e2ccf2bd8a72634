"""A client in a few lines: keeps what a performance emits, and takes back what it takes back."""

from dataclasses import dataclass, field

import numpy as np

from bridge.frames import (
    AUDIO_RATE,
    AudioChunk,
    Event,
    Forget,
    Item,
    Motion,
    Phone,
    Poses,
    Speech,
    Word,
    frame_time_us,
    time_us_sample,
)

LINE = ("b", "ɑ", "b", "z", "b", "ɪ", "ɡ", "f", "u", "d")
"""Phones of the test sentence, a tenth of a second each."""


def speech(seconds: float = 1.2, seed: int = 0) -> Speech:
    """Noise, spoken as LINE after a tenth of a second of silence."""
    rng = np.random.default_rng(seed)
    pcm = rng.integers(-9000, 9000, round(seconds * AUDIO_RATE)).astype(np.int16)
    phones = [Phone(symbol, 0.1 + i / 10, 0.2 + i / 10, i % 3 == 1) for i, symbol in enumerate(LINE)]
    return Speech(pcm, phones, [Word("bob's", 0.1, 0.5, 0), Word("big", 0.5, 0.8, 6), Word("food", 0.8, 1.1, 10)])


@dataclass
class Listener:
    """What has been heard and seen, by frame of the grid and by audio sample."""

    poses: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=dict)
    sound: np.ndarray = field(default_factory=lambda: np.zeros(AUDIO_RATE * 60, np.int16))
    events: list[Event] = field(default_factory=list)
    forgets: list[int] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)
    heard: np.ndarray = field(default_factory=lambda: np.zeros(AUDIO_RATE * 60, np.int8))
    """How often each sample came, after what was taken back."""

    def hear(self, items: list[Item]) -> None:
        """Take in what was emitted, in its order."""
        for item in items:
            match item:
                case Forget():
                    self._forget(item.time_us)
                case Poses():
                    self._see(item)
                case AudioChunk():
                    first = time_us_sample(item.time_us)
                    self.sound[first : first + len(item.pcm)] = item.pcm
                    self.heard[first : first + len(item.pcm)] += 1
                case _:
                    self.events.append(item)

    def _see(self, poses: Poses) -> None:
        motion = poses.motion
        for i in range(len(motion)):
            frame = poses.first_frame + i
            assert frame not in self.poses, f"frame {frame} came twice"
            self.poses[frame] = (motion.curves[i], motion.rotations[i], motion.root[i])
            self.sequences.append(poses.sequence + i)

    def _forget(self, time_us: int) -> None:
        self.forgets.append(time_us)
        self.poses = {k: v for k, v in self.poses.items() if frame_time_us(k) < time_us}
        self.events = [e for e in self.events if e.time_us < time_us]
        self.sound[time_us_sample(time_us) :] = 0
        self.heard[time_us_sample(time_us) :] = 0

    def motion(self, first: int = 0) -> Motion:
        """Everything seen from a frame on; frames must be complete."""
        frames = sorted(k for k in self.poses if k >= first)
        assert frames == list(range(frames[0], frames[0] + len(frames))), "a frame is missing"
        curves, rotations, root = zip(*(self.poses[k] for k in frames), strict=True)
        return Motion(np.array(curves), np.array(rotations), np.array(root))
