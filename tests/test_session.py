"""The conversation: bytes in, requests or refusals out."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.session import (
    ADMITTED,
    MOST_REFUSALS,
    READERS,
    Code,
    Conversation,
    Interrupt,
    Join,
    Limits,
    LookAt,
    Ping,
    RefusedError,
    Say,
    SetEmotion,
    State,
)
from bridge.wire import wire
from rigcast.v1 import session_pb2 as pb

EMOTIONS = ("neutral", "happy")


def conversation(*, joined: bool = True, limits: Limits | None = None) -> Conversation:
    made = Conversation(wire("rigcast.v1"), limits or Limits(), EMOTIONS)
    if joined:
        made.receive(pb.ClientMessage(join=pb.Join()).SerializeToString())
    return made


def refusal(message: pb.ClientMessage | bytes, *, joined: bool = True, limits: Limits | None = None) -> RefusedError:
    data = message if isinstance(message, bytes) else message.SerializeToString()
    with pytest.raises(RefusedError) as caught:
        conversation(joined=joined, limits=limits).receive(data)
    return caught.value


def test_the_table_knows_every_body_of_the_schema() -> None:
    bodies = {field.name for field in pb.ClientMessage.DESCRIPTOR.oneofs_by_name["body"].fields}
    assert bodies == set(READERS) == set().union(*ADMITTED.values())


def test_the_codes_are_those_of_the_schema() -> None:
    assert {f"ERROR_CODE_{code.name}": code.value for code in Code} == {
        name: number for name, number in pb.ErrorCode.items() if number
    }


@pytest.mark.parametrize(
    ("message", "request_"),
    [
        (pb.ClientMessage(say=pb.Say(text="Hi")), Say("Hi", "", 1.0, 1.0, False)),
        (pb.ClientMessage(interrupt=pb.Interrupt(time_us=5)), Interrupt(5)),
        (pb.ClientMessage(set_emotion=pb.SetEmotion(emotion="happy", intensity=0.5)), SetEmotion("happy", 0.5)),
        (pb.ClientMessage(look_at=pb.LookAt()), LookAt(None)),
        (pb.ClientMessage(look_at=pb.LookAt(target={"x": 1, "y": 2, "z": 3})), LookAt((1.0, 2.0, 3.0))),
        (pb.ClientMessage(ping=pb.Ping()), Ping()),
    ],
)
def test_requests_come_checked_and_with_defaults(message: pb.ClientMessage, request_: object) -> None:
    message.request_id = 9
    assert conversation().receive(message.SerializeToString()) == (9, request_)


def test_a_join_names_its_session_and_what_it_wants() -> None:
    made = conversation(joined=False)
    message = pb.ClientMessage(join=pb.Join(no_audio=True))
    assert made.receive(message.SerializeToString()) == (0, Join("main", 0, True, False, True))
    assert made.state is State.JOINED


def test_the_first_message_must_be_a_join() -> None:
    refused = refusal(pb.ClientMessage(ping=pb.Ping()), joined=False)
    assert (refused.code, refused.field, refused.fatal) == (Code.FAILED_PRECONDITION, "ping", True)


def test_a_second_join_is_refused_and_the_first_stands() -> None:
    made = conversation()
    with pytest.raises(RefusedError, match="joined already") as caught:
        made.receive(pb.ClientMessage(join=pb.Join()).SerializeToString())
    assert not caught.value.fatal
    assert made.state is State.JOINED


@pytest.mark.parametrize(
    ("message", "code", "field", "limit"),
    [
        (pb.ClientMessage(), Code.INVALID_ARGUMENT, "body", 0),
        (pb.ClientMessage(say=pb.Say(text=" \n")), Code.INVALID_ARGUMENT, "say.text", 0),
        (pb.ClientMessage(say=pb.Say(text="x" * 11)), Code.RESOURCE_EXHAUSTED, "say.text", 10),
        (pb.ClientMessage(say=pb.Say(text="x", voice="v" * 65)), Code.RESOURCE_EXHAUSTED, "say.voice", 64),
        (pb.ClientMessage(say=pb.Say(text="x", rate=9)), Code.INVALID_ARGUMENT, "say.rate", 0),
        (pb.ClientMessage(say=pb.Say(text="x", pitch=-1)), Code.INVALID_ARGUMENT, "say.pitch", 0),
        (pb.ClientMessage(say=pb.Say(text="x", rate=float("nan"))), Code.INVALID_ARGUMENT, "say.rate", 0),
        (pb.ClientMessage(set_emotion=pb.SetEmotion(emotion="hapy")), Code.NOT_FOUND, "set_emotion.emotion", 0),
        (
            pb.ClientMessage(set_emotion=pb.SetEmotion(emotion="happy", intensity=float("inf"))),
            Code.INVALID_ARGUMENT,
            "set_emotion.intensity",
            0,
        ),
        (
            pb.ClientMessage(look_at=pb.LookAt(target={"x": float("nan")})),
            Code.INVALID_ARGUMENT,
            "look_at.target.x",
            0,
        ),
    ],
)
def test_a_refusal_names_the_field_and_the_limit(message: pb.ClientMessage, code: Code, field: str, limit: int) -> None:
    message.request_id = 3
    refused = refusal(message, limits=Limits(text_characters=10))
    assert (refused.code, refused.field, refused.limit, refused.request_id) == (code, field, limit, 3)
    assert not refused.fatal


@pytest.mark.parametrize("name", ["a b", "ä", "x" * 65, "../etc", "a\n", "a/b"])
def test_a_session_name_is_plain(name: str) -> None:
    assert refusal(pb.ClientMessage(join=pb.Join(session=name)), joined=False).field == "join.session"


def test_noise_before_a_join_ends_it_and_after_a_join_does_not() -> None:
    assert refusal(b"\xff\xff", joined=False).fatal
    assert not refusal(b"\xff\xff").fatal


def test_a_message_over_the_limit_ends_it() -> None:
    refused = refusal(b"\x00" * 2000, limits=Limits(message_bytes=1000))
    assert (refused.code, refused.limit, refused.fatal) == (Code.RESOURCE_EXHAUSTED, 1000, True)


def test_a_client_that_is_always_wrong_is_sent_away() -> None:
    made = conversation()
    fatal = []
    for _ in range(MOST_REFUSALS):
        with pytest.raises(RefusedError) as caught:
            made.receive(b"\xff")
        fatal.append(caught.value.fatal)
    assert fatal == [False] * (MOST_REFUSALS - 1) + [True]
    assert made.state is State.CLOSED
    with pytest.raises(RefusedError, match="closed"):
        made.receive(pb.ClientMessage(ping=pb.Ping()).SerializeToString())


@given(st.lists(st.binary(max_size=64), max_size=20))
def test_any_bytes_in_any_order_are_requests_or_refusals(messages: list[bytes]) -> None:
    made = conversation(joined=False)
    for data in messages:
        with contextlib.suppress(RefusedError):
            made.receive(data)
