"""Where the rows of a table of documents come from, as the arguments of `CREATE VIRTUAL TABLE … USING xml(…)` say it.

Each argument is a name and a literal: `path` or `file_id`, and options of the format. `layout`, which the driver adds,
is the table as it was found, so that nothing is called where a database with it is opened.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from box_dialect.catalog.datetimes import MOMENT
from box_dialect.catalog.model import DIGITS, Column, Type
from box_dialect.documents.formats import FORMATS, Format
from box_dialect.documents.model import ColumnType, DocumentTable
from box_dialect.documents.options import Options
from box_dialect.engine.documents.document_files import FILE_COLUMNS, FileSource
from box_dialect.engine.documents.path_pattern import PathPattern
from box_dialect.errors import ProgrammingError, printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

LAYOUT: Final = "layout"
"""The argument that the driver adds."""

_ARGUMENT: Final = re.compile(
    r"""\s*(?:"(?P<quoted>[^"]+)"|(?P<name>\w+))\s*=\s*(?:'(?P<text>(?:[^']|'')*)'|(?P<word>[\w.+-]+))\s*""", re.ASCII
)

_TYPES: Final[Mapping[ColumnType, Type]] = {
    ColumnType.TEXT: Type.TEXT,
    ColumnType.INTEGER: Type.INTEGER,
    ColumnType.FLOAT: Type.REAL,
    ColumnType.BOOLEAN: Type.BOOLEAN,
    ColumnType.DATE: Type.DATE,
    ColumnType.TIMESTAMP: Type.TIMESTAMP,
    ColumnType.JSON: Type.JSON,
}

FILE_ID: Final = "file_id"

_BESIDE: Final = (
    Column(FILE_ID, hidden=True, doc="Id of the file that the row is in."),
    Column("file_path", hidden=True, doc="Path of the file that the row is in."),
    Column("file_modified_at", Type.TIMESTAMP, hidden=True, doc="When that file was last changed."),
)
"""The hidden columns of each table of documents."""


class Told(Struct, frozen=True):
    """What a statement says of documents: their format, where they are, and how they are to be read."""

    format: Format
    files: FileSource
    options: Options
    layout: str | None = None

    @classmethod
    def read(cls, format_name: str, arguments: Iterable[str]) -> Told:
        """Return what arguments say, as they stand in a statement; raises ProgrammingError for what cannot be."""
        return cls.of(format_name, _named(format_name, arguments))

    @classmethod
    def written(cls, format_name: str, arguments: Iterable[str]) -> Told:
        """Return what the arguments of a statement say that somebody has written; raises ProgrammingError."""
        told = cls.read(format_name, arguments)
        if told.layout is not None:
            raise ProgrammingError(f"{format_name}(…) finds the layout itself; leave the argument {LAYOUT} out")
        return told

    @classmethod
    def of(cls, format_name: str, arguments: Mapping[str, str]) -> Told:
        """Return what named arguments say; raises ProgrammingError for what cannot be."""
        left = {name.lower(): value for name, value in arguments.items()}
        path, file_id, layout = left.pop("path", None), left.pop("file_id", None), left.pop(LAYOUT, None)
        if (path is None) == (file_id is None):
            raise ProgrammingError(
                f"{format_name}(…) takes either path = '/folder/name' or file_id = '…', to say which file is meant"
            )
        if file_id is not None and not DIGITS.fullmatch(file_id):
            raise ProgrammingError(f"file_id is the id of a file at Box, not {printable(file_id)!r}")
        options = Options.from_arguments(format_name, left)
        files = FileSource(None if path is None else PathPattern.read(path), file_id, format_name)
        return cls(FORMATS[format_name], files, options, layout)

    def arguments(self, table: DocumentTable) -> str:
        """Return the arguments, as SQL, of a table that was found."""
        files = {"path": self.files.path.text} if self.files.path is not None else {"file_id": self.files.file_id or ""}
        said = {**files, **self.options.to_arguments(), LAYOUT: table.to_json()}
        return ", ".join(f"{name} = {_literal(value)}" for name, value in said.items())


class DocumentSource(Struct, frozen=True, dict=True):
    """Where the rows of one table come from, and what it looks like."""

    told: Told
    table: DocumentTable

    @classmethod
    def read(cls, format_name: str, arguments: Iterable[str]) -> DocumentSource:
        """Return the source that the arguments of a kept table say; raises ProgrammingError for what cannot be."""
        told = Told.read(format_name, arguments)
        if told.layout is None:
            raise ProgrammingError(f"a table USING {format_name}(…) is made by a statement of its own")
        try:
            return cls(told, DocumentTable.from_json(told.layout))
        except (KeyError, TypeError, ValueError, json.JSONDecodeError) as error:
            raise ProgrammingError(
                f"the layout of a table of {told.files.words} is none that this version has written ({error!r}); drop "
                "the table, and create it again"
            ) from None

    @cached_property
    def columns(self) -> Sequence[Column]:
        """The columns of the document, and the hidden ones of the file, which stand behind them."""
        return document_columns(self.table)

    @cached_property
    def schema(self) -> str:
        """The `CREATE TABLE` that SQLite is told."""
        return f"CREATE TABLE documents({', '.join(map(_declared, self.columns))})"


def document_columns(table: DocumentTable) -> tuple[Column, ...]:
    """Return the columns of a table of documents as the catalog has them."""
    taken = {*FILE_COLUMNS}
    found = []
    for each in table.columns:
        name = _free(each.name, taken)
        taken.add(name.lower())
        found.append(Column(name, _TYPES[each.type], hidden=each.hidden))
    return (*found, *_BESIDE)


def _free(name: str, taken: Collection[str]) -> str:
    """Return the name of a column that no other one has: those of the file go first."""
    while name.lower() in taken:
        name = f"document_{name}"
    return name


def _declared(column: Column) -> str:
    """Return a column as SQLite is told it: a moment compares with what may be one, as in a local table."""
    is_moment = column.type in {Type.DATE, Type.TIMESTAMP}
    hidden, collation = " HIDDEN" if column.hidden else "", f" COLLATE {MOMENT}" if is_moment else ""
    name = column.name.replace('"', '""')
    return f'"{name}" {column.type.value}{hidden}{collation}'


def _named(format_name: str, arguments: Iterable[str]) -> dict[str, str]:
    """Return arguments by their names."""
    found: dict[str, str] = {}
    for text in arguments:
        argument = _ARGUMENT.fullmatch(text)
        if argument is None:
            raise ProgrammingError(
                f"an argument of {format_name}(…) is a name and a value, as path = '/folder/name', not "
                f"{printable(text.strip())!r}"
            )
        name = (argument["quoted"] or argument["name"]).lower()
        if name in found:
            raise ProgrammingError(f"{format_name}(…) is told {name} twice")
        found[name] = argument["word"] if argument["text"] is None else argument["text"].replace("''", "'")
    return found


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
