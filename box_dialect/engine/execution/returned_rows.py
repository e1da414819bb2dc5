"""RETURNING's rows: what Box answered to the writes of a statement, and what a DELETE read before.

SQLite has no such rows of a virtual table. They stand in a table of their own that the RETURNING is evaluated over.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from box_dialect.api import ApiPath
from box_dialect.engine.scan.row_maker import fields, row_maker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from box_dialect.catalog.model import Endpoint, JsonObject, Table
    from box_dialect.engine.execution.write_queue import PendingWrite
    from box_dialect.engine.scan.row_maker import Row, RowMaker

_PREFIX: Final = "sqlite_returned_"
"""SQLite keeps names that begin with `sqlite_` from users, so no table of theirs hides the rows."""

RETURNED_PLACE: Final = "sqlite_place"
"""The hidden column of that table that numbers the rows."""


Get: TypeAlias = "Callable[[ApiPath, Mapping[str, str]], Awaitable[JsonObject | None]]"
"""Get a path of Box's API with query parameters; None where there is no such object."""


def returned_name(table: Table) -> str:
    """Return the name of the table that has the rows which a statement returns of `table`."""
    return f"{_PREFIX}{table.name}"


class ReturnedRows:
    """The rows of one table that a statement returns. `is_read` tells that they are rows as they were read: a DELETE's.

    `columns` are those that RETURNING uses, known once it is prepared.
    """

    def __init__(self, table: Table, *, is_read: bool) -> None:
        self.table, self.is_read = table, is_read
        self.columns: tuple[int, ...] = ()
        self._endpoint = _answering(table)
        self._changes: list[tuple[PendingWrite, Callable[[Any], Row]]] = []
        self._read: dict[int, Row] = {}

    def reads(self, table: Table) -> bool:
        """Tell whether the rows are those of the table as they are read."""
        return self.is_read and table is self.table

    @cached_property
    def _make(self) -> RowMaker:
        return row_maker(self.table, self.columns, self._endpoint)

    @property
    def fields(self) -> str:
        """What the call that writes a row asks Box to answer."""
        return ",".join(sorted(fields(self.table, self.columns, self._endpoint, in_folder=False)))

    async def complete(self, answer: JsonObject, get: Get) -> None:
        """Add what Box's answer lacks, where RETURNING uses it."""
        lacking = self._endpoint.complete
        if lacking is not None and lacking.serves(self.table.columns, self.columns):
            parameters = {"fields": ",".join(sorted(lacking.fields))}
            await lacking.add(answer, lambda identity: get(ApiPath(lacking.path, id=identity), parameters))

    def note(self, row: Row, places: Sequence[int]) -> None:
        """Keep a row that is read to be deleted; `places` tells where in it the value of a column is."""
        self._read[cast("int", row[-1])] = (*[row[places[number]] for number in self.columns], row[-1])

    def add(self, change: PendingWrite, keys: Mapping[str, str], rowid: int | None = None) -> None:
        """Take a row that is going to be written, with the `keys` that it is known by; a DELETE tells its `rowid`."""
        if rowid is not None and self.is_read:
            row = self._read.pop(rowid)
            self._changes.append((change, lambda _: row))
        else:
            self._changes.append((change, lambda answer: self._make(answer, None, keys)))

    def rows(self) -> list[Row]:
        """Return the rows that were written, in the order of the statement; raises DataError for a wrong answer."""
        return [make(change.answer) for change, make in self._changes if change.answer is not None]


def _answering(table: Table) -> Endpoint:
    """Return the endpoint of a single row, whose object Box answers to a write as well; every write tells the keys."""
    endpoint = next((path.endpoints[0] for path in table.paths if path.unique), table.paths[0].endpoints[0])
    told = [{*write.keys, *write.required} for write in (table.insert, table.update) if write is not None]
    return replace(endpoint, keep={}, own=None, known=endpoint.known.intersection(*told))
