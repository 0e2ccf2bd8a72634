"""The session's clock under a hand-moved monotonic one."""

from bridge.clock import Clock


class Hand:
    def __init__(self) -> None:
        self.ns = 5_000

    def __call__(self) -> int:
        return self.ns


def test_it_counts_samples_from_zero() -> None:
    hand = Hand()
    clock = Clock(hand)
    assert clock.now() == 0
    hand.ns += 1_500_000_000
    assert clock.now() == 36_000


def test_it_stands_still_at_the_latest_sample_and_goes_on_from_there() -> None:
    hand = Hand()
    clock = Clock(hand)
    hand.ns += 3_600_000_000_000  # the machine slept for an hour
    assert clock.now(4800) == 4800
    hand.ns += 1_000_000_000
    assert abs(clock.now(10**9) - 28_800) <= 1


def test_it_says_when_a_sample_comes() -> None:
    for sample in (400, 401, 24_001):
        hand = Hand()
        clock = Clock(hand)
        hand.ns = clock.when_ns(sample) - 1
        assert clock.now() == sample - 1
        hand.ns += 1
        assert clock.now() == sample
