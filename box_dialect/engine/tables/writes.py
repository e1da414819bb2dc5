"""INSERT, UPDATE and DELETE at Box: at once, since Box has no transactions, and most by one call a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import apsw

from box_dialect.api import ApiCall, ApiPath, says_absent
from box_dialect.api.template import filled_headers
from box_dialect.catalog.model import dig, hashed_rowid
from box_dialect.catalog.values import comparable
from box_dialect.engine.execution.write_queue import PendingWrite
from box_dialect.engine.tables.write_body import laid
from box_dialect.engine.tables.write_calls import (
    Sender,
    calls_of,
    check_results,
    read,
    read_returned,
    row_path,
    send_call,
    send_calls,
)
from box_dialect.engine.tables.write_checks import check_insert, check_update
from box_dialect.errors import (
    DatabaseError,
    DataError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from box_dialect.catalog.model import Column, JsonObject, Table, Write
    from box_dialect.engine.execution.session import Session
    from box_dialect.engine.tables.write_calls import RowPath, WriteCall

_CHANGED: Final = 412
_NOT_SERVED: Final = frozenset({404, 405})
"""How Box says that it gives no single row there."""


def insert(table: Table, session: Session, values: tuple[Any, ...], *, ignore: bool) -> int:
    """Create a row; `INSERT OR IGNORE` leaves out one with a conflict.

    Returns the rowid where rows do not go at once, otherwise 0. Raises IntegrityError for a missing value and for a
    conflict, ProgrammingError for a column that is read-only.
    """
    if table.insert is None:
        raise _refused(table, "INSERT")
    given = {column: value for column, value in zip(table.columns, values, strict=True) if value is not None}
    named = {column.name: comparable(value) for column, value in given.items()}
    keys = {name: named[name] for name in table.insert.keys if name in named}
    later = {column: value for column, value in given.items() if column.insert is None and column.name not in keys}
    _check_writable(table, [column for column in later if column.update is None], "INSERT")
    writes = session.execution.writes
    try:
        check_insert(table, table.insert, given)
        ApiPath(table.insert.path, **keys)
        creation, *further = calls_of(table.insert, "insert", {c: v for c, v in given.items() if c.insert is not None})
        if later and table.update is not None:
            further += [call for call in calls_of(table.update, "update", later) if call.values]
    except (IntegrityError, DataError) as error:
        writes.refuse(error)
        return 0
    sender, returned = Sender(session), session.execution.returned

    async def send() -> Any:
        return await _send_insert(sender, table, creation, further, named, ignore=ignore)

    def rowid(created: JsonObject) -> int:
        return _rowid(table, created, named)

    change = PendingWrite(send, rowid=rowid)
    if returned is not None:
        returned.add(change, named)
    writes.put(change)
    return 0 if change.answer is None or writes.is_concurrent else rowid(change.answer)


async def _send_insert(
    sender: Sender,
    table: Table,
    creation: WriteCall,
    further: Sequence[WriteCall],
    named: Mapping[str, str],
    *,
    ignore: bool,
) -> Any:
    """Create a row, and set what takes further calls; return None for one that is left out because of a conflict."""
    write = creation.write
    wanted = [*table.written_by, *(key for call in further for key in call.write.keys)]
    unknown = [table.columns[table.numbers[name]] for name in dict.fromkeys(wanted) if name not in named]
    fields = dict.fromkeys([*table.fields, *(column.place[0] for column in unknown)])
    try:
        answer = await send_call(sender, table, creation, named, fields=fields, is_last=not further)
    except IntegrityError:
        if not ignore:
            raise
        return None
    created: Any = answer if write.answers else {}
    _check_created(table, write, created, named)
    if not further and (write.answers or sender.returned is None):
        return created
    found = {column.name: dig(created, *column.place) for column in unknown if column.derived is None}
    keys = {**named, **{name: str(value) for name, value in found.items() if value is not None}}
    row = row_path(table, table.update or write, keys)
    if not further:
        return await read_returned(sender, row)
    key = " and ".join(map(" ".join, zip(table.keys, _key(table, created, named), strict=True)))
    changed = await send_calls(sender, table, further, keys, row, f"the row was made with {key}")
    return created if sender.returned is None else changed


def update(
    table: Table, session: Session, rowid: int, new_rowid: int, values: tuple[Any, ...], *, ignore: bool
) -> None:
    """Change the columns of a row that the statement sets; `UPDATE OR IGNORE` leaves a row with a conflict as it is.

    The `etag` may be set to what the statement compares it with, as SQLAlchemy does where it sets nothing else. Raises
    ProgrammingError for a column that is read-only, IntegrityError for a conflict.
    """
    if table.update is None:
        raise _refused(table, "UPDATE")
    named = session.execution.etags.get((table.name, rowid))
    changed = {
        column: value
        for column, value in zip(table.columns, values, strict=True)
        if value is not apsw.no_change and not (column.name == table.etag and value is not None and value == named)
    }
    if new_rowid != rowid:
        raise ProgrammingError(f"the rowid of {table.name} is Box's and cannot be changed")
    _check_writable(table, [column for column in changed if column.update is None], "UPDATE")
    if not changed and named is None:
        return
    writes, returned, change = session.execution.writes, session.execution.returned, table.update
    etag = _compared_etag(table, change, session, rowid)
    try:
        keys = _keys(table, change, session, rowid)
        check_update(table, change, changed)
        ApiPath(change.path, **keys)
        calls, row = calls_of(change, "update", changed), row_path(table, change, keys)
    except (DataError, IntegrityError, NotSupportedError) as error:
        writes.refuse(error)
        return
    sender = Sender(session)

    async def send() -> Any:
        sent = [call for call in calls if call.values]
        return await _send_update(sender, table, sent, keys, row, etag, ignore=ignore)

    changed_row = PendingWrite(send, _named(keys), ignores_conflicts=ignore)
    if returned is not None:
        returned.add(changed_row, keys)
    writes.put(changed_row)


def delete(table: Table, session: Session, rowid: int) -> None:
    """Delete a row; one that is gone already, or has another `etag` than the statement names, is no failure."""
    if table.delete is None:
        raise _refused(table, "DELETE")
    removal, returned = table.delete, session.execution.returned
    etag = _compared_etag(table, removal, session, rowid)
    try:
        keys = _keys(table, removal, session, rowid)
        path, headers = ApiPath(removal.path, **keys), filled_headers(removal.headers, keys)
        body = laid(removal, {}, keys) or None
    except (DataError, NotSupportedError) as error:
        session.execution.writes.refuse(error)
        return
    sender = Sender(session)
    condition = {} if etag is None else {"If-Match": etag}

    async def send() -> Any:
        try:
            answer = await sender.send(
                ApiCall(removal.method, path, {}, body, {**headers, **condition}, host=removal.host)
            )
            check_results(removal, answer)
        except OperationalError as error:
            if says_absent(error) or (etag is not None and error.diag.status == _CHANGED):
                return None
            raise
        sender.note_written()
        return answer or {}

    change = PendingWrite(send, _named(keys))
    if returned is not None:
        returned.add(change, keys, rowid)
    session.execution.writes.put(change)


async def _send_update(
    sender: Sender,
    table: Table,
    calls: Sequence[WriteCall],
    keys: Mapping[str, str],
    row: RowPath,
    etag: str | None,
    *,
    ignore: bool,
) -> Any:
    """Change a row; return None where it does not exist, or has another `etag` than the statement names.

    Where conflicts are to be ignored, one that leaves the row half changed is raised as OperationalError all the same.
    """
    try:
        if not calls:
            return await _unchanged(sender, row, etag)
        first, *further = calls
        told = etag if first.write.takes_etag else None
        is_unmatched = told is None or not first.write.unmatched.isdisjoint(
            place.split(".")[0] for place in first.places
        )
        if etag is not None and is_unmatched and await _etag(sender, row) != etag:
            return None
        answer = await send_call(sender, table, first, keys, row, etag=told, is_last=not further)
    except OperationalError as error:
        if etag is not None and error.diag.status == _CHANGED:
            return None
        if not says_absent(error) or await _may_be_there(sender, row):
            raise
        return None
    if further:
        done = f"{', '.join(first.columns)} of {_named(keys)} had been set"
        try:
            answer = await send_calls(sender, table, further, keys, row, done)
        except IntegrityError as error:
            if not ignore:
                raise
            raise OperationalError(str(error), error.diag) from None
    return answer or {}


async def _may_be_there(sender: Sender, row: RowPath) -> bool:
    """Tell whether a row may exist: HTTP 404 may also mean another object that an update names."""
    try:
        return await read(sender, row) is not None
    except DatabaseError as problem:
        if problem.diag.status not in _NOT_SERVED:
            raise
        return True


async def _unchanged(sender: Sender, row: RowPath, etag: str | None) -> JsonObject | None:
    """Return a row that an update leaves as it is; None where it does not exist, or has another `etag`."""
    found = await (read(sender, row, ["etag"]) if sender.returned is None else read_returned(sender, row))
    return None if found is None or (etag is not None and found.get("etag") != etag) else found


async def _etag(sender: Sender, row: RowPath) -> str | None:
    """Return the `etag` of a row as it is now, None for a row that is gone."""
    found = await read(sender, row, ["etag"])
    return None if found is None else found.get("etag")


def _keys(table: Table, write: Write, session: Session, rowid: int) -> dict[str, str]:
    """Return the values of a row that the path of a write names; raises NotSupportedError where Box tells one not."""
    noted = session.execution.keys[table.name, rowid]
    names = [name for call in write.calls for name in call.keys]
    unknown = [name for name in dict.fromkeys(names) if noted[name] is None]
    if unknown:
        told = " and ".join(unknown)
        raise NotSupportedError(f"a row of {table.name} cannot be written whose {told} is NULL; compare {told} with =")
    return {name: comparable(noted[name]) for name in names}


def _named(keys: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in keys.items())


def _compared_etag(table: Table, write: Write, session: Session, rowid: int) -> str | None:
    """Return the `etag` that the statement compares the row's with, None where Box does not."""
    return session.execution.etags.get((table.name, rowid)) if write.takes_etag else None


