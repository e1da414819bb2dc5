"""The calls that write one row, one after another, and what was done where one of them fails."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from box_dialect.api import ApiCall, ApiPath, Host, Paging, Part, from_result, says_absent
from box_dialect.api.paging import Position, first, following
from box_dialect.api.path import places
from box_dialect.api.template import filled, filled_headers
from box_dialect.catalog.model import Nested, dig
from box_dialect.catalog.values import comparable
from box_dialect.engine.scan.listing import nested_of
from box_dialect.engine.tables.write_body import (
    body_of,
    file_content,
    headers_of,
    json_value,
    laid,
    named_file,
    patch,
    place_of,
)
from box_dialect.errors import DatabaseError, DataError, OperationalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from box_dialect.catalog.model import AccessPath, Column, Endpoint, JsonObject, Multipart, Table, Write
    from box_dialect.engine.tables.sender import Sender

_FAILED: Final = 400
_ENTRIES: Final = Nested("entries", "page")
"""Where the rows stand in a page of a listing."""


class WriteCall(Struct, frozen=True):
    """One of the calls that write a row: how it is declared, and what it sets, as JSON; a file as its bytes.

    `verb` is `insert` or `update`, which tells where in the body a column stands. One that `is_removal` takes away what
    the columns hold.
    """

    write: Write
    verb: str
    values: Mapping[Column, Any]
    is_removal: bool = False

    @property
    def columns(self) -> list[str]:
        """The names of the columns that it sets."""
        return [column.name for column in self.values]

    @property
    def places(self) -> dict[str, Any]:
        """What it sets, by the dotted places in the body."""
        in_query = {*self.write.parameters.values()}
        in_body = {
            column: value
            for column, value in self.values.items()
            if column.name not in in_query and _form(self.write, column) is None
        }
        found = {place_of(column, self.verb, value): value for column, value in in_body.items()}
        gone = {f"{column.removes}." for column, value in in_body.items() if column.removes and value is None}
        return {place: value for place, value in found.items() if not any(map(place.startswith, gone))}

    @property
    def file(self) -> bytes:
        """The content of the file that it sends."""
        return next((value for column, value in self.values.items() if _form(self.write, column) is not None), b"")

    @property
    def size(self) -> int:
        """The bytes of the file that it sends."""
        return len(self.file)

    @property
    def left(self) -> list[str]:
        """The columns that are sent as they are at Box, since it replaces them together with those that are set."""
        names = {*self.columns}
        return [name for group in self.write.whole if names.intersection(group) for name in group if name not in names]

    @property
    def needs_current(self) -> bool:
        """Whether the row has to be read before: to send what is left, or to patch only what differs."""
        is_compared = None in self.values.values() or not self.write.elements.union({""}).isdisjoint(self.places)
        return bool(self.left) or (self.write.patch is not None and is_compared)


class RowPath(Struct, frozen=True):
    """Where a row is read: host, path, what its calls always have, and whether `fields=` narrows the answer.

    `find` finds the row in the answer, None where it is not there; the pages of a listing are read up to that one.
    `endpoint` is that of the table's own path.
    """

    host: Host
    path: ApiPath
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    takes_fields: bool
    find: Callable[[JsonObject], JsonObject | None]
    endpoint: Endpoint | None = None
    paging: Paging = Paging.ONE
    limit: int | None = None

    def call(self, fields: Iterable[str], position: Position) -> ApiCall:
        """Return the call that reads the row, or a page, with these fields or as Box gives it."""
        names = ",".join(sorted({*fields}))
        parameters = {"fields": names} if names and self.takes_fields else {}
        asked = {**self.parameters, **position.parameters, **parameters}
        return ApiCall("GET", self.path, asked, headers=self.headers, host=self.host)


def calls_of(write: Write, verb: str, values: Mapping[Column, Any]) -> list[WriteCall]:
    """Return the calls that set columns: the first one of a write, and the further ones that set any.

    Raises DataError for a value that a column's type does not have, IntegrityError for NULL where Box takes none.
    """
    owners = write.owners(column.name for column in values)
    found: list[WriteCall] = []
    for call in write.calls:
        mine = {column: value for column, value in values.items() if owners.get(column.name, write) is call}
        if mine and call.removal is not None and set(mine.values()) == {None}:
            found.append(WriteCall(call.removal, verb, mine, is_removal=True))
            continue
        own = {column: _as_sent(call, column, value) for column, value in mine.items()}
        if own or call is write:
            found.append(WriteCall(call, verb, own))
    return found


def _as_sent(write: Write, column: Column, value: Any) -> Any:
    form = _form(write, column)
    return json_value(column, value) if form is None else file_content(column, value, form)


def _form(write: Write, column: Column) -> Multipart | None:
    """Return the form of which a column is the file, None for any other column."""
    return write.multipart if write.multipart is not None and write.multipart.column == column.name else None


def _sent(
    call: WriteCall, keys: Mapping[str, str], current: JsonObject, kept: Mapping[str, Any], version: Any
) -> dict[str, Any]:
    """Return what a call sends beside its parameters: a JSON body or patch, or the parts of a form, and headers."""
    write, headers = call.write, headers_of(call.write, keys)
    if write.patch is not None:
        return {"body": patch(write, call.places, current, version), "headers": headers}
    body = body_of(write, {**kept, **call.places}, keys)
    if write.multipart is None:
        return {"body": body, "headers": headers}
    form = write.multipart
    told = [] if form.json is None else [Part(form.json, msgspec.json.encode(body), "application/json")]
    name, media_type = named_file(form, call.file)
    file = Part(form.file, call.file, media_type, name)
    return {"parts": (*told, file), "headers": headers}


def query_of(write: Write, values: Mapping[Column, Any]) -> dict[str, str]:
    """Return the query parameters that columns tell of a write, by their JSON values."""
    told = {column.name: value for column, value in values.items()}
    found = {name: told[column] for name, column in write.parameters.items() if column in told}
    return {name: each if isinstance(each, str) else msgspec.json.encode(each).decode() for name, each in found.items()}


def row_path(table: Table, write: Write, keys: Mapping[str, str]) -> RowPath:
    """Return where a row is read that is written: by the table's own path to one row, or by that of the write."""
    for path in table.paths:
        for endpoint in path.endpoints if path.unique and not path.lacks else ():
            if endpoint.body is None and endpoint.inputs <= keys.keys() and _gives(endpoint, path, keys):
                parameters, headers = filled(dict(endpoint.parameters), keys), filled_headers(endpoint.headers, keys)
                place = ApiPath(endpoint.path, **endpoint.constants, **keys)
                rows = endpoint.rows if endpoint.paging is Paging.ONE else (_ENTRIES, *endpoint.rows)
                find = partial(row_in, table, rows, keys)
                limit = endpoint.max_limit if endpoint.takes_limit else None
                read = endpoint.host, place, parameters, headers, endpoint.takes_fields
                return RowPath(*read, find, endpoint, endpoint.paging, limit)
    headers, find = filled_headers(write.headers, write.values(keys)), partial(row_in, table, write.rows, keys)
    return RowPath(write.host, write.path_of(keys), {}, headers, write.takes_fields, find)


