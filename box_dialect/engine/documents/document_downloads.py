"""Downloads of documents: to temporary files without a name, or to the folder of `DocumentCache`.

Memory does not grow with a document, and each is the version that was listed: its SHA-1 is compared.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from typing import TYPE_CHECKING, Final

from box_dialect.api import EndOfPreviewError, says_absent
from box_dialect.engine.documents.document_cache import DocumentCache
from box_dialect.engine.documents.stored_document import RemoteDocument, StoredDocument
from box_dialect.errors import DatabaseError, LimitExceededError, OperationalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.api.remote_content import RemoteContent
    from box_dialect.engine.documents.document_files import DocumentFile
    from box_dialect.engine.runtime import Runtime
    from box_dialect.engine.scan.context import ScanContext

LEAST_BY_RANGES: Final = 1 << 20
"""Bytes of a document from which on its parts are fetched by ranges where few of them are read."""


class DocumentDownloads:
    """The downloads of one statement, which take no more disk at a time than `MaxTemporaryDisk` allows.

    `let_go` lets go of a document that is not needed now, and returns False where there is none.
    """

    def __init__(self, runtime: Runtime, context: ScanContext, let_go: Callable[[], bool]) -> None:
        self._runtime, self._context, self._let_go = runtime, context, let_go
        self._bytes = 0

    @property
    def room(self) -> int | None:
        """How many bytes of disk are left, None where there is no bound."""
        most = self._runtime.properties.max_temporary_disk << 20
        return most - self._bytes if most else None

    def remote(self, file: DocumentFile) -> RemoteDocument | None:
        """Return a document that is fetched as far as it is read; None where it is better downloaded, or is kept.

        On the statement's thread.
        """
        if (file.size or 0) < LEAST_BY_RANGES or self._cached(file):
            return None
        runtime = self._runtime
        return RemoteDocument(file.shown_as, self._content(file), runtime.run)

    def _content(self, file: DocumentFile) -> RemoteContent:
        # Imported with the first document, as HTTP is with the first query.
        from box_dialect.api.remote_content import RemoteContent, Version

        version = Version(file.id, file.version_id, file.size or 0)
        return RemoteContent(self._runtime.client, self._context.count, version)

    async def stored(self, file: DocumentFile) -> StoredDocument | None:
        """Take a file out of the cache, or download it; None where a preview makes no further call."""
        size = file.size or 0
        self._bytes += size  # before anything is waited for, as it tells how much room others have
        try:
            if self._cache is not None:
                await asyncio.to_thread(self._cached, file)  # which reads all of it the first time
            descriptor = self._opened(file)
            is_kept = descriptor is not None
            if descriptor is None:
                self._make_room(file)
                descriptor = await self._downloaded(file)
        except BaseException:
            self._bytes -= size
            raise
        if is_kept or descriptor is None:
            self._bytes -= size
        if descriptor is None:
            return None
        freed = _nothing_freed if is_kept else self._freed
        return StoredDocument(file.shown_as, descriptor, self._runtime.check, freed)

    async def _downloaded(self, file: DocumentFile) -> int | None:
        """Download a file, and return its descriptor; None where a preview makes no further call."""
        cache = self._cache if file.may_be_kept else None
        descriptor, path = _temporary() if cache is None else cache.begun()
        try:
            sha1 = await self._written(file, descriptor)
        except BaseException as error:
            os.close(descriptor)
            if cache is not None and path is not None:
                cache.drop(path)
            if isinstance(error, EndOfPreviewError):
                return None
            if isinstance(error, DatabaseError) and says_absent(error):
                raise OperationalError(f"{file.shown_as} is gone since it was listed ({error})", error.diag) from None
            raise
        if cache is not None and path is not None:
            cache.keep(path, sha1)
        return descriptor

    async def _written(self, file: DocumentFile, descriptor: int) -> str:
        """Write the content of a file, and return its SHA-1; raises OperationalError where Box says another one."""
        digest, stream = hashlib.sha1(usedforsecurity=False), self._content(file).stream()
        try:
            while piece := await stream.next():
                digest.update(piece)
                _write(descriptor, piece)
        finally:
            await stream.aclose()
        if file.sha1 is not None and digest.hexdigest() != file.sha1:
            raise OperationalError(
                f"{file.shown_as} has the SHA-1 {digest.hexdigest()}, and Box says {file.sha1}; try again"
            )
        return digest.hexdigest()

    @property
    def _cache(self) -> DocumentCache | None:
        properties = self._runtime.properties
        folder = properties.document_cache
        return None if folder is None else DocumentCache(folder, properties.max_document_cache << 20)

    def _opened(self, file: DocumentFile) -> int | None:
        cache = self._cache if file.may_be_kept else None
        return None if cache is None else cache.opened(file.sha1, file.size)

    def _cached(self, file: DocumentFile) -> bool:
        descriptor = self._opened(file)
        if descriptor is not None:
            os.close(descriptor)
        return descriptor is not None

    def _freed(self, size: int) -> None:
        self._bytes -= size

    def _make_room(self, file: DocumentFile) -> None:
        """Let go of what was read least lately; raises LimitExceededError where a document alone is too large."""
        most = self._runtime.properties.max_temporary_disk << 20
        while most and self._bytes > most and self._let_go():
            pass
        if most and self._bytes > most:
            raise LimitExceededError(
                f"{file.shown_as} has {file.size or 0:,} bytes, and the documents of a statement may take {most >> 20} "
                "MB of temporary files at a time; read fewer at once, or raise the property MaxTemporaryDisk"
            )


def _nothing_freed(_size: int) -> None:
    """Take no note of a document that takes no room."""


def _temporary() -> tuple[int, None]:
    """Return the descriptor of a new file without a name."""
    with tempfile.TemporaryFile() as temporary:
        return os.dup(temporary.fileno()), None


def _write(descriptor: int, piece: bytes) -> None:
    left = memoryview(piece)
    while left:
        left = left[os.write(descriptor, left) :]
