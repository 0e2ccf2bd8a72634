"""`rigcast inputs`: whose face or body is heard, in a running bridge or on ports of our own; and taking a neutral."""

import argparse
import asyncio
import contextlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from google.protobuf import json_format

from bridge.commands import CommandError, loop_factory
from bridge.config import Config, ConfigError, is_loopback, load
from bridge.inputs.binding import PROTOCOLS, Binding, Place, bindings
from rigcast.v1 import service_pb2

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

SECONDS = 3.0
LONGEST_S = 3600.0

UNASKED = ("livelink", "vmc")
"""Protocols whose senders need not be asked, so that their usual ports can be listened at."""

NOBODY = (
    "Nobody was heard. Does the app send to this machine's address and to this port, in the same network? Is Live Link "
    "Face in the mode Live Link (ARKit), not MetaHuman Animator? Does the firewall let UDP through?"
)
ONLY_HERE = "Only this machine was listened to; for a phone: rigcast inputs --host 0.0.0.0"


def add_parser(subparsers: "Subparsers") -> None:
    """Adds `inputs`."""
    parser = subparsers.add_parser(
        "inputs",
        help="list whose face is heard; take a neutral",
        description="Lists the phones and programs whose faces or bodies are heard: by the bridge that runs,\n"
        "or, where none runs or places are named, by listening here for a while.",
        epilog="examples:\n  rigcast inputs --host 0.0.0.0\n  rigcast inputs vtubestudio:192.168.1.20\n"
        "  rigcast inputs --calibrate --session main\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "places", nargs="*", metavar="PROTOCOL[:ADDRESS]", help=f"listen here instead: {', '.join(PROTOCOLS)}"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen at; 0.0.0.0 lets phones in (default: this machine only)"
    )
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="S", help=f"how long ({SECONDS:g})")
    parser.add_argument("--calibrate", action="store_true", help="take the face of this moment for one at rest")
    parser.add_argument("--session", default="main", metavar="NAME", help="whose, with --calibrate (main)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--to", metavar="HOST:PORT", help="gRPC address of the bridge (default: the settings' own)")
    parser.add_argument("--config", metavar="FILE", help="TOML file of settings (default: rigcast.toml, if any)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print what is heard; 1 if nobody is."""
    config = load(file=args.config)
    if not 0 < args.seconds <= LONGEST_S:
        raise ConfigError(f"--seconds {args.seconds:g}: must be above 0, {LONGEST_S:g} at most")
    if args.calibrate:
        return _calibrate(config, args)
    heard = None if args.places else _running(config, args)
    if heard is None:
        heard = _listen(_chosen(config, args), args)
    elif not any(place.devices for place in heard.inputs):
        heard.MergeFrom(_listen([], args, hosts=[_host(place) for place in heard.inputs]))
    if args.json:
        print(json_format.MessageToJson(heard, indent=None, always_print_fields_with_no_presence=True))
    else:
        _print(heard)
    return 0 if any(place.devices for place in heard.inputs) else 1


def _calibrate(config: Config, args: argparse.Namespace) -> int:
    from bridge.commands.remote import TIMEOUT_S, connected, credentials

    with connected(config, args.to or config.grpc_target) as stub:
        request = service_pb2.CalibrateRequest(session=args.session)
        stub.Calibrate(request, metadata=credentials(config.token), timeout=TIMEOUT_S)
    print("Look ahead with a face at rest for half a second: that is the neutral now.")
    return 0


def _running(config: Config, args: argparse.Namespace) -> service_pb2.ListInputsResponse | None:
    """What a running bridge hears; None where none runs, or it hears nowhere."""
    from bridge.commands.remote import TIMEOUT_S, connected, credentials

    try:
        with connected(config, args.to or config.grpc_target) as stub:
            request = service_pb2.ListInputsRequest()
            heard: service_pb2.ListInputsResponse = stub.ListInputs(
                request, metadata=credentials(config.token), timeout=TIMEOUT_S
            )
    except CommandError:
        if args.to:
            raise
        return None
    return heard if heard.inputs or args.to else None


def _chosen(config: Config, args: argparse.Namespace) -> Sequence[Binding]:
    """Where to listen: at the places named, else at those of the settings, else at the usual ports."""
    try:
        return bindings(" ".join(args.places) or config.capture or _usual(args.host))
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _usual(host: str) -> str:
    host = f"[{host}]" if ":" in host else host
    return " ".join(f"{name}:{host}:{PROTOCOLS[name].own_port}" for name in UNASKED)


def _listen(
    chosen: Sequence[Binding], args: argparse.Namespace, hosts: Sequence[str] = ()
) -> service_pb2.ListInputsResponse:
    """What is heard here for a while, and who announces the wrong mode at these hosts or beside Live Link Face."""
    from bridge.inputs.report import report
    from bridge.inputs.service import Inputs, hearing

    beside = {binding.place.host for binding in chosen if binding.place.protocol == "livelink"}
    inputs = Inputs([*chosen, *_discovery({*beside, *hosts})])

    async def listen() -> service_pb2.ListInputsResponse:
        async with hearing(inputs):
            await asyncio.sleep(args.seconds)
            heard = report(inputs)
        for place in heard.inputs:
            del place.sessions[:]  # nobody's, here
        return heard

    with _hushed(), asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(listen())


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """Nothing is logged of inputs meanwhile: the report tells it."""
    logger = logging.getLogger("bridge.inputs")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _discovery(hosts: Iterable[str]) -> list[Binding]:
    """Where MetaHuman Animator's phones say that they are there."""
    from bridge.inputs.receiver import DISCOVERY_PORT

    return [Binding(Place("livelink", host, DISCOVERY_PORT, DISCOVERY_PORT)) for host in sorted(hosts)]


def _host(place: service_pb2.Input) -> str:
    """Where a place listens; the loopback where it asks a phone."""
    asks = PROTOCOLS[place.protocol].asks
    return "127.0.0.1" if asks else place.address.rpartition(":")[0].strip("[]")


def _print(heard: service_pb2.ListInputsResponse) -> None:
    for place in heard.inputs:
        if place.devices or place.faults or not _is_discovery(place):
            _print_place(place)
    if not any(place.devices for place in heard.inputs):
        print("\n" + NOBODY)
        if all(is_loopback(place.address.rpartition(":")[0].strip("[]")) for place in heard.inputs):
            print(ONLY_HERE)


def _is_discovery(place: service_pb2.Input) -> bool:
    from bridge.inputs.receiver import DISCOVERY_PORT

    return place.address.endswith(f":{DISCOVERY_PORT}")


def _print_place(place: service_pb2.Input) -> None:
    asked = " asked" if PROTOCOLS[place.protocol].asks else ""
    sessions = f", for session {', '.join(place.sessions)}" if place.sessions else ""
    print(f"{PROTOCOLS[place.protocol].label}{asked} at {place.address}{sessions}")
    for device in place.devices:
        print(f"  {_device(device)}")
    for fault in place.faults:
        print(f"  ! {fault.reason} ({fault.packets} times)")
    if place.refused:
        print(f"  ! {place.refused} packets were thrown away unread: too many came")
    if not place.devices and not place.faults:
        print("  nobody yet")


def _device(device: service_pb2.InputDevice) -> str:
    name = device.name + (f' "{device.subject}"' if device.subject else "")
    told = [f"{device.curves} curves"] if device.curves else []
    told += [f"{device.joints} joints"] if device.joints else []
    told += ["head"] if device.head else []
    silent = device.silent_us / 1e6
    state = f"silent for {silent:.0f} s" if silent > 1 else f"{device.rate:.1f} Hz, {100 * device.loss:.1f} % lost"
    return f"{name}: {state}; {', '.join(told) or 'nothing'}{'' if device.sees else '; it sees nobody'}"
