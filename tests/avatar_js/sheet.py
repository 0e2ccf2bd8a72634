"""Pictures of characters, taken by three-vrm in a headless Chromium and put on one sheet.

    python tests/avatar_js/sheet.py OUT.png people [--count 10]      ten people by chance, bust
    python tests/avatar_js/sheet.py OUT.png curves [--file FILE]     every curve at 1
    python tests/avatar_js/sheet.py OUT.png views [--file FILE]      one character from all sides
    python tests/avatar_js/sheet.py OUT.png lips [--file FILE]       a sentence, each phone at its middle
    python tests/avatar_js/sheet.py OUT.png emotions [--file FILE]   every emotion at full intensity
    python tests/avatar_js/sheet.py OUT.png together [--count 10]    people by chance, what is hard on lids and lips

Needs the page's packages (`python tools/page.py --dev`) and a Chromium.
"""

import argparse
import asyncio
import contextlib
import functools
import http.server
import json
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MODULES = ROOT / "bridge" / "preview" / "node_modules"
sys.path[:0] = [str(HERE.parent), str(ROOT)]

from page import chromium  # noqa: E402

LAYOUT = {
    "people": (5, 240, 300),
    "curves": (9, 260, 260),
    "views": (4, 480, 480),
    "lips": (8, 150, 150),
    "emotions": (5, 240, 264),
    "together": (8, 240, 240),
}
"""Columns of a sheet, width and height of a picture."""
VIEWS = ("face", "threequarter", "profile", "back", "bust", "full", "full34", "fullback", "fullside", "eyes", "mouth")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves this folder, the page's packages under /node_modules, and the models under /file/<number>."""

    files: tuple[Path, ...] = ()

    def translate_path(self, path: str) -> str:
        if path.startswith("/file/"):
            return str(self.files[int(path[6:])])
        if path.startswith("/node_modules/"):
            return str(MODULES / path[14:].split("?")[0])
        return super().translate_path(path)

    def guess_type(self, path: Any) -> str:
        return "text/javascript" if str(path).endswith((".mjs", ".js")) else super().guess_type(path)

    def log_message(self, *words: Any) -> None:
        pass


