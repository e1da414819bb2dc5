"""Write rows to Box: one call a row, at once, since Box has no transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import apsw

from box_dialect.api import ApiCall, ApiPath, says_absent
from box_dialect.catalog.model import dig, hashed_rowid
from box_dialect.catalog.values import comparable
from box_dialect.engine.execution.write_queue import PendingWrite
from box_dialect.engine.tables.write_body import body_of
from box_dialect.errors import (
    DatabaseError,
    DataError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from box_dialect.catalog.model import Column, JsonObject, Table, Write
    from box_dialect.engine.execution.returned_rows import ReturnedRows
    from box_dialect.engine.execution.session import Session

_CHANGED: Final = 412


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
        _check_complete(table, table.insert, given)
        path = ApiPath(table.insert.path, **keys)
        body = body_of(table.insert, {c: value for c, value in given.items() if c.insert is not None}, "insert")
        further = body_of(table.update, later, "update") if later and table.update is not None else None
    except (IntegrityError, DataError) as error:
        writes.refuse(error)
        return 0
    names, insertion, returned = ", ".join(column.name for column in later), table.insert, session.execution.returned
    asked, sender = None if further is not None else returned, _Sender(session)
    read = [table.columns[table.numbers[name]] for name in table.written_by if name not in named]
    fields = dict.fromkeys([*table.fields, *(column.place[0] for column in read)])

    def rowid(created: JsonObject) -> int:
        return _rowid(table, created, named)

    async def send() -> Any:
        try:
            created = await _send(sender, insertion, path, body, asked, fields=fields)
        except IntegrityError:
            if not ignore:
                raise
            return None
        _check_created(table, insertion, created, named)
        if further is not None and table.update is not None:
            try:
                found = {column.name: dig(created, *column.place) for column in read}
                update_path = ApiPath(table.update.path, **{**named, **found})
                changed = await _send(sender, table.update, update_path, further, returned)
            except DatabaseError as error:
                key = " and ".join(map(" ".join, zip(table.keys, _key(table, created, named), strict=True)))
                half = f"the row was made with {key}, but without {names}"
                raise type(error)(f"{error}; {half}", error.diag) from None
            return created if returned is None else changed
        return created

    change = PendingWrite(send, rowid=rowid)
    if returned is not None:
        returned.add(change, named)
    writes.put(change)
    return 0 if change.answer is None or writes.is_concurrent else rowid(change.answer)


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
        path = ApiPath(change.path, **keys)
        body = body_of(change, changed, "update")
    except (DataError, IntegrityError, NotSupportedError) as error:
        writes.refuse(error)
        return
    sender = _Sender(session)

    async def send() -> Any:
        return await _send_update(sender, change, path, body, etag)

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
        path = ApiPath(removal.path, **keys)
    except (DataError, NotSupportedError) as error:
        session.execution.writes.refuse(error)
        return
    sender = _Sender(session)

    async def send() -> Any:
        try:
            return await _send(sender, removal, path, None, etag=etag) or {}
        except OperationalError as error:
            if says_absent(error) or (etag is not None and error.diag.status == _CHANGED):
                return None
            raise

    change = PendingWrite(send, _named(keys))
    if returned is not None:
        returned.add(change, keys, rowid)
    session.execution.writes.put(change)


class _Sender:
    """Send the calls of the execution that runs now, also when the session is at another one."""

    def __init__(self, session: Session) -> None:
        self._session, self._execution = session, session.execution
        self.returned = session.execution.returned

    async def send(self, call: ApiCall) -> Any:
        """Send a call and return the answer."""
        return await self._session.client.send(call, self._execution.count)

    def note_written(self) -> None:
        """Take note that Box has written something."""
        self._session.has_written = True


async def _send_update(sender: _Sender, write: Write, path: ApiPath, body: JsonObject, etag: str | None) -> Any:
    """Change a row; return None where it does not exist, or has another `etag` than the statement names."""
    try:
        if not body:
            return await _unchanged(sender, path, etag)
        if etag is not None and write.unmatched & body.keys() and await _etag(sender, path) != etag:
            return None
        return await _send(sender, write, path, body, sender.returned, etag) or {}
    except OperationalError as error:
        if etag is not None and error.diag.status == _CHANGED:
            return None
        if not says_absent(error) or await _exists(sender, path):
            raise
        return None


async def _unchanged(sender: _Sender, path: ApiPath, etag: str | None) -> JsonObject | None:
    """Return a row that an update leaves as it is; None where it does not exist, or has another `etag`."""
    names = {"etag"} if sender.returned is None else {"etag", *sender.returned.fields.split(",")}
    found = await _get(sender, path, {"fields": ",".join(sorted(names))})
    if found is None or (etag is not None and found.get("etag") != etag):
        return None
    if sender.returned is not None:
        await sender.returned.complete(found, lambda path, parameters: _get(sender, path, parameters))
    return found


def _keys(table: Table, write: Write, session: Session, rowid: int) -> dict[str, str]:
    """Return the values of a row that the path of a write names; raises NotSupportedError where Box tells one not."""
    noted = session.execution.keys[table.name, rowid]
    unknown = [name for name in write.keys if noted[name] is None]
    if unknown:
        names = " and ".join(unknown)
        raise NotSupportedError(
            f"a row of {table.name} cannot be written whose {names} is NULL; compare {names} with ="
        )
    return {name: comparable(noted[name]) for name in write.keys}


def _named(keys: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in keys.items())


def _compared_etag(table: Table, write: Write, session: Session, rowid: int) -> str | None:
    """Return the `etag` that the statement compares the row's with, None where Box does not."""
    return session.execution.etags.get((table.name, rowid)) if write.takes_etag else None


