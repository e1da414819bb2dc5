"""The content of files without SQL, for asyncio: `box_dialect.content` with `await`.

Each function takes a connection for asyncio of the driver, or an engine, a connection or a session for asyncio of
SQLAlchemy. A task that is cancelled cancels its transfer. See docs/upload-and-download.md.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, Self, overload

from box_dialect.api import portal
from box_dialect.api.read_ahead import ReadAhead
from box_dialect.api.remote_file import sought_from
from box_dialect.content.account import async_account_of
from box_dialect.content.file_info import FileInfo
from box_dialect.content.targets import target_of
from box_dialect.content.transfers import Named, Place, content_of, downloaded, uploaded
from box_dialect.content.written_file import MOST_BYTES_IN_MEMORY, warn_of_loss
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Iterable
    from types import TracebackType

    from box_dialect.api.remote_content import RemoteContent
    from box_dialect.content.account import Account, AsyncSource
    from box_dialect.content.transfers import Progress, UploadProgress

__all__ = ["AsyncRemoteFile", "AsyncWrittenFile", "FileInfo", "download", "open", "upload"]

_PIECE: Final = 1 << 20


async def download(
    connection: AsyncSource,
    file_id: str | None = None,
    target: str | os.PathLike[str] | BinaryIO | None = None,
    *,
    path: str | None = None,
    version_id: str | None = None,
    progress: Progress | None = None,
) -> FileInfo:
    """Download a file, as `box_dialect.content.download` does; a file object is written in a worker thread."""
    found = await async_account_of(connection)
    named = Named(file_id, path, version_id)
    return await found.awaited(downloaded, found.client, found.count(), named, target_of(target), progress)


async def upload(
    connection: AsyncSource,
    source: bytes | str | os.PathLike[str] | BinaryIO | Iterable[bytes],
    *,
    path: str | None = None,
    parent_id: str | None = None,
    name: str | None = None,
    file_id: str | None = None,
    etag: str | None = None,
    size: int | None = None,
    create_folders: bool | None = None,
    content_created_at: dt.datetime | str | None = None,
    content_modified_at: dt.datetime | str | None = None,
    progress: UploadProgress | None = None,
    resume: str | os.PathLike[str] | None = None,
) -> FileInfo:
    """Upload what `box_dialect.content.upload` does; a file object is read in worker threads."""
    found = await async_account_of(connection)
    place = Place(path, parent_id, name, file_id, etag, found.creates_folders(create_folders))
    attributes = {"content_created_at": content_created_at, "content_modified_at": content_modified_at}
    found.check_writable("Box")
    return await found.awaited(uploaded, found.client, found.count(), place, source, size, attributes, progress, resume)


@overload
async def open(
    connection: AsyncSource,
    path: str | None = None,
    mode: Literal["rb"] = "rb",
    *,
    file_id: str | None = None,
    version_id: str | None = None,
) -> AsyncRemoteFile: ...


@overload
async def open(
    connection: AsyncSource,
    path: str | None = None,
    *,
    mode: Literal["wb"],
    file_id: str | None = None,
    create_folders: bool | None = None,
) -> AsyncWrittenFile: ...


@overload
async def open(
    connection: AsyncSource,
    path: str | None,
    mode: Literal["wb"],
    *,
    file_id: str | None = None,
    create_folders: bool | None = None,
) -> AsyncWrittenFile: ...


async def open(
    connection: AsyncSource,
    path: str | None = None,
    mode: str = "rb",
    *,
    file_id: str | None = None,
    version_id: str | None = None,
    create_folders: bool | None = None,
) -> AsyncRemoteFile | AsyncWrittenFile:
    """Open a file at Box, as `box_dialect.content.open` does; the file is for `async with`."""
    found = await async_account_of(connection)
    if mode == "rb":
        info, content = await found.awaited(content_of, found.client, found.count(), Named(file_id, path, version_id))
        return AsyncRemoteFile(found, content, info)
    if mode != "wb" or version_id is not None:
        raise ProgrammingError(f"a file is opened by the mode 'rb' or 'wb', a version by 'rb' alone, not {mode!r}")
    place = Place(path, None, None, file_id, None, found.creates_folders(create_folders))
    found.check_writable("Box")
    return AsyncWrittenFile(found, place)


class AsyncRemoteFile:
    """A content as a binary file for reading; one task uses it at a time. `info` tells of the version that it is."""

    def __init__(self, account: Account, content: RemoteContent, info: FileInfo) -> None:
        self.info, self.size = info, content.size
        self._account, self._reader = account, ReadAhead(content)
        self._position = 0
        self._is_closed = False

    def tell(self) -> int:
        """Return the place of the byte that is read next."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place, which may be beyond the end, and return it; raises ValueError for one before the beginning."""
        place = offset + sought_from(whence, self._position, self.size)
        if place < 0:
            raise ValueError(f"negative seek position {place}")
        self._position = place
        return place

    async def read(self, size: int | None = -1, /) -> bytes:
        """Return so many bytes, fewer at the end only; all that are left where `size` is None or negative."""
        if self._is_closed:
            raise ValueError("I/O operation on closed file")
        left = max(self.size - self._position, 0)
        left = left if size is None or size < 0 else min(size, left)
        parts = []
        while left:
            span = await self._account.awaited(self._reader.span, self._position, left)
            first = self._position - span.start
            parts.append(span.data[first : first + left])
            self._position += len(parts[-1])
            left -= len(parts[-1])
        return b"".join(parts)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await self.read(_PIECE):
            yield piece

    async def close(self) -> None:
        """Cancel what is in flight; closing again does nothing."""
        if not self._is_closed:
            self._is_closed = True
            portal().spawn(self._reader.aclose)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


class AsyncWrittenFile:
    """A binary file for writing; `close()` uploads what was written, and sets `info`.

    Nothing is uploaded where the block of its `async with` raises, nor where it is dropped without `close()`.
    """

    def __init__(self, account: Account, place: Place) -> None:
        self.info: FileInfo | None = None
        self._account, self._place = account, place
        self._written = tempfile.SpooledTemporaryFile(MOST_BYTES_IN_MEMORY)  # noqa: SIM115 - closed with this one

    async def write(self, data: Any, /) -> int:
        """Take bytes, and return how many."""
        view = memoryview(data).cast("B")
        await asyncio.to_thread(self._written.write, view)
        return view.nbytes

    async def close(self) -> None:
        """Upload what was written; raises what a call to Box raises. Closing again does nothing."""
        if not self._written.closed:
            self._written.seek(0)
            account, place = self._account, self._place
            account.check_writable("Box")
            self.info = await account.awaited(
                uploaded, account.client, account.count(), place, self._written, None, {}, None
            )
            self.discard()

    def discard(self) -> None:
        """Close it without an upload."""
        self._written.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close() if kind is None else self.discard()

    def __del__(self) -> None:
        if hasattr(self, "_written") and not self._written.closed:
            warn_of_loss(self)
            self.discard()
