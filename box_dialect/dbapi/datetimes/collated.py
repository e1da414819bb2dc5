"""Adds COLLATE MOMENT to a statement, where it compares moments that have no collation of moments.

A column has its collation; an expression such as `coalesce(modified_at, created_at)` has none, and a text column of a
local table has one of its own. So what may be a moment and is compared gets `COLLATE MOMENT`: literals and parameters
that are spelled as one, what SQLite's functions of dates give, and the left side where a local table or IN needs it.
That changes no value, and texts that are no moments compare as before. A literal beside a text column is a text, though
it may look like a moment.

Tokens do not tell all: names may hide what they stand for. So SQLite's own listing of what comes of it is read, and a
comparison that would still take Box's timestamps for texts is refused: see `box_dialect.dbapi.datetimes.provenance`.

Source: https://www.sqlite.org/datatype3.html#assigning_collating_sequences_from_sql
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import apsw
from msgspec.structs import replace

from box_dialect.catalog import Type
from box_dialect.catalog.datetimes import MOMENT, MOMENT_KEY, MOMENTS_ONLY, is_odd
from box_dialect.catalog.model import BINARY
from box_dialect.dbapi.datetimes.comparisons import GIVING, NOW, Columns, Comparisons
from box_dialect.dbapi.sqltext.lexer import edited
from box_dialect.dbapi.types import holds_datetimes
from box_dialect.engine import DATES
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from box_dialect.catalog.model import Table
    from box_dialect.dbapi.datetimes.provenance import Comparison
    from box_dialect.dbapi.sqltext.clauses import Span
    from box_dialect.engine import ColumnRead

_MAY_GIVE_DATETIMES: Final = re.compile(rf"\b(?:{'|'.join(sorted(DATES | NOW))})\b", re.IGNORECASE)
_LITERALS: Final = re.compile("'([0-9]{4}[^']*)'")
"""Literals that may be moments."""
_GIVES: Final = re.compile(rf"\b(?:{'|'.join(sorted(GIVING))})\s*+\(", re.IGNORECASE)
_RIGHT: Final = re.compile(
    r"(?:(?:[=<>]|\b(?:is|not|from|when|between|and|in)\b)[\s(]*+)++"
    r"(?:[\w\"`\[\]]++\.)?[\"`\[]?(\w++)(?![\"`\]]?\s*+[=<>(.])",
    re.IGNORECASE,
)
"""Names on the right side of a comparison, as far as none follows them."""
_COMPUTED: Final = re.compile(
    r"(?:\)|\bend\b)\s*+(?:[=<>!]|\b(?:between|in|is|not)\b)|[=<>]\s*+(?:\(|case\b)", re.IGNORECASE
)
"""What compares a call, a CASE or what is in parentheses."""
_NESTED: Final = re.compile(r"\bselect\b.*?\bselect\b", re.IGNORECASE | re.DOTALL)
_SORTS: Final = re.compile(r"\bby\b", re.IGNORECASE)
_NAMED: Final = re.compile(r"\bcollate\s+[\"'`\[]?(\w+)", re.IGNORECASE)
_LIMIT: Final = re.compile(r"\blimit\b", re.IGNORECASE)
_COMPOUND: Final = re.compile(r"\b(?:union|except|intersect)\b", re.IGNORECASE)
"""What sorts by columns of the result alone."""
_LISTING: Final = re.compile(rf"{_COMPOUND.pattern}|\bvalues\b", re.IGNORECASE)
"""What may have literals and parameters in a column of moments."""
_CASTS: Final = re.compile(r"\bcast\b", re.IGNORECASE)
_COMPUTES: Final = re.compile(r"\b(?:date_trunc|date_bin|day_of|moment_\w+)\b", re.IGNORECASE)
_COLLATE: Final = f" COLLATE {MOMENT}"
_STRICTLY: Final = f" COLLATE {MOMENTS_ONLY}"
_PLAINLY: Final = " COLLATE BINARY"


def with_collations(
    connection: apsw.Connection,
    tables: Mapping[str, Table],
    read: Collection[ColumnRead],
    operation: str,
    parameters: Any,
    result: Sequence[tuple[str, str | None]],
) -> str:
    """Return a statement that reads these columns so that it compares moments as such wherever they stand.

    `result` are its columns with their declared types.
    """
    columns = _columns(connection, tables, read)
    if not columns.moments and not _COMPUTES.search(operation):
        return operation
    shown: dict[str | int, bool] = {name.lower(): holds_datetimes(kind) for name, kind in result}
    shown |= {number: holds_datetimes(kind) for number, (_, kind) in enumerate(result, start=1)}
    return collated(operation, parameters, replace(columns, shown=shown))


def may_mix(tables: Mapping[str, Table], read: Collection[ColumnRead], operation: str, parameters: Any) -> bool:
    """Tell whether a statement may compare Box's timestamps with anything but these.

    One that reads nothing but Box's tables does so by other texts, by expressions, and by subqueries and UNION.
    """
    timestamps = timestamps_of(tables, read)
    if not timestamps:
        return False
    is_mixed = any(table.lower() not in tables for _, table, _ in read)
    has_expressions = any(each.search(operation) for each in (_GIVES, _NESTED, _COMPUTED))
    on_the_right = (found[1].lower() in timestamps for found in _RIGHT.finditer(operation))
    return bool(is_mixed or has_expressions or any(on_the_right) or _has_odd(operation, parameters))


def reads_datetimes(connection: apsw.Connection, tables: Mapping[str, Table], read: Collection[ColumnRead]) -> bool:
    """Tell whether a statement reads moments, of Box or of local tables."""
    return bool(_columns(connection, tables, read).moments)


def timestamps_of(tables: Mapping[str, Table], read: Collection[ColumnRead]) -> frozenset[str]:
    """Return the names of the timestamps of Box that a statement reads."""
    boxes = ((tables.get(table.lower()), column) for _, table, column in read)
    return frozenset(column for box, column in boxes if box is not None and _is_timestamp(box, column))


def _is_timestamp(box: Table, column: str) -> bool:
    return column in box.numbers and box.columns[box.numbers[column]].type is Type.TIMESTAMP


def named_collations(operation: str) -> frozenset[str]:
    """Return the collations that a statement names, in capitals."""
    return frozenset(name.upper() for name in _NAMED.findall(operation))


def check_comparisons(odd: Collection[Comparison]) -> None:
    """Raise ProgrammingError where a statement compares moments as texts, or their order with numbers."""
    for comparison in odd:
        names = " and ".join(sorted(comparison.moments))
        if comparison.with_number:
            raise ProgrammingError(
                f"{names} would be compared with a number, and every text is greater; compare with a moment, as "
                "datetime(…, 'unixepoch') makes of a number of seconds"
            )
        raise ProgrammingError(
            f"{names} would be compared as text, since the column on the other side is one of texts, and a moment in "
            "another spelling would not be found; compare with CAST(that column AS TIMESTAMP), or CAST(… AS TEXT) the "
            "timestamp where texts are meant"
        )


def _columns(connection: apsw.Connection, tables: Mapping[str, Table], read: Collection[ColumnRead]) -> Columns:
    moments, others, plain, shown, are_of_box = set[str](), set[str](), set[str](), set[str](), True
    for schema, table, column in [*read]:
        name, box = column.lower(), tables.get(table.lower())
        if box is not None:
            is_datetime = _is_timestamp(box, column)
        else:
            try:
                declared, collation, *_ = connection.column_metadata(schema or None, table, column)
            except apsw.SQLError:
                if not column or _is_view(connection, schema, table):
                    shown.add(name)  # the view's tables are told too; there is no column for count(*)
                    continue
                declared, collation = None, BINARY  # of a function such as json_each()
            are_of_box = False
            is_datetime = holds_datetimes(declared) and collation.upper() in {MOMENT, BINARY}
            if is_datetime and collation.upper() == BINARY:
                plain.add(name)
        (moments if is_datetime else others).add(name)
    computed = frozenset(shown - others - moments)
    is_single = len({(schema, table) for schema, table, _ in read}) == 1
    return Columns(frozenset(moments), frozenset(others | plain), computed, frozenset(plain), are_of_box, is_single)


def _is_view(connection: apsw.Connection, schema: str, table: str) -> bool:
    # Not pragma_table_list, for which SQLite prepares every view that there is.
    query = f"SELECT 1 FROM {schema or 'main'}.sqlite_schema WHERE name = ? COLLATE NOCASE AND type = 'view'"  # noqa: S608
    return connection.execute(query, (table,)).fetchone() is not None


def collated(operation: str, parameters: Any, columns: Columns) -> str:
    """Return a statement that reads moments so that it compares them as such wherever they stand."""
    gives_datetimes = _MAY_GIVE_DATETIMES.search(operation) is not None
    has_odd = _has_odd(operation, parameters)
    sorts = _SORTS.search(operation) is not None and _LIMIT.search(operation) is None
    gives, casts = _GIVES.search(operation) is not None, _CASTS.search(operation) is not None
    if columns.are_of_box and not has_odd and not sorts and not gives and not casts:
        return operation
    comparisons = Comparisons(operation, parameters, columns)
    if gives or not columns.are_of_box:
        comparisons.check_texts()
    named: dict[int, str] = {}
    keys: list[tuple[Span, Span]] = []
    if has_odd or not columns.are_of_box:
        sides = itertools.chain(comparisons.operands(), comparisons.left_sides())
        named = {end: _STRICTLY if is_strict else _COLLATE for end, is_strict in sides}
    if not columns.are_of_box:
        keys += comparisons.keyed_terms() if sorts and not _COMPOUND.search(operation) else ()
        terms = comparisons.computed_terms(), comparisons.first_arguments(), comparisons.first_arms()
        named = dict.fromkeys(itertools.chain(*terms), _COLLATE) | named
    if columns.are_of_box and sorts and not gives_datetimes and not (has_odd and _LISTING.search(operation)):
        # Box's timestamps have one form, whose texts sort as the moments do, and that takes less time. With a LIMIT few
        # are compared, and Box may sort.
        named = dict.fromkeys(comparisons.plain_sort_terms(), _PLAINLY) | named
    if casts:
        named |= dict.fromkeys(comparisons.casts_to_text(), _PLAINLY)
    if named or keys:
        found = comparisons.found
        keyed = {last for (_, last), _ in keys}
        spelled = {place + step for place in named for step in (1, -1) if comparisons.word(place + step) == "collate"}
        places = [place for place in named if place not in keyed and not {place + 1, place - 1} & spelled]
        edits = [(found[place].end, found[place].end, named[place]) for place in places]
        for (first, last), (begins, ends) in keys:
            key = operation[found[begins].start : found[ends].end]
            edits.append((found[first].start, found[last].end, f"{MOMENT_KEY}({key})"))
        return edited(operation, edits)
    return operation


def _has_odd(operation: str, parameters: Any) -> bool:
    """Tell whether a statement has moments in another form than the canonical one."""
    given = parameters.values() if isinstance(parameters, Mapping) else parameters
    if _MAY_GIVE_DATETIMES.search(operation) is not None:
        return True
    return any(map(is_odd, itertools.chain(given or (), _LITERALS.findall(operation))))