def _key(table: Table, created: JsonObject, named: Mapping[str, Any]) -> list[Any]:
    """Return the values of the key of a row that was made, by Box's answer or else by the statement."""
    columns = [table.columns[table.numbers[name]] for name in table.keys]
    found = [None if column.derived else dig(created, *column.place) for column in columns]
    return [named.get(column.name) if value is None else value for column, value in zip(columns, found, strict=True)]


def _rowid(table: Table, created: JsonObject, named: Mapping[str, Any]) -> int:
    """Return the rowid of a row that was made."""
    number = None if table.number is None else table.number(created)
    return hashed_rowid(*map(str, _key(table, created, named))) if number is None else number


def _check_created(table: Table, write: Write, created: Any, named: Mapping[str, Any]) -> None:
    if not isinstance(created, dict) or not all(isinstance(each, str) for each in _key(table, created, named)):
        raise DataError(
            f"{write.method} {write.path}: Box's answer is not as its reference says: no {' and '.join(table.keys)} of "
            "what it made, so look before you write it again"
        )


def _check_writable(table: Table, read_only: list[Column], verb: str) -> None:
    if read_only:
        names = ", ".join(column.name for column in read_only)
        allowed = ", ".join(c.name for c in table.columns if c.update or (verb == "INSERT" and c.insert))
        raise ProgrammingError(f"{verb} cannot set {names} of {table.name}, which Box sets; it takes {allowed}")


def _refused(table: Table, verb: str) -> NotSupportedError:
    return NotSupportedError(f"table {table.name} takes no {verb}; see docs/tables.md for what each table takes")
