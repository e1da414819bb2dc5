"""Row limit: how many rows a statement is still to give, by its LIMIT; what reads ahead goes by it."""

from __future__ import annotations


class RowLimit:
    """The LIMIT of a statement, and how far it has come.

    `limit` and `offset` are those that the whole statement ends with; without them nothing is known. `given` counts the
    rows that the caller got. Written by the thread of the statement, read by the event loop as well.
    """

    def __init__(self, limit: int | None = None, offset: int = 0) -> None:
        self.limit, self._offset = limit, offset
        self.given = 0

    @property
    def passed(self) -> int:
        """How many rows are known to have come out of the statement, with those that OFFSET left out."""
        return self.given and self.given + self._offset

    def calls_left(self, made: int, since: int) -> int | None:
        """Return how many calls are thought to be needed yet; `made` gave the rows since so many had `passed`.

        None where that cannot be told: there is no LIMIT, or no row came of the calls yet, since rows are sorted before
        the first one is given, or few have a partner in a join.
        """
        rows = self.passed - since
        if self.limit is None or rows <= 0:
            return None
        left = self.limit - self.given
        return max(1, -(-left * made // rows))
