"""What strangers send, and what becomes of it: one table, for the tests, for tools/hostile.py and for docs/hostile.md.

An attack is a coroutine from a bridge to what came of it, in the words of docs/protocol.md:

    "HTTP 403"                          an answer before there was a WebSocket
    "close 1002"                        the WebSocket was closed so
    "NOT_FOUND say.voice"               an Error, after which the connection lives on
    "INVALID_ARGUMENT, close 1007"      an Error that ended it
    "status NOT_FOUND"                  of a gRPC call
    "cut"                               the connection ended without an answer
    "taken"                             nothing is wrong with it, and it does no harm
"""

import struct
from typing import NamedTuple

from rigcast.v1 import service_pb2, session_pb2
from tests.hostile import frame
from tests.hostile_attacks import (
    BINARY,
    CLOSE,
    CONTINUATION,
    HTTP2,
    INF,
    JOIN,
    LISTENS,
    NAN,
    PING,
    TEXT,
    Attack,
    body,
    bomb,
    bundles,
    call,
    character,
    crowd,
    datagrams,
    deep_model,
    external,
    feel,
    field,
    frames,
    free_port,
    get,
    grpc_bytes,
    h2,
    json,
    large,
    loaded_model,
    look,
    many_calls,
    model_file,
    named,
    nested,
    perform,
    raw,
    say,
    says,
    shake,
    silently,
    slowly,
    start,
    unknown_operator,
)  # fmt: skip
from tests.real_bridge import request
from tests.test_avatar_glb import CASES as BAD_GLB
from tests.test_inputs_readers import face

LIMITS = {
    "handshake_s": 1, "subscribers": 3, "queued_texts": 2, "message_bytes": 65_536,
    "messages_per_s": 50, "bytes_per_s": 65_536,
}  # fmt: skip
"""The settings of a bridge that the table holds for, with `captures`."""


def captures() -> str:
    """The setting `capture`, at ports that nobody has."""
    LISTENS["vtubestudio"] = free_port()
    return (
        f"livelink:127.0.0.1:{free_port()},session=captured vmc:127.0.0.1:{free_port()},session=captured "
        f"vtubestudio:127.0.0.2:21412,port={LISTENS['vtubestudio']},session=captured"
    )


class Case(NamedTuple):
    """One of the table."""

    name: str
    attack: Attack
    expected: str


