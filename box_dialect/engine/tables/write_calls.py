"""The calls that write one row, one after another, and what was done where one of them fails."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from box_dialect.api import ApiCall, ApiPath, Host, Part, from_result, says_absent
from box_dialect.api.template import filled, filled_headers
from box_dialect.catalog.model import dig
from box_dialect.engine.tables.write_body import file_content, json_value, laid, patch, place_of
from box_dialect.errors import DatabaseError, DataError, OperationalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from box_dialect.catalog.model import Column, JsonObject, Table, Write
    from box_dialect.engine.execution.session import Session

_FAILED: Final = 400
_JSON_PATCH: Final = {"Content-Type": "application/json-patch+json"}


class Sender:
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


class WriteCall(Struct, frozen=True):
    """One of the calls that write a row: how it is declared, and what it sets, as JSON; a file as its bytes.

    `verb` is `insert` or `update`, which tells where in the body a column stands.
    """

    write: Write
    verb: str
    values: Mapping[Column, Any]

    @property
    def columns(self) -> list[str]:
        """The names of the columns that it sets."""
        return [column.name for column in self.values]

    @property
    def places(self) -> dict[str, Any]:
        """What it sets, by the dotted places in the body."""
        in_body = [column for column in self.values if not _is_file(self.write, column)]
        return {place_of(column, self.verb): self.values[column] for column in in_body}

    @property
    def file(self) -> bytes:
        """The content of the file that it sends."""
        return next((value for column, value in self.values.items() if _is_file(self.write, column)), b"")

    @property
    def left(self) -> list[str]:
        """The columns that are sent as they are at Box, since it replaces them together with those that are set."""
        names = {*self.columns}
        return [name for group in self.write.whole if names.intersection(group) for name in group if name not in names]

    @property
    def needs_current(self) -> bool:
        """Whether the row has to be read before: to send what is left, or to remove only what is there."""
        return bool(self.left) or (self.write.patch is not None and None in self.values.values())


class RowPath(Struct, frozen=True):
    """Where a row is read: host, path, what its calls always have, and whether `fields=` narrows the answer."""

    host: Host
    path: ApiPath
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    takes_fields: bool

    def call(self, fields: Iterable[str]) -> ApiCall:
        """Return the call that reads the row, with these fields or as Box gives it."""
        names = ",".join(sorted({*fields}))
        parameters = {"fields": names} if names and self.takes_fields else {}
        return ApiCall("GET", self.path, {**self.parameters, **parameters}, headers=self.headers, host=self.host)


def calls_of(write: Write, verb: str, values: Mapping[Column, Any]) -> list[WriteCall]:
    """Return the calls that set columns: the first one of a write, and the further ones that set any.

    Raises DataError for a value that a column's type does not have, IntegrityError for NULL where Box takes none.
    """
    owners = {name: call for call in write.then for name in call.columns}
    found: list[WriteCall] = []
    for call in write.calls:
        mine = {column: value for column, value in values.items() if owners.get(column.name, write) is call}
        own = {c: file_content(c, v) if _is_file(call, c) else json_value(c, v) for c, v in mine.items()}
        if own or call is write:
            found.append(WriteCall(call, verb, own))
    return found


def _is_file(write: Write, column: Column) -> bool:
    return write.multipart is not None and write.multipart.column == column.name


def _sent(call: WriteCall, keys: Mapping[str, str], current: JsonObject, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a call sends beside its parameters: a JSON body or patch, or the parts of a form, and headers."""
    write, headers = call.write, filled_headers(call.write.headers, keys)
    if write.patch is not None:
        return {"body": patch(write.patch, call.places, current), "headers": {**_JSON_PATCH, **headers}}
    body = laid(write, {**kept, **call.places}, keys)
    if write.multipart is None:
        return {"body": body, "headers": headers}
    form = write.multipart
    told = [] if form.json is None else [Part(form.json, msgspec.json.encode(body), "application/json")]
    file = Part(form.file, call.file, "application/octet-stream", form.file_name)
    return {"parts": (*told, file), "headers": headers}


def row_path(table: Table, write: Write, keys: Mapping[str, str]) -> RowPath:
    """Return where a row is read that is written: by the table's own path to one row, or by that of the write."""
    for path in table.paths:
        for endpoint in path.endpoints if path.unique and len(path.endpoints) == 1 else ():
            if endpoint.body is None and not endpoint.rows and endpoint.inputs <= keys.keys():
                parameters, headers = filled(dict(endpoint.parameters), keys), filled_headers(endpoint.headers, keys)
                place = ApiPath(endpoint.path, **keys)
                return RowPath(endpoint.host, place, parameters, headers, endpoint.takes_fields)
    headers = filled_headers(write.headers, keys)
    return RowPath(write.host, ApiPath(write.path, **keys), {}, headers, write.takes_fields)


