"""INSERT, UPDATE and DELETE at Box: at once, since Box has no transactions, and most by one call a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import apsw

from box_dialect.api import ApiCall, says_absent
from box_dialect.catalog.model import Type, dig, hashed_rowid
from box_dialect.catalog.model.as_user import AS_USER, checked_user, restricted
from box_dialect.catalog.values import comparable
from box_dialect.engine.execution.write_queue import PendingWrite
from box_dialect.engine.tables.insert_paths import insert_path
from box_dialect.engine.tables.sender import Sender
from box_dialect.engine.tables.write_body import body_of, headers_of, json_value, object_of
from box_dialect.engine.tables.write_calls import (
    calls_of,
    check_results,
    query_of,
    read,
    read_returned,
    row_path,
    send_call,
    send_calls,
)
from box_dialect.engine.tables.write_checks import check_insert, check_options, check_update, check_writable
from box_dialect.errors import (
    DatabaseError,
    DataError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    printable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from box_dialect.catalog.model import Column, JsonObject, Table, Write
    from box_dialect.engine.execution.session import Session
    from box_dialect.engine.tables.write_calls import RowPath, WriteCall

_CHANGED: Final = 412
_CONFLICT: Final = 409
_UNFIT: Final = "failed_json_patch_application"
"""What Box says of a JSON Patch that tests another value than there is."""

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
    user = _inserting_user(table, session, given.pop(AS_USER, None) if table.has_as_user else None)
    writes = session.execution.writes
    try:
        place = insert_path(table, table.insert, given)
        chosen = {} if table.insert.by is None else {table.insert.by: table.insert.value}
        named = {**chosen, **{column.name: comparable(value) for column, value in given.items()}}
        keys = {name: named[name] for name in table.insert.keys if name in named}
        later = {column: value for column, value in given.items() if column.insert is None and column.name not in keys}
        check_writable(table, [column for column in later if column.update is None], "INSERT")
        check_insert(table, table.insert, given, named, place)
        write = table.insert.chosen(named)
        path = write.path_of(keys)
        creation, *further = calls_of(write, "insert", {c: v for c, v in given.items() if c.insert is not None})
        if later and table.update is not None:
            further += [call for call in calls_of(table.update, "update", later) if call.values]
        check_options(table, [creation, *further], session)
    except (IntegrityError, DataError) as error:
        writes.refuse(error)
        return 0
    sender, returned, conflicts = Sender(session, user), session.execution.returned, session.execution.conflicts

    async def send() -> Any:
        placed = creation if place is None else await place.placed(session, creation, user)
        return await _send_insert(sender, table, placed, further, named, leaves_out)

    def leaves_out(error: IntegrityError) -> bool:
        if conflicts is not None and conflict is not None and not ignore and error.diag.status == _CONFLICT:
            conflicts.add(conflict)
            return True
        return ignore

    def rowid(created: JsonObject) -> int:
        return _rowid(table, created, named)

    size = sum(call.size for call in (creation, *further))
    change = PendingWrite(send, rowid=rowid, within=str(path) if write.ordered else None, size=size)
    conflict = None if conflicts is None else conflicts.of(change, values, named)
    if conflict is not None and change.within is None:
        change.within = " ".join(map(str, conflict.key))
    if returned is not None:
        returned.add(change, named, user)
    writes.put(change)
    return 0 if change.answer is None or writes.is_concurrent else rowid(change.answer)


async def _send_insert(
    sender: Sender,
    table: Table,
    creation: WriteCall,
    further: Sequence[WriteCall],
    named: Mapping[str, str],
    leaves_out: Callable[[IntegrityError], bool],
) -> Any:
    """Create a row, and set what takes further calls; return None for one that is left out because of a conflict.

    `leaves_out` tells whether it is.
    """
    write = creation.write
    wanted = [*table.written_by, *(key for call in further for key in call.write.keys)]
    unknown = [table.columns[table.numbers[name]] for name in dict.fromkeys(wanted) if name not in named]
    fields = dict.fromkeys([*table.fields, *(column.place[0] for column in unknown)])
    try:
        answer = await send_call(sender, table, creation, named, fields=fields, is_last=not further)
    except IntegrityError as error:
        if not leaves_out(error):
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

    The version may be set to what the statement compares it with, as SQLAlchemy does where it sets nothing else, and a
    column of the key to what it is. Raises ProgrammingError for a column that is read-only, IntegrityError for a
    conflict.
    """
    if table.update is None:
        raise _refused(table, "UPDATE")
    named = session.execution.etags.get((table.name, rowid))
    known = dict(session.execution.keys.get((table.name, rowid), {}))
    user = known.get(AS_USER.name)
    if table.version is not None:
        known.setdefault(table.version, named)
    given = {column: value for column, value in zip(table.columns, values, strict=True) if value is not apsw.no_change}
    changed = {column: value for column, value in given.items() if not _is_known(column, value, known)}
    if new_rowid != rowid:
        raise ProgrammingError(f"the rowid of {table.name} is Box's and cannot be changed")
    check_writable(table, [column for column in changed if column.update is None], "UPDATE")
    if not given:
        return
    writes, returned = session.execution.writes, session.execution.returned
    etag, conflicts = _compared_etag(table, table.update, session, rowid), session.execution.conflicts
    conflicting = None
    try:
        keys = _keys(table, table.update, session, rowid)
        conflicting = None if conflicts is None else conflicts.changed(keys)
        change = table.update.chosen(keys)
        check_update(table, change, changed)
        path = change.path_of(keys)
        calls, row = calls_of(change, "update", changed), row_path(table, change, keys)
        check_options(table, calls, session)
        read = session.execution.read.pop((table.name, rowid), None)
        current = None if read is None else object_of(change, table, read)
    except (DataError, IntegrityError, NotSupportedError) as error:
        writes.refuse(error, again=conflicting)
        return
    sender = Sender(session, user)

    async def send() -> Any:
        sent = [call for call in calls if call.values]
        return await _send_update(sender, table, sent, keys, row, etag, current, ignore=ignore)

    within = str(path) if change.ordered else None
    changed_row = PendingWrite(
        send,
        _named(keys, user),
        ignores_conflicts=ignore,
        within=within,
        again=conflicting is not None,
        size=sum(call.size for call in calls),
    )
    if returned is not None:
        returned.add(changed_row, keys, user, instead=conflicting)
    writes.put(changed_row, None if conflicting is None else conflicting.row)


