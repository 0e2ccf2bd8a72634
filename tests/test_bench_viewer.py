"""What the load generator counts, fed by hand: frames late, lost, out of order, refusals, clocks that stand still."""

from types import SimpleNamespace

import pytest

from bridge.bench import viewer
from bridge.bench.house import percentiles
from bridge.bench.viewer import BIN_MS, LOWEST_MS, Tally, Viewer
from bridge.frames import FRAME_RATE
from rigcast.v1 import session_pb2

BEGIN = 50_000
"""The frame of the machine's grid at which the session began."""
BLOCK, LEAD_US = 6, 150_000


class Fed:
    """A viewer whose clock and messages are ours."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = BEGIN / FRAME_RATE
        self.tally = Tally()
        self.viewer = Viewer("fed", self.tally, ["Hi."], live=False, batched=False)
        self.said: list[bytes] = []
        self.viewer.line = SimpleNamespace(send=self.said.append)  # type: ignore[assignment]  # bytes go nowhere
        monkeypatch.setattr(viewer, "time", SimpleNamespace(monotonic=lambda: self.now))
        self.viewer.join()
        self.hear(welcome=session_pb2.Welcome(lead_us=LEAD_US))
        self.tie()
        self.viewer.judging = True

    def hear(self, **body: object) -> None:
        """A message comes now."""
        self.viewer.received(session_pb2.ServerMessage(**body).SerializeToString())  # type: ignore[arg-type]

    def tie(self, stood_still: float = 0.0) -> None:
        """The session tells its time, which lies behind by so many seconds."""
        self.viewer.ask_time()
        self.hear(pong=session_pb2.Pong(now_us=round((self.now - stood_still) * 1e6 - BEGIN / FRAME_RATE * 1e6)))

    def block(self, first: int, late_s: float = 0.0, order: tuple[int, ...] = tuple(range(BLOCK))) -> None:
        """A block of frames comes so late after the tick with which it was due."""
        self.now = (BEGIN + first + BLOCK) / FRAME_RATE - LEAD_US / 1e6 + late_s
        for i in order:
            frame = first + i
            self.hear(frame={"time_us": round(frame * 1e6 / FRAME_RATE), "sequence": frame})


@pytest.fixture
def fed(monkeypatch: pytest.MonkeyPatch) -> Fed:
    return Fed(monkeypatch)


def late_ms(tally: Tally) -> list[float]:
    """The middles of the histogram's bins, each as often as it was met."""
    return [b * BIN_MS + LOWEST_MS + BIN_MS / 2 for b, count in sorted(tally.histogram().items()) for _ in range(count)]


def test_frames_that_are_due_are_in_time_and_one_late_block_is_seen(fed: Fed) -> None:
    for first in range(6, 60, BLOCK):
        fed.block(first, 0.030 if first == 30 else 0.002)
    assert late_ms(fed.tally) == pytest.approx([2.0] * 8 + [30.0], abs=BIN_MS)
    assert fed.tally.misplaced == 0
    assert fed.viewer.take_count() == 54


def test_blocks_may_begin_anywhere(fed: Fed) -> None:
    for first in range(9, 63, BLOCK):
        fed.block(first, 0.030 if first == 33 else 0.002)
    assert late_ms(fed.tally) == pytest.approx([2.0] * 7 + [30.0], abs=BIN_MS)


def test_who_comes_into_the_middle_judges_whole_blocks(fed: Fed) -> None:
    fed.block(12, order=(3, 4, 5))
    for first in range(18, 60, BLOCK):
        fed.block(first, 0.004)
    assert late_ms(fed.tally) == pytest.approx([4.0] * 7, abs=BIN_MS)


@pytest.mark.parametrize(
    ("order", "misplaced"),
    [((0, 1, 2, 4, 5), 1), ((0, 1, 3, 2, 4, 5), 3), ((0, 1, 2, 2, 3, 4, 5), 1), ((0, 1, 2, 3, 4), 1)],
    ids=["lost", "exchanged", "twice", "the last lost"],
)
def test_what_is_not_in_its_place_is_counted(fed: Fed, order: tuple[int, ...], misplaced: int) -> None:
    fed.block(6, order=order)
    fed.block(12)
    assert fed.tally.misplaced == misplaced


def test_sound_that_is_lost_is_counted_too(fed: Fed) -> None:
    for sequence in (7, 8, 10):
        fed.hear(audio={"time_us": sequence, "sequence": sequence})
    assert fed.tally.misplaced == 1


def test_what_the_bridge_left_out_is_counted(fed: Fed) -> None:
    fed.hear(dropped={"frames": 5})
    assert fed.tally.dropped == 5


def test_a_clock_that_stood_still_is_counted_once(fed: Fed) -> None:
    fed.now += 10
    fed.tie()
    assert fed.tally.stalls == 0
    fed.tie(stood_still=0.1)
    fed.tie(stood_still=0.1)
    assert fed.tally.stalls == 1


def test_an_answer_that_took_long_ties_nothing(fed: Fed) -> None:
    fed.viewer.ask_time()
    fed.now += viewer.SURE_S + 0.001
    fed.hear(pong=session_pb2.Pong(now_us=0))
    assert fed.tally.stalls == 0


def test_refusals_are_counted_with_their_words_and_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    fed = Fed(monkeypatch)
    late = Viewer("late", fed.tally, [], live=False, batched=False)
    late.line = fed.viewer.line
    late.join()
    fed.now += 0.020
    full = session_pb2.Error(code=session_pb2.ERROR_CODE_RESOURCE_EXHAUSTED, message="full")
    late.received(session_pb2.ServerMessage(error=full).SerializeToString())
    fed.hear(error=full)  # of one that is in: no refusal of a join
    assert dict(fed.tally.refusals) == {"RESOURCE_EXHAUSTED: full": 2}
    assert fed.tally.refused_s == pytest.approx([0.020])


def test_who_wakes_tells_how_old_its_frames_are(fed: Fed) -> None:
    fed.block(6)
    fed.now = fed.viewer.woke = (BEGIN + 120) / FRAME_RATE
    for frame in (60, 90, 113, 117):
        fed.hear(frame={"time_us": round(frame * 1e6 / FRAME_RATE), "sequence": frame})
        fed.now += 0.001
    assert fed.viewer.stale == 3
    assert fed.viewer.fresh_after == pytest.approx(0.003)


def test_percentiles_are_those_of_the_histogram() -> None:
    tally = Tally()
    tally.late.extend(i / 1000 for i in range(1, 101))
    told = percentiles({str(b): count for b, count in tally.histogram().items()}, (50.0, 99.0, 100.0))
    assert told == pytest.approx([50.0, 99.0, 100.0], abs=BIN_MS)
    assert str(percentiles({}, (50.0,))[0]) == "nan"
