"""Conflicts: the rows of an INSERT whose key is there already, which ON CONFLICT DO UPDATE changes.

SQLite has no UPSERT of a virtual table. Box tells which rows conflict; these stand in a table of their own, `excluded`,
and an UPDATE reads the new values from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from box_dialect.catalog.values import comparable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from box_dialect.catalog.model import Table
    from box_dialect.engine.execution.write_queue import PendingWrite

EXCLUDED_COLUMN: Final = "sqlite_excluded_"
"""What the names of the columns of `excluded` begin with: those of the table itself stand beside them."""

EXCLUDED_PARAMETER: Final = "sqlite_parameter_"
"""What the columns are called that have the values of the clause's parameters, with a number from 0."""

MOST_PARAMETERS: Final = 1_000
"""Parameters that a clause may have."""

_PREFIX: Final = "sqlite_excluded_"


def excluded_name(table: Table) -> str:
    """Return the name of the table that has the rows of an INSERT into `table` which conflict."""
    return f"{_PREFIX}{table.name}"


class Conflict(Struct, eq=False):
    """A row that conflicts: its key, its values, those of the clause's parameters, and the write that failed."""

    number: int
    key: tuple[Any, ...]
    values: tuple[Any, ...]
    change: PendingWrite


class Conflicts:
    """The rows of the INSERT into one table whose keys are there already; `are_ignored` tells that nothing is done.

    `parameters` are those of the clause in the set that runs. `rows` are those that an UPDATE changes now, of each key
    one, for the next one sees what it has written.
    """

    def __init__(self, table: Table, *, are_ignored: bool) -> None:
        self.table, self.are_ignored = table, are_ignored
        self.parameters: tuple[Any, ...] = ()
        self.rows: Sequence[Conflict] = ()
        self._found: list[Conflict] = []
        self._changing: Mapping[tuple[Any, ...], Conflict] = {}
        self._missed: dict[tuple[Any, ...], Conflict] = {}
        self._rows = 0

    def of(self, change: PendingWrite, values: Sequence[Any], named: Mapping[str, Any]) -> Conflict:
        """Return what a row is if it conflicts; `named` has its values by which it is known."""
        known = tuple(named.get(column.name, value) for column, value in zip(self.table.columns, values, strict=True))
        self._rows += 1
        return Conflict(self._rows, self._key(named), (*known, *self.parameters), change)

    def add(self, conflict: Conflict) -> None:
        """Take note of a row that conflicts."""
        self._found.append(conflict)

    def begin(self) -> bool:
        """Begin with the next rows that no UPDATE has changed yet; False where there are none."""
        first: dict[tuple[Any, ...], Conflict] = {}
        for each in sorted(self._found, key=lambda conflict: conflict.number):
            first.setdefault(each.key, each)
        self.rows, self._changing, self._missed = tuple(first.values()), first, dict(first)
        self._found = [each for each in self._found if first[each.key] is not each]
        return bool(self.rows)

    def changed(self, keys: Mapping[str, Any]) -> PendingWrite | None:
        """Return the write that failed of a row that the UPDATE changes, None for another row."""
        key = self._key(keys)
        self._missed.pop(key, None)
        found = self._changing.get(key)
        return None if found is None else found.change

    def missed(self) -> Sequence[PendingWrite]:
        """Return the writes that failed of the rows that the UPDATE has come to none of."""
        return [each.change for each in self._missed.values()]

    def _key(self, named: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(comparable(named.get(name)) for name in self.table.keys)
