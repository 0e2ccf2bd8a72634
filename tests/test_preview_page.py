"""The page in a real browser, fed by a real bridge; and the page's own tests, types and generated code."""

import asyncio
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

from bridge.avatar import Params, build_gltf
from bridge.curves import CURVES
from tests.page import chromium, vrm0
from tests.page.chromium import Tab
from tests.real_bridge import Bridge, started

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "bridge" / "preview"
ARTIFACTS = ROOT / "artifacts"
TEXT = "Bob's big thumbs move pure food."
BILABIALS = {"p", "b", "m"}
LIVE = "rigcast.ready && rigcast.state === 'live' && rigcast.playheadUs > 0"
HEARD = LIVE + " && rigcast.audio.state === 'running'"
CALM = HEARD + " && rigcast.log.filter((entry) => entry.us > rigcast.playheadUs - 1e6).length > 50"
"""The page runs at its pace: shaders are compiled, which a CPU that draws takes seconds for."""


def tool() -> Any:
    """tools/page.py as a module."""
    spec = importlib.util.spec_from_file_location("page_tool", ROOT / "tools" / "page.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def built() -> Any:
    """Node, with the page and what its tests need built and installed."""
    page = tool()
    try:
        node = page.find_node()
        page.build(node, dev=True)
    except page.PageError as error:
        pytest.skip(str(error))
    return node


@pytest.fixture(scope="module")
def bridge(built: Any) -> Iterator[Bridge]:
    if chromium.find() is None:
        pytest.skip(f"there is no Chromium; install one, or name it in {chromium.VARIABLE}")
    with started() as running:
        yield running


def shown(bridge: Bridge, query: str, *flags: str, **size: int) -> AbstractAsyncContextManager[Tab]:
    """The bridge's page in a browser."""
    return chromium.page(address(bridge, query), *flags, **size)


def address(bridge: Bridge, query: str) -> str:
    """The page's address; what the bridge prints may end in a hint at the token."""
    return f"{bridge.page.partition('?')[0]}?{query}"


async def say(tab: Tab, text: str) -> None:
    """Type a text as a person would."""
    await tab.evaluate("document.getElementById('text').focus()")
    await tab.type(text)


# What Node checks


def test_the_page_s_own_tests_pass(built: Any) -> None:
    run_node(built, "vitest/vitest.mjs", "run")


def test_the_page_s_types_are_right(built: Any) -> None:
    run_node(built, "typescript/bin/tsc")


def test_the_page_reads_the_wire_as_it_is_now(built: Any, tmp_path: Path) -> None:
    buf = shutil.which("buf", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if buf is None:
        pytest.skip("there is no buf; it comes with the extra dev")
    wire = ["--path", ROOT / "proto" / "rigcast" / "v1"]  # all that the page speaks
    built.run([buf, "generate", ROOT / "proto", *wire, "--output", tmp_path])
    fresh = {p.name: p.read_bytes() for p in (tmp_path / "src" / "gen").rglob("*.ts")}
    committed = {p.name: p.read_bytes() for p in (PAGE / "src" / "gen").rglob("*.ts")}
    assert fresh == committed, "src/gen is stale: in bridge/preview, npm run generate, and commit"


def test_the_built_page_carries_the_licences_of_all_that_is_in_it(built: Any) -> None:
    told = (PAGE / "dist" / "licenses.md").read_text(encoding="utf-8")
    packages = json.loads((PAGE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for name in packages.keys() - {"vite"}:  # it builds the page and stays behind
        assert f"## {name} - {packages[name]}" in told
    for words in ("pixiv Inc.", "three.js authors", "Google Inc.", "Apache License", "Buf Technologies"):
        assert words in told


def run_node(node: Any, script: str, *arguments: str) -> None:
    done = subprocess.run(
        [*node.node, str(PAGE / "node_modules" / script), *arguments],
        cwd=PAGE, env={**os.environ, "NO_COLOR": "1"}, capture_output=True, text=True, encoding="utf-8", timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_is_built_anew_only_when_it_is_older_than_a_source(tmp_path: Path) -> None:
    page = tool()
    page.PAGE, page.BUILT = tmp_path, tmp_path / "dist" / "index.html"
    for name in ("src", "public", "dist"):
        (tmp_path / name).mkdir()
    for name in ("index.html", "package-lock.json", "vite.config.ts", "tsconfig.json", "src/main.ts"):
        (tmp_path / name).touch()
    assert not page.is_built()
    page.BUILT.touch()
    later = page.BUILT.stat().st_mtime + 10
    os.utime(page.BUILT, (later, later))
    assert page.is_built()
    os.utime(tmp_path / "src" / "main.ts", (later + 10, later + 10))
    assert not page.is_built()


# What a browser shows


class Saw:
    """What the page's own log says of the last sentence: what was heard and shown when, in session microseconds."""

    def __init__(self, probe: dict[str, Any]) -> None:
        log = probe["log"]
        self.audio = probe["audio"]
        self.events = probe["events"]
        self.us = np.array([entry["us"] for entry in log])
        self.sound_us = np.array([entry["soundUs"] for entry in log], float)
        self.level_us = np.array([entry["levelUs"] for entry in log], float)
        self.level = np.array([entry["level"] for entry in log])
        self._curves = dict(zip(probe["logged"], np.array([entry["curves"] for entry in log]).T, strict=True))

    def curve(self, name: str) -> np.ndarray:
        """One curve over the log."""
        return self._curves[name]

    @property
    def gap(self) -> np.ndarray:
        """How far the lips stand apart: about 0 shut, about 1 wide open."""
        parting = self.curve("mouthLowerDownLeft") + self.curve("mouthUpperUpLeft")
        return self.curve("jawOpen") - self.curve("mouthClose") + 0.5 * parting

    def one(self, kind: str) -> dict[str, Any]:
        """The last event of a kind."""
        return [event for event in self.events if event["kind"] == kind][-1]

    @property
    def begin(self) -> float:
        """When it began to speak."""
        return float(self.one("utteranceStarted")["us"])

    @property
    def end(self) -> float:
        """When it had spoken."""
        return float(self.one("utteranceEnded")["us"])

    @property
    def phones(self) -> list[dict[str, Any]]:
        """The speech sounds of the last sentence."""
        return [event for event in self.events if event["kind"] == "phone" and event["us"] >= self.begin]

    def within(self, begin_us: float, end_us: float) -> np.ndarray:
        """Which entries of the log lie in a stretch of time."""
        return (self.us >= begin_us) & (self.us <= end_us)


async def test_a_sentence_is_heard_and_the_lips_close_in_time(bridge: Bridge) -> None:
    async with shown(bridge, "session=heard&camera=face", chromium.AUTOPLAY, width=480, height=400) as tab:
        saw = await undisturbed(tab, TEXT)
        complaints, requests = tab.complaints, tab.requests
        rig = await tab.evaluate("rigcast.rig")

    assert saw.one("utteranceStarted")["text"] == TEXT
    assert saw.audio["scheduled"] > 5
    assert_sound(saw)
    assert_face(saw)
    assert rig["missingCurves"] == []
    assert rig["missingJoints"] == []
    assert complaints == []
    hosts = {urlsplit(url).netloc for url in requests if not url.startswith(("blob:", "data:"))}
    assert hosts == {urlsplit(bridge.page).netloc}, "the page spoke to another machine"


async def undisturbed(tab: Tab, text: str) -> Saw:
    """What was heard and seen of a text. A machine that others keep busy may stall a browser's sound and pictures;
    the text is then said again, five times in all."""
    for _ in range(5):
        await tab.until(CALM)
        before = await tab.evaluate("[rigcast.audio.underruns, rigcast.audio.lost]")
        count = await tab.evaluate("rigcast.events.filter((event) => event.kind === 'utteranceEnded').length")
        await say(tab, text)
        await tab.until(f"rigcast.events.filter((event) => event.kind === 'utteranceEnded').length > {count}")
        await asyncio.sleep(0.5)
        saw = Saw(await tab.evaluate("rigcast"))
        gap_us = np.diff(saw.us[saw.within(saw.begin - 100_000, saw.end)]).max()
        if [saw.audio["underruns"], saw.audio["lost"]] == before and gap_us < 35_000:
            return saw
    raise AssertionError(f"never undisturbed: {saw.audio}, {gap_us / 1000:.0f} ms between two looks at the face")


def assert_sound(saw: Saw) -> None:
    """It sounds while it speaks and not before, and the face is where the device's play-head is."""
    speaking = (saw.level_us > saw.begin + 50_000) & (saw.level_us < saw.end - 50_000)
    waiting = (saw.level_us > saw.begin - 500_000) & (saw.level_us < saw.begin - 20_000)
    assert np.median(saw.level[speaking]) > 0.01
    assert np.all(saw.level[waiting] < 1e-3)
    apart = np.abs(saw.us - saw.sound_us)[saw.within(saw.begin, saw.end)]
    assert np.isfinite(apart).mean() > 0.9
    assert np.nanpercentile(apart, 90) < 15_000


def assert_face(saw: Saw) -> None:
    """The jaw moves, and every P B M shuts the lips while it sounds; what lies between opens them."""
    spoken = saw.within(saw.begin, saw.end)
    assert np.ptp(saw.curve("jawOpen")[spoken]) > 0.15
    assert np.median(saw.gap[spoken]) > 0.05
    shut = [p for p in saw.phones if p["symbol"] in BILABIALS]
    assert len(shut) == 6  # Bob's (2), big, thumbs, move, pure
    for phone in shut:
        # looks are up to 35 ms apart, and the shortest of these sounds would fall between two
        during = saw.within(phone["us"] - 17_500, phone["us"] + phone["durationUs"] + 17_500)
        assert saw.gap[during].min() < 0.05, f"the lips stay open at {phone}"


async def test_escape_stops_the_sentence_and_the_mouth_comes_to_rest(bridge: Bridge) -> None:
    async with shown(bridge, "session=stopped&camera=face", chromium.AUTOPLAY, width=480, height=400) as tab:
        await tab.until(CALM)
        await say(tab, "This is a long sentence, and somebody will stop it long before it has come to its end.")
        await tab.until("rigcast.events.filter((event) => event.kind === 'word').length > 3")
        await tab.press("Escape", 27)
        await tab.until("rigcast.events.some((event) => event.kind === 'utteranceEnded')")
        await asyncio.sleep(1.0)
        saw = Saw(await tab.evaluate("rigcast"))
    cut = saw.one("utteranceEnded")
    assert cut["reason"] == 2  # END_REASON_INTERRUPTED
    assert np.all(saw.level[saw.level_us > cut["us"] + 40_000] < 1e-3)
    assert np.all(saw.gap[saw.us > cut["us"] + 500_000] < 0.1)
    assert np.abs(np.diff(saw.curve("jawOpen"))[np.diff(saw.us) < 25_000]).max() < 0.25, "the jaw jumped"


async def test_without_a_click_the_face_moves_and_a_click_brings_the_sound(bridge: Bridge) -> None:
    async with shown(bridge, "session=silent&lang=zh-CN", width=480, height=400) as tab:
        await tab.until(LIVE)
        await tab.until("rigcast.audio.state === 'suspended' && !document.getElementById('badge').hidden")
        before = await tab.evaluate("rigcast.playheadUs")
        await tab.until(f"rigcast.playheadUs > {before} + 500000 && rigcast.frames > 30")
        assert await tab.evaluate("document.getElementById('badge').textContent.trim()") == "点击任意处开启声音"
        await tab.click(240, 150)
        await tab.until("rigcast.audio.state === 'running' && document.getElementById('badge').hidden")
        await tab.evaluate("document.getElementById('text').focus()")
        await tab.type("Hello.")
        await tab.until("rigcast.log.some((entry) => entry.level > 0.01)")


async def choose(tab: Tab, file: Path) -> None:
    """Open a file as another character; the page then asks whether to use it."""
    page = await tab.command("DOM.getDocument")
    chooser = await tab.command("DOM.querySelector", nodeId=page["root"]["nodeId"], selector="#chooser")
    await tab.command("DOM.setFileInputFiles", nodeId=chooser["nodeId"], files=[str(file)])


async def test_another_character_is_looked_at_before_it_is_used(bridge: Bridge, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.glb"
    model = build_gltf(Params.random(5)).replace(b'"jawOpen"', b'"jawDrop"').replace(b'"mouthPucker"', b'"mouthPxxxxx"')
    stranger.write_bytes(model)
    nonsense = tmp_path / "nonsense.vrm"
    nonsense.write_bytes(b"nothing at all")
    async with shown(bridge, "session=dressed&lang=en", chromium.AUTOPLAY, width=480, height=400) as tab:
        await tab.until(LIVE)
        await choose(tab, nonsense)
        assert "nonsense.vrm" in await tab.until("!notice.hidden && notice.textContent")
        await choose(tab, stranger)
        await tab.until("fitting.open")
        assert await tab.evaluate("document.getElementById('fitting-face').textContent") == "Face: 51 of 52 curves"
        assert "mouthPxxxxx" in await tab.evaluate("document.getElementById('fitting-unmatched').textContent")
        await tab.press("Escape", 27)
        await tab.until("!fitting.open")
        assert await tab.evaluate("rigcast.rig.missingCurves") == []
        await choose(tab, stranger)
        await tab.until("fitting.open")
        await tab.evaluate("document.querySelector('#fitting .primary').click()")
        await tab.until("rigcast.rig.missingCurves.join() === 'mouthPucker'")
        assert await tab.evaluate("rigcast.rig.shapes.matches.find((m) => m.shape === 'jawDrop').terms") == {
            "jawOpen": 1
        }
        assert tab.complaints == []


@pytest.mark.parametrize(
    ("make", "shape", "least"), [(vrm0.vrm0, "aa", 5), (vrm0.oculus, "viseme_aa", 5)], ids=["VRM 0", "Oculus"]
)
async def test_other_conventions_are_driven(
    bridge: Bridge, tmp_path: Path, make: Callable[[], bytes], shape: str, least: int
) -> None:
    """Its shapes are matched by the table, shown, and move: what is open for us is open for them."""
    other = tmp_path / f"{shape}.vrm"
    other.write_bytes(make())
    async with shown(bridge, f"session={shape}&lang=en&camera=face", chromium.AUTOPLAY, width=480, height=400) as tab:
        await tab.until(LIVE)
        await choose(tab, other)
        await tab.until("fitting.open")
        rows = await tab.evaluate(
            "[...document.querySelectorAll('#fitting-rows tr')].map((r) => r.cells[0].textContent)"
        )
        assert shape in rows
        assert len(rows) >= least
        await tab.evaluate("document.querySelector('#fitting .primary').click()")
        await tab.until(f"rigcast.rig.shapes.matches.some((m) => m.shape === '{shape}')")
        assert await tab.evaluate("rigcast.rig.missingJoints") == []
        assert tab.complaints == []


BROKEN = {
    "nothing.vrm": (b"", "it is empty"),
    "cut.vrm": (build_gltf()[:100_000], "it is cut short: 100000 of"),
    "words.gltf": (b"once upon a time", "it does not begin as a glTF does"),
    "elsewhere.gltf": (
        b'{"asset": {"version": "2.0"}, "buffers": [{"byteLength": 4, "uri": "https://a.test/b.bin"}],'
        b'"bufferViews": [{"buffer": 0, "byteLength": 4}], "accessors": [{"bufferView": 0, "componentType": 5126,'
        b'"count": 1, "type": "SCALAR"}], "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],'
        b'"nodes": [{"mesh": 0}], "scenes": [{"nodes": [0]}]}',
        "b.bin",
    ),
    "old.gltf": (b'{"asset": {"version": "1.0"}}', ">=2.0"),
    "bare.gltf": (b'{"asset": {"version": "2.0"}}', "it holds no mesh"),
}
"""Files that are no character, or not all of one."""


async def test_what_is_no_character_is_told_and_changes_nothing(bridge: Bridge, tmp_path: Path) -> None:
    async with shown(bridge, "session=broken&lang=en", chromium.AUTOPLAY, width=480, height=400) as tab:
        await tab.until(LIVE)
        for name, (data, why) in BROKEN.items():
            (tmp_path / name).write_bytes(data)
            await choose(tab, tmp_path / name)
            notice = await tab.until(f"!notice.hidden && notice.textContent.includes('{name}') && notice.textContent")
            assert why in notice
        assert await tab.evaluate("rigcast.rig.missingCurves") == []


async def test_a_curve_is_held_while_its_slider_is(bridge: Bridge) -> None:
    """By the mouse until it is let go, by a key until the focus leaves."""
    async with shown(bridge, "session=held", chromium.AUTOPLAY, width=700, height=500) as tab:
        await tab.until(LIVE)
        await tab.evaluate("document.getElementById('toggle-inspector').click()")
        slider = "document.querySelectorAll('#curves input')[rigcast.rig.curves.indexOf('jawOpen')]"
        assert await tab.evaluate(f"{slider}.labels[0].textContent") == "jawOpen"
        box = await tab.evaluate(f"({slider}.scrollIntoView({{ block: 'center' }}), {slider}.getBoundingClientRect())")
        at = {"x": box["x"] + 0.8 * box["width"], "y": box["y"] + box["height"] / 2, "button": "left", "clickCount": 1}
        await tab.command("Input.dispatchMouseEvent", type="mousePressed", **at)
        await tab.until("Math.abs(rigcast.curves.jawOpen - 0.83) < 0.05")
        await tab.command("Input.dispatchMouseEvent", type="mouseReleased", **at)
        await tab.until("rigcast.curves.jawOpen < 0.1")
        await tab.press("End", 35)
        await tab.until("rigcast.curves.jawOpen === 1")
        await tab.press("Tab", 9)
        await tab.until("rigcast.curves.jawOpen < 0.1")


async def test_what_the_server_refuses_is_said_in_its_words(bridge: Bridge) -> None:
    async with shown(bridge, "session=refused&voice=nobody", chromium.AUTOPLAY, width=480, height=400) as tab:
        await tab.until(LIVE)
        await say(tab, "Hello.")
        notice = await tab.until("!document.getElementById('notice').hidden && rigcast.error")
        assert "nobody" in notice
        assert await tab.evaluate("document.getElementById('notice').textContent") == notice
        assert await tab.evaluate("rigcast.state") == "live"


async def test_the_page_asks_for_the_token_and_comes_back_with_the_bridge(built: Any, bridge: Bridge) -> None:
    token = "a-token-for-this-test"
    with started(RIGCAST_TOKEN=token) as first:
        port = urlsplit(first.page).port
        async with shown(first, "lang=en", width=480, height=400) as tab:
            notice = await tab.until("!document.getElementById('notice').hidden && notice.textContent")
            assert "?token=" in notice
            await tab.command("Page.navigate", url=address(first, f"token={token}"))
            await tab.until("rigcast.state === 'live' && rigcast.frames > 10")
            first.process.terminate()
            await tab.until("rigcast.state === 'lost'")
            await asyncio.to_thread(first.process.wait)
            with started("--http-port", str(port), RIGCAST_TOKEN=token):
                await tab.until("rigcast.state === 'live' && rigcast.frames > 10")


async def test_the_page_is_worth_a_look(bridge: Bridge) -> None:
    async with shown(bridge, "session=picture&pixels=1", chromium.AUTOPLAY) as tab:
        await tab.until(CALM)
        await say(tab, TEXT)
        await tab.until("rigcast.events.filter((event) => event.kind === 'word').length > 1")
        await tab.screenshot(ARTIFACTS / "preview.png")
    assert (ARTIFACTS / "preview.png").stat().st_size > 100_000


@pytest.mark.parametrize(
    ("language", "send", "text"), [("en", "Speak", "Text to speak"), ("zh-CN", "说", "要说的文字")]
)
async def test_a_screen_reader_is_told_what_everything_is(bridge: Bridge, language: str, send: str, text: str) -> None:
    """As Chromium tells it: who can be focused has a name, buttons that stay pressed say so, news is read out."""
    async with shown(bridge, f"session=heard&lang={language}", chromium.AUTOPLAY, width=900, height=500) as tab:
        await tab.until(LIVE)
        await tab.evaluate("document.getElementById('toggle-inspector').click()")
        nodes = await tab.accessible()
        assert await tab.evaluate("document.documentElement.lang") == language
    named = {(node.role, node.name) for node in nodes}
    assert {("button", send), ("textbox", text)} <= named
    assert [node for node in nodes if "focusable" in node.states and not node.name] == []
    assert [
        node for node in nodes if node.role in ("image", "img", "group", "slider", "button") and not node.name
    ] == []
    roles = {role for role, _ in named}
    assert {"main", "banner", "status", "log", "form", "image"} <= roles
    assert {node.states["live"] for node in nodes if node.role in ("status", "log")} == {"polite"}
    assert sum(node.role == "slider" for node in nodes) == len(CURVES)
    pressed = [node.states["pressed"] for node in nodes if node.role == "button" and "pressed" in node.states]
    assert pressed.count("true") == 2, "one shot and one emotion"
    expanded = [node.states["expanded"] for node in nodes if "expanded" in node.states]
    assert True in expanded


async def test_the_keyboard_reaches_everything_that_can_be_pressed(bridge: Bridge) -> None:
    async with shown(bridge, "session=keys&lang=en", chromium.AUTOPLAY, width=900, height=500) as tab:
        await tab.until(LIVE)
        await tab.evaluate("document.activeElement.blur()")
        ids: list[str] = []
        for _ in range(40):
            await tab.press("Tab", 9)
            ids.append(await tab.evaluate("document.activeElement.id || document.activeElement.textContent"))
            if "send" in ids:
                break
        assert {
            "Face",
            "Bust",
            "Full",
            "mute",
            "choose",
            "toggle-inspector",
            "Neutral",
            "Happy",
            "text",
            "send",
        } <= set(ids)
        await tab.evaluate("document.querySelector('[data-shot=face]').focus()")
        await tab.press("Enter", 13, "\r")
        assert await tab.evaluate("document.querySelector('[data-shot=face]').getAttribute('aria-pressed')") == "true"
