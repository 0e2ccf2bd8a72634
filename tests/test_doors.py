"""Who is let in, for what, and when they must go; without a socket and with time moved by hand."""

import asyncio
from pathlib import Path

import pytest

from bridge import doors as doors_module
from bridge import tokens
from bridge.config import Config, ConfigError
from bridge.doors import EVERYBODY, Doors
from bridge.roles import NEEDED, Role, needed
from bridge.session import Code, RefusedError
from bridge.tokens import Key
from rigcast.v1 import service_pb2, session_pb2

ADMIN, PERFORM, WATCH = (f"a-token-for-{role}-of-some-length" for role in Role.__reversed__())


class Clock:
    """UNIX seconds that stand still."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Visitor:
    """A client that notes what it is told."""

    def __init__(self, joined: bool = True) -> None:
        self.joined = joined
        self.told: list[RefusedError] = []

    def refuse(self, refusal: RefusedError) -> None:
        """See Guest."""
        self.told.append(refusal)


def config(tmp_path: Path, **more: str) -> Config:
    """Settings whose tokens file lies in a folder of the test's own."""
    return Config(tokens_file=str(tmp_path / "tokens.toml"), **more)  # type: ignore[arg-type]


def shared(tmp_path: Path) -> Doors:
    return Doors(config(tmp_path, token=ADMIN, perform_token=PERFORM, watch_token=WATCH))


def test_without_tokens_this_machine_may_do_everything(tmp_path: Path) -> None:
    assert Doors(config(tmp_path)).admit("", "/metrics") is EVERYBODY


@pytest.mark.parametrize("what", NEEDED)
@pytest.mark.parametrize(("token", "role"), [(ADMIN, Role.ADMIN), (PERFORM, Role.PERFORM), (WATCH, Role.WATCH)])
def test_a_token_opens_what_its_role_may_do_and_nothing_else(tmp_path: Path, what: str, token: str, role: Role) -> None:
    doors = shared(tmp_path)
    if role >= NEEDED[what]:
        assert doors.admit(token, what).role is role
        return
    with pytest.raises(RefusedError, match=f"this token is for {role}, and {what} needs one for") as refused:
        doors.admit(token, what)
    assert (refused.value.code, refused.value.field) == (Code.PERMISSION_DENIED, what)


@pytest.mark.parametrize("token", ["", "wrong", ADMIN[:-1], ADMIN + "x", ADMIN.upper(), "ï" * 20, "\udcff"])
def test_no_other_token_opens_anything(tmp_path: Path, token: str) -> None:
    with pytest.raises(RefusedError, match=r"the token is (missing|wrong)") as refused:
        shared(tmp_path).admit(token, "Watch")
    assert (refused.value.code, refused.value.fatal) == (Code.UNAUTHENTICATED, True)
    assert len(token) < 6 or token not in str(refused.value)


def test_the_table_names_every_message_and_call() -> None:
    bodies = {field.name for field in session_pb2.ClientMessage.DESCRIPTOR.oneofs_by_name["body"].fields}
    calls = {method.name for method in service_pb2.DESCRIPTOR.services_by_name["RigcastService"].methods}
    assert bodies | calls <= NEEDED.keys()


def test_what_the_table_does_not_name_is_not_for_watching() -> None:
    assert needed("something new") is Role.PERFORM


def test_a_token_ends(tmp_path: Path) -> None:
    clock = Clock()
    settings = config(tmp_path, token=ADMIN)
    tokens.write(Path(settings.tokens_file), [Key("one", tokens.digest("secret"), Role.WATCH, clock.now + 10)])
    doors, brief, lasting = Doors(settings, clock), Visitor(), Visitor()
    with doors.inside(doors.admit("secret", "Watch"), brief), doors.inside(doors.admit(ADMIN, "Watch"), lasting):
        clock.now += 9.9
        doors.sweep()
        assert brief.told == []
        clock.now += 0.2
        doors.sweep()
        doors.sweep()
    (refusal,) = brief.told
    assert lasting.told == []
    assert (refusal.code, refusal.fatal) == (Code.UNAUTHENTICATED, True)
    with pytest.raises(RefusedError, match="the token expired at 2027-01-15T08:00:10Z"):
        doors.admit("secret", "Watch")


def test_who_has_left_is_not_sent_away(tmp_path: Path) -> None:
    clock = Clock()
    settings = config(tmp_path)
    tokens.write(Path(settings.tokens_file), [Key("one", tokens.digest("secret"), Role.WATCH, clock.now + 10)])
    doors, visitor = Doors(settings, clock), Visitor()
    with doors.inside(doors.admit("secret", "Watch"), visitor):
        pass
    clock.now += 11
    doors.sweep()
    assert visitor.told == []


