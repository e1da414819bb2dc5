"""Estimates: what a statement is going to cost, without running it."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import apsw

from box_dialect.bytecode.listing import explained
from box_dialect.dbapi.conditions.told import with_conditions
from box_dialect.dbapi.create_as import create_as
from box_dialect.dbapi.datetimes.collated import with_collations
from box_dialect.dbapi.insights import insight_statement
from box_dialect.dbapi.shown import query_of_shown
from box_dialect.dbapi.sqltext.classify import bare, check_single
from box_dialect.dbapi.sqltext.returning import returning
from box_dialect.dbapi.sqltext.rewrite import rewrite
from box_dialect.dbapi.sqltext.template_ddl import template_ddl
from box_dialect.dbapi.sqltext.upsert import upsert
from box_dialect.dbapi.statement_run import bound_parameters
from box_dialect.dbapi.template_run import CALLS_OF_DDL, is_local
from box_dialect.engine import expected_calls, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.api.client import BoxClient
    from box_dialect.bytecode.instructions import Step
    from box_dialect.dbapi.backend import Backend
    from box_dialect.dbapi.create_as import Columns
    from box_dialect.dbapi.sqltext.rewrite import RewrittenStatement
    from box_dialect.dbapi.statement_run import Parameters
    from box_dialect.engine.plan.choice import Choice

_SCHEMAS: Final = ("main", "temp")
_MOST_COUNTED: Final = 100_000
"""Rows of a local table that are counted."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a statement is going to cost.

    `least` is how many API calls it makes at least, `most` how many it is thought to make where all rows are fetched,
    `least_seconds` and `seconds` how long these take. `most` is None where nobody can tell, as of a folder tree that
    this process has not walked yet. The seconds are None then, and where neither a rate limit nor Box's latency is
    known.
    """

    least: int
    most: int | None
    seconds: float | None
    least_seconds: float | None = None

    def __str__(self) -> str:
        """Return it as people read it: `12 to 40 API calls, 1 to 3 seconds`, `at least 12 API calls`."""
        if self.most is None:
            return f"at least {self.least:,} API call{_plural(self.least)}" if self.least else "any number of API calls"
        calls = f"{self.most:,}" if self.least == self.most else f"{self.least:,} to {self.most:,}"
        told = f"{calls} API call{_plural(self.most)}"
        if self.seconds is None or not self.most:
            return told
        least, seconds = round(self.seconds if self.least_seconds is None else self.least_seconds), round(self.seconds)
        if seconds < 1:
            return f"{told}, less than a second"
        between = f"about {seconds:,}" if least == seconds else f"{least:,} to {seconds:,}"
        return f"{told}, {between} second{_plural(seconds)}"


def _plural(number: int) -> str:
    return "" if number == 1 else "s"


class _Prepared(NamedTuple):
    """A statement that SQLite has prepared: its columns, its text with the values of its parameters."""

    columns: Columns
    complete: str
    is_explain: bool


def estimated(backend: Backend, operation: str, parameters: Parameters) -> Estimate:
    """Return what a statement is going to cost; raises ProgrammingError for wrong SQL."""
    session, properties = backend.session, backend.properties
    ddl = template_ddl(operation)
    if ddl is not None and not is_local(backend, ddl.table) and not backend.templates.has_other(ddl.table):
        ddl.parse()
        return _timed(session.client, 1, CALLS_OF_DDL)
    with session.planning_aside():
        query = query_of_shown(backend, operation)
    statement = rewrite(query, session.catalog, select_may_call=session.select_may_call)
    if statement.procedures:  # whose calls nobody knows
        return Estimate(0, None, None)
    with backend.translated(statement), session.planning_aside():
        steps, choices = _resolved(backend, statement, parameters)
        client = session.client
        found = expected_calls(steps, choices, client.seen, partial(_rows, backend.sqlite))
        least, most = _insights(backend, statement, parameters) or (found.least, found.most)
        most = None if _may_change_more(backend, statement) else most
    if preview := properties.preview_calls:
        least, most = min(least, preview), min(preview, preview if most is None else most)
    return _timed(client, least, most)


def _timed(client: BoxClient, least: int, most: int | None) -> Estimate:
    if most is None:
        return Estimate(least, None, None)
    return Estimate(least, most, client.seconds(most), client.seconds(least))


def _insights(backend: Backend, statement: RewrittenStatement, parameters: Parameters) -> tuple[int, int] | None:
    """Return the calls of a statement that Box answers by insights, None for another."""
    text, values = statement.text, statement.bound(bound_parameters(parameters))
    found = insight_statement(bare(text) or text, values, backend.session)
    return None if found is None or found.is_explained else (found.calls, found.calls)


def _may_change_more(backend: Backend, statement: RewrittenStatement) -> bool:
    """Tell whether it takes further calls for rows that are there already, of which nobody knows how many there are."""
    clause = returning(statement.text, backend.session.tables)
    found = upsert(statement.text if clause is None else clause.write, backend.session.tables)
    return found is not None and found.update is not None


def _resolved(
    backend: Backend, statement: RewrittenStatement, parameters: Parameters
) -> tuple[list[Step], list[Choice]]:
    """Return what `_program` does, once the metadata templates are known that the statement names."""
    began = time.monotonic()
    backend.templates.follow()
    backend.templates.add_fields(statement.names)
    while True:
        backend.define(statement.text)
        try:
            return _program(backend, *_query(backend, statement, parameters))
        except apsw.SQLError as error:
            if not backend.resolve(error, statement.names(), began):
                raise


def _query(backend: Backend, statement: RewrittenStatement, parameters: Parameters) -> tuple[str, Any]:
    """Return what SQLite reads of Box, or writes there, for a statement, with its parameters."""
    values = statement.bound(bound_parameters(parameters))
    clause = returning(statement.text, backend.session.tables)
    text, values = (statement.text, values) if clause is None else (clause.write, clause.write_values(values))
    conflicting = upsert(text, backend.session.tables)
    if conflicting is not None:
        return conflicting.insert, conflicting.divided(values)[0]
    if clause is not None:
        return text, values
    made = create_as(statement.text)
    if made is not None and made.is_table:
        return made.query, values
    return bare(statement.text) or statement.text, values


def _program(backend: Backend, text: str, values: Any) -> tuple[list[Step], list[Choice]]:
    """Return SQLite's program of a statement, and the choices of plans that it names."""
    cursor, mode = backend.sqlite.cursor(), backend.session.mode
    text = with_conditions(text, backend.session.tables, values)
    backend.columns_read.clear()
    prepared = _prepared(cursor, text, values)
    if prepared.is_explain:
        return [], []
    has_fields = backend.templates.add_fields(lambda: (name for _, name, _ in backend.columns_read))
    if has_fields or backend.tell_sizes(cursor):
        backend.columns_read.clear()
        prepared = _prepared(cursor, text, values)
    tables, read = backend.session.tables, backend.columns_read
    collated = with_collations(backend.sqlite, tables, read, text, values, prepared.columns)
    complete = _prepared(cursor, collated, values).complete
    mode.may_batch, mode.noted = True, []
    try:
        return [*_main(explained(cursor, complete))], mode.noted
    finally:
        mode.noted = None


