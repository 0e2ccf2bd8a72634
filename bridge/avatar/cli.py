"""`rigcast avatar`: make a character, and see what one is made of."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.avatar import DEFAULT, Params, ParamsError, build, build_gltf, default_vrm, glb
from bridge.avatar.glb import GlbError
from bridge.commands import CommandError

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

LARGEST_PARAMS = 64 * 1024
"""Bytes of a parameter file; a whole one has about two thousand."""


def add_parser(subparsers: "Subparsers") -> None:
    """Adds `avatar` and its two commands."""
    parser = subparsers.add_parser("avatar", help="make and inspect the character")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    make = commands.add_parser("build", help="write a character to a file", description=build_command.__doc__)
    make.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="mei.vrm for VRM 1.0, mei.glb for plain glTF 2.0"
    )
    who = make.add_mutually_exclusive_group()
    who.add_argument(
        "--params", type=Path, metavar="FILE", help="JSON of parameters; those left out keep their defaults"
    )
    who.add_argument("--random", type=int, metavar="SEED", help="a person by chance, the same for the same number")
    make.add_argument("--name", default="Mei", help="the character's name in the file (default: %(default)s)")
    make.set_defaults(run=build_command)

    show = commands.add_parser("show", help="say what a character is made of", description=show_command.__doc__)
    show.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="a .vrm or .glb (default: the built-in character)"
    )
    show.add_argument("--params", action="store_true", help="only the parameters, as JSON for `avatar build --params`")
    show.add_argument("--fields", action="store_true", help="only what each parameter means, and its bounds")
    show.set_defaults(run=show_command)


def build_command(args: argparse.Namespace) -> int:
    """Write a character as VRM 1.0 (.vrm) or plain glTF 2.0 (.glb). The same parameters give the same bytes."""
    suffix = args.out.suffix.lower()
    if suffix not in (".vrm", ".glb"):
        raise CommandError(f"--out {args.out}: the name must end in .vrm (VRM 1.0) or .glb (plain glTF 2.0)")
    if not args.out.parent.is_dir():
        raise CommandError(f"--out {args.out}: there is no folder {args.out.parent}")
    params = chosen(args.params, args.random)
    data = build(params, args.name) if suffix == ".vrm" else build_gltf(params)
    args.out.write_bytes(data)
    print(f"{args.out}: {len(data) / 1e6:.1f} MB, {summary(document(data, args.out))}")
    return 0


def show_command(args: argparse.Namespace) -> int:
    """Say what a character is made of: bones, curves, triangles, licence, and the parameters that it was made from."""
    if args.fields:
        print("\n".join(field_lines()))
        return 0
    data = glb.bytes_of(args.file) if args.file else default_vrm()
    name = args.file or "the built-in character"
    facts = document(data, name)
    params = facts.get("asset", {}).get("extras", {}).get("rigcast_params")
    if not args.params:
        print(f"{name}: {len(data) / 1e6:.1f} MB, {summary(facts)}")
    elif params is None:
        raise CommandError(f"{name} carries no parameters: `rigcast avatar build` did not make it")
    if params is not None:
        print(json.dumps(params, indent=2))
    return 0


def chosen(file: Path | None, seed: int | None) -> Params:
    """The parameters that the flags ask for. Raises CommandError."""
    if seed is not None:
        if seed < 0:
            raise CommandError(f"--random {seed}: the seed must be 0 or more")
        return Params.random(seed)
    if file is None:
        return DEFAULT
    if file.stat().st_size > LARGEST_PARAMS:
        raise CommandError(f"--params {file}: larger than {LARGEST_PARAMS} bytes; is it a parameter file?")
    try:
        return Params.from_json(file.read_text(encoding="utf-8"))
    except (ParamsError, UnicodeDecodeError) as error:
        raise CommandError(f"--params {file}: {error}") from None


def field_lines() -> list[str]:
    """One line a parameter: name, bounds, default, meaning."""
    lines = []
    for field in Params.fields():
        meta = field.metadata
        bounds = (
            "#rrggbb"
            if "colour" in meta
            else "|".join(meta["options"])
            if "options" in meta
            else f"{meta['low']:g}..{meta['high']:g}"
        )
        lines.append(f"{field.name:16} {bounds:42} {field.default!s:10} {meta['doc']}")
    return lines


def document(data: bytes, name: object) -> dict[str, Any]:
    """The JSON of a GLB. Raises CommandError for anything else."""
    try:
        return glb.document(data)
    except GlbError as error:
        raise CommandError(f"{name}: {error}") from None


def summary(facts: dict[str, Any]) -> str:
    """What stands in a glTF document, in a line. Raises CommandError where the document lacks what it should have."""
    try:
        return _summary(facts)
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise CommandError(f"not as glTF or VRM 1.0 has it: {type(error).__name__}: {str(error)[:80]}") from None


def printable(text: str) -> str:
    """What a stranger wrote, without what moves a terminal's cursor."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _summary(facts: dict[str, Any]) -> str:
    meshes, accessors = facts.get("meshes", []), facts.get("accessors", [])
    primitives = [primitive for mesh in meshes for primitive in mesh.get("primitives", [])]
    triangles = sum(accessors[p["indices"]]["count"] // 3 for p in primitives if "indices" in p)
    curves = max((len(mesh.get("extras", {}).get("targetNames", [])) for mesh in meshes), default=0)
    vrm = facts.get("extensions", {}).get("VRMC_vrm")
    bones = len(vrm["humanoid"]["humanBones"]) if vrm else sum(len(skin["joints"]) for skin in facts.get("skins", []))
    words = [f"{triangles} triangles", f"{len(primitives)} primitives", f"{curves} curves"]
    if vrm:
        expressions, meta = vrm.get("expressions", {}), vrm["meta"]
        count = len(expressions.get("preset", {})) + len(expressions.get("custom", {}))
        words = [
            f"VRM {vrm['specVersion']} {meta['name']!r}",
            f"licence {printable(str(meta['licenseUrl']))}",
            *words,
            f"{count} expressions",
        ]
    return ", ".join([*words, f"{bones} bones"])
