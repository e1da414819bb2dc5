"""A query's rows in batches, with the types of its columns: what pandas and Arrow are given.

A column's type is the one that its table declares, or else the one that SQLAlchemy knows for an expression; where
neither is known, the first rows tell it.
"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, cast

import sqlalchemy as sa

from box_dialect import Connection, DataError, ProgrammingError
from box_dialect.catalog.datetimes import read_datetime
from box_dialect.dialect.inference import type_of
from box_dialect.dialect.url import masked
from box_dialect.rows import tuple_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Row: TypeAlias = tuple[Any, ...]
Source: TypeAlias = "str | sa.engine.URL | Connection | sa.engine.Engine | sa.engine.Connection"
"""What runs a query: a connection of the driver, SQLAlchemy's engine or connection, or an engine's URL."""
Query: TypeAlias = "str | sa.sql.expression.Executable"
Parameters: TypeAlias = "Sequence[Any] | dict[str, Any] | None"

BATCH_SIZE: Final = 10_000
"""Rows of a batch, where nothing else is asked for."""


class Kind(Enum):
    """The type of a column, by that of its values."""

    BINARY = bytes
    BOOLEAN = bool
    DATE = dt.date
    DURATION = dt.timedelta
    FLOAT = float
    INTEGER = int
    STRING = str
    TIME = dt.time
    TIMESTAMP = dt.datetime


_BY_TYPE: Final = (
    (sa.Interval, Kind.DURATION),
    (sa.Boolean, Kind.BOOLEAN),
    (sa.Integer, Kind.INTEGER),
    (sa.DateTime, Kind.TIMESTAMP),
    (sa.Date, Kind.DATE),
    (sa.Time, Kind.TIME),
    (sa.Numeric, Kind.FLOAT),
    (sa.JSON, Kind.STRING),
    (sa.String, Kind.STRING),
    (sa.LargeBinary, Kind.BINARY),
)
"""The kinds of SQLAlchemy's types; an interval comes before the moment that holds it."""

_BY_NAME: Final = (
    ("INTERVAL", None),
    ("INT", Kind.INTEGER),
    ("BOOL", Kind.BOOLEAN),
    ("TIMESTAMP", Kind.TIMESTAMP),
    ("DATETIME", Kind.TIMESTAMP),
    ("DATE", Kind.DATE),
    ("TIME", Kind.TIME),
    ("CHAR", Kind.STRING),
    ("CLOB", Kind.STRING),
    ("TEXT", Kind.STRING),
    ("JSON", Kind.STRING),
    ("BLOB", Kind.BINARY),
    ("REAL", Kind.FLOAT),
    ("FLOA", Kind.FLOAT),
    ("DOUB", Kind.FLOAT),
    ("NUMERIC", Kind.FLOAT),
    ("DECIMAL", Kind.FLOAT),
)
"""The kinds of the types that tables declare: the first part that a name has decides.

Intervals are stored in any way, so their values tell.
"""

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
"""The moment whose distance to another one is how SQLAlchemy stores a length of time."""


class Fetching(Protocol):
    """What is read of a cursor whose statement was executed, as PEP 249 has it; its rows are tuples."""

    @property
    def description(self) -> Sequence[Sequence[Any]] | None:
        """The columns of the rows, each a sequence that begins with the name and the declared type."""

    def fetchmany(self, size: int) -> Sequence[Row]:
        """Return the next rows, fewer than `size` at the end."""


class Result:
    """The rows of a query that runs, in batches; `kinds` are the types of its columns once the first one is there.

    `known` are those that are known without it.
    """

    def __init__(self, cursor: Fetching, known: Sequence[Kind | None], size: int) -> None:
        self._cursor, self._size = cursor, size
        self.known = known
        self.names: list[str] = [item[0] for item in cursor.description or ()]
        self._first: Sequence[Row] = cursor.fetchmany(size)
        self.kinds: list[Kind] = [
            kind or _told(name, [row[place] for row in self._first])
            for place, (name, kind) in enumerate(zip(self.names, known, strict=True))
        ]

    def batches(self, *, most: int = 0) -> Iterator[list[list[Any]]]:
        """Yield the values of each column, batch by batch, at least one; None is NULL.

        Each batch is twice as large as the one before, up to `most` rows, where that is given. Raises DataError for a
        value that is not of its column's type.
        """
        rows = self._first
        self._first = []
        while True:
            places = range(len(self.names))
            yield [_typed(self.names[place], self.kinds[place], [row[place] for row in rows]) for place in places]
            if len(rows) < self._size:
                return
            self._size = min(2 * self._size, most) if most else self._size
            rows = self._cursor.fetchmany(self._size)
            if not rows:
                return


def shown(source: Source) -> Source:
    """Return a source whose text form holds no secret: tools show the local variables of a traceback."""
    return masked(sa.engine.make_url(source)) if isinstance(source, str | sa.engine.URL) else source


