"""What the page costs a picture: script time, draw calls and triangles, while the character speaks.

    python tests/page/cost.py [--seconds 20]

The picture is small, so that a CPU that draws does not stand in the way; script time does not depend on its size.
"""

import argparse
import asyncio
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT)]

from tests.page import chromium  # noqa: E402
from tests.real_bridge import started  # noqa: E402

TEXT = (
    "There is a lot to say, and it is said at length, so that the mouth moves and the hair swings all the while. " * 4
)
READY = "rigcast.ready && rigcast.state === 'live' && rigcast.work.ms.length > 20"


async def measured(seconds: float) -> None:
    """Prints the figures."""
    with started() as bridge:
        address = f"{bridge.page.partition('?')[0]}?session=cost&pixels=0.25"
        async with chromium.page(address, chromium.AUTOPLAY, width=240, height=240) as tab:
            await tab.until(READY, seconds=90)
            await tab.evaluate("document.getElementById('text').focus()")
            await tab.type(TEXT)
            await tab.evaluate("rigcast.work.ms.splice(0)")
            await asyncio.sleep(seconds)
            work, rate = await tab.evaluate("rigcast.work"), await tab.evaluate("rigcast.rate")
    ms = np.array(work["ms"])
    print(f"script a picture: median {np.median(ms):.1f} ms, 95 % {np.percentile(ms, 95):.1f} ms, {len(ms)} pictures")
    print(f"draw calls: {work['calls']}, triangles: {work['triangles']:,}; pictures a second here: {rate:.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    asyncio.run(measured(parser.parse_args().seconds))


if __name__ == "__main__":
    main()
