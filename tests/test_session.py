"""The conversation: bytes in, requests or refusals out."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.session import (
    ADMITTED,
    MOST_REFUSALS,
    READERS,
    Code,
    Conversation,
    EndAudio,
    Interrupt,
    Join,
    Limits,
    LookAt,
    Ping,
    PushAudio,
    RefusedError,
    Say,
    SetEmotion,
    StartAudio,
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


def test_audio_is_started_pushed_and_ended() -> None:
    made = conversation()
    start = pb.StartAudio(sample_rate=8000, channels=2, format=pb.SAMPLE_FORMAT_F32, no_echo=True, strength=0)
    assert received(made, start_audio=start) == StartAudio(8000, 2, np.dtype("<f4"), False, False, 0.0)
    samples = np.array([[0.5, 0.25], [-2.0, 0.0]], "<f4")
    pushed = received(made, push_audio=pb.PushAudio(samples=samples.tobytes(), first_sample=7))
    assert isinstance(pushed, PushAudio)
    assert (pushed.samples.tolist(), pushed.first) == ([0.375, -0.5], 7)
    assert received(made, start_audio=pb.StartAudio()) == StartAudio(24_000, 1, np.dtype("<i2"), False, True, 1.0)
    pushed = received(made, push_audio=pb.PushAudio(samples=b"\x00\x80\xff\x7f"))
    assert isinstance(pushed, PushAudio)
    assert (pushed.samples.tolist(), pushed.first) == ([-1.0, 32767 / 32768], None)
    assert received(made, say=pb.Say(text="Hi")) == Say("Hi", "", 1.0, 1.0, False)
    assert made.state is State.LIVE
    assert received(made, end_audio=pb.EndAudio()) == EndAudio()
    assert made.state is State.JOINED


def received(made: Conversation, **body: object) -> object:
    return made.receive(pb.ClientMessage(**body).SerializeToString())[1]  # type: ignore[arg-type]


@pytest.mark.parametrize("body", [{"push_audio": pb.PushAudio()}, {"end_audio": pb.EndAudio()}])
def test_audio_must_be_started(body: dict[str, object]) -> None:
    refused = refusal(pb.ClientMessage(**body))  # type: ignore[arg-type]
    assert (refused.code, refused.field, refused.fatal) == (Code.FAILED_PRECONDITION, next(iter(body)), False)
    assert "start_audio" in str(refused.message)


@pytest.mark.parametrize(
    ("start", "field"),
    [
        (pb.StartAudio(sample_rate=7999), "start_audio.sample_rate"),
        (pb.StartAudio(sample_rate=96_001), "start_audio.sample_rate"),
        (pb.StartAudio(channels=3), "start_audio.channels"),
        (pb.StartAudio(format=3), "start_audio.format"),  # type: ignore[arg-type]
        (pb.StartAudio(strength=2.1), "start_audio.strength"),
        (pb.StartAudio(strength=float("nan")), "start_audio.strength"),
    ],
)
def test_audio_that_cannot_be_heard_is_refused(start: pb.StartAudio, field: str) -> None:
    refused = refusal(pb.ClientMessage(start_audio=start))
    assert (refused.code, refused.field) == (Code.INVALID_ARGUMENT, field)


@pytest.mark.parametrize(
    "samples",
    [b"\x00" * 7, b"\x00" * 4, *(np.array([0, bad], "<f4").tobytes() for bad in (np.nan, np.inf, -np.inf))],
)
def test_broken_samples_are_refused_and_the_stream_goes_on(samples: bytes) -> None:
    made = conversation()
    received(made, start_audio=pb.StartAudio(channels=2, format=pb.SAMPLE_FORMAT_F32))
    with pytest.raises(RefusedError) as caught:
        received(made, push_audio=pb.PushAudio(samples=samples))
    assert (caught.value.code, caught.value.field) == (Code.INVALID_ARGUMENT, "push_audio.samples")
    assert isinstance(received(made, push_audio=pb.PushAudio(samples=b"\x00" * 8)), PushAudio)


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