HANDSHAKES = [
    Case("nothing at all, for long", silently, "cut"),
    Case("a handshake, a byte now and then", slowly, "cut"),
    Case("half a request", raw(b"GET /rigcast HTTP/1.1\r\nHost: 127.", end=True), "cut"),
    Case("bytes that are no HTTP", raw(bytes(range(256)) * 4), "cut"),
    Case("a TLS hello where there is no TLS", raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(508)), "cut"),
    Case("HTTP/2 to the page's port", raw(HTTP2), "cut"),
    Case("a request line of 9,000 characters", get("/" + "a" * 9000), "HTTP 414"),
    Case("200 headers", get("/", *(f"X-{i}: {i}" for i in range(200))), "HTTP 431"),
    Case("a header of 9,000 characters", get("/", "X: " + "a" * 9000), "HTTP 431"),
    Case("a header without a colon", get("/", "nothing"), "cut"),
    Case("a NUL in a header", get("/", "X: a\x00b"), "cut"),
    Case("a folded header", get("/", "X: a", " b"), "cut"),
    Case("a POST", raw(b"POST /rigcast HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), "HTTP 426"),
    Case("HTTP/0.9", raw(b"GET /\r\n\r\n"), "cut"),
    Case("a body", get("/", "Content-Length: 5"), "cut"),
    Case("a chunked body", get("/", "Transfer-Encoding: chunked"), "cut"),
    Case("no Host", raw(b"GET / HTTP/1.1\r\n\r\n"), "HTTP 403"),
    Case("two Hosts", get("/", "Host: evil.example"), "HTTP 400"),
    Case("two Origins", shake("Origin: http://127.0.0.1", "Origin: http://evil.example"), "HTTP 400"),
    Case("two Authorizations", shake("Authorization: Bearer a", "Authorization: Bearer b"), "HTTP 400"),
    Case("a name that was pointed here (DNS rebinding)", shake(host="evil.example"), "HTTP 403"),
    Case("a Host that is no address", shake(host="[::1"), "HTTP 403"),
    Case("a page of another site", shake("Origin: https://evil.example"), "HTTP 403"),
    Case("a page of another server on this machine", shake("Origin: http://localhost:5173"), "HTTP 403"),
    Case("a page without an origin", shake("Origin: null"), "HTTP 403"),
    Case("an Origin that is no address", shake("Origin: http://[::1"), "HTTP 400"),
    Case(
        "the metrics, asked for by a page of another site", get("/metrics", "Origin: https://evil.example"), "HTTP 403"
    ),
    Case("a path out of the page's folder", get("/../../pyproject.toml"), "HTTP 404"),
    Case("the same, encoded", get("/%2e%2e/%2e%2e/pyproject.toml"), "HTTP 404"),
    Case("the same, with backslashes", get("/..\\..\\pyproject.toml"), "HTTP 404"),
    Case("an absolute path", get("//etc/passwd"), "HTTP 404"),
    Case("a path that is no address", get("//[::1"), "HTTP 400"),
    Case("a file that was never there", get("/.git/config"), "HTTP 404"),
    Case("the WebSocket's path without an upgrade", get("/rigcast"), "HTTP 426"),
    Case("an upgrade without a key", shake(without="Sec-WebSocket-Key"), "HTTP 400"),
    Case("a key that is no key", shake("Sec-WebSocket-Key: !", without="Sec-WebSocket-Key: "), "HTTP 400"),
    Case("two keys", shake("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="), "HTTP 400"),
    Case(
        "an old version of WebSocket",
        shake("Sec-WebSocket-Version: 8", without="Sec-WebSocket-Version: 13"),
        "HTTP 400",
    ),
    Case("no subprotocol", shake(without="Sec-WebSocket-Protocol"), "HTTP 400"),
    Case("an unknown subprotocol", shake(protocol="graphql-ws"), "HTTP 400"),
]

FRAMES = [
    Case("no join, for long", frames(joined=False), "close 1008"),
    Case("a frame without a mask", frames(frame(BINARY, b"x", masked=False)), "close 1002"),
    Case("a compressed frame (a deflate bomb needs it)", frames(frame(BINARY, b"\xed\xc1", reserved=4)), "close 1002"),
    Case("the second reserved bit", frames(frame(BINARY, b"", reserved=2)), "close 1002"),
    Case("the third reserved bit", frames(frame(BINARY, b"", reserved=1)), "close 1002"),
    Case("an unknown kind of frame", frames(frame(3, b"")), "close 1002"),
    Case("an unknown kind of control frame", frames(frame(11, b"")), "close 1002"),
    Case("a ping in parts", frames(frame(PING, b"", final=False)), "close 1002"),
    Case("a ping of 126 bytes", frames(frame(PING, bytes(126))), "close 1002"),
    Case("a continuation of nothing", frames(frame(CONTINUATION, b"x")), "close 1002"),
    Case("a message within a message", frames(frame(BINARY, b"x", final=False), frame(BINARY, b"x")), "close 1002"),
    Case("text that is no UTF-8", frames(frame(TEXT, b"\xff\xfe")), "close 1007"),
    Case("text with an overlong NUL", frames(frame(TEXT, b"\xc0\x80")), "close 1007"),
    Case("text with a surrogate", frames(frame(TEXT, b"\xed\xa0\x80")), "close 1007"),
    Case("half a character at the end", frames(frame(TEXT, b"\xe2\x82")), "close 1007"),
    Case("a close of one byte", frames(frame(CLOSE, b"x")), "close 1002"),
    Case("a close with a code that is none", frames(frame(CLOSE, struct.pack(">H", 999))), "close 1002"),
    Case("a close whose reason is no UTF-8", frames(frame(CLOSE, struct.pack(">H", 1000) + b"\xff")), "close 1007"),
    Case("a frame that claims 2^62 bytes", frames(frame(BINARY, b"", length=1 << 62)), "close 1009"),
    Case("a frame that claims 2^63 bytes", frames(frame(BINARY, b"", length=1 << 63)), "close 1009"),
    Case("a message of 200 KB", frames(frame(BINARY, bytes(200_000))), "close 1009"),
    Case(
        "a message of 200 KB in parts",
        frames(frame(BINARY, bytes(50_000), final=False), *(3 * [frame(CONTINUATION, bytes(50_000), final=False)])),
        "close 1009",
    ),
    Case(
        "a message of endless empty parts",
        frames(frame(BINARY, b"", final=False), frame(CONTINUATION, b"", final=False) * 300),
        "close 1013",
    ),
    Case("pings without a pause", frames(frame(PING, b"x") * 5000), "close 1013"),
]

BAD_NAME = "INVALID_ARGUMENT join.session, close 1007"
MESSAGES = [
    Case("no message, but bytes, before a join", says(b"\xff\xff\xff", join=False), "INVALID_ARGUMENT, close 1007"),
    Case(
        "something else before a join",
        says(request(ping=session_pb2.Ping()), join=False),
        "FAILED_PRECONDITION ping, close 1008",
    ),
    Case("no message, but bytes", says(b"\xff\xff\xff"), "INVALID_ARGUMENT"),
    Case("nothing", says(b""), "INVALID_ARGUMENT body"),
    Case("a body of a later version", says(field(15, 2, b"\x00")), "INVALID_ARGUMENT body"),
    Case("half a message", says(request(say=session_pb2.Say(text="x" * 50))[:20]), "INVALID_ARGUMENT"),
    Case("a length beyond the end", says(field(3, 2, b"\x7f")), "INVALID_ARGUMENT"),
    Case("a number of eleven bytes", says(field(1, 0, b"\xff" * 10 + b"\x01")), "INVALID_ARGUMENT"),
    Case("groups, 200 deep", says(nested(200)), "INVALID_ARGUMENT"),
    Case("a group that does not end", says(field(14, 3, b"")), "INVALID_ARGUMENT"),
    Case(
        "text that is no UTF-8 in a message",
        says(field(3, 2, b"\x04" + field(1, 2, b"\x02\xff\xfe"))),
        "INVALID_ARGUMENT",
    ),
    Case("JSON on a binary connection", says('{"ping": {}}'), "INVALID_ARGUMENT"),
    Case("a message of 70 KB", says(bytes(70_000)), "RESOURCE_EXHAUSTED, close 1013"),
    Case("64 refusals", says(*(64 * [b"\xff"])), "INVALID_ARGUMENT, close 1007"),
    Case("messages without a pause", says(*(150 * [request(ping=session_pb2.Ping())])), "taken"),
    Case(
        "messages without a pause, and without an end",
        says(*(500 * [request(interrupt=session_pb2.Interrupt())])),
        "RESOURCE_EXHAUSTED, close 1013",
    ),
    Case("a second join", body(join=JOIN), "FAILED_PRECONDITION join"),
    Case("a session named as a path", named("../etc"), BAD_NAME),
    Case("a session with a NUL in its name", named("a\x00b"), BAD_NAME),
    Case("a session named in Cyrillic that looks Latin", named("mаin"), BAD_NAME),
    Case("a session's name with a line break at its end", named("main\n"), BAD_NAME),
    Case("a session's name of 65 characters", named("x" * 65), BAD_NAME),
    Case("one client more than a session takes", crowd, "RESOURCE_EXHAUSTED join.session, close 1013"),
    Case("a text of 5,001 characters", say(text="x" * 5001), "RESOURCE_EXHAUSTED say.text"),
    Case("a text of 5,001 emoji", say(text="😀" * 5001), "RESOURCE_EXHAUSTED say.text"),
    Case("an empty text", say(text=""), "INVALID_ARGUMENT say.text"),
    Case("a text of blanks of every kind", say(text=" \t\n\u2003\u3000"), "INVALID_ARGUMENT say.text"),
    Case("a text of control characters", say(text="\x00\x01\x1b[2J\x7f", interrupt=True), "taken"),
    Case(
        "a text with SSML that asks for a file",
        say(text='<speak><audio src="file:///etc/passwd"/></speak>', interrupt=True),
        "taken",
    ),
    Case(
        "a text with the voice's own commands",
        say(text="[[_:1000]] \x01V100 <mark name='x'/>", interrupt=True),
        "taken",
    ),
    Case("a text of right-to-left overrides", say(text="\u202e\u2066 evil \u2069", interrupt=True), "taken"),
    Case("a text of 2,000 combining marks", say(text="e" + "\u0301" * 2000, interrupt=True), "taken"),
    Case("a text of emotion marks alone", say(text="[happy]" * 700, interrupt=True), "taken"),
    Case("a text of brackets that open only", say(text="[" * 5000, interrupt=True), "taken"),
    Case("a voice named as a path", say(voice="../../etc/passwd"), "NOT_FOUND say.voice"),
    Case("a voice's name of 65 characters", say(voice="x" * 65), "RESOURCE_EXHAUSTED say.voice"),
    Case("a speed that is no number", say(rate=NAN), "INVALID_ARGUMENT say.rate"),
    Case("an infinite speed", say(rate=INF), "INVALID_ARGUMENT say.rate"),
    Case("a speed of 0.01", say(rate=0.01), "INVALID_ARGUMENT say.rate"),
    Case("a pitch below 0", say(pitch=-1.0), "INVALID_ARGUMENT say.pitch"),
    Case(
        "more texts than may wait",
        says(
            request(join=session_pb2.Join(session="wordy", no_frames=True, no_audio=True)),  # where nobody interrupts
            *(request(i, say=session_pb2.Say(text="Wait for me, all of you.")) for i in range(1, 9)),
            request(interrupt=session_pb2.Interrupt()),
            join=False,
        ),
        "RESOURCE_EXHAUSTED say",
    ),
    Case("an interruption at the end of time", body(interrupt=session_pb2.Interrupt(time_us=2**64 - 1)), "taken"),
    Case("an emotion that there is not", feel(emotion="'; DROP TABLE"), "NOT_FOUND set_emotion.emotion"),
    Case(
        "an intensity that is no number", feel(emotion="happy", intensity=NAN), "INVALID_ARGUMENT set_emotion.intensity"
    ),
    Case("an intensity of 1e30", feel(emotion="happy", intensity=1e30), "INVALID_ARGUMENT set_emotion.intensity"),
    Case("a look at no number", look(NAN, 0, 0), "INVALID_ARGUMENT look_at.target.x"),
    Case("a look at the infinite", look(0, -INF, 0), "INVALID_ARGUMENT look_at.target.y"),
    Case("a look at what is a thousand miles away", look(0, 0, 1.6e6), "INVALID_ARGUMENT look_at.target.z"),
    Case(
        "audio that was not started",
        body(push_audio=session_pb2.PushAudio(samples=bytes(8))),
        "FAILED_PRECONDITION push_audio",
    ),
    Case(
        "the end of audio that was not started", body(end_audio=session_pb2.EndAudio()), "FAILED_PRECONDITION end_audio"
    ),
    Case("audio at 1 Hz", start(sample_rate=1), "INVALID_ARGUMENT start_audio.sample_rate"),
    Case("audio at 4 GHz", start(sample_rate=2**32 - 1), "INVALID_ARGUMENT start_audio.sample_rate"),
    Case("audio of 99 channels", start(channels=99), "INVALID_ARGUMENT start_audio.channels"),
    Case("audio in an unknown format", start(format=99), "INVALID_ARGUMENT start_audio.format"),
    Case("audio with a strength that is no number", start(strength=NAN), "INVALID_ARGUMENT start_audio.strength"),
]

JSON = [
    Case("JSON that is none", json("{"), "INVALID_ARGUMENT"),
    Case("JSON that is no object", json("[1]"), "INVALID_ARGUMENT"),
    Case("no JSON, but null", json("null"), "INVALID_ARGUMENT"),
    Case("lists, 5,000 deep", json("[" * 5000), "INVALID_ARGUMENT"),
    Case("objects, 5,000 deep", json('{"say":' * 5000), "INVALID_ARGUMENT"),
    Case("a key twice", json('{"say": {"text": "a"}, "say": {"text": "b"}}'), "INVALID_ARGUMENT"),
    Case("two bodies at once", json('{"say": {"text": "a"}, "ping": {}}'), "INVALID_ARGUMENT"),
    Case("an unknown name", json('{"sya": {"text": "a"}}'), "INVALID_ARGUMENT"),
    Case("a number for a text", json('{"say": {"text": 1}}'), "INVALID_ARGUMENT"),
    Case("NaN for a number", json('{"say": {"text": "a", "rate": NaN}}'), "INVALID_ARGUMENT"),
    Case("Infinity in quotes", json('{"say": {"text": "a", "rate": "Infinity"}}'), "INVALID_ARGUMENT say.rate"),
    Case("a number beyond all", json('{"say": {"text": "a", "rate": 1e400}}'), "INVALID_ARGUMENT"),
    Case("a number of 5,000 digits", json('{"requestId": ' + "9" * 5000 + ', "ping": {}}'), "INVALID_ARGUMENT"),
    Case("half a character in an escape", json('{"say": {"text": "\\ud800"}}'), "INVALID_ARGUMENT"),
    Case("a text of 30,000 commas in JSON", json('{"say": {"text": "' + "," * 30_000 + '"}}'), "INVALID_ARGUMENT"),
    Case("a byte order mark", json('\ufeff{"ping": {}}'), "INVALID_ARGUMENT"),
    Case("audio that is no base64", json('{"startAudio": {}}, {"pushAudio": {"samples": "!"}}'), "INVALID_ARGUMENT"),
    Case(
        "binary on a JSON connection",
        says(request(ping=session_pb2.Ping()), protocol="rigcast.v1.json"),
        "INVALID_ARGUMENT",
    ),
]

SAY = service_pb2.SayRequest(say=session_pb2.Say(text="Hi."))
GRPC = [
    Case("HTTP/1.1 to gRPC's port", grpc_bytes(b"GET / HTTP/1.1\r\n\r\n"), "cut"),
    Case("nothing to gRPC's port, for long", grpc_bytes(), "cut"),
    Case("HTTP/2 without a call, for long", grpc_bytes(HTTP2, h2(4)), "cut"),
    Case("half a preface of HTTP/2", grpc_bytes(HTTP2[:10], b"\r\n" * 20), "cut"),
    Case(
        "a frame of HTTP/2 that is too long", grpc_bytes(HTTP2, h2(4), b"\xff\xff\xff\x00\x00\x00\x00\x00\x01"), "cut"
    ),
    Case("pings of HTTP/2 without a pause", grpc_bytes(HTTP2, h2(4), h2(6, payload=bytes(8)) * 20_000), "cut"),
    Case(
        "headers of HTTP/2 that do not end",
        grpc_bytes(
            HTTP2,
            h2(4),
            h2(1, 0, 1, b"\x00\x01a\x01b"),
            h2(9, 0, 1, b"\x00\x01a" + b"\x7f\xff\x7f" + bytes(16_000)) * 40,
        ),
        "cut",
    ),
    Case("no such call", call("Obey", b""), "status UNIMPLEMENTED"),
    Case("bytes that are no request", call("Say", b"\xff\xff"), "status INVALID_ARGUMENT"),
    Case("bytes that are no Join", call("Watch", b"\xff\xff"), "status INVALID_ARGUMENT"),
    Case("a request of 200 KB", call("Say", bytes(200_000)), "status RESOURCE_EXHAUSTED"),
    Case(
        "a compressed request",
        call("Say", service_pb2.SayRequest(session="x" * 60_000), compress=True),
        "status UNIMPLEMENTED",
    ),
    Case("metadata of 100 KB", call("Say", SAY, ("x", "y" * 100_000)), "status RESOURCE_EXHAUSTED"),
    Case("an empty text by a call", call("Say", service_pb2.SayRequest()), "status INVALID_ARGUMENT"),
    Case(
        "a session named as a path by a call",
        call("Say", service_pb2.SayRequest(session="../x", say=SAY.say)),
        "status INVALID_ARGUMENT",
    ),
    Case(
        "an interruption of a session that there is not",
        call("Interrupt", service_pb2.InterruptRequest(session="nowhere")),
        "status NOT_FOUND",
    ),
    Case("calls of 60 KB without a pause", many_calls, "status RESOURCE_EXHAUSTED"),
    Case("bytes that are no message in Perform", perform(b"\xff\xff"), "status INVALID_ARGUMENT"),
    Case(
        "something else before a join in Perform",
        perform(request(ping=session_pb2.Ping())),
        "status FAILED_PRECONDITION",
    ),
    Case("a Perform that says nothing", perform(), "status FAILED_PRECONDITION"),
    Case(
        "bytes that are no message after a join in Perform",
        perform(request(join=JOIN), b"\xff\xff"),
        "INVALID_ARGUMENT",
    ),
    Case("a message of 70 KB in Perform", perform(request(join=JOIN), bytes(70_000)), "RESOURCE_EXHAUSTED"),
]

OSC = b"/VMC/Ext/Blend/Val\0\0,sf\0A\0\0\0"
PACKETS = [
    Case("no packet of Live Link Face", datagrams("livelink", b"nonsense"), "left out"),
    Case("half a packet of Live Link Face", datagrams("livelink", face()[:-9]), "left out"),
    Case("a packet of Live Link Face with more behind it", datagrams("livelink", face() + b"x"), "left out"),
    Case("a curve that is no number", datagrams("livelink", face()[:-4] + struct.pack(">f", NAN)), "left out"),
    Case("a packet of 60,000 bytes", datagrams("livelink", bytes(60_000)), "thrown away unread"),
    Case(
        "packets without a pause",
        datagrams("livelink", *(1000 * [b"x"]), until="thrown away unread"),
        "thrown away unread",
    ),
    Case("OSC that is none", datagrams("vmc", b"\xff" * 64), "left out"),
    Case("bundles of OSC, 500 deep", datagrams("vmc", bundles(500)), "left out"),
    Case("an OSC length beyond the end", datagrams("vmc", b"#bundle\0" + bytes(8) + b"\x7f\xff\xff\xff"), "left out"),
    Case("an OSC number that is none", datagrams("vmc", OSC + struct.pack(">f", NAN)), "left out"),
    Case(
        "a phone's packet from who is not the phone",
        datagrams("vtubestudio", b'{"FaceFound":false}', tries=3),
        "not heard",
    ),
]

FILES = [
    Case("a pickle for a model", model_file(lambda _: b"\x80\x04\x95" + bytes(500)), "refused"),
    Case("half a model", model_file(lambda model: model.SerializeToString()[:-50]), "refused"),
    Case("a model of 65 MB", model_file(large), "refused"),
    Case("a model that keeps no contract", model_file(lambda model: model.ClearField("metadata_props")), "refused"),
    Case("a model with branches, 200 deep", model_file(lambda _: deep_model(200)), "refused"),
    Case("a model's weights above its folder", external("../../../etc/passwd"), "refused"),
    Case("a model's weights at an absolute path", external("/etc/passwd"), "refused"),
    Case("a model's weights behind a link", external("linked"), "refused"),
    Case("a model's weights in its own file", external("model.onnx"), "refused"),
    Case("a model that makes gigabytes of nothing", loaded_model(bomb), "refused"),
    Case("a model with an unknown operator", loaded_model(unknown_operator), "refused"),
    *(Case(f"a character's file: {name}", character(data), "refused") for name, (data, _) in BAD_GLB.items()),
]

TABLE = {
    "Before there is a WebSocket": HANDSHAKES,
    "Frames of WebSocket": FRAMES,
    "Messages, binary": MESSAGES,
    "Messages, JSON": JSON,
    "gRPC": GRPC,
    "Captured faces, by UDP": PACKETS,
    "Files of models and characters": FILES,
}
CASES = [case for cases in TABLE.values() for case in cases]


def document() -> str:
    """docs/hostile.md."""
    from tests.hostile_guards import keeper

    parts = [HEAD]
    for title, cases in TABLE.items():
        rows = "\n".join(f"| {case.name.replace('|', '/')} | {case.expected} | {keeper(case.name)} |" for case in cases)
        parts.append(f"## {title}\n\n| what is sent | what comes of it | who stops it |\n|---|---|---|\n{rows}\n")
    return "\n".join(parts)


HEAD = """# Hostile input

What strangers may send, and what becomes of it. This page is written from the table in `tests/hostile_cases.py`:
`python -m tests.hostile_cases > docs/hostile.md`. `tests/test_hostile_table.py` tries it case by case while an honest
session goes on, and takes each of our own guards away to see that its cases then get through. `python tools/hostile.py`
measures what 32 honest sessions notice of so many a second; `--costs` tells what each costs the bridge.
[security.md](security.md) says what is promised.

The last column says whose work it is. Of websockets, gRPC and onnxruntime it is the library's own; all else is a guard
of ours, or one that can be switched off, and its cases end otherwise without it (`tests/hostile_guards.py`).

The limits that the table holds for are small ones: messages of 64 KiB, 50 messages and 64 KiB a second, a second to
join, three clients a session, two texts that wait.

"HTTP 403" is an answer before there was a WebSocket; "close 1002" closes it; a name such as NOT_FOUND, with the field
that is wrong, is an `Error`, after which the connection lives on unless it is closed; "status" is a gRPC call's; "cut"
ends the connection without a word, as it speaks another language; "left out", "thrown away unread" and "not heard" are
packets; "refused" is a file; "taken" means that it is as good as any request.
"""

if __name__ == "__main__":
    print(document(), end="")
