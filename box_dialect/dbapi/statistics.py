"""Planner statistics: how many rows small local tables have, told to SQLite before it joins them with Box's.

SQLite takes a table that was never analysed for one of a million rows, and would rather read all of Box than look as
many rows up. ANALYZE tells it better. What that writes is taken back at once, and what SQLite has loaded of it stays in
the connection's memory: no statistics are left for others, whose writes would make them wrong.

Source: https://www.sqlite.org/lang_analyze.html
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import apsw

from box_dialect.engine import MEMORY, is_file, quoted, unguarded, without_waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from box_dialect.engine import ColumnRead

_MOST_ROWS: Final = 10_000
"""Rows of a table that is told of; SQLite takes a larger one for large anyway, and it would take long to analyse."""

_MOST_TOLD: Final = 1_000
"""Tables that SQLite is told of; past that many it is told anew."""

_MAIN: Final = "main"
_SAVEPOINT: Final = "box_dialect_statistics"

Name: TypeAlias = tuple[str, str]
"""The schema of a table and its name."""

Era: TypeAlias = tuple[int, int]
"""What is another one once SQLite may have forgotten what it was told."""


class _Told(NamedTuple):
    """How many rows SQLite was told of, and when."""

    rows: int
    era: Era

    def fits(self, rows: int) -> bool:
        """Tell whether so many rows are about as many; half or twice of them make no other plan."""
        return abs(self.rows.bit_length() - rows.bit_length()) <= 1


class Statistics:
    """The planner statistics of one connection, which each call gets: SQLite would keep it alive for ever.

    `location` is where the local database is. A file is analysed only while the connection has the lock to write to it;
    shared memory also where no transaction is open and nobody else has that lock.
    """

    def __init__(self, location: str) -> None:
        self._is_private, self._is_file = location == MEMORY, is_file(location)
        self._changes_of_schema = 0
        self._told: dict[Name, _Told] = {}
        self._seen: dict[Name, tuple[Era, int]] = {}

    def doubt(self) -> None:
        """Take note of DDL, or of the beginning or end of a transaction: SQLite may forget what it was told."""
        self._changes_of_schema += 1

    def tell(
        self,
        connection: apsw.Connection,
        of_box: Collection[str],
        read: set[ColumnRead],
        is_alone: Callable[[], bool],
    ) -> bool:
        """Tell of the local tables that a statement reads beside Box's; True where it has to be prepared anew.

        `of_box` are the names of Box's tables in lower case, `read` what the authorizer notes of the statement.
        `is_alone` tells whether no other statement of the connection is half read, which ANALYZE would end. What is
        locked is left as it is, without waiting. Raises apsw.Error where SQLite has rolled the transaction back.
        """
        tables = {(schema, table) for schema, table, _ in read if schema}
        local = [name for name in tables if name[1].lower() not in of_box]
        if not local or len(local) == len(tables):
            return False
        columns, was_in_transaction = {*read}, connection.in_transaction
        try:
            with without_waiting(connection):
                return self._tell(connection, local, is_alone)
        except apsw.Error:
            if was_in_transaction and not connection.in_transaction:
                raise
            return False
        finally:
            read.clear()
            read |= columns

    def _tell(self, connection: apsw.Connection, local: Iterable[Name], is_alone: Callable[[], bool]) -> bool:
        is_shared = not self._is_private and any(schema == _MAIN for schema, _ in local)
        era = self._changes_of_schema, connection.pragma("data_version", schema=_MAIN) if is_shared else 0
        now = era, connection.total_changes()
        counted = {name: _count(connection, name) for name in local if self._seen.get(name) != now}
        rows = {name: count for name, count in counted.items() if count is not None}
        fitting = {name for name, count in rows.items() if name in self._told and self._told[name].fits(count)}
        known = {name for name in fitting if self._told[name].era == era}
        small = {name for name in rows if rows[name] <= _MOST_ROWS and self._may_analyse(connection, name[0])}
        must_forget = len(self._told) > _MOST_TOLD or not self._told.keys() & rows.keys() <= fitting | small
        wanting = small if must_forget else small - known
        is_wrong = bool(wanting) or must_forget
        if is_wrong:
            if not is_alone():
                return False
            with unguarded(connection):
                if must_forget:
                    self._forget(connection)
                for schema in {schema for schema, _ in wanting}:
                    _analyse(connection, schema, {name: rows[schema, name] for of, name in wanting if of == schema})
        self._told |= {name: _Told(rows[name], era) for name in wanting}
        self._seen |= dict.fromkeys(counted, now)
        return is_wrong

    def _forget(self, connection: apsw.Connection) -> None:
        """Have SQLite read the schema anew, as somebody else would know it."""
        connection.pragma("writable_schema", "RESET")
        self._told.clear()
        self._seen.clear()

    def _may_analyse(self, connection: apsw.Connection, schema: str) -> bool:
        if schema != _MAIN or self._is_private or connection.txn_state(_MAIN) == apsw.SQLITE_TXN_WRITE:
            return True
        return not self._is_file and not connection.in_transaction


def _count(connection: apsw.Connection, name: Name) -> int | None:
    """Return how many rows a table has, one more than is small for any large one; None for what is no table of rows."""
    schema, table = name
    listed = f"SELECT 1 FROM {schema}.sqlite_master WHERE name = ? AND type = 'table' AND rootpage"  # noqa: S608
    if table.startswith("sqlite_") or connection.execute(listed, (table,)).get is None:
        return None
    rows = f"FROM {schema}.{quoted(table)}"
    is_large = f"EXISTS (SELECT 1 {rows} LIMIT 1 OFFSET {_MOST_ROWS})"
    count: int = connection.execute(f"SELECT iif({is_large}, {_MOST_ROWS + 1}, (SELECT count(*) {rows}))").get
    return count


def _analyse(connection: apsw.Connection, schema: str, tables: Mapping[str, int]) -> None:
    """Have SQLite load the statistics of tables that have so many rows, and write none.

    Where the schema has statistics already, they are rolled back to. Where it has none, SQLite would forget what it has
    loaded with the tables that are rolled back, so these are dropped.
    """
    has_some = connection.table_exists(schema, "sqlite_stat1")
    undo = f"ROLLBACK TO {_SAVEPOINT}; RELEASE {_SAVEPOINT}" if connection.in_transaction else "ROLLBACK"
    drop = [f"DROP TABLE IF EXISTS {schema}.{each}" for each in ("sqlite_stat1", "sqlite_stat4")]
    connection.execute(f"SAVEPOINT {_SAVEPOINT}")
    try:
        connection.execute("; ".join(f"ANALYZE {schema}.{quoted(table)}" for table in tables))
        for table in (table for table, rows in tables.items() if not rows and not has_some):
            _take_for_one_row(connection, schema, table)
        connection.execute(undo if has_some else "; ".join([*drop, f"RELEASE {_SAVEPOINT}"]))
    except BaseException:  # Ctrl-C, too
        with contextlib.suppress(apsw.Error):
            connection.execute(undo)
        raise


def _take_for_one_row(connection: apsw.Connection, schema: str, table: str) -> None:
    """Have SQLite load statistics of an empty table, of which ANALYZE makes none: those of one that has a row.

    An INSERT of them would be counted among the changes that the user made.
    """
    name = table.encode()
    other = "box_dialect_" + "_" * len(name)
    connection.execute(f"CREATE TABLE {schema}.{other} AS SELECT 1; ANALYZE {schema}.{other}")
    query = f"SELECT rowid FROM {schema}.sqlite_stat1 WHERE tbl = ?"  # noqa: S608 - main or temp
    place = connection.execute(query, (other,)).get
    with connection.blob_open(schema, "sqlite_stat1", "tbl", place, True) as blob:
        blob.write(name.ljust(len(other), b"\0"))
    connection.execute(f"DROP TABLE {schema}.{other}; ANALYZE {schema}.sqlite_master")
