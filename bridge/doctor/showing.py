"""The page, and the character that it shows."""

import asyncio
import time
from collections.abc import AsyncIterator

from bridge.config import Config
from bridge.doctor.finding import Finding, State


async def page(_: Config) -> AsyncIterator[Finding]:
    from bridge.transport.page import DIST

    if (DIST / "index.html").exists():
        size = sum(path.stat().st_size for path in DIST.rglob("*") if path.is_file())
        yield Finding("page", State.OK, f"built, {size / 1e6:.1f} MB")
    else:
        remedy = "in the checkout: make page, or python tools/page.py"
        yield Finding("page", State.BROKEN, "not built: a browser would show nothing", remedy)


async def avatar(_: Config) -> AsyncIterator[Finding]:
    from bridge.avatar import default_vrm

    began = time.perf_counter()
    vrm = await asyncio.to_thread(default_vrm)
    took = time.perf_counter() - began
    if vrm[:4] == b"glTF":
        yield Finding("avatar", State.OK, f"a VRM of {len(vrm) / 1e6:.1f} MB, made in {took:.1f} s")
    else:
        yield Finding("avatar", State.BROKEN, "what was made is no VRM", "this is a fault of ours: report it")
