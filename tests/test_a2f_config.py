"""The flag that switches the service on."""

import pytest

from bridge.cli import config_of, make_parser
from bridge.config import Config, ConfigError


def configured(monkeypatch: pytest.MonkeyPatch, *flags: str) -> Config:
    monkeypatch.delenv("RIGCAST_A2F", raising=False)
    return config_of(make_parser().parse_args(["serve", *flags]))


@pytest.mark.parametrize(
    ("flags", "port"),
    [
        ((), -1),
        (("--a2f",), 52_000),
        (("--a2f", "52100"), 52_100),
        (("--a2f=0",), 0),
        (("--a2f", "--seed", "1"), 52_000),
    ],
)
def test_it_is_off_unless_asked_for(monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...], port: int) -> None:
    assert configured(monkeypatch, *flags).a2f == port


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"a2f": 7789}, "grpc_port and a2f must differ"),
        ({"a2f_fps": 45}, "must be 30 or 60"),
        ({"a2f": 70_000}, "must be -1..65535"),
    ],
)
def test_what_cannot_be_is_refused(settings: dict[str, int], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Config(**settings)  # type: ignore[arg-type]
