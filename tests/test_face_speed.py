import time

import tiny_model

from bridge.face import speed
from bridge.face.model import load


def test_a_measurement_has_what_it_says(tmp_path):
    model = load(tiny_model.make(tmp_path / "tiny.onnx"), "cpu")
    found = speed.measure(model, 70, 0.01)
    for times in (found.batched, found.single, found.served):
        assert len(times.clock) == len(found.batched.clock) >= 5
        assert min(times.clock) > 0
    summary = found.summary()
    assert summary["streams"] == 70
    assert summary["batched"]["p50"] <= summary["batched"]["p99"]
    assert "70 streams" in speed.row(found)
    assert "one thread" in speed.machine(model)


def test_figures_follow_from_the_times():
    batched, single, served = speed.Times([1.0, 4.0, 9.0], 6.0), speed.Times([8.0], 8.0), speed.Times([5.0], 4.0)
    found = speed.Speed(10, "cpu", batched, single, served)
    assert found.held(batched) == 83  # ten streams take 2 ms of the core, of a frame's 16.67
    assert found.held(served) == 41
    assert found.gain == 4
    assert speed.Speed(10, "cuda", batched, single, served).held(batched) == 41  # by the clock


def test_waiting_costs_the_core_nothing():
    times = speed.Times()
    times.take(lambda: time.sleep(0.02))
    assert times.clock[0] >= 15
    assert times.core < times.clock[0]
