"""References: a column that points to the key of a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """Columns that refer to a table's key, one to each of its `keys`.

    `name` is what the row there is called, `reverse` what the referring rows are called at it: `file`, `comments`; None
    where no access path finds these by the columns.
    Where a column refers to one of several tables, the column `by` says to which: it has the value `kind` for this one.
    """

    table: str
    columns: tuple[str, ...]
    target: str
    keys: tuple[str, ...]
    name: str
    reverse: str | None
    by: str | None = None
    kind: str | None = None

    @property
    def constrained(self) -> tuple[str, ...]:
        """The columns of a foreign key: with the one that tells to which of several tables they refer."""
        return self.columns if self.by is None else (*self.columns, self.by)

    @property
    def referred(self) -> tuple[str, ...]:
        """The columns there, one to each of the `constrained`."""
        return self.keys if self.by is None else (*self.keys, "type")
