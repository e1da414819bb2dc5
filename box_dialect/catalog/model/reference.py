"""References: a column that points to the key of a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that refers to a table's key.

    `name` is what the row there is called, `reverse` what the referring rows are called at it: `file`, `comments`.
    Where a column refers to one of several tables, the column `by` says to which: it has the value `kind` for this one.
    """

    table: str
    column: str
    target: str
    key: str
    name: str
    reverse: str
    by: str | None = None
    kind: str | None = None
