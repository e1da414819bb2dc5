"""The command group that `box-dialect` runs."""

from __future__ import annotations

import click

from box_dialect import __version__
from box_dialect.cli.demo import demo
from box_dialect.cli.emulator import emulator


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Query Box (box.com) with SQL, or a local stand-in for it."""


cli.add_command(demo)
cli.add_command(emulator)