def delete(table: Table, session: Session, rowid: int) -> None:
    """Delete a row; one that is gone already, or has another version than the statement names, is no failure."""
    if table.delete is None:
        raise _refused(table, "DELETE")
    returned = session.execution.returned
    etag = _compared_etag(table, table.delete, session, rowid)
    try:
        keys = _keys(table, table.delete, session, rowid)
        removal = table.delete.chosen(keys)
        path, headers = removal.path_of(keys), headers_of(removal, keys)
        body, parameters = body_of(removal, {}, keys) or None, query_of(removal, _told(table, session, rowid))
    except (DataError, IntegrityError, NotSupportedError) as error:
        session.execution.writes.refuse(error)
        return
    user = session.execution.keys[table.name, rowid].get(AS_USER.name)
    sender = Sender(session, user)
    condition = {} if etag is None else {"If-Match": etag}

    async def send() -> Any:
        try:
            answer = await sender.send(
                ApiCall(removal.method, path, parameters, body, {**headers, **condition}, host=removal.host)
            )
            check_results(removal, answer)
        except OperationalError as error:
            if says_absent(error) or (etag is not None and error.diag.status == _CHANGED):
                return None
            raise
        sender.note_written()
        return answer or {}

    change = PendingWrite(send, _named(keys, user), within=str(path) if removal.ordered else None)
    if returned is not None:
        returned.add(change, keys, user, rowid)
    session.execution.writes.put(change)


async def _send_update(
    sender: Sender,
    table: Table,
    calls: Sequence[WriteCall],
    keys: Mapping[str, str],
    row: RowPath,
    etag: str | None,
    current: JsonObject | None,
    *,
    ignore: bool,
) -> Any:
    """Change a row; return None where it does not exist, or has another version than the statement names.

    Where conflicts are to be ignored, one that leaves the row half changed is raised as OperationalError all the same.
    """
    try:
        if not calls:
            return await _unchanged(sender, table, row, etag)
        first, *further = calls
        told = etag if first.write.takes_etag else None
        tested = etag if first.write.tests is not None else None
        version = None if tested is None or current is not None else int(tested)
        is_unmatched = (told is None and tested is None) or not first.write.unmatched.isdisjoint(
            place.split(".")[0] for place in first.places
        )
        if etag is not None and is_unmatched and not _is_of_version(table, await read(sender, row, ["etag"]), etag):
            return None
        answer = await send_call(
            sender, table, first, keys, row, etag=told, version=version, current=current, is_last=not further
        )
        if first.is_removal and answer is None:
            return None
    except (IntegrityError, OperationalError) as error:
        if etag is not None and (error.diag.status == _CHANGED or error.diag.code == _UNFIT):
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
    is_gone = answer is None and sender.returned is not None  # for which it was read anew
    return None if is_gone else answer or {}


