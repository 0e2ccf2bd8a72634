"""The program `rigcast`: what can be typed, and which function answers.

A command sets `run` to a function from its arguments to an exit code, or to "module:function", imported when called.
Exit codes: 0, 1 for a failure, 2 for wrong usage, 130 for a Ctrl-C that cut something short.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from bridge import __version__
from bridge.commands import CommandError
from bridge.config import SETTINGS, Config, ConfigError, Setting, load

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

Run = Callable[[argparse.Namespace], int]

HOOKS = {
    "animate": ("bridge.commands.animate", "turn a sound file, or a text, into an animation"),
    "avatar": ("bridge.avatar.cli", "make and inspect the character"),
    "bench": ("bridge.bench.cli", "measure latency, load and endurance on this machine"),
    "inputs": ("bridge.commands.inputs", "list whose face is heard; take a neutral"),
    "mic": ("bridge.commands.mic", "speak with your own voice, live"),
    "models": ("bridge.commands.models", "list, check and measure the models that hear speech"),
    "outputs": ("bridge.commands.outputs", "list the programs that poses are sent to; switch them on and off"),
    "record": ("bridge.commands.record", "write down what a session performs"),
    "replay": ("bridge.commands.replay", "send a recorded take to other programs"),
}
"""Commands that bring their own parser: the module whose add_parser(subparsers) makes it, and a line of help."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` (by default the process's own arguments) names; returns its exit code."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its log repeats what our errors say
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's: the others spin, beside matrices as small as ours
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")  # a Windows console may not know every letter
    arguments = list(sys.argv[1:] if argv is None else argv)
    args = make_parser(arguments).parse_args(arguments)
    try:
        return _function(args.run)(args)
    except BrokenPipeError:  # whoever read our output has seen enough
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # for the interpreter's last flush
        return 1
    except (ConfigError, CommandError, OSError) as error:
        print(f"rigcast: {error}", file=sys.stderr)
        return 2 if isinstance(error, ConfigError) else 1
    except KeyboardInterrupt:
        return 130


def config_of(args: argparse.Namespace) -> Config:
    """The configuration in force under the flags of `add_config_flags`."""
    return load({name: getattr(args, name, None) for name in SETTINGS}, args.config)


def add_config_flags(parser: argparse.ArgumentParser) -> None:
    """A flag for the configuration file and one for every setting but the secret ones."""
    group = parser.add_argument_group("settings", "or in rigcast.toml, or RIGCAST_* variables; see `rigcast config`")
    _add_file_flag(group)
    for setting in SETTINGS.values():
        if not setting.secret:
            _add_setting_flag(group, setting)


def _add_file_flag(parser: "argparse._ActionsContainer") -> None:
    parser.add_argument("--config", metavar="FILE", help="TOML file of settings (default: rigcast.toml, if any)")


def _add_setting_flag(group: "argparse._ActionsContainer", setting: Setting) -> None:
    default = f" (default: {f'{setting.default} {setting.unit}'.strip()})" if setting.default != "" else ""
    if setting.bare is not None:
        default = f"{default[:-1]}; without N: {setting.bare})"
    metavar = "|".join(setting.choices) or ("N" if isinstance(setting.default, int) else "NAME")
    group.add_argument(
        setting.flag, dest=setting.name, help=setting.help + default, type=setting.parse, metavar=metavar,
        action=_Join if setting.several else "store", nargs=None if setting.bare is None else "?", const=setting.bare,
    )  # fmt: skip


class _Join(argparse.Action):
    """Adds to what the same flag said before."""

    def __call__(self, parser: object, namespace: argparse.Namespace, value: Any, flag: str | None = None) -> None:
        before = getattr(namespace, self.dest) or ""
        setattr(namespace, self.dest, f"{before} {value}".strip())


