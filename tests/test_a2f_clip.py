"""A clip without sockets: sound in, frames and the same sound out, with a model whose jaw is the sound's loudness."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from bridge.a2f.clip import Clip, Shown
from bridge.a2f.request import BLEND_SHAPES, read
from bridge.face.hearing import Hearing
from bridge.face.model import Model, load
from bridge.session import Code, RefusedError
from rigcast.a2f.v1 import a2f_pb2 as pb
from tests import tiny_model
from tests.live_audio import LIPS_ARE_SOUND, voice
from tests.serving_a2f import header, sound

SECONDS = 1.3
JAW, CLOSE, SMILE = (BLEND_SHAPES.index(name) for name in ("JawOpen", "MouthClose", "MouthSmileLeft"))
BLINK, WIDE, BROW = (BLEND_SHAPES.index(name) for name in ("EyeBlinkLeft", "EyeWideLeft", "BrowInnerUp"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load(tiny_model.make(tmp_path_factory.mktemp("model") / "tiny.onnx"), "cpu")


@pytest.fixture(scope="module")
def hearing(model: Model) -> Iterator[Hearing]:
    made = Hearing(model)
    yield made
    made.close()


def started(model: Model, rate: int = 16_000, fps: int = 30, **more: Any) -> Clip:
    return Clip(read(header(rate, **more).header), model, fps, seed=1)


def shown(hearing: Hearing, clip: Clip) -> Iterator[Shown]:
    """All frames that can be had now."""
    while True:
        clip.feed()
        due = clip.ear.due
        for heard in hearing.hear([clip.ear]):
            clip.hear(heard)
        yield from clip.take()
        if not due:
            return


def played(hearing: Hearing, clip: Clip, data: bytes, size: int) -> list[Shown]:
    """All frames of a sound that comes in pieces of `size` bytes."""
    found = []
    for i in range(0, len(data), size):
        clip.push(pb.Sound(samples=data[i : i + size]))
        found += list(shown(hearing, clip))
    clip.finish()
    return found + list(shown(hearing, clip))


def loudness(time: float) -> float:
    """What jawOpen is at a time: four times the mean magnitude of the 10 ms around."""
    heard = np.concatenate([np.zeros(80), voice(SECONDS, 16_000), np.zeros(400)])
    first = round(time * 16_000)
    return min(4 * float(np.abs(heard[first : first + 160]).mean()), 1)


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
@pytest.mark.parametrize("fps", [30, 60])
def test_lips_follow_the_sound_at_every_rate_and_the_sound_comes_back(
    model: Model, hearing: Hearing, rate: int, fps: int
) -> None:
    data = sound(SECONDS, rate)
    frames = played(hearing, started(model, rate, fps), data, 2 * rate)
    assert [frame.time for frame in frames] == [k / fps for k in range(math.ceil(SECONDS * fps))]
    assert b"".join(frame.sound for frame in frames) == data
    jaw, wanted = [frame.weights[JAW] for frame in frames], [loudness(frame.time) for frame in frames]
    assert np.abs(np.subtract(jaw, wanted)).max() < LIPS_ARE_SOUND
    assert max(wanted) > 0.5


def test_pieces_of_any_size_make_the_same_face(model: Model, hearing: Hearing) -> None:
    data = sound(SECONDS)
    whole = played(hearing, started(model), data, len(data))
    pieces = played(hearing, started(model), data, 642)
    assert [p.sound for p in pieces] == [w.sound for w in whole]
    assert np.abs(np.array([p.weights for p in pieces]) - np.array([w.weights for w in whole])).max() < 1e-4


def test_a_paced_clip_is_shown_while_it_comes(model: Model, hearing: Hearing) -> None:
    clip, data = started(model), sound(1.0)
    clip.push(pb.Sound(samples=data[:16_000]))  # half a second
    early = list(shown(hearing, clip))
    assert 0.35 < early[-1].time < 0.5 - 0.08  # the model looks 80 ms ahead
    assert not clip.done


@pytest.mark.parametrize("samples", [1, 533, 534, 1067, 15_999, 16_000, 16_001])
def test_any_length_is_covered_by_frames_and_comes_back_whole(model: Model, hearing: Hearing, samples: int) -> None:
    data = sound(1.1)[: 2 * samples]
    clip = started(model)
    frames = played(hearing, clip, data, 1000)
    assert len(frames) == math.ceil(samples * 30 / 16_000)
    assert b"".join(frame.sound for frame in frames) == data
    assert clip.done
    assert clip.held == 0


def test_gains_offsets_and_clamping(model: Model, hearing: Hearing) -> None:
    data = sound(SECONDS)
    plain = np.array([f.weights for f in played(hearing, started(model), data, 9_000)])
    for clamped in (False, True):
        weighting = pb.Weighting(multipliers={"JawOpen": 3}, offsets={"BrowInnerUp": -0.5}, clamped=clamped)
        changed = np.array([f.weights for f in played(hearing, started(model, weighting=weighting), data, 9_000)])
        wanted = plain.copy()
        wanted[:, JAW] *= 3
        wanted[:, BROW] -= 0.5
        assert np.abs(changed - (np.clip(wanted, 0, 1) if clamped else wanted)).max() < 1e-4
        assert (changed.max() > 1) is not clamped
        assert (changed.min() < 0) is not clamped


def test_emotions_show_from_their_time_on(model: Model, hearing: Hearing) -> None:
    clip = started(model, emotion_start=pb.EmotionStart(transition=0.2))
    clip.push(pb.Sound(emotions=[pb.EmotionAt(time=0.5, shares={"amazement": 1})]))
    frames = played(hearing, clip, sound(SECONDS), 3200)
    brow = np.array([f.weights[BROW] for f in frames])
    assert brow[19:].min() > 0.5
    plain = np.array([f.weights[BROW] for f in played(hearing, started(model), sound(SECONDS), 3200)])
    assert np.abs(brow[:15] - plain[:15]).max() < 1e-4
    assert np.abs((brow - plain)[21:]).min() > 0.5
    assert not frames[14].emotions.any()
    assert frames[-1].emotions[0] == pytest.approx(1)


def test_an_emotion_that_comes_late_eases_in_from_now(model: Model, hearing: Hearing) -> None:
    clip, data = started(model), sound(SECONDS)
    clip.push(pb.Sound(samples=data[:32_000]))
    early = list(shown(hearing, clip))
    late = pb.Sound(samples=data[32_000:], emotions=[pb.EmotionAt(time=0, shares={"amazement": 1})])
    clip.push(late)
    clip.finish()
    frames = early + list(shown(hearing, clip))
    assert np.abs(np.diff([f.emotions[0] for f in frames])).max() < 0.15
    assert frames[-1].emotions[0] > 0.5


def test_emotions_that_shall_not_be_preferred_are_not_shown(model: Model, hearing: Hearing) -> None:
    clip = started(model, emotion_treatment=pb.EmotionTreatment(prefer_given=False))
    clip.push(pb.Sound(emotions=[pb.EmotionAt(time=0, shares={"joy": 1})]))
    assert not any(f.emotions.any() for f in played(hearing, clip, sound(0.5), 3200))


def look(hearing: Hearing, model: Model, **floats: float) -> np.ndarray:
    clip = started(model, face=pb.FaceParameters(floats=floats))
    return np.array([f.weights for f in played(hearing, clip, sound(SECONDS), 9_000)])


def test_parameters_of_the_face_do_what_they_say(model: Model, hearing: Hearing) -> None:
    plain = look(hearing, model)
    below = plain[:, JAW] < 1  # what is clipped there is not when halved
    halved = look(hearing, model, lowerFaceStrength=0.5)[:, JAW]
    assert np.abs(halved - plain[:, JAW] / 2)[below].max() < 0.01
    assert np.abs(look(hearing, model, upperFaceStrength=0)[:, BROW]).max() < 1e-6 < plain[:, BROW].max()
    assert (look(hearing, model, eyelidOpenOffset=-1)[:, BLINK] > 0.99).all()
    assert np.abs(look(hearing, model, eyelidOpenOffset=0.5)[:, WIDE] - plain[:, WIDE] - 0.5).max() < 1e-4
    assert (look(hearing, model, lipOpenOffset=0.2)[:, JAW] > 0.19).all()
    assert (look(hearing, model, lipOpenOffset=-0.2)[:, JAW] <= plain[:, JAW]).all()
    smooth = look(hearing, model, lowerFaceSmoothing=0.1)
    assert np.abs(np.diff(smooth[:, JAW])).max() < 0.6 * np.abs(np.diff(plain[:, JAW])).max()


def test_it_blinks_unless_told_not_to(model: Model, hearing: Hearing) -> None:
    data = b"\0\0" * 16_000 * 8
    still = started(model, face=pb.FaceParameters(floats={"blinkStrength": 0}))
    for clip, wanted in ((started(model), True), (still, False)):
        lids = [f.weights[BLINK] for f in played(hearing, clip, data, 160_000)]
        assert bool(max(lids) > 0.9) is wanted


def test_a_mouth_is_never_shut_further_than_its_jaw_is_open(model: Model, hearing: Hearing) -> None:
    rows = look(hearing, model, lipOpenOffset=-0.1, lowerFaceStrength=2)
    assert (rows[:, CLOSE] <= rows[:, JAW] + 1e-6).all()


def test_what_is_too_long_or_broken_is_refused_and_leaves_the_clip_as_it_was(model: Model) -> None:
    clip = started(model)
    for wrong, code in (
        (pb.Sound(samples=b"\0" * 3), Code.INVALID_ARGUMENT),
        (pb.Sound(samples=bytes(2 * (160_000 + 1))), Code.RESOURCE_EXHAUSTED),
        (pb.Sound(samples=b"\0\0", emotions=[pb.EmotionAt(time=-1)]), Code.INVALID_ARGUMENT),
        (pb.Sound(samples=b"\0\0", emotions=[pb.EmotionAt(time=math.nan)]), Code.INVALID_ARGUMENT),
        (pb.Sound(samples=b"\0\0", emotions=[pb.EmotionAt(shares={"joy": 2})]), Code.INVALID_ARGUMENT),
    ):
        with pytest.raises(RefusedError) as refusal:
            clip.push(wrong)
        assert refusal.value.code is code
    assert clip.held == 0
    with pytest.raises(RefusedError, match="no sound came"):
        clip.finish()


def test_a_clip_of_five_minutes_is_as_long_as_it_may_be(model: Model) -> None:
    clip = started(model)
    for _ in range(30):
        clip.push(pb.Sound(samples=bytes(320_000)))
    with pytest.raises(RefusedError, match="at most 300 s"):
        clip.push(pb.Sound(samples=b"\0\0"))


def test_the_ear_never_holds_more_than_a_second(model: Model, hearing: Hearing) -> None:
    clip = started(model, 48_000)
    clip.push(pb.Sound(samples=sound(3.0, 48_000)))
    for _ in range(5):
        clip.feed()
        assert clip.ear.end - clip.ear.next_frame * 400 < 24_000 + 400
        for heard in hearing.hear([clip.ear]):
            clip.hear(heard)
