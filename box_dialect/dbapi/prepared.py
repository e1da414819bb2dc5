"""A statement as SQLite has prepared it: what its plan tells, and what keeps it from being run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from box_dialect.dbapi.datetimes.collated import check_comparisons, may_mix, named_collations
from box_dialect.dbapi.datetimes.provenance import odd_comparisons
from box_dialect.errors import NotSupportedError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import apsw

    from box_dialect.dbapi.backend import Backend

_SORTS_ALL: Final = frozenset({"USE TEMP B-TREE FOR GROUP BY", "USE TEMP B-TREE FOR ORDER BY"})
"""What a plan says where no row comes before all that lead to it were read."""


class Prepared(NamedTuple):
    """A statement that SQLite has prepared: the cursor that has it, its text, and the values of its parameters."""

    cursor: apsw.Cursor
    text: str
    values: Any

    @property
    def is_query(self) -> bool:
        """Whether it reads, and is no EXPLAIN."""
        return self.cursor.is_readonly and not self.cursor.is_explain

    def sorts_all(self, sqlite: apsw.Connection) -> bool:
        """Tell whether all rows are read and sorted before the first one comes."""
        return any(not parent and detail in _SORTS_ALL for parent, detail in self.plan(sqlite))

    def has_list_of_subquery(self, sqlite: apsw.Connection) -> bool:
        """Tell whether the values of an IN come out of a subquery."""
        return any("LIST SUBQUERY" in detail or "IN-OPERATOR" in detail for _, detail in self.plan(sqlite))

    def plan(self, sqlite: apsw.Connection) -> Iterator[tuple[int, str]]:
        """Yield the lines of SQLite's query plan, each with the number of the one that it belongs to."""
        for _, parent, _, detail in sqlite.execute(f"EXPLAIN QUERY PLAN {self.text}", self.values):
            yield parent, detail


def check_datetimes(prepared: Prepared, backend: Backend, shown: str, *, is_collated: bool) -> None:
    """Raise ProgrammingError where the statement takes moments for texts or numbers.

    `shown` is its text as it was given, `is_collated` tells that it was prepared again to compare moments as such.
    """
    session = backend.session
    if prepared.cursor.is_explain:
        return
    if (
        is_collated
        or session.has_datetimes_as_texts
        or may_mix(session.tables, backend.columns_read, prepared.text, prepared.values)
    ):
        named = named_collations(shown)
        check_comparisons(odd_comparisons(backend.sqlite, session, prepared.text, prepared.values, named))


def check_inputs(prepared: Prepared, backend: Backend) -> None:
    """Raise NotSupportedError where SQLite itself compares what only Box can, as it may beside OR."""
    session = backend.session
    if prepared.cursor.is_explain or not session.inputs_compared:
        return
    details = [detail for _, detail in prepared.plan(backend.sqlite)]
    for name, columns in session.inputs_compared.items():
        paths = [f":{path.name}: {path.operations}" for path in session.tables[name.lower()].paths]
        scans = [detail for detail in details if any(path in detail for path in paths)]
        left = [each for each in sorted(columns) if not any(f"{each} " in scan for scan in scans)]
        if scans and left:
            raise NotSupportedError(
                f"Box cannot answer this combination of conditions: {left[0]} of {name} says how Box is asked, so "
                "join its comparison with AND, and write a UNION ALL instead of OR"
            )


def check_reads_all(backend: Backend) -> None:
    """Raise ProgrammingError where what a statement writes, or calls, is to depend on rows that a preview lacks."""
    session = backend.session
    named = {name for _, name, _ in backend.columns_read} | {*session.written_tables}
    if backend.properties.preview_calls and any(name.lower() in session.tables for name in named):
        raise ProgrammingError(
            f"the connection has PreviewCalls={backend.properties.preview_calls}, so that rows of Box may be "
            "missing: nothing is written from them or to Box; take a connection without it"
        )
