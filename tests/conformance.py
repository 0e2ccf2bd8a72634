"""What RFC 6455 asks of a WebSocket server, case by case in the order of its chapters.

A list of our own that covers what Autobahn's test suite does for a server without extensions. Where that echoes, we ask
and are answered.

    python -m tests.conformance > docs/websocket.md

A case is what a client sends after it has joined, and what must come of it: how many answers and which pongs, or the
code with which the connection is closed; what was asked before a close may be answered or not.
"""

import asyncio
import contextlib
import itertools
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bridge.config import Config
from tests.hostile import frame, line
from tests.real_bridge import PATIENCE

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MASK = b"\x37\xfa\x21\x3d"
LIMIT = 524_288
"""Bytes of a message by default; 64 KiB more are refused in words, beyond that the connection is closed with 1009."""
END = b"end"


class Came(NamedTuple):
    """What came of a case. closed: the code, 0 for a close without one, None where the connection goes on."""

    answers: int = 0
    pongs: tuple[bytes, ...] = ()
    closed: int | None = None


class Case(NamedTuple):
    """Bytes to send, in writes of `chop` bytes each, 0 for one."""

    section: str
    name: str
    sent: bytes
    comes: Came
    chop: int = 0


def masked(opcode: int, payload: bytes = b"", *, final: bool = True, reserved: int = 0) -> bytes:
    """A frame with a mask that is no zero."""
    return frame(opcode, payload, final=final, mask=MASK, reserved=reserved)


def ask(size: int) -> bytes:
    """A question of so many bytes, which is answered; below 8 bytes it is none, and that is answered too."""
    plain = '{"ping":{}}'
    return plain.ljust(size).encode() if size >= len(plain) else b" " * size


def parts(payload: bytes, *cuts: int, opcode: int = TEXT, between: bytes = b"") -> bytes:
    """A message cut at these bytes, with something between its parts."""
    edges = [0, *cuts, len(payload)]
    pieces = [payload[a:b] for a, b in itertools.pairwise(edges)]
    last = len(pieces) - 1
    return between.join(
        masked(opcode if not i else CONTINUATION, piece, final=i == last) for i, piece in enumerate(pieces)
    )


def close(code: int, reason: bytes = b"") -> bytes:
    """A close with a code."""
    return masked(CLOSE, struct.pack(">H", code) + reason)


QUESTION = ask(20)
ANSWERED, BAD_FRAME, BAD_TEXT, TOO_BIG = Came(1), Came(closed=1002), Came(closed=1007), Came(closed=1009)


def framing() -> Iterator[Case]:
    """5.2: lengths in their three forms."""
    for size in (0, 1, 20, 125, 126, 127, 128, 1000, 65_535, 65_536, 200_000):
        yield Case("Lengths (5.2)", f"a message of {size} bytes", masked(TEXT, ask(size)), ANSWERED)
    for size, chop in ((125, 1), (126, 1), (65_536, 997)):
        name = f"a message of {size} bytes, {chop} at a time"
        yield Case("Lengths (5.2)", name, masked(TEXT, ask(size)), ANSWERED, chop)
    for form, head in (
        ("16 bits", struct.pack(">BBH", 0x81, 0xFE, 20)),
        ("64 bits", struct.pack(">BBQ", 0x81, 0xFF, 20)),
    ):
        name = f"a length of 20 in {form}, which need not be refused"
        yield Case("Lengths (5.2)", name, head + bytes(4) + QUESTION, ANSWERED)
    yield Case("Lengths (5.2)", "a frame without a mask (5.1)", frame(TEXT, QUESTION, masked=False), BAD_FRAME)
    yield Case("Lengths (5.2)", "a length of 2^63", frame(TEXT, b"", length=1 << 63), TOO_BIG)


