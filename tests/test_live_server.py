"""Live audio end to end: a real bridge with a tiny model, real clients of both transports and both forms, in real time.

The machine may be slow, so a microphone here may be heard late; never may lips part from sound.
"""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Iterator

import numpy as np
import pytest
from google.protobuf import json_format
from websockets.asyncio.client import ClientConnection

from bridge.clip import FACE_TAIL
from bridge.curves import INDEX
from bridge.frames import AUDIO_RATE, SAMPLES_PER_FRAME
from rigcast.v1 import session_pb2 as pb
from tests.live_audio import Record, chunks, pcm, push, voice
from tests.real_bridge import PATIENCE, Bridge, calling, joined, opened, request, started
from tests.tiny_model import make

SECONDS = 2.5


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    file = make(tmp_path_factory.mktemp("models") / "tiny.onnx")
    with started("--model", str(file), "--device", "cpu") as running:
        yield running


async def paced(samples: np.ndarray, rate: int, sizes: list[int]) -> AsyncIterator[tuple[int, np.ndarray]]:
    """Chunks of these sizes in turn, each when it would have been recorded, with the index of its first sample."""
    begin, at, i = time.monotonic(), 0, 0
    while at < len(samples):
        chunk = samples[at : at + sizes[i % len(sizes)]]
        await asyncio.sleep(max(begin + (at + len(chunk)) / rate - time.monotonic(), 0))
        yield at, chunk
        at, i = at + len(chunk), i + 1


async def read_on(messages: AsyncIterator[pb.ServerMessage], record: Record, seconds: float) -> Record:
    """Until the utterance has ended and so many seconds more have come."""
    async with asyncio.timeout(PATIENCE):
        async for message in messages:
            record.take([message])
            ends = record.times("utterance_ended")
            if ends and max(record.frames) * SAMPLES_PER_FRAME > ends[-1] + seconds * AUDIO_RATE:
                return record
    raise AssertionError("the stream ended")


async def messages(connection: ClientConnection) -> AsyncIterator[pb.ServerMessage]:
    """What comes, in either form."""
    async for data in connection:
        yield (
            pb.ServerMessage.FromString(data)
            if isinstance(data, bytes)
            else json_format.Parse(data, pb.ServerMessage())
        )


async def over_websocket(bridge: Bridge) -> Record:
    """Binary, paced, 44.1 kHz, stereo float, odd chunks."""
    async with joined(bridge, "binary") as connection:
        reader = asyncio.create_task(read_on(messages(connection), Record(), 0.5))
        start = pb.StartAudio(sample_rate=44_100, channels=2, format=pb.SAMPLE_FORMAT_F32)
        await connection.send(request(1, start_audio=start))
        mono = voice(SECONDS, 44_100)
        async for at, chunk in paced(np.stack([mono, mono], 1), 44_100, [441, 1, 1777, 13]):
            await connection.send(request(push_audio=push(chunk, at)))
        await connection.send(request(end_audio=pb.EndAudio()))
        return await reader


async def over_json(bridge: Bridge) -> Record:
    """JSON, the session's own rate, 16 bits, all at once."""
    async with opened(bridge, "rigcast.v1.json") as connection:
        await connection.send(json.dumps({"join": {"session": "json"}}))
        reader = asyncio.create_task(read_on(messages(connection), Record(), 0.5))
        await connection.send(json.dumps({"requestId": 1, "startAudio": {}}))
        for chunk in chunks(pcm(voice(SECONDS)), 12_000):
            samples = base64.b64encode(chunk.astype("<i2").tobytes()).decode()
            await connection.send(json.dumps({"pushAudio": {"samples": samples}}))
        await connection.send(json.dumps({"endAudio": {}}))
        return await reader


