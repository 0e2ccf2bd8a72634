"""End to end: a real bridge process, real clients on both transports, real speech."""

import asyncio
import contextlib
import json
import re
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bridge.curves import INDEX
from bridge.frames import AUDIO_RATE, time_us_sample
from bridge.wire import unpack
from rigcast.v1 import service_pb2, session_pb2, stream_pb2
from tests.real_bridge import PATIENCE, Bridge, calling, collect, ended, joined, opened, request, started, until

DOCS = Path(__file__).parent.parent / "docs"
TEXT = "Bob's big thumbs move pure food."


@pytest.fixture(scope="module")
def bridge() -> Iterator[Bridge]:
    with started("--text-characters", "200", "--subscribers", "3", "--queued-texts", "2") as running:
        yield running


def say(text: str = TEXT, **more: object) -> session_pb2.Say:
    return session_pb2.Say(text=text, **more)  # type: ignore[arg-type]


async def spoken(connection: ClientConnection, text: str = TEXT) -> list[session_pb2.ServerMessage]:
    """Say a text and read until it has ended."""
    await connection.send(request(1, say=say(text)))
    return await collect(connection, ended)


def sound_of(messages: list[session_pb2.ServerMessage]) -> np.ndarray:
    """The samples, one after another; they must be gapless."""
    chunks = [m.audio for m in messages if m.WhichOneof("body") == "audio"]
    expected = time_us_sample(chunks[0].time_us)
    for i, chunk in enumerate(chunks):
        assert time_us_sample(chunk.time_us) == expected, f"a gap before chunk {i}"
        expected += len(chunk.pcm) // 2
    return np.frombuffer(b"".join(c.pcm for c in chunks), "<i2")


async def test_a_sentence_is_heard_and_seen(bridge: Bridge) -> None:
    async with joined(bridge, "seen") as connection:
        welcome = (await until(connection, "welcome")).welcome
        assert welcome.protocol == "rigcast.v1"
        assert list(welcome.rig.curves) == list(INDEX)
        messages = await spoken(connection)
    sound = sound_of(messages)
    assert 1.0 < len(sound) / AUDIO_RATE < 5.0
    assert np.abs(sound).max() > 3000
    events = [m.event for m in messages if m.WhichOneof("body") == "event"]
    phones = [(e.time_us, e.phone) for e in events if e.WhichOneof("kind") == "phone"]
    frames = {m.frame.time_us: unpack(m.frame).curves[0] for m in messages if m.WhichOneof("body") == "frame"}
    times = np.array(sorted(frames))
    gap = np.array([frames[t][INDEX["jawOpen"]] - frames[t][INDEX["mouthClose"]] for t in times])
    bilabials = [(t, p) for t, p in phones if p.symbol in "pbm"]
    assert len(bilabials) >= 5
    for start, phone in bilabials:
        during = gap[(times >= start - 20_000) & (times <= start + phone.duration_us + 20_000)]
        assert during.min() < 0.05, f"the lips stay open at {phone.symbol}"
    assert gap.max() > 0.2


async def test_lips_never_arrive_after_their_sound(bridge: Bridge) -> None:
    async with joined(bridge, "order") as connection:
        messages = await spoken(connection)
    seen = 0
    for message in messages:
        body = message.WhichOneof("body")
        if body == "frame":
            seen = message.frame.time_us
        elif body == "audio":
            assert message.audio.time_us <= seen + 200_000


async def test_json_and_binary_clients_share_a_session(bridge: Bridge) -> None:
    async with joined(bridge, "shared") as binary, opened(bridge, "rigcast.v1.json") as text:
        await text.send('{"join": {"session": "shared"}}')
        await until(binary, "welcome")
        await text.send('{"requestId": 5, "say": {"text": "Hi."}}')
        messages = await collect(binary, ended)
        async with asyncio.timeout(PATIENCE):
            async for data in text:
                message = json.loads(data)
                if "accepted" in message:
                    assert message["accepted"] == {"requestId": 5, "utterance": 1}
                if "utteranceEnded" in message.get("event", {}):
                    assert message["event"]["utteranceEnded"]["reason"] == "END_REASON_FINISHED"
                    break
    assert messages[-1].event.utterance_ended.utterance == 1


