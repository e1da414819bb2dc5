"""A query's rows as Apache Arrow's record batches, for polars, DuckDB and all else that takes them.

Needs the extra `arrow`: `pip install 'box-dialect[arrow]'`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from box_dialect.columnar import BATCH_SIZE, Fetching, Kind, Parameters, Query, Result, Source, fetched, running, shown
from box_dialect.extras import extra

with extra("arrow"):
    import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TYPES: Final[Mapping[Kind, pa.DataType]] = {
    Kind.BINARY: pa.binary(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.DURATION: pa.duration("us"),
    Kind.FLOAT: pa.float64(),
    Kind.INTEGER: pa.int64(),
    Kind.STRING: pa.string(),
    Kind.TIME: pa.time64("us"),
    Kind.TIMESTAMP: pa.timestamp("us", "UTC"),
}
"""Arrow's types of columns."""


@contextmanager
def read(
    sql: Query, connection: Source, params: Parameters = None, *, batch_size: int = BATCH_SIZE
) -> Iterator[pa.RecordBatchReader]:
    """Run a query and give a reader of its rows, which come from Box as they are read.

    `connection` is of the driver or of SQLAlchemy, an engine or its URL. JSON is text. The end of the block closes the
    query and cancels what is in flight, and the reader with it. Raises ProgrammingError for a statement without rows,
    DataError for a value that is not of its column's type, TypeError for another kind of connection.
    """
    connection = shown(connection)
    with running(sql, connection, params, batch_size) as result:
        yield _reader(result)


def read_table(sql: Query, connection: Source, params: Parameters = None) -> pa.Table:
    """Run a query and return all its rows as a table; see `read`, which needs less memory."""
    connection = shown(connection)
    with read(sql, connection, params) as reader:
        return reader.read_all()


def reader(cursor: Fetching, *, batch_size: int = BATCH_SIZE) -> pa.RecordBatchReader:
    """Return a reader of the rows that a cursor of the driver has yet to give; raises as `read` does."""
    return _reader(fetched(cursor, batch_size))


def _reader(result: Result) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(_schema(result), batches(result))


def _schema(result: Result) -> pa.Schema:
    return pa.schema([(name, TYPES[kind]) for name, kind in zip(result.names, result.kinds, strict=True)])


def batches(result: Result, *, most: int = 0) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a result, which grow up to `most` rows, where it is given."""
    schema = _schema(result)
    for columns in result.batches(most=most):
        arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
