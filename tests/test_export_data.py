"""From labelled speech to batches and a trained network: real voices, small numbers."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="optional: torch comes with rigcast[export]")
for needed in ("pocketsphinx", "pyworld", "scipy", "soundfile", "tqdm"):
    pytest.importorskip(needed, reason=f"optional: {needed} comes with rigcast[export]")

from bridge.frames import Phone  # noqa: E402
from export.speech2face import augment, prepare, synthesis, train  # noqa: E402
from export.speech2face.align import RATE, align  # noqa: E402
from export.speech2face.batches import Batches, Clips  # noqa: E402
from export.speech2face.corpora import arpabet, split_of  # noqa: E402
from export.speech2face.evaluate import arpabet as english  # noqa: E402
from export.speech2face.evaluate import with_pauses  # noqa: E402
from export.speech2face.targets import SOUNDS, TARGETS, targets  # noqa: E402
from export.speech2face.voices import Voice, recast, strangers  # noqa: E402

TEXTS = ["Bob and Mary paid for five big pumpkins in the morning", "Pure food makes people move"]


@pytest.fixture(scope="module")
def utterances():
    return list(synthesis.espeak(TEXTS, 0.4, "train", 1))


@pytest.fixture(scope="module")
def folder(utterances, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    prepare.write(folder, [*utterances, *(u._replace(split="dev") for u in utterances[:2])])
    return folder


def test_lips_are_sealed_within_p_and_open_within_a():
    phones = [Phone("p", 0.5, 0.6), Phone("ɑ", 0.6, 0.9, 1)]
    rows, classes = targets(phones, np.full(24000, 3000, np.int16), 60)
    at = dict(zip(TARGETS, rows.T, strict=True))
    assert at["seal"][33] > 0.9
    assert at["seal"][45] == 0
    assert at["jaw"][45] > 0.4
    assert at["authority"][45] == 1
    assert at["emphasis"][45] > 0 == at["emphasis"][5]
    assert list(classes[[5, 33, 45]]) == [0, *(1 + SOUNDS.index(shape) for shape in _shapes("p", "ɑ"))]


def _shapes(*symbols):
    from bridge.face.shapes import SHAPES

    return [SHAPES[symbol] for symbol in symbols]


def test_speakers_stay_where_they_are():
    splits = [split_of(f"{i:04}") for i in range(1000)]
    assert splits == [split_of(f"{i:04}") for i in range(1000)]
    assert 0.15 < splits.count("test") / 1000 < 0.25
    assert 0.02 < splits.count("dev") / 1000 < 0.09


def test_faster_speech_has_its_sounds_sooner(utterances):
    slow, fast = (prepare.variant(utterances[0], Voice(pace)) for pace in (1.0, 1.25))
    assert abs(fast["about"]["samples"] * 1.25 - slow["about"]["samples"]) <= 2
    seal = TARGETS.index("authority")
    begins = [np.argmax(v["rows"][:, seal] > 0.5) for v in (slow, fast)]
    assert abs(begins[0] / 1.25 - begins[1]) <= 2


def test_another_voice_keeps_time_and_moves_pitch_and_formants():
    time = np.arange(RATE) / RATE
    glottis = np.where(np.arange(RATE) % 128 == 0, 1.0, 0.0)  # 125 Hz
    vowel = sum(np.convolve(glottis, np.exp(-time[:2000] * 300) * np.sin(2 * np.pi * f * time[:2000]))[:RATE]
                for f in (700, 1800))  # fmt: skip
    pcm = np.asarray(8000 * vowel / np.abs(vowel).max() * (time > 0.5), np.int16)
    made = recast(pcm, Voice(1.25, 1.5, 1.2))
    assert abs(len(made) - len(pcm) / 1.25) <= 2
    assert abs(np.argmax(np.abs(made) > 1000) / RATE - 0.4) < 0.01
    power = np.abs(np.fft.rfft(made[-4000:] * np.hanning(4000), RATE)) ** 2
    pitch = 150 + np.argmax(power[150:240])
    assert abs(pitch - 125 * 1.5) < 6
    centre = np.average(np.arange(500, 1400), weights=power[500:1400])
    before = np.abs(np.fft.rfft(pcm[-4000:] * np.hanning(4000), RATE)) ** 2
    assert 1.1 < centre / np.average(np.arange(400, 1170), weights=before[400:1170]) < 1.3


def test_a_speaker_always_has_the_same_strangers():
    assert list(strangers("0007", 3)) == list(strangers("0007", 3)) != list(strangers("0008", 3))
    assert all(0.65 <= voice.pitch <= 1.6 for voice in strangers("0007", 50))


def test_sounds_are_aligned_with_speech():
    draw = np.random.default_rng(1)
    utterance = next(u for u in synthesis.espeak(["seven big boats"], 0.2, "train", 3) if u.corpus == "espeak-en-us")
    words = [["S", "EH1", "V", "AH0", "N"], ["B", "IH1", "G"], ["B", "OW1", "T", "S"]]
    noise = draw.normal(0, 20, len(utterance.pcm)).astype(np.int16)
    timed = align(utterance.pcm + noise, words)
    assert [symbol for symbol, *_ in timed] == [sound for word in words for sound in word]
    found = next(p.start for p in arpabet(timed) if p.symbol == "b")
    true = next(p.start for p in utterance.phones if p.symbol == "b")
    assert abs(found - true) < 0.08
    assert align(np.zeros(1600, np.int16), words) is None


@pytest.mark.parametrize("name", augment.NO_SPEECH)
def test_sounds_that_are_no_speech_have_unit_power(name):
    sound = augment.NO_SPEECH[name](8 * RATE, np.random.default_rng(2))
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()
    assert abs(np.square(sound).mean() - 1) < 0.01


def test_rooms_and_telephones_keep_time():
    draw = np.random.default_rng(3)
    click = np.zeros(RATE, np.float32)
    click[4000] = 1
    for _ in range(20):
        assert abs(int(np.argmax(np.abs(augment.room_and_microphone(click, draw)))) - 4000) <= 16
    assert int(np.argmax(np.abs(augment.telephone(click)))) == 4000


def test_noise_stands_so_many_decibels_below():
    draw = np.random.default_rng(4)
    tone = np.sin(np.arange(RATE) / 5).astype(np.float32)
    noise = augment.add_noise(tone, augment.coloured_noise(RATE, draw), 20) - tone
    assert abs(10 * np.log10(np.square(tone).mean() / np.square(noise).mean()) - 20) < 0.5


def test_a_batch_depends_on_its_number_alone(folder):
    first, again, other = Batches(folder, 3, 1)[5], Batches(folder, 3, 1)[5], Batches(folder, 3, 1)[6]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first.sound, other.sound)
    assert first.sound.abs().max() <= 1
    assert first.targets[..., :8].min() >= 0
    assert first.targets.max() <= 1


def test_training_goes_on_where_it_stopped(folder, tmp_path):
    def run(name, *stops):
        for stop in stops:
            train.main(["--data", str(folder), "--out", str(tmp_path / name), "--rows", "2", "--width", "32",
                        "--steps", "4", "--until", str(stop)])  # fmt: skip
        return torch.load(tmp_path / name, weights_only=True)["weights"]

    whole, halves = run("whole.pt", 4), run("halves.pt", 2, 4)
    assert all(torch.allclose(whole[name], halves[name], atol=1e-6) for name in whole)


def test_a_network_that_knows_the_sounds_puts_them_right():
    """Likelihoods of an oracle; an alignment that is half a second late."""
    from export.speech2face.realign import realign, shift
    from export.speech2face.targets import CLASS

    true = [("M", 0.5, 0.7), ("AY1", 0.7, 1.1), ("P", 1.3, 1.4)]
    _, classes = targets(arpabet(true), np.ones(48000, np.int16), 120)
    likelihood = np.full((120, 1 + len(CLASS)), -8.0)
    likelihood[np.arange(120), classes] = -0.1
    late = [(symbol, start + 0.5, end + 0.5) for symbol, start, end in true]
    found = realign(likelihood, late)
    assert [symbol for symbol, *_ in found] == ["M", "AY1", "P"]
    assert np.allclose([t[1:] for t in found], [t[1:] for t in true], atol=0.02)
    assert abs(shift(late, likelihood) - 0.5) < 0.02
    assert shift(late, likelihood[:4]) == np.inf


def test_english_sounds_stand_for_others():
    assert [english(s) for s in ("p", "ɑ", "f", "u", "y", "ø", "q")] == ["P", "AA", "F", "UW", "UW", "UW", "T"]
    assert [english(s) for s in ("m", "ɚ", "ə", "n", "l")] == ["M", "ER", "AH", "N", "L"]


def test_pauses_are_named():
    assert with_pauses([(0.5, 0.7, "AA")], 1.0) == [(0.0, 0.5, "sil"), (0.5, 0.7, "AA"), (0.7, 1.0, "sil")]


def test_index_says_where_everything_lies(folder):
    index = json.loads((folder / "index.json").read_text())
    clips = Clips(folder)
    assert index["targets"] == list(TARGETS)
    i = clips.where("dev")[0]
    assert len(clips.sound(i)) == clips.about[i]["samples"]
    rows, classes = clips.labels(i)
    assert len(rows) == len(classes) == clips.about[i]["frames"]
    assert rows[:, 5].max() > 0.5
