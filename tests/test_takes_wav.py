"""WAV, read by libsndfile at every moment."""

from pathlib import Path

import numpy as np
import soundfile

from bridge.takes.wav import WavWriter


def test_it_is_whole_at_every_moment(tmp_path: Path) -> None:
    pcm = np.random.default_rng(0).integers(-32768, 32767, 2400, np.int16)
    with WavWriter(tmp_path / "a.wav") as sound:
        for end in range(0, 2401, 400):
            if end:
                sound.write(pcm[end - 400 : end])
            found, rate = soundfile.read(tmp_path / "a.wav", dtype="int16")
            assert rate == 24_000
            np.testing.assert_array_equal(found, pcm[:end])
    assert sound.samples == 2400
