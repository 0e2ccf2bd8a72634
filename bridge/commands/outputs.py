"""`rigcast outputs`: to which programs a running bridge sends poses; switching them on and off for a session."""

import argparse
from typing import TYPE_CHECKING

from google.protobuf import json_format

from bridge.config import ConfigError, load
from bridge.outputs.target import PROTOCOLS
from rigcast.v1 import service_pb2, session_pb2

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

FORMS = {"livelink": "HOST:PORT/SUBJECT[,OPTION=VALUE...]", "vmc": "HOST:PORT[,OPTION=VALUE...]"}


def add_flags(parser: argparse.ArgumentParser) -> None:
    """A flag for each protocol, which may be given several times."""
    for protocol, form in FORMS.items():
        help = f"a receiver of {PROTOCOLS[protocol].label}; options as of `rigcast serve`"
        parser.add_argument(f"--{protocol}", action="append", default=[], metavar=form, help=help)


def add_parser(subparsers: "Subparsers") -> None:
    """Adds `outputs`."""
    parser = subparsers.add_parser(
        "outputs",
        help="list the programs that poses are sent to; switch them on and off",
        description="Lists the programs to which a running bridge sends poses, or sends a session's poses to the ones\n"
        "that are named, instead of those that were named before. They go on until they are switched off.",
        epilog="examples:\n  rigcast outputs\n  rigcast outputs main --vmc 39539 --livelink 11111/Ann\n"
        "  rigcast outputs main --off\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("session", nargs="?", default="", metavar="SESSION", help="whose poses, to switch them")
    add_flags(parser)
    parser.add_argument("--off", action="store_true", help="to none of those that were named before")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--to", metavar="HOST:PORT", help="gRPC address of the bridge (default: the settings' own)")
    parser.add_argument("--config", metavar="FILE", help="TOML file of settings (default: rigcast.toml, if any)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Switch where that is asked for, and list."""
    from bridge.commands.remote import TIMEOUT_S, connected, credentials

    named = bool(args.livelink or args.vmc)
    if args.off and named:
        raise ConfigError("--off goes alone: it ends what was named before")
    if (args.off or named) and not args.session:
        raise ConfigError("name the session: rigcast outputs SESSION")
    config = load(file=args.config)
    with connected(config, args.to or config.grpc_target) as stub:
        how = {"metadata": credentials(config.token), "timeout": TIMEOUT_S}
        if args.off or named:
            wanted = session_pb2.SetOutputs(livelink=args.livelink, vmc=args.vmc)
            stub.SetOutputs(service_pb2.SetOutputsRequest(session=args.session, outputs=wanted), **how)
        listed: service_pb2.ListOutputsResponse = stub.ListOutputs(service_pb2.ListOutputsRequest(), **how)
    if args.json:
        print(json_format.MessageToJson(listed, indent=None, always_print_fields_with_no_presence=True))
        return 0
    for output in listed.outputs:
        print(line(output))
    if not listed.outputs:
        print("Nothing is sent to other programs.")
    return 0


def line(output: service_pb2.Output) -> str:
    """An output and how it does, for people."""
    subject = f' as "{output.subject}"' if output.subject else ""
    label = PROTOCOLS[output.protocol].label if output.protocol in PROTOCOLS else output.protocol
    asked = ", on request" if output.requested else ""
    did = f"! {output.trouble}" if output.trouble else f"{output.poses} poses sent"
    return f'{label} to {output.address}{subject}, session "{output.session}", {output.rate} Hz{asked}: {did}'
