"""Whose work it is that a case of tests/hostile_cases.py ends as it does: each guard of ours, how to take it away, and
the cases that then end otherwise; and what libraries do for us, which cannot be taken away from outside."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from google.protobuf import json_format
from websockets import http11
from websockets.frames import Frame

from bridge import doors, session, wire
from bridge.avatar import glb
from bridge.face import card, model, onnx_file
from bridge.inputs import receiver
from bridge.inputs.captured import Captured
from bridge.meter import Meter
from bridge.session import Say
from bridge.speech.espeak import Catalogue
from bridge.stage import Stage
from bridge.transport import grpc, websocket
from bridge.transport.page import File, Page
from rigcast.v1 import session_pb2
from tests import hostile_attacks
from tests.hostile_cases import FILES, TABLE

Patch = pytest.MonkeyPatch


class Guard(NamedTuple):
    """take_away: patches of it; settings: or other settings; cases: names of those that it stops."""

    take_away: Callable[[Patch], object]
    settings: dict[str, Any]
    cases: list[str]


def constant(value: object) -> Callable[..., Any]:
    """A function that says always the same."""
    return lambda *_, **__: value


def nothing(_: Patch) -> None:
    """No patch: the settings alone."""


async def any_file(_: Page, path: str) -> File:
    """Whatever is asked for."""
    return File("text/plain", path.encode())


def binary(_: object, data: bytes | str) -> session_pb2.ClientMessage:
    """Whatever can be made of it."""
    message = session_pb2.ClientMessage(ping=session_pb2.Ping())
    try:
        found = session_pb2.ClientMessage.FromString(data)  # type: ignore[arg-type]
    except Exception:
        return message
    return found if found.WhichOneof("body") else message


def lenient(_: object, data: bytes | str) -> session_pb2.ClientMessage:
    """The same of JSON."""
    try:
        return PARSE(data, session_pb2.ClientMessage(), ignore_unknown_fields=True)
    except Exception:
        return session_pb2.ClientMessage(ping=session_pb2.Ping())


PARSE = json_format.Parse


class Anything(dict[int, Any]):
    """Has whatever it is asked for."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: int) -> Any:
        return self[1]


def any_text(patch: Patch) -> None:
    """Speak what cannot be spoken."""

    def read(message: session_pb2.Say, _: object) -> Say:
        return Say(message.text, "", 1.0, 1.0, True)

    patch.setitem(session.READERS, "say", read)
    patch.setattr(grpc, "read_say", read)


def any_packet(patch: Patch) -> None:
    """Take packets for faces."""
    patch.setitem(receiver.READERS, "livelink", lambda _: Captured("nobody", None))
    patch.setattr(receiver.Performer, "read", lambda *_: [Captured("nobody", None)])


def any_host(patch: Patch) -> None:
    """Hear packets of whoever sends them."""
    usual = receiver.Receiver.datagram_received

    def received(self: receiver.Receiver, data: bytes, addr: tuple[Any, ...]) -> None:
        self._phone = None
        usual(self, data, addr)

    patch.setattr(receiver.Receiver, "datagram_received", received)


def long_http(patch: Patch) -> None:
    """Requests of any size."""
    patch.setattr(http11, "MAX_LINE_LENGTH", 10**6)
    patch.setattr(http11, "MAX_NUM_HEADERS", 10**6)


WITHIN = ("version 1", "a part", "no JSON", "JSON", "nothing", "a pickle", "cut off", "something behind it")
CHARACTERS = [case.name for case in FILES if case.name.startswith("a character's file: ")]
CONTAINERS = [name for name in CHARACTERS if name.removeprefix("a character's file: ").startswith(WITHIN)]

