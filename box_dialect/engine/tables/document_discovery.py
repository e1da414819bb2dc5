"""Discovery: which tables a document has, and their columns, found in the beginning of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar, cast

from msgspec.structs import replace

from box_dialect.engine.tables.document_cursor import checked
from box_dialect.errors import OperationalError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from box_dialect.documents.model import Document, DocumentTable
    from box_dialect.engine.documents.document_files import DocumentFile, FileSource
    from box_dialect.engine.documents.document_source import Told
    from box_dialect.engine.execution.session import Session

T = TypeVar("T")


def discovered(session: Session, told: Told) -> tuple[Told, Sequence[DocumentTable]]:
    """Return the tables of the first file that is meant and not empty, in the order of the paths; the outermost first.

    Before them comes what is told, with the path of a folder where that was meant. Raises ProgrammingError where there
    is no file, or none of its parts is a row, and what reading it raises.
    """
    source, files = found_at(session, told.files)
    if not files and session.execution.count.is_cut:
        raise _end_of_preview(source.words)
    if not files:
        kind = f" of the format {told.format.name}" if source.is_folder else ""
        raise ProgrammingError(f"there is no file{kind} at {source.words} that the signed-in user sees{source.hint}")
    told = replace(told, files=source)
    return told, tables_of(session, told, next((file for file in files if file.size), files[0]))


def found_at(session: Session, source: FileSource) -> tuple[FileSource, Sequence[DocumentFile]]:
    """Return the files that are meant, after their source: that of a folder, where there is one and no such file."""
    files, folder = files_of(session, source), source.as_folder
    inside = () if files or folder is None else files_of(session, folder)
    return (folder, inside) if folder is not None and inside else (source, files)


def files_of(session: Session, source: FileSource) -> Sequence[DocumentFile]:
    """Return the files that are meant, in the order of their paths."""
    return session.run(session.statement.documents.files, source, (), session.tables["files"])


def tables_of(session: Session, told: Told, file: DocumentFile) -> Sequence[DocumentTable]:
    """Return the tables of one file, the outermost first; raises ProgrammingError where there is none."""
    document = _document(session, told, file)
    found = _checked(lambda: told.format.tables(document, told.options), file)
    if not found:
        raise ProgrammingError(f"{file.shown_as} has nothing that is a row; name what is one by the option xpath")
    return found


def table_at(session: Session, told: Told, file: DocumentFile, name: str) -> DocumentTable | None:
    """Return the table of a nested array by its dotted name below the outermost; None where there is none."""
    document = _document(session, told, file)
    return _checked(lambda: told.format.table_at(document, told.options, name), file)


def _document(session: Session, told: Told, file: DocumentFile) -> Document:
    """Return a document of which the beginning is read, unless its format is read whole."""
    documents = session.statement.documents
    remote = None if told.format.name in READ_WHOLE else documents.remote(file)
    document = session.run(documents.fetch, file) if remote is None else remote
    if document is None:
        raise _end_of_preview(file.shown_as)
    return document


def _checked(read: Callable[[], T], file: DocumentFile) -> T:
    """Return what a reader finds; an error of its own is one of the driver's."""
    for found in checked((read() for _ in (None,)), file):
        return cast("T", found)
    raise _end_of_preview(file.shown_as)


def _end_of_preview(words: str) -> OperationalError:
    return OperationalError(f"{words} is not read, since PreviewCalls allows no further call")


READ_WHOLE: Final = frozenset({"excel"})
"""The formats whose columns are found in the whole document only."""
