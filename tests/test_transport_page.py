"""The page's port: a client's time is limited, ours is not."""

import asyncio
import time
from pathlib import Path

import pytest

from bridge import server
from bridge.config import Config
from bridge.transport.page import AVATAR, File, Page
from tests.hostile import pages
from tests.real_bridge import PATIENCE


async def test_an_avatar_that_takes_longer_than_a_handshake_may_is_sent_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly() -> bytes:
        time.sleep(1.5)
        return b"glTF"

    monkeypatch.setattr(server, "_avatar", slowly)
    config = Config(http_port=0, grpc_port=0, handshake_s=1, tokens_file=str(tmp_path / "none"))

    def fetch(bound: Config) -> bytes:
        with pages().open(f"{bound.page_url}avatar.vrm", timeout=PATIENCE) as answer:
            return bytes(answer.read())

    async with server.running(config) as bound:
        both = await asyncio.gather(*(asyncio.to_thread(fetch, bound) for _ in range(2)))
    assert both == [b"glTF", b"glTF"]


async def test_an_avatar_that_could_not_be_made_is_tried_again(tmp_path: Path) -> None:
    tries = 0

    def made() -> bytes:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise OSError("no memory")
        return b"glTF"

    page = Page(made, folder=tmp_path)
    await page.get("/")  # begins it, and does not wait for it
    for _ in range(2):
        with pytest.raises(OSError, match="no memory"):
            await page.get(AVATAR)
    assert await page.get(AVATAR) == await page.get(AVATAR) == File("model/gltf-binary", b"glTF")
    assert tries == 3
