"""What a stranger meets on the page: OBS, other people's files, faults, a weak machine, a screen reader."""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from bridge.avatar import Params, build_gltf
from tests.page import chromium
from tests.page.chromium import Tab
from tests.real_bridge import Bridge, started
from tests.test_preview_page import LIVE, PAGE, bridge, built, choose, say, shown

__all__ = ["bridge", "built"]  # fixtures

SMALL = {"width": 480, "height": 400}
NOTICE = "!document.getElementById('notice').hidden && document.getElementById('notice').textContent"
SEEN = (
    "[...document.querySelectorAll('body *')].filter((node) => node.checkVisibility() && node.getClientRects().length"
)
LONG = "This is a long sentence, and nobody stops it before it has come to its end, though somebody might."


async def drawn(tab: Tab) -> None:
    """Until the character is to be seen: a picture is begun when the last is done."""
    await tab.until(LIVE + " && rigcast.work.triangles > 10000")
    before = await tab.evaluate("rigcast.work.pictures")
    await tab.until(f"rigcast.work.pictures > {before} + 1")


async def picture(tab: Tab, folder: Path) -> np.ndarray:
    """The page as it is, height by width by red, green, blue, alpha; what is not drawn on is transparent."""
    clear = {"r": 0, "g": 0, "b": 0, "a": 0}
    await tab.command("Emulation.setDefaultBackgroundColorOverride", color=clear)
    await tab.screenshot(folder / "page.png")
    with av.open(folder / "page.png") as file:
        return next(file.decode(video=0)).to_ndarray(format="rgba")


async def drop(tab: Tab, file: Path) -> None:
    """Drag a file from outside onto the page, and let go."""
    data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        await tab.command("Input.dispatchDragEvent", type=kind, x=100, y=100, data=data)
        if kind == "dragOver":
            await tab.until("document.body.matches('.dropping')")


def shares(alpha: np.ndarray) -> tuple[float, float]:
    """How much of a picture is wholly transparent, and how much wholly opaque."""
    return float((alpha == 0).mean()), float((alpha == 255).mean())


async def test_obs_gets_the_character_alone_on_nothing_or_on_a_colour(bridge: Bridge, tmp_path: Path) -> None:
    """From the button to the picture, with the address that is offered for copying."""
    async with shown(bridge, "session=obs&camera=face", chromium.AUTOPLAY, **SMALL) as tab:
        await tab.until(LIVE)
        await tab.evaluate("document.getElementById('show-overlay').click()")
        clear = await tab.evaluate("document.getElementById('overlay-address').value")
        ground = "document.getElementById('overlay-ground')"
        await tab.evaluate(f"({ground}.selectedIndex = 1, {ground}.dispatchEvent(new Event('change')))")
        green = await tab.evaluate("document.getElementById('overlay-address').value")
        assert {"session=obs", "camera=face", "overlay=1"} <= set(clear.partition("?")[2].split("&"))
        await tab.command("Page.navigate", url=clear)
        await drawn(tab)
        assert await tab.evaluate(SEEN + ").map((node) => node.tagName)") == ["MAIN", "CANVAS"]
        nothing, character = shares((await picture(tab, tmp_path))[..., 3])
        assert nothing > 0.3
        assert character > 0.2
        assert nothing + character > 0.97, "the rest is the edge"
        await tab.command("Page.navigate", url=green)
        await drawn(tab)
        seen = await picture(tab, tmp_path)
    assert shares(seen[..., 3])[1] == 1
    keyed = (seen[..., :3] == (0, 255, 0)).all(2)
    assert keyed[:40, :40].all()
    assert keyed.mean() == pytest.approx(nothing, abs=0.1)
    red, blue = seen[..., 0].astype(int), seen[..., 2].astype(int)
    spilt = ~keyed & (seen[..., 1] > red + 60) & (seen[..., 1] > blue + 60)
    assert spilt.mean() < 0.02, "the colour is on the character"


async def test_an_overlay_that_shows_nothing_says_why(built: Any) -> None:
    with started(RIGCAST_TOKEN="a-token-for-this-test") as locked:
        async with shown(locked, "overlay=1&lang=en", **SMALL) as tab:
            assert "?token=" in await tab.until(NOTICE)
            await tab.until("rigcast.state === 'refused'")
            seen = await tab.evaluate(SEEN + ").map((node) => node.id)")
            assert seen == ["", "stage", "desk", "notice"]