@contextlib.contextmanager
def served(files: list[Path]) -> Iterator[str]:
    """The address of a server of the viewer and the files."""
    handler = functools.partial(type("Files", (Handler,), {"files": tuple(files)}), directory=str(HERE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


async def draw(out: Path, shots: list[dict[str, Any]], columns: int, size: tuple[int, int]) -> dict[str, Any]:
    """Draws the shots onto one PNG; returns what three-vrm found in the last file, and the page's complaints.

    A shot: file, view, and optionally curves, presets, bones (Euler angles), seconds of swing, label.
    """
    files = list(dict.fromkeys(Path(shot["file"]) for shot in shots))
    width, height = size
    facts: dict[str, Any] = {}
    with served(files) as address:
        async with chromium.page(f"{address}/page.html", width=columns * width, height=height) as tab:
            await tab.until("window.rigcastReady === true")
            loaded = -1
            for shot in shots:
                index = files.index(Path(shot["file"]))
                if index != loaded:
                    facts = await tab.evaluate(f"rigcastLoad('/file/{index}')")
                    loaded = index
                asked = json.dumps({**shot, "file": None})
                await tab.evaluate(f"rigcastShot({asked}, {width}, {height})")
            rows = -(-len(shots) // columns)
            await tab.resize(columns * width, rows * height)
            await tab.evaluate(f"rigcastSheet({columns}, {width})")
            await tab.screenshot(out)
            return {**facts, "complaints": tab.complaints}


def by_chance(count: int, folder: Path) -> list[str]:
    """Files of people by chance."""
    from bridge.avatar import Params, build

    files = [folder / f"{seed}.vrm" for seed in range(count)]
    for seed, file in enumerate(files):
        file.write_bytes(build(Params.random(seed)))
    return [file.as_posix() for file in files]


def people(count: int, folder: Path) -> list[dict[str, Any]]:
    files = by_chance(count, folder)
    return [{"file": file, "view": "bust", "label": f"seed {k}", "seconds": 0.6} for k, file in enumerate(files)]


HARD: tuple[tuple[str, dict[str, float]], ...] = (
    ("face", {"mouthClose": 1}),
    ("below", {"jawOpen": 1, "mouthClose": 1}),
    ("threequarter", {"jawOpen": 1}),
    ("threequarter", {"mouthPucker": 1, "mouthFunnel": 1}),
    ("face", {"eyeBlinkLeft": 1, "eyeBlinkRight": 1, "mouthSmileLeft": 1, "mouthSmileRight": 1, "cheekSquintLeft": 1}),
    ("threequarter", {"eyeBlinkLeft": 1, "eyeWideLeft": 1, "eyeBlinkRight": 1, "eyeWideRight": 1}),
    ("face", {"noseSneerLeft": 1, "noseSneerRight": 1, "mouthSmileLeft": 1, "mouthSmileRight": 1}),
    ("profile", {"mouthRollLower": 1, "mouthRollUpper": 1, "mouthPressLeft": 1, "mouthPressRight": 1}),
)
"""Curves that press lids and lips against each other, and from where to look at them."""


def together(count: int, folder: Path) -> list[dict[str, Any]]:
    return [
        {"file": file, "view": view, "curves": curves, "label": " ".join(dict.fromkeys(map(unsided, curves)))}
        for file in by_chance(count, folder)
        for view, curves in HARD
    ]


def unsided(curve: str) -> str:
    return curve.removesuffix("Left").removesuffix("Right")


SENTENCE = tuple("b ɒ b z f aɪ v b ɪ ɡ θ ʌ m z m uː v p j ʊə f uː d".split())  # noqa: SIM905  # as it is read
"""Bob's five big thumbs move pure food."""
VOWELS = ("ɒ", "aɪ", "ɪ", "ʌ", "uː", "ʊə")


def spoken() -> list[tuple[str, dict[str, float]]]:
    """Each phone of the sentence and the curves at its middle, from the bridge's own articulation."""
    from bridge.curves import CURVES
    from bridge.face.articulation import articulate
    from bridge.frames import FRAME_RATE, Phone

    phones, start = [], 0.1
    for symbol in SENTENCE:
        end = start + (0.13 if symbol in VOWELS else 0.08)
        phones.append(Phone(symbol, start, end, int(symbol in VOWELS)))
        start = end
    curves = articulate(phones, round((start + 0.3) * FRAME_RATE)).curves
    middles = [curves[round((phone.start + phone.end) / 2 * FRAME_RATE)] for phone in phones]
    return [(p.symbol, dict(zip(CURVES, row.tolist(), strict=True))) for p, row in zip(phones, middles, strict=True)]


def emotions() -> list[tuple[str, dict[str, float]]]:
    """Each emotion and its curves."""
    from bridge.curves import CURVES
    from bridge.face.emotion import EMOTIONS, expression

    return [(name, dict(zip(CURVES, expression(name).tolist(), strict=True))) for name in EMOTIONS]


def of_file(file: Path, what: str) -> list[dict[str, Any]]:
    from bridge.curves import CURVES

    if what == "emotions":
        return [{"file": file.as_posix(), "view": "face", "curves": row, "label": name} for name, row in emotions()]
    if what == "lips":
        return [{"file": file.as_posix(), "view": "mouth", "curves": row, "label": phone} for phone, row in spoken()]
    if what == "views":
        return [{"file": file.as_posix(), "view": view, "label": view, "seconds": 0.6} for view in VIEWS]
    return [{"file": file.as_posix(), "view": "face", "curves": {curve: 1}, "label": curve} for curve in CURVES]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("what", choices=tuple(LAYOUT))
    parser.add_argument("--file", type=Path)
    parser.add_argument("--count", type=int, default=10)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if args.what in ("people", "together"):
            shots = {"people": people, "together": together}[args.what](args.count, Path(folder))
        else:
            from bridge.avatar import default_vrm

            file = args.file or Path(folder) / "default.vrm"
            if not args.file:
                file.write_bytes(default_vrm())
            shots = of_file(file, args.what)
        columns, width, height = LAYOUT[args.what]
        facts = asyncio.run(draw(args.out, shots, columns, (width, height)))
    print(f"{args.out}: {len(shots)} pictures; complaints: {facts['complaints'] or 'none'}")


if __name__ == "__main__":
    main()
