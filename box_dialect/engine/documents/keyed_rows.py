"""Rows of documents by the values of one column, for statements that look up in it again and again.

A document has no index, and to read it anew for each row of another table would take the product of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.model import Type
from box_dialect.catalog.values import comparable, numeric

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from box_dialect.engine.documents.document_files import Compared

MOST_KEYED_VALUES: Final = 2_000_000
"""Values of rows that are kept for one column; where there are more, the documents are read anew each time."""

MOST_KEYED_BYTES: Final = 256 << 20
"""Bytes of their texts, at most."""

_TEXTS: Final = frozenset({str, bytes})
_NUMBERS: Final = frozenset({Type.INTEGER, Type.REAL, Type.BOOLEAN})


class KeyedRows:
    """The rows of documents by the column at a place in them, which has a type.

    They are those of the files that are compared so: `files`, of all where nothing is.
    """

    def __init__(self, place: int, kind: Type, files: Sequence[Compared]) -> None:
        self.files = files
        self._place, self._kind, self._read = place, kind, numeric if kind in _NUMBERS else comparable
        self._rows: dict[Any, list[Sequence[Any]]] = {}
        self.is_built = False

    def of_all(self) -> KeyedRows:
        """Return what takes the rows of all files by the same column."""
        return KeyedRows(self._place, self._kind, [])

    def build(self, rows: Iterable[Sequence[Any]]) -> bool:
        """Take rows by the values of the column; False where they are too many, so that none is taken."""
        values = size = 0
        for row in rows:
            values += len(row)
            size += sum(len(value) for value in row if type(value) in _TEXTS)
            if values > MOST_KEYED_VALUES or size > MOST_KEYED_BYTES:
                self._rows.clear()
                return False
            self._rows.setdefault(row[self._place], []).append(row)
        self.is_built = True
        return True

    def find(self, value: Any) -> Sequence[Sequence[Any]]:
        """Return the rows whose column may equal a value, in their order; NULL equals nothing."""
        return () if value is None else self._rows.get(self._read(value), ())
