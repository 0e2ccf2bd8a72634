"""`rigcast doctor`: tries every part for real and says what is wrong, and what to do about it.

Each check imports what it tries, so that a part that cannot even be loaded is a finding like any other.
"""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Callable

from bridge import __version__
from bridge.cli import config_of
from bridge.commands import loop_factory
from bridge.config import Config, ConfigError
from bridge.doctor import audio2face, hearing, inputs, outputs, program, running, settings, showing, speaking
from bridge.doctor.finding import Finding, State

CHECKS: dict[str, Callable[[Config], AsyncIterator[Finding]]] = {
    "rigcast": program.packages,
    "settings": settings.check,
    "onnxruntime": program.runtime,
    "event loop": program.event_loop,
    "speech": speaking.check,
    "model": hearing.check,
    "page": showing.page,
    "avatar": showing.avatar,
    "outputs": outputs.check,
    "inputs": inputs.check,
    "Audio2Face": audio2face.check,
    "bridge": running.check,
}


def run(args: argparse.Namespace) -> int:
    """Print what was found; 1 if something is broken."""
    try:
        config, findings = config_of(args), []
    except ConfigError as error:
        config, findings = (
            Config(),
            [Finding("settings", State.BROKEN, str(error), "the defaults are examined instead")],
        )
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        findings += runner.run(examine(config, report=None if args.json else _print))
    broken = sum(finding.state is State.BROKEN for finding in findings)
    if args.json:
        print(json.dumps({"version": __version__, "broken": broken, "findings": [f._asdict() for f in findings]}))
    else:
        print("\nNothing is broken." if not broken else f"\n{broken} broken: see the arrows above.")
    return 1 if broken else 0


def _print(finding: Finding) -> None:
    mark = {State.OK: "  ok  ", State.NOTE: " note ", State.BROKEN: "BROKEN"}[finding.state]
    print(f"{mark}  {finding.part:12}  {finding.text}")
    if finding.remedy:
        print(f"{'':22}→ {finding.remedy}", flush=True)


async def examine(config: Config, report: Callable[[Finding], None] | None = None) -> list[Finding]:
    """Everything there is to find, in order; `report` gets each finding as it comes."""
    findings = []
    for part, check in CHECKS.items():
        async for finding in _guarded(part, check(config)):
            findings.append(finding)
            if report:
                report(finding)
    return findings


async def _guarded(part: str, check: AsyncIterator[Finding]) -> AsyncIterator[Finding]:
    """A check that fails in a way of its own has found something too."""
    try:
        async for finding in check:
            yield finding
    except Exception as error:
        yield Finding(part, State.BROKEN, f"{type(error).__name__}: {error}")