def test_who_does_not_join_in_time_is_sent_away(tmp_path: Path) -> None:
    clock = Clock()
    doors, late, prompt = Doors(config(tmp_path), clock), Visitor(joined=False), Visitor()
    with doors.inside(EVERYBODY, late), doors.inside(EVERYBODY, prompt):
        clock.now += 9.9
        doors.sweep()
        assert late.told == []
        clock.now += 0.2
        doors.sweep()
        doors.sweep()
    (refusal,) = late.told
    assert (refusal.code, refusal.field, refusal.fatal) == (Code.FAILED_PRECONDITION, "join", True)
    assert prompt.told == []


OURS = "127.0.0.1:7788"


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        (OURS, None),
        ("localhost:7788", None),
        ("[::1]:7788", "http://[::1]:7788"),
        (OURS, "http://127.0.0.1:7788"),
        (OURS, "http://127.0.0.1"),  # Unreal's
        ("LOCALHOST:7788", "HTTP://localhost:7788"),
        (OURS, "http://localhost:5173"),  # by --origins
        ("studio.example", "https://studio.example"),  # by --hosts, behind a proxy
    ],
)
def test_pages_of_ours_are_let_in(tmp_path: Path, host: str, origin: str | None) -> None:
    Doors(config(tmp_path, origins="https://a.example http://localhost:5173", hosts="studio.example")).check_page(
        host, origin
    )


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("evil.example", None),
        ("evil.example:7788", "http://evil.example:7788"),
        ("192.168.1.5:7788", None),
        ("", None),
        ("localhost.evil.example", None),
        ("127.0.0.1.evil.example", None),
        ("evil.example#@127.0.0.1", None),
        ("[::1", None),
        ("localhost@evil.example", None),
        (OURS, "http://evil.example"),
        (OURS, "http://localhost:5173"),
        (OURS, "http://127.0.0.1:9999"),
        (OURS, "null"),
        (OURS, ""),
        (OURS, "file://"),
        (OURS, "http://127.0.0.1:7788.evil.example"),
        (OURS, "http://user@127.0.0.1:7788"),
        (OURS, "chrome-extension://abcdef"),
    ],
)
def test_pages_of_others_and_names_pointed_here_are_not(tmp_path: Path, host: str, origin: str | None) -> None:
    with pytest.raises(RefusedError) as refused:
        Doors(config(tmp_path)).check_page(host, origin)
    assert refused.value.code is Code.PERMISSION_DENIED
    assert "--hosts" in str(refused.value) or "--origins" in str(refused.value)


def test_a_bridge_with_a_token_may_have_any_name(tmp_path: Path) -> None:
    """A page elsewhere does not have the token, so a name pointed here gains it nothing."""
    Doors(config(tmp_path, host="0.0.0.0", token=ADMIN)).check_page("studio.example:7788", None)


def test_connections_are_counted(tmp_path: Path) -> None:
    doors = Doors(Config(tokens_file=str(tmp_path / "none.toml"), connections=2))
    assert [doors.come() for _ in range(3)] == [True, True, False]
    doors.go()
    doors.go()
    assert doors.come()


async def test_the_file_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new token opens at once, a revoked one closes, a broken file changes nothing."""
    monkeypatch.setattr(doors_module, "SWEEP_S", 0.01)
    settings = config(tmp_path)
    file = Path(settings.tokens_file)
    one, two = (Key(name, tokens.digest(name), Role.PERFORM) for name in ("one", "two"))
    tokens.write(file, [one])
    doors = Doors(settings)
    visitor = Visitor()
    keeper = asyncio.create_task(doors.keep())
    try:
        with doors.inside(doors.admit("one", "Say"), visitor):
            await asyncio.sleep(0.05)
            tokens.write(file, [two])
            async with asyncio.timeout(10):
                while not visitor.told:
                    await asyncio.sleep(0.01)
            assert visitor.told[0].code is Code.UNAUTHENTICATED
        assert doors.admit("two", "Say").name == "two"
        file.write_text("[broken", encoding="utf-8")
        await asyncio.sleep(0.1)
        assert doors.admit("two", "Say").name == "two"
        assert not keeper.done()
    finally:
        keeper.cancel()


def test_a_file_of_ended_tokens_opens_no_bridge(tmp_path: Path) -> None:
    settings = config(tmp_path)
    tokens.write(Path(settings.tokens_file), [Key("one", tokens.digest("secret"), Role.WATCH, 1.0)])
    with pytest.raises(ConfigError, match=r"(?s)no token in it is good any more.*rigcast token new"):
        Doors(settings)


def test_an_empty_file_opens_no_bridge_to_others(tmp_path: Path) -> None:
    (tmp_path / "tokens.toml").touch()
    settings = config(tmp_path, host="0.0.0.0")
    with pytest.raises(ConfigError, match="no token in it is good"):
        Doors(settings)


def test_a_broken_file_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    (tmp_path / "tokens.toml").write_text("[a", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"tokens\.toml: is not TOML"):
        Doors(config(tmp_path))
