"""Lines that bind a source to a session."""

import pytest

from bridge.config import Config, ConfigError
from bridge.inputs.binding import PROTOCOLS, bindings, places
from bridge.inputs.regions import REGIONS, Share, share


def test_a_word_is_enough() -> None:
    (line,) = bindings("livelink")
    assert line.place == ("livelink", "127.0.0.1", 11111, 11111)
    assert (line.session, line.device, line.delay_us, line.neutral) == ("main", "", 80_000, False)
    assert line.shares["lips"] == Share(1.0, True)
    assert line.shares["brows"] == Share(1.0, False)
    assert line.shares["arms"].weight == 0
    assert set(line.shares) == set(REGIONS)


def test_everything_said() -> None:
    line, other = bindings(
        "vmc:0.0.0.0:39540,session=a,device=Ann,delay=120,flip=yaw+roll,mirror=yes,smooth=0.5,neutral=first,arms=0.5,"
        "lips=auto*0.7,jaw=1 ifacialmocap:192.168.1.20,port=50000"
    )
    assert line.place.host == "0.0.0.0"
    assert (line.session, line.device, line.delay_us, line.mirror) == ("a", "Ann", 120_000, True)
    assert (line.flip, line.smooth, line.neutral) == (frozenset({"yaw", "roll"}), 0.5, True)
    assert line.shares["lips"] == Share(0.7, True)
    assert line.shares["jaw"] == Share(1.0, False)
    assert line.shares["arms"].weight == 0.5
    assert line.shares["torso"].weight == 1  # VMC tells of a body
    assert other.place == ("ifacialmocap", "192.168.1.20", 49983, 50000)
    assert places("vtubestudio:192.168.1.20:21412") == (("vtubestudio", "192.168.1.20", 21412, 21413),)
    assert bindings("livelink:[::1]:5")[0].place.host == "::1"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("livelnk", "There are: livelink, ifacialmocap, vtubestudio, vmc"),
        ("livelink:99999", "port"),
        ("livelink,nose=1", 'no option "nose"'),
        ("livelink,lips=2", "lips must be a share"),
        ("livelink,lips=auto0.5", "lips must be a share"),
        ("livelink,head=auto", "head must be a share 0..1"),
        ("livelink,lips=nan", "lips must be a share"),
        ("livelink,delay=1001", "delay must be 0..1000 ms"),
        ("livelink,flip=nose", "flip must be some of yaw+pitch+roll"),
        ("livelink,device=", "device must be"),
        ("livelink,smooth=nan", "smooth must be"),
        ("livelink,neutral=yes", "neutral must be"),
        ("livelink,port=5", 'no option "port"'),
        ("vtubestudio", "the phone's address"),
        ("ifacialmocap", "the phone's address"),
    ],
)
def test_kind_errors(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("+", r"\+").replace("(", r"\(")):
        bindings(text)


def test_settings_refuse_them_too() -> None:
    with pytest.raises(ConfigError, match=r"capture = .*there is no protocol"):
        Config(capture="kinect")
    with pytest.raises(ConfigError, match="must be an IP address or a host name"):
        Config(capture="livelink:a_b!:1")


def test_shares() -> None:
    assert share("auto") == Share(1.0, True)
    assert share("0.25") == Share(0.25, False)


def test_usual_shares_can_be_read() -> None:
    for region in REGIONS.values():
        share(region.share)
        share(region.vmc)
    assert PROTOCOLS.keys() == {"livelink", "ifacialmocap", "vtubestudio", "vmc"}
