import tiny_model

from bridge.face import speed
from bridge.face.model import load


def test_a_measurement_has_what_it_says(tmp_path):
    model = load(tiny_model.make(tmp_path / "tiny.onnx"), "cpu")
    found = speed.measure(model, 70, 0.01)
    assert len(found.batched) == len(found.single) == len(found.served) >= 5
    assert min(found.batched + found.single + found.served) > 0
    summary = found.summary()
    assert summary["streams"] == 70
    assert summary["batched_ms"]["p50"] <= summary["batched_ms"]["p99"]
    assert "70 streams" in speed.row(found)
    assert "one thread" in speed.machine(model)


def test_figures_follow_from_the_times():
    found = speed.Speed(10, batched=[1.0, 2.0, 3.0], single=[8.0], served=[4.0])
    assert found.held == 83  # ten streams take 2 ms of a frame's 16.67
    assert found.served_held == 41
    assert found.gain == 4
