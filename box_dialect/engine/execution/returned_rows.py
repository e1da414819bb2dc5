"""RETURNING's rows: what Box answered to the writes of a statement, and what a DELETE read before.

SQLite has no such rows of a virtual table. They stand in a table of their own that the RETURNING is evaluated over.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from box_dialect.api import ApiPath
from box_dialect.catalog.model import Remote
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.engine.scan.row_maker import fields, row_maker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

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
        return ",".join(sorted(self.fields_at(self._endpoint)))

    def fields_at(self, endpoint: Endpoint | None) -> set[str]:
        """Return the fields that the rows need where they are read; None stands for the answer to a write."""
        return fields(self.table, self.columns, endpoint or self._endpoint, in_folder=False)

    async def complete(self, answer: JsonObject, get: Get) -> None:
        """Add what Box's answer lacks, where RETURNING uses it."""
        lacking = self._endpoint.complete
        if lacking is not None and lacking.serves(self.table.columns, self.columns):
            parameters = {"fields": ",".join(sorted(lacking.fields))} if lacking.takes_fields else {}
            await lacking.add(answer, lambda identity: get(ApiPath(lacking.path, id=identity), parameters))

    def note(self, rowid: int, read: Callable[[int], Any]) -> None:
        """Keep a row that is to be deleted; `read` gives the value of a column by its number."""
        self._read[rowid] = (*[read(number) for number in self.columns], rowid)

    def add(
        self,
        change: PendingWrite,
        keys: Mapping[str, str],
        user: str | None,
        rowid: int | None = None,
        *,
        instead: PendingWrite | None = None,
    ) -> None:
        """Take a row that is written as a `user`, with the `keys` that it is known by; a DELETE tells its `rowid`.

        The row may be written `instead` of one that conflicted, in whose place it is returned.
        """
        if instead is not None:
            place = next(number for number, (each, _) in enumerate(self._changes) if each is instead)
            self._changes[place] = change, self._changes[place][1]
        elif rowid is not None and self.is_read:
            row = self._read.pop(rowid)
            self._changes.append((change, lambda _: row))
        else:
            known: Mapping[str, Any] = {**keys, AS_USER.name: user}
            self._changes.append((change, lambda answer: self._make(answer, None, known)))

    def rows(self, download: Callable[[Remote], bytes | str | None]) -> list[Row]:
        """Return the rows that were written, in the order of the statement; raises DataError for a wrong answer.

        `download` gets the values that are not in Box's answer.
        """
        made = [make(change.answer) for change, make in self._changes if change.answer is not None]
        return [
            tuple(download(value) if isinstance(value, Remote) else value for value in row)
            for row in cast("list[tuple[Any, ...]]", made)
        ]


def _answering(table: Table) -> Endpoint:
    """Return the endpoint of a single row, whose object Box answers to a write as well; every write tells the keys."""
    path = next((path for path in table.paths if path.unique), table.paths[0])
    endpoint = path.endpoints[0]
    given = endpoint.given if len(path.endpoints) == 1 else {}  # which tells the endpoints apart
    told = [{*write.keys, *write.required} for write in (table.insert, table.update) if write is not None]
    known = endpoint.known.union(endpoint.given).intersection(*told)
    known |= {AS_USER.name} if table.has_as_user else set()  # which every write tells as well
    return replace(endpoint, keep={}, own=None, given=given, rows=(), known=known)
