"""Choose the projection of a query, by the program that SQLite has made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import apsw

from box_dialect.bytecode.listing import explained
from box_dialect.bytecode.shown import nulled, shown_by
from box_dialect.engine.execution.projection import Projection
from box_dialect.errors import Error, NotSupportedError

if TYPE_CHECKING:
    from box_dialect.engine.execution.session import Session

_LEAST_HIDDEN: Final = 16
"""Columns that have to be hidden so that a few hundred rows make up for preparing the statement twice more."""


def projection(
    connection: apsw.Connection, session: Session, hidden: set[tuple[str, str]], sql: str, bindings: Any
) -> Projection | None:
    """Return how the rows of a query that was just prepared are shown; None where SQLite is asked for each value.

    So it is where the rows are few, and do not make up for looking at the program. What is prepared while columns are
    in `hidden` takes NULL for them.
    """
    plans = session.statement.context.fields.plans
    if not plans or any(plan.path.unique or plan.table is not plans[0].table for plan in plans):
        return None
    try:
        steps = [*explained(connection, sql, bindings)]
    except NotSupportedError:
        return None
    shown = shown_by(steps)
    plans = [plan for plan in plans if shown is not None and plan.words == shown.words]
    if shown is None or not plans or any(plan.downloaded for plan in plans):
        return None
    if shown.compared is not None and all(shown.compared <= plan.listed_by for plan in plans):
        return Projection(session.statement.cache.positions, shown.columns)
    if len(shown.unread) < _LEAST_HIDDEN:
        return None
    table = plans[0].table
    names = {number: (table.name, table.columns[number].name) for number in shown.unread}
    hidden.update(names.values())
    try:
        with session.planning_aside():
            without = [*explained(connection, sql, bindings)]
    except (apsw.Error, Error):
        return None
    finally:
        hidden.clear()
    if [nulled(step, shown.unread) for step in steps] != without:
        return None
    carrier = names.popitem()[0] if shown.is_sorted else None
    return Projection(session.statement.cache.positions, shown.columns, names.values(), carrier)