@pytest.mark.parametrize("language", ["python"])
async def test_the_client_in_the_docs_works(bridge: Bridge, language: str, tmp_path: Path) -> None:
    """The Python client of docs/protocol.md, as it stands but for the address."""
    (code,) = re.findall(rf"```{language}\n(.*?)```", (DOCS / "protocol.md").read_text(encoding="utf-8"), re.DOTALL)
    script = tmp_path / "client.py"
    script.write_text(code.replace("ws://127.0.0.1:7788/rigcast", bridge.websocket), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(sys.executable, script, stdout=asyncio.subprocess.PIPE)
    output, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    rows = [line.split() for line in output.decode().splitlines()]
    assert process.returncode == 0
    assert max(float(jaw) for _, jaw in rows) > 0.15


async def test_a_late_subscriber_gets_the_present_and_no_past(bridge: Bridge) -> None:
    async with joined(bridge, "late") as first:
        await until(first, "welcome")
        await first.send(request(say=say()))
        await until(first, "audio")
        await asyncio.sleep(0.5)
        async with joined(bridge, "late") as second:
            now_us = (await until(second, "welcome")).welcome.now_us
            messages = await collect(second, ended)
        frames = [m.frame.time_us for m in messages if m.WhichOneof("body") == "frame"]
        assert now_us - 20_000 <= frames[0] <= now_us + 20_000
        assert frames == sorted(frames)
        assert np.diff(frames).max() < 20_000
        sound_of(messages)


async def test_an_interruption_cuts_what_was_sent_ahead(bridge: Bridge) -> None:
    async with joined(bridge, "cut") as connection:
        await connection.send(request(say=say("One two three four five six seven eight nine ten eleven twelve.")))
        await until(connection, "audio")
        await asyncio.sleep(0.6)
        await connection.send(request(2, interrupt=session_pb2.Interrupt()))
        messages = await collect(connection, ended)
        assert messages[-1].event.utterance_ended.reason == stream_pb2.END_REASON_INTERRUPTED
        (cut,) = [m.forget.time_us for m in messages if m.WhichOneof("body") == "forget"][-1:]
        assert messages[-1].event.time_us == cut
        after = await collect(connection, lambda m: m.WhichOneof("body") == "frame" and m.frame.time_us > cut + 400_000)
        jaw = unpack(after[-1].frame).curves[0, INDEX["jawOpen"]]
        assert jaw < 0.05


async def test_idle_life_goes_on_without_a_gap(bridge: Bridge) -> None:
    async with joined(bridge, "idle") as connection:
        messages = await collect(connection, lambda m: m.WhichOneof("body") == "frame" and m.frame.sequence > 200)
    sequences = [m.frame.sequence for m in messages if m.WhichOneof("body") == "frame"]
    assert sequences == list(range(sequences[0], 202))


async def test_a_client_gets_only_what_it_wants(bridge: Bridge) -> None:
    async with joined(bridge, "deaf", no_frames=True, no_audio=True) as connection:
        messages = await spoken(connection)
    assert {m.WhichOneof("body") for m in messages} <= {"welcome", "event", "forget", "accepted"}


async def test_marks_are_not_spoken_and_are_told(bridge: Bridge) -> None:
    async with joined(bridge, "marks") as connection:
        messages = await spoken(connection, "Well [surprised] look at that.")
    events = [m.event for m in messages if m.WhichOneof("body") == "event"]
    (text,) = [e.utterance_started.text for e in events if e.WhichOneof("kind") == "utterance_started"]
    assert "surprised" not in text
    turned = [e.emotion_changed.emotion for e in events if e.WhichOneof("kind") == "emotion_changed"]
    assert turned[0] == "surprised"


# Refusals


@pytest.mark.parametrize(
    ("body", "code", "field", "limit"),
    [
        ({"say": session_pb2.Say(text="x" * 201)}, session_pb2.ERROR_CODE_RESOURCE_EXHAUSTED, "say.text", 200),
        ({"say": session_pb2.Say(text="x", voice="nobody")}, session_pb2.ERROR_CODE_NOT_FOUND, "say.voice", 0),
        ({"say": session_pb2.Say(text="x", rate=float("nan"))}, session_pb2.ERROR_CODE_INVALID_ARGUMENT, "say.rate", 0),
        ({"join": session_pb2.Join()}, session_pb2.ERROR_CODE_FAILED_PRECONDITION, "join", 0),
    ],
)
async def test_a_refusal_leaves_the_session_as_it_was(
    bridge: Bridge, body: dict[str, object], code: int, field: str, limit: int
) -> None:
    async with joined(bridge, "refusals") as connection:
        await connection.send(request(7, **body))
        error = (await until(connection, "error")).error
        assert (error.request_id, error.code, error.field, error.limit) == (7, code, field, limit)
        await connection.send(request(8, ping=session_pb2.Ping()))
        assert (await until(connection, "pong")).pong.request_id == 8


async def test_noise_is_answered_and_neighbours_live_on(bridge: Bridge) -> None:
    rng = np.random.default_rng(3)
    async with joined(bridge, "quiet") as neighbour, joined(bridge, "noisy") as connection:
        for _ in range(20):
            await connection.send(rng.bytes(int(rng.integers(1, 300))))
        await until(connection, "error")
        await connection.send(request(9, ping=session_pb2.Ping()))
        await until(connection, "pong")
        assert ended((await spoken(neighbour, "Still here."))[-1])


async def close_of(connection: ClientConnection) -> tuple[int, str]:
    """Read to the end: the server's close code and reason."""
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(PATIENCE):
            while True:
                await connection.recv(decode=False)
    assert connection.close_code is not None
    return connection.close_code, connection.close_reason or ""


async def test_the_first_message_must_be_a_join(bridge: Bridge) -> None:
    async with opened(bridge) as connection:
        await connection.send(request(ping=session_pb2.Ping()))
        assert await close_of(connection) == (1008, "ping: the first message must be a join")


async def test_too_many_subscribers_are_refused(bridge: Bridge) -> None:
    async with joined(bridge, "full") as a, joined(bridge, "full") as b, joined(bridge, "full") as c:
        for connection in (a, b, c):
            await until(connection, "welcome")
        async with joined(bridge, "full") as late:
            code, reason = await close_of(late)
    assert code == 1013
    assert "has 3 clients already" in reason


async def test_a_full_queue_is_refused(bridge: Bridge) -> None:
    async with joined(bridge, "queue", no_frames=True, no_audio=True) as connection:
        for i in range(1, 6):
            await connection.send(request(i, say=say()))
        error = (await until(connection, "error")).error
        assert (error.field, error.limit) == ("say", 2)


@pytest.mark.parametrize("size", [530_000, 700_000])
async def test_a_huge_message_ends_only_its_own_connection(bridge: Bridge, size: int) -> None:
    async with joined(bridge, "neighbour") as neighbour, joined(bridge, "huge") as connection:
        await until(neighbour, "welcome")
        await until(connection, "welcome")
        await connection.send(b"\x00" * size)
        code, reason = await close_of(connection)
        assert code in (1009, 1013), reason
        await neighbour.send(request(1, ping=session_pb2.Ping()))
        await until(neighbour, "pong")


@pytest.mark.parametrize("offered", ["", "graphql-ws"])
async def test_a_client_without_a_subprotocol_is_told_which(bridge: Bridge, offered: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opened(bridge, offered):
            pass
    assert refused.value.response.status_code == 400
    assert b"rigcast.v1 or rigcast.v1.json" in refused.value.response.body


async def test_a_page_of_another_site_may_not_connect(bridge: Bridge) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opened(bridge, origin="https://example.com"):
            pass
    assert refused.value.response.status_code == 403


async def test_a_name_pointed_here_is_refused(bridge: Bridge) -> None:
    rebound = urllib.request.Request(bridge.page, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        await asyncio.to_thread(fetch, rebound)
    assert refused.value.code == 403
    refused.value.close()


def fetch(what: "str | urllib.request.Request") -> tuple[str, bytes]:
    """Content type and body, without a proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(what, timeout=PATIENCE) as answer:
        return answer.headers["Content-Type"], answer.read()


async def test_the_page_and_the_avatar_are_served_and_nothing_else(bridge: Bridge) -> None:
    kind, body = await asyncio.to_thread(fetch, bridge.page)
    assert kind.startswith("text/html")
    kind, body = await asyncio.to_thread(fetch, bridge.page + "avatar.vrm")
    assert (kind, body[:4]) == ("model/gltf-binary", b"glTF")
    for path in ("../pyproject.toml", "..%2f..%2fpyproject.toml", "nothing.js"):
        with pytest.raises(urllib.error.HTTPError) as missing:
            await asyncio.to_thread(fetch, bridge.page + path)
        assert missing.value.code == 404
        missing.value.close()


# gRPC


async def test_perform_streams_both_ways(bridge: Bridge) -> None:
    async def requests() -> "asyncio.AsyncIterator[session_pb2.ClientMessage]":  # type: ignore[name-defined]
        yield session_pb2.ClientMessage(join=session_pb2.Join(session="perform"))
        yield session_pb2.ClientMessage(request_id=4, say=say())

    messages = []
    async with calling(bridge) as stub, asyncio.timeout(PATIENCE):
        async for message in stub.Perform(requests()):
            messages.append(message)
            if ended(message):
                break
    assert messages[0].WhichOneof("body") == "welcome"
    assert [m.accepted.utterance for m in messages if m.WhichOneof("body") == "accepted"] == [1]
    assert len(sound_of(messages)) > AUDIO_RATE


async def test_what_goes_out_together_comes_together_for_who_asks(bridge: Bridge) -> None:
    alone: list[session_pb2.ServerMessage] = []
    sizes: list[int] = []
    async with calling(bridge) as stub, joined(bridge, "together") as plain, asyncio.timeout(PATIENCE):
        watching = stub.Watch(session_pb2.Join(session="together", batched=True))
        await plain.send(request(1, say=say()))
        while not any(map(ended, alone)):
            message = await watching.read()
            inner = list(message.batch.messages) or [message]
            sizes.append(len(inner))
            alone += inner
    frames = [m.frame.sequence for m in alone if m.WhichOneof("body") == "frame"]
    assert frames == list(range(frames[0], frames[0] + len(frames)))
    assert len(sound_of(alone)) > AUDIO_RATE
    assert alone[0].WhichOneof("body") == "welcome"
    assert sum(sizes) > 4 * len(sizes)
    assert all(m.WhichOneof("body") != "batch" for m in alone)


async def test_watch_sees_what_say_and_interrupt_do(bridge: Bridge) -> None:
    async with calling(bridge) as stub, asyncio.timeout(PATIENCE):
        stream = stub.Watch(session_pb2.Join(session="watch", frame_form=session_pb2.FRAME_FORM_PLAIN))
        assert (await anext(aiter(stream))).welcome.session == "watch"
        said = await stub.Say(service_pb2.SayRequest(session="watch", say=say()))
        seen = {"plain_frame": 0, "audio": 0}
        async for message in stream:
            body = message.WhichOneof("body")
            seen[body] = seen.get(body, 0) + 1
            if body == "audio" and seen["audio"] == 3:
                await stub.Interrupt(service_pb2.InterruptRequest(session="watch"))
            if ended(message):
                assert message.event.utterance_ended.utterance == said.utterance
                assert message.event.utterance_ended.reason == stream_pb2.END_REASON_INTERRUPTED
                break
        assert seen["plain_frame"] > 10
        stream.cancel()


@pytest.mark.parametrize(
    ("call", "message", "status", "words"),
    [
        ("Say", service_pb2.SayRequest(say=say("x" * 201)), "RESOURCE_EXHAUSTED", "say.text: 201 characters"),
        ("Say", service_pb2.SayRequest(session="a b", say=say("x")), "INVALID_ARGUMENT", "session: a name has"),
        ("Say", service_pb2.SayRequest(say=say("x", voice="nobody")), "NOT_FOUND", "say.voice"),
        ("Interrupt", service_pb2.InterruptRequest(session="nowhere"), "NOT_FOUND", "no session 'nowhere'"),
    ],
)
async def test_a_refused_call_has_a_status_and_words(
    bridge: Bridge, call: str, message: object, status: str, words: str
) -> None:
    async with calling(bridge) as stub:
        with pytest.raises(grpc.aio.AioRpcError, match=re.escape(words)) as refused:
            await getattr(stub, call)(message)
    assert refused.value.code().name == status


async def test_a_refused_stream_ends_with_a_status(bridge: Bridge) -> None:
    async with calling(bridge) as stub:
        with pytest.raises(grpc.aio.AioRpcError, match=r"join\.session: a name has") as refused:
            async for _ in stub.Watch(session_pb2.Join(session="a b")):
                pass
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_voices_and_description(bridge: Bridge) -> None:
    async with calling(bridge) as stub:
        voices = (await stub.ListVoices(service_pb2.ListVoicesRequest(language="de"))).voices
        about = await stub.Describe(service_pb2.DescribeRequest())
    assert voices
    assert all(v.language.startswith("de") for v in voices)
    assert about.limits.text_characters == 200
    assert len(about.rig.joints) == 22
    assert "happy" in about.emotions


async def test_health_and_reflection(bridge: Bridge) -> None:
    async with grpc.aio.insecure_channel(bridge.grpc, options=[("grpc.enable_http_proxy", 0)]) as channel:
        health = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
        assert health.status == health_pb2.HealthCheckResponse.SERVING
        ask = reflection_pb2.ServerReflectionRequest(list_services="")
        async for answer in reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([ask])):
            names = {service.name for service in answer.list_services_response.service}
            break
    assert "rigcast.v1.RigcastService" in names


# Tokens, ports, ends


def test_a_token_is_asked_for_on_both_transports() -> None:
    token = "a-token-of-some-length"
    with started(RIGCAST_TOKEN=token) as bridge:
        asyncio.run(_token_is_asked_for(bridge, token))


async def _token_is_asked_for(bridge: Bridge, token: str) -> None:
    for address in (bridge.websocket, bridge.websocket + "?token=wrong"):
        with pytest.raises(InvalidStatus) as refused:
            async with opened(Bridge(bridge.process, "", address, "")):
                pass
        assert refused.value.response.status_code == 401
    async with joined(Bridge(bridge.process, "", f"{bridge.websocket}?token={token}", ""), "main") as connection:
        await until(connection, "welcome")
    async with calling(bridge) as stub:
        with pytest.raises(grpc.aio.AioRpcError, match="token") as denied:
            await stub.Describe(service_pb2.DescribeRequest())
        assert denied.value.code() is grpc.StatusCode.UNAUTHENTICATED
        about = await stub.Describe(service_pb2.DescribeRequest(), metadata=[("authorization", f"Bearer {token}")])
        assert about.protocol == "rigcast.v1"


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AssertionError, match="exit code 1"), started("--http-port", str(port)):
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="optional: SIGTERM is POSIX")
def test_sigterm_ends_it_cleanly_and_tells_its_clients() -> None:
    with started() as bridge:
        code, reason = asyncio.run(_terminated(bridge))
        assert bridge.process.wait(PATIENCE) == 0
    assert (code, reason) == (1001, "the server is going down")


async def _terminated(bridge: Bridge) -> tuple[int, str]:
    async with joined(bridge, "main") as connection:
        await until(connection, "welcome")
        bridge.process.send_signal(signal.SIGTERM)
        return await close_of(connection)
