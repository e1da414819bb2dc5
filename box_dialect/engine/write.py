"""Write rows to Box: one call a row, at once, since Box has no transactions."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import apsw

from box_dialect.api import ApiCall
from box_dialect.catalog.model import Column, JsonObject, Table, Type, Write
from box_dialect.engine.write_queue import Change
from box_dialect.errors import (
    DatabaseError,
    DataError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.engine.plan import Plan
    from box_dialect.engine.rows import Row
    from box_dialect.engine.session import Session

_GONE: Final = 404


def insert(table: Table, session: Session, values: tuple[Any, ...], *, ignore: bool) -> int:
    """Create a row; `INSERT OR IGNORE` leaves out one with a conflict.

    Returns the rowid where rows do not go at once, otherwise 0. Raises IntegrityError for a missing value and for a
    conflict, ProgrammingError for a column that is read-only.
    """
    if table.insert is None:
        raise _refused(table, "INSERT")
    given = {column: value for column, value in zip(table.columns, values, strict=True) if value is not None}
    later = {column: value for column, value in given.items() if column.insert is None}
    _check_writable(table, [column for column in later if column.update is None], "INSERT")
    writes = session.execution.writes
    try:
        _check_complete(table, table.insert, given)
        body = _body(table.insert, {c: value for c, value in given.items() if c.insert is not None}, "insert")
        further = _body(table.update, later, "update") if later and table.update is not None else None
    except (IntegrityError, DataError) as error:
        writes.refuse(error)
        return 0
    names, insertion = ", ".join(column.name for column in later), table.insert

    def rowid(created: JsonObject) -> int:
        return table.rowid(created) or 0

    async def send() -> Any:
        try:
            created = await _send(session, insertion, {}, body)
        except IntegrityError:
            if not ignore:
                raise
            return None
        if further is not None and table.update is not None:
            try:
                await _send(session, table.update, {table.key: created[table.key]}, further)
            except DatabaseError as error:
                half = f"the row was made with id {created[table.key]}, but without {names}"
                raise type(error)(f"{error}; {half}", error.diag) from None
        return created

    change = Change(send, rowid=rowid)
    writes.put(change)
    return 0 if change.answer is None or writes.is_concurrent else rowid(change.answer)


def update(
    table: Table, session: Session, rowid: int, new_rowid: int, values: tuple[Any, ...], *, ignore: bool
) -> None:
    """Change the columns of a row that the statement sets; `UPDATE OR IGNORE` leaves a row with a conflict as it is.

    Raises ProgrammingError for a column that is read-only, IntegrityError for a conflict.
    """
    if table.update is None:
        raise _refused(table, "UPDATE")
    changed = {c: value for c, value in zip(table.columns, values, strict=True) if value is not apsw.no_change}
    if new_rowid != rowid:
        raise ProgrammingError(f"the rowid of {table.name} is Box's and cannot be changed")
    _check_writable(table, [column for column in changed if column.update is None], "UPDATE")
    if not changed:
        return
    writes, change = session.execution.writes, table.update
    try:
        keys = _key(table, rowid)
        body = _body(change, changed, "update")
    except (DataError, NotSupportedError) as error:
        writes.refuse(error)
        return

    async def send() -> Any:
        try:
            return await _send(session, change, keys, body) or keys
        except OperationalError as error:
            if error.diag.status != _GONE or await _exists(session, change, keys):
                raise
            return None

    writes.put(Change(send, _named(keys), ignores_conflicts=ignore))


def delete(table: Table, session: Session, rowid: int) -> None:
    """Delete a row; one that is gone already is no failure."""
    if table.delete is None:
        raise _refused(table, "DELETE")
    removal = table.delete
    try:
        keys = _key(table, rowid)
    except NotSupportedError as error:
        session.execution.writes.refuse(error)
        return

    async def send() -> Any:
        try:
            return await _send(session, removal, keys, None) or keys
        except OperationalError as error:
            if error.diag.status != _GONE:
                raise
            return None

    session.execution.writes.put(Change(send, _named(keys)))


def named_rows(plan: Plan, arguments: tuple[Any, ...], session: Session) -> list[Row] | None:
    """Return the rows that a statement names by their key to write them, where it reads nothing else of them.

    Such rows cost no call: one that does not exist is noticed when it is written. None where they have to be read.
    """
    table, path, columns_read = plan.table, plan.path, session.execution.columns_read
    written, number = table.update or table.delete, table.numbers[table.key]
    if columns_read is None or written is None or not columns_read <= {number}:
        return None
    if not path.unique or plan.filters or [endpoint.path for endpoint in path.endpoints] != [written.path]:
        return None
    operand = arguments[plan.keys[0].argument]
    values = [str(v) if isinstance(v, int) else v for v in (operand if isinstance(operand, set) else [operand])]
    named = [value for value in values if isinstance(value, str) and path.accepts.fullmatch(value)]
    rowids = [table.rowid({table.key: value}) for value in named]
    if None in rowids:
        return None
    are_key = [place == number for place in plan.layout]
    return [
        (*[value if is_key else None for is_key in are_key], rowid) for rowid, value in zip(rowids, named, strict=True)
    ]


def _key(table: Table, rowid: int) -> dict[str, str]:
    """Return the key of a row, which is its rowid wherever that is no hash."""
    if rowid < 0:
        raise NotSupportedError(f"a row of {table.name} whose {table.key} is no number cannot be written")
    return {table.key: str(rowid)}


def _named(keys: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in keys.items())


async def _send(session: Session, write: Write, keys: Mapping[str, str], body: JsonObject | None) -> Any:
    parameters = {"fields": "id"} if write.takes_fields and body is not None else {}
    call = ApiCall(write.method, _filled(write.path, keys), parameters, body)
    answer = await session.client.send(call, session.execution.count)
    session.has_written = True
    return answer


async def _exists(session: Session, write: Write, keys: Mapping[str, str]) -> bool:
    """Ask whether there is such a row: HTTP 404 may also mean another object that an update names."""
    try:
        await session.client.send(ApiCall("GET", _filled(write.path, keys)), session.execution.count)
    except OperationalError as error:
        if error.diag.status != _GONE:
            raise
        return False
    return True


def _filled(path: str, keys: Mapping[str, str]) -> str:
    return path.format_map({name: quote(value, safe="") for name, value in keys.items()})


def _body(write: Write, values: dict[Column, Any], verb: str) -> JsonObject:
    """Lay the values into the body at the dotted places that their columns declare."""
    body: JsonObject = copy.deepcopy(dict(write.body))
    for column, value in values.items():
        place = getattr(column, verb)
        *parents, last = place.split(".")
        target = body
        for key in parents:
            target = target.setdefault(key, {})
        target[last] = _json_value(column, value)
    return body


def _json_value(column: Column, value: Any) -> Any:
    """Return what Box's JSON takes for a value of SQLite."""
    if value is None:
        return None
    if column.type is Type.BOOLEAN:
        if value not in (0, 1):
            raise DataError(f"column {column.name} takes true or false")
        return bool(value)
    if isinstance(value, bytes):
        raise DataError(f"column {column.name} takes text, not bytes")
    return value if column.type is Type.INTEGER else str(value)


def _check_complete(table: Table, write: Write, given: Mapping[Column, Any]) -> None:
    missing = [name for name in write.required if table.columns[table.numbers[name]] not in given]
    if missing:
        raise IntegrityError(f"INSERT INTO {table.name} needs a value for {' and '.join(missing)}")


def _check_writable(table: Table, read_only: list[Column], verb: str) -> None:
    if read_only:
        names = ", ".join(column.name for column in read_only)
        allowed = ", ".join(c.name for c in table.columns if c.update or (verb == "INSERT" and c.insert))
        raise ProgrammingError(f"{verb} cannot set {names} of {table.name}, which Box sets; it takes {allowed}")


def _refused(table: Table, verb: str) -> NotSupportedError:
    return NotSupportedError(f"table {table.name} takes no {verb}; see docs/tables.md for what each table takes")
