"""A trained network to an .onnx file with everything said that a server and its users need to know.

python -m export.onnx.write model.pt bridge/models/speech2face.onnx --name speech2face --version 1 --figures FILE
"""

import argparse
import json
import sys
import warnings
from pathlib import Path

import onnx
import torch

from bridge.curves import CURVES
from bridge.face.emotion import EMOTIONS
from export.onnx.card import write_card
from export.onnx.parity import difference
from export.speech2face.model import MOVES, RATE, WINDOW, Server, load

CONTRACT = "speech2face/1"
INPUTS = ("audio", "strength", "emotion", "state")
OUTPUTS = ("curves", "authority", "emphasis", "next_state")
OPSET = 17
TOLERANCE = 1e-4

LICENCE = "Apache-2.0"
DATA = (
    "LJ Speech 1.1 (public domain), speechocean762 (free for any use), LibriSpeech train-clean-100 (CC BY 4.0), "
    "espeak-ng 1.52 and flite 2.2 speech"
)


def to_onnx(server: Server, path: Path, about: dict[str, str]) -> None:
    """Write the network with its metadata. Only the batch may vary in size."""
    batch = 2
    given = (
        torch.zeros(batch, WINDOW),
        torch.ones(batch, 1),
        torch.zeros(batch, len(EMOTIONS)),
        torch.zeros(batch, server.network.states),
    )
    with warnings.catch_warnings():
        # the exporter that came after this one makes the same graph and asks for two packages more
        warnings.simplefilter("ignore")
        torch.onnx.export(
            server.eval(), given, str(path), dynamo=False, opset_version=OPSET,
            input_names=list(INPUTS), output_names=list(OUTPUTS),
            dynamic_axes={name: {0: "batch"} for name in (*INPUTS, *OUTPUTS)},
        )  # fmt: skip
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, metadata(server) | about)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(path))


def metadata(server: Server) -> dict[str, str]:
    """What the bridge's contract asks for."""
    return {
        "rigcast_model": CONTRACT,
        "sample_rate": str(RATE),
        "frame_rate": "60",
        "look_ahead": str(server.network.shape.look_ahead),
        "curves": ",".join(CURVES[i] for i in MOVES),
        "emotions": ",".join(EMOTIONS),
    }


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trained", type=Path, help="what `train` wrote")
    parser.add_argument("out", type=Path, help="the .onnx file")
    parser.add_argument("--name", default="speech2face")
    parser.add_argument("--version", default="1")
    parser.add_argument("--command", help="what made it, where training was more than one step")
    parser.add_argument("--figures", type=Path, metavar="JSON", help="what `evaluate` found")
    options = parser.parse_args(arguments)
    network, decoding, about = load(str(options.trained))
    server = Server(network, decoding)
    said = {
        "name": options.name,
        "version": options.version,
        "licence": LICENCE,
        "data": DATA,
        "command": options.command or str(about.get("command", "")),
        "seed": str(about.get("seed", "")),
        "figures": options.figures.read_text() if options.figures else "{}",
        "description": f"Speech to {len(MOVES)} curves of the mouth, hearing "
        f"{network.shape.look_ahead * 1000 // RATE} ms ahead; causal convolutions and gated memories.",
    }
    json.loads(said["figures"])
    to_onnx(server, options.out, said)
    worst = difference(server, options.out)
    print(
        f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB, torch and onnxruntime differ by {worst:.1e} at most"
    )
    print(f"its card: {write_card(options.out)}")
    if worst > TOLERANCE:
        sys.exit(f"more than {TOLERANCE:.0e}: not good to serve")


if __name__ == "__main__":
    main()
