"""Fuzz one target: python -m tests.fuzz.run TARGET [libFuzzer's options and folders], such as -max_total_time=600.

New finds go into the first folder named; add those worth keeping to tests/fuzz/corpus/TARGET with

    python -m tests.fuzz.run TARGET -merge=1 tests/fuzz/corpus/TARGET FOUND
"""

import logging
import sys

import atheris

PARSERS = (
    "bridge.a2f", "bridge.avatar.glb", "bridge.avatar.params", "bridge.config", "bridge.doors", "bridge.face.card",
    "bridge.face.onnx_file", "bridge.inputs", "bridge.journal", "bridge.logs", "bridge.outputs.target", "bridge.pipes",
    "bridge.retarget", "bridge.session", "bridge.sound_files", "bridge.speech.script", "bridge.takes", "bridge.tokens",
    "bridge.wire", "google.protobuf.json_format", "tomllib",
)  # fmt: skip
"""What is watched for new coverage; protobuf's binary reader and sentencex are native code."""

with atheris.instrument_imports(include=list(PARSERS)):
    from tests.fuzz.targets import TARGETS


def every(data: bytes) -> None:
    """All targets in one process, for a short run: the first byte chooses."""
    names = list(TARGETS)
    if data:
        TARGETS[names[data[0] % len(names)]](data[1:])


def main() -> None:
    """Run until libFuzzer has had enough; a fault ends the process with a trace and the bytes that caused it."""
    logging.disable(logging.CRITICAL)
    target = every if sys.argv[1] == "every" else TARGETS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
