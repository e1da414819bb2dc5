"""A query's rows as a DataFrame whose columns have the right types, also where they are empty or hold NULLs.

Needs the extra `pandas`: `pip install 'box-dialect[pandas]'`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, overload

from box_dialect.columnar import BATCH_SIZE, Kind, Parameters, Query, Result, Source, running, shown
from box_dialect.extras import extra

with extra("pandas"):
    import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Backend: TypeAlias = Literal["numpy_nullable", "pyarrow"]
Index: TypeAlias = "str | list[str] | None"
ParseDates: TypeAlias = "list[str] | dict[str, str | dict[str, Any]] | None"

_NUMPY: Final[Mapping[Kind, str]] = {
    Kind.BINARY: "object",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "object",
    Kind.DURATION: "timedelta64[us]",
    Kind.FLOAT: "Float64",
    Kind.INTEGER: "Int64",
    Kind.STRING: "string",
    Kind.TIME: "object",
    Kind.TIMESTAMP: "datetime64[us, UTC]",
}
_UNITS: Final = ("D", "s", "ms", "us", "ns")
"""What pandas takes in the place of a format: the unit of a number."""


@overload
def read_sql(
    sql: Query,
    con: Source,
    index_col: Index = None,
    coerce_float: bool = True,
    params: Parameters = None,
    parse_dates: ParseDates = None,
    columns: list[str] | None = None,
    chunksize: None = None,
    dtype_backend: Backend = "numpy_nullable",
    dtype: Any = None,
) -> pd.DataFrame: ...
@overload
def read_sql(
    sql: Query,
    con: Source,
    index_col: Index = None,
    coerce_float: bool = True,
    params: Parameters = None,
    parse_dates: ParseDates = None,
    columns: list[str] | None = None,
    *,
    chunksize: int,
    dtype_backend: Backend = "numpy_nullable",
    dtype: Any = None,
) -> Iterator[pd.DataFrame]: ...
def read_sql(
    sql: Query,
    con: Source,
    index_col: Index = None,
    coerce_float: bool = True,  # noqa: ARG001 - numbers come as integers and floats, never as Decimal
    params: Parameters = None,
    parse_dates: ParseDates = None,
    columns: list[str] | None = None,
    chunksize: int | None = None,
    dtype_backend: Backend = "numpy_nullable",
    dtype: Any = None,
) -> pd.DataFrame | Iterator[pd.DataFrame]:
    """Run a query, or read a table by its name, as `pandas.read_sql` does, whose parameters these are.

    `con` is a connection of the driver or of SQLAlchemy, an engine or its URL. The types are `string`, `Int64`,
    `Float64`, `boolean`, and `datetime64[us, UTC]`, or Arrow's with `dtype_backend="pyarrow"`; JSON is text. With
    `chunksize` it is an iterator of frames with so many rows each: they come from Box as they are asked for, and
    closing it cancels what is in flight. `parse_dates` and `dtype` change the types of columns as in pandas, but that
    moments without a time zone are UTC; `columns` chooses those of a table; `coerce_float` changes nothing.

    Raises ProgrammingError for a statement without rows, DataError for a value that is not of its column's type,
    TypeError or ValueError for what `con` or an option does not take.
    """
    con = shown(con)
    if chunksize is not None and chunksize < 1:
        raise ValueError(f"chunksize is a number of rows, not {chunksize}")
    statement, convert = _statement(sql, columns), _conversion(index_col, parse_dates, dtype)
    chunks = _chunks(statement, con, params, chunksize or BATCH_SIZE, _types(dtype_backend), convert)
    if chunksize is not None:
        return chunks
    return whole(list(chunks), has_index=index_col is not None)


def frames(result: Result, type_of: Callable[[Kind], Any] = _NUMPY.__getitem__) -> Iterator[pd.DataFrame]:
    """Yield the batches of a result as frames, at least one."""
    types = [type_of(kind) for kind in result.kinds]
    for values in result.batches():
        series = [pd.Series(column, dtype=type_) for column, type_ in zip(values, types, strict=True)]
        frame = pd.concat(series, axis=1) if series else pd.DataFrame()
        frame.columns = pd.Index(result.names)
        yield frame


def whole(parts: list[pd.DataFrame], *, has_index: bool = False) -> pd.DataFrame:
    """Return one frame of the frames of a result."""
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=not has_index)


def _statement(sql: Query, columns: list[str] | None) -> Query:
    """Return the query: of all rows of a table where `sql` is its name."""
    if isinstance(sql, str) and re.fullmatch(r"\w+", sql):
        chosen = "*" if columns is None else ", ".join(map(_quoted, columns))
        return f"SELECT {chosen} FROM {_quoted(sql)}"  # noqa: S608 - all of it is quoted
    if columns is not None:
        raise ValueError("columns chooses those of a table that is read by its name; a query names its own")
    return sql


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def _types(backend: str) -> Callable[[Kind], Any]:
    if backend == "numpy_nullable":
        return _NUMPY.__getitem__
    if backend == "pyarrow":
        from box_dialect import arrow

        return lambda kind: pd.ArrowDtype(arrow.TYPES[kind])
    raise ValueError(f"dtype_backend is numpy_nullable or pyarrow, not {backend!r}")


def _conversion(index: Index, dates: ParseDates, dtype: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return what makes of a frame of the query's types the one that is asked for."""
    given: object = dates
    if given is not None and not isinstance(given, list | dict):
        raise TypeError(f"parse_dates is a list of columns, or a dictionary of them, not {given!r}")
    formats = dates if isinstance(dates, dict) else dict.fromkeys(dates or ())

    def convert(frame: pd.DataFrame) -> pd.DataFrame:
        for name, form in formats.items():
            frame[name] = pd.to_datetime(frame[name], **_how(form)).dt.as_unit("us")
        if dtype is not None:
            frame = frame.astype(dtype)
        return frame if index is None else frame.set_index(index)

    return convert


def _how(form: str | dict[str, Any] | None) -> dict[str, Any]:
    """Return what `pandas.to_datetime` is given for an entry of `parse_dates`."""
    if isinstance(form, dict):
        return {"utc": True} | form
    return {"utc": True} | ({} if form is None else {"unit" if form in _UNITS else "format": form})


def _chunks(
    query: Query,
    con: Source,
    parameters: Parameters,
    size: int,
    type_of: Callable[[Kind], Any],
    convert: Callable[[pd.DataFrame], pd.DataFrame],
) -> Iterator[pd.DataFrame]:
    with running(query, con, parameters, size) as result:
        yield from map(convert, frames(result, type_of))
