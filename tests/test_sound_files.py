"""Sound files of every kind, whole, broken and strange."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge import sound_files
from bridge.frames import AUDIO_RATE, Pcm
from bridge.sound_files import SoundError, opened

SECONDS = 1.5


def tone(rate: int, channels: int = 1, hertz: float = 440.0) -> np.ndarray:
    wave = 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(SECONDS * rate)) / rate)
    return np.repeat(wave[:, None], channels, axis=1)


def read(path: Path) -> Pcm:
    with opened(path) as sound:
        return np.concatenate(list(sound.pieces))


def pitch(pcm: Pcm) -> float:
    """Hertz of the strongest part."""
    power = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm))))
    return float(power.argmax() * AUDIO_RATE / len(pcm))


@pytest.mark.parametrize(
    ("name", "rate", "channels", "options"),
    [
        ("a.wav", 8_000, 1, {}),
        ("a.wav", 44_100, 2, {"subtype": "PCM_24"}),
        ("a.wav", 192_000, 8, {"subtype": "FLOAT"}),
        ("a.flac", 48_000, 2, {}),
        ("a.mp3", 44_100, 2, {}),
        ("a.ogg", 22_050, 1, {}),
        ("a.opus", 48_000, 1, {"format": "OGG", "subtype": "OPUS"}),
        ("a.aiff", 24_000, 1, {}),
    ],
)
def test_any_kind_at_any_rate(tmp_path: Path, name: str, rate: int, channels: int, options: dict[str, str]) -> None:
    soundfile.write(tmp_path / name, tone(rate, channels), rate, **options)
    pcm = read(tmp_path / name)
    assert len(pcm) / AUDIO_RATE == pytest.approx(SECONDS, abs=0.06)  # mp3 pads to whole frames
    assert pitch(pcm) == pytest.approx(440, abs=2)
    assert np.abs(pcm[5000:20_000]).max() / 32768 == pytest.approx(0.5, abs=0.03)


def encode(path: Path, codec: str, rate: int) -> None:
    """A tone by FFmpeg."""
    av: Any = importlib.import_module("av")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout="stereo")
        samples = (tone(rate, 2) * 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, "s16", "stereo")
        frame.sample_rate = rate
        resampler = av.AudioResampler(stream.format, stream.layout, rate, frame_size=stream.codec_context.frame_size)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(("name", "codec", "rate"), [("a.m4a", "aac", 44_100), ("a.webm", "libopus", 48_000)])
def test_what_ffmpeg_knows(tmp_path: Path, name: str, codec: str, rate: int) -> None:
    if importlib.util.find_spec("av") is None:
        pytest.skip("optional: av is not installed (pip install 'rigcast[media]')")
    encode(tmp_path / name, codec, rate)
    with opened(tmp_path / name) as sound:
        assert sound.seconds == pytest.approx(SECONDS, abs=0.1)
        pcm = np.concatenate(list(sound.pieces))
    assert pitch(pcm) == pytest.approx(440, abs=2)


def test_without_ffmpeg_its_kinds_are_refused_with_the_name_of_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)  # as if it were not installed
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    with pytest.raises(SoundError, match=r"a\.m4a: .*rigcast\[media\]"):
        read(tmp_path / "a.m4a")


def test_a_long_file_is_read_in_pieces(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", np.zeros((AUDIO_RATE * 60, 2)), AUDIO_RATE)
    with opened(tmp_path / "a.flac") as sound:
        lengths = [len(piece) for piece in sound.pieces]
    assert max(lengths) <= sound_files.PIECE
    assert sum(lengths) == AUDIO_RATE * 60


def test_what_is_no_number_is_silence_and_what_is_too_loud_is_clipped(tmp_path: Path) -> None:
    samples = np.full(AUDIO_RATE, 3.0, np.float32)
    samples[: AUDIO_RATE // 2 : 2] = np.nan
    samples[1 : AUDIO_RATE // 2 : 2] = np.inf
    soundfile.write(tmp_path / "a.wav", samples, AUDIO_RATE, subtype="FLOAT")
    pcm = read(tmp_path / "a.wav")
    assert not pcm[: AUDIO_RATE // 2 - 10].any()
    assert (pcm[AUDIO_RATE // 2 + 10 :] == 32767).all()


def test_an_empty_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"")
    with pytest.raises(SoundError, match=r"a\.wav: is empty"):
        read(tmp_path / "a.wav")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.wav", b"RIFF....WAVEfmt "),
        ("a.txt", b"Dear diary, " * 1000),
        ("a.raw", bytes(range(256)) * 40),
        ("a.mp3", bytes(100_000)),
    ],
)
def test_what_is_no_sound_is_refused_by_name(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SoundError, match=rf"{name}: .*(knows|no sound)"):
        read(tmp_path / name)


def test_a_file_of_no_samples_holds_no_sound(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(0), 16_000)
    with pytest.raises(SoundError, match="holds no sound"):
        read(tmp_path / "a.wav")


def test_a_file_that_breaks_off_says_so(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    soundfile.write(tmp_path / "whole.flac", rng.uniform(-0.5, 0.5, AUDIO_RATE * 20), AUDIO_RATE)
    data = (tmp_path / "whole.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(data[: len(data) // 2] + rng.bytes(1000))
    with pytest.raises(SoundError, match=r"a\.flac: is broken: .*first \d+ s can be read"):
        read(tmp_path / "a.flac")


def test_what_is_longer_than_half_a_day_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soundfile.write(tmp_path / "a.wav", tone(8000), 8000)
    monkeypatch.setattr(sound_files, "LONGEST_S", 1)
    with pytest.raises(SoundError, match="longer than"):
        read(tmp_path / "a.wav")


@pytest.mark.parametrize("rate", [100, 2_000_000])
def test_a_rate_that_sound_does_not_have(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(1000), rate)
    with pytest.raises(SoundError, match=f"has {rate} samples a second"):
        read(tmp_path / "a.wav")


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.wav"):
        read(tmp_path / "nowhere.wav")
