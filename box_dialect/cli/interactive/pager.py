"""A pager for results that are longer than the terminal, `less` where there is one."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from box_dialect.cli.terminal import is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

_LESS: Final = ("less", "-SRX")


class _Paged(io.BytesIO):
    """What is written, kept while it fits the terminal, and given to the pager from then on."""

    def __init__(self, command: list[str], lines: int) -> None:
        super().__init__()
        self._command, self._lines = command, lines
        self.pager: subprocess.Popen[bytes] | None = None

    def isatty(self) -> bool:
        """Tell that it is shown on a terminal, whose width it is to fit."""
        return True

    def write(self, data: Any) -> int:
        """Keep the bytes, or give them to the pager; raises BrokenPipeError once its user has left it."""
        if self.pager is not None and self.pager.stdin is not None:
            return self.pager.stdin.write(data)
        super().write(data)
        if self.getvalue().count(b"\n") > self._lines:
            self.pager = subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603 - the user's own pager
            return self.write(self.getvalue())
        return len(data)

    def flush(self) -> None:
        """Hand over what the pager has not been given yet."""
        if self.pager is not None and self.pager.stdin is not None:
            self.pager.stdin.flush()


@contextmanager
def paged() -> Iterator[BinaryIO]:
    """Give a stream whose text is shown by a pager where it is longer than the terminal, and at once elsewhere.

    To leave the pager before the end ends the block. Without a pager it is standard output.
    """
    command = _pager()
    if command is None or not sys.stdout.isatty():
        yield sys.stdout.buffer
        return
    stream = _Paged(command, shutil.get_terminal_size().lines - 2)
    try:
        yield stream
    except BrokenPipeError:
        if stream.pager is None:
            raise
    finally:
        _end(stream)


def _end(stream: _Paged) -> None:
    """Show what was kept, or wait until the user leaves the pager."""
    pager = stream.pager
    if pager is None or pager.stdin is None:
        sys.stdout.buffer.write(stream.getvalue())
        sys.stdout.buffer.flush()
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the pager
    try:
        with suppress(BrokenPipeError):
            pager.stdin.close()
        pager.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def _pager() -> list[str] | None:
    """Return the command of the variable PAGER, or `less`; None where there is none, or the terminal is a plain one."""
    if is_plain():
        return None
    try:
        command = shlex.split(os.environ["PAGER"]) if "PAGER" in os.environ else [*_LESS]
    except ValueError:  # a quote that is not closed
        return None
    if not command or shutil.which(command[0]) is None:
        return None
    return [*_LESS] if command == ["less"] else command
