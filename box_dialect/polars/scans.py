"""Lazy frames: the query that polars asks for, and its rows in batches.

Source: https://docs.pola.rs/api/python/stable/reference/plugins.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import polars as pl
import sqlalchemy as sa
from msgspec import Struct
from polars.io.plugins import register_io_source

from box_dialect import arrow
from box_dialect.columnar import BATCH_SIZE, Kind, Parameters, Query, Source, running, shown
from box_dialect.dbapi.sqltext.lexer import tokens
from box_dialect.errors import ProgrammingError
from box_dialect.polars.predicates import Condition, condition, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TYPES: Final[Mapping[Kind, pl.DataType]] = {
    Kind.BINARY: pl.Binary(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.DATE: pl.Date(),
    Kind.DURATION: pl.Duration("us"),
    Kind.FLOAT: pl.Float64(),
    Kind.INTEGER: pl.Int64(),
    Kind.STRING: pl.String(),
    Kind.TIME: pl.Time(),
    Kind.TIMESTAMP: pl.Datetime("us", "UTC"),
}
"""polars' types of columns; those of time are in nanoseconds there, as polars has no other."""

_FIRST_BATCH: Final = 100
"""Rows of the first batch; each is twice as large as the one before, since polars may want no more than a few."""

_NAMED: Final = "box_polars_{}"
"""What the parameters are called that a condition adds to those by name."""


def scan(
    sql: Query,
    connection: Source,
    params: Parameters = None,
    *,
    schema: Mapping[str, pl.DataType | type[pl.DataType]] | None = None,
) -> pl.LazyFrame:
    """Return a lazy frame of a table, by its name, or of a query; nothing is read before it is collected.

    The columns that are used, the rows that `head` asks for, and conditions on columns become SQL, so that they cost
    what that does: comparisons with values, `is_in`, `is_between`, `is_null`, `str.starts_with`, and `&`, `|`, `~` of
    these. What cannot be told in SQL polars does by itself. `connection` is of the driver or of SQLAlchemy, an engine
    or its URL; since polars reads in threads, several at once where a query has several scans, an engine or a URL is
    right for these, and each scan then has a connection of its own. `schema` gives types, those of `TYPES`, to columns
    that have none, as those of expressions.

    Raises ProgrammingError for a statement without rows, and where the type of a column is not known, TypeError for
    another kind of connection, ValueError for a type that no column has; polars raises what reading raises.
    """
    connection = shown(connection)
    query = _Scanned(sql, params)
    kinds = _kinds(query, connection, schema or {})
    read = partial(_frames, query, connection, kinds)
    return register_io_source(read, schema={name: TYPES[kind] for name, kind in kinds.items()})


class _Scanned(Struct, frozen=True):
    """A table or a query, with its parameters."""

    sql: Query
    parameters: Parameters

    def query(
        self, names: Sequence[str] | None, where: Condition | None = None, limit: int | None = None
    ) -> tuple[Query, Parameters]:
        """Return the query for some columns, or all, of the rows that fulfil a condition, with its parameters."""
        if not isinstance(self.sql, str):
            return self._of_sqlalchemy(self.sql, names, where, limit)
        columns = "*" if names is None else ", ".join(map(quoted, names))
        text = f"SELECT {columns} FROM {self._table(self.sql)}"  # noqa: S608 - names are quoted, the rest is the caller's
        parameters = self.parameters
        if where is not None:
            is_named = isinstance(parameters, Mapping)
            text += f" WHERE {where.text(lambda place: f':{_NAMED.format(place)}' if is_named else '?')}"
            parameters = self._named(where) if is_named else [*(parameters or ()), *where.values]
        return text if limit is None else f"{text} LIMIT {limit}", parameters

    def _of_sqlalchemy(
        self, query: Any, names: Sequence[str] | None, where: Condition | None, limit: int | None
    ) -> tuple[Query, Parameters]:
        rows = query.subquery("scanned")
        selected = sa.select(*(rows.c if names is None else (rows.c[name] for name in names)))
        if where is None:
            return selected.limit(limit), self.parameters
        escaped = Condition(where.sql.replace(":", r"\:"), where.values)
        text = sa.text(escaped.text(lambda place: f":{_NAMED.format(place)}"))
        return selected.where(text).limit(limit), self._named(where)

    def _named(self, where: Condition) -> dict[str, Any]:
        added = {_NAMED.format(place): value for place, value in enumerate(where.values)}
        return {**cast("dict[str, Any]", self.parameters or {}), **added}

    @staticmethod
    def _table(sql: str) -> str:
        """Return what stands in FROM: a query without its semicolon, and the comments behind it."""
        if re.fullmatch(r"\w+", sql):
            return quoted(sql)
        end = max((token.end for token in tokens(sql) if token.text != ";"), default=0)
        return f"({sql[:end]})"


def _kinds(query: _Scanned, source: Source, schema: Mapping[str, Any]) -> dict[str, Kind]:
    """Return the types of the columns, for no call."""
    sql, parameters = query.query(None, limit=0)
    with running(sql, source, parameters, 1) as result:
        found = dict(zip(result.names, result.known, strict=True))
    by_type = {type_: kind for kind, type_ in TYPES.items()}
    for name, given in schema.items():
        kind = next((kind for type_, kind in by_type.items() if type_ == given), None)
        if kind is None:
            raise ValueError(f"the column {name} may have one of the types {', '.join(map(str, by_type))}, not {given}")
        if name not in found:
            raise ProgrammingError(f"the schema has a column {name}, and the query has {', '.join(found)}")
        found[name] = kind
    unknown = [name for name, kind in found.items() if kind is None]
    if unknown:
        raise ProgrammingError(
            f"the type of {' and '.join(unknown)} is not known before there are rows: give it by schema=, as in "
            f"schema={{{unknown[0]!r}: pl.Int64}}"
        )
    return {name: kind for name, kind in found.items() if kind is not None}


def _frames(
    query: _Scanned,
    source: Source,
    kinds: Mapping[str, Kind],
    names: list[str] | None,
    predicate: pl.Expr | None,
    limit: int | None,
    size: int | None,
) -> Iterator[pl.DataFrame]:
    """Yield the rows as polars asks for them: so many, and of these the ones that fulfil the predicate."""
    read = [*kinds] if names is None else names or [*kinds][:1]
    where = None if predicate is None or limit is not None else condition(predicate, kinds)
    sql, parameters = query.query(read, where, limit)
    with running(sql, source, parameters, _FIRST_BATCH) as result:
        result.kinds = [kinds[name] for name in read]
        for batch in arrow.batches(result, most=size or BATCH_SIZE):
            frame = cast("pl.DataFrame", pl.from_arrow(batch))
            frame = frame if predicate is None else frame.filter(predicate)
            yield frame if names is None else frame.select(names)