@contextmanager
def running(query: Query, source: Source, parameters: Parameters, size: int) -> Iterator[Result]:
    """Run a query and give its result; at the end of the block the cursor is closed, and what is in flight cancelled.

    Raises ProgrammingError for a statement that returns no rows.
    """
    if isinstance(source, str | sa.engine.URL):
        engine = sa.create_engine(source)
        try:
            with running(query, engine, parameters, size) as result:
                yield result
        finally:
            engine.dispose()
    elif isinstance(source, sa.engine.Engine):
        with source.connect() as connection, running(query, connection, parameters, size) as result:
            yield result
    elif isinstance(source, sa.engine.Connection):
        with _executed(query, source, parameters) as cursor:
            yield fetched(cursor, size, _by_sqlalchemy(query))
    elif isinstance(source, Connection):
        with source.cursor(row_factory=tuple_row) as cursor:
            cursor.execute(cast("str", query), () if parameters is None else parameters)  # it checks that itself
            yield fetched(cursor, size)
    else:
        raise TypeError(
            "a query takes a connection of the driver, an engine or a connection of SQLAlchemy, or an engine's URL, not"
            f" {type(source).__name__}; with asyncio: await connection.run_sync(lambda connection: …)"
        )


@contextmanager
def _executed(query: Query, connection: sa.engine.Connection, parameters: Parameters) -> Iterator[Any]:
    """Run a query by SQLAlchemy, and give the driver's cursor."""
    if isinstance(query, str):
        executed = connection.exec_driver_sql(query, tuple(parameters) if isinstance(parameters, list) else parameters)
    else:
        executed = connection.execute(query, parameters or {})
    try:
        yield executed.cursor
    finally:
        executed.close()


def fetched(cursor: Fetching | None, size: int, otherwise: Sequence[Kind | None] = ()) -> Result:
    """Return the rows that a cursor has yet to give; `otherwise` are the types of columns that declare none.

    Raises ProgrammingError for a statement that returns no rows.
    """
    if cursor is None or cursor.description is None:
        raise ProgrammingError("the statement returns no rows, of which a table could be made")
    declared = [_declared(item[1]) for item in cursor.description]
    if len(otherwise) == len(declared):
        # SQLAlchemy stores a length of time as a moment.
        declared = [
            other if other is Kind.DURATION else kind or other for kind, other in zip(declared, otherwise, strict=True)
        ]
    return Result(cursor, declared, size)


def _by_sqlalchemy(query: Any) -> list[Kind | None]:
    """Return the types that a query's columns have for SQLAlchemy with this dialect."""
    columns = getattr(query, "selected_columns", None)
    return [] if columns is None else [_of(type_of(column)) for column in columns]


def _of(type_: Any) -> Kind | None:
    """Return the kind of a type of SQLAlchemy; that of one of the user's own is the one of what it is stored as."""
    found = next((kind for known, kind in _BY_TYPE if isinstance(type_, known)), None)
    return _of(type_.impl) if found is None and isinstance(type_, sa.types.TypeDecorator) else found


def _declared(declared: str | None) -> Kind | None:
    """Return the type that a table's column declares."""
    name = (declared or "").upper()
    return next((kind for part, kind in _BY_NAME if part in name), None)


def _told(name: str, values: list[Any]) -> Kind:
    """Return the type that values tell: text where there are none."""
    found = {type(value) for value in values if value is not None} or {str}
    if found == {int, float}:
        return Kind.FLOAT
    if len(found) > 1:
        names = " and ".join(sorted(each.__name__ for each in found))
        raise DataError(f"the column {name} has values of the types {names}; make them one by CAST({name} AS TEXT)")
    return Kind(found.pop())


def _typed(name: str, kind: Kind, values: list[Any]) -> list[Any]:
    if {*map(type, values)} <= {kind.value, type(None)}:
        return values
    try:
        return [None if value is None else _converted(kind, value) for value in values]
    except (TypeError, ValueError):
        raise DataError(
            f"the column {name} has values that are not of its type, {kind.name}; take CAST({name} AS TEXT)"
        ) from None


def _converted(kind: Kind, value: Any) -> Any:
    """Return a value of a column's type for one that SQLite had in another form; raises ValueError, TypeError."""
    if kind is Kind.TIME and isinstance(value, str):
        return dt.time.fromisoformat(value)
    if kind in _OF_TEXT:
        return _OF_TEXT[kind](value if isinstance(value, dt.datetime) else read_datetime(value))
    if isinstance(value, kind.value) and not isinstance(value, bool):
        return value
    if kind is Kind.FLOAT and isinstance(value, int):
        return float(value)
    if kind in {Kind.BOOLEAN, Kind.INTEGER} and value in {0, 1}:
        return kind.value(value)
    raise ValueError(value)


def _aware(moment: dt.datetime) -> dt.datetime:
    return moment.replace(tzinfo=moment.tzinfo or dt.UTC)


_OF_TEXT: Final[Mapping[Kind, Callable[[dt.datetime], Any]]] = {
    Kind.DATE: dt.datetime.date,
    Kind.DURATION: lambda moment: _aware(moment) - _EPOCH,
    Kind.TIMESTAMP: _aware,
}
"""What has no type in SQLite, and is made of the moment that its text tells."""
