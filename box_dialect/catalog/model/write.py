"""Writes: the calls that create, change or delete a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from box_dialect.api import Host
from box_dialect.api.path import places
from box_dialect.api.template import names_in

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Multipart:
    """Declare that a write is sent as `multipart/form-data`: the bytes of a `column` are the part `file`.

    Where there is a part `json`, the body stands in it, before the file. The file is called `file_name`.
    """

    column: str
    file: str = "file"
    json: str | None = None
    file_name: str = "file"


@dataclass(frozen=True, kw_only=True)
class Write:
    """Declare what writes one row: `POST /folders`; `required` columns must have a value on INSERT.

    `{column}` in the path, in `headers` and in the texts of `body` is replaced by the row's value of that column, which
    an INSERT must have too. `body` is laid under what the columns say. Where Box takes a JSON Patch (RFC 6902), `patch`
    is the operation that sets a value, `add` or `replace`; a NULL removes what is there. Where it takes a file, the
    write is `multipart`. The path follows the base URL of the `host`. A column that only UPDATE can write is sent by an
    update right after the INSERT.

    `then` are further calls, one after another, each of which is sent where the statement sets one of its `columns`;
    the first call has all others. What they name may be of the row that the first one made.

    `together` are columns that are given all or none. `whole` are columns whose object Box replaces as a whole: those
    that an UPDATE leaves are sent as they are at Box. `answers` tells whether Box answers the row's object; `results`
    is the dotted place of a list in which it tells what became of each operation (HTTP 207), by a `status` and an
    `error` or `detail`. `takes_fields` tells whether the answer can be narrowed. `takes_etag` tells that Box compares
    the row's `etag` where If-Match names one, and `unmatched` are keys of the body with which it does not.
    """

    method: str
    path: str
    host: Host = Host.API
    required: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    patch: str | None = None
    multipart: Multipart | None = None
    columns: frozenset[str] = frozenset()
    then: tuple[Write, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    whole: tuple[tuple[str, ...], ...] = ()
    answers: bool = True
    results: str | None = None
    takes_fields: bool = True
    takes_etag: bool = False
    unmatched: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.patch is not None and (self.patch not in {"add", "replace"} or self.body):
            raise ValueError(f"{self.operation}: a JSON Patch adds or replaces what columns say, and nothing else")
        if any(not each.columns or each.then for each in self.then):
            raise ValueError(f"{self.operation}: a further call has columns of its own, and none that follow it")

    @property
    def operation(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    @cached_property
    def calls(self) -> tuple[Write, ...]:
        """The first call and the further ones."""
        return (self, *self.then)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The columns that the call itself names, beside those that it sets."""
        further = names_in([dict(self.headers), dict(self.body)])
        return tuple(dict.fromkeys((*places(self.path), *sorted(further))))

    @property
    def named(self) -> frozenset[str]:
        """All columns that the declaration names."""
        groups = (self.required, *self.together, *self.whole)
        file = () if self.multipart is None else (self.multipart.column,)
        own = frozenset(self.keys).union(self.columns, file, *groups)
        return own.union(*(each.named for each in self.then))
