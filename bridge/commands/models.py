"""`rigcast models`: the speech-to-face models there are, whether one can be served, and how fast it is."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.commands import CommandError
from bridge.config import DEVICES
from bridge.face import card as cards
from bridge.face.card import Card, ModelError, locate, read_card

if TYPE_CHECKING:
    from bridge.face.model import Model

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

MAX_HOURS = 24.0
MAX_STREAMS = 1024


def add_parser(subparsers: "Subparsers") -> None:
    """Adds `models` and its three commands."""
    parser = subparsers.add_parser("models", help="list, check and measure the models that hear speech")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    show = commands.add_parser("list", help="what there is", description=list_command.__doc__)
    show.add_argument("--json", action="store_true", help="print one JSON list")
    show.set_defaults(run=list_command)

    check = commands.add_parser("check", help="whether a model can be served", description=check_command.__doc__)
    _add_model(check)
    check.add_argument("--hours", type=float, default=0, metavar="H", help="also a stream of that many hours (0)")
    check.add_argument("--json", action="store_true", help="print one JSON object")
    check.set_defaults(run=check_command)

    bench = commands.add_parser("bench", help="how many streams it holds here", description=bench_command.__doc__)
    _add_model(bench)
    bench.add_argument("--streams", default="", metavar="N,N,…", help="streams at once (1,2,4,8,16,32,64,128)")
    bench.add_argument("--seconds", type=float, default=2, metavar="S", help="length of a measurement (2)")
    bench.add_argument("--cuda-graphs", action="store_true", help="replay recorded CUDA graphs")
    bench.add_argument("--json", metavar="FILE", help="write the figures there too")
    bench.set_defaults(run=bench_command)


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model", nargs="?", default="", metavar="FILE", help="an .onnx file, or a name of `models list`"
    )
    parser.add_argument("--device", default="auto", choices=DEVICES, help="where it runs (auto)")


def list_command(args: argparse.Namespace) -> int:
    """List the models that come with Rigcast and those in your own folder, ~/.rigcast/models."""
    found = [_described(file) for file in cards.files()]
    if args.json:
        print(json.dumps(found))
        return 0
    if not found:
        raise CommandError(f"there is no model, neither in {cards.BUILT_IN} nor in {cards.folder()}")
    head = {"model": "MODEL", "version": "VERSION", "look_ahead_ms": "LOOK-AHEAD", "licence": "LICENCE", "size": "SIZE"}
    rows = [head, *(_row(entry) for entry in found)]
    width = {key: max(len(row[key]) for row in rows) for key in head}
    for row, entry in zip(rows, [{}, *found], strict=True):
        print(*(f"{row[key]:{width[key]}}" for key in head), entry.get("error") or entry.get("file", "FILE"), sep="  ")
    return 0


def _described(file: Path) -> dict[str, Any]:
    """What a model says of itself, or why it cannot be read."""
    try:
        card = read_card(file)
    except ModelError as error:
        return {"model": file.stem, "file": str(file), "error": str(error)}
    return {"model": file.stem} | _facts(card)


def _facts(card: Card) -> dict[str, Any]:
    return {
        "file": str(card.file),
        "name": card.name,
        "version": card.version,
        "licence": card.licence,
        "look_ahead_ms": card.look_ahead_ms,
        "bytes": card.bytes,
        "curves": len(card.curves),
        "emotions": list(card.emotions),
    }


def _row(entry: dict[str, Any]) -> dict[str, str]:
    if "error" in entry:
        return dict.fromkeys(("version", "look_ahead_ms", "licence", "size"), "-") | {"model": entry["model"]}
    return {
        "model": entry["model"],
        "version": entry["version"],
        "look_ahead_ms": f"{entry['look_ahead_ms']:g} ms",
        "licence": entry["licence"],
        "size": f"{entry['bytes'] / 1e6:.1f} MB",
    }


def check_command(args: argparse.Namespace) -> int:
    """Try whether a model can be served: its contract, then what it does with real streams. 1 if something failed."""
    if not 0 <= args.hours <= MAX_HOURS:
        raise CommandError(f"--hours {args.hours:g}: it goes from 0 to {MAX_HOURS:g}")
    results = []
    for name, ok, figure in _checks(args):
        results.append({"check": name, "ok": ok, "figure": figure})
        if not args.json:
            print(f"{'  ok  ' if ok else 'FAILED'}  {name:22}  {figure}", flush=True)
    failed = sum(not result["ok"] for result in results)
    if args.json:
        print(json.dumps({"failed": failed, "checks": results}))
    elif failed:
        print(f"\n{failed} failed.")
    else:
        print("\nIt can be served.")
    return 1 if failed else 0


def _checks(args: argparse.Namespace) -> Iterator[tuple[str, bool, str]]:
    from bridge.face.model import load
    from bridge.face.trials import trials

    try:
        model = load(locate(args.model), args.device)
    except ModelError as error:
        yield "contract", False, str(error)
        return
    yield "contract", True, _introduced(model)
    yield from trials(model, args.hours)


def _introduced(model: "Model") -> str:
    card = model.card
    note = f" ({model.note})" if model.note else ""
    return (
        f"{card.name} {card.version}, {card.licence}, {card.bytes / 1e6:.1f} MB, {len(card.curves)} curves, "
        f"{len(card.emotions)} emotions, {card.look_ahead_ms:g} ms ahead, state of {model.state}, "
        f"on {model.device}{note}"
    )


def bench_command(args: argparse.Namespace) -> int:
    """Measure how many streams of 60 frames a second a model holds, in batches and with one run a stream."""
    from bridge.face import speed
    from bridge.face.model import load

    counts = _counts(args.streams) or speed.STREAMS
    if not 0 < args.seconds <= 600:
        raise CommandError(f"--seconds {args.seconds:g}: it goes up to 600")
    try:
        model = load(locate(args.model), args.device, cuda_graphs=args.cuda_graphs)
    except ModelError as error:
        raise CommandError(str(error)) from None
    print(_introduced(model), speed.machine(model), sep="\n", flush=True)
    found = []
    for streams in counts:
        try:
            found.append(speed.measure(model, streams, args.seconds))
        except Exception as error:  # onnxruntime's classes have no common base of their own
            raise CommandError(f"{model.card.file}: it fails with {streams} streams: {error}") from None
        print(speed.row(found[-1]), flush=True)
    if args.json:
        report = {"model": _facts(model.card), "machine": speed.machine(model), "speed": [s.summary() for s in found]}
        Path(args.json).write_text(json.dumps(report, indent=1), encoding="utf-8")
    return 0


def _counts(text: str) -> tuple[int, ...]:
    parts = [part for part in text.split(",") if part]
    if not all(part.isascii() and part.isdecimal() and 1 <= int(part) <= MAX_STREAMS for part in parts):
        raise CommandError(f"--streams {text}: give numbers from 1 to {MAX_STREAMS}, such as 1,16,64")
    return tuple(map(int, parts))
