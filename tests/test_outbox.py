"""The queue of one client: new frames before old, sound never lost without a word."""

from bridge.outbox import AUDIO_AGE_US, FRAME_AGE_US, MOST_PARCELS, SHORT, Lost, Outbox
from bridge.wire import Kind, Parcel

TICK_US = 16_667


def frame(i: int) -> Parcel:
    return Parcel(Kind.FRAME, i * TICK_US, TICK_US, b"f%d" % i)


def audio(time_us: int) -> Parcel:
    return Parcel(Kind.AUDIO, time_us, 100_000, b"a%d" % time_us)


def event(time_us: int) -> Parcel:
    return Parcel(Kind.EVENT, time_us, 0, b"e")


def drain(outbox: Outbox, now_us: int, size: int = 10**9) -> list[bytes | str]:
    return outbox.take(size, now_us)


def data(*parcels: Parcel) -> list[bytes | str]:
    return [parcel.data for parcel in parcels]


def test_a_reader_that_keeps_up_gets_everything_in_order() -> None:
    outbox, sent = Outbox(), [frame(0), audio(0), event(5), frame(1)]
    assert outbox.put(sent, 0)
    assert drain(outbox, 0) == data(*sent)
    assert outbox.lost(0) is None


def test_it_gives_no_more_than_is_asked_for() -> None:
    outbox = Outbox()
    outbox.put([frame(i) for i in range(4)], 0)
    assert drain(outbox, 0, size=1) == data(frame(0))
    assert drain(outbox, 0, size=3) == data(frame(1), frame(2))
    assert drain(outbox, 0, size=0) == []
    assert drain(outbox, 0, size=9) == data(frame(3))


def test_a_reader_that_wakes_late_gets_only_fresh_frames_and_is_told() -> None:
    outbox = Outbox()
    for i in range(600):
        outbox.put([frame(i)], i * TICK_US)
    now_us = 600 * TICK_US
    got = drain(outbox, now_us)
    fresh = [frame(i) for i in range(600) if now_us - i * TICK_US <= FRAME_AGE_US]
    assert got == data(*fresh)
    assert outbox.lost(now_us) == Lost(600 - len(got), 0)
    assert outbox.lost(now_us) is None


def test_frames_run_ahead_of_the_present_without_being_old() -> None:
    outbox = Outbox()
    ahead = [frame(i) for i in range(12)]
    outbox.put(ahead, 0)
    assert drain(outbox, 0) == data(*ahead)


def test_sound_is_kept_longer_than_frames_and_its_loss_is_counted() -> None:
    outbox = Outbox()
    outbox.put([audio(0), audio(100_000)], 0)
    assert len(drain(outbox, AUDIO_AGE_US)) == 2
    outbox.put([audio(0), audio(100_000)], 0)
    assert drain(outbox, AUDIO_AGE_US + 150_000) == data(audio(100_000))
    assert outbox.lost(0) == Lost(0, 100_000)


def test_events_and_replies_are_never_dropped_but_their_number_is_bounded() -> None:
    outbox = Outbox()
    assert outbox.put([event(0)] * MOST_PARCELS, 10**9)
    assert not outbox.put([event(0)], 10**9)
    assert outbox.lost(10**9) is None


def test_memory_stays_bounded_however_long_nobody_reads() -> None:
    outbox = Outbox()
    longest = 0
    for i in range(10_000):
        outbox.put([frame(i), audio(i * TICK_US)] if i % 6 == 0 else [frame(i)], i * TICK_US)
        longest = max(longest, len(outbox))
    assert longest <= 2 * SHORT


def test_a_forget_takes_back_what_was_not_sent() -> None:
    outbox = Outbox()
    reply = Parcel(Kind.CONTROL, 10**6, 0, b"reply")
    outbox.put([frame(0), frame(1), event(TICK_US), audio(2 * TICK_US), reply], 0)
    outbox.forget(TICK_US)
    assert drain(outbox, 0) == data(frame(0), reply)


def test_it_wakes_its_sender() -> None:
    woken: list[bool] = []
    Outbox(lambda: woken.append(True)).put([event(0)], 0)
    assert woken == [True]
