"""The tables of documents: those of the property `URI`, which a connection finds when they are named or reflected.

Beside them, those of nested arrays, which are found when a statement names them: `SELECT * FROM "people.vehicles"`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from box_dialect.catalog.model import DocumentRelation
from box_dialect.dbapi.sqlite_errors import unknown_table
from box_dialect.dbapi.sqltext.create_documents import create_documents
from box_dialect.documents.formats import FORMATS, Format, format_of
from box_dialect.documents.model import ID
from box_dialect.documents.options import OPTIONS
from box_dialect.documents.paths import read_paths
from box_dialect.engine import (
    FILE_ID,
    DocumentSource,
    FileSource,
    PathPattern,
    Told,
    document_columns,
    files_of,
    found_at,
    table_at,
    tables_of,
    unguarded,
    warn,
)
from box_dialect.errors import BoxDocumentWarning, DataError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    import apsw

    from box_dialect.documents.model import DocumentTable
    from box_dialect.engine import DocumentFile, Session

_NUMBERED: Final = next(each.formats for each in OPTIONS if each.name == "data_model")
"""The formats whose rows have an ordinal."""

_BESIDE_OTHERS: Final = "document_"
"""What stands before the name of a document whose own name is taken."""

_MADE: Final = """
    SELECT name, sql FROM (SELECT name, sql FROM temp.sqlite_schema UNION ALL SELECT name, sql FROM main.sqlite_schema)
    WHERE name = ? COLLATE NOCASE
"""
"""What made a table, or a view, of a name."""

_LOCAL: Final = """
    SELECT lower(name) FROM main.sqlite_schema WHERE type IN ('table', 'view')
    UNION ALL SELECT lower(name) FROM temp.sqlite_schema WHERE type IN ('table', 'view')
"""


class _Found(NamedTuple):
    """A table of documents: its name, where its rows come from, and what it looks like."""

    name: str
    told: Told
    table: DocumentTable


class DocumentTables:
    """What the catalog of a connection has of documents."""

    def __init__(self, session: Session, sqlite: apsw.Connection) -> None:
        self._session, self._sqlite = session, sqlite
        self._known: dict[str, _Found] = {}
        self._is_searched = False

    def resolve(self, error: BaseException) -> bool:
        """Tell whether a statement that failed may be run again, since a table of documents is known now."""
        name = unknown_table(error)
        return name is not None and self.find(name)

    def find(self, name: str) -> bool:
        """Have the catalog know the table of a name; False where it does already, and where there is none.

        Raises what finding it raises: there is no file, its form is wrong, or what the calls for that raise.
        """
        key = name.lower()
        if key in self._session.catalog.relations:
            return False
        self.find_all()
        return key in self._session.catalog.relations or self._find_nested(name)

    def find_all(self) -> None:
        """Have the catalog know the tables of the documents that `URI` means, which are read for that once."""
        uri = self._session.properties.uri
        if uri is None or self._is_searched:
            return
        found = [*self._named(self._searched(uri))]
        self._is_searched = True
        self._add(found)

    def _searched(self, uri: str) -> Iterator[tuple[Told, DocumentTable, str | None]]:
        """Yield the tables of all documents, with the name of their folder where several are named by a file."""
        is_id = uri.isascii() and uri.isdigit()
        source = FileSource(file_id=uri) if is_id else FileSource(PathPattern.read(uri))
        source, files = found_at(self._session, source)
        if not files:
            raise ProgrammingError(
                f"property URI: there is no document at {uri} that the signed-in user sees{source.hint}"
            )
        if source.is_folder or source.is_one_file:
            for file in files:
                told = self._told(file, {"path": file.path} if _is_plain(file.path) else {"file_id": file.id})
                yield from ((told, table, None) for table in self._tables(told, file, is_one_of=source.is_folder))
            return
        full_ones_first = sorted(files, key=lambda file: not file.size)
        of_formats = {_format(file).name: file for file in full_ones_first[::-1]}
        for file in of_formats.values():
            told = self._told(file, {"path": uri})
            has_name = len(files) == 1 or not _is_named_by_file(told)
            folder = None if has_name or source.path is None else source.path.folder_name
            first, *others = tables_of(self._session, told, file)
            yield told, first, folder
            yield from ((told, table, None) for table in others)

    def _tables(self, told: Told, file: DocumentFile, *, is_one_of: bool) -> Sequence[DocumentTable]:
        """Return the tables of a file; of a folder's a file that cannot be read is left out, with a warning."""
        try:
            return tables_of(self._session, told, file)
        except (DataError, ProgrammingError) as error:
            if not is_one_of:
                raise
            warn(f"property URI: the document {file.shown_as} is no table: {error}", BoxDocumentWarning)
            return ()

    def _told(self, file: DocumentFile, place: Mapping[str, Any]) -> Told:
        """Return how a file is to be read, as the properties say it."""
        found, properties = _format(file), self._session.properties
        options = {
            each.name: str(value)
            for each in OPTIONS
            if each.property is not None
            and found.name in each.formats
            and (value := getattr(properties, each.name)) != each.default
        }
        return Told.of(found.name, {**place, **options})

    def _named(self, found: Iterator[tuple[Told, DocumentTable, str | None]]) -> Iterator[_Found]:
        """Yield tables by names that no other table has; Box's go first."""
        taken = {*self._session.catalog.names, *_local_names(self._sqlite)}
        for told, table, folder in found:
            name = name_beside(taken, folder or table.name, told)
            taken.add(name.lower())
            yield _Found(name, told, table)

    def _find_nested(self, name: str) -> bool:
        """Have the catalog know the table of a nested array, by the name of one that is there and its place below."""
        base, _, place = name.partition(".")
        found = self._known.get(base.lower()) or (self._made(base) if place else None)
        if found is None or not place:
            return False
        files = files_of(self._session, found.told.files)
        dotted = f"{found.table.name}.{place}"
        file = next((file for file in files if file.size), None)
        table = None if file is None else table_at(self._session, found.told, file, dotted)
        if table is None:
            return False
        self._add([_Found(name, found.told, table)])
        return True

    def forget_nested(self, name: str) -> None:
        """Have the catalog know the nested arrays of a table no more, in whose place a statement makes another one."""
        gone = [each for each in self._known if each.startswith(f"{name.lower()}.")]
        self._session.catalog.change((), gone)
        for each in gone:
            del self._known[each]

    def made(self, name: str) -> DocumentRelation | None:
        """Return a table of documents that a statement has made, with what leads to another; None for any other one."""
        found = self._made(name)
        if found is None:
            return None
        with unguarded(self._sqlite):
            names = [each for (each,) in self._sqlite.execute(_LOCAL)]
        return _relation(found, [*filter(None, map(self._made, names))])

    def _made(self, name: str) -> _Found | None:
        """Return a table of documents that a statement has made; None where the table of a name is none."""
        with unguarded(self._sqlite):
            own, sql = next(self._sqlite.execute(_MADE, (name,)), (name, None))
        made = create_documents(sql, FORMATS) if isinstance(sql, str) else None
        if made is None:
            return None
        source = DocumentSource.read(made.format, made.arguments)
        return _Found(own, source.told, source.table)

    def _add(self, found: Sequence[_Found]) -> None:
        """Have the catalog know tables, with what leads from one to another where that has a name."""
        known, catalog = [*self._known.values(), *found], self._session.catalog
        try:
            catalog.add(*(_relation(each, known) for each in found), amid_transaction=True)
        except ProgrammingError:
            catalog.add(*(_relation(each, ()) for each in found), amid_transaction=True)
        self._known |= {each.name.lower(): each for each in found}


