"""Who serves a port of Audio2Face-3D clients, seen from outside."""

import json
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from bridge.a2f.configs import JSON, SERVICE
from bridge.a2f.service import CONFIGS
from rigcast.a2f.v1 import a2f_pb2


async def probe(channel: grpc.aio.Channel, metadata: list[tuple[str, str]], timeout: float) -> tuple[bool, bool]:
    """Whether a Rigcast serves there, and whether it is healthy. Raises AioRpcError where nobody serves them."""
    get: Any = channel.unary_stream(
        f"/{CONFIGS}/GetConfigs",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=a2f_pb2.ConfigFile.FromString,
    )
    asked = a2f_pb2.ConfigsRequest(kind=JSON)
    files = [file async for file in get(asked, metadata=metadata, timeout=timeout)]
    health: Any = health_pb2_grpc.HealthStub(channel)
    answer = await health.Check(health_pb2.HealthCheckRequest(), metadata=metadata, timeout=timeout)
    ours = any(_service(file.content) == SERVICE for file in files)
    return ours, answer.status == health_pb2.HealthCheckResponse.SERVING


def _service(content: str) -> object:
    """The name that a file of a configuration gives its service; None where it gives none."""
    try:
        return json.loads(content)["service"]["name"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
