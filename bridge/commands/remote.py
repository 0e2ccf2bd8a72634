"""`rigcast say` and `rigcast voices`: a client of a running bridge, over gRPC."""

import argparse
import queue
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from bridge import tls
from bridge.commands import CommandError
from bridge.config import Config, load
from rigcast.v1 import service_pb2, service_pb2_grpc, session_pb2, stream_pb2

TIMEOUT_S = 10.0
TLS_HELP = "Where it speaks TLS, tls_ca names whom to trust, and --to a host that its certificate names"
CHANNEL_OPTIONS = [("grpc.enable_http_proxy", 0)]  # a proxy has no way to this machine's loopback


def credentials(token: str) -> list[tuple[str, str]]:
    """The metadata that presents a token; none where there is none."""
    return [("authorization", f"Bearer {token}")] if token else []


def opened(config: Config) -> grpc.aio.Channel:
    """A channel to the bridge that the settings describe. Raises ConfigError."""
    return channel(config, config.grpc_target)


def channel(config: Config, target: str) -> grpc.aio.Channel:
    """A channel to host:port, with TLS where the settings have it. Raises ConfigError."""
    if credentials := tls.channel_credentials(config):
        return grpc.aio.secure_channel(target, credentials, options=CHANNEL_OPTIONS)
    return grpc.aio.insecure_channel(target, options=CHANNEL_OPTIONS)


@contextmanager
def connected(config: Config, target: str) -> Iterator[Any]:
    """The stub of the bridge at host:port. Whatever goes wrong with a call inside becomes a CommandError."""
    secure = tls.channel_credentials(config)
    with (
        grpc.secure_channel(target, secure, options=CHANNEL_OPTIONS)
        if secure
        else grpc.insecure_channel(target, options=CHANNEL_OPTIONS)
    ) as line:
        try:
            yield service_pb2_grpc.RigcastServiceStub(line)
        except grpc.RpcError as error:
            raise CommandError(_explain(error, target)) from None


def _explain(error: Any, target: str) -> str:
    """What a failed call means to whoever typed it."""
    code = error.code()
    if code is grpc.StatusCode.UNAVAILABLE and not _answers(target):
        return f"no bridge answers at {target}. Start one with `rigcast serve` or `rigcast demo`"
    if code is grpc.StatusCode.UNAVAILABLE:
        return f"the bridge at {target} does not take our call: {error.details()}. {TLS_HELP}"
    if code is grpc.StatusCode.UNAUTHENTICATED:
        return f"the bridge at {target} wants its token: set RIGCAST_TOKEN to it"
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return f"what answers at {target} is no Rigcast of this version"
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return f"the bridge at {target} did not answer within {TIMEOUT_S:g} s"
    return str(error.details() or code.name)


def _answers(target: str) -> bool:
    """Whether anything at all accepts a connection."""
    import socket

    host, _, port = target.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), 1).close()
    except (OSError, ValueError):
        return False
    return True


def voices(args: argparse.Namespace) -> int:
    """Print who can speak."""
    config = load(file=args.config)
    with connected(config, args.to or config.grpc_target) as stub:
        request = service_pb2.ListVoicesRequest(language=args.language)
        found = stub.ListVoices(request, metadata=credentials(config.token), timeout=TIMEOUT_S).voices
    if not found:
        language = f' whose language begins with "{args.language}"; `rigcast voices` lists all' if args.language else ""
        raise CommandError("there is no voice" + language)
    rows = [("NAME", "LANGUAGE", "LABEL", "ENGINE"), *((v.name, v.language, v.label, v.engine) for v in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        print(*(f"{cell:{width}}" for cell, width in zip(row[:3], widths, strict=True)), row[3], sep="  ")
    return 0


def say(args: argparse.Namespace) -> int:
    """Speak a text; with --wait, return when it has been presented."""
    text = sys.stdin.read() if args.text == ["-"] else " ".join(args.text)
    config = load(file=args.config)
    message = session_pb2.Say(text=text, voice=args.voice, rate=args.rate, pitch=args.pitch, interrupt=args.interrupt)
    with connected(config, args.to or config.grpc_target) as stub:
        if args.wait:
            return _say_and_wait(stub, config, args.session, message)
        request = service_pb2.SayRequest(session=args.session, say=message)
        stub.Say(request, metadata=credentials(config.token), timeout=TIMEOUT_S)
        _warn_if_unheard(stub, config, args)
    return 0


def _warn_if_unheard(stub: Any, config: Config, args: argparse.Namespace) -> None:
    about = stub.Describe(service_pb2.DescribeRequest(), metadata=credentials(config.token), timeout=TIMEOUT_S)
    if not any(session.name == args.session and session.subscribers for session in about.sessions):
        page = "" if args.to else f"; open {config.page_url}"
        print(f'rigcast: nobody watches session "{args.session}" yet{page}', file=sys.stderr)


def _say_and_wait(stub: Any, config: Config, session: str, message: session_pb2.Say) -> int:
    requests: queue.SimpleQueue[session_pb2.ClientMessage | None] = queue.SimpleQueue()
    requests.put(session_pb2.ClientMessage(join=session_pb2.Join(session=session, no_frames=True, no_audio=True)))
    requests.put(session_pb2.ClientMessage(request_id=1, say=message))
    try:
        return _follow(stub.Perform(iter(requests.get, None), metadata=credentials(config.token)))
    finally:
        requests.put(None)  # ends the stream of requests


def _follow(replies: Iterator[session_pb2.ServerMessage]) -> int:
    """Read events until our utterance has ended and that instant is present."""
    utterance, clock_us = 0, 0.0
    for reply in replies:
        kind = reply.WhichOneof("body")
        if kind == "welcome":
            clock_us = reply.welcome.now_us - time.monotonic() * 1e6
        elif kind == "error":
            raise CommandError(reply.error.message)
        elif kind == "accepted":
            utterance = reply.accepted.utterance
        elif kind == "event" and utterance and reply.event.utterance_ended.utterance == utterance:
            time.sleep(max(0.0, (reply.event.time_us - clock_us) / 1e6 - time.monotonic()))
            return _verdict(reply.event.utterance_ended)
    raise CommandError("the bridge ended the stream before the text was spoken")


def _verdict(ended: stream_pb2.UtteranceEnded) -> int:
    if ended.reason == stream_pb2.END_REASON_FAILED:
        raise CommandError(ended.detail)
    if ended.reason == stream_pb2.END_REASON_INTERRUPTED:
        raise CommandError("the text was interrupted")
    return 0
