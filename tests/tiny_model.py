"""A speech-to-face model small enough to be made in a test, and broken in many ways.

jawOpen is the loudness (4 x mean magnitude) of the 10 ms around the instant that a frame shows, so lips can be held
against sound; all else comes from a small random recurrent net. The window reaches from the look-ahead's end to 5 ms
before the instant.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CURVES = ("mouthClose", "jawOpen", "mouthFunnel", "mouthPucker", "mouthSmileRight", "mouthSmileLeft")
EMOTIONS = ("neutral", "happy", "sad")
STATE = 8
HALF = 80
"""Samples at 16 kHz to either side of the instant."""


def metadata(**changes: str | None) -> dict[str, str]:
    """What the contract asks for; a change to None leaves a key out."""
    found = {
        "rigcast_model": "speech2face/1",
        "name": "tiny",
        "version": "1.0",
        "licence": "Apache-2.0",
        "sample_rate": "16000",
        "frame_rate": "60",
        "look_ahead": "1280",
        "curves": ",".join(CURVES),
        "emotions": ",".join(EMOTIONS),
    }
    return {key: value for key, value in (found | changes).items() if value is not None}


def make(
    path: Path,
    *,
    look_ahead: int = 1280,
    chance: int = 0,
    fault: str = "",
    **changes: str | None,
) -> Path:
    """Write the model; `chance` seeds its weights. `changes` to its metadata.

    fault: jawOpen is "nan" where strength is 0, the run fails ("raise") where it is 2, jawOpen is the "leak"ed maximum
    of all rows, goes "wide" beyond 1, is "never" a number, is "deaf" to any sound; the state sums up ("drift").
    """
    told = metadata(**{"look_ahead": str(look_ahead)} | changes)
    return write(path, told, _model(look_ahead, chance, fault))


def write(path: Path, told: dict[str, str], model: onnx.ModelProto | None = None) -> Path:
    """Write a model that says `told` of itself."""
    model = model or _model(1280, 0, "")
    helper.set_model_props(model, told)
    path.write_bytes(model.SerializeToString())
    return path


def _model(look_ahead: int, seed: int, fault: str) -> onnx.ModelProto:
    chance = np.random.default_rng(seed)
    window = look_ahead + HALF
    widths = {"audio": window, "strength": 1, "emotion": len(EMOTIONS), "state": STATE}
    width = len(CURVES)  # all but the jaw, and the emphasis
    weights = {
        "hear": chance.normal(0, 0.3, (window, STATE)),
        "feel": chance.normal(0, 0.5, (len(EMOTIONS), STATE)),
        "recall": chance.normal(0, 0.4, (STATE, STATE)),
        "show": chance.normal(0, 1, (STATE, width)),
        "four": np.array(4.0),
    }
    if fault == "deaf":
        weights |= {"hear": 0 * weights["hear"], "four": 0 * weights["four"]}
    nodes = [
        ("MatMul", ["audio", "hear"], "heard"),
        ("MatMul", ["emotion", "feel"], "felt"),
        ("MatMul", ["state", "recall"], "recalled"),
        ("Sum", ["heard", "felt", "recalled"], "summed"),
        ("Tanh", ["summed"], "fresh"),
        ("Sum", ["fresh", "state"] if fault == "drift" else ["fresh"], "next_state"),
        ("MatMul", ["next_state", "show"], "shown"),
        ("Sigmoid", ["shown"], "rest"),
        ("Slice", ["audio", "zero", "now", "one"], "around"),
        ("Abs", ["around"], "magnitude"),
        ("ReduceMean", ["magnitude", "one"], "loudness"),
        ("Mul", ["loudness", "four"], "open"),
        ("Mul", ["open", "strength"], "wide"),
        ("Clip", ["wide", "", "unit"], "jaw"),
        ("Split", ["rest", "split"], ["first", "others", "emphasis_"]),
        *_faulty(fault),
        ("Concat", ["first", "jaw_", "others"], "curves"),
        ("Identity", ["jaw"], "authority"),
        ("Identity", ["emphasis_"], "emphasis"),
    ]
    whole = {"zero": [0], "one": [1], "now": [2 * HALF], "split": [1, len(CURVES) - 2, 1]}
    initializers = [numpy_helper.from_array(np.asarray(v, np.float32), k) for k, v in weights.items()]
    initializers += [numpy_helper.from_array(np.asarray(v, np.int64), k) for k, v in whole.items()]
    initializers += [
        numpy_helper.from_array(np.float32(1), "unit"),
        numpy_helper.from_array(np.ones(2, np.float32), "two"),
    ]
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", size]) for name, size in widths.items()]
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
        for name in ("curves", "authority", "emphasis", "next_state")
    ]
    graph = helper.make_graph([_node(*node) for node in nodes], "tiny", inputs, outputs, initializers)
    return helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])


def _faulty(fault: str) -> list[tuple[Any, ...]]:
    """How jawOpen goes wrong."""
    faults: dict[str, list[tuple[Any, ...]]] = {
        "nan": [("Log", ["strength"], "log"), ("Mul", ["jaw", "log"], "jaw_")],
        "raise": [
            ("Cast", ["strength"], "whole", {"to": TensorProto.INT64}),
            ("Gather", ["two", "whole"], "ones"),
            ("Mul", ["jaw", "ones"], "jaw_"),
        ],
        "leak": [("ReduceMax", ["jaw", "zero"], "most"), ("Max", ["jaw", "most"], "jaw_")],
        "wide": [("Add", ["jaw", "jaw"], "jaw_")],
        "never": [("Sub", ["jaw", "jaw"], "none"), ("Div", ["none", "none"], "jaw_")],
    }
    return faults.get(fault, [("Identity", ["jaw"], "jaw_")])


def _node(kind: str, inputs: list[str], outputs: str | list[str], attributes: dict[str, Any] | None = None) -> Any:
    if kind in ("Split", "Concat"):
        attributes = {"axis": 1}
    return helper.make_node(kind, inputs, [outputs] if isinstance(outputs, str) else outputs, **(attributes or {}))
