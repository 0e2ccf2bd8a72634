"""Batches for training: clips of one speaker after another with pauses, in rooms and noise, made anew at every step."""

import json
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset

from bridge.frames import FRAME_RATE
from export.speech2face.align import RATE
from export.speech2face.augment import Bank, Draw, add_noise, room_and_microphone, telephone
from export.speech2face.targets import TARGETS

FRAMES = 256
"""Frames of a row: 4.3 s."""
AHEAD = 24
"""Frames of sound after a row, for any look-ahead up to 0.4 s."""
SHARES = {"ljspeech": 0.15, "speechocean762": 0.46, "librispeech": 0.2, "flite": 0.07, "espeak": 0.12}
"""How often each corpus is drawn."""
NO_SPEECH = 0.05
"""Share of rows without speech."""


class Clips:
    """What `prepare` wrote, mapped into memory."""

    def __init__(self, folder: Path) -> None:
        self.about = json.loads((folder / "index.json").read_text())["clips"]
        self._pcm = np.memmap(folder / "pcm.bin", np.int16, "r")
        self._rows = np.memmap(folder / "rows.bin", np.float16, "r").reshape(-1, len(TARGETS))
        self._classes = np.memmap(folder / "classes.bin", np.uint8, "r")

    def where(self, split: str) -> list[int]:
        """The numbers of a split's clips."""
        return [i for i, about in enumerate(self.about) if about["split"] == split]

    def sound(self, i: int, begin: int = 0, count: int | None = None) -> npt.NDArray[np.float32]:
        """Samples of a clip, -1..1."""
        about = self.about[i]
        end = about["samples"] if count is None else min(begin + count, about["samples"])
        return self._pcm[about["sample"] + begin : about["sample"] + end] / np.float32(32768)

    def labels(self, i: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
        """Targets (frames, 10) and classes (frames,) of a clip."""
        at = slice(self.about[i]["frame"], self.about[i]["frame"] + self.about[i]["frames"])
        return np.asarray(self._rows[at], np.float32), self._classes[at]


class Batch(NamedTuple):
    """sound (rows, samples), targets (rows, FRAMES, 10), classes and trust (rows, FRAMES), stressed (rows, FRAMES): 1
    where the emphasis is known."""

    sound: torch.Tensor
    targets: torch.Tensor
    classes: torch.Tensor
    trust: torch.Tensor
    stressed: torch.Tensor


class Batches(Dataset[Batch]):
    """Batch i is a function of the seed and i, so that training can be taken up anywhere."""

    def __init__(self, folder: Path, rows: int, seed: int) -> None:
        self._folder, self._rows, self._seed = folder, rows, seed
        self._clips: Clips | None = None

    def _open(self) -> Clips:
        """Opened in the process that reads."""
        if self._clips is None:
            self._clips = Clips(self._folder)
            self._bank = Bank(160, self._seed)
            self._people: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
            for i in self._clips.where("train"):
                about = self._clips.about[i]
                self._people[about["corpus"].split("-")[0]][f"{about['speaker']} {about['voice']}"].append(i)
            self._corpora = [name for name in SHARES if name in self._people]
            shares = np.array([SHARES[name] for name in self._corpora])
            self._shares = shares / shares.sum()
        return self._clips

    def __getitem__(self, i: int) -> Batch:
        draw = np.random.default_rng([self._seed, i])
        clips = self._open()
        rows = [self._row(clips, draw) for _ in range(self._rows)]
        return Batch(*(torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True)))

    def _row(self, clips: Clips, draw: Draw) -> tuple[npt.NDArray[np.generic], ...]:
        total = FRAMES + AHEAD
        sound = np.zeros(total * RATE // FRAME_RATE, np.float32)
        rows, classes = np.zeros((total, len(TARGETS)), np.float32), np.zeros(total, np.int64)
        trust, stressed = np.ones(total, np.float32), np.ones(total, np.float32)
        level = 10 ** (draw.uniform(-38, -14) / 20)
        if draw.random() < NO_SPEECH:
            sound += level * self._bank.cut(len(sound), draw)
        else:
            person = self._person(draw)
            at = _pause(draw)
            while at < total:
                i = person[draw.integers(len(person))]
                about, count = clips.about[i], min(clips.about[i]["frames"], total - at)
                first = int(draw.integers(0, about["frames"] - count + 1))
                piece = clips.sound(i, first * RATE // FRAME_RATE, count * RATE // FRAME_RATE)
                begin = at * RATE // FRAME_RATE
                piece = piece[: len(sound) - begin]
                sound[begin : begin + len(piece)] = piece * (level / (piece.std() + 1e-4))
                labels, kinds = clips.labels(i)
                rows[at : at + count], classes[at : at + count] = (
                    labels[first : first + count],
                    kinds[first : first + count],
                )
                trust[at : at + count] = about["confidence"]
                stressed[at : at + count] = any(phone[3] == 1 for phone in about["phones"])
                at += count
                pause = _pause(draw)
                self._fill(sound[at * RATE // FRAME_RATE : (at + pause) * RATE // FRAME_RATE], level, draw)
                at += pause
            sound = self._spoil(sound, draw)
        return sound, rows[:FRAMES], classes[:FRAMES], trust[:FRAMES], stressed[:FRAMES]

    def _person(self, draw: Draw) -> list[int]:
        people = self._people[str(draw.choice(self._corpora, p=self._shares))]
        names = list(people)
        return people[names[draw.integers(len(names))]]

    def _fill(self, pause: npt.NDArray[np.float32], level: float, draw: Draw) -> None:
        """A breath, a click or a laugh in a pause, now and then."""
        if len(pause) > RATE // 4 and draw.random() < 0.4:
            pause += level * 10 ** draw.uniform(-1.5, 0) * self._bank.cut(len(pause), draw) * np.hanning(len(pause))

    def _spoil(self, sound: npt.NDArray[np.float32], draw: Draw) -> npt.NDArray[np.float32]:
        """Room, microphone, noise 3 to 40 dB below, the telephone."""
        if draw.random() < 0.6:
            sound = room_and_microphone(sound, draw)
        if draw.random() < 0.6:
            kind = None if draw.random() < 0.3 else "noise"
            sound = add_noise(sound, self._bank.cut(len(sound), draw, kind), draw.uniform(3, 40))
        if draw.random() < 0.05:
            sound = telephone(sound)
        return np.clip(sound, -1, 1)


def _pause(draw: Draw) -> int:
    """Frames between two clips: half of the time hardly any, else up to 1.5 s."""
    return int(draw.integers(0, 8) if draw.random() < 0.5 else draw.integers(8, 90))
