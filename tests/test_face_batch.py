import numpy as np
import pytest
import tiny_model

from bridge.face.batch import LIMIT, SIZES, Batch, Bound
from bridge.face.model import load


@pytest.fixture
def model(tmp_path):
    return load(tiny_model.make(tmp_path / "tiny.onnx"), "cpu")


def fill(batch, n, seed=0):
    chance = np.random.default_rng(seed)
    parts = (batch.audio, batch.strength, batch.emotion, batch.state)
    inputs = [chance.random((n, part.shape[1]), np.float32) for part in parts]
    for part, rows in zip(parts, inputs, strict=True):
        part[:n] = rows
    return inputs


@pytest.mark.parametrize("n", [1, 3, 13, 64])
def test_padded_rows_change_nothing(model, n):
    batch = Batch(model)
    fill(batch, LIMIT, seed=9)  # what an earlier, larger run left
    inputs = fill(batch, n)
    answer = batch.run(n)
    for part, wanted in zip(answer, model.run(*inputs), strict=True):
        assert part.shape == wanted.shape
        np.testing.assert_allclose(part, wanted, atol=1e-5)


def test_shapes_are_few(model, monkeypatch):
    shapes = set()
    run = type(model).run
    monkeypatch.setattr(type(model), "run", lambda self, *inputs: shapes.add(len(inputs[0])) or run(self, *inputs))
    batch = Batch(model)
    for n in range(1, LIMIT + 1):
        assert len(batch.run(n).curves) == n
    assert shapes == set(SIZES)
    assert max(next(s for s in SIZES if s >= n) / n for n in range(1, LIMIT + 1)) <= 1.5


def test_bound_memory_gives_the_same_as_a_plain_run(model):
    batch = Batch(model)
    bound = Bound(model, 4, "cpu")
    for seed in range(3):
        inputs = fill(batch, 4, seed)
        for part, wanted in zip(bound.run(inputs), model.run(*inputs), strict=True):
            np.testing.assert_allclose(part, wanted, atol=1e-6)
