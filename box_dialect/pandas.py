"""A query's rows as a DataFrame whose columns have the right types, also where they are empty or hold NULLs.

Needs the extra `pandas`: `pip install 'box-dialect[pandas]'`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, overload

from box_dialect.columnar import Kind, Parameters, Query, Result, Source, running

try:
    import pandas as pd
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"box_dialect.pandas needs pandas ({error}); run: pip install 'box-dialect[pandas]'", name="pandas"
    ) from None

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ROWS_AT_ONCE: Final = 10_000
_TYPES: Final[Mapping[Kind, str]] = {
    Kind.BINARY: "object",
    Kind.BOOLEAN: "boolean",
    Kind.FLOAT: "Float64",
    Kind.INTEGER: "Int64",
    Kind.STRING: "string",
    Kind.TIMESTAMP: "datetime64[us, UTC]",
}


@overload
def read_sql(
    sql: Query,
    connection: Source,
    *,
    params: Parameters = None,
    chunksize: None = None,
    index_col: str | list[str] | None = None,
) -> pd.DataFrame: ...
@overload
def read_sql(
    sql: Query,
    connection: Source,
    *,
    params: Parameters = None,
    chunksize: int,
    index_col: str | list[str] | None = None,
) -> Iterator[pd.DataFrame]: ...
def read_sql(
    sql: Query,
    connection: Source,
    *,
    params: Parameters = None,
    chunksize: int | None = None,
    index_col: str | list[str] | None = None,
) -> pd.DataFrame | Iterator[pd.DataFrame]:
    """Run a query and return its rows, or with `chunksize` an iterator of frames with so many rows each.

    `connection` is of the driver or of SQLAlchemy, or an engine. The types are `string`, `Int64`, `Float64`, `boolean`,
    and `datetime64[us, UTC]`; JSON is text. Chunks come from Box as they are asked for; closing the iterator
    cancels what is in flight. Raises ProgrammingError for a statement without rows, DataError for a value that is not
    of its column's type.
    """
    frames = _frames(sql, connection, params, chunksize or _ROWS_AT_ONCE, index_col)
    if chunksize is not None:
        return frames
    found = list(frames)
    return found[0] if len(found) == 1 else pd.concat(found, ignore_index=index_col is None)


def _frames(
    sql: Query, connection: Source, parameters: Parameters, size: int, index: str | list[str] | None
) -> Iterator[pd.DataFrame]:
    with running(sql, connection, parameters, size) as result:
        for columns in result.batches():
            frame = _frame(result, columns)
            yield frame if index is None else frame.set_index(index)


def _frame(result: Result, columns: list[list[object]]) -> pd.DataFrame:
    series = [pd.Series(values, dtype=_TYPES[kind]) for values, kind in zip(columns, result.kinds, strict=True)]
    frame = pd.concat(series, axis=1) if series else pd.DataFrame()
    frame.columns = pd.Index(result.names)
    return frame
