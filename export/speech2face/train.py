"""Train the network; one command, reproducible from its seed, taken up where it stopped.

python -m export.speech2face.train --data DIR --out model.pt [--look-ahead 1280] [--steps 4000]
"""

import argparse
import math
import time
from copy import deepcopy
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader
from tqdm import tqdm

from export.speech2face.batches import FRAMES, Batch, Batches, Clips
from export.speech2face.model import Decoding, Shape, Speech2Face, load, save

WARM_UP = 150
AVERAGE = 0.998
"""Share of the averaged weights, which are the ones kept, that each step leaves."""
WEIGHTS = torch.tensor([3.0, 1.5, 1.5, 2.5, 2.0])
"""Of the openings' errors: the jaw shows most."""
MISSED = torch.tensor([2.0, 2.0, 1.0])
"""What a missed gesture costs beside a false one: an open mouth on P B M is what people see first."""


def loss_of(raw: Tensor, sounds: Tensor, batch: Batch) -> Tensor:
    """Of a batch: the openings by distance, the gestures by likelihood, the sounds beside them as a teacher."""
    t = batch.targets
    openings = (functional.smooth_l1_loss(raw[..., :5], t[..., :5], beta=0.05, reduction="none") * WEIGHTS).sum(-1)
    gestures = functional.binary_cross_entropy_with_logits(
        raw[..., 5:8], t[..., 5:8], pos_weight=MISSED, reduction="none"
    )
    authority = functional.binary_cross_entropy_with_logits(raw[..., 8], t[..., 8], reduction="none")
    emphasis = functional.binary_cross_entropy_with_logits(raw[..., 9], t[..., 9], reduction="none") * batch.stressed
    sound = functional.cross_entropy(
        sounds.flatten(0, 1), batch.classes.flatten(), label_smoothing=0.05, reduction="none"
    )
    each = 2 * openings + gestures.sum(-1) + 0.3 * authority + 0.2 * emphasis + 0.3 * sound.view_as(authority)
    return (each * batch.trust).sum() / batch.trust.sum()


def rate(step: int, steps: int, peak: float) -> float:
    """Warm up, then a half cosine down to nothing."""
    return peak * min(1, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / steps))


@torch.no_grad()
def measure(network: Speech2Face, sound: Tensor) -> None:
    """Set the network's mean and scale of each band from a batch."""
    bands = network.spectra(network.windows(sound, FRAMES)).flatten(0, 2) * network.scale + network.mean
    network.mean.copy_(bands.mean(0))
    network.scale.copy_(bands.std(0))


@torch.no_grad()
def closures(network: Speech2Face, clips: Clips) -> str:
    """On the dev speakers: how well frames tell a seal, and the error of the jaw."""
    hits, seals, false, jaw, frames = 0, 0, 0, 0.0, 0
    for i in clips.where("dev"):
        rows, _ = clips.labels(i)
        raw, _ = network(torch.from_numpy(clips.sound(i))[None], len(rows))
        said, true = raw[0, :, 5].sigmoid() > 0.5, torch.from_numpy(rows[:, 5]) > 0.5
        hits, seals, false = hits + int((said & true).sum()), seals + int(true.sum()), false + int((said & ~true).sum())
        jaw, frames = jaw + float((raw[0, :, 0] - torch.from_numpy(rows[:, 0])).abs().sum()), frames + len(rows)
    return (
        f"seal {hits / max(seals, 1):.3f} of {seals}, false {false / max(hits + false, 1):.3f}, jaw {jaw / frames:.4f}"
    )


def command(options: argparse.Namespace) -> str:
    """What to type to get this model."""
    said = {name.replace("_", "-"): value for name, value in vars(options).items() if value is not None}
    said.pop("until", None)
    said["out"] = options.out.name
    said["data"] = "DIR"
    if options.start:
        said["start"] = options.start.name
    return "python -m export.speech2face.train " + " ".join(f"--{name} {value}" for name, value in said.items())


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="what `prepare` wrote")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--look-ahead", type=int, default=1280, metavar="SAMPLES", help="at 16 kHz")
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--until", type=int, metavar="STEP", help="stop here, to go on another time")
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=Path, metavar="FILE", help="begin with this model's weights")
    options = parser.parse_args(arguments)

    torch.manual_seed(options.seed)
    network = Speech2Face(Shape(look_ahead=options.look_ahead, width=options.width, dropout=options.dropout))
    batches = Batches(options.data, options.rows, options.seed)
    if options.start:
        network.load_state_dict(load(str(options.start))[0].state_dict())
    measure(network, batches[0].sound)
    decay = [p for p in network.parameters() if p.ndim > 1]
    rest = [p for p in network.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW([{"params": decay, "weight_decay": 0.05}, {"params": rest, "weight_decay": 0.0}],
                                  betas=(0.9, 0.98))  # fmt: skip
    average, first = deepcopy(network).eval(), 0
    checkpoint = options.out.with_suffix(".checkpoint")
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(saved["network"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        first = saved["step"]
    last = options.until or options.steps
    loader = DataLoader(batches, batch_size=None, sampler=range(first, last), num_workers=1, prefetch_factor=4)
    clips, begun = Clips(options.data), time.time()
    progress = tqdm(loader, initial=first, total=options.steps, unit=" steps", mininterval=10)
    for step, batch in enumerate(progress, first):
        batch = Batch(*batch)
        for group in optimiser.param_groups:
            group["lr"] = rate(step, options.steps, options.rate)
        torch.manual_seed(options.seed + step)
        network.train()
        with torch.autocast("cpu", torch.bfloat16):
            raw, sounds = network(batch.sound, FRAMES)
        loss = loss_of(raw, sounds, batch)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            share = min(AVERAGE, (1 + step) / (10 + step))
            for kept, now in zip(average.parameters(), network.parameters(), strict=True):
                kept.lerp_(now, 1 - share)
        if step % 20 == 19:
            progress.set_postfix_str(f"loss {loss.item():.3f}")
        if step % 250 == 249 or step + 1 == last:
            tqdm.write(
                f"step {step + 1}: loss {loss.item():.3f}; dev: {closures(average, clips)}; {time.time() - begun:.0f} s"
            )
            about = {"command": command(options), "seed": options.seed, "step": step + 1}
            save(str(options.out), average, Decoding(), about)
            torch.save({"network": network.state_dict(), "average": average.state_dict(), "step": step + 1,
                        "optimiser": optimiser.state_dict()}, checkpoint)  # fmt: skip


if __name__ == "__main__":
    main()
