"""Rigcast itself and what it stands on: Python, packages, onnxruntime's providers, the event loop."""

import asyncio
import importlib
import platform
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from importlib.metadata import packages_distributions, version

from bridge import __version__
from bridge.config import Config
from bridge.doctor.finding import Finding, State

MODULES = ("numpy", "onnxruntime", "grpc", "grpc_health", "google.protobuf", "websockets", "espeakng_loader", "soxr")

RELU_MODEL = (
    b"\x08\x08"  # ir_version 8
    b':3\n\x0c\n\x01x\x12\x01y"\x04Relu\x12\x01g'  # the graph "g": y = Relu(x)
    b"Z\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x04"  # its input x: float, 4 of them
    b"b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x04"  # its output y: the same
    b"B\x02\x10\x0d"  # operators of version 13
)
"""The smallest useful ONNX model, to see whether a provider computes."""


async def packages(_: Config) -> AsyncIterator[Finding]:
    yield Finding("rigcast", State.OK, f"{__version__} on Python {platform.python_version()}, {platform.platform()}")
    owners = packages_distributions()
    found = []
    for name in MODULES:
        try:
            importlib.import_module(name)
        except Exception as error:  # a library that cannot be loaded raises what it likes
            package = owners.get(name.split(".")[0], [name])[0]
            remedy = f"pip install --force-reinstall {package}"
            yield Finding("packages", State.BROKEN, f"{name} cannot be imported: {error}", remedy)
        else:
            found += [f"{owner} {version(owner)}" for owner in _owners(owners, name)]
    yield Finding("packages", State.OK, ", ".join(found))


def _owners(owners: Mapping[str, list[str]], module: str) -> list[str]:
    """The distribution that a module is from; "google" is shared by several."""
    return ["protobuf"] if module == "google.protobuf" else owners.get(module, [])[:1]


async def runtime(_: Config) -> AsyncIterator[Finding]:
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)  # what fails is told below
    names = onnxruntime.get_available_providers()
    works = {name: await asyncio.to_thread(computes, name) for name in names}
    working, others = ([n.removesuffix("ExecutionProvider") for n in names if works[n] is ok] for ok in (True, False))
    text = f"{', '.join(working) or 'nothing'} works" + (f"; {', '.join(others)} not here" if others else "")
    if not works.get("CPUExecutionProvider"):
        yield Finding("onnxruntime", State.BROKEN, text, "pip install --force-reinstall onnxruntime")
    elif shutil.which("nvidia-smi") and not works.get("CUDAExecutionProvider"):
        remedy = 'for the GPU: pip install "onnxruntime-gpu[cuda,cudnn]"; the CPU is enough for all that there is now'
        yield Finding("onnxruntime", State.NOTE, text, remedy)
    else:
        yield Finding("onnxruntime", State.OK, text)


def computes(provider: str) -> bool:
    """Whether a provider really runs a model, rather than only being compiled in."""
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(RELU_MODEL, options, providers=[provider], enable_fallback=0)
        (result,) = session.run(None, {"x": np.array([-1, 0, 1, 2], np.float32)})
    except Exception:
        return False
    return provider in session.get_providers() and list(result) == [0, 0, 1, 2]


async def event_loop(_: Config) -> AsyncIterator[Finding]:
    try:
        import uvloop
    except ImportError:
        usual = sys.platform == "win32"
        text = "asyncio's own; uvloop does not exist for Windows" if usual else "asyncio's own; uvloop is faster"
        yield Finding("event loop", State.OK if usual else State.NOTE, text, "" if usual else "pip install uvloop")
    else:
        yield Finding("event loop", State.OK, f"uvloop {version(uvloop.__name__)}")
