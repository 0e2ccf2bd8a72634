"""The configuration: sources, precedence, bounds, and errors that name all three."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config import SETTINGS, Config, ConfigError, authority, is_loopback, load

TOKEN = "a-token-of-enough-characters"


def test_defaults_are_legal_and_listen_on_this_machine_alone(tmp_path: Path) -> None:
    config = load(environ={}, folder=tmp_path)
    assert config == Config()
    assert is_loopback(config.host)
    assert {config.source(name) for name in SETTINGS} == {"default"}


def test_each_source_overrides_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "rigcast.toml").write_text('lead_ms = 100\nsessions = 7\nvoice = "de"\nqueued_texts = 3')
    environ = {"RIGCAST_SESSIONS": "8", "RIGCAST_VOICE": "fr", "PATH": "/bin"}
    config = load({"voice": "ja", "seed": None}, environ=environ, folder=tmp_path)
    assert (config.lead_ms, config.sessions, config.voice, config.seed) == (100, 8, "ja", 0)
    sources = {name: config.source(name) for name in ("lead_ms", "sessions", "voice", "seed")}
    assert sources == {"lead_ms": "rigcast.toml", "sessions": "RIGCAST_SESSIONS", "voice": "--voice", "seed": "default"}


def test_a_named_file_replaces_the_default_one(tmp_path: Path) -> None:
    (tmp_path / "rigcast.toml").write_text("sessions = 1")
    (tmp_path / "a.toml").write_text("subscribers = 2")
    (tmp_path / "b.toml").write_text("subscribers = 3")
    environ = {"RIGCAST_CONFIG": "a.toml"}
    by_variable = load(environ=environ, folder=tmp_path)
    by_flag = load(file="b.toml", environ=environ, folder=tmp_path)
    assert (by_variable.sessions, by_variable.subscribers, by_flag.subscribers) == (256, 2, 3)
    assert by_flag.source("subscribers") == "b.toml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("http_port = 99999", "rigcast.toml: http_port = 99999: must be 0..65535"),
        ("lead_ms = 1.5", "rigcast.toml: lead_ms = 1.5: must be a whole number, 20..2000 ms"),
        ("seed = true", "rigcast.toml: seed = True: must be a whole number"),
        ("voice = 3", "rigcast.toml: voice = 3: must be text"),
        ('log_level = "loud"', 'rigcast.toml: log_level = "loud": must be one of debug, info, warning, error'),
        ("htp_port = 1", "rigcast.toml: htp_port: there is no such setting; did you mean http_port?"),
        ("zzz = 1", "rigcast.toml: zzz: there is no such setting. There are: host, http_port"),
        ("[server]\nhttp_port = 1", "rigcast.toml: [server]: there are no tables here"),
        ("http_port = ", "rigcast.toml: is not TOML: "),
        ("http_port = 7789", "rigcast.toml: http_port = 7789: http_port and grpc_port must differ"),
        ('host = "localhost:80"', 'rigcast.toml: host = "localhost:80": must be an IP address or a host name alone'),
        ('voice = "a\\u0007"', "must be printable"),
    ],
)
def test_an_error_names_the_source_the_field_and_the_bound(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "rigcast.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(environ={}, folder=tmp_path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"RIGCAST_HTP_PORT": "1"}, "RIGCAST_HTP_PORT: there is no such setting; did you mean RIGCAST_HTTP_PORT?"),
        ({"RIGCAST_HTTP_PORT": "x"}, 'RIGCAST_HTTP_PORT: http_port = "x": must be a whole number, 0..65535'),
        ({"RIGCAST_SESSIONS": "0"}, "RIGCAST_SESSIONS: sessions = 0: must be 1..4096"),
        ({"RIGCAST_CONFIG": "nowhere.toml"}, "nowhere.toml: cannot be read: No such file"),
    ],
)
def test_a_bad_variable_is_named(tmp_path: Path, environ: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(environ=environ, folder=tmp_path)
    assert message in str(caught.value)


def test_bytes_that_are_no_text_are_no_crash(tmp_path: Path) -> None:
    (tmp_path / "rigcast.toml").write_bytes(b"voice = '\xff'")
    with pytest.raises(ConfigError, match=r"rigcast\.toml: is not TOML"):
        load(environ={}, folder=tmp_path)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "studio.example"])
def test_other_machines_need_a_token(host: str) -> None:
    with pytest.raises(ConfigError, match=r"(?s)needs a token.*rigcast token new.*RIGCAST_TOKEN"):
        Config(host=host)
    assert Config(host=host, token=TOKEN).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_needs_none(host: str) -> None:
    assert Config(host=host).token == ""


@pytest.mark.parametrize("token", ["short", "has a space in its midst", "naïve-but-long-enough", "x" * 257])
def test_a_bad_token_is_refused_and_never_printed(token: str) -> None:
    with pytest.raises(ConfigError, match=r"token = .*must be") as caught:
        Config(token=token)
    assert token not in str(caught.value)


def test_a_token_is_never_printed() -> None:
    config = Config(token=TOKEN)
    assert TOKEN not in repr(config)
    assert TOKEN not in SETTINGS["token"].shown(config.token)


@given(st.dictionaries(st.sampled_from(list(SETTINGS)), st.integers() | st.text() | st.booleans() | st.none()))
def test_any_values_give_a_config_within_bounds_or_a_config_error(values: dict[str, object]) -> None:
    try:
        config = Config(**values)  # type: ignore[arg-type]
    except ConfigError:
        return
    for name, setting in SETTINGS.items():
        value = getattr(config, name)
        if isinstance(setting.default, int):
            assert setting.low <= value <= setting.high


def test_every_setting_is_documented() -> None:
    assert all(setting.help and not setting.help.endswith(".") for setting in SETTINGS.values())
    assert list(SETTINGS) == [name for name in Config.__slots__ if name != "sources"]


def test_addresses() -> None:
    assert authority("::1", 80) == "[::1]:80"
    config = Config(host="::", token=TOKEN, http_port=1, grpc_port=2)
    assert (config.page_url, config.grpc_target) == ("http://[::1]:1/", "[::1]:2")
    assert Config(host="0.0.0.0", token=TOKEN).grpc_target == "127.0.0.1:7789"
