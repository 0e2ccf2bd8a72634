"""`rigcast doctor`: tries every part for real and says what is wrong, and what to do about it.

Each check imports what it tries, so that a part that cannot even be loaded is a finding like any other.
"""

import argparse
import asyncio
import errno
import importlib
import json
import platform
import shutil
import socket
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from enum import StrEnum
from importlib.metadata import packages_distributions, version
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from bridge import __version__, tls
from bridge.cli import config_of
from bridge.commands import loop_factory
from bridge.config import SETTINGS, Config, ConfigError, authority, is_loopback, reachable

if TYPE_CHECKING:
    import grpc
    from google.protobuf.message import Message

    from bridge.frames import Speech
    from bridge.inputs.binding import Place
    from bridge.outputs.sender import Output
    from rigcast.v1 import service_pb2

MODULES = ("numpy", "onnxruntime", "grpc", "grpc_health", "google.protobuf", "websockets", "espeakng_loader", "soxr")
WORD = "Papa."  # a closed mouth and an open one
TIMEOUT_S = 3.0
A2F_PORT = 52000
ANOTHER_PORT = "end that program, or choose another port with --a2f N"
BYTES_PER_CHARACTER = 4  # at most, in UTF-8

RELU_MODEL = (
    b"\x08\x08"  # ir_version 8
    b':3\n\x0c\n\x01x\x12\x01y"\x04Relu\x12\x01g'  # the graph "g": y = Relu(x)
    b"Z\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x04"  # its input x: float, 4 of them
    b"b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x04"  # its output y: the same
    b"B\x02\x10\x0d"  # operators of version 13
)
"""The smallest useful ONNX model, to see whether a provider computes."""


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    BROKEN = "broken"


class Finding(NamedTuple):
    """What was found out about a part, and what to do if that is not good."""

    part: str
    state: State
    text: str
    remedy: str = ""


def run(args: argparse.Namespace) -> int:
    """Print what was found; 1 if something is broken."""
    try:
        config, findings = config_of(args), []
    except ConfigError as error:
        config, findings = (
            Config(),
            [Finding("settings", State.BROKEN, str(error), "the defaults are examined instead")],
        )
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        findings += runner.run(examine(config, report=None if args.json else _print))
    broken = sum(finding.state is State.BROKEN for finding in findings)
    if args.json:
        print(json.dumps({"version": __version__, "broken": broken, "findings": [f._asdict() for f in findings]}))
    else:
        print("\nNothing is broken." if not broken else f"\n{broken} broken: see the arrows above.")
    return 1 if broken else 0


def _print(finding: Finding) -> None:
    mark = {State.OK: "  ok  ", State.NOTE: " note ", State.BROKEN: "BROKEN"}[finding.state]
    print(f"{mark}  {finding.part:12}  {finding.text}")
    if finding.remedy:
        print(f"{'':22}→ {finding.remedy}", flush=True)


async def examine(config: Config, report: Callable[[Finding], None] | None = None) -> list[Finding]:
    """Everything there is to find, in order; `report` gets each finding as it comes."""
    findings = []
    for part, check in CHECKS.items():
        async for finding in _guarded(part, check(config)):
            findings.append(finding)
            if report:
                report(finding)
    return findings


async def _guarded(part: str, check: AsyncIterator[Finding]) -> AsyncIterator[Finding]:
    """A check that fails in a way of its own has found something too."""
    try:
        async for finding in check:
            yield finding
    except Exception as error:
        yield Finding(part, State.BROKEN, f"{type(error).__name__}: {error}")


async def _program(_: Config) -> AsyncIterator[Finding]:
    yield Finding("rigcast", State.OK, f"{__version__} on Python {platform.python_version()}, {platform.platform()}")
    owners = packages_distributions()
    found = []
    for name in MODULES:
        try:
            importlib.import_module(name)
        except Exception as error:  # a library that cannot be loaded raises what it likes
            package = owners.get(name.split(".")[0], [name])[0]
            remedy = f"pip install --force-reinstall {package}"
            yield Finding("packages", State.BROKEN, f"{name} cannot be imported: {error}", remedy)
        else:
            found += [f"{owner} {version(owner)}" for owner in _owners(owners, name)]
    yield Finding("packages", State.OK, ", ".join(found))


