"""Installation: the tables that a connection of SQLite knows, and those that it knows no more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

import apsw

from box_dialect.catalog.model import DocumentRelation, SystemTable, Table, View
from box_dialect.engine.sql.authorizer import unguarded
from box_dialect.engine.tables.excluded_table import install_excluded
from box_dialect.engine.tables.returned_table import install_returned
from box_dialect.engine.tables.system_table import install_system_table
from box_dialect.engine.tables.virtual_table import TableModule
from box_dialect.errors import OperationalError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from box_dialect.catalog.model import Relation
    from box_dialect.engine.execution.session import Session

_LISTS_TABLES: Final = re.compile(r"sqlite_(?:temp_)?(?:schema|master)|table_list")
"""What tells of a text that it may list tables."""


def register(connection: apsw.Connection, session: Session, relations: Iterable[Relation]) -> None:
    """Have a connection find tables by their names; nothing else is made of them before a statement names them."""
    session.is_utf8 = connection.pragma("encoding") == "UTF-8"
    for each in relations:
        if isinstance(each, Table):
            _register_table(connection, session, each)
        elif isinstance(each, SystemTable):
            install_system_table(connection, session, each)


def _register_table(connection: apsw.Connection, session: Session, table: Table) -> None:
    for signs in table.signs.values():
        session.negative_cache.signs.update(signs.items())
    connection.create_module(
        table.name,
        cast("Any", TableModule(table, session)),  # APSW's protocol asks for methods that it does not need
        use_bestindex_object=True,
        use_no_change=True,
        iVersion=1,
        eponymous=True,
        read_only=not table.is_writable,
    )


def install(connection: apsw.Connection, session: Session, relations: Collection[Relation]) -> None:
    """Make tables and views known to a connection, those too that are there by another declaration, and define them."""
    register(connection, session, relations)
    created = [_definition(connection, session, each) for each in relations]
    known = session.catalog.relations
    _redefine(connection, relations, created, were_known=any(each.name.lower() in known for each in relations))


def define(connection: apsw.Connection, session: Session, text: str) -> None:
    """Define the tables and views of the catalog that a text may name in the schema `temp`, and what these read.

    There a statement on Box takes no lock of the local database, and no table of that hides one of Box. `main.NAME`
    reaches a table as well, as BI tools and views ask. A text that lists tables may name all.
    """
    missing = _missing(connection, session.catalog.relations, text)
    if missing:
        with unguarded(connection):
            connection.execute(";".join(_definition(connection, session, each) for each in missing))


def _missing(connection: apsw.Connection, relations: Mapping[str, Relation], text: str) -> Collection[Relation]:
    """Return the relations that a text may name, and those that the views of them name, which are not defined yet."""
    texts = [text.lower()]
    named: dict[str, Relation] = {}
    lists_all = _LISTS_TABLES.search(texts[0]) is not None
    while texts:
        lowered = texts.pop()
        for name, each in relations.items():
            if name not in named and (lists_all or name in lowered):
                named[name] = each
                texts += [each.sql.lower()] if isinstance(each, View) else []
    return [each for each in named.values() if not _is_defined(connection, each)]


def _is_defined(connection: apsw.Connection, relation: Relation) -> bool:
    if not isinstance(relation, View):
        return connection.table_exists("temp", relation.name)
    with unguarded(connection):
        found = connection.execute("SELECT 1 FROM temp.sqlite_schema WHERE name = ?", (relation.name,))
        return found.fetchone() is not None


def uninstall(connection: apsw.Connection, tables: Collection[Relation]) -> None:
    """Have a connection know tables no more; raises InUseError, and leaves them, while one is read."""
    _redefine(connection, tables, [], were_known=bool(tables))
    for table in tables:
        if isinstance(table, Table):
            # Not none: a rollback takes a table back into the schema, which SQLite could neither use nor drop then.
            connection.create_module(table.name, cast("Any", _DroppedModule(table)))


class InUseError(OperationalError):
    """A table cannot become another, or go, while a result has rows of it to give."""


class _DroppedModule:
    """The APSW module of a table that is there no more."""

    def __init__(self, table: Table) -> None:
        self._name = table.name

    def Connect(self, *_: object) -> NoReturn:
        """Tell SQLite that there is no such table."""
        raise apsw.SQLError(f"no such table: {self._name}")

    Create = Connect


def temporary_names(connection: apsw.Connection) -> Collection[str]:
    """Return the names, in lower case, of the temporary tables and views that statements have made."""
    # Virtual tables have no root page.
    made = "SELECT lower(name) FROM temp.sqlite_schema WHERE type = 'view' OR (type = 'table' AND rootpage)"
    with unguarded(connection):
        return [name for (name,) in connection.execute(made)]


def _definition(connection: apsw.Connection, session: Session, relation: Relation) -> str:
    """Return what defines a table or a view, and have the connection know what statements read beside it."""
    if isinstance(relation, View | DocumentRelation):
        return relation.definition
    if isinstance(relation, Table):
        if relation.is_writable:
            install_returned(connection, session, relation)
        if relation.has_own_key:
            install_excluded(connection, session, relation)
    return f'CREATE VIRTUAL TABLE temp."{relation.name}" USING "{relation.name}"'


def _redefine(
    connection: apsw.Connection, relations: Iterable[Relation], created: Sequence[str], *, were_known: bool
) -> None:
    """Drop the virtual tables of relations, where they are there, and create others: all or nothing."""
    named = "SELECT lower(name) FROM temp.sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%'"
    there = {name for (name,) in connection.execute(named)}
    dropped = [f'DROP TABLE temp."{table.name}"' for table in relations if table.name.lower() in there]
    try:
        with unguarded(connection):
            with connection:
                connection.execute(";".join([*dropped, *created]))
            if were_known:  # views keep the columns that they had
                connection.execute("PRAGMA writable_schema=RESET")
    except apsw.LockedError:
        raise InUseError("a result has rows of a table to give that was changed meanwhile; fetch or close it") from None
