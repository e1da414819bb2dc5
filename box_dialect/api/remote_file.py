"""Remote file: a content at Box as a file object that is read and sought in, and fetched as far as it is read."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from box_dialect.api.portal import portal
from box_dialect.api.read_ahead import MOST_BYTES_AT_ONCE, ReadAhead, Span
from box_dialect.errors import InterfaceError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from box_dialect.api.remote_content import RemoteContent

T = TypeVar("T")

_NOTHING: Final = Span(0, b"")


class Run(Protocol):
    """Await `function(*args)` on the event loop, and return its result."""

    def __call__(self, function: Callable[..., Coroutine[Any, Any, T]], /, *args: Any) -> T:
        """Raise what it raises; whatever ends the wait cancels it."""


class RemoteFile(io.BufferedIOBase):
    """A content as a binary file for reading: for zipfile, pyarrow, openpyxl, pandas and whatever else seeks.

    It is the version that it was made of, whatever becomes of the file. `run` waits for what is read; it may raise
    where that takes too long. One thread uses it at a time, in the process that made it.
    """

    mode = "rb"

    def __init__(self, content: RemoteContent, run: Run, name: str) -> None:
        self.name = name
        self.size = content.size
        self._run, self._reader = run, ReadAhead(content)
        self._position, self._span = 0, _NOTHING
        self._portal = portal()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that any byte can be read next."""
        return True

    def tell(self) -> int:
        """Return the place of the byte that is read next."""
        self._check_open()
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place, which may be beyond the end, and return it; raises ValueError for one before the beginning."""
        self._check_open()
        place = offset + sought_from(whence, self._position, self.size)
        if place < 0:
            raise ValueError(f"negative seek position {place}")
        self._position = place
        return place

    def read(self, size: int | None = -1, /) -> bytes:
        """Return so many bytes, fewer at the end only; all that are left where `size` is None or negative.

        Raises what a call to Box raises, InterfaceError in a process that was forked since.
        """
        left = self._left(size)
        parts = []
        while left:
            parts.append(self._taken(left))
            left -= len(parts[-1])
        return b"".join(parts) if len(parts) != 1 else parts[0]

    def read1(self, size: int = -1, /) -> bytes:
        """Return some of the bytes that come next, at most `size`, by one call at most."""
        left = self._left(size) if size >= 0 else min(self._left(size), io.DEFAULT_BUFFER_SIZE)
        return self._taken(left) if left else b""

    def peek(self, size: int = 1, /) -> bytes:
        """Return some of the bytes that come next, and stay before them."""
        position = self._position
        found = self.read1(max(size, io.DEFAULT_BUFFER_SIZE))
        self._position = position
        return found

    def close(self) -> None:
        """Cancel what is in flight, and let go of what is kept; closing again does nothing."""
        if not self.closed and portal() is self._portal:
            self._span = _NOTHING
            self._portal.spawn(self._reader.aclose)  # without a wait: the garbage collector closes it in any thread
        super().close()

    def _left(self, size: int | None) -> int:
        self._check_open()
        left = max(self.size - self._position, 0)
        return left if size is None or size < 0 else min(size, left)

    def _taken(self, size: int) -> bytes:
        """Read bytes of one span."""
        span = self._span
        if not span.start <= self._position < span.stop:
            span = self._run(self._reader.span, self._position, size)
            self._span = span if len(span.data) <= MOST_BYTES_AT_ONCE else _NOTHING
        first = self._position - span.start
        taken = span.data[first : first + size]
        self._position += len(taken)
        return taken

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")
        if portal() is not self._portal:
            raise InterfaceError("the file belongs to the process that opened it; open it in this one")


def sought_from(whence: int, position: int, size: int) -> int:
    """Return the place that an offset counts from; raises ValueError for a `whence` that there is not."""
    places = {os.SEEK_SET: 0, os.SEEK_CUR: position, os.SEEK_END: size}
    if whence not in places:
        raise ValueError(f"whence is 0, 1 or 2, not {whence!r}")
    return places[whence]
