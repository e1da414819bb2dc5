"""Writes: the calls that create, change or delete a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from box_dialect.api import ApiPath, Host
from box_dialect.api.path import places
from box_dialect.api.template import names_in
from box_dialect.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from box_dialect.catalog.model.endpoint import Nested


@dataclass(frozen=True, slots=True, kw_only=True)
class Multipart:
    """Declare that a write is sent as `multipart/form-data`: the bytes of a `column` are the part `file`.

    Where there is a part `json`, the body stands in it, before the file. The file is called `file_name`. Where Box
    takes some kinds of files alone, `kinds` tells the name and the media type of each by the bytes that it begins with.
    One that `is_upload` is of a file of Box's, a large one of which is sent by an upload session instead.
    """

    column: str
    file: str = "file"
    json: str | None = None
    file_name: str = "file"
    kinds: Mapping[bytes, tuple[str, str]] = field(default_factory=dict)
    is_upload: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ByPath:
    """Declare that on INSERT a `column` with the path of an item may stand for its `name` and its `folder`."""

    column: str = "path"
    name: str = "name"
    folder: str = "parent_id"


@dataclass(frozen=True, kw_only=True)
class Write:
    """Declare what writes one row: `POST /folders`; `required` columns must have a value on INSERT.

    `{column}` in the path, in `headers` and in the texts of `body` is replaced by the row's value of that column, which
    an INSERT must have too; `constants` are values for these that are no column's. `body` is laid under what the
    columns say, and `objects` what is laid under objects of it, by their dotted places, where columns set something
    there: `{"lock": {"access": "lock"}}`. Where Box takes a JSON Patch (RFC 6902), `patch` is the operation that sets a
    value, `add` or `replace`; a NULL removes what is there, and what was read and is to stay is left out. Of lists at
    the places `elements` it sets each element on its own, so that they keep their length. Where Box takes a file, the
    write is `multipart`. The path follows the base URL of the `host`. A column that only UPDATE can write is sent by an
    update right after the INSERT.

    `tests` is a key of the object: a patch made of the row as it was read has Box compare that value, so that what
    another has changed meanwhile is not overwritten; so has one of a statement that compares the column of that key.
    Where Box takes a list of operations, the body is `listed`: a list of one. Calls of one path that are `ordered` are
    sent one after another, since they change one object.

    Which call writes a row may go by the value of a column, that of `by`: this one where it is `value`, or where an
    INSERT has none, and one of the `others` where it is theirs.

    `then` are further calls, one after another, each of which is sent where the statement sets one of its `columns`;
    the first call has all others. Those in `before` are sent before it. Where one is sent, it has what it `joins` too.
    What they name may be of the row that the first one made. Where it sets its column to
    NULL, the `removal` is sent instead, a DELETE; that there is nothing to remove is no failure.

    `parameters` are sent in the query instead of the body, each with the column that tells its value: one that an
    INSERT or UPDATE sets, or a hidden one that a DELETE compares by `=`; left out where none is told. `by_path` tells
    what an INSERT may say instead of the folder and the name.

    `either` are groups of columns of which an INSERT gives one at least, `together` those that are given all or none.
    `whole` are columns whose object Box replaces as a whole: those that an UPDATE leaves are sent as they are at Box.
    `answers` tells whether Box answers the row's object, which may stand in the lists `rows`, as those of an endpoint:
    of several that fit, it is the last. `results` is the dotted place of a list in which it tells what became of each
    operation (HTTP 207), by a `status` and an `error` or `detail`. `takes_fields` tells whether the answer can be
    narrowed. `takes_etag` tells that Box compares the row's `etag` where If-Match names one, and `unmatched` are keys
    of the body with which it does not.
    """

    method: str
    path: str
    host: Host = Host.API
    required: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    objects: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    listed: bool = False
    ordered: bool = False
    patch: str | None = None
    elements: frozenset[str] = frozenset()
    tests: str | None = None
    multipart: Multipart | None = None
    columns: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset()
    before: tuple[Write, ...] = ()
    then: tuple[Write, ...] = ()
    removal: Write | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    either: tuple[tuple[str, ...], ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    whole: tuple[tuple[str, ...], ...] = ()
    by_path: ByPath | None = None
    by: str | None = None
    value: str = ""
    others: Mapping[str, Write] = field(default_factory=dict)
    answers: bool = True
    rows: tuple[Nested, ...] = ()
    results: str | None = None
    takes_fields: bool = True
    takes_etag: bool = False
    unmatched: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.patch is not None and (self.patch not in {"add", "replace"} or self.body):
            raise ValueError(f"{self.operation}: a JSON Patch adds or replaces what columns say, and nothing else")
        if any(not each.columns or each.before or each.then for each in (*self.before, *self.then)):
            raise ValueError(f"{self.operation}: a further call has columns of its own, and none that follow it")
        if any({*each.keys} != {*self._places} for each in self.others.values()):
            raise ValueError(f"{self.operation}: the calls for other values of {self.by} name the same columns")

    @property
    def operation(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    @cached_property
    def calls(self) -> tuple[Write, ...]:
        """The call and the further ones, in their order."""
        return (*self.before, self, *self.then)

    def owners(self, columns: Iterable[str]) -> Mapping[str, Write]:
        """Return which of the further calls has a column, where such columns are set; the call itself has the rest."""
        set_here = {*columns}
        sent = [call for call in (*self.before, *self.then) if not set_here.isdisjoint(call.columns)]
        return {name: call for call in reversed(sent) for name in (*call.columns, *call.joins)}

    @cached_property
    def _places(self) -> tuple[str, ...]:
        further = names_in([dict(self.headers), dict(self.body)])
        found = dict.fromkeys((*places(self.path), *sorted(further)))
        return tuple(name for name in found if name not in self.constants)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The columns that the call itself names, beside those that it sets, and the one by which it is chosen."""
        return self._places if self.by is None else (self.by, *self._places)

    def values(self, keys: Mapping[str, str]) -> Mapping[str, str]:
        """Return what the path, the headers and the body are filled with for a row with such keys."""
        return {**self.constants, **keys}

    def path_of(self, keys: Mapping[str, str]) -> ApiPath:
        """Return the path for a row with such keys; raises DataError for a value that no path can hold."""
        return ApiPath(self.path, **self.values(keys))

    def chosen(self, keys: Mapping[str, str]) -> Write:
        """Return the call for a row with such keys; raises IntegrityError where the value that chooses is another."""
        value = self.value if self.by is None else keys[self.by]
        if value == self.value:
            return self
        if value not in self.others:
            known = " or ".join([self.value, *self.others])
            raise IntegrityError(f"column {self.by} takes {known}, not {value[:60]!r}")
        return self.others[value]

    @property
    def named(self) -> frozenset[str]:
        """All columns that the declaration names."""
        groups = (self.required, *self.either, *self.together, *self.whole)
        file = () if self.multipart is None else (self.multipart.column,)
        path = () if self.by_path is None else (self.by_path.column, self.by_path.name, self.by_path.folder)
        own = frozenset(self.keys).union(self.columns, self.joins, file, path, self.parameters.values(), *groups)
        removal = () if self.removal is None else (self.removal,)
        return own.union(*(each.named for each in (*self.before, *self.then, *removal)))