def _relation(found: _Found, others: Iterable[_Found]) -> DocumentRelation:
    """Return what the catalog has of a table; among the others is the one that has the rows which its own are in."""
    told, key = found.told, _key(found)
    columns = document_columns(found.table)
    parents = (each.name for each in others if _is_of(each.told, told) and each.table.name == found.table.parent)
    parent = next(parents, None)
    if key and parent is not None:
        *along, key_of_parent = key
        columns = tuple(
            replace(column, references=f"{parent}.{key_of_parent}", along=dict(zip(along, along, strict=True)))
            if column.name == f"{found.table.parent}{ID}"
            else column
            for column in columns
        )
    return DocumentRelation(
        name=found.name,
        doc=f"Rows of {told.files.words}.",
        columns=tuple(replace(column, nullable=False) if column.name in key else column for column in columns),
        key=key,
        module=told.format.name,
        arguments=told.arguments(found.table),
    )


def _key(found: _Found) -> tuple[str, ...]:
    """Return what tells the rows of a table apart: the ordinal of an element that is a row, with its file of several.

    A row of `FlattenedDocuments` is of elements that are joined.
    """
    told = found.told
    if told.format.name not in _NUMBERED or told.options.data_model == "FlattenedDocuments":
        return ()
    return (ID,) if told.files.is_one_file else (FILE_ID, ID)


def _is_of(told: Told, other: Told) -> bool:
    """Tell whether two tables are of the same documents, which are read alike."""
    return (told.files, told.options) == (other.files, other.options)


def name_beside(taken: Collection[str], wanted: str, told: Told) -> str:
    """Return the name that a table of documents has beside others, whose names are in lower case; warns of another."""
    name = wanted
    while name.lower() in taken:
        name = f"{_BESIDE_OTHERS}{name}"
    if name != wanted:
        warn(
            f"the document {told.files.words} has a table {wanted}, which is the name of another one, so that it is "
            f"called {name} here",
            BoxDocumentWarning,
        )
    return name


def _is_named_by_file(told: Told) -> bool:
    """Tell whether the outermost table is named by its file, since no element of the document gives a name to it."""
    xpath = told.options.xpath
    return told.format.name != "xml" and (xpath is None or not read_paths(xpath)[0])


def _is_plain(path: str | None) -> bool:
    return path is not None and not PathPattern(path).has_wildcards


def _format(file: DocumentFile) -> Format:
    found = format_of(file.name)
    if found is None:
        raise ProgrammingError(
            f"property URI: {file.shown_as} is no document by its extension; make its table by CREATE VIRTUAL TABLE … "
            f"USING, which names the format: {', '.join(FORMATS)}"
        )
    return found


def _local_names(connection: apsw.Connection) -> Iterator[str]:
    """Yield the names, in lower case, of the tables and views that statements have made."""
    with unguarded(connection):
        yield from (name for (name,) in connection.execute(_LOCAL))