def _owners(owners: Mapping[str, list[str]], module: str) -> list[str]:
    """The distribution that a module is from; "google" is shared by several."""
    return ["protobuf"] if module == "google.protobuf" else owners.get(module, [])[:1]


async def _settings(config: Config) -> AsyncIterator[Finding]:
    changed = [
        f"{name} = {setting.shown(getattr(config, name))} ({config.source(name)})"
        for name, setting in SETTINGS.items()
        if name in config.sources
    ]
    yield Finding("settings", State.OK, ", ".join(changed) or "all at their defaults; see `rigcast config`")
    if config.message_bytes < config.text_characters * BYTES_PER_CHARACTER:
        text = f"a text of {config.text_characters} characters may not fit a message of {config.message_bytes} bytes"
        yield Finding("settings", State.NOTE, text, f"message_bytes = {config.text_characters * BYTES_PER_CHARACTER}")
    if not is_loopback(config.host) and not config.tls_cert:
        text = f"{config.host} is open to other machines, and neither token nor stream is encrypted"
        yield Finding("settings", State.NOTE, text, "set tls_cert and tls_key, or use it in a network that you trust")
    if config.tls_cert:
        yield _certificate(config)


def _certificate(config: Config) -> Finding:
    """Whether TLS can be served, and for how long."""
    try:
        tls.server_context(config)
    except ConfigError as error:
        return Finding("tls", State.BROKEN, str(error), "correct the file; a running bridge takes it without a restart")
    left = (tls.expires(config) - time.time()) / 86_400
    if left <= 0:
        return Finding("tls", State.BROKEN, f"{config.tls_cert} has ended", "renew it: clients refuse it")
    if left < tls.SOON_S / 86_400:
        return Finding(
            "tls", State.NOTE, f"{config.tls_cert} ends in {left:.1f} days", "renew it; nothing need restart"
        )
    return Finding("tls", State.OK, f"{config.tls_cert} is good for {left:.0f} days")


async def _runtime(_: Config) -> AsyncIterator[Finding]:
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)  # what fails is told below
    names = onnxruntime.get_available_providers()
    works = {name: await asyncio.to_thread(_computes, name) for name in names}
    working, others = ([n.removesuffix("ExecutionProvider") for n in names if works[n] is ok] for ok in (True, False))
    text = f"{', '.join(working) or 'nothing'} works" + (f"; {', '.join(others)} not here" if others else "")
    if not works.get("CPUExecutionProvider"):
        yield Finding("onnxruntime", State.BROKEN, text, "pip install --force-reinstall onnxruntime")
    elif shutil.which("nvidia-smi") and not works.get("CUDAExecutionProvider"):
        remedy = 'for the GPU: pip install "onnxruntime-gpu[cuda,cudnn]"; the CPU is enough for all that there is now'
        yield Finding("onnxruntime", State.NOTE, text, remedy)
    else:
        yield Finding("onnxruntime", State.OK, text)


def _computes(provider: str) -> bool:
    """Whether a provider really runs a model, rather than only being compiled in."""
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(RELU_MODEL, options, providers=[provider], enable_fallback=0)
        (result,) = session.run(None, {"x": np.array([-1, 0, 1, 2], np.float32)})
    except Exception:
        return False
    return provider in session.get_providers() and list(result) == [0, 0, 1, 2]


async def _loop(_: Config) -> AsyncIterator[Finding]:
    try:
        import uvloop
    except ImportError:
        usual = sys.platform == "win32"
        text = "asyncio's own; uvloop does not exist for Windows" if usual else "asyncio's own; uvloop is faster"
        yield Finding("event loop", State.OK if usual else State.NOTE, text, "" if usual else "pip install uvloop")
    else:
        yield Finding("event loop", State.OK, f"uvloop {version(uvloop.__name__)}")


