"""Parquet documents: the footer, and of the row groups that can have rows the chunks of just the columns asked for.

Nested columns are flattened or JSON, see `parquet_shape`; what values become is told in `arrow_values`.

Source: https://parquet.apache.org/docs/file-format/
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from box_dialect.documents.arrow_values import ArrowValues
from box_dialect.documents.bounds import BATCH_ROWS
from box_dialect.documents.json_rows import json_objects
from box_dialect.documents.model import NumberedBatch
from box_dialect.documents.parquet_footer import check_footer
from box_dialect.documents.parquet_pages import DELTA, Pages
from box_dialect.documents.parquet_pruning import can_have_rows
from box_dialect.documents.parquet_shape import found_table, picked, read_path
from box_dialect.errors import DataError, NotSupportedError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from box_dialect.documents.formats import Skipped
    from box_dialect.documents.model import Comparison, Document, DocumentTable
    from box_dialect.documents.options import Options
    from box_dialect.documents.parquet_shape import Place

FOOTER_BYTES: Final = 64 << 20
"""The most bytes of a footer."""

CHUNK_BYTES: Final = 256 << 20
"""Uncompressed bytes of a column in a row group, above which they may be `MOST_RATIO` times the compressed ones."""

MOST_RATIO: Final = 250

_DELTAS: Final = frozenset({DELTA, "DELTA_LENGTH_BYTE_ARRAY"})
"""Encodings of texts that pyarrow does not read as dictionaries."""

_TAIL: Final = 64 << 10
_WHOLE_CHUNK: Final = 32 << 20
_PIECE: Final = 8 << 20
_BATCH: Final = 8_192
_FEW: Final = 16
_BATCH_BYTES: Final = 32 << 20
_BATCH_VALUES: Final = 1 << 20


def tables(document: Document, options: Options) -> tuple[DocumentTable, ...]:
    """Return the one table of a document, of its footer; no row is read."""
    with _opened(document) as (_, footer):
        return (found_table(document, footer.schema_arrow, options),)


def table_at(_document: Document, _options: Options, _name: str) -> DocumentTable | None:
    """Return None: a Parquet document has one table."""
    return None


def rows(
    document: Document,
    options: Options,
    table: DocumentTable,
    columns: Sequence[int],
    comparisons: Sequence[Comparison],
    skipped: Skipped,
) -> Iterator[Sequence[tuple[object, ...]]]:
    """Yield batches of rows; comparisons leave out whole row groups.

    Raises DataError where the document is broken, or has no longer a column of the table, and NotSupportedError where
    it is encrypted. Nothing is skipped: what is broken in Parquet is no row.
    """
    del options, skipped
    places: list[Place] = [tuple(place) for place in table.layout["places"]]
    paths = [".".join(map(str, place)) for place in places]
    wanted = [places[column] for column in columns]
    number = 0
    with _opened(document) as (source, footer):
        metadata = footer.metadata
        for group in range(metadata.num_row_groups):
            told = metadata.row_group(group)
            if not can_have_rows(told, paths, comparisons):
                number += told.num_rows
                continue
            some = _group_rows(document.name, source, metadata, group, wanted)
            for batch in some if wanted else _rows_of_nothing(told.num_rows):
                for first in range(0, len(batch), BATCH_ROWS):
                    rows = batch[first : first + BATCH_ROWS]
                    yield NumberedBatch(number, rows)
                    number += len(rows)


def records(document: Document, options: Options, skipped: Skipped) -> Iterator[str]:
    """Yield each row as a JSON object by the names of the columns."""
    (table,) = tables(document, options)
    yield from json_objects(table, rows(document, options, table, range(len(table.columns)), (), skipped))


def _rows_of_nothing(count: int) -> Iterator[list[tuple[()]]]:
    for first in range(0, count, BATCH_ROWS):
        yield [()] * min(BATCH_ROWS, count - first)


def _group_rows(
    name: str, source: _CheckedFile, metadata: pq.FileMetaData, group: int, wanted: list[Place]
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of a row group, which are never more at once than memory is meant for.

    Texts are read as dictionaries, so that one that is in the document once is not in memory for each row. Those that
    tell only how they differ from the one before cannot be.
    """
    paths = frozenset(read_path(place) for place in wanted)
    chunks = _chunks(metadata.row_group(group), paths)
    for chunk in chunks:
        _check(name, chunk)
    source.pages = [Pages(name, chunk) for chunk in chunks]
    texts = [chunk for chunk in chunks if chunk.physical_type == "BYTE_ARRAY"]
    file = pq.ParquetFile(
        source,
        metadata=metadata,
        read_dictionary=[chunk.path_in_schema for chunk in texts if _DELTAS.isdisjoint(chunk.encodings)],
        buffer_size=_PIECE if any(chunk.total_compressed_size > _WHOLE_CHUNK for chunk in chunks) else 0,
        pre_buffer=False,
    )
    values = ArrowValues(name)
    said, found = metadata.row_group(group).num_rows, 0
    count = _batch_rows(said, chunks)
    for batch in file.iter_batches(count, row_groups=[group], columns=sorted(paths), use_threads=False):
        try:
            lists = [values.sql(picked(batch, place)) for place in wanted]
        except KeyError as error:
            raise DataError(
                f"{name} no longer fits its table, since it has no column {error}: create the table again"
            ) from None
        found += len(batch)
        yield list(zip(*lists, strict=True))
    if found != said:
        raise DataError(f"{name} is broken: a row group has {found:,} rows, and the footer says {said:,}")


