"""Documents that are bytes, and what readers make of them."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from box_dialect.documents.formats import format_of
from box_dialect.documents.model import DocumentTable
from box_dialect.documents.options import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.documents.model import Comparison


class CountedFile(io.BytesIO):
    """A file that notes which ranges are read."""

    def __init__(self, content: bytes, ranges: list[tuple[int, int]]) -> None:
        super().__init__(content)
        self._ranges = ranges

    def read(self, size: int | None = -1, /) -> bytes:
        start = self.tell()
        data = super().read(size)
        self._ranges.append((start, start + len(data)))
        return data


@dataclass
class BytesDocument:
    """A document of bytes, which notes the ranges that are read of it."""

    name: str
    content: bytes
    ranges: list[tuple[int, int]] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def fetched(self) -> int:
        return sum(end - start for start, end in self.ranges)

    def open(self) -> BinaryIO:
        return CountedFile(self.content, self.ranges)


@dataclass
class Found:
    """What a reader gives of one table: the names and types of its columns, its rows, and what it skipped."""

    names: list[str]
    types: list[str]
    rows: list[tuple[Any, ...]]
    skipped: list[str]


def found(
    document: BytesDocument,
    columns: Sequence[int] | None = None,
    comparisons: Sequence[Comparison] = (),
    table: DocumentTable | None = None,
    **options: Any,
) -> Found:
    """Read a document by its first table, or another, which has gone through JSON as one that is kept does."""
    reader, said = format_of(document.name), Options(**options)
    assert reader is not None
    kept = DocumentTable.from_json((table or reader.tables(document, said)[0]).to_json())
    skipped: list[str] = []
    wanted = range(len(kept.columns)) if columns is None else columns
    batches = reader.rows(document, said, kept, wanted, comparisons, skipped.append)
    rows = [row for batch in batches for row in batch]
    return Found([each.name for each in kept.columns], [each.type.value for each in kept.columns], rows, skipped)
