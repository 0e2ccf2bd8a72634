"""What one client may send, with time moved by hand."""

from bridge.meter import BURST_S, Meter


class Clock:
    """Seconds that stand still."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_and_no_more() -> None:
    meter = Meter(10, 1000, Clock())
    taken = [meter.take(1) for _ in range(41)]
    assert taken[:40] == 40 * [None]
    assert taken[40] == ("too many messages a second", 10)


def test_bytes_count_as_messages_do() -> None:
    meter = Meter(1000, 1000, Clock())
    assert meter.take(4000) is None
    assert meter.take(1) == ("too many bytes a second", 1000)


def test_the_rate_itself_lasts() -> None:
    clock = Clock()
    meter = Meter(10, 1000, clock)
    for _ in range(1000):
        clock.now += 0.1
        assert meter.take(100) is None


def test_twice_the_rate_does_not() -> None:
    clock = Clock()
    meter = Meter(10, 1000, clock)
    passed = 0
    for _ in range(2000):
        clock.now += 0.05
        passed += meter.take(1) is None
    assert 1000 <= passed <= 1000 + 10 * BURST_S


def test_silence_is_not_saved_up() -> None:
    clock = Clock()
    meter = Meter(10, 1000, clock)
    clock.now += 1e6
    assert sum(meter.take(1) is None for _ in range(1000)) == 10 * BURST_S


def test_what_is_refused_costs_nothing() -> None:
    clock = Clock()
    meter = Meter(10, 1000, clock)
    assert meter.take(5000)
    assert meter.take(4000) is None