async def _may_be_there(sender: Sender, row: RowPath) -> bool:
    """Tell whether a row may exist: HTTP 404 may also mean another object that an update names."""
    try:
        return await read(sender, row) is not None
    except DatabaseError as problem:
        if problem.diag.status not in _NOT_SERVED:
            raise
        return True


async def _unchanged(sender: Sender, table: Table, row: RowPath, version: str | None) -> JsonObject | None:
    """Return a row that an update leaves as it is; None where it does not exist, or has another version."""
    found = await (read(sender, row, ["etag"]) if sender.returned is None else read_returned(sender, row))
    return found if version is None or _is_of_version(table, found, version) else None


def _is_of_version(table: Table, found: JsonObject | None, version: str) -> bool:
    """Tell whether a row that was read has a version, as a text."""
    place = () if table.version is None else table.columns[table.numbers[table.version]].place
    return found is not None and comparable(dig(found, *place)) == version


def _is_known(column: Column, value: Any, known: Mapping[str, Any]) -> bool:
    """Tell whether an UPDATE sets a column that it cannot change to what it is."""
    return column.update is None and value is not None and comparable(value) == comparable(known.get(column.name))


def _keys(table: Table, write: Write, session: Session, rowid: int) -> dict[str, str]:
    """Return the values of a row that the path of a write names; raises NotSupportedError where Box tells one not."""
    noted = session.execution.keys[table.name, rowid]
    names = [name for call in write.calls for name in call.keys]
    unknown = [name for name in dict.fromkeys(names) if noted[name] is None]
    if unknown:
        told = " and ".join(unknown)
        raise NotSupportedError(f"a row of {table.name} cannot be written whose {told} is NULL; compare {told} with =")
    return {name: comparable(noted[name]) for name in names}


def _told(table: Table, session: Session, rowid: int) -> dict[Column, Any]:
    """Return by which hidden columns a DELETE tells how to remove a row, with JSON values; raises as they do."""
    noted = session.execution.keys[table.name, rowid]
    columns = [table.columns[table.numbers[name]] for name in table.told_by_delete if name in noted]
    return {column: json_value(column, noted[column.name]) for column in columns}


def _named(keys: Mapping[str, str], user: str | None = None) -> str:
    told = {**keys, **({} if user is None else {AS_USER.name: user})}
    return ", ".join(f"{name} {printable(value)}" for name, value in told.items())


def _inserting_user(table: Table, session: Session, value: Any) -> str | None:
    """Return the user as whom an INSERT makes a row, None for the one who is signed in.

    Raises ProgrammingError where nobody may be named, NotSupportedError for an UPSERT, which would change rows as
    another one.
    """
    if value is None:
        return None
    if session.properties.is_restricted:
        raise restricted()
    conflicts = session.execution.conflicts
    if conflicts is not None and not conflicts.are_ignored:
        raise NotSupportedError(
            f"INSERT INTO {table.name} takes no as_user with ON CONFLICT DO UPDATE; UPDATE takes it"
        )
    return checked_user(comparable(value))


def _compared_etag(table: Table, write: Write, session: Session, rowid: int) -> str | None:
    """Return the version that the statement compares the row's with, None where Box does not."""
    is_compared = write.takes_etag or write.tests is not None
    return session.execution.etags.get((table.name, rowid)) if is_compared else None


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
    kinds = [str | int if table.columns[table.numbers[name]].type is Type.INTEGER else str for name in table.keys]
    if not isinstance(created, dict) or not all(map(isinstance, _key(table, created, named), kinds)):
        raise DataError(
            f"{write.method} {write.path}: Box's answer is not as its reference says: no {' and '.join(table.keys)} of "
            "what it made, so look before you write it again"
        )


def _refused(table: Table, verb: str) -> NotSupportedError:
    return NotSupportedError(f"table {table.name} takes no {verb}; see docs/tables.md for what each table takes")
