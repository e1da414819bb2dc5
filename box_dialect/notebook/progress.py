"""How far a statement is, while it runs and afterwards."""

from __future__ import annotations

import contextvars
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from IPython.display import display

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from box_dialect import Cursor

SECONDS_BETWEEN: Final = 0.5
"""Seconds between two tellings, and before the first."""


class Screen(Protocol):
    """Where it is told: each text takes the place of the one before, until the last."""

    def show(self, text: str, *, is_last: bool = False) -> None:
        """Show a text; an empty one takes away what is shown."""


class CellOutput:
    """The output of a notebook's cell."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, text: str, *, is_last: bool = False) -> None:  # noqa: ARG002 - a terminal's
        """Show a text in the place of the one before."""
        data = {"text/plain": text}
        if self._handle is not None:
            self._handle.update(data, raw=True)
        elif text:
            self._handle = display(data, raw=True, display_id=True)  # type: ignore[no-untyped-call]


class TerminalLine:
    """The line of a terminal in which the cursor stands; elsewhere the last text alone."""

    def __init__(self) -> None:
        self._shown = 0

    def show(self, text: str, *, is_last: bool = False) -> None:
        """Show a text over the one before."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{text:{self._shown}}" + ("\n" if is_last and text else "\r" if is_last else ""))
            self._shown = len(text)
        elif is_last and text:
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


class NoScreen:
    """Nowhere."""

    def show(self, text: str, *, is_last: bool = False) -> None:
        """Show nothing."""


def screen_of(shell: InteractiveShell, *, quiet: bool) -> Screen:
    """Return where a shell shows how far a statement is."""
    if quiet:
        return NoScreen()
    return CellOutput() if getattr(shell, "kernel", None) is not None else TerminalLine()


class Progress:
    """Tell on a screen how far the statement of a cursor is, as long as the block runs; `rows` are those that came.

    Where the block fails nothing stays of it.
    """

    def __init__(self, cursor: Cursor[Any], screen: Screen) -> None:
        self.rows = 0
        self._cursor, self._screen = cursor, screen
        self._began = time.monotonic()
        self._ended = threading.Event()
        # A thread has no cell by itself: what it shows would be nobody's.
        self._thread = threading.Thread(target=contextvars.copy_context().run, args=(self._tell,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._screen.show(self.text() if kind is None else "", is_last=True)

    def text(self) -> str:
        """Return how far it is, in words."""
        changed = self._cursor.rowcount
        rows = _counted(self.rows, "row") if changed < 0 or self.rows else f"{_counted(changed, 'row')} changed"
        calls = _counted(self._cursor.api_calls, "API call")
        partial = ", a preview: rows may be missing" if self._cursor.is_preview_partial else ""
        return f"{rows}, {calls}, {time.monotonic() - self._began:,.1f} s{partial}"

    def _tell(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN):
            self._screen.show(self.text())


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