GUARDS: dict[str, Guard] = {
    "host and origin": Guard(
        lambda patch: patch.setattr(doors.Doors, "check_page", constant(None)),
        {},
        [
            "no Host", "a Host that is no address", "a name that was pointed here (DNS rebinding)",
            "a page of another site",
            "a page of another server on this machine", "a page without an origin", "an Origin that is no address",
            "the metrics, asked for by a page of another site",
        ],
    ),
    "the list of files": Guard(
        lambda patch: patch.setattr(Page, "get", any_file),
        {},
        [
            "a path out of the page's folder", "the same, encoded", "the same, with backslashes", "an absolute path",
            "a file that was never there",
        ],
    ),
    "subprotocols": Guard(
        lambda patch: patch.setattr(websocket, "SUBPROTOCOLS", ["graphql-ws"]), {}, ["an unknown subprotocol"]
    ),
    "time to join": Guard(
        nothing,
        {"handshake_s": 600},
        [
            "nothing at all, for long", "a handshake, a byte now and then", "no join, for long",
            "a Perform that says nothing",
            "nothing to gRPC's port, for long", "HTTP/2 without a call, for long", "pings of HTTP/2 without a pause",
            "a TLS hello where there is no TLS",
        ],
    ),
    "rates": Guard(
        lambda patch: patch.setattr(Meter, "take", constant(None)),
        {},
        ["messages without a pause, and without an end", "pings without a pause", "calls of 60 KB without a pause"],
    ),
    "fragments": Guard(
        lambda patch: patch.setattr(websocket, "MOST_FRAGMENTS", 10**9), {}, ["a message of endless empty parts"]
    ),
    "refusals": Guard(lambda patch: patch.setattr(session, "MOST_REFUSALS", 10**9), {}, ["64 refusals"]),
    "sizes": Guard(
        nothing,
        {"message_bytes": 1_000_000, "text_characters": 100_000},
        [
            "a message of 70 KB", "a message of 200 KB", "a message of 200 KB in parts", "a text of 5,001 characters",
            "a text of 5,001 emoji", "a request of 200 KB", "a message of 70 KB in Perform",
        ],
    ),
    "places": Guard(
        nothing,
        {},
        ["one client more than a session takes", "more texts than may wait"],
    ),
    "names": Guard(
        lambda patch: patch.setattr(session, "SESSION_NAME", re.compile(r".*\Z", re.DOTALL)),
        {},
        [
            "a session named as a path", "a session with a NUL in its name",
            "a session named in Cyrillic that looks Latin",
            "a session's name with a line break at its end", "a session's name of 65 characters",
            "a session named as a path by a call",
        ],
    ),
    "sessions that there are": Guard(
        lambda patch: patch.setattr(Stage, "existing", Stage.session),
        {},
        ["an interruption of a session that there is not"],
    ),
    "numbers": Guard(
        lambda patch: patch.setattr(session, "_number", lambda field, value, low, high: min(max(value, low), high)),
        {},
        [
            "a speed that is no number", "an infinite speed", "a speed of 0.01", "a pitch below 0",
            "Infinity in quotes",
            "an intensity that is no number", "an intensity of 1e30", "a look at no number", "a look at the infinite",
            "a look at what is a thousand miles away", "audio at 1 Hz", "audio at 4 GHz", "audio of 99 channels",
            "audio with a strength that is no number",
        ],
    ),
    "texts": Guard(
        any_text,
        {},
        [
            "an empty text", "a text of blanks of every kind", "a voice's name of 65 characters",
            "an empty text by a call",
        ],
    ),
    "voices": Guard(
        lambda patch: patch.setattr(Catalogue, "_language", constant("gmw/en")), {}, ["a voice named as a path"]
    ),
    "emotions": Guard(
        lambda patch: patch.setattr(session.Conversation, "emotion", constant("happy")),
        {},
        ["an emotion that there is not"],
    ),
    "formats": Guard(
        lambda patch: patch.setattr(session, "SAMPLES", Anything(session.SAMPLES)), {}, ["audio in an unknown format"]
    ),
    "order": Guard(
        lambda patch: patch.setattr(session, "ADMITTED", dict.fromkeys(session.State, frozenset(session.READERS))),
        {"handshake_s": 600},
        [
            "something else before a join", "a second join", "something else before a join in Perform",
            "audio that was not started", "the end of audio that was not started",
        ],
    ),
    "reading of messages": Guard(
        lambda patch: patch.setattr(wire.BinaryWire, "decode", binary),
        {},
        [
            "no message, but bytes, before a join", "no message, but bytes", "nothing", "a body of a later version",
            "half a message", "a length beyond the end", "a number of eleven bytes", "groups, 200 deep",
            "a group that does not end", "text that is no UTF-8 in a message", "JSON on a binary connection",
            "bytes that are no message in Perform", "bytes that are no message after a join in Perform",
        ],
    ),
    "reading of JSON": Guard(
        lambda patch: patch.setattr(wire.JsonWire, "decode", lenient),
        {},
        [
            "JSON that is none", "JSON that is no object", "no JSON, but null", "lists, 5,000 deep",
            "objects, 5,000 deep",
            "a key twice", "two bodies at once", "an unknown name", "a number for a text", "NaN for a number",
            "a number beyond all", "a number of 5,000 digits", "half a character in an escape", "a byte order mark",
            "audio that is no base64", "binary on a JSON connection",
        ],
    ),
    "parts of JSON": Guard(lambda patch: patch.setattr(wire,
    "MOST_PARTS", 10**9), {}, ["a text of 30,000 commas in JSON"]),
    "compression": Guard(
        lambda patch: patch.setattr(grpc, "_options", constant([("grpc.so_reuseport", 0)])),
        {},
        ["a compressed request"],
    ),
    "requests that are none": Guard(
        lambda patch: patch.setattr(grpc, "_parse", lambda request, data: request.FromString(data)),
        {},
        ["bytes that are no request", "bytes that are no Join"],
    ),
    "reading of packets": Guard(
        any_packet,
        {},
        [
            "no packet of Live Link Face", "half a packet of Live Link Face", "a curve that is no number",
            "a packet of Live Link Face with more behind it", "OSC that is none", "bundles of OSC, 500 deep",
            "an OSC length beyond the end", "an OSC number that is none",
        ],
    ),
    "the phone that was asked": Guard(any_host, {}, ["a phone's packet from who is not the phone"]),
    "packets a tick": Guard(
        lambda patch: patch.setattr(receiver.Budget, "allows", constant(True)),
        {},
        ["a packet of 60,000 bytes", "packets without a pause"],
    ),
    "reading of models": Guard(
        lambda patch: patch.setattr(hostile_attacks, "read_card", lambda file: file.read_bytes()),
        {},
        ["a pickle for a model", "half a model", "a model that keeps no contract", "a model with branches, 200 deep"],
    ),
    "models' sizes": Guard(lambda patch: patch.setattr(card, "MAX_BYTES", 10**9), {}, ["a model of 65 MB"]),
    "models' own weights": Guard(
        lambda patch: patch.setattr(onnx_file, "_is_external", constant(False)),
        {},
        [
            "a model's weights above its folder", "a model's weights at an absolute path",
            "a model's weights behind a link",
            "a model's weights in its own file",
        ],
    ),
    "models' memory": Guard(
        lambda patch: patch.setattr(model, "session_options", model.onnxruntime.SessionOptions),
        {},
        ["a model that makes gigabytes of nothing"],
    ),
    "characters' containers": Guard(
        lambda patch: patch.setattr(glb, "_chunks", constant((b"{}", b""))), {}, CONTAINERS
    ),
    "characters' contents": Guard(
        lambda patch: patch.setattr(glb, "_check", constant(None)),
        {},
        [name for name in CHARACTERS if name not in CONTAINERS],
    ),
    "frames (websockets')": Guard(
        lambda patch: patch.setattr(Frame, "check", constant(None)),
        {},
        [
            "a compressed frame (a deflate bomb needs it)", "the second reserved bit", "the third reserved bit",
            "a ping in parts", "a ping of 126 bytes",
        ],
    ),
    "lengths of requests (websockets')": Guard(
        long_http, {}, ["a request line of 9,000 characters", "200 headers", "a header of 9,000 characters"]
    ),
}  # fmt: skip