def pings() -> Iterator[Case]:
    """5.5.2 and 5.5.3."""
    section = "Pings and pongs (5.5)"
    for name, payload in (
        ("empty", b""),
        ("with text", b"hello"),
        ("with bytes", bytes(range(250, 256))),
        ("of 125 bytes", b"x" * 125),
    ):
        yield Case(section, f"a ping, {name}", masked(PING, payload), Came(pongs=(payload,)))
    yield Case(section, "a ping of 125 bytes, one at a time", masked(PING, b"x" * 125), Came(pongs=(b"x" * 125,)), 1)
    yield Case(section, "a ping of 126 bytes", masked(PING, b"x" * 126), BAD_FRAME)
    yield Case(section, "a pong that nobody asked for", masked(PONG), Came())
    yield Case(section, "a pong that nobody asked for, with text", masked(PONG, b"hello"), Came())
    yield Case(section, "a pong of 126 bytes", masked(PONG, b"x" * 126), BAD_FRAME)
    yield Case(section, "a pong, then a ping", masked(PONG, b"a") + masked(PING, b"b"), Came(pongs=(b"b",)))
    ten = tuple(b"%d" % i for i in range(10))
    for chop in (0, 1):
        name = "ten pings" + (", a byte at a time" if chop else "")
        yield Case(section, name, b"".join(masked(PING, each) for each in ten), Came(pongs=ten), chop)


def reserved() -> Iterator[Case]:
    """5.2: bits without a meaning."""
    section = "Reserved bits (5.2)"
    for bits in range(1, 8):
        yield Case(section, f"RSV {bits:03b} on a text", masked(TEXT, QUESTION, reserved=bits), BAD_FRAME)
        after = masked(TEXT, QUESTION) + masked(TEXT, QUESTION, reserved=bits)
        yield Case(section, f"RSV {bits:03b} after a good message", after, Came(closed=1002), 1 if bits == 3 else 0)
    for opcode, name in ((BINARY, "bytes"), (PING, "a ping"), (PONG, "a pong"), (CLOSE, "a close")):
        yield Case(section, f"RSV 100 on {name}", masked(opcode, b"", reserved=4), BAD_FRAME)
    half = masked(TEXT, QUESTION[:9], final=False) + masked(CONTINUATION, QUESTION[9:], reserved=1)
    yield Case(section, "RSV 001 on a continuation", half, BAD_FRAME)


def opcodes() -> Iterator[Case]:
    """5.2: kinds without a meaning."""
    for opcode in (*range(3, 8), *range(11, 16)):
        for payload in (b"", b"x"):
            name = f"kind {opcode:X}" + (", with a byte" if payload else "")
            sent = masked(TEXT, QUESTION) + masked(opcode, payload)
            yield Case("Unknown kinds (5.2)", name, sent, Came(closed=1002))


def fragments() -> Iterator[Case]:
    """5.4."""
    section = "Messages in parts (5.4)"
    ping, pong = masked(PING, b"p"), Came(1, (b"p",))
    for chop in (0, 1):
        how = ", a byte at a time" if chop else ""
        yield Case(section, "two parts" + how, parts(QUESTION, 9), ANSWERED, chop)
        yield Case(section, "two parts, a ping between" + how, parts(QUESTION, 9, between=ping), pong, chop)
        yield Case(section, "twenty parts of a byte" + how, parts(QUESTION, *range(1, 20)), ANSWERED, chop)
        yield Case(section, "three parts, the outer ones empty" + how, parts(QUESTION, 0, 20), ANSWERED, chop)
        three = Came(1, (b"p",) * 3)
        yield Case(section, "four parts, pings between" + how, parts(QUESTION, 3, 9, 15, between=ping), three, chop)
    yield Case(section, "three empty parts", parts(b"", 0, 0), ANSWERED)
    yield Case(section, "256 parts", parts(ask(512), *range(2, 512, 2)), ANSWERED)
    whole = masked(TEXT, QUESTION)
    yield Case(section, "two messages in two parts", 2 * parts(QUESTION, 9), Came(2))
    yield Case(section, "a pong between parts", parts(QUESTION, 9, between=masked(PONG, b"x")), ANSWERED)
    yield Case(section, "a ping in two parts", masked(PING, b"a", final=False) + masked(CONTINUATION, b"b"), BAD_FRAME)
    yield Case(section, "a pong in two parts", masked(PONG, b"a", final=False) + masked(CONTINUATION, b"b"), BAD_FRAME)
    yield Case(section, "a close in two parts", masked(CLOSE, b"\x03\xe8", final=False), BAD_FRAME)
    for final in (True, False):
        lost = masked(CONTINUATION, QUESTION, final=final)
        name = "a last part of nothing" if final else "a part of nothing"
        yield Case(section, name, lost, BAD_FRAME)
        yield Case(section, f"{name}, after a message in parts", parts(QUESTION, 9) + lost, Came(closed=1002))
        yield Case(section, f"{name}, before a message", lost + whole, BAD_FRAME)
    begun = masked(TEXT, QUESTION[:9], final=False)
    yield Case(section, "a message within a message", begun + whole, BAD_FRAME)
    yield Case(section, "a message that begins twice", begun + begun, BAD_FRAME)
    yield Case(section, "bytes within a text", begun + masked(BINARY, b"x"), BAD_FRAME)
    yield Case(section, "a message after a message in parts", parts(QUESTION, 9) + whole, Came(2))


