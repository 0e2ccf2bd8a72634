"""The page's microphone: a real browser whose microphone is a sound file, a real bridge with a tiny model."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile

from bridge.frames import AUDIO_RATE, SAMPLES_PER_FRAME
from rigcast.v1 import session_pb2 as pb
from tests.live_audio import Record, voice
from tests.page import chromium
from tests.page.chromium import Tab
from tests.real_bridge import Bridge, joined, started
from tests.test_preview_page import built, shown
from tests.tiny_model import make

__all__ = ["built"]  # a fixture

LIVE = "rigcast.state === 'live' && !document.getElementById('mic').disabled"
DEVICE = "--use-fake-device-for-media-stream"
CONSENT = "--use-fake-ui-for-media-stream"
SMALL = {"width": 240, "height": 240}
"""The picture does not matter here, and a CPU draws it."""


@pytest.fixture(scope="module")
def bridge(built: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    if chromium.find() is None:
        pytest.skip(f"there is no Chromium; install one, or name it in {chromium.VARIABLE}")
    file = make(tmp_path_factory.mktemp("models") / "tiny.onnx")
    with started("--model", str(file), "--device", "cpu") as running:
        yield running


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the microphone hears, over and over."""
    file = tmp_path_factory.mktemp("sound") / "voice.wav"
    soundfile.write(file, voice(8.0, 48_000), 48_000, "PCM_16")
    return f"--use-file-for-fake-audio-capture={file}"


async def press(tab: Tab) -> None:
    await tab.evaluate("document.getElementById('mic').click()")


async def watch(bridge: Bridge, session: str, record: Record, endings: int) -> None:
    """Record the session until so many utterances have ended."""
    async with joined(bridge, session) as connection:
        while len(record.endings()) < endings:
            record.take([pb.ServerMessage.FromString(await connection.recv(decode=False))])


async def test_the_character_speaks_with_the_user_s_voice_until_it_is_pressed_again(
    bridge: Bridge, spoken: str
) -> None:
    record = Record()
    async with shown(bridge, "session=mic", chromium.AUTOPLAY, DEVICE, CONSENT, spoken, **SMALL) as tab:
        await tab.until(LIVE)
        watching = asyncio.create_task(watch(bridge, "mic", record, 1))
        await press(tab)
        await tab.until("rigcast.mic && document.getElementById('mic').getAttribute('aria-pressed') === 'true'")
        await tab.until("rigcast.events.some((event) => event.kind === 'utteranceStarted')")
        await asyncio.sleep(3)
        await press(tab)
        await tab.until("!rigcast.mic")
        await asyncio.wait_for(watching, chromium.PATIENCE)
        assert await tab.evaluate("rigcast.error") == ""
        assert not [words for words in tab.complaints if "avatar" not in words]  # which is slow to come
    assert record.endings() == [(1, 1)]
    (begin,), (end,) = record.times("utterance_started"), record.times("utterance_ended")
    assert end - begin > 2 * AUDIO_RATE
    record.assert_lips_are_sound(begin // SAMPLES_PER_FRAME + 4, end // SAMPLES_PER_FRAME - 12, share=0.1)


async def test_a_text_takes_over_from_the_microphone(bridge: Bridge, spoken: str) -> None:
    record = Record()
    async with shown(bridge, "session=both", chromium.AUTOPLAY, DEVICE, CONSENT, spoken, **SMALL) as tab:
        await tab.until(LIVE)
        watching = asyncio.create_task(watch(bridge, "both", record, 2))
        await press(tab)
        await tab.until("rigcast.events.some((event) => event.kind === 'utteranceStarted')")
        await tab.evaluate("document.getElementById('text').focus()")
        await tab.type("Hi.")
        await tab.until("!rigcast.mic")
        await asyncio.wait_for(watching, chromium.PATIENCE)
    assert record.endings() == [(1, 2), (2, 1)]


async def test_a_refused_microphone_is_told(bridge: Bridge) -> None:
    async with shown(bridge, "session=denied", DEVICE, "--deny-permission-prompts", **SMALL) as tab:
        await tab.until(LIVE)
        await press(tab)
        told = await tab.until("document.getElementById('notice').textContent")
        assert "does not give this page the microphone" in told
        assert not await tab.evaluate("rigcast.mic")


async def test_a_page_whose_bridge_cannot_hear_says_why(built: Any, tmp_path: Path) -> None:
    with started("--model", str(tmp_path / "none.onnx")) as deaf:
        async with shown(deaf, "session=deaf") as tab:
            await tab.until("rigcast.state === 'live' && document.getElementById('mic').title.includes('none.onnx')")
            assert await tab.evaluate("document.getElementById('mic').disabled")
