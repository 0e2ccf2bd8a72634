import asyncio
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_model

from bridge import metrics
from bridge.curves import CURVES, INDEX
from bridge.face.batch import LIMIT
from bridge.face.ears import HELD_S, Ear
from bridge.face.emotion import EMOTIONS
from bridge.face.hearing import Hearing, follow, hear_clip
from bridge.face.model import load
from bridge.frames import AUDIO_RATE, SAMPLES_PER_FRAME

JAW = INDEX["jawOpen"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return load(tiny_model.make(tmp_path_factory.mktemp("models") / "tiny.onnx"), "cpu")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """Models that fail where strength is 0 ("nan") or 2 ("raise")."""
    folder = tmp_path_factory.mktemp("faulty")
    return {fault: load(tiny_model.make(folder / f"{fault}.onnx", fault=fault), "cpu") for fault in ("nan", "raise")}


def noise(seconds, seed=0):
    """Bursts of noise, so that frames differ."""
    chance = np.random.default_rng(seed)
    count = round(seconds * AUDIO_RATE)
    loud = np.repeat(chance.random(count // 1200 + 1), 1200)[:count]
    return (chance.normal(0, 4000, count) * loud).astype(np.int16)


def joined(found):
    return np.concatenate([np.column_stack((h.curves, h.authority, h.emphasis)) for h in found])


def drain(hearing, ear):
    found = []
    while ear.due:
        found += hearing.hear([ear])
    return found


def stream(model, pcm, chunks, **options):
    hearing, ear, found, at = Hearing(model), Ear(model, **options), [], 0
    for chunk in chunks:
        ear.feed(pcm[at : at + chunk])
        at += chunk
        found += drain(hearing, ear)
        if at >= len(pcm):
            break
    ear.flush()
    return joined(found + drain(hearing, ear))


# One stream


def chunkings(length):
    yield from ([AUDIO_RATE * ms // 1000] * length for ms in (1, 17, 100, 333, 1000))
    yield np.random.default_rng(3).integers(1, AUDIO_RATE, length).tolist()
    yield np.random.default_rng(4).integers(0, 60, length).tolist()


def test_streamed_in_any_chunks_is_the_whole_clip(model):
    pcm = noise(1.3)
    whole = joined([hear_clip(model, pcm)])
    for chunks in chunkings(len(pcm)):
        np.testing.assert_array_equal(stream(model, pcm, chunks), whole)


def test_lips_are_where_the_sound_is(model):
    pcm = np.zeros(AUDIO_RATE, np.int16)
    pcm[30 * SAMPLES_PER_FRAME - 120 : 30 * SAMPLES_PER_FRAME + 120] = 8000  # the 10 ms around frame 30's instant
    jaw = hear_clip(model, pcm).curves[:, JAW]
    assert jaw[30] > 0.8
    assert np.delete(jaw, 30).max() < 0.1


def test_curves_stand_in_the_order_of_the_house(model):
    heard = hear_clip(model, noise(0.5))
    assert heard.curves.shape == (30, len(CURVES))
    assert heard.authority.shape == heard.emphasis.shape == (30,)
    others = [i for i, name in enumerate(CURVES) if name not in tiny_model.CURVES]
    assert not heard.curves[:, others].any()
    mine = [INDEX[name] for name in tiny_model.CURVES]
    assert heard.curves[:, mine].any(axis=0).all()
    np.testing.assert_array_equal(heard.authority, heard.curves[:, JAW])  # as the tiny model says them
    assert all(part.dtype == np.float32 and part.min() >= 0 and part.max() <= 1 for part in heard[2:5])


def test_frames_are_those_of_the_model_run_by_hand(model):
    """An independent loop over the contract's own words."""
    pcm = noise(0.4)
    from bridge.face.downsample import DELAY, Downsampler

    tail = np.zeros(1920 + DELAY, np.int16)
    sound = np.concatenate((np.zeros(model.window, np.float32), Downsampler().feed(np.concatenate((pcm, tail)))))
    state, wanted = np.zeros((1, model.state), np.float32), []
    for k in range(24):
        end = k * 16000 // 60 + 1280
        audio = sound[end : end + model.window][None]  # padded by a window
        answer = model.run(audio, np.ones((1, 1), np.float32), np.zeros((1, 3), np.float32), state)
        state = answer.state
        wanted.append(answer.curves[0])
    heard = hear_clip(model, pcm)
    np.testing.assert_allclose(heard.curves[:, model.curves], np.stack(wanted), atol=1e-6)


@pytest.mark.parametrize("look_ahead", [0, 640, 1280, 3000])
def test_a_frame_is_due_exactly_when_its_look_ahead_has_come(tmp_path, look_ahead):
    model = load(tiny_model.make(tmp_path / "m.onnx", look_ahead=look_ahead), "cpu")
    ear = Ear(model)
    assert ear.delay == look_ahead * 3 // 2 + 25
    first_due = []
    for sample in range(1, ear.delay + 1400):
        ear.feed(np.zeros(1, np.int16))
        if ear.due > len(first_due):
            first_due.append(sample)
    for frame, sample in enumerate(first_due):
        due = frame * SAMPLES_PER_FRAME + ear.delay
        assert due - 3 <= sample <= due or (look_ahead, frame) == (0, 0)  # which hears the silence before the stream
    assert len(first_due) == 4


def test_sound_beyond_the_look_ahead_changes_no_bit(model):
    pcm, other = noise(1), noise(1, seed=8)
    before = hear_clip(model, pcm).curves
    delay = Ear(model).delay
    for at in (5000, 12_000, 17_777):
        after = hear_clip(model, np.concatenate((pcm[:at], other[at:]))).curves
        heard_before = (at - delay) // SAMPLES_PER_FRAME + 1
        np.testing.assert_array_equal(before[:heard_before], after[:heard_before])
        assert (before[heard_before + 2] != after[heard_before + 2]).any()  # and it is heard soon after


def test_a_stream_may_begin_anywhere_on_the_sessions_clock(model):
    pcm = noise(0.5)
    ear = Ear(model, start=777)
    assert (ear.next_frame, ear.end) == (1, 777)
    led_in = np.concatenate((np.zeros(377, np.int16), pcm))  # from frame 1's instant on
    np.testing.assert_array_equal(stream(model, pcm, [300] * 99, start=777), joined([hear_clip(model, led_in)]))
    hearing = Hearing(model)
    ear = Ear(model, start=100 * SAMPLES_PER_FRAME)
    ear.feed(pcm)
    found = drain(hearing, ear)
    assert found[0].first_frame == 100
    assert [h.first_frame for h in found[1:]] == [h.first_frame + len(h.curves) for h in found[:-1]]
    assert ear.next_frame == found[-1].first_frame + len(found[-1].curves)
    assert ear.end == 100 * SAMPLES_PER_FRAME + len(pcm)


def test_flush_hears_the_rest_as_silence_and_ends_the_stream(model):
    pcm = noise(0.5)[:-111]
    ear, hearing = Ear(model), Hearing(model)
    ear.feed(pcm)
    early = len(joined(drain(hearing, ear)))
    ear.flush()
    ear.flush()
    assert early + len(joined(drain(hearing, ear))) == -(-len(pcm) // SAMPLES_PER_FRAME)
    with pytest.raises(ValueError, match="flushed; reset"):
        ear.feed(pcm)
    padded = np.concatenate((pcm, np.zeros(4000, np.int16)))
    np.testing.assert_array_equal(hear_clip(model, pcm).curves, hear_clip(model, padded).curves[:30])


def test_a_stream_shorter_than_its_look_ahead_has_all_its_frames(model):
    assert len(hear_clip(model, noise(0.01)).curves) == 1
    ear = Ear(model)
    ear.flush()
    assert ear.due == 0
    with pytest.raises(ValueError, match="clip is empty"):
        hear_clip(model, np.zeros(0, np.int16))


def test_a_reset_leaves_nothing_of_the_old_stream(model):
    pcm = noise(0.5)
    ear, hearing = Ear(model), Hearing(model)
    ear.feed(noise(1, seed=5))
    ear.flush()
    drain(hearing, ear)
    ear.reset()
    ear.feed(pcm)
    ear.flush()
    np.testing.assert_array_equal(joined(drain(hearing, ear)), joined([hear_clip(model, pcm)]))
    with pytest.raises(ValueError, match="cannot start at sample -1"):
        ear.reset(-1)


def test_strength_and_emotion_reach_the_model(model):
    pcm = noise(0.3)
    plain = hear_clip(model, pcm, strength=1).curves
    np.testing.assert_allclose(hear_clip(model, pcm, strength=0.5).curves[:, JAW], plain[:, JAW] / 2, atol=1e-6)
    row = np.zeros(len(EMOTIONS), np.float32)
    row[EMOTIONS.index("sad")] = 1
    sad = hear_clip(model, pcm, emotion=row).curves
    assert (sad != plain).any()
    row[:] = 0
    row[EMOTIONS.index("pained")] = 1  # not among this model's
    np.testing.assert_array_equal(hear_clip(model, pcm, emotion=row).curves, plain)


@pytest.mark.parametrize("value", [-0.1, 2.1, float("nan"), float("inf")])
def test_strength_out_of_bounds_is_refused(model, value):
    with pytest.raises(ValueError, match="strength is"):
        Ear(model, strength=value)


@pytest.mark.parametrize("value", [[1.0], [2.0] * len(EMOTIONS), [float("nan")] * len(EMOTIONS)])
def test_emotions_out_of_bounds_are_refused(model, value):
    ear = Ear(model)
    with pytest.raises(ValueError, match="emotion is"):
        ear.emotion = np.array(value, np.float32)


@pytest.mark.parametrize("pcm", [np.zeros(9, np.float32), np.zeros((9, 2), np.int16), np.full(9, np.nan)])
def test_what_is_not_the_sessions_sound_is_refused(model, pcm):
    ear = Ear(model)
    with pytest.raises(ValueError, match="give int16, mono, 24000 Hz"):
        ear.feed(pcm)


def test_an_ear_holds_a_bounded_time(model):
    ear = Ear(model)
    for _ in range(HELD_S):
        ear.feed(np.zeros(AUDIO_RATE, np.int16))
    with pytest.raises(ValueError, match=f"more than {HELD_S} s"):
        ear.feed(np.zeros(1, np.int16))
    Hearing(model).hear([ear])
    ear.feed(np.zeros(SAMPLES_PER_FRAME, np.int16))


def test_a_long_stream_neither_grows_nor_drifts(model):
    """Two minutes in the time of seconds; hours are for `rigcast models check --hours`."""
    ear, hearing, pcm = Ear(model), Hearing(model), noise(10)

    def once():
        found = []
        for at in range(0, len(pcm), AUDIO_RATE):
            ear.feed(pcm[at : at + AUDIO_RATE])
            found += hearing.hear([ear], 60)
        return joined(found)

    once()
    second = once()
    tracemalloc.start()
    try:
        last = once()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(9):
            last = once()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    np.testing.assert_array_equal(last, second)
    assert ear.next_frame == (12 * len(pcm) - ear.delay) // SAMPLES_PER_FRAME + 1
    assert grown < 20_000


# Many streams


def test_batched_is_alone_while_streams_join_and_leave(model):
    chance = np.random.default_rng(0)
    count = LIMIT + 16
    sounds = [noise(0.1 + 0.9 * chance.random(), seed) for seed in range(count)]
    joins = chance.integers(0, 40, count)
    hearing, present, found = Hearing(model), {}, {i: [] for i in range(count)}
    for tick in range(120):
        for i in np.flatnonzero(joins == tick):
            present[i] = Ear(model)
        for i, ear in list(present.items()):
            at = (tick - joins[i]) * SAMPLES_PER_FRAME
            if at < len(sounds[i]):
                ear.feed(sounds[i][at : at + SAMPLES_PER_FRAME])
            else:
                ear.flush()
        names = {ear: i for i, ear in present.items()}
        for heard in hearing.hear(chance.permutation(list(present.values()))):
            found[names[heard.ear]].append(heard)
        for i in list(present):
            if tick - joins[i] > 70:
                del present[i]
    for i in range(count):
        np.testing.assert_allclose(joined(found[i]), joined([hear_clip(model, sounds[i])]), atol=1e-5)


def test_one_run_serves_all_that_are_due(model, monkeypatch):
    rows = []
    run = type(model).run
    monkeypatch.setattr(type(model), "run", lambda self, *inputs: rows.append(len(inputs[0])) or run(self, *inputs))
    hearing, ears = Hearing(model), [Ear(model) for _ in range(10)]
    assert hearing.hear(ears) == []
    assert rows == []
    for i, ear in enumerate(ears):
        ear.feed(np.zeros(ear.delay + (SAMPLES_PER_FRAME if i < 3 else 0), np.int16))
    assert [len(heard.curves) for heard in hearing.hear(ears)] == [2, 2, 2, 1, 1, 1, 1, 1, 1, 1]
    assert rows == [12, 4]  # all ten, padded; then the three with a second frame
    rows.clear()
    many = [Ear(model) for _ in range(LIMIT + 1)]
    for ear in many:
        ear.feed(np.zeros(ear.delay, np.int16))
    assert len(hearing.hear(many)) == LIMIT + 1
    assert rows == [LIMIT, 1]


def test_who_is_far_behind_does_not_keep_the_others(model):
    hearing, late, punctual = Hearing(model), Ear(model), Ear(model)
    late.feed(np.zeros(10 * AUDIO_RATE, np.int16))
    punctual.feed(np.zeros(punctual.delay, np.int16))
    assert [len(heard.curves) for heard in hearing.hear([late, punctual], frames=5)] == [5, 1]
    assert late.due > 500


@pytest.mark.parametrize(("fault", "strength"), [("nan", 0.0), ("raise", 2.0)])
def test_a_stream_that_fails_is_at_rest_and_harms_nobody(faulty, fault, strength, caplog):
    model, pcm = faulty[fault], noise(0.5)
    ears = [Ear(model, strength=strength if i == 2 else 1.0) for i in range(5)]
    hearing = Hearing(model)
    for ear in ears:
        ear.feed(pcm)
    found = {ear: [] for ear in ears}
    for _ in range(2):
        for heard in hearing.hear(ears):
            found[heard.ear].append(heard)
    wanted = joined([hear_clip(model, pcm)])
    for i, ear in enumerate(ears):
        rows = joined(found[ear])
        if i == 2:
            assert not rows.any()
            assert [heard.failed for heard in found[ear]] == [8, 8]
        else:
            np.testing.assert_allclose(rows, wanted[: len(rows)], atol=1e-5)
            assert not any(heard.failed for heard in found[ear])
    assert len(caplog.records) == 1  # not one a frame
    assert str(model.card.file) in caplog.text


def test_a_stream_that_failed_goes_on_as_a_new_one(faulty):
    model, hearing = faulty["nan"], Hearing(faulty["nan"])
    ear = Ear(model, strength=0)
    ear.feed(noise(0.3))
    drain(hearing, ear)
    ear.strength = 1.0
    ear.feed(noise(0.3, seed=1))
    rows = joined(drain(hearing, ear))
    assert np.isfinite(rows).all()
    assert rows.any()


# Beside the event loop


async def test_listening_gives_what_hearing_gives(model):
    pcm = noise(0.5)
    ear, hearing, found = Ear(model), Hearing(model), []
    for at in range(0, len(pcm), 333):
        ear.feed(pcm[at : at + 333])
        found += await hearing.listen([ear])
    ear.flush()
    while ear.due:
        found += await hearing.listen([ear])
    np.testing.assert_array_equal(joined(found), joined([hear_clip(model, pcm)]))
    assert await hearing.listen([ear]) == []
    hearing.close()


async def test_ears_may_change_while_the_worker_hears(model):
    pcm = noise(0.5)
    ears, hearing = [Ear(model) for _ in range(3)], Hearing(model)
    for ear in ears:
        ear.feed(pcm[:6000])
    listening = asyncio.create_task(hearing.listen(ears))
    await asyncio.sleep(0)  # the worker has its jobs
    ears[0].feed(pcm[6000:])
    ears[1].reset(4000)
    ears[2].strength = 0.5
    assert {heard.ear for heard in await listening} == {ears[0], ears[2]}  # the reset one's frames are void
    assert ears[1].next_frame == 10
    ears[0].flush()
    rest = joined(drain(hearing, ears[0]))
    np.testing.assert_array_equal(rest, joined([hear_clip(model, pcm)])[30 - len(rest) :])
    hearing.close()


async def test_listening_twice_at_once_hears_nothing_twice(model):
    ear, hearing = Ear(model), Hearing(model)
    ear.feed(noise(0.5))
    both = await asyncio.gather(hearing.listen([ear]), hearing.listen([ear]))
    assert [[heard.first_frame for heard in found] for found in both] in ([[0], []], [[], [0]])
    assert ear.next_frame == 8
    hearing.close()


async def test_a_cancelled_listening_leaves_the_ears_as_they_were(model):
    pcm = noise(0.5)
    ear, hearing = Ear(model), Hearing(model)
    ear.feed(pcm)
    ear.flush()
    listening = asyncio.create_task(hearing.listen([ear]))
    await asyncio.sleep(0)
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    assert ear.next_frame == 0
    np.testing.assert_array_equal(joined(drain(hearing, ear)), joined([hear_clip(model, pcm)]))
    hearing.close()


# Files


def test_following_a_recording_is_hearing_it_whole(model):
    pcm = noise(2.5)
    pieces = [pcm[:1], pcm[1:40_000], pcm[40_000:]]
    found = list(follow(Hearing(model), iter(pieces)))
    np.testing.assert_array_equal(joined(found), joined([hear_clip(model, pcm)]))
    assert [h.first_frame for h in found] == list(np.cumsum([0, *(len(h.curves) for h in found[:-1])]))
    assert list(follow(Hearing(model), [])) == []


def test_a_gpu_that_is_gone_is_followed_by_the_cpu(model):
    """A model that says it runs on CUDA where there is none fails as one does whose GPU was unplugged. The CPU stands
    by: no file is read then, and nobody has to wait until it is loaded."""
    pcm, before = noise(0.5), metrics.FAULTS.labels("gpu")._value.get()
    gone = replace(model, device="cuda")
    hearing, ear = Hearing(gone), Ear(model)
    gone.card = model.card._replace(file=Path("gone.onnx"))
    ear.feed(pcm)
    ear.flush()
    np.testing.assert_array_equal(joined(drain(hearing, ear)), joined([hear_clip(model, pcm)]))
    assert metrics.FAULTS.labels("gpu")._value.get() == before + 1