async def test_why_there_is_no_character_is_told_until_there_is_one(bridge: Bridge, tmp_path: Path) -> None:
    """Also once the line is live, and when a text is spoken."""
    async with shown(bridge, "session=bare&avatar=none.vrm&lang=en", chromium.AUTOPLAY, **SMALL) as tab:
        assert "none.vrm: 404" in await tab.until(f"rigcast.state === 'live' && rigcast.frames > 30 && {NOTICE}")
        await say(tab, "Hello.")
        assert "none.vrm: 404" in await tab.until(NOTICE)
        (tmp_path / "own.glb").write_bytes(build_gltf(Params.random(3)))
        await choose(tab, tmp_path / "own.glb")
        await tab.until("fitting.open")
        await tab.evaluate("document.querySelector('#fitting .primary').click()")
        await tab.until("rigcast.ready && document.getElementById('notice').hidden")
    async with shown(bridge, "session=blind&lang=en", "--disable-3d-apis", **SMALL) as tab:
        assert "WebGL" in await tab.until(f"rigcast.state === 'live' && rigcast.frames > 30 && {NOTICE}")


async def test_guesses_are_shown_first_and_escape_only_closes_the_question(bridge: Bridge, tmp_path: Path) -> None:
    strange = build_gltf(Params.random(5)).replace(b'"eyeBlinkLeft"', b'"leftEyeBlink"')
    (tmp_path / "strange.glb").write_bytes(strange)
    async with shown(bridge, "session=guess&lang=en", chromium.AUTOPLAY, **SMALL) as tab:
        await tab.until(LIVE)
        await say(tab, LONG)
        await tab.until("rigcast.events.some((event) => event.kind === 'utteranceStarted')")
        await drop(tab, tmp_path / "strange.glb")
        await tab.until("fitting.open")
        assert await tab.evaluate("document.querySelector('#fitting details').open")
        first = await tab.evaluate(
            "[...document.querySelector('#fitting-rows tr').cells].map((cell) => cell.textContent)"
        )
        assert first == ["leftEyeBlink", "eyeBlinkLeft", "a guess"]
        buttons = "document.querySelector('#fitting .choices').getBoundingClientRect()"
        assert await tab.evaluate(f"{buttons}.bottom <= innerHeight && {buttons}.top > 0"), "they are out of sight"
        await tab.press("Escape", 27)
        await tab.until("!fitting.open")
        await tab.until("rigcast.events.some((event) => event.kind === 'utteranceEnded')")
        assert await tab.evaluate("rigcast.events.findLast((event) => event.kind === 'utteranceEnded').reason") == 1


async def test_a_machine_that_cannot_keep_up_draws_fewer_pixels(bridge: Bridge) -> None:
    async with shown(bridge, "session=weak", chromium.AUTOPLAY, **SMALL) as tab:
        await tab.until(LIVE)
        await tab.command("Emulation.setCPUThrottlingRate", rate=6)
        await tab.until("rigcast.work.level > 0", seconds=40)
        await tab.command("Emulation.setCPUThrottlingRate", rate=1)
        assert await tab.evaluate("stage.width < stage.clientWidth")


async def test_less_motion_is_granted(bridge: Bridge) -> None:
    async with shown(bridge, "session=still", **SMALL) as tab:
        still = [{"name": "prefers-reduced-motion", "value": "reduce"}]
        await tab.command("Emulation.setEmulatedMedia", features=still)
        await tab.until(LIVE + " && !document.getElementById('badge').hidden")
        assert await tab.evaluate("document.getAnimations().filter((a) => a.playState === 'running').length") == 0


@pytest.mark.parametrize("size", [(400, 760), (1280, 800)], ids=["phone", "laptop"])
async def test_an_audit_of_accessibility_finds_nothing(bridge: Bridge, tmp_path: Path, size: tuple[int, int]) -> None:
    """axe-core's rules, with every panel and question open that there is."""
    (tmp_path / "other.glb").write_bytes(build_gltf())
    audit = "axe.run().then(({ violations }) => violations.map((v) => [v.id, ...v.nodes.map((n) => n.target.join())]))"
    async with shown(bridge, "session=axe&pixels=0.25", width=size[0], height=size[1]) as tab:
        await tab.until(LIVE)
        await tab.command("Runtime.evaluate", expression=(PAGE / "node_modules/axe-core/axe.min.js").read_text("utf-8"))
        await tab.evaluate("document.getElementById('toggle-inspector').click()")
        await say(tab, LONG)
        assert await tab.evaluate(audit) == []
        outside = "(button) => button.getBoundingClientRect().right > innerWidth"
        assert await tab.evaluate(f"[...document.querySelectorAll('button')].filter({outside}).map((b) => b.id)") == []
        await tab.evaluate("document.getElementById('show-overlay').click()")
        assert await tab.evaluate(audit) == []
        await tab.evaluate("document.getElementById('overlay').close()")
        await choose(tab, tmp_path / "other.glb")
        await tab.until("fitting.open")
        await tab.evaluate("document.querySelector('#fitting details').open = true")
        assert await tab.evaluate(audit) == []