async def _send(
    sender: _Sender,
    write: Write,
    path: ApiPath,
    body: JsonObject | None,
    returned: ReturnedRows | None = None,
    etag: str | None = None,
    fields: Iterable[str] = ("id",),
) -> Any:
    """Send a write, under the condition that the row has the `etag`, and return the answer with what is `returned`."""
    asked = ",".join(fields) if returned is None else returned.fields
    parameters = {"fields": asked} if write.takes_fields and body is not None else {}
    headers = {} if etag is None else {"If-Match": etag}
    call = ApiCall(write.method, path, parameters, body, headers)
    answer = await sender.send(call)
    sender.note_written()
    if returned is not None and isinstance(answer, dict):
        await returned.complete(answer, lambda path, parameters: _get(sender, path, parameters))
    return answer


async def _get(sender: _Sender, path: ApiPath, parameters: Mapping[str, str]) -> JsonObject | None:
    """Return an object that belongs to a row, None where it is gone."""
    try:
        found: JsonObject | None = await sender.send(ApiCall("GET", path, parameters))
    except OperationalError as error:
        if not says_absent(error):
            raise
        return None
    return found


async def _etag(sender: _Sender, path: ApiPath) -> str | None:
    """Return the `etag` of a row as it is now, None for a row that is gone."""
    found = await _get(sender, path, {"fields": "etag"})
    return None if found is None else found.get("etag")


async def _exists(sender: _Sender, path: ApiPath) -> bool:
    """Ask whether there is such a row: HTTP 404 may also mean another object that an update names."""
    return await _get(sender, path, {}) is not None


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


def _check_complete(table: Table, write: Write, given: Mapping[Column, Any]) -> None:
    needed = dict.fromkeys([*write.required, *write.keys])
    missing = [name for name in needed if table.columns[table.numbers[name]] not in given]
    if missing:
        raise IntegrityError(f"INSERT INTO {table.name} needs a value for {' and '.join(missing)}")


def _check_writable(table: Table, read_only: list[Column], verb: str) -> None:
    if read_only:
        names = ", ".join(column.name for column in read_only)
        allowed = ", ".join(c.name for c in table.columns if c.update or (verb == "INSERT" and c.insert))
        raise ProgrammingError(f"{verb} cannot set {names} of {table.name}, which Box sets; it takes {allowed}")


def _refused(table: Table, verb: str) -> NotSupportedError:
    return NotSupportedError(f"table {table.name} takes no {verb}; see docs/tables.md for what each table takes")