def _gives(endpoint: Endpoint, path: AccessPath, keys: Mapping[str, str]) -> bool:
    """Tell whether a row with such keys is at an endpoint, of several that a path asks."""
    if len(path.endpoints) == 1:
        return True
    return bool(endpoint.given) and all(keys.get(column) == value for column, value in endpoint.given.items())


def row_in(table: Table, rows: Sequence[Nested], keys: Mapping[str, str], answer: JsonObject) -> JsonObject | None:
    """Return the row with these keys that stands in an answer, in lists within it where `rows` tell of some.

    Of several that what is known of the key leaves, it is the last.
    """
    if not rows:
        return answer
    known = [(table.columns[table.numbers[name]].place, keys[name]) for name in table.keys if name in keys]
    found = nested_of(table.name, rows, [answer])
    fitting = [each for each in found if all(comparable(dig(each, *place)) in {None, value} for place, value in known)]
    return fitting[-1] if fitting else None


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
    version: Any = None,
    current: JsonObject | None = None,
    fields: Iterable[str] = ("id",),
    is_last: bool = True,
) -> Any:
    """Send a write, under the condition that the row has the `etag`, or another `version`, and return the answer.

    `current` is the row as it was read, which is read where it has to be known and is None. The `fields` of the answer
    are asked for, or, of the last one, what the statement returns.
    """
    write, returned = call.write, sender.returned if is_last else None
    if current is None and call.needs_current and row is not None:
        current = await _found(sender, row, _fields_of(table, call)) or {}
        etag = current.get("etag") if etag is None and write.takes_etag else etag
    if call.is_removal:
        return await _send_removal(sender, call, keys, row)
    current = current or {}
    asked = ",".join(fields) if returned is None else returned.fields
    parameters = {**({"fields": asked} if write.takes_fields else {}), **query_of(write, call.values)}
    kept = {place: value for place, value in _left(table, call, current) if value is not None}
    if write.multipart is not None and write.multipart.is_upload:
        attributes = laid(write, call.places, keys)
        answer = await sender.upload(call.file, attributes, keys.get("id"), etag, parameters["fields"])
        sender.note_written()
        if returned is not None:
            await returned.complete(answer, partial(_get, sender, row))
        return answer
    sent = _sent(call, keys, current, kept, version)
    if write.patch is not None and not sent["body"]:
        return current if returned is None or row is None else await read_returned(sender, row)
    sent["headers"] |= {} if etag is None else {"If-Match": etag}
    answer = await sender.send(ApiCall(write.method, write.path_of(keys), parameters, host=write.host, **sent))
    sender.note_written()
    check_results(write, answer)
    if write.rows:
        answer = _written_row(table, call, keys, answer)
    if returned is not None and not write.answers and row is not None:
        return await read_returned(sender, row)
    if returned is not None and isinstance(answer, dict):
        await returned.complete(answer, partial(_get, sender, row))
    return answer


