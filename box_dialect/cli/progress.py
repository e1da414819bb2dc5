"""What is told of what takes long, on standard error: of a statement rows, API calls, how many are left, and speed."""

from __future__ import annotations

import enum
import os
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TextIO

from box_dialect.cli.render import counted
from box_dialect.cli.terminal import is_dumb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect import Cursor, Estimate
    from box_dialect.cli.formats import Rows

_ERASED: Final = "\r\x1b[K"


class Mode(enum.Enum):
    """How progress is shown; the value is the seconds between two looks at it.

    `LIVE` redraws one line. `PLAIN` writes a new one now and then, for screen readers, and terminals without control
    sequences.
    """

    LIVE = 0.2
    PLAIN = 5.0
    NONE = None

    @classmethod
    def of(cls, name: str | None, stream: TextIO) -> Mode:
        """Return the mode of a name, by default the one that fits a stream; none where it is no terminal."""
        if not stream.isatty():
            return cls.NONE
        if name is not None:
            return cls[name.upper()]
        return cls.PLAIN if is_dumb() else cls.LIVE


class Line:
    """What is told of something that takes long, shown from a thread of its own while that is `waiting`.

    Between two waits others may write to the same terminal, so that nothing is left on the line.
    """

    def __init__(self, mode: Mode) -> None:
        self._mode = mode
        self._stream = sys.stderr
        self._began = self._waited = time.monotonic()
        self._lock = threading.Lock()
        self._is_waiting = self._is_drawn = False

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self._began

    @property
    def taken(self) -> float:
        """How many seconds it took up to the end of the last wait, without those in which somebody reads."""
        return self._waited - self._began

    def text(self) -> str:
        """Return how far it has come, in one line."""
        raise NotImplementedError

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the progress within a block."""
        if self._mode is Mode.NONE:
            yield
            return
        ended = threading.Event()
        thread = threading.Thread(target=self._show, args=(ended,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let progress be shown within a block, where nothing is written to the terminal."""
        self._is_waiting = True
        try:
            yield
        finally:
            self._waited = time.monotonic()
            with self._lock:
                self._is_waiting = False
                if self._is_drawn:
                    self._write(_ERASED)
                    self._is_drawn = False

    def _show(self, ended: threading.Event) -> None:
        while not ended.wait(self._mode.value):
            with self._lock:
                if self._is_waiting:
                    self._draw()

    def _draw(self) -> None:
        text = self.text()
        if self._mode is Mode.PLAIN:
            self._write(f"{text}\n")
        else:
            width = os.get_terminal_size(self._stream.fileno()).columns
            self._write(f"{_ERASED}{text[: width - 1]}")
            self._is_drawn = True

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


class Progress(Line):
    """The progress of one statement: `least` and `most` of the estimate are None where nobody knows."""

    def __init__(self, cursor: Cursor[Any], mode: Mode, estimate: Estimate | None = None) -> None:
        super().__init__(mode)
        self._cursor, self._estimate = cursor, estimate
        self.rows: Rows | None = None
        """The rows that are fetched, once there are some."""

    def text(self) -> str:
        """Return how far the statement has come, in one line."""
        rows, calls, seconds = self.rows.count if self.rows else 0, self._cursor.api_calls, self.seconds
        parts = [counted(rows, "row"), counted(calls, "API call")]
        most = None if self._estimate is None else self._estimate.most
        if most is not None and most > calls:
            parts.append(f"up to {most - calls:,} left")
        speed = rows / seconds if rows else calls / seconds
        parts.append(f"{speed:,.0f} {'rows' if rows else 'calls'}/s")
        return ", ".join((*parts, f"{seconds:,.1f} s"))
