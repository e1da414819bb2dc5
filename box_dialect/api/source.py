"""What is uploaded: bytes, a file, or a stream; read in pieces, and nothing kept of what was read."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol, TypeAlias

from box_dialect.api.caller import called
from box_dialect.errors import DataError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    Buffer: TypeAlias = bytes | bytearray | memoryview

PIECE: Final = 256 * 1024
"""Bytes that are read, and sent, at a time."""


class Readable(Protocol):
    """An object whose `read` gives bytes, up to a number of them, and none at its end."""

    def read(self, size: int, /) -> bytes:
        """Read bytes."""
        ...


class Source:
    """What is uploaded, with its `size` in bytes; it can be read from any place, and again, unless it is a stream."""

    size: int

    @classmethod
    def of(cls, content: Any, size: int | None = None) -> Source:
        """Return what bytes, a path, a binary file or an iterable of bytes are as a source.

        A file is read from where it stands. `size` is that of a stream, where it is known. Raises OSError for a path
        that cannot be opened, ProgrammingError for anything else.
        """
        if isinstance(content, Source):
            return content
        if isinstance(content, bytes | bytearray | memoryview):
            return BytesSource(content)
        if isinstance(content, str | os.PathLike):
            return FileSource(Path(content).open("rb"), is_own=True)
        if isinstance(content, io.TextIOBase):
            raise ProgrammingError("a file to upload is opened in binary mode: open(path, 'rb')")
        if hasattr(content, "read"):
            return FileSource(content) if _can_seek(content) else StreamSource(_pieces(content), size)
        if hasattr(content, "__iter__"):
            return StreamSource(content, size)
        raise ProgrammingError(
            f"what is uploaded is bytes, a path, a binary file or an iterable of bytes, not {type(content).__name__}"
        )

    async def read(self, offset: int, length: int) -> Buffer:
        """Return `length` bytes at an offset; raises DataError where there are fewer."""
        raise NotImplementedError

    async def check_end(self) -> None:
        """Raise DataError where there is more than the size tells."""

    def close(self) -> None:
        """Close what the source has opened itself."""

    async def sha1(self) -> str:
        """Return the SHA-1 of all bytes in hexadecimal; raises DataError where the source has changed."""
        digest = hashlib.sha1(usedforsecurity=False)
        async for piece in self.pieces():
            if self.size <= PIECE:
                digest.update(piece)
            else:
                await called(digest.update, piece)
        return digest.hexdigest()

    async def pieces(self) -> AsyncIterator[Buffer]:
        """Give all bytes of a source whose size is known, a piece at a time; raises DataError where it has changed."""
        size = self.size
        for offset in range(0, size, PIECE):
            piece = await self.read(offset, min(PIECE, size - offset))
            if offset + PIECE >= size:
                await self.check_end()
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self.pieces():
            yield bytes(piece)


class BytesSource(Source):
    """Bytes in memory."""

    def __init__(self, content: Buffer) -> None:
        self._content = memoryview(content).cast("B")
        self.size = self._content.nbytes

    async def read(self, offset: int, length: int) -> Buffer:
        """Return bytes, without a copy."""
        return self._content[offset : offset + length]


class FileSource(Source):
    """A binary file that can seek, from where it stands to its end; closed with the source where it `is_own`.

    One that `is_local` is a file of this machine. Any other may be one at Box, so that reading it takes calls.
    """

    def __init__(self, file: BinaryIO, *, is_own: bool = False) -> None:
        self._file, self._is_own = file, is_own
        self.is_local = isinstance(getattr(file, "raw", file), io.FileIO)
        self._lock = threading.Lock()  # a read that was cancelled may still be at it
        self._start = file.tell()
        self.size = max(0, file.seek(0, os.SEEK_END) - self._start)
        file.seek(self._start)

    async def read(self, offset: int, length: int) -> Buffer:
        """Read bytes in a worker thread."""
        data = await called(self._read, offset, length)
        if len(data) < length:
            raise changed(f"it ends after {offset + len(data):,} bytes", self.size)
        return data

    async def check_end(self) -> None:
        """Raise DataError where the file has grown."""
        if await called(self._read, self.size, 1):
            raise changed("it has more by now", self.size)

    def close(self) -> None:
        """Close the file where the source has opened it."""
        if self._is_own:
            self._file.close()

    def _read(self, offset: int, length: int) -> bytes:
        with self._lock:
            self._file.seek(self._start + offset)
            return b"".join(_exactly(self._file, length))


class StreamSource(Source):
    """Pieces of bytes as they come, read once; `told_size` is None where it is not known before the end."""

    def __init__(self, pieces: Iterable[Buffer], size: int | None = None) -> None:
        self._pieces, self.told_size, self.size = iter(pieces), size, size or 0
        self._buffer: list[memoryview] = []
        self._position = 0

    async def read(self, offset: int, length: int) -> Buffer:
        """Read the next bytes, in a worker thread; raises DataError where the stream ends before."""
        if offset != self._position:
            raise ProgrammingError("a stream is read once, from its beginning to its end")
        data = await self.read_up_to(length)
        if len(data) < length:
            raise changed(f"it ends after {self._position:,} bytes", self.told_size)
        return data

    async def read_up_to(self, length: int) -> bytes:
        """Return the next bytes, fewer than so many at the end alone."""
        data = await called(self._read, length)
        self._position += len(data)
        return data

    async def check_end(self) -> None:
        """Raise DataError where the stream goes on."""
        further = await called(self._read, 1)
        if further and self.told_size is not None:
            raise changed("it goes on", self.told_size)

    def give_back(self, data: bytes) -> None:
        """Have bytes read again that were read last."""
        self._position -= len(data)
        self._buffer.append(memoryview(data))  # the last one is read next

    def _read(self, length: int) -> bytes:
        taken: list[memoryview] = []
        left = length
        while left:
            if not self._buffer:
                piece = next(self._pieces, None)
                if piece is None:
                    break
                self._buffer.append(_checked(piece))
            first = self._buffer.pop()
            taken.append(first[:left])
            if len(first) > left:
                self._buffer.append(first[left:])
            left -= len(taken[-1])
        return b"".join(taken)


async def spooled(stream: StreamSource, most: int | None) -> FileSource:
    """Return a stream as a temporary file, which is deleted when the source is closed.

    Raises DataError for one of more than `most` bytes; None is no limit.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the source
    try:
        written = 0
        while data := await stream.read_up_to(PIECE):
            written += len(data)
            _check_spooled(written, most)
            await called(file.write, data)
        await called(file.seek, 0)
        return FileSource(file, is_own=True)
    except BaseException:
        file.close()
        raise


