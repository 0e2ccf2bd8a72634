"""What may be asked for by HTTP: the built preview page, the default avatar, the metrics."""

import asyncio
import mimetypes
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

DIST = Path(__file__).parent.parent / "preview" / "dist"
AVATAR = "/avatar.vrm"
METRICS = "/metrics"
NOT_BUILT = b"""<!doctype html><meta charset="utf-8"><title>Rigcast</title>
<p>The bridge runs, but its page has not been built. In the checkout: <code>python tools/page.py</code>,
then start the bridge again.
"""
TYPES = {".js": "text/javascript", ".vrm": "model/gltf-binary", ".glb": "model/gltf-binary"}
"""What some machines' registries get wrong or do not know."""


class File(NamedTuple):
    """What is sent for a path."""

    type: str
    body: bytes


class Page:
    """Looks files up by path. Only what lay under `folder` at the start is ever read; `avatar` makes the avatar,
    `metrics` tells what Prometheus wants to know."""

    def __init__(
        self, avatar: Callable[[], bytes], metrics: Callable[[], bytes] = lambda: b"", folder: Path = DIST
    ) -> None:
        self._make_avatar = avatar
        self._avatar: asyncio.Future[bytes] | None = None
        self._metrics = metrics
        self._files = {"/" + p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}

    async def get(self, path: str) -> File | None:
        """The file at a path, None if there is none."""
        if path in ("/", AVATAR):  # whoever opens the page asks for the avatar next
            making = self._making()
        if path == AVATAR:
            return File(TYPES[".vrm"], await asyncio.shield(making))
        if path == METRICS:
            return File("text/plain; version=0.0.4; charset=utf-8", self._metrics())
        if path == "/" and "/index.html" not in self._files:
            return File("text/html; charset=utf-8", NOT_BUILT)
        file = self._files.get("/index.html" if path == "/" else path)
        return File(_type(file), await asyncio.to_thread(file.read_bytes)) if file else None

    def _making(self) -> asyncio.Future[bytes]:
        """The avatar, made or in the making; begun anew where that failed."""
        making = self._avatar
        if making is None or (making.done() and (making.cancelled() or making.exception())):
            making = self._avatar = asyncio.ensure_future(asyncio.to_thread(self._make_avatar))
        return making


def _type(file: Path) -> str:
    kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