async def over_grpc(bridge: Bridge) -> Record:
    """gRPC, paced, 16 kHz, 16 bits; some chunks are lost."""

    async def requests() -> AsyncIterator[pb.ClientMessage]:
        yield pb.ClientMessage(join=pb.Join(session="grpc"))
        yield pb.ClientMessage(request_id=1, start_audio=pb.StartAudio(sample_rate=16_000))
        async for at, chunk in paced(pcm(voice(SECONDS, 16_000)), 16_000, [320]):
            if at // 320 % 25 != 20:
                yield pb.ClientMessage(push_audio=pb.PushAudio(samples=chunk.tobytes(), first_sample=at))
        yield pb.ClientMessage(end_audio=pb.EndAudio())
        await asyncio.sleep(PATIENCE)

    async with calling(bridge) as stub:
        call = stub.Perform(requests())
        record = await read_on(call, Record(), 0.5)
        call.cancel()
        return record


def assert_rest(record: Record, frame: int) -> None:
    """The jaw rests from this frame on."""
    assert max(curves[INDEX["jawOpen"]] for k, curves in record.frames.items() if k >= frame) < 0.03


async def test_all_ways_in_at_once_and_lips_are_sound_in_each(bridge: Bridge) -> None:
    records = await asyncio.gather(over_websocket(bridge), over_json(bridge), over_grpc(bridge))
    seen = 0  # a reader that hardly gets a turn loses frames, not sound
    for record in records:
        assert not record.errors
        (begin,), (end,) = record.times("utterance_started"), record.times("utterance_ended")
        assert record.endings() == [(1, 1)]
        assert end - begin > 2.4 * AUDIO_RATE
        first, last = begin // SAMPLES_PER_FRAME + 4, end // SAMPLES_PER_FRAME
        if record.came(first, last) > 0.1:
            record.assert_lips_are_sound(first, last, share=0.1)
            seen += 1
        assert_rest(record, end // SAMPLES_PER_FRAME + FACE_TAIL)
    assert seen
    burst = records[1]
    (begin,) = burst.times("utterance_started")
    np.testing.assert_array_equal(burst.span(begin, 60_000), pcm(voice(SECONDS)))


async def test_a_client_that_vanishes_leaves_a_mouth_at_rest_and_the_next_may_speak(bridge: Bridge) -> None:
    record = Record()
    async with joined(bridge, "vanish") as watcher:
        async with joined(bridge, "vanish", no_frames=True, no_audio=True) as speaker:
            await speaker.send(request(start_audio=pb.StartAudio(format=pb.SAMPLE_FORMAT_F32, interrupt=True)))
            async for _, chunk in paced(np.full(24_000, 0.2, np.float32), AUDIO_RATE, [480]):
                await speaker.send(request(push_audio=push(chunk)))
            speaker.transport.abort()
        await read_on(messages(watcher), record, 0.5)
        (end,) = record.times("utterance_ended")
        frame = end // SAMPLES_PER_FRAME
        assert max(curves[INDEX["jawOpen"]] for k, curves in record.frames.items() if k < frame) > 0.6
        assert_rest(record, frame + FACE_TAIL)
        await watcher.send(request(say=pb.Say(text="Hi.")))
        record.events.clear()
        await read_on(messages(watcher), record, 0.1)
        assert record.endings() == [(2, 1)]


def test_a_broken_model_leaves_texts(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("models") / "broken.onnx"
    file.write_bytes(b"no model")

    async def converse(bridge: Bridge) -> None:
        record = Record()
        async with joined(bridge, "deaf") as connection:
            await connection.send(request(5, start_audio=pb.StartAudio()))
            await connection.send(request(say=pb.Say(text="Hi.")))
            await read_on(messages(connection), record, 0.1)
        (error,) = record.errors
        assert (error.code, error.request_id) == (pb.ERROR_CODE_FAILED_PRECONDITION, 5)
        assert "broken.onnx" in error.message
        assert record.endings() == [(1, 1)]

    with started("--model", str(file)) as bridge:
        asyncio.run(converse(bridge))
