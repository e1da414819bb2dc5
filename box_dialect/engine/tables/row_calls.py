"""Calls of procedures in a select list: made once for each row that the statement gives, several rows at once."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from box_dialect.engine.execution.write_queue import PendingWrite, WriteQueue
from box_dialect.engine.tables.procedures import carry_out, context_of, scalar
from box_dialect.errors import DatabaseError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.api import ApiCall
    from box_dialect.catalog.model.procedure import Context, InputValue, Procedure
    from box_dialect.engine.execution.execution import Execution
    from box_dialect.engine.execution.session import Session
    from box_dialect.engine.scan.row_maker import Row

_CALLED: Final = "the procedure was called for {} of {} rows"


class _Call(NamedTuple):
    """A call that is to be made, and the place of its value in the row."""

    place: int
    procedure: Procedure
    inputs: tuple[InputValue, ...]


class _Held:
    """What calls have given for rows, which are all held: no more bytes than the statement may take of memory."""

    def __init__(self, execution: Execution) -> None:
        self._execution, self._bytes = execution, 0

    def add(self, value: Any) -> Any:
        """Return a value that a call has given; raises OperationalError where all are too much: no more is called."""
        self._bytes += sys.getsizeof(value)
        if self._execution.most_bytes and self._bytes > self._execution.most_bytes:
            raise self._execution.too_large()
        return value


def call_for_rows(session: Session, rows: Sequence[Row]) -> Sequence[Row]:
    """Make the calls that rows have collected, and return the rows with what these gave.

    The inputs of all are read before the first is made. Those of one row are made one after another, in its order.
    Raises ProgrammingError for a wrong input, and nothing was called; one error for all rows whose calls failed.
    """
    found = {number: calls for number, row in enumerate(rows) if (calls := _calls(session, row, number, len(rows)))}
    if not found:
        return rows
    queue = WriteQueue(session.execution, session.properties.max_concurrency, _CALLED, len(found))
    queue.is_concurrent = True
    context, held = context_of(session), _Held(session.execution)
    changes = {number: _change(context, rows[number], calls, held) for number, calls in found.items()}
    with queue.finishing():
        for number, change in changes.items():
            queue.put(change, number)
    return [changes[number].answer if number in changes else row for number, row in enumerate(rows)]


def _calls(session: Session, row: Row, number: int, rows: int) -> list[_Call]:
    """Return the calls that a row has collected."""
    found = []
    for place, value in enumerate(row):
        collected = session.statement.calls.collected(value)
        if collected is not None:
            procedure = session.procedures[collected[0]]
            try:
                inputs = procedure.bind(procedure.arranged(collected[1]))
                procedure.check_allowed(session.properties, inputs)
            except ProgrammingError as error:
                raise error if rows == 1 else ProgrammingError(f"row {number}: {error}; nothing was called") from None
            found.append(_Call(place, procedure, inputs))
    return found


def _change(context: Context, row: Row, calls: Sequence[_Call], held: _Held) -> PendingWrite:
    """Return what makes the calls of a row; where a procedure signs in by itself, no other row need fail as it does."""

    async def send(call: ApiCall) -> Any:
        change.calls_api = True
        return await context.send(call)

    async def perform(*args: Any, **named: Any) -> Any:
        change.calls_api = True
        return await context.perform(*args, **named)

    noted = replace(context, send=send, perform=perform)
    change = PendingWrite(partial(_called, noted, row, calls, held), calls_api=False)
    return change


async def _called(context: Context, row: Row, calls: Sequence[_Call], held: _Held) -> Row:
    """Make the calls of a row, and return it with their values; raises what fails, and says what was called before."""
    values: list[Any] = list(row)
    before: list[str] = []
    for place, procedure, inputs in calls:
        try:
            values[place] = held.add(scalar(procedure, await carry_out(procedure, context, inputs)))
        except DatabaseError as error:
            if not before:
                raise
            made = f"{error}; {' and '.join(before)} had been called for this row"
            raise type(error)(made, error.diag, error.failures) from None
        before.append(procedure.name)
    return tuple(values)