VALID = {
    "Greek": "κόσμε", "Korean": "한국어", "emoji of several": "👩‍👩‍👧",
    "U+0000": "\\u0000", "U+007F": "\x7f", "U+0080": "\x80", "U+07FF": "\u07ff",
    "U+0800": "\u0800", "U+D7FF": "\ud7ff", "U+E000": "\ue000", "U+FFFD": "\ufffd",
    "U+FFFE": "\ufffe", "U+FFFF": "\uffff",
    "U+10000": "\U00010000", "U+1FFFE": "\U0001fffe", "U+8FFFF": "\U0008ffff", "U+10FFFF": "\U0010ffff",
    "a byte order mark": "a\ufeffb", "right to left": "\u202eabc\u202c", "combining marks": "e" + "\u0301" * 50,
}  # fmt: skip

INVALID = {
    "a continuation alone": b"\x80", "the last continuation alone": b"\xbf", "two continuations": b"\x80\xbf",
    "seven continuations": b"\x80\xbf\x80\xbf\x80\xbf\x80", "all continuations": bytes(range(0x80, 0xC0)),
    "all beginnings of two, each and a blank": b"".join(bytes((b, 32)) for b in range(0xC0, 0xE0)),
    "all beginnings of three, each and a blank": b"".join(bytes((b, 32)) for b in range(0xE0, 0xF0)),
    "all beginnings of four, each and a blank": b"".join(bytes((b, 32)) for b in range(0xF0, 0xF8)),
    "beginnings of five": b"\xf8 \xf9 \xfa \xfb ", "beginnings of six": b"\xfc \xfd ",
    "two of which one is missing": b"\xc3", "three of which one is missing": b"\xe2\x82",
    "four of which one is missing": b"\xf0\x9f\x98", "four of which two are missing": b"\xf0\x9f",
    "FE": b"\xfe", "FF": b"\xff", "FE and FF": b"\xfe\xfe\xff\xff",
    "an overlong slash of two": b"\xc0\xaf", "an overlong slash of three": b"\xe0\x80\xaf",
    "an overlong slash of four": b"\xf0\x80\x80\xaf", "an overlong slash of five": b"\xf8\x80\x80\x80\xaf",
    "the highest overlong of two": b"\xc1\xbf", "the highest overlong of three": b"\xe0\x9f\xbf",
    "the highest overlong of four": b"\xf0\x8f\xbf\xbf", "an overlong NUL of two": b"\xc0\x80",
    "an overlong NUL of three": b"\xe0\x80\x80", "U+D800": b"\xed\xa0\x80", "U+DB7F": b"\xed\xad\xbf",
    "U+DB80": b"\xed\xae\x80",
    "U+DBFF": b"\xed\xaf\xbf", "U+DC00": b"\xed\xb0\x80", "U+DF80": b"\xed\xbe\x80", "U+DFFF": b"\xed\xbf\xbf",
    "a pair of surrogates": b"\xed\xa0\x80\xed\xb0\x80", "the last pair of surrogates": b"\xed\xaf\xbf\xed\xbf\xbf",
    "U+110000": b"\xf4\x90\x80\x80", "U+1FFFFF": b"\xf7\xbf\xbf\xbf", "U+3FFFFFF": b"\xfb\xbf\xbf\xbf\xbf",
    "U+7FFFFFFF": b"\xfd\xbf\xbf\xbf\xbf\xbf", "a good text with a bad end": "κόσμε".encode() + b"\xed\xa0\x80",
}  # fmt: skip


