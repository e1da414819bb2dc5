"""Writes: the call that creates, changes or deletes a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from box_dialect.api.path import places

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Declare a call that writes one row: `POST /folders`; `required` columns must have a value on INSERT.

    `{column}` in the path is replaced by the row's value of that column, which an INSERT must have too. `body` is laid
    under what the columns say. A column that only UPDATE can write is sent by an update right after the INSERT.
    `takes_fields` tells whether the answer can be narrowed. `takes_etag` tells that Box compares the row's `etag` where
    If-Match names one, and `unmatched` are keys of the body with which it does not.
    """

    method: str
    path: str
    required: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)
    takes_fields: bool = True
    takes_etag: bool = False
    unmatched: frozenset[str] = frozenset()

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that the path names."""
        return places(self.path)
