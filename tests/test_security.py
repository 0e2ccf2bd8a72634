"""What docs/security.md promises and no other test shows; and that what it names as shown is there."""

import argparse
import hmac
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge import cli, doors
from bridge.config import SETTINGS, Config
from bridge.doors import Doors
from bridge.session import RefusedError
from bridge.speech.espeak import EspeakVoices

ROOT = Path(__file__).parent.parent


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from parsers(each)


def test_no_flag_takes_a_secret() -> None:
    """So none can stand in a process list."""
    secret = {setting.flag for setting in SETTINGS.values() if setting.secret}
    assert secret == {"--token", "--perform-token", "--watch-token"}
    for hook in ("", *cli.HOOKS):
        for parser in parsers(cli.make_parser([hook])):
            for action in parser._actions:
                assert not secret & set(action.option_strings), parser.prog


def test_every_token_is_compared_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By hashes of one length, in constant time, with every key there is, wherever the first difference lies."""
    compared: list[tuple[int, int]] = []
    whole = hmac.compare_digest

    def compare(a: bytes, b: bytes) -> bool:
        compared.append((len(a), len(b)))
        return whole(a, b)

    monkeypatch.setattr(doors.hmac, "compare_digest", compare)
    tokens = {"token": "a" * 20, "perform_token": "b" * 20, "watch_token": "c" * 20}
    guard = Doors(Config(tokens_file=str(tmp_path / "none"), **tokens))  # type: ignore[arg-type]
    for given in ("x", "a" * 19 + "x", "x" + "a" * 19, "c" * 20):
        compared.clear()
        try:
            guard.admit(given, "Watch")
        except RefusedError:
            assert given != "c" * 20
        assert compared == [(32, 32)] * 3


async def test_texts_are_spoken_as_they_stand() -> None:
    """Markup is words like others, and what espeak-ng would take for a command is a blank."""
    voices = await EspeakVoices.start()

    async def words(text: str) -> list[str]:
        return [word.text for word in (await voices.speak(text)).words]

    try:
        assert "audio" in " ".join(await words('<audio src="file:///etc/passwd"/> hello'))
        assert "speak" in " ".join(await words("<speak>hello</speak>"))
        plain, commanded = await words("one two three"), await words("one \x01100S two \x1b\x00 three")
        assert [word for word in commanded if word in plain] == plain
    finally:
        await voices.close()


def test_what_is_named_as_shown_is_there() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/\w+\.py)(?:::(\w+))?`", text)
    assert len(named) > 15
    for file, test in named:
        source = (ROOT / file).read_text(encoding="utf-8")
        assert not test or re.search(rf"^(?:async )?def {test}\(", source, re.M), (file, test)
