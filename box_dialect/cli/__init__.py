"""The `box-dialect` command: a local Box to try things on, and a demonstration."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; without its extras, say how to install them."""
    try:
        from box_dialect.cli.commands import cli
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("box_dialect"):
            raise
        sys.exit(f"box-dialect: {error.name} is missing; run: pip install 'box-dialect[cli,emulator]'")
    cli(prog_name="box-dialect")
