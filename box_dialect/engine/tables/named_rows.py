"""Rows that an UPDATE or DELETE names by their keys: they are written without being read first."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api.path import fits
from box_dialect.catalog.model import Type, hashed_rowid, rowid_as_user
from box_dialect.catalog.model.as_user import AS_USER, checked_user
from box_dialect.catalog.values import comparable
from box_dialect.engine.plan.plan import compared

if TYPE_CHECKING:
    from box_dialect.catalog.model import Table
    from box_dialect.engine.execution.session import Session
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.row_maker import Row

_ETAG: Final = re.compile("[!-~]+")
"""What an HTTP header can name; a row of another `etag` does not exist."""

_COUNT: Final = re.compile("[0-9]{1,18}")
"""What a version is that counts."""


def named_rows(plan: Plan, arguments: tuple[Any, ...], session: Session) -> list[Row] | None:
    """Return the rows that a statement names by their keys to write them, where it reads nothing else of them.

    Their version may be named, too, the `etag` or another one, where Box compares it. One that does not exist, or has
    another version, is noticed when it is written. None
    where they have to be read.
    """
    table, execution = plan.table, session.execution
    columns_read, returned = execution.columns_read, execution.returned
    if columns_read is None or not execution.may_name_rows or not _is_written_alike(plan):
        return None
    keys = (*table.written_by, *([AS_USER.name] if plan.path.is_as_user else []))
    known: dict[int | None, str | None] = {table.numbers[key]: None for key in table.noted}
    if plan.etag is not None and execution.is_version_compared(table):
        number = table.numbers[plan.etag.column]
        version = str(comparable(arguments[plan.etag.argument]))
        if (_COUNT if table.columns[number].type is Type.INTEGER else _ETAG).fullmatch(version):
            known[number] = version
    if returned is not None and returned.reads(table):
        columns_read = columns_read.union(returned.columns)
    if not columns_read <= known.keys():
        return None
    named = [_values(plan, arguments, key) for key in keys]
    if any(plan.path.alias in values for values in named):
        return None  # it stands for a key that has to be read
    rows: list[Row] = []
    for values in product(*named):
        known.update((table.numbers[key], value) for key, value in zip(keys, values, strict=True))
        user = values[-1] if plan.path.is_as_user else None
        rowid = rowid_as_user(_rowid(table, values[: len(table.written_by)]), user)
        rows.append((*[known.get(column) for column in plan.layout], rowid))
    return rows


def _is_written_alike(plan: Plan) -> bool:
    """Tell whether a plan asks for single rows by the keys that write them."""
    path = plan.path
    if not plan.table.written_by or not path.unique or plan.filters:
        return False
    return {*path.own_keys} == {*plan.table.written_by} and all(
        len(path.endpoints) == 1 or {*endpoint.given} <= {*path.own_keys} for endpoint in path.endpoints
    )


def _values(plan: Plan, arguments: tuple[Any, ...], key: str) -> list[str]:
    """Return the values that a key is compared with, by each of its comparisons, and that it can have."""
    scanned, accepts = plan.scanned(arguments), plan.path.accepting(key).fullmatch
    first, *others = [compared(scanned[term.argument]) for term in plan.keys if term.column == key]
    found = [value for value in first if all(value in each for each in others)]
    if key == AS_USER.name:
        return [checked_user(value) for value in found]
    return [value for value in found if isinstance(value, str) and accepts(value) and fits(value)]


def _rowid(table: Table, values: tuple[str, ...]) -> int:
    """Return the rowid of a row; of several keys none alone is sure to be of one row."""
    is_known = table.number is not None and table.written_by == table.keys == ("id",)
    number = table.number({"id": values[0]}) if is_known and table.number is not None else None
    return hashed_rowid(*values) if number is None else number
