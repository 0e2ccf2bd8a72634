"""Live audio in a session, with time moved by hand: lips against sound in the stream itself, turns, cuts, refusals."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from bridge.clip import FACE_TAIL, SOUND_FADE
from bridge.curves import INDEX, MOUTH
from bridge.face.model import Model, load
from bridge.frames import AUDIO_RATE, SAMPLES_PER_FRAME
from bridge.listening import CROWD, Listening
from bridge.live import Resampler
from bridge.performance import PAIR
from bridge.playout import SPARE
from bridge.session import Code, Limits, RefusedError
from rigcast.v1 import session_pb2 as pb
from tests.live_audio import Record, chunks, pcm, push, voice
from tests.test_stage import Client, House
from tests.tiny_model import make

MARGIN = PAIR * (SAMPLES_PER_FRAME + SPARE)

LATENCY = 1945 + MARGIN + SAMPLES_PER_FRAME
"""Samples from the arrival of a sound to its place: look-ahead, margin, and the grid."""

FINISHED, INTERRUPTED = 1, 2


class Studio(House):
    """A stage with an ear, where time only moves on when all that is due has been heard."""

    def __init__(self, model: Model, **settings: object) -> None:
        super().__init__(Listening(model), **settings)
        self.records: dict[Client, Record] = {}

    def client(self, session: str = "", **wants: bool) -> Client:
        client = super().client(session, **wants)
        self.records[client] = Record()
        return client

    async def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds * 60)):
            self.stage.tick()
            await self.settle()
            self.read()
            self.ns += 16_666_667

    async def settle(self) -> None:
        """Wait until all that is due has been heard, and whoever speaks had a turn."""
        for _ in range(3):
            await asyncio.sleep(0)
        while self.stage.listening.busy:
            await asyncio.sleep(0.0002)

    def read(self) -> None:
        for client, record in self.records.items():
            record.take(client.read())

    async def talk(self, client: Client, samples: np.ndarray, rate: int, size: int, index: bool = False) -> None:
        """As a microphone: chunk after chunk, each when it has been recorded."""
        begin = self.ns
        for i, chunk in enumerate(chunks(samples, size)):
            while (self.ns - begin) * rate < i * size * 1e9:
                await self.pass_time(1 / 60)
            client.send(push_audio=push(chunk, i * size if index else None))
            await self.settle()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load(make(tmp_path_factory.mktemp("models") / "tiny.onnx"), "cpu")


@pytest.fixture
async def studio(model: Model) -> AsyncIterator[Studio]:
    made = Studio(model, limits=Limits(queued_texts=2), linger=5.0)
    yield made
    made.stage.close(RefusedError(Code.UNAVAILABLE, "over", fatal=True))
    await made.stage.listening.close()
    await asyncio.sleep(0)


DRIFTED = 1900
"""How far a sample of `voice` may be from where it is 0.1 ms earlier or later: so exact is the resampling."""


def start(rate: int = AUDIO_RATE, **more: object) -> pb.StartAudio:
    return pb.StartAudio(sample_rate=rate, format=pb.SAMPLE_FORMAT_F32, **more)  # type: ignore[arg-type]


def mouth_at_rest(record: Record, frame: int) -> None:
    """From this frame on nothing but idle life is on the mouth."""
    rest = np.array([curves for k, curves in record.frames.items() if k >= frame])
    assert len(rest) > 20
    assert rest[:, list(MOUTH)].max() < 0.1
    assert rest[:, INDEX["jawOpen"]].max() < 0.03


@pytest.mark.parametrize(
    ("rate", "size"), [(24_000, 480), (24_000, 7), (8_000, 100), (16_000, 16_000), (44_100, 441), (96_000, 1920)]
)
async def test_lips_are_sound_at_any_rate_and_chunk(studio: Studio, rate: int, size: int) -> None:
    client = studio.client()
    await studio.pass_time(0.5)
    seconds = 0.9 if size == 7 else 2.0
    began = studio.stage.sessions["main"].now()
    client.send(7, start_audio=start(rate))
    await studio.talk(client, voice(seconds, rate), rate, size)
    client.send(end_audio=pb.EndAudio())
    await studio.pass_time(1.5 + size / rate)
    record = studio.records[client]
    (begin,), (end,) = record.times("utterance_started"), record.times("utterance_ended")
    assert end - begin == pytest.approx(seconds * AUDIO_RATE, abs=SAMPLES_PER_FRAME)
    assert begin - began <= LATENCY + max(AUDIO_RATE * 30 // 1000, SAMPLES_PER_FRAME)
    expected = pcm(voice(seconds))
    got = record.span(begin, len(expected)).astype(int)
    assert np.abs(got - expected).max() <= (0 if rate == AUDIO_RATE else DRIFTED)
    record.assert_lips_are_sound(begin // SAMPLES_PER_FRAME + 4, end // SAMPLES_PER_FRAME + 5)
    assert [m.accepted.request_id for m in record.replies if m.WhichOneof("body") == "accepted"] == [7]
    assert not record.errors
    mouth_at_rest(record, end // SAMPLES_PER_FRAME + FACE_TAIL)


async def test_a_file_sent_in_a_burst_is_played_at_its_pace(studio: Studio) -> None:
    client = studio.client()
    samples = voice(8.0)
    client.send(start_audio=start())
    for chunk in chunks(samples, 4800):
        client.send(push_audio=push(chunk))
    client.send(end_audio=pb.EndAudio())
    await studio.pass_time(9.5)
    record = studio.records[client]
    (begin,), (end,) = record.times("utterance_started"), record.times("utterance_ended")
    assert begin <= LATENCY
    np.testing.assert_array_equal(record.span(begin, len(samples)), pcm(samples))
    record.assert_lips_are_sound(begin // SAMPLES_PER_FRAME + 4, end // SAMPLES_PER_FRAME)
    assert record.endings() == [(1, FINISHED)]


async def test_more_than_may_wait_is_refused_with_the_limit_and_can_be_sent_again(model: Model) -> None:
    studio = Studio(model, limits=Limits(waiting_audio_us=1_000_000))
    client = studio.client()
    client.send(start_audio=start())
    sent = 0
    pieces = chunks(voice(4.0), 2400)
    while not studio.records[client].errors:
        client.send(9, push_audio=push(pieces[sent]))
        studio.read()
        sent += 1
    (error,) = studio.records[client].errors
    assert (error.code, error.field, error.limit) == (4, "push_audio.samples", 1_000_000)
    assert 10 <= sent <= 16
    await studio.pass_time(0.5)
    for piece in pieces[sent - 1 : sent + 2]:
        client.send(push_audio=push(piece))
    client.send(end_audio=pb.EndAudio())
    await studio.pass_time(3)
    record = studio.records[client]
    assert len(record.errors) == 1
    (begin,) = record.times("utterance_started")
    np.testing.assert_array_equal(record.span(begin, 2400 * (sent + 2)), pcm(voice(4.0))[: 2400 * (sent + 2)])
    await studio.stage.listening.close()


async def test_stereo_and_whole_numbers_are_mixed_to_the_same(studio: Studio) -> None:
    one, two = studio.client("one"), studio.client("two")
    samples = voice(0.6)
    one.send(start_audio=pb.StartAudio())
    two.send(start_audio=pb.StartAudio(channels=2, format=pb.SAMPLE_FORMAT_F32))
    one.send(push_audio=pb.PushAudio(samples=pcm(samples).tobytes()))
    for both in chunks(np.stack([samples * 1.5, samples * 0.5], axis=1), 4800):
        two.send(push_audio=push(both))
    await studio.pass_time(1.0)
    sounds = [record.span(record.times("utterance_started")[0], 14_000) for record in studio.records.values()]
    assert np.abs(sounds[0].astype(int) - sounds[1]).max() <= 1


async def test_a_late_microphone_takes_lips_and_sound_along(studio: Studio) -> None:
    client = studio.client()
    samples = voice(2.0)
    client.send(start_audio=start())
    await studio.talk(client, samples[:24_000], AUDIO_RATE, 480)
    await studio.pass_time(2.0)
    await studio.talk(client, samples[24_000:], AUDIO_RATE, 480)
    client.send(end_audio=pb.EndAudio())
    await studio.pass_time(1.5)
    record = studio.records[client]
    (begin,), (end,) = record.times("utterance_started"), record.times("utterance_ended")
    assert end - begin == pytest.approx(4.0 * AUDIO_RATE, abs=2 * MARGIN)
    np.testing.assert_array_equal(record.span(begin, 24_000), pcm(samples[:24_000]))
    quiet = begin + 24_000 + AUDIO_RATE // 2
    assert not record.sound[quiet : quiet + AUDIO_RATE].any()
    record.assert_lips_are_sound(begin // SAMPLES_PER_FRAME + 4, end // SAMPLES_PER_FRAME)
    assert studio.stage.sessions["main"]._clock.waited < SAMPLES_PER_FRAME


async def test_lost_chunks_are_silence_of_their_length(studio: Studio) -> None:
    client = studio.client()
    samples = voice(2.0)
    client.send(start_audio=start())
    begin = studio.ns
    for i, chunk in enumerate(chunks(samples, 480)):
        while (studio.ns - begin) * 24 < i * 480 * 1e6:
            await studio.pass_time(1 / 60)
        if i % 10 not in (3, 4) and not 40 <= i < 60:
            client.send(push_audio=push(chunk, i * 480))
        if i == 70:
            client.send(push_audio=push(chunk[:100], i * 480))  # again: left out
    client.send(end_audio=pb.EndAudio())
    await studio.pass_time(1.5)
    record = studio.records[client]
    (start_,) = record.times("utterance_started")
    expected = pcm(samples).reshape(-1, 480).copy()
    expected[[i for i in range(len(expected)) if i % 10 in (3, 4) or 40 <= i < 60]] = 0
    whole = expected.ravel()
    late = int(np.flatnonzero(record.sound[start_ + 28_000 :])[0] - np.flatnonzero(whole[28_000:])[0])
    assert 0 <= late <= MARGIN
    np.testing.assert_array_equal(record.span(start_, 19_000), whole[:19_000])
    np.testing.assert_array_equal(record.span(start_ + late + 28_800, 19_000), whole[28_800:47_800])
    record.assert_lips_are_sound(start_ // SAMPLES_PER_FRAME + 4, start_ // SAMPLES_PER_FRAME + 118)
    assert not record.errors


async def test_a_gap_is_the_same_at_other_rates(studio: Studio) -> None:
    client = studio.client()
    samples = voice(2.0, 48_000)
    client.send(start_audio=start(48_000))
    begin = studio.ns
    for i, chunk in enumerate(chunks(samples, 960)):
        while (studio.ns - begin) * 48 < i * 960 * 1e6:
            await studio.pass_time(1 / 60)
        if not 40 <= i < 60 and i != 70:
            client.send(push_audio=push(chunk, i * 960))
    client.send(end_audio=pb.EndAudio())
    await studio.pass_time(1.5)
    record = studio.records[client]
    (begin,), (end,) = record.times("utterance_started"), record.times("utterance_ended")
    late = end - begin - 48_000
    assert 0 <= late <= MARGIN
    expected = pcm(voice(2.0)).astype(int)
    for first, last, shift in ((0, 19_000, 0), (29_500, 33_000, late), (34_500, 47_000, late)):
        got = record.span(begin + first + shift, last - first)
        assert min(np.abs(got - np.roll(expected, -s)[first:last]).max() for s in range(-400, 1, 8)) < 3 * DRIFTED
    record.assert_lips_are_sound(begin // SAMPLES_PER_FRAME + 4, end // SAMPLES_PER_FRAME)


async def test_a_leap_of_the_index_is_refused(studio: Studio) -> None:
    client = studio.client()
    client.send(start_audio=start())
    client.send(push_audio=push(voice(0.1)))
    client.send(push_audio=push(voice(0.1), 2**40))
    studio.read()
    (error,) = studio.records[client].errors
    assert (error.code, error.field) == (4, "push_audio.first_sample")


@pytest.mark.parametrize("how", ["end", "leave"])
async def test_when_it_ends_with_an_open_mouth_the_face_eases_to_rest(studio: Studio, how: str) -> None:
    client, watcher = studio.client(), studio.client()
    hum = np.full(AUDIO_RATE, 0.2, np.float32)
    client.send(start_audio=start())
    await studio.talk(client, hum, AUDIO_RATE, 480)
    if how == "end":
        client.send(end_audio=pb.EndAudio())
    else:
        client.peer.leave()
    await studio.pass_time(1.5)
    record = studio.records[watcher]
    (end,) = record.times("utterance_ended")
    assert record.endings() == [(1, FINISHED)]
    assert record.jaw(end // SAMPLES_PER_FRAME - 30, end // SAMPLES_PER_FRAME - 2).min() > 0.6
    mouth_at_rest(record, end // SAMPLES_PER_FRAME + FACE_TAIL)
    assert np.abs(np.diff(record.jaw(end // SAMPLES_PER_FRAME - 30, end // SAMPLES_PER_FRAME + 60))).max() < 0.45


async def test_an_interruption_stops_it_and_what_still_comes_is_ignored(studio: Studio) -> None:
    client, other = studio.client(), studio.client()
    client.send(start_audio=start())
    await studio.talk(client, voice(1.2), AUDIO_RATE, 480)
    other.send(interrupt=pb.Interrupt())
    await studio.talk(client, voice(1.0), AUDIO_RATE, 480)
    for chunk in chunks(voice(31.0), 12_000):
        client.send(push_audio=push(chunk))
    await studio.pass_time(0.5)
    client.send(start_audio=start())
    await studio.talk(client, voice(0.5), AUDIO_RATE, 480)
    client.send(end_audio=pb.EndAudio())
    await studio.pass_time(1.0)
    record = studio.records[client]
    first, second = record.times("utterance_ended")
    (_, again) = record.times("utterance_started")
    assert record.endings() == [(1, INTERRUPTED), (2, FINISHED)]
    assert not record.sound[first + SOUND_FADE : again].any()
    assert record.jaw(first // SAMPLES_PER_FRAME + 9, again // SAMPLES_PER_FRAME).max() < 0.03
    assert second > again
    assert not record.errors


async def test_an_interruption_for_later_lets_it_sound_until_then(studio: Studio) -> None:
    client = studio.client()
    client.send(start_audio=start())
    await studio.talk(client, voice(0.5), AUDIO_RATE, 480)
    at = studio.stage.sessions["main"].now_us + 500_000
    client.send(interrupt=pb.Interrupt(time_us=at))
    await studio.talk(client, voice(2.0)[12_000:], AUDIO_RATE, 480)
    await studio.pass_time(0.5)
    record = studio.records[client]
    (begin,), (end,) = record.times("utterance_started"), record.times("utterance_ended")
    assert end == pytest.approx(at * 0.024, abs=SAMPLES_PER_FRAME)
    np.testing.assert_array_equal(record.span(begin, end - begin), pcm(voice(2.0))[: end - begin])
    assert not record.sound[end + SOUND_FADE :].any()
    assert record.endings() == [(1, INTERRUPTED)]


async def test_texts_and_live_audio_take_turns(studio: Studio) -> None:
    client, other = studio.client(), studio.client()
    other.send(say=pb.Say(text="Hi."))
    await studio.pass_time(0.2)
    client.send(start_audio=start())
    other.send(say=pb.Say(text="Hi."))
    await studio.talk(client, voice(2.0), AUDIO_RATE, 480)
    client.send(end_audio=pb.EndAudio())
    await studio.pass_time(5)
    record = studio.records[other]
    assert record.endings() == [(1, FINISHED), (2, FINISHED), (3, FINISHED)]
    starts, ends = record.times("utterance_started"), record.times("utterance_ended")
    assert all(0 <= starts[i + 1] - ends[i] < LATENCY for i in range(2))
    np.testing.assert_array_equal(record.span(starts[1], 48_000), pcm(voice(2.0)))
    record.assert_lips_are_sound(starts[1] // SAMPLES_PER_FRAME + 20, ends[1] // SAMPLES_PER_FRAME - 12)


async def test_a_text_waits_for_audio_that_has_yet_to_come(studio: Studio) -> None:
    client = studio.client()
    client.send(start_audio=start())
    client.send(say=pb.Say(text="Hi."))
    await studio.pass_time(0.5)
    await studio.talk(client, voice(1.0), AUDIO_RATE, 480)
    client.send(end_audio=pb.EndAudio())
    await studio.pass_time(3)
    assert studio.records[client].endings() == [(1, FINISHED), (2, FINISHED)]


async def test_a_microphone_may_cut_in_and_so_may_a_text(studio: Studio) -> None:
    client, other = studio.client(), studio.client()
    other.send(say=pb.Say(text="Hi. " * 8))
    await studio.pass_time(1.0)
    client.send(start_audio=start(interrupt=True))
    await studio.talk(client, voice(1.0), AUDIO_RATE, 480)
    other.send(say=pb.Say(text="Hi.", interrupt=True))
    await studio.talk(client, voice(1.0), AUDIO_RATE, 480)
    await asyncio.sleep(0.3)  # another process speaks, in time of its own
    await studio.pass_time(2.0)
    assert studio.records[client].endings() == [(1, INTERRUPTED), (2, INTERRUPTED), (3, FINISHED)]


async def test_the_second_of_two_microphones_waits_or_takes_over(studio: Studio) -> None:
    one, two, three = studio.client(), studio.client(), studio.client()
    one.send(start_audio=start())
    two.send(start_audio=start())
    await studio.talk(one, voice(1.0), AUDIO_RATE, 480)
    two.send(push_audio=push(voice(0.5)))
    await studio.pass_time(0.5)
    assert studio.records[one].times("utterance_started")[1:] == []
    three.send(start_audio=start(interrupt=True))
    three.send(push_audio=push(voice(0.5)))
    three.send(end_audio=pb.EndAudio())
    await studio.pass_time(1.5)
    record = studio.records[one]
    assert sorted(record.endings()) == [(1, INTERRUPTED), (2, INTERRUPTED), (3, FINISHED)]
    assert len(record.times("utterance_started")) == 2


async def test_without_echo_only_the_face_shows_it(studio: Studio) -> None:
    client = studio.client()
    client.send(start_audio=start(no_echo=True))
    await studio.talk(client, voice(1.0), AUDIO_RATE, 480)
    await studio.pass_time(0.5)
    record = studio.records[client]
    assert not record.heard.any()
    assert record.jaw(20, 80).max() > 0.3


async def test_strength_scales_the_mouth(studio: Studio) -> None:
    client = studio.client()
    client.send(start_audio=start(strength=0.0))
    await studio.talk(client, voice(1.0), AUDIO_RATE, 480)
    await studio.pass_time(0.5)
    record = studio.records[client]
    assert record.heard.any()
    assert record.jaw(20, 80).max() < 0.03


async def test_neighbours_are_the_same_with_and_without(model: Model) -> None:
    async def stage(sessions: tuple[str, ...]) -> Record:
        studio = Studio(model)
        clients = {name: studio.client(name) for name in sessions}
        for client in clients.values():
            client.send(start_audio=start())
        for i, chunk in enumerate(chunks(voice(1.5), 400)):
            await studio.pass_time(1 / 60)
            clients["a"].send(push_audio=push(chunk))
            if "b" in clients and i % 7 == 0 and i < 50:
                clients["b"].send(push_audio=push(voice(0.3, hum=90)))
            if "c" in clients and i == 30:
                clients["c"].send(push_audio=push(np.zeros(0)), interrupt=pb.Interrupt())
        await studio.pass_time(1.0)
        await studio.stage.listening.close()
        return studio.records[clients["a"]]

    alone, among = await stage(("a",)), await stage(("a", "b", "c"))
    np.testing.assert_array_equal(alone.sound, among.sound)
    last = min(max(alone.frames), max(among.frames))  # a thread hears: at the end it may be a pair of frames further
    assert max(*alone.frames, *among.frames) - last <= 2
    for frame in range(last + 1):
        np.testing.assert_allclose(among.frames[frame], alone.frames[frame], atol=1e-4)


async def test_in_a_crowd_lips_are_sound_too_and_a_little_later(model: Model) -> None:
    studio = Studio(model)
    clients = [studio.client(f"s{i}") for i in range(CROWD + 3)]
    begins = {}
    for client in clients:
        client.send(start_audio=start())
        begins[client] = studio.stage.sessions["s0"].now()
    for chunk in chunks(voice(2.0), 480):
        for client in clients:
            client.send(push_audio=push(chunk))
        await studio.pass_time(0.02)
    for client in clients:
        client.send(end_audio=pb.EndAudio())
    await studio.pass_time(1.5)
    await studio.stage.listening.close()
    for i, client in enumerate(clients):
        record = studio.records[client]
        (begin,), (end,) = record.times("utterance_started"), record.times("utterance_ended")
        late = begin - begins[client] - LATENCY - (MARGIN if i >= CROWD else 0)
        assert -SAMPLES_PER_FRAME <= late <= PAIR * SAMPLES_PER_FRAME
        np.testing.assert_array_equal(record.span(begin, 2 * AUDIO_RATE), pcm(voice(2.0)))
        record.assert_lips_are_sound(begin // SAMPLES_PER_FRAME + 4, end // SAMPLES_PER_FRAME + 5)


async def test_an_audio_that_never_sounds_ends_too_and_lets_texts_pass(studio: Studio) -> None:
    client = studio.client()
    client.send(start_audio=start())
    client.send(say=pb.Say(text="Hi."))
    client.send(end_audio=pb.EndAudio())
    await studio.pass_time(3.0)
    assert studio.records[client].endings() == [(1, FINISHED), (2, FINISHED)]


async def test_live_audio_counts_as_a_text_that_waits(studio: Studio) -> None:
    client = studio.client()
    client.send(say=pb.Say(text="Hi. " * 8))
    await studio.pass_time(0.1)
    for _ in range(3):
        client.send(4, start_audio=start())
    studio.read()
    (error,) = studio.records[client].errors
    assert (error.code, error.field, error.limit, error.request_id) == (4, "start_audio", 2, 4)
    client.send(push_audio=push(voice(0.1)))  # of the one that was refused: ignored
    studio.read()
    assert len(studio.records[client].errors) == 1


async def test_a_server_without_a_model_says_so_and_speaks() -> None:
    house = House(Listening(None, "its file is broken"))
    client = house.client()
    assert client.read()[0].welcome.no_live_audio == "its file is broken"
    client.send(2, start_audio=start())
    client.send(push_audio=push(voice(0.1)))
    client.send(3, say=pb.Say(text="Hi."))
    messages = client.read()
    errors = [m.error for m in messages if m.WhichOneof("body") == "error"]
    assert [(e.code, e.request_id) for e in errors] == [(2, 2)]
    assert "its file is broken" in errors[0].message
    assert [m.accepted.utterance for m in messages if m.WhichOneof("body") == "accepted"] == [1]
    house.stage.close(RefusedError(Code.UNAVAILABLE, "over", fatal=True))


async def test_a_session_that_fails_with_an_open_microphone_takes_nobody_along(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = studio.client("good"), studio.client("bad")
    for client in (good, bad):
        client.send(start_audio=start())
        await studio.talk(client, voice(0.3), AUDIO_RATE, 480)

    def fail(now: int) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(studio.stage.sessions["bad"]._performance, "draft", fail)
    await studio.talk(good, voice(1.0), AUDIO_RATE, 480)
    assert studio.records[bad].errors[-1].code == pb.ERROR_CODE_INTERNAL
    assert "bad" not in studio.stage.sessions
    assert studio.records[good].heard.sum() > AUDIO_RATE
    assert not studio.records[good].errors


async def test_a_session_with_an_open_microphone_does_not_end(studio: Studio) -> None:
    client = studio.client()
    client.send(start_audio=start())
    client.send(push_audio=push(voice(0.1)))
    await studio.pass_time(7.0)
    client.peer.leave()
    await studio.pass_time(4.0)
    assert "main" in studio.stage.sessions
    await studio.pass_time(3.0)
    assert "main" not in studio.stage.sessions
    assert not studio.stage.listening._streams


async def test_a_long_stream_keeps_nothing_of_the_past(studio: Studio) -> None:
    client = studio.client()
    client.send(start_audio=start())
    await studio.talk(client, voice(4.0), AUDIO_RATE, 480)
    (live,) = studio.stage.sessions["main"]._lives
    assert len(live._sound) < AUDIO_RATE
    assert len(live._rows) < 60


def test_the_session_s_own_rate_passes_unchanged() -> None:
    samples = np.arange(-32768, 32768).astype(np.int16)
    np.testing.assert_array_equal(Resampler(AUDIO_RATE).feed(samples.astype(np.float32) / 32768), samples)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 48_000, 96_000])
def test_resampling_keeps_instants_whatever_the_chunks(rate: int) -> None:
    chance = np.random.default_rng(1)
    samples = voice(1.0, rate)
    resampler, out, at = Resampler(rate), [], 0
    while at < len(samples):
        size = int(chance.integers(1, 3000))
        out.append(resampler.feed(samples[at : at + size]))
        at += size
    whole = np.concatenate([*out, resampler.flush()])
    assert abs(len(whole) - AUDIO_RATE) <= 1
    assert np.abs(whole[:23_900] - pcm(voice(1.0))[:23_900].astype(int)).max() <= DRIFTED
