"""What a model's file says of itself: where models lie, and their metadata, read without running them."""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bridge.curves import INDEX
from bridge.face.emotion import EMOTIONS
from bridge.face.onnx_file import NotOnnxError, head

CONTRACT = "speech2face/1"
RATE = 16_000
DEFAULT = "speech2face"
BUILT_IN = Path(__file__).parent.parent / "models"

MAX_BYTES = 64 * 2**20
MOST_NODES = 10_000
"""Operations, functions written out: ours have 500, and onnxruntime takes a minute for 65,536 that fit into 7 kB."""
MAX_LOOK_AHEAD = RATE // 2
MAX_WINDOW = 2 * RATE
MAX_STATE = 2**18
"""Bounds on a file, on the samples of its look-ahead (500 ms: a face later than that is not live) and window, and on
the numbers in its state: 1 MiB a stream."""

REQUIRED = ("name", "version", "licence", "sample_rate", "frame_rate", "look_ahead", "curves", "emotions")
DESCRIPTIVE = ("data", "command", "seed", "figures", "description")
_NEEDED_CURVES = ("jawOpen", "mouthClose")


class ModelError(Exception):
    """A model cannot be served: the message names the file, what is wrong with it and what to do."""

    def __init__(self, wrong: str, remedy: str = "") -> None:
        super().__init__(f"{wrong}; {remedy}" if remedy else wrong)


class Card(NamedTuple):
    """What a model's metadata say: its name and version, its licence, what it was made from (`about`, any may be "").

    look_ahead in samples at RATE. `curves` and `emotions` in the order of the model's own tensors.
    """

    file: Path
    bytes: int
    name: str
    version: str
    licence: str
    look_ahead: int
    curves: tuple[str, ...]
    emotions: tuple[str, ...]
    about: dict[str, str]

    @property
    def look_ahead_ms(self) -> float:
        """How much of the future the model hears."""
        return self.look_ahead * 1000 / RATE


def folder() -> Path:
    """Where a user's own models are looked for by name."""
    return Path.home() / ".rigcast" / "models"


def files() -> Iterator[Path]:
    """The models that a name finds: those that come with Rigcast, then the user's."""
    for place in (BUILT_IN, folder()):
        if place.is_dir():
            yield from sorted(place.glob("*.onnx"))


def locate(name: str = "") -> Path:
    """The file of a model given as a path or as a name of `files`; "" is the default model. Raises ModelError."""
    name = name or DEFAULT
    found = {path.stem: path for path in reversed(list(files()))}
    if name in found:
        return found[name]
    if Path(name).suffix == ".onnx" or Path(name).is_file():
        return Path(name)
    known = ", ".join(sorted(found)) or f"none, neither in {BUILT_IN} nor in {folder()}"
    raise ModelError(f"there is no model {name!r}; there are: {known}. Or give the path of an .onnx file")


def read_card(file: str | Path) -> Card:
    """What a model says of itself, without running it. Raises ModelError."""
    with named(Path(file)):
        return card_of(Path(file), read(Path(file)))


def read(file: Path) -> bytes:
    """The bytes of a model's file. Raises ModelError."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ModelError(f"it cannot be read: {error.strerror or error}", "`rigcast models list` shows some") from None
    if len(data) > MAX_BYTES:
        raise ModelError(f"it has more than {MAX_BYTES // 2**20} MB", "make the model smaller")
    return data


def card_of(file: Path, data: bytes) -> Card:
    """What the bytes of a file say. Raises ModelError."""
    try:
        metadata, external, nodes = head(data)
    except NotOnnxError as error:
        raise ModelError(str(error), "get the file again, or export the model again") from None
    if external:
        raise ModelError("its weights lie in another file, which is never read", "export it with all weights inside")
    if nodes > MOST_NODES:
        raise ModelError(f"it has more than {MOST_NODES:,} operations", "make the model smaller")
    _check_contract(metadata.get("rigcast_model", ""))
    if missing := [key for key in REQUIRED if not metadata.get(key)]:
        raise ModelError(f"its metadata lack {', '.join(missing)}", "add them to the model's metadata")
    for key, value in (("sample_rate", str(RATE)), ("frame_rate", "60")):
        if metadata[key] != value:
            raise ModelError(f"its {key} is {metadata[key]!r}", f"Rigcast serves {value} only")
    return Card(
        file,
        len(data),
        name=metadata["name"],
        version=metadata["version"],
        licence=metadata["licence"],
        look_ahead=_look_ahead(metadata["look_ahead"]),
        curves=_names("curves", metadata["curves"], INDEX, _NEEDED_CURVES),
        emotions=_names("emotions", metadata["emotions"], EMOTIONS),
        about={key: metadata.get(key, "") for key in DESCRIPTIVE},
    )


def _check_contract(contract: str) -> None:
    kind, _, number = contract.partition("/")
    if contract == CONTRACT:
        return
    if not contract:
        raise ModelError("its metadata lack rigcast_model", f'if it follows the contract, set it to "{CONTRACT}"')
    if kind == CONTRACT.partition("/")[0] and number.isdecimal():
        raise ModelError(f"it follows {contract}, this Rigcast serves {CONTRACT}", "update Rigcast, or the model")
    raise ModelError(f"its rigcast_model is {contract!r}", f"this Rigcast serves {CONTRACT}")


def _look_ahead(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 10 and int(text) <= MAX_LOOK_AHEAD:
        return int(text)
    raise ModelError(f"its look_ahead is {text!r}", f"it must be a number of samples, 0..{MAX_LOOK_AHEAD}")


def _names(field: str, text: str, known: Collection[str], needed: tuple[str, ...] = ()) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if unknown := [name for name in names if name not in known]:
        raise ModelError(f"its {field} name {unknown[0]!r}, which there is not", f"known are {', '.join(known)}")
    if len(set(names)) < len(names):
        raise ModelError(f"its {field} name one twice", "name each once, in the order of the tensor")
    if missing := [name for name in needed if name not in names]:
        raise ModelError(f"its {field} lack {', '.join(missing)}", "a mouth cannot speak without")
    return names


@contextmanager
def named(file: Path) -> Iterator[None]:
    """Every ModelError from within names the file."""
    try:
        yield
    except ModelError as error:
        raise ModelError(f"{file}: {error}") from None


def figures(card: Card) -> dict[str, Any]:
    """What was measured of the model when it was made; empty if it does not say."""
    try:
        found = json.loads(card.about["figures"] or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
