"""Rows that an UPDATE or DELETE names by their keys: they are written without being read first."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api.path import fits
from box_dialect.catalog.model import hashed_rowid
from box_dialect.engine.plan.plan import compared

if TYPE_CHECKING:
    from box_dialect.catalog.model import Table
    from box_dialect.engine.execution.session import Session
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.row_maker import Row

_ETAG: Final = re.compile("[!-~]+")
"""What an HTTP header can name; a row of another `etag` does not exist."""


def named_rows(plan: Plan, arguments: tuple[Any, ...], session: Session) -> list[Row] | None:
    """Return the rows that a statement names by their keys to write them, where it reads nothing else of them.

    Their `etag` may be named, too. One that does not exist, or has another `etag`, is noticed when it is written. None
    where they have to be read.
    """
    table, execution = plan.table, session.execution
    columns_read, returned = execution.columns_read, execution.returned
    if columns_read is None or not _is_written_alike(plan):
        return None
    known: dict[int | None, str] = {table.numbers[key]: "" for key in table.written_by}
    if plan.etag is not None and table.etag is not None:
        etag = str(arguments[plan.etag.argument])
        if _ETAG.fullmatch(etag):
            known[table.numbers[table.etag]] = etag
    if returned is not None and returned.reads(table):
        columns_read = columns_read.union(returned.columns)
    if not columns_read <= known.keys():
        return None
    rows: list[Row] = []
    for values in product(*(_values(plan, arguments, key) for key in table.written_by)):
        for key, value in zip(table.written_by, values, strict=True):
            known[table.numbers[key]] = value
        rows.append((*[known.get(column) for column in plan.layout], _rowid(table, values)))
    return rows


def _is_written_alike(plan: Plan) -> bool:
    """Tell whether a plan asks for single rows by the keys that write them."""
    path = plan.path
    if not plan.table.written_by or not path.unique or plan.filters:
        return False
    return len(path.endpoints) == 1 and {*path.keys} == {*plan.table.written_by}


def _values(plan: Plan, arguments: tuple[Any, ...], key: str) -> list[str]:
    """Return the values that a key is compared with, by each of its comparisons, and that it can have."""
    scanned, accepts = plan.scanned(arguments), plan.path.accepting(key).fullmatch
    first, *others = [compared(scanned[term.argument]) for term in plan.keys if term.column == key]
    found = [value for value in first if all(value in each for each in others)]
    return [value for value in found if isinstance(value, str) and accepts(value) and fits(value)]


def _rowid(table: Table, values: tuple[str, ...]) -> int:
    """Return the rowid of a row; of several keys none alone is sure to be of one row."""
    is_known = table.number is not None and table.written_by == table.keys == ("id",)
    number = table.number({"id": values[0]}) if is_known and table.number is not None else None
    return hashed_rowid(*values) if number is None else number
