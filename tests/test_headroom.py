"""Admission by what the loop measures of itself, with hands on both clocks."""

from bridge.headroom import ALWAYS, MOST_LATE, SETTLING_S, SPEAKING, WINDOW_S, Headroom


class Machine:
    """A loop that works a share of the time."""

    def __init__(self, limit: float = 0.75) -> None:
        self.time = self.worked = 0.0
        self.headroom = Headroom(limit, lambda: self.worked, lambda: self.time)

    def run(self, seconds: float, busy: float, late: float = 0.0) -> None:
        for i in range(round(seconds * 60)):
            self.time += 1 / 60
            self.worked += busy / 60
            self.headroom.tick(0.05 if i % 100 < late * 100 else 0.0)

    def admitted(self, sessions: int, offered: int) -> int:
        """How many more of so many come in at once."""
        found = 0
        while found < offered and self.headroom.admits(sessions + found):
            found += 1
        return found


def test_an_idle_machine_lets_in() -> None:
    machine = Machine()
    machine.run(2 * WINDOW_S, busy=0.1)
    assert machine.headroom.admits(100)


def test_a_busy_one_does_not_and_does_again_when_sessions_end() -> None:
    machine = Machine()
    machine.run(2 * WINDOW_S, busy=0.75)
    assert not machine.headroom.admits(250)
    machine.run(2 * WINDOW_S, busy=0.5)
    assert machine.headroom.admits(160)


def test_a_rush_does_not_outrun_the_measuring() -> None:
    machine = Machine()
    machine.run(2 * WINDOW_S, busy=0.45)
    assert machine.admitted(150, 1000) == round(0.30 / SPEAKING)


def test_sessions_that_cost_more_than_usual_count_for_what_they_cost() -> None:
    machine = Machine()
    machine.run(2 * WINDOW_S, busy=0.50)
    assert machine.admitted(50, 1000) < 0.25 / 0.009


def test_those_let_in_long_ago_show_in_the_measured_share_and_count_once() -> None:
    machine = Machine()
    machine.run(2 * WINDOW_S, busy=0.0)
    first = machine.admitted(ALWAYS, 1000)
    machine.run(SETTLING_S + WINDOW_S, busy=0.3)
    assert machine.admitted(ALWAYS + first, 1000) > 100


def test_late_ticks_close_the_door_whoever_is_to_blame() -> None:
    machine = Machine()
    machine.run(3 * WINDOW_S, busy=0.2, late=2 * MOST_LATE)
    assert not machine.headroom.admits(20)
    assert machine.headroom.admits(ALWAYS - 1)


def test_a_full_limit_is_none() -> None:
    machine = Machine(limit=1.0)
    machine.run(2 * WINDOW_S, busy=0.99, late=1.0)
    assert machine.headroom.admits(1000)
