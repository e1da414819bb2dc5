"""Document store: the files that a statement reads documents of, each downloaded once, several at once.

A download goes to a temporary file without a name, so that memory does not grow with it. What was read least lately
makes room for others.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from box_dialect.engine.documents.document_downloads import DocumentDownloads
from box_dialect.engine.documents.document_files import DocumentFile, FileTable, fits, found_files
from box_dialect.engine.documents.stored_document import StoredDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from box_dialect.catalog.model import Table
    from box_dialect.engine.documents.document_files import Compared, FileSource
    from box_dialect.engine.documents.keyed_rows import KeyedRows
    from box_dialect.engine.documents.stored_document import RemoteDocument
    from box_dialect.engine.runtime import Runtime
    from box_dialect.engine.scan.context import ScanContext

Key: TypeAlias = "tuple[str, str | None]"
"""What tells documents apart: the id of the file, and the SHA-1 of the content."""

MOST_BYTES_AHEAD: Final = 64 << 20
"""Bytes of documents that are downloaded ahead of who reads them, at most."""

_BITS_OF_ROW: Final = 40
"""Bits of the number of a row within its document."""


class DocumentStore:
    """The documents of one statement, which take no more disk at a time than `MaxTemporaryDisk` allows.

    `keyed` are rows by a column that a statement looks up in it, None where they are too many, and `coming` what the
    cursors over documents have read and not given yet; both are of the statement's thread. `on_news` is called where a
    download ends. That, coroutines, and what is private to them, run on the event loop.
    """

    def __init__(self, runtime: Runtime, context: ScanContext) -> None:
        self._runtime, self._context = runtime, context
        self._downloads = DocumentDownloads(runtime, context, self._let_go)
        self._lists: dict[Hashable, Sequence[DocumentFile]] = {}
        self.on_news: Callable[[], None] = _ignored
        self._numbers: dict[Key, int] = {}
        self._narrowed: set[FileSource] = set()
        self.keyed: dict[Hashable, KeyedRows | None] = {}
        self.coming: dict[Hashable, Callable[[], Iterable[tuple[Sequence[Any], DocumentFile | None]]]] = {}
        self._kept: OrderedDict[Key, StoredDocument | None] = OrderedDict()
        self._ahead: dict[Key, asyncio.Future[StoredDocument | None]] = {}

    def table_of(self, files: Table) -> FileTable:
        """Return the table `files`, as it is read for documents."""
        return FileTable(files, reads_permissions=self._runtime.properties.document_cache is not None)

    async def files(self, source: FileSource, also: Sequence[Compared], files: Table) -> Sequence[DocumentFile]:
        """Return the files of a source for which comparisons may hold; `files` is the table of that name.

        What asks for some again and again, as a join does, gets them out of all. Raises what the calls for that raise.
        """
        found = self.known_files(source, also)
        if found is None:
            asked = () if source.is_one_file or source in self._narrowed else also
            found = await found_files(source, asked, self.table_of(files), self._runtime.client, self._context)
            self._lists[_list_key(source, asked)] = found
            self._narrowed.add(source)
        return [file for file in found if all(fits(file, each) for each in also)]

    def known_files(self, source: FileSource, also: Sequence[Compared]) -> Sequence[DocumentFile] | None:
        """Return the files among which those are that are meant, None where that takes calls; on any thread."""
        found = self._lists.get(_list_key(source, ()))
        return self._lists.get(_list_key(source, also)) if found is None else found

    def first_number(self, file: DocumentFile) -> int:
        """Return the number of the first row of a document, from which on no other one of the statement has any."""
        return self._numbers.setdefault(key_of(file), len(self._numbers)) << _BITS_OF_ROW

    def is_begun(self, file: DocumentFile) -> bool:
        """Tell whether a document is there, or its download was begun; on any thread."""
        return key_of(file) in self._kept or key_of(file) in self._ahead

    def is_ready(self, file: DocumentFile) -> bool:
        """Tell whether a document is there, or its download has failed; on any thread."""
        task = self._ahead.get(key_of(file))
        return key_of(file) in self._kept or (task is not None and task.done())

    def remote(self, file: DocumentFile) -> RemoteDocument | None:
        """Return a document that is fetched as far as it is read; None where it is better downloaded, or is there."""
        return None if self.is_begun(file) else self._downloads.remote(file)

    async def fetch(self, file: DocumentFile) -> StoredDocument | None:
        """Return the document of a file; None where a preview makes no further call."""
        key = key_of(file)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        task = self._begun(file)
        try:
            document = await task
        finally:
            self._ahead.pop(key, None)
            del task  # it refers to the exception, whose traceback refers to this frame
        self._kept[key] = document
        return document

    async def fetch_ahead(self, file: DocumentFile, *, is_awaited: bool = False) -> None:
        """Download a document that nobody reads yet; what fails is raised to who does.

        One that nobody waits for is downloaded only where there is room.
        """
        if not self.is_begun(file) and (is_awaited or (file.size or 0) <= self._room):
            task = self._begun(file)
            await asyncio.wait([task])

    def begin_ahead(self, files: Iterable[DocumentFile]) -> None:
        """Begin to download the next of some files, as many as calls may be in flight and there is room for."""
        next_ones = [*islice(files, self._runtime.width)]
        self._runtime.wake(lambda: self._begin(next_ones))

    def _begin(self, files: Sequence[DocumentFile]) -> None:
        room = self._room
        for file in files:
            if not self.is_begun(file):
                room -= file.size or 0
                if room < 0:
                    return
                self._begun(file)

    @property
    def _room(self) -> int:
        """How many bytes may be downloaded ahead."""
        return MOST_BYTES_AHEAD if self._downloads.room is None else min(MOST_BYTES_AHEAD, self._downloads.room)

    @property
    def is_in_use(self) -> bool:
        """Whether documents are downloaded ahead."""
        return bool(self._ahead)

    @property
    def has_found(self) -> bool:
        """Whether files were looked for."""
        return bool(self._lists or self._kept)

    def end(self) -> None:
        """Let go of all documents, where nobody is going to open one again; on any thread."""
        for document in [*self._kept.values()]:
            if document is not None:
                document.let_go()

    async def aclose(self) -> None:
        """Cancel what is in flight."""
        tasks = [*self._ahead.values()]
        self._ahead.clear()
        for task in tasks:
            task.cancel()
        for document in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(document, StoredDocument):
                document.let_go()

    def _let_go(self) -> bool:
        """Let go of the document that was read least lately; False where there is none."""
        if not self._kept:
            return False
        _, document = self._kept.popitem(last=False)
        if document is not None:
            document.let_go()
        return True

    def _begun(self, file: DocumentFile) -> asyncio.Future[StoredDocument | None]:
        key = key_of(file)
        if key not in self._ahead:
            task = self._ahead[key] = asyncio.ensure_future(self._downloads.stored(file))
            task.add_done_callback(self._ended)
        return self._ahead[key]

    def _ended(self, task: asyncio.Future[StoredDocument | None]) -> None:
        """Tell of a download that has come to its end; what failed is raised to who reads the document."""
        if not task.cancelled():
            task.exception()
        self.on_news()


def key_of(file: DocumentFile) -> Key:
    """Return what tells a document apart."""
    return file.id, file.sha1


def _list_key(source: FileSource, compared: Sequence[Compared]) -> Hashable:
    return source, tuple(compared)


def _ignored() -> None:
    """Do nothing with news that nobody waits for."""
