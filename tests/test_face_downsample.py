import numpy as np
import pytest
import soxr

from bridge.face.downsample import DELAY, REACH, Downsampler

NOISE = np.random.default_rng(0).integers(-20_000, 20_000, 24_000).astype(np.int16)


def sine(hertz, seconds=0.5):
    return (np.sin(2 * np.pi * hertz * np.arange(round(seconds * 24_000)) / 24_000) * 16384).astype(np.int16)


@pytest.mark.parametrize("hertz", [80, 440, 3000, 6000])
def test_tones_that_models_hear_come_through_in_time(hertz):
    out = Downsampler().feed(sine(hertz))
    wanted = 0.5 * np.sin(2 * np.pi * hertz * np.arange(len(out)) / 16_000)
    assert np.abs(out - wanted)[100:].max() < 1e-3


@pytest.mark.parametrize("hertz", [8200, 9000, 10_000, 11_500])
def test_tones_above_what_16_khz_can_hold_are_gone(hertz):
    assert np.abs(Downsampler().feed(sine(hertz)))[100:].max() < 0.5 * 10 ** (-50 / 20)


def test_below_6_khz_it_sounds_as_by_soxr():
    ours = Downsampler().feed(NOISE)
    theirs = soxr.resample(NOISE / np.float32(32768), 24_000, 16_000)[: len(ours)]
    window = np.hanning(len(ours))
    spectrum, wanted = (np.fft.rfft(x * window) for x in (ours, theirs))
    low = np.fft.rfftfreq(len(ours), 1 / 16_000) < 6000
    error = np.square(np.abs(spectrum - wanted)[low]).sum() / np.square(np.abs(wanted)[low]).sum()
    assert 10 * np.log10(error) < -50


@pytest.mark.parametrize("chunk", [1, 7, 24, 400, 5000])
def test_every_chunking_gives_the_same_bits(chunk):
    downsampler = Downsampler()
    pieces = [downsampler.feed(NOISE[i : i + chunk]) for i in range(0, len(NOISE), chunk)]
    np.testing.assert_array_equal(np.concatenate(pieces), Downsampler().feed(NOISE))


def test_a_sample_is_there_after_the_delay_and_not_changed_by_what_comes_later():
    for fed in range(DELAY, 200):
        assert len(Downsampler().feed(NOISE[:fed])) >= (fed - DELAY) * 2 / 3
    changed = NOISE.copy()
    changed[12_000:] = 0
    a, b = Downsampler().feed(NOISE), Downsampler().feed(changed)
    first = np.flatnonzero(a != b)[0]
    assert first * 1.5 >= 12_000 - REACH


def test_nothing_gives_nothing():
    assert len(Downsampler().feed(np.zeros(0, np.int16))) == 0
    assert not Downsampler().feed(np.zeros(2400, np.int16)).any()