LIBRARIES: dict[str, list[str]] = {
    "websockets, reading HTTP": [
        "half a request", "bytes that are no HTTP", "HTTP/2 to the page's port", "a header without a colon",
        "a NUL in a header", "a folded header", "a POST", "HTTP/0.9", "a body", "a chunked body", "two Hosts",
        "two Origins",
        "two Authorizations", "a path that is no address", "the WebSocket's path without an upgrade",
        "an upgrade without a key", "a key that is no key", "two keys", "an old version of WebSocket", "no subprotocol",
    ],
    "websockets, reading frames": [
        "a frame without a mask", "an unknown kind of frame", "an unknown kind of control frame",
        "a continuation of nothing", "a message within a message", "text that is no UTF-8", "text with an overlong NUL",
        "text with a surrogate", "half a character at the end", "a close of one byte",
        "a close with a code that is none",
        "a close whose reason is no UTF-8", "a frame that claims 2^62 bytes", "a frame that claims 2^63 bytes",
    ],
    "gRPC": [
        "HTTP/1.1 to gRPC's port", "half a preface of HTTP/2", "a frame of HTTP/2 that is too long",
        "headers of HTTP/2 that do not end", "no such call", "metadata of 100 KB",
    ],
    "onnxruntime": ["a model with an unknown operator"],
}  # fmt: skip


def keeper(case: str) -> str:
    """Who stops a case; empty for what is taken."""
    groups = {**{name: guard.cases for name, guard in GUARDS.items()}, **LIBRARIES}
    return ", ".join(name for name, cases in groups.items() if case in cases)


def unkept() -> list[str]:
    """Cases that are refused, and nobody is named who does it."""
    return [
        case.name for cases in TABLE.values() for case in cases if case.expected != "taken" and not keeper(case.name)
    ]
