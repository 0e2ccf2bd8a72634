"""A performance as a sheet of pictures, taken from the real page with a real bridge behind it.

    python tests/page/film.py OUT.png [--file FILE] [--camera face|bust|full] [--size 320]

Thirty seconds of idling, a sentence, one that is interrupted, surprise, sadness, joy; each picture says its moment.
Needs a Chromium. For eyes, not for a measure: a CPU that draws shows few pictures a second.
"""

import argparse
import asyncio
import base64
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT)]

from tests.page import chromium  # noqa: E402
from tests.page.chromium import Tab  # noqa: E402
from tests.real_bridge import started  # noqa: E402

COLUMNS = 8
SENTENCE = "Bob's five big thumbs move pure food. What a lovely evening it is, with all of you around!"
LONG = "This is a long story that nobody will hear to its end, because somebody has something to ask."
SCENES = (
    # what, what the page does, pictures, seconds between them
    ("idle", "", 16, 1.9),
    ("speak", f"say {SENTENCE}", 16, 0.3),
    ("interrupt", f"say {LONG}", 5, 0.4),
    ("silence", "stop", 3, 0.3),
    ("surprised", "emotion surprised", 8, 0.35),
    ("sad", "emotion sad", 8, 0.5),
    ("happy", "emotion happy", 4, 0.4),
    ("happy speech", f"say {SENTENCE}", 12, 0.35),
)


async def act(tab: Tab, what: str) -> None:
    """Do what a person at the page would."""
    verb, _, words = what.partition(" ")
    if verb == "say":
        told = json.dumps(words)
        await tab.evaluate(
            f"(document.getElementById('text').value = {told}, document.getElementById('speak').requestSubmit())"
        )
        await tab.until(f"rigcast.events.findLast((e) => e.kind === 'utteranceStarted')?.text === {told}")
    elif verb == "stop":
        await tab.press("Escape", 27)
    elif verb == "emotion":
        await tab.evaluate(f"document.querySelector('#emotions [data-emotion={words}]').click()")


async def pictures(tab: Tab, folder: Path) -> AsyncIterator[tuple[str, Path]]:
    """A label and a file for every picture of every scene."""
    for name, what, count, pause in SCENES:
        if what:
            await act(tab, what)
        begin = time.monotonic()
        for number in range(count):
            await asyncio.sleep(max(0.0, begin + number * pause - time.monotonic()))
            file = folder / f"{name}-{number}.png"
            label = f"{name} {time.monotonic() - begin:.1f} s"
            await tab.screenshot(file)
            yield label, file


async def film(out: Path, query: str, size: int, folder: Path) -> None:
    """Plays the scenes and puts their pictures on one sheet."""
    with started() as bridge:
        address = f"{bridge.page.partition('?')[0]}?session=film&pixels=1&lang=en&overlay=1&ground=%23e9e4f5&{query}"
        async with chromium.page(address, chromium.AUTOPLAY, width=size, height=size) as tab:
            await tab.until("rigcast.ready && rigcast.state === 'live' && rigcast.frames > 60", seconds=90)
            taken = [shot async for shot in pictures(tab, folder)]
            complaints = tab.complaints
        cells = [(label, "data:image/png;base64," + base64.b64encode(f.read_bytes()).decode()) for label, f in taken]
        rows = -(-len(cells) // COLUMNS)
        async with chromium.page("about:blank", width=COLUMNS * size, height=rows * size) as sheet:
            await sheet.evaluate(SHEET.format(cells=json.dumps(cells), columns=COLUMNS, size=size))
            await sheet.screenshot(out)
    print(f"{out}: {len(cells)} pictures; complaints: {complaints or 'none'}")


SHEET = """(() => {{
  document.body.style.cssText =
    "margin:0;display:grid;grid-template-columns:repeat({columns},{size}px);font:13px sans-serif";
  document.body.replaceChildren(...{cells}.map(([label, source]) => {{
    const figure = document.createElement("figure"), words = document.createElement("figcaption");
    figure.style.cssText = "margin:0;position:relative";
    words.style.cssText = "position:absolute;left:4px;top:2px";
    const image = new Image(); image.src = source; words.textContent = label;
    figure.append(image, words);
    return figure;
  }}));
  return Promise.all([...document.images].map((image) => image.decode()));
}})()"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--camera", choices=("face", "bust", "full"), default="bust")
    parser.add_argument("--size", type=int, default=320)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(film(args.out, f"camera={args.camera}", args.size, Path(folder)))


if __name__ == "__main__":
    main()
