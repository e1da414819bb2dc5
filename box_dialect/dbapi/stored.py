"""Tables and views that are made of a query; a table's columns keep the types that the selected ones declare.

SQLite itself keeps their affinities only, so that moments would be texts, and booleans numbers.

Source: https://www.sqlite.org/lang_createtable.html#create_table_as_select_statements
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import apsw

from box_dialect.catalog.moments import MOMENT
from box_dialect.dbapi.lexer import tokens
from box_dialect.dbapi.statements import first_word
from box_dialect.dbapi.types import holds_moments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_AFFINITIES: Final = frozenset({"", "TEXT", "INT", "INTEGER", "NUM", "NUMERIC", "REAL", "BLOB"})
"""Types that SQLite keeps."""

_SAVEPOINT: Final = "box_dialect_copy"


@dataclass(frozen=True, slots=True)
class Stored:
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
        return f"{_quoted(self.schema)}.{_quoted(self.name)}"

    @property
    def insert(self) -> str:
        """What fills the table."""
        return f"INSERT INTO {self.target} {self.query}"


def stored_of(operation: str) -> Stored | None:
    """Return what a statement makes of a query; None for any other statement."""
    if first_word(operation) != "create":
        return None
    found = [token for token in tokens(operation) if token.text != ";"]
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
    return Stored(operation, kind == ["table"], head, schema, found[end].content, query.strip(), if_not_exists)


def described(cursor: apsw.Cursor, query: str, parameters: Any) -> list[tuple[str, str | None]]:
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


def loses_types(types: Sequence[str | None]) -> bool:
    """Tell whether SQLite would declare other types for a table."""
    return any((each or "").upper() not in _AFFINITIES for each in types)


def exists(connection: apsw.Connection, table: Stored) -> bool:
    """Tell whether there is a table or a view of that name."""
    return connection.table_exists(table.schema, table.name)


@contextmanager
def created(connection: apsw.Connection, table: Stored, types: Sequence[str | None], parameters: Any) -> Iterator[None]:
    """Make a table, for the block to fill it; where that fails there is none."""
    connection.execute(f"SAVEPOINT {_SAVEPOINT}")
    try:
        # SQLite gives the columns their names, of which no two are alike, and the affinities of expressions.
        connection.execute(f"{table.head} AS SELECT * FROM ({table.query}\n) LIMIT 0", parameters)
        columns = list(connection.execute("SELECT name, type FROM pragma_table_info(?, ?)", (table.name, table.schema)))
        each = zip(columns, types, strict=True)
        declared = ", ".join(_declared(name, declared or affinity) for (name, affinity), declared in each)
        connection.execute(f"DROP TABLE {table.target}")
        connection.execute(f"{table.head} ({declared})")
        yield
    except BaseException:
        connection.execute(f"ROLLBACK TO {_SAVEPOINT}")
        raise
    finally:
        connection.execute(f"RELEASE {_SAVEPOINT}")


def _declared(name: str, kind: str) -> str:
    collation = f" COLLATE {MOMENT}" if holds_moments(kind) else ""
    return f"{_quoted(name)} {kind}{collation}"


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
