"""A headless Chromium, driven over its DevTools protocol."""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
VARIABLE = "RIGCAST_CHROMIUM"
PLACES = (
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    # Not --disable-gpu: the page would then wait for every picture, drawn by the CPU, to be read back.
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--remote-debugging-port=0",
)
AUTOPLAY = "--autoplay-policy=no-user-gesture-required"
PATIENCE = 20.0
"""Seconds within which the browser must have started, or answered."""


class PageError(AssertionError):
    """The page threw, or did not come to what was awaited."""


def find() -> str | None:
    """The path of a Chromium, or of a browser made of it; None where there is none."""
    found = [os.environ.get(VARIABLE), *map(shutil.which, NAMES), *(p for p in PLACES if Path(p).exists())]
    return next(filter(None, found), None)


@dataclass(frozen=True, slots=True)
class Accessible:
    """A thing as a screen reader has it: "button", "Send", and its states: pressed, expanded, live, focusable."""

    role: str
    name: str
    states: dict[str, Any]


class Tab:
    """One page: commands go out, answers come back, and what the page complained of or fetched is kept."""

    def __init__(self, socket: ClientConnection) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._session: dict[str, str] = {}

    async def open(self, url: str, width: int, height: int) -> None:
        """Show a page in a window of that size."""
        target = await self.command("Target.createTarget", url="about:blank")
        attached = await self.command("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self.command(f"{domain}.enable")
        await self.resize(width, height)
        await self.command("Page.navigate", url=url)

    async def resize(self, width: int, height: int) -> None:
        """Set the size of the page, CSS pixels."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self.command("Emulation.setDeviceMetricsOverride", **metrics)

    async def command(self, method: str, **parameters: object) -> Any:
        """The result of one DevTools command."""
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": parameters, **self._session}))
        return await asyncio.wait_for(answer, PATIENCE)

    async def evaluate(self, script: str) -> Any:
        """The value of an expression on the page, as JSON would carry it; NaN and the like come as None."""
        wrapped = f"(async () => JSON.stringify(await ({script}) ?? null))()"
        result = await self.command("Runtime.evaluate", expression=wrapped, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise PageError(_words(result["exceptionDetails"]))
        return json.loads(result["result"]["value"])

    async def until(self, script: str, seconds: float = PATIENCE) -> Any:
        """The value of an expression once it is true. Raises PageError when that takes too long."""
        deadline = asyncio.get_running_loop().time() + seconds
        value: Any = None
        while not value:
            if asyncio.get_running_loop().time() > deadline:
                raise PageError(f"after {seconds:g} s still not: {script}; the page complained: {self.complaints}")
            await asyncio.sleep(0.05)
            with contextlib.suppress(PageError):  # what it asks for may not be there yet
                value = await self.evaluate(script)
        return value

    async def type(self, text: str) -> None:
        """Type into what has the focus, then press Enter."""
        await self.command("Input.insertText", text=text)
        await self.press("Enter", 13)

    async def press(self, key: str, code: int, text: str = "") -> None:
        """Press and release a key; `text` is what it types, without which it presses no button."""
        for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
            facts = {"key": key, "code": key, "windowsVirtualKeyCode": code} | (
                {"text": text} if kind == "keyDown" else {}
            )
            await self.command("Input.dispatchKeyEvent", type=kind, **facts)

    async def accessible(self) -> list["Accessible"]:
        """What the browser tells assistive technology about the page, in the order of the page."""
        tree = await self.command("Accessibility.getFullAXTree")
        return [_accessible(node) for node in tree["nodes"] if not node.get("ignored")]

    async def click(self, x: float, y: float) -> None:
        """Click with the left button."""
        for kind in ("mousePressed", "mouseReleased"):
            await self.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def screenshot(self, path: Path) -> None:
        """Keep a picture of the page, a PNG."""
        picture = await self.command("Page.captureScreenshot", format="png")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(picture["data"]))

    async def listen(self) -> None:
        """Read what the browser says, until it goes away."""
        async for text in self._socket:
            message = json.loads(text)
            if "id" in message:
                self._answer(message)
            else:
                self._note(message["method"], message["params"])

    def _answer(self, message: dict[str, Any]) -> None:
        answer = self._answers.pop(message["id"])
        if answer.done():
            return
        if "error" in message:
            answer.set_exception(PageError(message["error"]["message"]))
        else:
            answer.set_result(message["result"])

    def _note(self, method: str, parameters: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            self.complaints.append(_words(parameters["exceptionDetails"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.complaints.append(f"{parameters['entry']['text']} {parameters['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and parameters["type"] == "error":
            self.complaints.append(" ".join(str(a.get("value", a.get("description"))) for a in parameters["args"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.requests.append(parameters["url"])


def _accessible(node: dict[str, Any]) -> Accessible:
    states = {state["name"]: state["value"].get("value") for state in node.get("properties", [])}
    return Accessible(node["role"]["value"], node.get("name", {}).get("value", ""), states)


def _words(details: dict[str, Any]) -> str:
    return str(details.get("exception", {}).get("description") or details["text"])


@contextlib.asynccontextmanager
async def page(url: str, *flags: str, width: int = 1280, height: int = 800) -> AsyncIterator[Tab]:
    """Chromium showing a page; it ends with the block. Raises RuntimeError if it does not start."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        async with _browser(profile, flags) as address, connect(address, max_size=None, proxy=None) as socket:
            tab = Tab(socket)
            listening = asyncio.create_task(tab.listen())
            try:
                await tab.open(url, width, height)
                yield tab
            finally:
                listening.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await listening


@contextlib.asynccontextmanager
async def _browser(profile: str, flags: tuple[str, ...]) -> AsyncIterator[str]:
    """A browser of our own, and the address of its DevTools."""
    program = find()
    if program is None:
        raise RuntimeError("there is no Chromium; name one in " + VARIABLE)
    arguments = [*FLAGS, *flags, f"--user-data-dir={profile}", "about:blank"]
    process = await asyncio.create_subprocess_exec(program, *arguments, stderr=asyncio.subprocess.PIPE)
    assert process.stderr
    try:
        yield await asyncio.wait_for(_address(process.stderr), PATIENCE)
    finally:
        if process.returncode is None:
            process.terminate()
        drained = asyncio.create_task(process.stderr.read())  # a full pipe would keep it from ending
        await process.wait()
        await drained


async def _address(log: asyncio.StreamReader) -> str:
    seen = b""
    async for line in log:
        seen += line
        if found := re.search(rb"DevTools listening on (ws://\S+)", line):
            return found[1].decode()
    raise RuntimeError(f"Chromium did not start: {seen[-2000:].decode(errors='replace')}")
