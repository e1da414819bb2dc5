"""The cursor over a table in a dry run: it gives the rows that were read, and notes what was not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import apsw

from box_dialect.catalog.model import Remote
from box_dialect.engine.tables.named_rows import named_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box_dialect.engine.execution.session import Session
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.prefetch.dry_run import DryRun
    from box_dialect.engine.scan.row_maker import Row


class DryRunCursor:
    """A cursor over a table in a dry run; `plan_of` returns a plan by its number."""

    def __init__(self, dry_run: DryRun, session: Session, plan_of: Callable[[int], Plan]) -> None:
        self._run, self._session, self._plan_of = dry_run, session, plan_of
        self._rows: Iterator[Row] = iter(())
        self._row: Row | None = None
        self._number = 0

    def Filter(self, number: int, _words: str | None, arguments: tuple[Any, ...]) -> None:
        """Begin with the rows that the scan has read."""
        plan = self._plan_of(number).as_fresh_as(arguments)
        self._places = plan.places
        self._run.leave(self._number)
        self._number = self._run.begin()
        named = named_rows(plan, arguments, self._session)
        self._rows = self._found(plan, plan.scanned(arguments), self._number) if named is None else iter(named)
        self.Next()

    def Next(self) -> None:
        """Go to the next row."""
        self._row = next(self._rows, None)

    def Eof(self) -> bool:
        """Tell whether the rows are at an end."""
        return self._row is None

    def Column(self, number: int) -> Any:
        """Return a value of the row, None for one that is yet to be downloaded; -1 is the rowid."""
        value: Any = None if self._row is None else self._row[self._places[number]]
        if not isinstance(value, Remote):
            return value
        is_known, content = self._session.statement.downloads.known(value)
        if not is_known:
            self._run.note_download(value)
        return content

    def ColumnNoChange(self, _number: int) -> Any:
        """Tell an UPDATE that it does not change the column."""
        return apsw.no_change

    def Rowid(self) -> Any:
        """Return the rowid of the row."""
        return (None if self._row is None else self._row[-1]) or 0  # an invented row has none

    def Close(self) -> None:
        """End the doubts that came with its rows; these refer to the cursor, and to one that follows them."""
        self._run.leave(self._number)
        self._rows = iter(())

    def _found(self, plan: Plan, arguments: tuple[Any, ...], number: int) -> Iterator[Row]:
        """Give the rows that were read, or the one that stands for them; note the scan where it was not begun."""
        run = self._run
        if any(argument is None for argument in arguments):
            return
        known = run.read_so_far(plan, arguments, is_first=number == 1)
        run.has_skipped |= known.has_skipped
        run.has_met |= known.scan is run.awaited
        if not known.is_begun:
            run.note_scan(plan, arguments)
        has_rows = False
        for row in known.rows:
            run.step()
            run.move_on(number)
            has_rows = True
            yield row
        run.move_on(number)
        if known.is_whole:
            run.leave(number)
            return
        if not has_rows:
            run.empty.append(plan)
        invented = None if has_rows else _invented(plan, arguments)
        if invented is None and known.scan is not None:
            run.note_unfinished(known.scan)
        run.doubt(number)
        if invented is not None:
            yield invented
            run.leave(number)


def _invented(plan: Plan, arguments: tuple[Any, ...]) -> Row | None:
    """Return a row that has nothing but the key by which a scan asks for its rows; None where it asks by none."""
    values: list[Any] = [None] * (len(plan.layout) + 1)
    for term in plan.keys:
        value = arguments[term.argument]
        place = plan.places[plan.table.numbers[term.column]]
        if place >= 0:
            values[place] = next(iter(value), None) if isinstance(value, frozenset) else value
    return tuple(values) if plan.keys else None
