"""Sound files of any kind as the bridge's own sound, read in pieces, so that a long one does not fill the memory.

libsndfile (the package soundfile) reads wav, aiff, flac, mp3, ogg, opus and more; FFmpeg (the package av, an extra)
whatever else there is, such as m4a, aac, webm, mp4.
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile  # type: ignore[import-untyped]
import soxr

from bridge.frames import AUDIO_RATE, Pcm
from bridge.skeleton import Array

RATES = 1_000, 768_000
"""Samples a second that are taken for sound, from to."""

LONGEST_S = 12 * 3600
"""Seconds of a file at most: half a day."""

PIECE = 1 << 17
"""Numbers read at once, of all channels together: 0.5 MB."""

_KNOWN = "wav, flac, mp3, ogg, opus, aiff"
_EXTRA = "for m4a, aac, webm, mp4 and the like install FFmpeg's libraries too: pip install 'rigcast[media]'"


class SoundError(Exception):
    """A file cannot be heard; the message names it, what is wrong, and what to do."""


class Sound(NamedTuple):
    """An open file: how long it says it is (seconds; 0 where it does not say), and its samples, read as they are asked
    for. Reading raises SoundError where the file is broken, or longer than LONGEST_S."""

    seconds: float
    pieces: Iterator[Pcm]


@contextmanager
def opened(path: Path) -> Iterator[Sound]:
    """A file's sound: mono at AUDIO_RATE, the mean of its channels. Raises SoundError, and OSError where it cannot be
    opened at all.

    What is no number is silence; what is too loud is clipped. There is at least one sample.
    """
    with open(path, "rb") as file:
        if not file.read(1):
            raise SoundError(f"{path}: is empty")
    try:
        with _sndfile(path) as source:
            yield _sound(path, source)
    except _UnknownKindError:
        with _ffmpeg(path) as source:
            yield _sound(path, source)


class _UnknownKindError(Exception):
    """libsndfile does not know what this is."""


class _Source(NamedTuple):
    """Samples as they stand in the file: blocks of float32 (count, channels)."""

    rate: int
    seconds: float
    blocks: Iterator[Array]


def _sound(path: Path, source: _Source) -> Sound:
    low, high = RATES
    if not low <= source.rate <= high:
        raise SoundError(f"{path}: has {source.rate} samples a second; sound has {low} to {high}")
    if source.seconds > LONGEST_S:
        raise _too_long(path)
    return Sound(source.seconds, _resampled(path, source))


def _resampled(path: Path, source: _Source) -> Iterator[Pcm]:
    stream = soxr.ResampleStream(source.rate, AUDIO_RATE, 1, dtype="float32")
    heard = 0
    for block in source.blocks:
        heard += len(block)
        if heard > LONGEST_S * source.rate:
            raise _too_long(path)
        mono = np.clip(np.nan_to_num(block.mean(1), nan=0.0, posinf=0.0, neginf=0.0), -1, 1)
        yield _pcm(stream.resample_chunk(mono.astype(np.float32)))
    if not heard:
        raise SoundError(f"{path}: holds no sound")
    yield _pcm(stream.resample_chunk(np.zeros(0, np.float32), last=True))


def _pcm(samples: Array) -> Pcm:
    return np.clip(np.rint(samples * 32767), -32768, 32767).astype(np.int16)


def _too_long(path: Path) -> SoundError:
    return SoundError(f"{path}: is longer than {LONGEST_S // 3600} hours; split it")


@contextmanager
def _sndfile(path: Path) -> Iterator[_Source]:
    """By libsndfile. Raises _UnknownKindError where it does not know the format."""
    try:
        file = soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError where the name promises samples without a head
        raise _UnknownKindError from error
    with file:
        seconds = max(file.frames, 0) / max(file.samplerate, 1)
        yield _Source(file.samplerate, seconds, _sndfile_blocks(path, file))


def _sndfile_blocks(path: Path, file: Any) -> Iterator[Array]:
    size, done = max(PIECE // file.channels, 1), 0
    while True:
        try:
            block = file.read(size, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise _broken(path, done / file.samplerate, error.error_string) from None
        if not len(block):
            return
        done += len(block)
        yield block


@contextmanager
def _ffmpeg(path: Path) -> Iterator[_Source]:
    """By FFmpeg. Raises SoundError where it is not installed, or knows no sound in the file either."""
    try:
        av: Any = importlib.import_module("av")
    except ImportError:
        raise SoundError(f"{path}: is no sound that libsndfile knows ({_KNOWN}); {_EXTRA}") from None
    try:
        container = av.open(str(path), mode="r")
    except av.FFmpegError as error:
        raise SoundError(f"{path}: neither libsndfile nor FFmpeg knows it as sound ({error.strerror})") from None
    with container:
        if not container.streams.audio:
            raise SoundError(f"{path}: holds no sound")
        stream = container.streams.audio[0]
        if not stream.rate:  # it only looked like one of the kinds that FFmpeg guesses
            raise SoundError(f"{path}: neither libsndfile nor FFmpeg knows it as sound")
        seconds = (container.duration or 0) / av.time_base
        yield _Source(stream.rate, seconds, _ffmpeg_blocks(path, av, container, stream))


def _ffmpeg_blocks(path: Path, av: Any, container: Any, stream: Any) -> Iterator[Array]:
    resampler = av.AudioResampler(format="fltp", layout=stream.layout, rate=stream.rate)  # to floats, no more
    done = 0
    try:
        for frame in container.decode(stream):
            for part in resampler.resample(frame):
                done += part.samples
                yield part.to_ndarray().T
    except av.FFmpegError as error:
        raise _broken(path, done / stream.rate, error.strerror) from None


def _broken(path: Path, seconds: float, reason: str) -> SoundError:
    words = reason.removeprefix("Error : ").rstrip(".")
    return SoundError(f"{path}: is broken: {words}; no more than its first {seconds:.0f} s can be read")
