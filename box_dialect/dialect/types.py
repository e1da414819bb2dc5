"""Box's types as SQLAlchemy's.

Source: https://docs.sqlalchemy.org/en/20/core/custom_types.html
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

import msgspec
from sqlalchemy import types
from sqlalchemy.dialects import sqlite

from box_dialect.catalog import Column, Type
from box_dialect.catalog.datetimes import read_datetime
from box_dialect.catalog.values import stored, utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy.engine import Dialect


_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _bound(value: Any) -> Any:
    if isinstance(value, dt.timedelta):  # SQLAlchemy's Interval adds the epoch to what it binds, not to literals
        value = _EPOCH + value
    if isinstance(value, dt.datetime):
        return stored(value) if value == value else None  # pandas' NaT is not equal to itself
    return stored(dt.datetime.combine(value, dt.time())) if isinstance(value, dt.date) else value


class DateTime(types.DateTime):
    """What SQLAlchemy's `DateTime` is with this dialect: a moment, stored in UTC.

    With `timezone=True` it comes as an aware `datetime`, else without a time zone. One without a time zone is taken as
    UTC where it is sent.
    """

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Send moments in the form that Box's are stored in, and a date as its beginning."""
        return _bound

    def literal_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        """Write a moment into the statement's text."""

        def write(value: Any) -> str:
            bound = _bound(value)
            return "NULL" if bound is None else "'{}'".format(str(bound).replace("'", "''"))

        return write

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Read moments, also those of expressions such as max(), which the driver gives as text."""
        zone = dt.UTC if self.timezone else None

        def read(value: Any) -> Any:
            if type(value) is dt.datetime and value.tzinfo is zone:
                return value
            moment = read_datetime(value) if isinstance(value, str) else value
            return utc(moment).replace(tzinfo=zone) if isinstance(moment, dt.datetime) else moment

        return read


_Given: TypeAlias = "Mapping[type, Callable[[Any], Any]]"


class _Converted:
    """A type of SQLite's whose values the driver gives of columns, `given` says how; of expressions it gives texts."""

    given: ClassVar[_Given]

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Read what the driver gives."""
        inherited: Any = super()
        read_text, given = inherited.result_processor(dialect, coltype), self.given

        def read(value: Any) -> Any:
            return given.get(type(value), read_text)(value)

        return read


class Date(_Converted, sqlite.DATE):
    """What SQLAlchemy's `Date` is with this dialect; a moment gives that of its day in UTC."""

    given: ClassVar[_Given] = {dt.date: lambda date: date, dt.datetime: dt.datetime.date}


class SqliteDateTime(_Converted, sqlite.DATETIME):
    """What SQLite's own `DATETIME` is with this dialect: a moment without a time zone, stored as the type says."""

    given: ClassVar[_Given] = {dt.datetime: lambda moment: moment.replace(tzinfo=None)}


class Time(_Converted, sqlite.TIME):
    """What SQLAlchemy's `Time` is with this dialect."""

    given: ClassVar[_Given] = {dt.time: lambda time: time}


def read_json(text: Any) -> Any:
    """Return the value of a JSON text; what only Python's own decoder takes, such as NaN, is left to that."""
    try:
        return msgspec.json.decode(text)
    except msgspec.MsgspecError:
        return json.loads(text)


class MultiSelect(types.JSON):
    """A list of some of its options, which a multiSelect field of a metadata template holds.

    Elsewhere it is JSON: tables of another database take it, too.
    """

    def __init__(self, *options: str, none_as_null: bool = True) -> None:
        super().__init__(none_as_null=none_as_null)
        self.options = options

    def adapt(self, cls: Any, **kw: Any) -> Any:
        """Return the type as another class of it; SQLAlchemy takes over arguments with names only."""
        return cls(*self.options, **kw) if issubclass(cls, MultiSelect) else super().adapt(cls, **kw)

    def __repr__(self) -> str:
        return f"MultiSelect({', '.join(map(repr, self.options))})"


class Taxonomy(types.JSON):
    """A list of ids of nodes of a taxonomy, named `namespace.key`, which a taxonomy field of a metadata template holds.

    It has several where it is `multiple`, and nodes of some `levels`, counted from 1, or of all. Elsewhere it is JSON:
    tables of another database take it, too.
    """

    def __init__(
        self, taxonomy: str, multiple: bool = False, levels: Iterable[int] = (), none_as_null: bool = True
    ) -> None:
        super().__init__(none_as_null=none_as_null)
        self.taxonomy, self.multiple, self.levels = taxonomy, multiple, tuple(sorted(levels))

    def __repr__(self) -> str:
        multiple = ", multiple=True" if self.multiple else ""
        return f"Taxonomy({self.taxonomy!r}{multiple}{f', levels={self.levels!r}' if self.levels else ''})"


REFLECTED: Final[Mapping[Type, types.TypeEngine[Any]]] = {
    Type.TEXT: types.String(),
    Type.INTEGER: types.BigInteger(),
    Type.REAL: types.Float(),
    Type.BOOLEAN: types.Boolean(),
    Type.DATE: types.Date(),
    Type.TIMESTAMP: types.DateTime(timezone=True),
    Type.JSON: types.JSON(none_as_null=True),
    Type.BLOB: types.LargeBinary(),
}
"""The SQLAlchemy type of a catalog type; one of SQLAlchemy's own, which tables of another database take, too."""


def reflected(column: Column) -> types.TypeEngine[Any]:
    """Return the SQLAlchemy type of a column: that of its type, or one with its options or its taxonomy."""
    if (of := column.taxonomy) is not None:
        return Taxonomy(f"{of.namespace}.{of.key}", multiple=of.multiple, levels=of.levels)
    if not column.options:
        return REFLECTED[column.type]
    return MultiSelect(*column.options) if column.type is Type.JSON else types.Enum(*column.options)
