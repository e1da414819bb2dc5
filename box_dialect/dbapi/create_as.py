"""CREATE TABLE AS and CREATE VIEW AS: a table's columns keep the types that the selected ones declare.

SQLite itself keeps their affinities only, so that moments would be texts, and booleans numbers.

Source: https://www.sqlite.org/lang_createtable.html#create_table_as_select_statements
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import apsw
from msgspec import Struct
from msgspec.structs import replace

from box_dialect.catalog.datetimes import MOMENT
from box_dialect.dbapi.sqltext.classify import first_word
from box_dialect.dbapi.sqltext.lexer import read
from box_dialect.dbapi.types import holds_datetimes
from box_dialect.engine import quoted
from box_dialect.errors import Error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Columns: TypeAlias = "Sequence[tuple[str, str | None]]"
"""The columns of a result, with their declared types."""

_AFFINITIES: Final = frozenset({"", "TEXT", "INT", "INTEGER", "NUM", "NUMERIC", "REAL", "BLOB"})
"""Types that SQLite keeps."""

_SAVEPOINT: Final = "box_dialect_copy"


class CreateAs(Struct, frozen=True):
    """A statement that makes a table or a view of a query: `head` is all before AS, `query` all behind it."""

    operation: str
    is_table: bool
    head: str
    schema: str
    name: str
    query: str
    if_not_exists: bool

    @property
    def target(self) -> str:
        """The table, with its schema."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    @property
    def insert(self) -> str:
        """What fills the table."""
        return f"INSERT INTO {self.target} {self.query}"

    def of(self, query: str) -> CreateAs:
        """Return the statement with another query."""
        return replace(self, operation=f"{self.head} AS {query}", query=query)


def create_as(operation: str) -> CreateAs | None:
    """Return what a statement makes of a query; None for any other statement."""
    if first_word(operation) != "create":
        return None
    found = [token for token in read(operation) if token.text != ";"]
    words = [token.text.lower() for token in found]
    is_temporary = words[1:2] in (["temp"], ["temporary"])
    place = 2 + is_temporary
    kind = words[place - 1 : place]
    if kind not in (["table"], ["view"]):
        return None
    if_not_exists = words[place : place + 3] == ["if", "not", "exists"]
    place += 3 * if_not_exists
    has_schema = words[place + 1 : place + 2] == ["."]
    end = place + 2 * has_schema
    behind = end + 1
    if kind == ["view"] and words[behind : behind + 1] == ["("] and ")" in words:
        behind = words.index(")") + 1
    if words[behind : behind + 1] != ["as"] or len(found) < behind + 2:
        return None
    schema = found[place].content if has_schema else "temp" if is_temporary else "main"
    head, query = operation[: found[behind - 1].end], operation[found[behind].end : found[-1].end]
    return CreateAs(operation, kind == ["table"], head, schema, found[end].content, query.strip(), if_not_exists)


def described(cursor: apsw.Cursor, query: str, parameters: Any) -> Columns:
    """Return the columns of a query with their declared types, without running it; raises what is wrong with it."""
    columns: list[tuple[str, str | None]] = []

    def prepared(cursor: apsw.Cursor, _statement: str, _values: Any) -> bool:
        columns.extend(cursor.get_description())
        return False

    cursor.exec_trace = prepared
    try:
        cursor.execute(query, parameters)
    except apsw.ExecTraceAbort:
        pass
    finally:
        cursor.exec_trace = None
    return columns


def types_of(
    table: CreateAs, cursor: apsw.Cursor, parameters: Any, type_of: Callable[[str, str | None], str | None]
) -> list[str | None]:
    """Return the types that a table is to declare, `type_of` its columns; none where there is such a table."""
    if table.if_not_exists and cursor.connection.table_exists(table.schema, table.name):
        return []
    return [type_of(*column) for column in described(cursor, table.query, parameters)]


def are_affinities(types: Sequence[str | None]) -> bool:
    """Tell whether SQLite itself declares such types."""
    return all((each or "").upper() in _AFFINITIES for each in types)


def view_of(view: CreateAs, cursor: apsw.Cursor, collated: Callable[[str, Any, Columns], str]) -> str:
    """Return the statement that makes a view of the query that `collated` makes of its own."""
    try:
        columns = described(cursor, view.query, ())
    except (apsw.Error, Error):
        return view.operation  # SQLite itself says what is wrong, now or where the view is read
    return f"{view.head} AS {collated(view.query, (), columns)}"


@contextmanager
def created(
    connection: apsw.Connection, table: CreateAs, types: Sequence[str | None], parameters: Any
) -> Iterator[None]:
    """Make a table, for the block to fill it; where that fails there is none.

    `last_insert_rowid()` stays, as it does where SQLite makes such a table.
    """
    last_row = connection.last_insert_rowid()
    try:
        with all_or_nothing(connection):
            # SQLite gives the columns their names, of which no two are alike, and the affinities of expressions.
            names = f"SELECT * FROM ({table.query}\n) LIMIT 0"  # noqa: S608 - the statement's own text
            connection.execute(f"{table.head} AS {names}", parameters)
            listed = "SELECT name, type FROM pragma_table_info(?, ?)"
            columns = list(connection.execute(listed, (table.name, table.schema)))
            each = zip(columns, types, strict=True)
            declared = ", ".join(_declared(name, declared or affinity) for (name, affinity), declared in each)
            connection.execute(f"DROP TABLE {table.target}")
            connection.execute(f"{table.head} ({declared})")
            yield
    finally:
        connection.set_last_insert_rowid(last_row)


@contextmanager
def all_or_nothing(connection: apsw.Connection) -> Iterator[None]:
    """Take back what a block makes in the local database where it fails."""
    connection.execute(f"SAVEPOINT {_SAVEPOINT}")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # SQLite has taken all of it back where a statement that writes is interrupted
            connection.execute(f"ROLLBACK TO {_SAVEPOINT}")
        raise
    finally:
        if connection.in_transaction:
            connection.execute(f"RELEASE {_SAVEPOINT}")


def _declared(name: str, kind: str) -> str:
    collation = f" COLLATE {MOMENT}" if holds_datetimes(kind) else ""
    return f"{quoted(name)} {kind}{collation}"
