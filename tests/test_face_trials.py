import numpy as np
import pytest
import tiny_model

from bridge.face import trials
from bridge.face.model import load


@pytest.fixture
def make(tmp_path):
    return lambda **options: load(tiny_model.make(tmp_path / "tiny.onnx", **options), "cpu")


@pytest.mark.parametrize(
    ("fault", "trial", "says"),
    [
        ("nan", trials.extremes, "not all numbers are finite"),
        ("wide", trials.extremes, "within 0..2"),
        ("leak", trials.batched, "apart with 64 streams"),
        ("leak", trials.neighbours, "apart beside the loudest"),
        ("deaf", trials.foresight, "does not hear"),
        ("drift", trials.lasting, "from the first"),
    ],
)
def test_a_faulty_model_fails_the_trial_made_for_it(make, fault, trial, says):
    arguments = (0.02,) if trial is trials.lasting else ()
    found = trial(make(fault=fault), *arguments)
    assert not found.ok
    assert says in found.figure


def test_a_trial_that_cannot_run_has_failed_in_words(make):
    found = trials.tried(trials.extremes, make(fault="raise"))
    assert not found.ok
    assert "out of data bounds" in found.figure


def test_a_model_that_gives_no_numbers_fails_every_trial_of_streams(make):
    found = trials.tried(trials.foresight, make(fault="never"))
    assert not found.ok
    assert "180 of 180 frames could not be computed" in found.figure


def test_chunks_matter_to_the_trial_of_streams(make, monkeypatch):
    """An ear that lost a sample at each chunk would be found out."""
    feed = trials.Ear.feed
    monkeypatch.setattr(trials.Ear, "feed", lambda ear, pcm: feed(ear, pcm[1:]))
    assert not trials.streamed(make()).ok


def test_the_sound_of_the_trials_is_the_same_each_time_and_has_pauses():
    pcm = trials.speechlike(3)
    assert np.array_equal(pcm, trials.speechlike(3))
    assert not np.array_equal(pcm, trials.speechlike(3, seed=1))
    assert 0.05 < (pcm == 0).mean() < 0.6
    assert 8000 < np.abs(pcm.astype(int)).max() <= 32767
