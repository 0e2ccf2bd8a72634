"""Lines that say where an output goes."""

import re
from pathlib import Path

import pytest

from bridge.cli import config_of, make_parser
from bridge.config import Config, ConfigError
from bridge.outputs.target import COMMON, LIVELINK, LONGEST_LINE, VMC, Target, requested, targets


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("11112", Target("127.0.0.1", 11112)),
        ("192.168.1.5", Target("192.168.1.5", 11111)),
        (":12000/Ann", Target("127.0.0.1", 12000, subject="Ann")),
        ("studio.local:12000/Zoë", Target("studio.local", 12000, subject="Zoë")),
        ("[::1]:12000", Target("::1", 12000)),
        (
            "1,session=stage,rate=30,delay=80,flip=roll+yaw",
            Target("127.0.0.1", 1, "stage", 30, 80_000, flip=frozenset({"yaw", "roll"})),
        ),
    ],
)
def test_a_target_of_live_link_face(text: str, target: Target) -> None:
    assert targets("livelink", text) == (target,)


def test_targets_of_vmc_are_parted_by_spaces() -> None:
    one, two = targets("vmc", "39539  10.0.0.2:39540,face=vrm1+sync,bundles=no")
    assert one == Target("127.0.0.1", 39539)
    assert two == Target("10.0.0.2", 39540, face=("vrm1", "sync"), bundles=False)
    assert targets("vmc", "") == ()


def test_a_flag_may_be_given_several_times() -> None:
    args = make_parser(["serve"]).parse_args(["serve", "--vmc", "39539", "--vmc", "39540,rate=30", "--livelink", "1/A"])
    config = config_of(args)
    assert (config.vmc, config.livelink) == ("39539 39540,rate=30", "1/A")


def test_the_docs_tell_every_option_and_commands_that_work() -> None:
    text = (Path(__file__).parent.parent / "docs" / "interop.md").read_text(encoding="utf-8")
    receivers = text[text.index("## Receivers") : text.index("## Recipes")]
    options = set(re.findall(r"^\| `(\w+)` \|", receivers, re.MULTILINE))
    assert options == COMMON.keys() | LIVELINK.keys() | VMC.keys()
    given = re.findall(r"--(livelink|vmc) ([^\s`]+)", text)
    assert len(given) > 8
    for flag, value in given:
        assert targets(flag, value)


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("vmc", "host:0", "the port must be 1..65535"),
        ("vmc", "99999", "the port must be 1..65535"),
        ("vmc", "39539/Ann", "only Live Link Face has subjects"),
        ("livelink", "1/" + "x" * 65, "a subject has 1..64 characters"),
        ("livelink", "1/", "a subject has 1..64 characters"),
        ("livelink", "1,face=sync", 'there is no option "face". There are: session, rate, delay, flip'),
        ("vmc", "1,rate=25", "rate must be 60 or 30"),
        ("vmc", "1,delay=2001", "delay must be 0..2000 ms"),
        ("vmc", "1,delay=soon", "delay must be 0..2000 ms"),
        ("vmc", "1,face=vrm2", "face must be some of vrm0+vrm1+sync"),
        ("vmc", "1,bundles", "bundles must be yes or no"),
        ("vmc", "1,session=", "session must be 1..64 of a-z"),
        ("vmc", "1,session=a/b", "session must be 1..64 of a-z"),
        ("livelink", "a_b:1", "must be an IP address or a host name"),
    ],
)
def test_what_cannot_be_is_named(field: str, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config(**{field: text})
    assert str(caught.value).startswith(f"Config: {field} = ")
    assert message in str(caught.value)


def test_a_client_asks_for_one_receiver_of_its_own_session() -> None:
    assert requested("livelink", "12000/Ann,delay=80") == Target("127.0.0.1", 12000, subject="Ann", delay_us=80_000)
    assert requested("vmc", "[::1]:5,face=sync") == Target("::1", 5, face=("sync",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("39539,session=other", 'there is no option "session". There are: rate, delay, face, bundles'),
        ("", "1..256 printable characters without a space"),
        ("39539 39540", "without a space"),
        ("39539\n", "printable"),
        ("1" * (LONGEST_LINE + 1), "1..256"),
        ("39539,rate=25", "rate must be 60 or 30"),
    ],
)
def test_what_a_client_cannot_ask_for_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        requested("vmc", text)