async def _voice(config: Config) -> AsyncIterator[Finding]:
    from bridge.speech.espeak import EspeakVoices
    from bridge.speech.voice import UnknownVoiceError

    voices = await EspeakVoices.start()
    try:
        names = voices.voices()
        yield Finding("voices", State.OK, f"{len(names)}, in {len({v.language for v in names})} languages")
        await voices.speak(WORD, voice=config.voice)  # the first one loads the voice
        began = time.perf_counter()
        speech = await voices.speak(WORD, voice=config.voice)
        took_ms = 1000 * (time.perf_counter() - began)
    except UnknownVoiceError as error:
        yield Finding("voices", State.BROKEN, f"voice ({config.source('voice')}): {error}", "rigcast voices")
        return
    finally:
        await voices.close()
    for finding in _judge(speech, took_ms):
        yield finding


def _judge(speech: "Speech", took_ms: float) -> Iterator[Finding]:
    """Whether the word is to be heard, has phones, and moves the character."""
    import numpy as np

    phones = " ".join(phone.symbol for phone in speech.phones)
    loudest = int(np.abs(speech.pcm.astype(np.int32)).max(initial=0))
    text = f'"{WORD}" took {took_ms:.0f} ms: {speech.seconds:.2f} s of sound, phones {phones or "none"}'
    if loudest < 300 or not phones:
        reason = "it is silent" if loudest < 300 else "it has no phones, so the lips cannot follow"
        yield Finding("speech", State.BROKEN, f"{text}; {reason}", 'try another voice: rigcast serve --voice ""')
    else:
        yield Finding("speech", State.OK, text)
    yield from _movement(speech)


