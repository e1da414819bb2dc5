"""Statement effects: what a prepared statement is going to write, by SQLite's own listing of its program.

Source: https://www.sqlite.org/opcode.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from box_dialect.bytecode.listing import explained
from box_dialect.catalog.model import Table
from box_dialect.engine.plan.tree_scope import SCOPE_COLUMNS
from box_dialect.errors import NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import apsw

    from box_dialect.bytecode.instructions import Step
    from box_dialect.catalog.model import Relation
    from box_dialect.catalog.model.procedure import Procedure
    from box_dialect.engine.sql.authorizer import BoxNames, ColumnRead, Written

_UNCHANGED: Final = 1
"""Flag of VColumn: the column is asked for only to be given back to xUpdate (OPFLAG_NOCHG)."""

_TEMP: Final = 1
"""The number of the schema `temp`, in which Box's tables stand; that of `main` is 0."""

_CHANGES_SCHEMA: Final = "SetCookie"
"""What the program of every CREATE, DROP and ALTER has: it counts the versions of the schema."""

_LAST_ROW: Final = "last_insert_rowid(0)"
"""The function as a listing names it, with the number of its arguments."""

_PLACE: Final = frozenset({*SCOPE_COLUMNS, "id", "parent_id", "item_id", "name"})
"""The columns that tell which thing a row is and where it stands: only who sets one of them changes any."""


class StatementEffects(Struct, frozen=True):
    """What a statement does: whether it writes to tables of Box, and to rows of local ones.

    `written` are the tables that it writes, by SQLite's names, each with the columns that an UPDATE sets, or `''`.
    `is_direct` tells that it sets off no trigger, `reads_last_row` that it calls `last_insert_rowid()`, itself or by a
    trigger. `columns_read` are the columns that it reads of the rows that it writes, None where it reads others of the
    table too, and `reads_alone` tells that it reads no other table of Box. `keeps_what_it_reads` tells that nothing
    which it writes to Box changes anything that it reads there.
    """

    writes_box: bool
    writes_local: bool
    written: Mapping[str, frozenset[str]]
    is_direct: bool
    reads_last_row: bool
    columns_read: frozenset[int] | None
    reads_alone: bool
    keeps_what_it_reads: bool


def effects_of(
    connection: apsw.Connection,
    names: BoxNames,
    written_tables: Written,
    read: Collection[ColumnRead],
    statement: str,
    bindings: Any,
) -> StatementEffects:
    """Return what a statement is going to do, which was prepared last.

    The authorizer notes the `written_tables`, and the columns that it has `read`, while SQLite prepares it.
    """
    written_tables.clear()
    found: dict[str, list[Step]] = {}
    # SQLite does not prepare an EXPLAIN anew when the schema has changed: one that is kept lists freed memory.
    for step in explained(connection, statement, bindings):
        found.setdefault(step.code, []).append(step)
    written = [step.fourth for step in found.get("VUpdate", [])]
    is_direct = "Program" not in found  # of a trigger
    schemas = {step.first for step in found.get("Transaction", []) if step.second}
    of_box = {name for name in written_tables if name.lower() in names}
    writes_box = bool(written) and bool(of_box)  # FTS5 and R*Tree are virtual tables, too
    writes_rows = bool(schemas - {_TEMP}) or (bool(schemas) and not (writes_box and written_tables.keys() == of_box))
    return StatementEffects(
        writes_box=writes_box,
        writes_local=writes_rows and _CHANGES_SCHEMA not in found,
        written={name: frozenset(columns) for name, columns in written_tables.items()},
        is_direct=is_direct,
        reads_last_row=any(step.fourth == _LAST_ROW for step in found.get("Function", [])),
        columns_read=_columns_read(found) if is_direct else None,
        reads_alone=is_direct and len(found.get("VOpen", [])) == len(found.get("VFilter", [])) == 1,
        keeps_what_it_reads=is_direct and (not writes_box or _finds_by_place(names, written_tables, read)),
    )


def columns_of(connection: apsw.Connection, statement: str, bindings: Any) -> frozenset[int] | None:
    """Return the numbers of the columns that a statement reads of virtual tables, None where nobody can tell.

    SQLite itself tells of the first columns only, and of all others together.
    """
    try:
        steps = [*explained(connection, statement, bindings)]
    except NotSupportedError:
        return None
    return frozenset(step.second for step in steps if step.code == "VColumn" and not step.fifth & _UNCHANGED)


def _columns_read(found: Mapping[str, list[Step]]) -> frozenset[int] | None:
    """Return the columns that are read of the rows which are written, None where the table is read elsewhere too."""
    written = {step.fourth for step in found.get("VUpdate", [])}
    cursors = [step.first for step in found.get("VOpen", []) if step.fourth in written]
    if len(written) != 1 or len(cursors) != 1 or sum(step.first in cursors for step in found.get("VFilter", [])) != 1:
        return None
    read = (step for step in found.get("VColumn", []) if step.first in cursors)
    return frozenset(step.second for step in read if not step.fifth & _UNCHANGED)


def _finds_by_place(names: BoxNames, written: Written, read: Collection[ColumnRead]) -> bool:
    """Tell whether an UPDATE of Box's rows neither sets nor depends on anything but where things stand.

    Other columns may change with it, those that Box sets too, as `etag` and `modified_at`, and so may which rows there
    are of events and of who may do what.
    """
    if not _PLACE.isdisjoint({column or "id" for columns in written.values() for column in columns}):
        return False
    of_box = {(table, column) for _, table, column in read if table.lower() in names}
    return all(column in _PLACE and (table in written or _has_parent(names.get(table))) for table, column in of_box)


def _has_parent(found: Relation | Procedure | None) -> bool:
    """Tell whether rows of a table stand in folders."""
    return isinstance(found, Table) and "parent_id" in found.numbers