def _check_spooled(written: int, most: int | None) -> None:
    if most is not None and written > most:
        raise DataError(
            f"a stream of unknown size is kept in a temporary file before it is uploaded, and has more than the "
            f"{most >> 20:,} MB that MaxTemporaryDisk allows; tell its size, or raise the property MaxTemporaryDisk"
        )


def changed(how: str, size: int | None) -> DataError:
    """Return the error for a source that is not of the size that it was said to have."""
    told = "" if size is None else f" of the {size:,} bytes that were told"
    return DataError(f"what is uploaded has changed while it was read: {how}{told}; upload it anew once it is complete")


def _can_seek(file: Any) -> bool:
    seekable = getattr(file, "seekable", None)
    return bool(seekable()) if seekable is not None else hasattr(file, "seek")


def _pieces(file: Readable) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _exactly(file: Readable, length: int) -> Iterator[bytes]:
    """Read so many bytes, fewer at the end alone: a raw file may give fewer at a time."""
    while length and (piece := bytes(_checked(file.read(length)))):
        length -= len(piece)
        yield piece


def _checked(piece: Any) -> memoryview:
    try:
        return memoryview(piece).cast("B")
    except TypeError:
        raise ProgrammingError(
            f"what is uploaded gives {type(piece).__name__} where bytes are read; open a file in binary mode"
        ) from None