async def _send_removal(sender: Sender, call: WriteCall, keys: Mapping[str, str], row: RowPath | None) -> Any:
    """Take away what columns of a row hold, if they do, and return the row or `{}`; None where the row is gone."""
    write = call.write
    try:
        await sender.send(ApiCall(write.method, write.path_of(keys), headers=headers_of(write, keys), host=write.host))
        sender.note_written()
    except OperationalError as error:
        if not says_absent(error):
            raise
        if row is not None and await read(sender, row) is None:
            return None
    return {} if sender.returned is None or row is None else await read_returned(sender, row)


def _written_row(table: Table, call: WriteCall, keys: Mapping[str, str], answer: Any) -> JsonObject:
    """Return the row that was written, which stands in the answer; raises DataError where it does not.

    The answer is of the object that the path names, in whichever words.
    """
    written = {column.name: comparable(value) for column, value in call.values.items() if column.name in table.keys}
    told = {name: value for name, value in {**keys, **written}.items() if name not in places(call.write.path)}
    found = row_in(table, call.write.rows, told, answer) if isinstance(answer, dict) else None
    if found is None:
        raise DataError(
            f"{call.write.operation}: Box's answer is not as its reference says: it lacks the row that was written, so "
            "look before you write it again"
        )
    return found


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
    try:
        return await _found(sender, row, fields)
    except OperationalError as error:
        if not says_absent(error):
            raise
        return None


async def _found(sender: Sender, row: RowPath, fields: Iterable[str]) -> JsonObject | None:
    """Return a row that is read, of a listing's pages where it stands in one; None where it does not."""
    position: Position | None = first(row.paging, row.limit)
    while position is not None:
        answer = await _sent_for(sender, row.call(fields, position))
        if (found := row.find(answer)) is not None:
            return found
        position = following(row.paging, position, answer, limit=row.limit)
    return None


async def read_returned(sender: Sender, row: RowPath) -> JsonObject | None:
    """Return a row with what the statement returns of it; None where it is gone."""
    returned = sender.returned
    found = await read(sender, row, () if returned is None else ["etag", *returned.fields_at(row.endpoint)])
    if found is not None and returned is not None:
        await returned.complete(found, partial(_get, sender, row))
    return found


async def _get(sender: Sender, row: RowPath | None, path: ApiPath, parameters: Mapping[str, str]) -> JsonObject | None:
    """Return an object that belongs to a row, None where it is gone."""
    headers, host = ({}, Host.API) if row is None else (row.headers, row.host)
    try:
        return await _sent_for(sender, ApiCall("GET", path, parameters, headers=headers, host=host))
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