def _prepared(cursor: apsw.Cursor, text: str, values: Any) -> _Prepared:
    """Have SQLite prepare a statement, without running it."""
    found: list[_Prepared] = []

    def prepared(cursor: apsw.Cursor, statement: str, _values: Any) -> bool:
        check_single(text, statement)
        found.append(_Prepared(cursor.get_description(), cursor.expanded_sql, bool(cursor.is_explain)))
        return False

    cursor.exec_trace = prepared
    try:
        cursor.execute(text, values)
    except apsw.ExecTraceAbort:
        pass
    finally:
        cursor.exec_trace = None
    return found[0]


def _main(steps: Iterator[Step]) -> Iterator[Step]:
    """Yield the program of a statement without those of its triggers, which stand behind it."""
    yield next(steps)
    yield from itertools.takewhile(lambda step: step.code != "Init", steps)


def _rows(connection: apsw.Connection, root: int, schema: int) -> float:
    """Return how many rows a local table has, by the root page of it or of its index."""
    place = _SCHEMAS[schema] if schema < len(_SCHEMAS) else "main"
    named = f"SELECT tbl_name FROM {place}.sqlite_schema WHERE rootpage = ?"  # noqa: S608 - one of two names
    name = connection.execute(named, (root,)).get
    if not isinstance(name, str):
        return 1.0
    rows = f"SELECT 1 FROM {place}.{quoted(name)} LIMIT {_MOST_COUNTED}"  # noqa: S608 - the name is SQLite's
    return float(connection.execute(f"SELECT count(*) FROM ({rows})").get)  # noqa: S608 - as above
