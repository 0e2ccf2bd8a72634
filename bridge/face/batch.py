"""Many streams, one run: fixed buffers and few sizes."""

from typing import Any

import numpy as np
import onnxruntime

from bridge.face.model import INPUTS, OUTPUTS, Answer, Model, run_options
from bridge.skeleton import Array

SIZES = (1, 2, 4, 6, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64)
"""Rows of a run; others are padded to the next. onnxruntime plans and keeps memory for each shape that it meets, and a
CUDA graph is recorded for one shape, so shapes are few; padding costs half as much again at worst."""

LIMIT = SIZES[-1]
"""Rows of one run. More gains nothing: the cost of a row stops falling at 16 to 64."""


class Batch:
    """The rows of one run. Fill the first n rows of `audio`, `strength`, `emotion` and `state`, then `run(n)`.

    One thread at a time.
    """

    def __init__(self, model: Model) -> None:
        self.audio, self.strength, self.emotion, self.state = self._inputs = tuple(
            np.zeros((LIMIT, size), np.float32) for size in model.sizes
        )
        self._model = model
        self._bound: dict[int, Bound] = {}

    def run(self, n: int) -> Answer:
        """The answers to rows 0 to n. The arrays are the caller's. Raises whatever onnxruntime does."""
        size = next(size for size in SIZES if size >= n)
        for buffer in self._inputs:
            buffer[n:size] = 0
        inputs = [buffer[:size] for buffer in self._inputs]
        if self._model.device == "cpu":
            answer = self._model.run(*inputs)
        else:
            if size not in self._bound:
                self._bound[size] = Bound(self._model, size, "cuda")
            answer = self._bound[size].run(inputs)
        return Answer(*(value[:n] for value in answer))


class Bound:
    """A size with its own memory on a device, bound once: a CUDA graph replays on the addresses that it recorded."""

    def __init__(self, model: Model, size: int, device: str) -> None:
        self._session = model.session
        self._inputs = [_on_device(size, width, device) for width in model.sizes]
        self._outputs = [_on_device(size, width, device) for width in model.answer_sizes]
        self._binding = model.session.io_binding()
        for name, value in zip(INPUTS, self._inputs, strict=True):
            self._binding.bind_ortvalue_input(name, value)
        for name, value in zip(OUTPUTS, self._outputs, strict=True):
            self._binding.bind_ortvalue_output(name, value)
        self._options = run_options(size if model.cuda_graphs else None)

    def run(self, inputs: list[Array]) -> Answer:
        """Copy the rows there, run, copy the answers back."""
        for value, array in zip(self._inputs, inputs, strict=True):
            value.update_inplace(array)
        self._session.run_with_iobinding(self._binding, self._options)
        return Answer(*(value.numpy() for value in self._outputs))


def _on_device(rows: int, width: int, device: str) -> Any:
    return onnxruntime.OrtValue.ortvalue_from_shape_and_type((rows, width), np.float32, device, 0)
