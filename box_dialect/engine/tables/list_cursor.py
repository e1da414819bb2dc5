"""A cursor over rows that are all there, such as those that a statement has written or that a procedure has given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


class ListCursor:
    """One run over `rows`, of which `place` is the next; a subclass tells SQLite of the columns of one."""

    def __init__(self, rows: Sequence[Any] = ()) -> None:
        self.rows, self.place = rows, 0

    def Filter(self, *_: Any) -> None:
        """Begin with the first row."""
        self.place = 0

    def Next(self) -> None:
        """Go to the next row."""
        self.place += 1

    def Eof(self) -> bool:
        """Tell whether the rows are at an end."""
        return self.place >= len(self.rows)

    def Rowid(self) -> Any:
        """Return the rowid of the row, by default its place."""
        return self.place

    def Close(self) -> None:
        """Let go of the rows."""
        self.rows = ()
