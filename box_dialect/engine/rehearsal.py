"""Foresee what a scan will be asked for where the values do not come from the rows of another scan.

A local table, a sorted or recursive query and an expression give values that stand in no row of Box. SQLite is asked
then: while the scan waits, the statement runs once more, over what was read so far. No call is made for that; a scan
that would take one gives no row, and what it is asked for is noted.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final

import apsw

from box_dialect.catalog.model import Remote
from box_dialect.errors import Error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box_dialect.engine.plan import Plan
    from box_dialect.engine.rows import Row
    from box_dialect.engine.session import Session
    from box_dialect.engine.statement import Statement

_MOST_STEPS: Final = 100_000
"""Rows and scans that are gone through, beyond those that lie before what is waited for."""


class EndOfRehearsal(Exception):  # noqa: N818 - no error: the way out of SQLite
    """Raised in a scan to end a rehearsal; nobody else sees it."""


class Rehearsal:
    """One run of a statement over what it has read, up to `most` scans of a plan that come after the one for `now`.

    `coming` are the arguments of these, each once, in their order. `is_whole` tells that the statement came to its end,
    `was_met` that it asked for `now`. `steps` counts the rows and scans that were gone through; `behind` is how many of
    them are thought to lie before the one for `now`.
    """

    def __init__(self, statement: Statement, plan: Plan, now: tuple[Any, ...], most: int, behind: int = 0) -> None:
        self.coming: dict[tuple[Any, ...], None] = {}
        self.is_whole = self.was_met = False
        self.steps = 0
        self._statement, self._plan, self._now, self._most = statement, plan, now, most
        self._most_steps = behind + _MOST_STEPS

    def step(self) -> None:
        """Count a step; raises EndOfRehearsal where these are too many."""
        self.steps += 1
        if self.steps > self._most_steps:
            raise EndOfRehearsal

    def rows(self, plan: Plan, arguments: tuple[Any, ...]) -> Iterator[Row]:
        """Give the rows that a scan has read; raises EndOfRehearsal where nothing beyond them can be told."""
        self.step()
        known, is_certain = self._statement.read_so_far(plan, arguments)
        if known is None:
            if plan is self._plan:
                self._note(arguments)
            return
        for row in known:
            self.step()
            yield row
        if not is_certain:
            raise EndOfRehearsal

    def _note(self, arguments: tuple[Any, ...]) -> None:
        if self.was_met and arguments != self._now and None not in arguments:
            self.coming[arguments] = None
            if len(self.coming) >= self._most:
                raise EndOfRehearsal
        self.was_met = self.was_met or arguments == self._now


class Stage:
    """Where a statement is rehearsed: its connection, its text and its parameters, and whether it batches IN."""

    def __init__(self, session: Session, connection: apsw.Connection, sql: str, bindings: Any) -> None:
        self._session, self._connection = weakref.proxy(session), weakref.proxy(connection)  # which lead here
        self._sql, self._bindings, self._may_batch = sql, bindings, session.may_batch

    def run(self, rehearsal: Rehearsal) -> bool:
        """Run a rehearsal to its end, and return whether it failed; what fails in it fails again in earnest."""
        session = self._session
        may_batch, session.may_batch = session.may_batch, self._may_batch
        session.rehearsal = rehearsal
        try:
            for _ in self._connection.execute(self._sql, self._bindings):
                rehearsal.step()
            rehearsal.is_whole = True
        except EndOfRehearsal:
            return False
        except (apsw.Error, Error):
            return True
        finally:
            session.rehearsal, session.may_batch = None, may_batch
        return False


class RehearsedCursor:
    """A cursor over a table in a rehearsal; `plan_of` returns a plan by its number."""

    def __init__(self, rehearsal: Rehearsal, plan_of: Callable[[int], Plan]) -> None:
        self._rehearsal, self._plan_of = rehearsal, plan_of
        self._rows: Iterator[Row] = iter(())
        self._row: Row = ()
        self._is_at_end = True

    def Filter(self, number: int, _words: str | None, arguments: tuple[Any, ...]) -> None:
        """Begin with the rows that the scan has read."""
        plan = self._plan_of(number)
        self._places = plan.places
        self._rows = self._rehearsal.rows(plan, plan.scanned(arguments))
        self.Next()

    def Next(self) -> None:
        """Go to the next row."""
        row = next(self._rows, None)
        self._is_at_end, self._row = row is None, row or ()

    def Eof(self) -> bool:
        """Tell whether the rows are at an end."""
        return self._is_at_end

    def Column(self, number: int) -> Any:
        """Return a value of the row, None for one that would be downloaded; -1 is the rowid."""
        value: Any = self._row[self._places[number]]
        return None if isinstance(value, Remote) else value

    def Rowid(self) -> Any:
        """Return the rowid of the row."""
        return self._row[-1]

    def Close(self) -> None:
        """Do nothing: it holds on to nothing."""
