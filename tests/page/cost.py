"""What the page costs a picture: time of its thread, draw calls and triangles, while the character speaks.

    python tests/page/cost.py [--seconds 20]

The thread's own time is counted, all of it: script, messages, style, painting. Other programs do not add to it, nor
does a CPU that draws in place of a GPU. The stream is followed sixty times a second however few pictures there are, so
that the figure for one picture is a bound from above where they are few.
"""

import argparse
import asyncio
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT)]

from tests.page import chromium  # noqa: E402
from tests.real_bridge import started  # noqa: E402

TEXT = (
    "There is a lot to say, and it is said at length, so that the mouth moves and the hair swings all the while. " * 4
)
READY = "rigcast.ready && rigcast.state === 'live' && rigcast.work.pictures > 20"


async def measured(seconds: float) -> None:
    """Prints the figures."""
    with started() as bridge:
        address = f"{bridge.page.partition('?')[0]}?session=cost&pixels=0.25"
        async with chromium.page(address, chromium.AUTOPLAY, width=240, height=240) as tab:
            await tab.until(READY, seconds=90)
            await tab.evaluate("document.getElementById('text').focus()")
            await tab.type(TEXT)
            await tab.command("Performance.enable", timeDomain="threadTicks")
            before = await spent(tab)
            await asyncio.sleep(seconds)
            after = await spent(tab)
            work = await tab.evaluate("rigcast.work")
    pictures = after["pictures"] - before["pictures"]
    script, task = (1000 * (after[name] - before[name]) / pictures for name in ("ScriptDuration", "TaskDuration"))
    print(
        f"the page's thread: {task:.1f} ms a picture, {script:.1f} ms of it script; {pictures / seconds:.0f} pictures/s"
    )
    print(f"draw calls: {work['calls']}, triangles: {work['triangles']:,}")


async def spent(tab: chromium.Tab) -> dict[str, float]:
    """Seconds of the page's thread so far, by kind, and pictures drawn."""
    metrics = await tab.command("Performance.getMetrics")
    found = {metric["name"]: metric["value"] for metric in metrics["metrics"]}
    return found | {"pictures": await tab.evaluate("rigcast.work.pictures")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    asyncio.run(measured(parser.parse_args().seconds))


if __name__ == "__main__":
    main()
