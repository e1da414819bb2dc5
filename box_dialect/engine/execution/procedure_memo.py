"""Procedure memo: the calls of procedures within one execution of a statement.

The text of a statement marks each call of a procedure with a side effect, by a first argument of its own that nobody
can guess. Such a call in the select list only collects its inputs: it is made once SQLite has given all rows. One in
FROM is made where SQLite reads it first.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from box_dialect.catalog.model.procedure import InputValue, Procedure

Rows: TypeAlias = Sequence[tuple[Any, ...]]
Inputs: TypeAlias = "tuple[InputValue, ...]"

MOST_REMEMBERED_READS: Final = 1_000
"""Calls without a side effect whose rows are remembered; past that many they are made anew."""

MOST_BYTES_REMEMBERED: Final = 32 << 20
"""Bytes of the values of such rows, beyond which no further ones are remembered."""

_MARK: Final = b"call "
"""How marks begin; EXPLAIN shows them as text."""

MARKS: Final = rf"x'{_MARK.hex()}[0-9a-f]+',?"
"""A regular expression for the marks in a statement's text."""

ABSENT: Final = b"absent " + secrets.token_hex(16).encode()
"""What EXEC and CALL give an input without a value: where SQLite compares inputs again, NULL would equal nothing."""


def mark() -> bytes:
    """Return a new mark, for one call of one statement: no view and no value of a row can hold it."""
    return _MARK + secrets.token_hex(16).encode()


class ProcedureMemo:
    """The calls of one execution of a statement, so that one in FROM is made once, and equal reads are made once.

    `marks` are those of the statement's text, each with the number of inputs that stand in parentheses behind it, None
    where they come from conditions.
    """

    def __init__(self, marks: Mapping[bytes, int | None] | None = None) -> None:
        self._marks = marks or {}
        self._in_from: dict[bytes, tuple[Inputs, Rows]] = {}
        self._reads: dict[tuple[str, Inputs], Rows] = {}
        self._bytes = 0

    def check(self, procedure: Procedure, value: Any) -> bytes:
        """Return the mark of a call; raises ProgrammingError where it is not one of the statement's."""
        if not isinstance(value, bytes) or value not in self._marks:
            raise ProgrammingError(
                f"{procedure.name} has a side effect, so it is not called from here, as from a view or a trigger; "
                f"{procedure.ways_to_call}"
            )
        return value

    def given(self, procedure: Procedure, value: Any) -> int | None:
        """Return how many inputs stand in parentheses behind a mark, None where conditions give them."""
        return self._marks[self.check(procedure, value)]

    def find(self, procedure: Procedure, inputs: Inputs, site: bytes | None) -> Rows | None:
        """Return the rows of a call that was made before; raises ProgrammingError where it had other inputs then.

        `site` is the mark of a call in FROM.
        """
        if site is None:
            return self._reads.get((procedure.key, inputs))
        if site not in self._in_from:
            return None
        earlier, rows = self._in_from[site]
        if earlier != inputs:
            raise ProgrammingError(
                f"{procedure.name} was called, and not again: it has a side effect, so as a table in FROM it is called "
                f"once, and the statement gives its inputs other values from row to row; {procedure.ways_to_call}"
            )
        return rows

    def keep(self, procedure: Procedure, inputs: Inputs, site: bytes | None, rows: Rows) -> None:
        """Keep the rows of a call until the execution ends."""
        if site is not None:
            self._in_from[site] = inputs, rows
        elif len(self._reads) < MOST_REMEMBERED_READS and self._bytes < MOST_BYTES_REMEMBERED:
            self._reads[procedure.key, inputs] = rows
            self._bytes += sum(sys.getsizeof(value) for row in rows for value in row)

    def collect(self, procedure: Procedure, arguments: Sequence[Any]) -> bytes:
        """Return the value that stands for a call until it is made."""
        return self._key + msgspec.msgpack.encode((procedure.key, arguments))

    def collected(self, value: Any) -> tuple[str, Sequence[Any]] | None:
        """Return the procedure, by its name in lower case, and the arguments that a value stands for; None for others.

        No text or bytes that come from anywhere else are taken for such a value.
        """
        if not isinstance(value, bytes) or not value.startswith(self._key):
            return None
        return msgspec.msgpack.decode(value[len(self._key) :], type=tuple[str, list[Any]])

    @cached_property
    def _key(self) -> bytes:
        return secrets.token_bytes(16)
