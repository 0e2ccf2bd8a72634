"""One picture of the page with the character in the midst of a cheerful sentence: docs/page.png.

    python tests/page/still.py docs/page.png

Needs a Chromium. Where a CPU draws, chance decides on the moment: look, and take another. The panel of figures is
closed, for they are this machine's.
"""

import argparse
import asyncio
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT)]

from tests.page import chromium  # noqa: E402
from tests.page.chromium import Tab  # noqa: E402
from tests.real_bridge import started  # noqa: E402

TEXT = (
    "Hello! I am made by code, from my fringe to my shoes. Whatever I say is made on your own machine: my voice, "
    "my face and my hands. What shall we talk about?"
)
READY = "rigcast.ready && rigcast.state === 'live' && rigcast.work.triangles > 10000"


async def taken(out: Path) -> None:
    """Opens the page, has the sentence said, and keeps the picture."""
    with started() as bridge:
        address = f"{bridge.page.partition('?')[0]}?session=still&pixels=1&lang=en"
        async with chromium.page(address, chromium.AUTOPLAY) as tab:
            await tab.until(READY, seconds=90)
            await tab.evaluate("document.getElementById('toggle-figures').click()")
            await tab.evaluate("document.querySelector('#emotions [data-emotion=happy]').click()")
            await asyncio.sleep(3)  # until she smiles
            await tab.evaluate("document.getElementById('text').focus()")
            await tab.type(TEXT)
            await tab.until("rigcast.events.filter((event) => event.kind === 'word').length > 2")
            await drawn(tab)
            await tab.screenshot(out)
    print(out)


async def drawn(tab: Tab) -> None:
    """Until a picture of now is to be seen: one is begun when the last is done."""
    before = await tab.evaluate("rigcast.work.pictures")
    await tab.until(f"rigcast.work.pictures > {before} + 1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    asyncio.run(taken(parser.parse_args().out))


if __name__ == "__main__":
    main()
