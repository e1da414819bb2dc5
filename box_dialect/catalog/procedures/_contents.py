"""What procedures on contents have in common: a content comes from, and goes to, a value or a file of this machine."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.procedure import Context, Input
from box_dialect.errors import DataError, ProgrammingError
from box_dialect.local_files import local_files

if TYPE_CHECKING:
    from collections.abc import Iterator

_BYTES_AT_ONCE: Final = 1 << 20
"""Bytes that are written to a file at a time."""

CONTENT: Final = Input(name="Content", type=Type.BLOB, doc="The bytes. Default: those of the file at `LocalPath`.")

SOURCE_PATH: Final = Input(
    name="LocalPath",
    is_local=True,
    doc="The file of this machine that is uploaded, by its path below the folder that the property `LocalFiles` names.",
)

TARGET: Final = (
    Input(
        name="LocalPath",
        is_local=True,
        doc="The file of this machine that is written, by its path below the folder that the property `LocalFiles` "
        "names. Default: none, and the bytes are the output `Content`.",
    ),
    Input(name="Replace", type=Type.BOOLEAN, default=False, doc="Whether a file that is there already is replaced."),
)
"""The inputs that say where a content goes."""

TO_FILE: Final = Column("LocalPath", doc="The file of this machine that has it.")
AS_VALUE: Final = Column("Content", Type.BLOB, doc="The bytes, where they went to no file; in JSON they are Base64.")


@contextmanager
def source(
    context: Context, procedure: str, content: bytes | None, local_path: str | None
) -> Iterator[bytes | BinaryIO]:
    """Yield what is uploaded: bytes, or a file; raises ProgrammingError where it is neither, or both."""
    if (content is None) == (local_path is None):
        raise ProgrammingError(f"{procedure} needs one of its inputs Content and LocalPath")
    if content is not None:
        yield content
    elif local_path is not None:
        with local_files(context.properties.local_files).reading(local_path) as file:
            yield file


class Target:
    """What takes a content as it comes: a file, or memory for a value of `most_bytes`; `sha1` is in hexadecimal."""

    def __init__(self, file: BinaryIO | None, most_bytes: int) -> None:
        self.size = 0
        self._file, self._most_bytes = file, most_bytes
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._pieces = bytearray()

    async def take(self, piece: bytes) -> None:
        """Take the bytes that come next; raises DataError where a value cannot hold them."""
        self.size += len(piece)
        if self._file is None:
            self.check(self.size)
            self._sha1.update(piece)
        self._pieces += piece
        if self._file is not None and len(self._pieces) >= _BYTES_AT_ONCE:
            await self.flush()

    async def flush(self) -> None:
        """Write to the file what has come, in a worker thread, which nothing else waits for."""
        import anyio.to_thread  # which takes longer to import than the catalog

        if self._file is not None:
            await anyio.to_thread.run_sync(self._write, self._file, self._pieces)
            self._pieces = bytearray()

    @property
    def sha1(self) -> str:
        """The SHA-1 of what has come."""
        return self._sha1.hexdigest()

    @property
    def content(self) -> bytes | None:
        """The bytes that came, None where a file has them."""
        return bytes(self._pieces) if self._file is None else None

    def check(self, size: int) -> None:
        """Raise DataError for a size that a value cannot have."""
        if self._file is None and size > self._most_bytes:
            raise DataError(
                f"the content has more than the {self._most_bytes:,} bytes that a value in SQL may have; give a "
                "LocalPath, or fewer items at a time"
            )

    def _write(self, file: BinaryIO, pieces: bytearray) -> None:
        self._sha1.update(pieces)
        file.write(pieces)


@contextmanager
def target(context: Context, local_path: str | None, *, replaces: bool) -> Iterator[Target]:
    """Yield what takes a content; a file is there once the block ends, and not at all where it fails."""
    with ExitStack() as stack:
        file = None
        if local_path is not None:
            files = local_files(context.properties.local_files)
            file = stack.enter_context(files.writing(local_path, replaces=replaces))
        yield Target(file, context.most_bytes)
