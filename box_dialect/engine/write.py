"""Write rows to Box: one call a row, at once, since Box has no transactions."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import apsw

from box_dialect.api import ApiCall
from box_dialect.catalog.model import Column, JsonObject, Table, Type, Write
from box_dialect.errors import (
    DatabaseError,
    DataError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)

if TYPE_CHECKING:
    from box_dialect.engine.session import Session

_GONE: Final = 404


def insert(table: Table, session: Session, values: tuple[Any, ...], *, ignore: bool) -> int:
    """Create a row and return its rowid, 0 for one that `INSERT OR IGNORE` leaves out.

    Raises IntegrityError for a missing value and for a conflict, ProgrammingError for a column that is read-only.
    """
    if table.insert is None:
        raise _refused(table, "INSERT")
    given = {column: value for column, value in zip(table.columns, values, strict=True) if value is not None}
    missing = [name for name in table.insert.required if table.columns[table.numbers[name]] not in given]
    if missing:
        raise IntegrityError(f"INSERT INTO {table.name} needs a value for {' and '.join(missing)}")
    at_once = {column: value for column, value in given.items() if column.insert is not None}
    later = {column: value for column, value in given.items() if column.insert is None}
    _check_writable(table, [column for column in later if column.update is None], "INSERT")
    try:
        created = _send(session, table.insert, {}, _body(table.insert, at_once, "insert"))
    except IntegrityError:
        if not ignore:
            raise
        session.statement.ignored += 1
        return 0
    identity = created[table.key]
    if later and table.update is not None:
        try:
            _send(session, table.update, {table.key: identity}, _body(table.update, later, "update"))
        except DatabaseError as error:
            names = ", ".join(column.name for column in later)
            raise type(error)(
                f"{error}; the row was made with id {identity}, but without {names}", error.diag
            ) from None
    rowid = table.rowid(created)
    return 0 if rowid is None else rowid


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
    try:
        _send(session, table.update, _key(table, rowid), _body(table.update, changed, "update"))
    except IntegrityError:
        if not ignore:
            raise
        session.statement.ignored += 1


def delete(table: Table, session: Session, rowid: int) -> None:
    """Delete a row; one that is gone already is no failure."""
    if table.delete is None:
        raise _refused(table, "DELETE")
    try:
        _send(session, table.delete, _key(table, rowid), None)
    except OperationalError as error:
        if error.diag.status != _GONE:
            raise


def _key(table: Table, rowid: int) -> dict[str, str]:
    """Return the key of a row, which is its rowid wherever that is no hash."""
    if rowid < 0:
        raise NotSupportedError(f"a row of {table.name} whose {table.key} is no number cannot be written")
    return {table.key: str(rowid)}


def _send(session: Session, write: Write, keys: dict[str, str], body: JsonObject | None) -> Any:
    path = write.path.format_map({name: quote(value, safe="") for name, value in keys.items()})
    parameters = {"fields": "id"} if write.takes_fields and body is not None else {}
    call = ApiCall(write.method, path, parameters, body)
    answer = session.portal.run(session.client.send, call, session.statement.count)
    session.has_written = True
    return answer


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


def _check_writable(table: Table, read_only: list[Column], verb: str) -> None:
    if read_only:
        names = ", ".join(column.name for column in read_only)
        allowed = ", ".join(c.name for c in table.columns if c.update or (verb == "INSERT" and c.insert))
        raise ProgrammingError(f"{verb} cannot set {names} of {table.name}, which Box sets; it takes {allowed}")


def _refused(table: Table, verb: str) -> NotSupportedError:
    return NotSupportedError(f"table {table.name} takes no {verb}; see docs/tables.md for what each table takes")