def make_parser(arguments: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The whole parser; of the hooks, only one that `arguments` name is imported."""
    parser = argparse.ArgumentParser(
        prog="rigcast",
        description="Casts a live performance onto any rig: text in; curves, poses and sound on one clock out.",
        epilog="Start with `rigcast demo`; `rigcast COMMAND --help` tells more of each.",
    )
    parser.add_argument("--version", action="version", version=f"rigcast {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, title="commands")
    _add_servers(commands)
    _add_clients(commands)
    _add_inspectors(commands)
    for name, (module, help) in HOOKS.items():
        if name in arguments[:1]:
            importlib.import_module(module).add_parser(commands)
        else:
            commands.add_parser(name, help=help)
    return parser


def _add_servers(commands: "Subparsers") -> None:
    demo = _add(
        commands, "demo", "bridge.commands.serve:demo", "serve, open the page and speak a first sentence",
        "Starts the bridge, opens the preview page where there is a desktop, and speaks as soon as someone listens.",
        "rigcast demo\nrigcast demo --http-port 8000 --no-open",
    )  # fmt: skip
    demo.add_argument("--no-open", action="store_true", help="print the page's address without opening a browser")
    add_config_flags(demo)
    serve = _add(
        commands, "serve", "bridge.commands.serve:serve", "run the bridge until Ctrl-C",
        "Runs the bridge: gRPC, WebSocket and the preview page. Listens on this machine alone unless told otherwise.",
        "rigcast serve\nrigcast serve --voice en-gb --lead-ms 120",
    )  # fmt: skip
    add_config_flags(serve)


def _add_clients(commands: "Subparsers") -> None:
    say = _add(
        commands, "say", "bridge.commands.remote:say", "speak a text in a running bridge",
        "Speaks a text in a session of a running bridge, after what is already queued there.",
        'rigcast say "[happy] Hello there!"\nrigcast say --voice de --rate 1.2 --wait "Guten Tag."\n'
        "rigcast say --interrupt - < text.txt",
    )  # fmt: skip
    say.usage = "rigcast say [options] TEXT ..."
    marks = 'what to say; marks such as "[happy]" or "[sad 0.5]" turn the emotion; "-" reads the standard input'
    say.add_argument("text", nargs="+", metavar="TEXT", help=marks)
    say.add_argument("--session", default="main", metavar="NAME", help="the session that speaks (default: main)")
    say.add_argument("--voice", default="", metavar="NAME", help="see `rigcast voices` (default: the server's)")
    say.add_argument("--rate", type=float, default=1.0, metavar="X", help="speed, 0.5 to 3 (default: 1)")
    say.add_argument("--pitch", type=float, default=1.0, metavar="X", help="pitch, 0.5 to 2 (default: 1)")
    say.add_argument("--interrupt", action="store_true", help="cut off what is being said first")
    say.add_argument("--wait", action="store_true", help="return only when the text has been spoken")
    _add_target(say)
    voices = _add(
        commands, "voices", "bridge.commands.remote:voices", "list the voices of a running bridge",
        "Lists who can speak in a running bridge: the name for --voice, the language, a label.",
        "rigcast voices\nrigcast voices --language cmn",
    )  # fmt: skip
    voices.add_argument("--language", default="", metavar="CODE", help="only languages that begin so (en, cmn, pt-BR)")
    _add_target(voices)


def _add_inspectors(commands: "Subparsers") -> None:
    doctor = _add(
        commands, "doctor", "bridge.doctor:run", "find out why nothing moves",
        "Tries every part on this machine and says what is wrong and what to do. Exits with 1 if something is broken.",
        "rigcast doctor\nrigcast doctor --json",
    )  # fmt: skip
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    add_config_flags(doctor)
    top = _add(
        commands, "top", "bridge.commands.top:top", "see how a running bridge does",
        "Shows sessions, lateness, queues and refusals of a running bridge until Ctrl-C. Needs a token for admin where "
        "the bridge asks for tokens.",
        "rigcast top\nrigcast top --once",
    )  # fmt: skip
    top.add_argument("--every", type=float, default=1.0, metavar="S", help="seconds between two looks (default: 1)")
    top.add_argument("--once", action="store_true", help="look once; figures since the bridge began")
    _add_file_flag(top)
    _add_token(commands)
    config = _add(
        commands, "config", "bridge.commands.show:config", "print the settings in force and where each came from",
        "Prints every setting, its value and its source: default < rigcast.toml < RIGCAST_* variables < flags.",
        "rigcast config\nRIGCAST_LEAD_MS=100 rigcast config --http-port 8000",
    )  # fmt: skip
    add_config_flags(config)


def _add_token(commands: "Subparsers") -> None:
    token = _add(
        commands, "token", "", "make, list and revoke tokens for other machines",
        "Tokens let programs on other machines in: to watch, to perform, or to administer. The tokens file keeps a "
        "hash of each, so a token is shown once. A running bridge follows the file.",
        "rigcast token new --role watch --expires 2h\nrigcast token list\nrigcast token revoke stage-left",
    )  # fmt: skip
    actions = token.add_subparsers(metavar="ACTION", required=True)
    new = actions.add_parser("new", help="make a token and print it", formatter_class=_Formatter)
    new.add_argument("--role", default="perform", metavar="watch|perform|admin", help="what it is for (perform)")
    new.add_argument("--expires", default="never", metavar="SPAN", help='"30m", "2h", "7d" or "never" (never)')
    new.add_argument("--name", metavar="NAME", help="who holds it; by default its role and a number")
    listing = actions.add_parser("list", help="who holds a token, for what, until when")
    revoke = actions.add_parser("revoke", help="end a token; its holder is sent away within seconds")
    revoke.add_argument("name", metavar="NAME", help="as `rigcast token list` has it")
    for action, parser in (("new", new), ("list_all", listing), ("revoke", revoke)):
        parser.set_defaults(run=f"bridge.commands.token:{action}")
        parser.add_argument("--tokens-file", metavar="FILE", help="default: the setting tokens_file")
        _add_file_flag(parser)


class _Formatter(argparse.HelpFormatter):
    """Leaves text of several lines, the examples, as it stands."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


def _add(
    commands: "Subparsers", name: str, run: str, help: str, description: str, example: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name, help=help, description=description, formatter_class=_Formatter, usage=f"rigcast {name} [options]",
        epilog="examples:\n" + "".join(f"  {line}\n" for line in example.splitlines()),
    )  # fmt: skip
    parser.set_defaults(run=run)
    return parser


def _add_target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", metavar="HOST:PORT", help="gRPC address of the bridge (default: the settings' own)")
    _add_file_flag(parser)


def _function(run: str | Run) -> Run:
    if callable(run):
        return run
    module, name = run.split(":")
    function: Run = getattr(importlib.import_module(module), name)
    return function