def utf8() -> Iterator[Case]:
    """8.1: text is UTF-8, wherever it is cut."""
    section = "UTF-8 (8.1)"
    for name, text in VALID.items():
        payload = b'{"ping":{},"x":"' + text.encode() + b'"}'  # answered: there is no x
        at = len(b'{"ping":{},"x":"')
        yield Case(section, name, masked(TEXT, payload), ANSWERED)
        yield Case(section, f"{name}, cut within", parts(payload, at + 1), ANSWERED)
        yield Case(
            section, f"{name}, every byte a part", parts(payload[at:-2], *range(1, len(payload) - at - 2)), ANSWERED
        )
    for name, bad in INVALID.items():
        payload = b'{"x":"' + bad
        yield Case(section, name, masked(TEXT, payload), BAD_TEXT)
        yield Case(section, f"{name}, cut within", parts(payload, 7), BAD_TEXT)
        yield Case(section, f"{name}, every byte a part", parts(bad, *range(1, len(bad))), BAD_TEXT)
        yield Case(section, f"{name}, a byte at a time", masked(TEXT, bad), BAD_TEXT, 1)


def closes() -> Iterator[Case]:
    """5.5.1 and 7."""
    section = "Closing (5.5.1, 7)"
    yield Case(section, "a close without a code", masked(CLOSE), Came(closed=0))
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999):
        yield Case(section, f"code {code}", close(code), Came(closed=code))
    for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535):
        yield Case(section, f"code {code}, which nobody may send", close(code), BAD_FRAME)
    yield Case(section, "half a code", masked(CLOSE, b"\x03"), BAD_FRAME)
    for name, reason, comes in (
        ("a reason", b"hello", Came(closed=1000)), ("a reason of 123 bytes", b"x" * 123, Came(closed=1000)),
        ("a reason of 124 bytes", b"x" * 124, BAD_FRAME), ("a reason that is no UTF-8", b"\xed\xa0\x80", BAD_TEXT),
    ):  # fmt: skip
        yield Case(section, name, close(1000, reason), comes)
    yield Case(section, "two closes", 2 * close(1000), Came(closed=1000))
    yield Case(section, "a message, then a close", masked(TEXT, QUESTION) + close(1000), Came(closed=1000))
    for name, more in (("ping", masked(PING, b"p")), ("message", masked(TEXT, QUESTION)), ("bad frame", masked(3))):
        yield Case(section, f"a close, then a {name}", close(1000) + more, Came(closed=1000))
    begun = masked(TEXT, QUESTION[:9], final=False)
    yield Case(section, "a close within a message", begun + close(1000), BAD_FRAME)
    yield Case(section, "a close within a message, then its end", begun + close(1000) + masked(0, b""), BAD_FRAME)
    yield Case(section, "a close, a byte at a time", close(1000, b"hello"), Came(closed=1000), 1)
    yield Case(section, "much, then a close", masked(TEXT, ask(200_000)) + close(1000), Came(closed=1000))