def _chunks(group: pq.RowGroupMetaData, paths: frozenset[str]) -> list[pq.ColumnChunkMetaData]:
    """Return the chunks of a row group that are read for paths: those and what is below them."""
    found = (group.column(leaf) for leaf in range(group.num_columns))
    return [each for each in found if not paths.isdisjoint(accumulate(each.path_in_schema.split("."), "{}.{}".format))]


def _check(name: str, chunk: pq.ColumnChunkMetaData) -> None:
    """Raise DataError for a chunk that is much smaller in the document than in memory."""
    size, compressed = chunk.total_uncompressed_size, chunk.total_compressed_size
    if size > CHUNK_BYTES and size > MOST_RATIO * compressed:
        raise DataError(
            f"{name} has {size:,} bytes of {printable(chunk.path_in_schema)} in {compressed:,} compressed ones: more "
            f"than {CHUNK_BYTES:,} have to be at least a {MOST_RATIO}th of that in the document"
        )


def _batch_rows(rows: int, chunks: list[pq.ColumnChunkMetaData]) -> int:
    """Return how many rows are read at once, by the average size of one.

    A text that tells how it differs from the one before may be as long as all of them together.
    """
    size: int = sum(chunk.total_uncompressed_size for chunk in chunks)
    count: int = max((chunk.num_values for chunk in chunks), default=0)
    by_size, by_count = (most * rows // max(all_, 1) for most, all_ in ((_BATCH_BYTES, size), (_BATCH_VALUES, count)))
    longest = max((chunk.total_uncompressed_size for chunk in chunks if DELTA in chunk.encodings), default=0)
    by_longest = max(_FEW, _BATCH_BYTES // max(longest, 1))
    return max(1, min(_BATCH, by_size, by_count, by_longest))


@contextmanager
def _opened(document: Document) -> Iterator[tuple[_CheckedFile, pq.ParquetFile]]:
    """Open a document, and read its footer; what fails with it becomes DataError or NotSupportedError."""
    try:
        with document.open() as source, _CheckedFile(document.name, source) as file:
            yield file, pq.ParquetFile(file)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if "crypt" in str(error):
            raise NotSupportedError(f"{document.name} is encrypted, which is not read") from error
        raise DataError(f"{document.name} cannot be read as Parquet: {printable(str(error), 300)}") from error


class _CheckedFile(io.RawIOBase):
    """A file whose end, the footer, is read once, and checked, as are the headers of `pages`.

    Raises NotSupportedError for an encrypted footer, and DataError for one that is too long or broken.
    """

    def __init__(self, name: str, source: BinaryIO) -> None:
        self._source = source
        self._size = source.seek(0, io.SEEK_END)
        self._start = max(0, self._size - _TAIL)
        source.seek(self._start)
        self._tail = source.read(_TAIL)
        self._place = 0
        self.pages: list[Pages] = []
        if self._tail.endswith(b"PARE"):
            raise NotSupportedError(f"{name} is encrypted, which is not read")
        length = int.from_bytes(self._tail[-8:-4], "little")
        if self._tail.endswith(b"PAR1") and length > FOOTER_BYTES:
            raise DataError(f"{name} has a footer of {length:,} bytes; {FOOTER_BYTES:,} are the most")
        begin = self._size - 8 - length
        if not self._tail.endswith(b"PAR1") or begin < 0:
            raise DataError(f"{name} cannot be read as Parquet: it does not end with a footer")
        if begin < self._start:
            source.seek(begin)
            self._tail = source.read(self._start - begin) + self._tail
            self._start = begin
        check_footer(name, self._tail[begin - self._start : -8], begin)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        return self._place

    def read(self, size: int | None = -1) -> bytes:
        wanted = self._size - self._place if size is None or size < 0 else size
        before = min(wanted, max(0, self._start - self._place))
        data = b""
        if before:
            self._source.seek(self._place)
            data = self._source.read(before)
        if len(data) == before < wanted:
            first = self._place + before - self._start
            data += self._tail[first : first + wanted - before]
        for pages in self.pages:
            pages.look(self._place, data)
        self._place += len(data)
        return data
