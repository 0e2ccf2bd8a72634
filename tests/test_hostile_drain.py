"""Going down: who watches the health is told first, nobody new comes in, and what is being said is said to its end."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from websockets.exceptions import ConnectionClosed

from rigcast.v1 import service_pb2, session_pb2, stream_pb2
from tests.real_bridge import PATIENCE, Bridge, calling, collect, ended, joined, request, started, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="optional: SIGTERM is POSIX")

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
SENTENCE = "This sentence is long enough that the bridge is told to go in its midst."
ENDLESS = "And so it went on and on, as stories do that nobody wants to hear. " * 30


@contextlib.asynccontextmanager
async def health(bridge: Bridge) -> AsyncIterator["grpc.aio.UnaryStreamCall[object, health_pb2.HealthCheckResponse]"]:
    """A watcher of the bridge's health that has heard that it serves."""
    async with grpc.aio.insecure_channel(bridge.grpc, options=[("grpc.enable_http_proxy", 0)]) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert (await anext(aiter(watch))).status == SERVING
        yield watch
        watch.cancel()


async def _say_and_terminate(bridge: Bridge) -> None:
    async with joined(bridge, "main", no_frames=True) as speaker, health(bridge) as watch, calling(bridge) as stub:
        await speaker.send(request(say=session_pb2.Say(text=SENTENCE)))
        await until(speaker, "audio")
        bridge.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            assert (await anext(aiter(watch))).status == NOT_SERVING
        async with joined(bridge, "main") as late:
            error = (await until(late, "error")).error
        assert error.code == session_pb2.ERROR_CODE_UNAVAILABLE
        with pytest.raises(grpc.aio.AioRpcError, match="going down") as refused:
            await stub.Say(service_pb2.SayRequest(say=session_pb2.Say(text="One more.")))
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            async for _ in stub.Watch(session_pb2.Join(session="main")):
                pass
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        await speaker.send(request(7, say=session_pb2.Say(text="One more.")))
        error = (await until(speaker, "error")).error
        assert (error.request_id, error.code) == (7, session_pb2.ERROR_CODE_UNAVAILABLE)
        messages = await collect(speaker, ended)
        assert messages[-1].event.utterance_ended.reason == stream_pb2.END_REASON_FINISHED
        with pytest.raises(ConnectionClosed) as closed:
            await until(speaker, "nothing")
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 1001


def test_a_sentence_ends_and_nobody_new_comes_in() -> None:
    with started(RIGCAST_DRAIN_S="60") as bridge:
        asyncio.run(_say_and_terminate(bridge))
        assert bridge.process.wait(PATIENCE) == 0


async def _speak_without_an_end(bridge: Bridge, signals: int) -> None:
    async with joined(bridge, "main", no_frames=True) as speaker, health(bridge) as watch:
        await speaker.send(request(say=session_pb2.Say(text=ENDLESS)))
        await until(speaker, "audio")
        bridge.process.send_signal(signal.SIGTERM)
        assert (await anext(aiter(watch))).status == NOT_SERVING
        if signals == 2:
            bridge.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed):
            await until(speaker, "nothing")


@pytest.mark.parametrize(("seconds", "signals"), [("1", 1), ("600", 2)])
def test_what_does_not_end_is_cut_off(seconds: str, signals: int) -> None:
    """By the limit, or by being told once more."""
    with started(RIGCAST_DRAIN_S=seconds) as bridge:
        asyncio.run(_speak_without_an_end(bridge, signals))
        assert bridge.process.wait(PATIENCE) == 0
