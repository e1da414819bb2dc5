"""The `box-dialect` command: SQL, files and sign-in from a terminal, and a local stand-in for Box."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; without its extras, say how to install them."""
    _open_closed_streams()
    try:
        from box_dialect.cli.commands import cli
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("box_dialect"):
            raise
        sys.exit(f"box-dialect: {error.name} is missing; run: pip install 'box-dialect[cli,emulator]'")
    cli(prog_name="box-dialect")


def _open_closed_streams() -> None:
    """Have a standard stream that is closed be the null device, as Git does, for it is none in Python."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))
