"""How documents are read for a statement, and what of its comparisons leaves files or rows out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

from msgspec import Struct

from box_dialect.catalog.datetimes import is_canonical
from box_dialect.catalog.model import Op, Type
from box_dialect.documents.model import Comparison

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from box_dialect.engine.documents.document_files import Compared

OF_DOCUMENTS: Final = "documents "
"""How the name of each plan begins that reads the documents of a table, as `EXPLAIN QUERY PLAN` shows it."""

OF_RECORDS: Final = "document of "
"""How that of each plan begins that reads the records of one document."""

_NUMBERS: Final = frozenset({Type.INTEGER, Type.REAL, Type.BOOLEAN})
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class DocumentPlan(Struct, frozen=True):
    """How documents are read: the columns that are, and the comparisons that are told, in the order of the arguments.

    `files` are those of columns of `files`, `own` those of columns of the document, by their numbers. `key` is the one
    of `own` by which rows are looked up where they are asked for again and again.
    """

    columns: tuple[int, ...]
    files: tuple[tuple[str, Op], ...]
    own: tuple[tuple[int, Op], ...]
    key: int | None

    def compared_files(self, arguments: Sequence[Any]) -> list[Compared]:
        """Return the comparisons of files with their values."""
        values = (frozenset(value) if isinstance(value, set) else value for value in arguments)
        return [(column, op, value) for (column, op), value in zip(self.files, values, strict=False)]

    def compared_rows(self, arguments: Sequence[Any], types: Sequence[Type]) -> Iterator[Comparison]:
        """Yield the comparisons of the document's columns whose values compare as a reader of documents would."""
        for (column, op), value in zip(self.own, arguments[len(self.files) :], strict=True):
            if _compares_plainly(types[column], value):
                yield Comparison(column, cast("Any", op.value), value)

    def key_value(self, arguments: Sequence[Any]) -> Any:
        """Return the value of the key; there must be one."""
        return arguments[len(self.files) + cast("int", self.key)]


def _compares_plainly(kind: Type, value: Any) -> bool:
    """Tell whether a value compares with a column as it is, without conversion."""
    if kind in _NUMBERS:
        return isinstance(value, int | float)
    if not isinstance(value, str):
        return value is None
    if kind is Type.TIMESTAMP:
        return is_canonical(value)
    return kind is not Type.DATE or _DAY.fullmatch(value) is not None
