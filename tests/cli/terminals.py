"""A terminal that a command runs in, and what its screen shows."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pexpect
import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 60
"""How long what is to be on a screen may take on a busy machine."""


class Terminal:
    """A command in a terminal of so many columns and lines; what it writes is drawn as a terminal does."""

    def __init__(self, arguments: list[str], columns: int, lines: int, environment: dict[str, str]) -> None:
        self.screen = pyte.HistoryScreen(columns, lines, history=10_000)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "box_dialect.cli", *arguments],
            dimensions=(lines, columns),
            env={**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", **environment},
            timeout=SECONDS,
        )
        self.process.delaybeforesend = None

    @property
    def lines(self) -> list[str]:
        """The lines of the screen that are not empty."""
        return [line.rstrip() for line in self.screen.display if line.strip()]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def send(self, text: str) -> None:
        self.process.send(text)

    def wait_for(self, is_there: Callable[[str], object]) -> str:
        """Read until the screen shows what is waited for, and return it."""
        deadline = time.monotonic() + SECONDS
        while not is_there(self.text):
            assert time.monotonic() < deadline, f"the screen shows:\n{self.text}"
            self._read(0.1)
        return self.text

    def ended(self) -> int:
        """Read up to the end of the command, and return its exit code."""
        deadline = time.monotonic() + SECONDS
        while self._read(0.5):
            assert time.monotonic() < deadline, f"the screen shows:\n{self.text}"
        self.process.wait()
        return int(self.process.exitstatus if self.process.exitstatus is not None else -self.process.signalstatus)

    def _read(self, seconds: float) -> bool:
        """Draw what comes next, and tell whether more may come."""
        try:
            found = self.process.read_nonblocking(1 << 16, seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.written += found
        self._stream.feed(found)
        return True


@contextmanager
def terminal(*arguments: str, columns: int = 80, lines: int = 24, **environment: str) -> Iterator[Terminal]:
    """Run `box-dialect` in a terminal within a block."""
    found = Terminal([*arguments], columns, lines, environment)
    try:
        yield found
    finally:
        found.process.close(force=True)
