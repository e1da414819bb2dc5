"""The `box-dialect` command: SQL, files and sign-in from a terminal, and a local stand-in for Box."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in a command.

    It has a class of its own since `python -m` ends by the signal, and not with the exit code that it is told, where a
    plain KeyboardInterrupt has passed an `exec()`, as of a dataclass in a module that is being imported.
    """


def main() -> None:
    """Run the command line; without its extras, say how to install them."""
    _open_closed_streams()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # nohup and others ignore it
        signal.signal(signal.SIGINT, _interrupt)
    try:
        from box_dialect.cli.commands import cli
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("box_dialect"):
            raise
        sys.exit(f"box-dialect: {error.name} is missing; run: pip install 'box-dialect[cli,emulator]'")
    cli(prog_name="box-dialect")


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Interrupted


def _open_closed_streams() -> None:
    """Have a standard stream that is closed be the null device, as Git does, for it is none in Python."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))
