"""A speech-to-face model: an .onnx file under Rigcast's contract, loaded for a device.

Frame k of a stream shows the instant k / 60 s. It hears the samples of its stream (16 kHz, mono, -1..1) up to,
exclusively, E_k = floor(k * 16000 / 60) + look_ahead; samples before the stream's start are zeros. Only the batch axis
is dynamic; all tensors are float32.

=============  ============  ==================================================================
in `audio`     [batch, W]    the W samples that end at E_k
in `strength`  [batch, 1]    how far the mouth goes, 1 as people do, 0..2
in `emotion`   [batch, E]    shares 0..1 of the emotions that the metadata names
in `state`     [batch, S]    zeros for a new stream; a row belongs to its stream only
out `curves`   [batch, N]    0..1, of the curves that the metadata names
out `authority`  [batch, 1]  0..1, how much speech needs the mouth (`FaceTrack.authority`)
out `emphasis`   [batch, 1]  0..1, prosodic prominence at this instant, for brows and head
out `next_state` [batch, S]  the state for the stream's next frame
=============  ============  ==================================================================

Metadata: see `Card`. A model is a program: it can compute nonsense and be slow, so take models from those you trust;
it cannot read other files here, and no pickle is ever loaded.
"""

import contextlib
import functools
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import onnxruntime

from bridge.curves import INDEX
from bridge.face.card import MAX_STATE, MAX_WINDOW, Card, ModelError, card_of, locate, named, read
from bridge.face.emotion import EMOTIONS
from bridge.skeleton import Array

__all__ = ["DEVICES", "Answer", "Card", "Device", "Model", "ModelError", "load", "locate"]

INPUTS = ("audio", "strength", "emotion", "state")
OUTPUTS = ("curves", "authority", "emphasis", "next_state")
Device = Literal["auto", "cpu", "cuda"]
DEVICES: tuple[Device, ...] = ("auto", "cpu", "cuda")
_CUDA = "CUDAExecutionProvider"
MAX_MEMORY = 2**30
"""Bytes that models may have on the CPU."""


class Answer(NamedTuple):
    """One frame of each of n streams: curves (n, N), authority (n, 1), emphasis (n, 1), state (n, S). float32."""

    curves: Array
    authority: Array
    emphasis: Array
    state: Array


@dataclass(slots=True, eq=False)
class Model:
    """A model that has computed a first frame on its device. Immutable; `session.run` may be called from any thread.

    device: where it runs. note: why not where it was asked to, else "". window, state: W and S. curves (N,), emotions
    (E,): where the model's own stand in CURVES and in EMOTIONS.
    """

    card: Card
    session: Any
    device: Literal["cpu", "cuda"]
    note: str
    window: int
    state: int
    cuda_graphs: bool
    curves: npt.NDArray[np.intp] = field(init=False)
    emotions: npt.NDArray[np.intp] = field(init=False)

    def __post_init__(self) -> None:
        self.curves = np.array([INDEX[name] for name in self.card.curves])
        self.emotions = np.array([EMOTIONS.index(name) for name in self.card.emotions])

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        """Numbers a stream in each of INPUTS."""
        return self.window, 1, len(self.card.emotions), self.state

    @property
    def answer_sizes(self) -> tuple[int, int, int, int]:
        """Numbers a stream in each of OUTPUTS."""
        return len(self.card.curves), 1, 1, self.state

    def run(self, audio: Array, strength: Array, emotion: Array, state: Array) -> Answer:
        """One frame of each row, straight through onnxruntime; the bridge runs `Batch` instead."""
        inputs = dict(zip(INPUTS, (audio, strength, emotion, state), strict=True))
        return Answer(*self.session.run(OUTPUTS, inputs, run_options(-1 if self.cuda_graphs else None)))


def run_options(graph: int | None = None) -> Any:
    """How each run is done: what fails is told by the error alone. graph: its CUDA graph's number, -1 for none."""
    options = onnxruntime.RunOptions()
    options.log_severity_level = 4
    if graph is not None:
        options.add_run_config_entry("gpu_graph_id", str(graph))
    return options


def load(file: str | Path, device: Device = "auto", *, cuda_graphs: bool = False) -> Model:
    """Load a model and let it compute a frame. Slow (0.1 to some seconds, holding the GIL): do it before serving.

    auto takes CUDA where onnxruntime lists it and the model really runs on it, otherwise the CPU,
    and `Model.note` says why. Raises ModelError.
    """
    path = Path(file)
    with named(path):
        data = read(path)
        card = card_of(path, data)
        if device == "cpu":
            return _start(card, data, "cpu")
        try:
            return _start(card, data, "cuda", cuda_graphs=cuda_graphs)
        except _DeviceError as error:
            if device == "cuda":
                raise ModelError(f"it cannot run on CUDA: {error}", "--device cpu runs it on the CPU") from None
            return _start(card, data, "cpu", note=str(error))


