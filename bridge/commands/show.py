"""`rigcast config`: what is in force."""

import argparse

from bridge.cli import config_of
from bridge.config import SETTINGS


def config(args: argparse.Namespace) -> int:
    """Print every setting as a line of TOML, with its source and meaning as the comment."""
    config = config_of(args)
    lines = [(f"{name} = {setting.shown(getattr(config, name))}", config.source(name), setting)
             for name, setting in SETTINGS.items()]  # fmt: skip
    width, source_width = (max(len(line[column]) for line in lines) for column in (0, 1))
    for line, source, setting in lines:
        unit = f", {setting.unit}" if setting.unit else ""
        print(f"{line:{width}}  # {source:{source_width}}  {setting.help}{unit}")
    return 0