def _movement(speech: "Speech") -> Iterator[Finding]:
    """Perform the word as a session would, on a clock of our own."""
    import numpy as np

    from bridge.clip import Line, rehearse
    from bridge.curves import INDEX
    from bridge.frames import AUDIO_RATE, FRAME_RATE, Poses
    from bridge.performance import Performance

    performance = Performance(seed=0)
    performance.advance(0)
    performance.perform(Line(rehearse(speech, 0), 1, WORD, first=True, last=True), 0)
    end = int(speech.seconds * AUDIO_RATE) + AUDIO_RATE
    items = [item for now in range(0, end, AUDIO_RATE // FRAME_RATE) for item in performance.advance(now)]
    motions = [item.motion for item in items if isinstance(item, Poses)]
    jaw = np.concatenate([motion.curves[:, INDEX["jawOpen"]] for motion in motions])
    body = np.concatenate([motion.rotations.reshape(len(motion), -1) for motion in motions])
    opening, moving = float(np.ptp(jaw)), float(np.ptp(body, axis=0).max())
    still = [name for name, range_ in (("the jaw", opening), ("the body", moving)) if range_ < 0.01]
    text = f"the word opens the jaw by {opening:.2f}; the body moves"
    if still:
        yield Finding(
            "movement", State.BROKEN, f"{' and '.join(still)} stood still", "this is a fault of ours: report it"
        )
    else:
        yield Finding("movement", State.OK, text)


async def _model(config: Config) -> AsyncIterator[Finding]:
    """Whether live audio would be heard: the model is loaded as `serve` does, and hears the noise of a breath."""
    import numpy as np

    from bridge.face.ears import hear_clip
    from bridge.face.model import Device, ModelError, load, locate
    from bridge.frames import AUDIO_RATE

    try:
        model = await asyncio.to_thread(load, locate(config.model), cast(Device, config.device))
    except ModelError as error:
        remedy = "texts are spoken without it, but live audio is refused; `rigcast models list` shows what there is"
        yield Finding("model", State.BROKEN if config.model else State.NOTE, str(error), remedy)
        return
    breath = np.random.default_rng(0).normal(0, 500, AUDIO_RATE).astype(np.int16)
    began = time.perf_counter()
    heard = await asyncio.to_thread(hear_clip, model, breath)
    took = time.perf_counter() - began
    name = f"{model.card.name} {model.card.version}, {model.card.look_ahead_ms:g} ms ahead, on {model.device}"
    if heard.failed:
        remedy = f"rigcast models check {model.card.file}"
        yield Finding("model", State.BROKEN, f"{name}: {heard.failed} of 60 frames could not be computed", remedy)
    elif took > 1:
        yield Finding(
            "model", State.NOTE, f"{name}: slower than live, {took:.1f} s for one second", "rigcast models bench"
        )
    else:
        yield Finding("model", State.OK, f"{name}: hears a second of sound in {took * 1000:.0f} ms")


async def _page(_: Config) -> AsyncIterator[Finding]:
    from bridge.transport.page import DIST

    if (DIST / "index.html").exists():
        size = sum(path.stat().st_size for path in DIST.rglob("*") if path.is_file())
        yield Finding("page", State.OK, f"built, {size / 1e6:.1f} MB")
    else:
        remedy = "in the checkout: make page, or python tools/page.py"
        yield Finding("page", State.BROKEN, "not built: a browser would show nothing", remedy)


async def _avatar(_: Config) -> AsyncIterator[Finding]:
    from bridge.avatar import default_vrm

    began = time.perf_counter()
    vrm = await asyncio.to_thread(default_vrm)
    took = time.perf_counter() - began
    if vrm[:4] == b"glTF":
        yield Finding("avatar", State.OK, f"a VRM of {len(vrm) / 1e6:.1f} MB, made in {took:.1f} s")
    else:
        yield Finding("avatar", State.BROKEN, "what was made is no VRM", "this is a fault of ours: report it")


async def _outputs(config: Config) -> AsyncIterator[Finding]:
    """What a running bridge sends to other programs, and whether somebody is there to hear what it is to send."""
    from bridge.commands.outputs import line
    from bridge.outputs.sender import outputs
    from rigcast.v1 import service_pb2

    answer = await _asked(config, "ListOutputs", service_pb2.ListOutputsRequest())
    sent = list(answer.outputs) if answer else []
    for each in sent:
        yield Finding("output", State.NOTE if each.trouble else State.OK, line(each))
    running = {(each.protocol, each.address, each.session) for each in sent}
    wanted = [o for o in outputs(config) if (o.protocol, o.address, o.target.session) not in running]
    for output in wanted:
        yield await _could_send(output)
    if not sent and not wanted:
        text = "none; --livelink and --vmc send to programs that speak these, `rigcast outputs` while the bridge runs"
        yield Finding("outputs", State.OK, text)


async def _could_send(output: "Output") -> Finding:
    """An output of the settings that no running bridge has."""
    try:
        heard = await output.heard()
    except OSError as error:
        return Finding("output", State.BROKEN, f"{output}: {error.strerror or error}", "correct its host")
    if heard is None:
        remedy = "use it in a network that you trust"
        return Finding("output", State.NOTE, f"{output}; it leaves this machine unencrypted", remedy)
    if heard:
        return Finding("output", State.OK, str(output))
    return Finding(
        "output", State.NOTE, f"{output}; nobody listens there", "start the receiver, or see which port it takes"
    )


async def _audio2face(config: Config) -> AsyncIterator[Finding]:
    """The port of Audio2Face-3D clients: who has it, and whether it serves them."""
    port = config.a2f if config.a2f > 0 else A2F_PORT
    where = authority(config.host, port)
    taken = _occupied(config.host, port)
    if isinstance(taken, str):
        yield Finding("Audio2Face", State.BROKEN, f"{where}: {taken}", "choose another host")
    elif taken:
        yield await _serves_clips(config, port)
    elif config.a2f < 0:
        yield Finding("Audio2Face", State.OK, f"off, and {where} is free; --a2f serves its clients there")
    else:
        yield Finding("Audio2Face", State.NOTE, f"{where} is free: no bridge serves it now", "rigcast serve --a2f")


async def _serves_clips(config: Config, port: int) -> Finding:
    """Who has the port."""
    import grpc

    from bridge.a2f.probe import probe
    from bridge.commands.remote import channel, credentials

    where, wanted = authority(config.host, port), config.a2f >= 0
    async with channel(config, authority(reachable(config.host), port)) as line:
        try:
            ours, healthy = await probe(line, credentials(config.token), TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNAUTHENTICATED:
                text = f"{where} is served, but with another token"
                return Finding("Audio2Face", State.BROKEN, text, "set RIGCAST_TOKEN to its")
            state = State.BROKEN if wanted else State.NOTE
            return Finding("Audio2Face", state, f"{where} is taken by another program", ANOTHER_PORT)
    name = "the running bridge" if ours else "another Audio2Face service"
    if not healthy:
        return Finding("Audio2Face", State.BROKEN, f"{where} is {name}, which cannot hear now", "see what its log says")
    if wanted and not ours:
        return Finding("Audio2Face", State.BROKEN, f"{where} is {name}", ANOTHER_PORT)
    return Finding("Audio2Face", State.OK, f"{where} is {name}, healthy")


async def _inputs(config: Config) -> AsyncIterator[Finding]:
    """Whether captured faces can be heard, and are."""
    from bridge.inputs.binding import places
    from rigcast.v1 import service_pb2

    wanted = list(dict.fromkeys(places(config.capture)))
    if not wanted:
        yield Finding(
            "inputs", State.OK, "none; --capture mixes a captured face in, `rigcast inputs` tells who is heard"
        )
        return
    answer = await _asked(config, "ListInputs", service_pb2.ListInputsRequest())
    heard = {(place.protocol, place.address): place for place in (answer.inputs if answer else ())}
    for place in wanted:
        told = heard.get((place.protocol, authority(place.host, place.port)))
        yield _heard_at(told) if told else await _could_hear(place)


def _heard_at(place: "service_pb2.Input") -> Finding:
    """A place of the running bridge."""
    where = f"{place.protocol} {place.address}"
    if place.faults and not place.devices:
        return Finding("input", State.BROKEN, f"{where}: {place.faults[0].reason}", "rigcast inputs tells more")
    if not place.devices:
        return Finding("input", State.NOTE, f"{where}: nobody yet", "look at the app's address, port and mode")
    names = ", ".join(f"{device.name} at {device.rate:.0f} Hz" for device in place.devices)
    return Finding("input", State.OK, f"{where}: {names}")


async def _could_hear(place: "Place") -> Finding:
    """A place that no running bridge listens at."""
    from bridge.inputs.receiver import Receiver

    receiver = Receiver(place)
    try:
        await receiver.open()
    except OSError as error:
        remedy = "end the program that has the port, or correct the address"
        return Finding("input", State.BROKEN, f"{receiver}: {error.strerror or error}", remedy)
    receiver.close()
    if is_loopback(place.host):
        text = f"{receiver}: free; only this machine can send there"
        return Finding("input", State.OK, text, f"for a phone: {place.protocol}:0.0.0.0:{place.port}")
    return Finding("input", State.NOTE, f"{receiver}: free; whoever can reach it can move the character")


async def _asked(config: Config, call: str, request: "Message") -> Any:
    """What a running bridge answers to a call; None where none runs, or it does not answer us."""
    import grpc

    from bridge.commands.remote import credentials, opened
    from rigcast.v1 import service_pb2_grpc

    async with opened(config) as channel:
        stub = service_pb2_grpc.RigcastServiceStub(channel)
        try:
            return await getattr(stub, call)(request, metadata=credentials(config.token), timeout=TIMEOUT_S)
        except grpc.aio.AioRpcError:
            return None


async def _bridge(config: Config) -> AsyncIterator[Finding]:
    """The ports, and the bridge that may be running behind them."""
    grpc_taken = _occupied(config.host, config.grpc_port)
    http_taken = _occupied(config.host, config.http_port)
    found = [finding async for finding in _running(config)] if grpc_taken is True else []
    ours = bool(found)
    for finding in found:
        yield finding
    for name, port, taken in (("http", config.http_port, http_taken), ("grpc", config.grpc_port, grpc_taken)):
        where = authority(config.host, port)
        if isinstance(taken, str):
            yield Finding(f"{name} port", State.BROKEN, f"{where}: {taken}", f"choose another host or --{name}-port")
        elif taken and not (ours and (name == "grpc" or await asyncio.to_thread(_serves_page, config))):
            remedy = f"end that program, or choose another port with --{name}-port"
            yield Finding(f"{name} port", State.BROKEN, f"{where} is taken by another program", remedy)
        else:
            yield Finding(f"{name} port", State.OK, f"{where} is {'the running bridge' if taken else 'free'}")
    if not grpc_taken and not http_taken:
        remedy = "rigcast demo, or rigcast serve"
        yield Finding("bridge", State.NOTE, "none is running, so nothing moves", remedy)


def _occupied(host: str, port: int) -> bool | str:
    """Whether something listens there already, or why nothing can. Port 0 is always free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":  # there, this option would let us take a port that is in use
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return True if error.errno == errno.EADDRINUSE else (error.strerror or str(error))
    return False


def _serves_page(config: Config) -> bool:
    secure = urllib.request.HTTPSHandler(context=tls.client_context(config))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), secure)
    try:
        with opener.open(config.page_url, timeout=TIMEOUT_S) as answer:
            return b"Rigcast" in answer.read(65536)
    except OSError:
        return False


async def _running(config: Config) -> AsyncIterator[Finding]:
    """What the bridge at the gRPC port says of itself; nothing where it is none."""
    import grpc

    from bridge.commands.remote import opened

    async with opened(config) as channel:
        try:
            about = await _describe(channel, config)
            await asyncio.sleep(0.2)
            later = await _describe(channel, config)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNAUTHENTICATED:
                yield Finding(
                    "bridge", State.BROKEN, "one is running, but with another token", "set RIGCAST_TOKEN to its"
                )
            return
    count = len(about.sessions)
    yield Finding("bridge", State.OK, f"rigcast {about.server} is running, with {count} session{'s' * (count != 1)}")
    if about.server != __version__:
        yield Finding("bridge", State.NOTE, f"it is {about.server}, this is {__version__}", "start it again")
    if not about.sessions:
        yield Finding("bridge", State.NOTE, "nobody has joined, so nothing moves", f"open {config.page_url}")
    times = {session.name: session.now_us for session in later.sessions}
    for session in about.sessions:
        yield _session(session, times.get(session.name), config)


async def _describe(channel: "grpc.aio.Channel", config: Config) -> "service_pb2.DescribeResponse":
    from bridge.commands.remote import credentials
    from rigcast.v1 import service_pb2, service_pb2_grpc

    stub = service_pb2_grpc.RigcastServiceStub(channel)
    request = service_pb2.DescribeRequest()
    answer: service_pb2.DescribeResponse = await stub.Describe(
        request, metadata=credentials(config.token), timeout=TIMEOUT_S
    )
    return answer


def _session(session: "service_pb2.SessionState", later_us: int | None, config: Config) -> Finding:
    name = f'session "{session.name}"'
    doing = "speaking" if session.speaking else "idle"
    text = f"{name}: {session.subscribers} watching, {doing}, {session.queued_texts} texts waiting"
    if later_us is not None and later_us <= session.now_us:
        return Finding("session", State.BROKEN, f"{text}; its clock stands still", "start the bridge again")
    if not session.subscribers:
        return Finding("session", State.NOTE, text, f"open {config.page_url}, or let the engine's plugin join")
    return Finding("session", State.OK, text)


CHECKS: dict[str, Callable[[Config], AsyncIterator[Finding]]] = {
    "rigcast": _program,
    "settings": _settings,
    "onnxruntime": _runtime,
    "event loop": _loop,
    "speech": _voice,
    "model": _model,
    "page": _page,
    "avatar": _avatar,
    "outputs": _outputs,
    "inputs": _inputs,
    "Audio2Face": _audio2face,
    "bridge": _bridge,
}
