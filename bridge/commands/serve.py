"""`rigcast serve` and `rigcast demo`: the bridge in this process, until it is told to stop."""

import argparse
import asyncio
import atexit
import contextlib
import html
import logging
import os
import signal
import sys
import tempfile
import webbrowser
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bridge import __version__, logs, tokens
from bridge.cli import config_of
from bridge.commands import CommandError, loop_factory
from bridge.commands.remote import credentials, opened
from bridge.config import Config, authority
from bridge.speech.voice import VoiceError

GREETING = (
    "[happy] Hello! I am a Rigcast character. Every sound, every blink and every movement of my lips "
    "is made live, on this machine. [neutral] Type something, and I will say it."
)


def serve(args: argparse.Namespace) -> int:
    """Run the bridge until Ctrl-C or SIGTERM."""
    config = _start(args)
    from bridge import server

    return run(server.serve(config, ready=_announce))


def demo(args: argparse.Namespace) -> int:
    """Run the bridge, open its page, and greet whoever joins first."""
    config = _start(args)
    if config.wants_token and not config.token:
        config = replace(config, token=tokens.new())  # for the page that opens here, until we end
    from bridge import server

    greeting: list[asyncio.Task[None]] = []  # a task lives only as long as someone holds it

    def ready(bound: Config) -> None:
        _announce(bound)
        greeting.append(asyncio.get_running_loop().create_task(_greet(bound, browse=not args.no_open)))

    return run(server.serve(config, ready=ready))


def _start(args: argparse.Namespace) -> Config:
    config = config_of(args)
    logs.begin(config.log_level, config.log_format)
    return config


def run(work: Coroutine[Any, Any, None]) -> int:
    """Run `work` to its end, or cancel it on Ctrl-C or SIGTERM and let it clean up. Raises CommandError."""
    with (
        asyncio.Runner(loop_factory=loop_factory()) as runner,
        contextlib.suppress(asyncio.CancelledError, KeyboardInterrupt),
    ):
        try:
            runner.run(_until_terminated(work))
        except VoiceError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(
                f"{error}\n`rigcast doctor` says what is there; --http-port and --grpc-port choose others"
            ) from None
    return 0


async def _until_terminated(work: Coroutine[Any, Any, None]) -> None:
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task
    if sys.platform == "win32":  # no SIGTERM there; Ctrl-Break is what a service's manager sends
        signal.signal(signal.SIGBREAK, lambda *_: loop.call_soon_threadsafe(task.cancel))
    else:
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    await work


def _announce(bound: Config) -> None:
    """Print where the bridge listens; `bound` has the ports that were really taken."""
    page = bound.page_url
    print(f"Rigcast {__version__} is live. Ctrl-C ends it.")
    print(f"  page       {page}{'?token=(your token)' if bound.wants_token else ''}")
    print(f"  WebSocket  {page.replace('http', 'ws', 1)}rigcast")
    if bound.a2f > 0:
        print(f"  Audio2Face {authority(bound.host, bound.a2f)}")
    print(f"  gRPC       {authority(bound.host, bound.grpc_port)}", flush=True)


async def _greet(bound: Config, browse: bool) -> None:
    if browse and has_desktop():
        await asyncio.to_thread(_open_page, bound)
    else:
        print("Open the page in a browser to meet the character.", flush=True)
    try:
        await _speak_to_first_listener(bound)
    except Exception as error:
        logging.getLogger(__name__).warning("The greeting was not spoken: %s", error)


def _open_page(bound: Config) -> None:
    """Open the page in a browser; a token travels in a file of ours, as everybody can read a program's arguments."""
    if not bound.token:
        webbrowser.open(bound.page_url)
        return
    address = f"{bound.page_url}?token={quote(bound.token)}"
    with tempfile.NamedTemporaryFile("w", prefix="rigcast-", suffix=".html", delete=False) as file:  # for us alone
        file.write(f'<!doctype html><meta http-equiv="refresh" content="0; url={html.escape(address)}">')
    atexit.register(Path(file.name).unlink, missing_ok=True)
    webbrowser.open(Path(file.name).as_uri())


async def _speak_to_first_listener(bound: Config) -> None:
    """Say the greeting in session main once someone is there to hear it."""
    from rigcast.v1 import service_pb2, service_pb2_grpc, session_pb2

    async with opened(bound) as channel:
        stub = service_pb2_grpc.RigcastServiceStub(channel)
        metadata = credentials(bound.token)
        while True:
            about = await stub.Describe(service_pb2.DescribeRequest(), metadata=metadata)
            if any(session.name == "main" and session.subscribers for session in about.sessions):
                break
            await asyncio.sleep(0.25)
        request = service_pb2.SayRequest(session="main", say=session_pb2.Say(text=GREETING))
        await stub.Say(request, metadata=metadata)


def has_desktop() -> bool:
    """Whether a browser window could appear."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