async def send_calls(
    sender: Sender, table: Table, calls: Sequence[WriteCall], keys: Mapping[str, str], row: RowPath, done: str
) -> Any:
    """Send the further calls of a row and return it where the statement returns it, else the last answer.

    `done` says what was done before. Raises what a call raises, with what was done and what was not.
    """
    answer: Any = None
    for number, call in enumerate(calls):
        is_last = number == len(calls) - 1
        try:
            answer = await send_call(sender, table, call, keys, row, is_last=is_last)
        except DatabaseError as error:
            left = [name for each in calls[number:] for name in each.columns]
            raise type(error)(f"{error}; {done}, but without {', '.join(left)}", error.diag) from None
    return answer


async def send_call(
    sender: Sender,
    table: Table,
    call: WriteCall,
    keys: Mapping[str, str],
    row: RowPath | None = None,
    *,
    etag: str | None = None,
    fields: Iterable[str] = ("id",),
    is_last: bool = True,
) -> Any:
    """Send a write, under the condition that the row has the `etag`, and return the answer.

    The `fields` of it are asked for, or, of the last one, what the statement returns.
    """
    write, returned = call.write, sender.returned if is_last else None
    current: JsonObject = {}
    if call.needs_current and row is not None:
        current = await _sent_for(sender, row.call(_fields_of(table, call)))
        etag = current.get("etag") if etag is None and write.takes_etag else etag
    asked = ",".join(fields) if returned is None else returned.fields
    parameters = {"fields": asked} if write.takes_fields else {}
    kept = {place: value for place, value in _left(table, call, current) if value is not None}
    sent = _sent(call, keys, current, kept)
    if write.patch is not None and not sent["body"]:
        return current if returned is None or row is None else await read_returned(sender, row)
    sent["headers"] |= {} if etag is None else {"If-Match": etag}
    answer = await sender.send(ApiCall(write.method, ApiPath(write.path, **keys), parameters, host=write.host, **sent))
    sender.note_written()
    check_results(write, answer)
    if returned is not None and not write.answers and row is not None:
        return await read_returned(sender, row)
    if returned is not None and isinstance(answer, dict):
        await returned.complete(answer, partial(_get, sender, row))
    return answer


def check_results(write: Write, answer: Any) -> None:
    """Raise the DatabaseError for an operation that failed, by what an answer tells; DataError for an odd answer."""
    if write.results is None:
        return
    try:
        results = dig(answer, *write.results.split("."))
        failed = next((each for each in results if each["status"] >= _FAILED), None)
        told = None if failed is None else (failed["status"], failed.get("error") or failed.get("detail"))
    except (AttributeError, KeyError, TypeError):
        raise DataError(
            f"{write.operation}: Box's answer is not as its reference says: no status of what it wrote, so look before "
            "you write it again"
        ) from None
    if told is not None:
        raise from_result(write.operation, *told)


def _left(table: Table, call: WriteCall, current: JsonObject) -> list[tuple[str, Any]]:
    columns = [table.columns[table.numbers[name]] for name in call.left]
    return [(place_of(column, call.verb), dig(current, *column.place)) for column in columns]


def _fields_of(table: Table, call: WriteCall) -> list[str]:
    """Return the fields of the row that a call needs as they are."""
    etag = ["etag"] if call.write.takes_etag else []
    return [*etag, *(table.columns[table.numbers[name]].place[0] for name in (*call.left, *call.columns))]


async def read(sender: Sender, row: RowPath, fields: Iterable[str] = ()) -> JsonObject | None:
    """Return a row as it is at Box, with these fields or as Box gives it; None where it is gone."""
    return await _got(sender, row.call(fields))


async def read_returned(sender: Sender, row: RowPath) -> JsonObject | None:
    """Return a row with what the statement returns of it; None where it is gone."""
    returned = sender.returned
    found = await read(sender, row, () if returned is None else ["etag", *returned.fields.split(",")])
    if found is not None and returned is not None:
        await returned.complete(found, partial(_get, sender, row))
    return found


async def _get(sender: Sender, row: RowPath | None, path: ApiPath, parameters: Mapping[str, str]) -> JsonObject | None:
    """Return an object that belongs to a row, None where it is gone."""
    headers, host = ({}, Host.API) if row is None else (row.headers, row.host)
    return await _got(sender, ApiCall("GET", path, parameters, headers=headers, host=host))


async def _got(sender: Sender, call: ApiCall) -> JsonObject | None:
    try:
        return await _sent_for(sender, call)
    except OperationalError as error:
        if not says_absent(error):
            raise
        return None


async def _sent_for(sender: Sender, call: ApiCall) -> JsonObject:
    """Return the object that a call answers; raises DataError for anything else."""
    found = await sender.send(call)
    if not isinstance(found, dict):
        raise DataError(f"{call.operation}: Box's answer is not as its reference says: no object")
    return found