class _DeviceError(Exception):
    """CUDA is not there or does not work."""


@functools.cache
def _bound_memory() -> None:
    """Let all models of this process have so much memory together: a file of a hundred bytes may ask for terabytes."""
    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(memory, onnxruntime.OrtArenaCfg(MAX_MEMORY, -1, -1, -1))


def session_options() -> Any:
    """The options under which every model runs: one thread that does not spin (with more, p99 is tens of times
    worse once streams outnumber cores), bounded memory, quiet."""
    _bound_memory()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.log_severity_level = 3
    return options


def _start(card: Card, data: bytes, device: Literal["cpu", "cuda"], note: str = "", cuda_graphs: bool = False) -> Model:
    session = _cuda_session(data, cuda_graphs) if device == "cuda" else _cpu_session(data)
    window, state = _check_inputs(card, session)
    model = Model(card, session, device, note, window, state, cuda_graphs)
    _check_outputs(model)
    return model


def _cpu_session(data: bytes) -> Any:
    try:
        return onnxruntime.InferenceSession(data, session_options(), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's classes have no common base of their own
        raise ModelError(f"onnxruntime does not load it: {_first_line(error)}", "export the model again") from None


def _cuda_session(data: bytes, cuda_graphs: bool) -> Any:
    if _CUDA not in onnxruntime.get_available_providers():
        raise _DeviceError("this onnxruntime is built without CUDA")
    settings = {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC", "enable_cuda_graph": str(int(cuda_graphs))}
    try:
        with _quietly():
            onnxruntime.preload_dlls()  # of pip's nvidia packages, where they are
            session = onnxruntime.InferenceSession(
                data, session_options(), providers=[(_CUDA, settings)], enable_fallback=0
            )
    except Exception as error:
        raise _DeviceError(f"no CUDA session starts: {_first_line(error)}") from None
    if _CUDA not in session.get_providers():
        raise _DeviceError("no CUDA session starts; `rigcast doctor` says more")
    return session


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """onnxruntime tells at length, on both standard outputs, what of CUDA is not there; the error says it in a line."""
    onnxruntime.set_default_logger_severity(4)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        onnxruntime.set_default_logger_severity(3)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]


def _check_inputs(card: Card, session: Any) -> tuple[int, int]:
    """The sizes of window and state. Raises ModelError."""
    found = {entry.name: entry for entry in session.get_inputs()}
    _check_present("input", INPUTS, found)
    if extra := [name for name in found if name not in INPUTS]:
        raise ModelError(f"it has an input {extra[0]!r}", f"the contract has {', '.join(INPUTS)} only")
    sizes = {"strength": 1, "emotion": len(card.emotions)}
    for name in INPUTS:
        _check_tensor(found[name], sizes.get(name))
    window, state = found["audio"].shape[1], found["state"].shape[1]
    for name, size, limit in (("audio", window, MAX_WINDOW), ("state", state, MAX_STATE)):
        if size > limit:
            raise ModelError(f"its {name} has {size} numbers a stream", f"at most {limit} are served")
    return window, state


def _check_present(kind: str, names: tuple[str, ...], found: dict[str, Any]) -> None:
    if missing := [name for name in names if name not in found]:
        has = ", ".join(found) or "none"
        raise ModelError(f"it lacks the {kind} {', '.join(missing)}", f"the contract asks for it; it has {has}")


def _check_tensor(entry: Any, size: int | None) -> None:
    if entry.type != "tensor(float)":
        raise ModelError(f"its {entry.name} is a {entry.type}", "the contract asks for float32")
    batch, *rest = entry.shape or [0]
    if isinstance(batch, int):
        raise ModelError(f"the batch of its {entry.name} is {batch}", "export it with a dynamic batch axis")
    if len(rest) != 1 or not isinstance(rest[0], int) or rest[0] < 1 or (size and rest[0] != size):
        shape = ", ".join(map(str, rest))
        wanted = f"the contract asks for [batch, {size or 'a fixed size'}]"
        raise ModelError(f"its {entry.name} has the shape [batch, {shape}]", wanted)


def _check_outputs(model: Model) -> None:
    """Let two streams compute a frame: what comes out, and that the device really works. Raises ModelError."""
    _check_present("output", OUTPUTS, {entry.name: entry for entry in model.session.get_outputs()})
    try:
        answer = model.run(*(np.zeros((2, size), np.float32) for size in model.sizes))
    except Exception as error:
        if model.device == "cuda":
            raise _DeviceError(f"it does not run there: {_first_line(error)}") from None
        raise ModelError(f"it does not run: {_first_line(error)}", "export the model again") from None
    for name, value, size in zip(OUTPUTS, answer, model.answer_sizes, strict=True):
        if value.dtype != np.float32 or value.shape != (2, size):
            came = f"of two streams its {name} comes as {value.dtype} {list(value.shape)}"
            raise ModelError(came, f"the contract asks for float32 [2, {size}]")
