"""What readers of documents are given and give: documents, tables, columns and comparisons."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ID: str = "_id"
"""The column with the ordinal of a row's element in document order, from 1."""


class ColumnType(StrEnum):
    """The type of a column, found in the rows that are scanned; a value that does not fit it is given as text.

    A `DATE` is a text `YYYY-MM-DD`, a `TIMESTAMP` a text `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, `JSON` a text that is
    JSON; a `BOOLEAN` is a bool, an `INTEGER` an int of 64 bits, a `FLOAT` a float.
    """

    TEXT = "text"
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class DocumentColumn:
    """A column; a `hidden` one is not in `SELECT *`, such as `vehicles.1.type`, an element of an array."""

    name: str
    type: ColumnType
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class DocumentTable:
    """A table of a document, as it was found: a database that keeps it reads the document only for rows.

    `name` is what the document calls it, `parent` the table whose `_id` the column `<parent>_id` has. `layout` is
    JSON-able, and tells the reader where in the document the rows and columns are.
    """

    name: str
    columns: tuple[DocumentColumn, ...]
    parent: str | None = None
    layout: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return it as a text for `from_json()`."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> DocumentTable:
        """Return the table that a text of `to_json()` tells of."""
        told = json.loads(text)
        columns = tuple(
            DocumentColumn(each["name"], ColumnType(each["type"]), each["hidden"]) for each in told["columns"]
        )
        return cls(told["name"], columns, told["parent"], told["layout"])


class Comparison(NamedTuple):
    """What a statement says of a column, by its index in the table: a reader may leave out rows for which it is false.

    SQLite evaluates it again, so a reader need not be exact, nor look at it. The value of IS NULL and IS NOT NULL is
    None.
    """

    column: int
    operator: Literal["=", "<", "<=", ">", ">=", "IS NULL", "IS NOT NULL"]
    value: Any = None


class NumberedBatch(list[tuple[object, ...]]):
    """A batch of a reader that leaves out rows: `first` is the number of its first row in the table, from 0."""

    def __init__(self, first: int, rows: Iterable[tuple[object, ...]]) -> None:
        super().__init__(rows)
        self.first = first


class Document(Protocol):
    """A document: the name or the path of its file, for messages and its format, its size in bytes, and its content."""

    @property
    def name(self) -> str:
        """The name of its file, or its path."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    def open(self) -> BinaryIO:
        """Return a new file object at its beginning, which seeks; the one who asks closes it."""


def stem(document: Document) -> str:
    """Return the name of a document without its extension, and that of a compression: what its table is called."""
    name = document.name.rpartition("/")[2]
    plain = name[: name.rfind(".")] if name.lower().endswith((".gz", ".bz2")) else name
    return plain.rpartition(".")[0] or plain