def limits() -> Iterator[Case]:
    """10.4: what is too much."""
    section = "Limits (10.4)"
    for size in (65_536, 262_144, LIMIT):
        yield Case(section, f"{size // 1024} KiB", masked(TEXT, ask(size)), ANSWERED)
        for count in (4, 64, 256):
            cuts = range(size // count, size, size // count)
            yield Case(section, f"{size // 1024} KiB in {count} parts", parts(ask(size), *cuts), ANSWERED)
        for chop in (1000, 4096, 65_536):
            yield Case(section, f"{size // 1024} KiB, {chop} bytes at a time", masked(TEXT, ask(size)), ANSWERED, chop)
    yield Case(section, "one byte beyond the limit", masked(TEXT, ask(LIMIT + 1)), Came(closed=1013))
    for size in (2**20, 2**22, 2**24):
        yield Case(section, f"{size >> 20} MiB", masked(TEXT, ask(size)), TOO_BIG)
        third = size // 3 + 1
        yield Case(section, f"{size >> 20} MiB in 3 parts", parts(ask(size), third, 2 * third), TOO_BIG)
    yield Case(section, "258 parts", parts(ask(516), *range(2, 516, 2)), Came(closed=1013))
    for size in (0, 16, 64, 125, 126, 1024):
        yield Case(section, f"1000 messages of {size} bytes", 1000 * masked(TEXT, ask(max(size, 11))), Came(1000))


SECTIONS = (framing, pings, reserved, opcodes, fragments, utf8, closes, limits)
CASES = [case for section in SECTIONS for case in section()]


async def came_of(bound: Config, case: Case) -> Came:
    """Send a case to a bridge, and read what comes. Where nothing closes the connection, two questions end it."""
    async with line(bound) as there, asyncio.timeout(PATIENCE):
        head = await there.shake(f"127.0.0.1:{bound.http_port}", protocol="rigcast.v1.json")
        assert b" 101 " in head.partition(b"\r\n")[0], head
        await there.reader.readuntil(b"\r\n\r\n") if not head.endswith(b"\r\n\r\n") else None
        quiet = '{"join": {"session": "conform", "noFrames": true, "noAudio": true, "noEvents": true}}'
        await there.send(masked(TEXT, quiet.encode()))
        sending = asyncio.create_task(_send(there, case))
        try:
            return await _read(there.reader)
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending


async def _send(there: object, case: Case) -> None:
    step = case.chop or max(len(case.sent), 1)
    for first in range(0, len(case.sent), step):
        await there.send(case.sent[first : first + step])  # type: ignore[attr-defined]
        if case.chop:
            await asyncio.sleep(0)
    if case.comes.closed is None:
        await there.send(masked(TEXT, b'{"requestId":999,"ping":{}}') + masked(PING, END))  # type: ignore[attr-defined]


async def _read(reader: asyncio.StreamReader) -> Came:
    answers, pongs, closed, left = 0, [], None, {"answer", "pong"}
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while left:
            opcode, payload = await _frame(reader)
            if opcode == CLOSE:
                closed = struct.unpack(">H", payload[:2])[0] if payload else 0
                break
            if opcode == PONG:
                left -= {"pong"} if payload == END else set()
                pongs += [payload] if payload != END else []
            elif b'"welcome"' not in payload:
                last = b'"requestId":999' in payload.replace(b" ", b"")
                left -= {"answer"} if last else set()
                answers += not last
    return Came(answers, tuple(pongs)) if closed is None else Came(closed=closed)


async def _frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, size = await reader.readexactly(2)
    assert not size & 0x80, "a server must not mask"
    assert not first & 0x70, "no extension was agreed on"
    if size == 126:
        (size,) = struct.unpack(">H", await reader.readexactly(2))
    elif size == 127:
        (size,) = struct.unpack(">Q", await reader.readexactly(8))
    return first & 0x0F, await reader.readexactly(size)


def words(came: Came) -> str:
    """For people."""
    told = [f"{came.answers} answers" if came.answers > 1 else "an answer"] if came.answers else []
    told += [f"{len(came.pongs)} pongs" if len(came.pongs) > 1 else "a pong"] if came.pongs else []
    told += [f"close {came.closed}" if came.closed else "close"] if came.closed is not None else []
    return ", ".join(told) or "nothing"


def document() -> str:
    """docs/websocket.md."""
    out = [HEAD]
    sections: dict[str, list[Case]] = {}
    for case in CASES:
        sections.setdefault(case.section, []).append(case)
    out.append("| chapter of RFC 6455 | cases |\n|---|---|")
    out += [f"| {section} | {len(cases)} |" for section, cases in sections.items()]
    out.append(f"| all | {len(CASES)} |\n")
    for section, cases in sections.items():
        out += [f"## {section}\n", "| what is sent | what comes of it |\n|---|---|"]
        out += [f"| {case.name} | {words(case.comes)} |" for case in _first_of_each(cases)]
        out.append("")
    return "\n".join(out)


def _first_of_each(cases: Iterable[Case]) -> list[Case]:
    return [case for case in cases if ", cut within" not in case.name and ", every byte" not in case.name]


HEAD = """# How well WebSocket is spoken

What a client may send after it has joined, and what comes of it: a list of our own that covers what Autobahn's test
suite asks of a server without extensions. This page is written from `tests/conformance.py`
(`python -m tests.conformance > docs/websocket.md`); `tests/test_conformance.py` tries every case against a real bridge,
and none fails. In the chapter on UTF-8 each row is tried whole, and with the text cut at its first byte and at every
byte.

Four things differ from what Autobahn's suite would like best, and are meant to:

- **Compression is not negotiated.** A client that offers `permessage-deflate` is answered without it, so Autobahn's
  chapters 12 and 13 do not apply: what is small on the wire is small in memory.
- **Messages are bounded.** Beyond `message_bytes` (512 KiB) a message is refused in words and with 1013, beyond 64 KiB
  more with 1009; one in more than 256 parts with 1013. Autobahn's longest ones, 16 MiB, get 1009.
- **Who closes within a message** that is not complete is answered with 1002 (websockets' choice): it is closed, and
  what was cut off is not taken for whole.
- **Bad UTF-8 is told when its frame has come**, not at its first bad byte: code 1007 in both cases.
"""

if __name__ == "__main__":
    print(document(), end="")
