"""Written file: a file object whose bytes are uploaded when it is closed."""

from __future__ import annotations

import io
import os
import tempfile
import warnings
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from box_dialect.content.file_info import FileInfo

MOST_BYTES_IN_MEMORY: Final = 8 << 20
"""Bytes that are kept in memory until they are uploaded; more go to a temporary file."""


class WrittenFile(io.BufferedIOBase):
    """A binary file for writing; `close()` uploads what was written, and sets `info`.

    Nothing is uploaded where the block of its `with` raises, nor where it is dropped without `close()`. An upload that
    fails leaves it open, so that `close()` may try again; `discard()` gives it up.
    """

    mode = "wb"

    def __init__(self, upload: Callable[[Any], FileInfo], name: str) -> None:
        self.name = name
        self.info: FileInfo | None = None
        self._upload = upload
        self._written = tempfile.SpooledTemporaryFile(MOST_BYTES_IN_MEMORY)  # noqa: SIM115 - closed with this one

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    def writable(self) -> bool:
        """Tell that it can be written."""
        return True

    def seekable(self) -> bool:
        """Tell that any byte can be written next."""
        return True

    def write(self, data: Any, /) -> int:
        """Take bytes, and return how many."""
        self._check_open()
        view = memoryview(data).cast("B")
        self._written.write(view)
        return view.nbytes

    def tell(self) -> int:
        """Return the place of the byte that is written next."""
        self._check_open()
        return self._written.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place, and return it."""
        self._check_open()
        self._written.seek(offset, whence)
        return self._written.tell()

    def close(self) -> None:
        """Upload what was written; raises what a call to Box raises. Closing again does nothing."""
        if not self.closed:
            self._written.seek(0)
            self.info = self._upload(self._written)
            self.discard()

    def discard(self) -> None:
        """Close it without an upload."""
        self._written.close()
        super().close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def __del__(self) -> None:
        if hasattr(self, "_written") and not self.closed:
            warn_of_loss(self)
            self.discard()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")


def warn_of_loss(file: object) -> None:
    """Warn that a file which was written is dropped without an upload."""
    warnings.warn(f"{file!r} was not closed, so it is not uploaded", ResourceWarning, source=file, stacklevel=3)
