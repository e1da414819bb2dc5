"""SQL of what computes with moments: SQLite has no type of them, so their texts take functions.

It gives what PostgreSQL gives for `timestamp`, `date`, `time` and `interval`. The rest is refused, for which SQLite
would take the number that a text begins with.
"""

from __future__ import annotations

import operator as op
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import CompileError
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, ClauseList, Grouping, Null
from sqlalchemy.types import Date, DateTime, Interval, Time

from box_dialect.dialect.inference import MOMENTS, Kind, kind, kind_of, rule, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.sql.elements import Cast, Extract, UnaryExpression
    from sqlalchemy.sql.functions import FunctionElement

_NOW: Final = "(datetime('now', 'subsec') || '000')"
"""This moment in the form that moments are stored in, which CURRENT_TIMESTAMP has not."""

_TIME: Final = "(time('now', 'subsec') || '000')"
"""This time of day, likewise."""

_ARITHMETIC: Final[Mapping[Any, str]] = {
    op.add: "+",
    op.sub: "-",
    op.mul: "*",
    op.truediv: "/",
    op.floordiv: "//",
    op.mod: "%",
}
_IN: Final = frozenset({operators.in_op, operators.not_in_op})
_BETWEEN: Final = frozenset({operators.between_op, operators.not_between_op})
_COMPARISONS: Final = frozenset(
    {op.eq, op.ne, op.lt, op.le, op.gt, op.ge, operators.is_distinct_from, operators.is_not_distinct_from}
)
_AGGREGATES: Final = frozenset({"avg", "sum", "total"})
"""What SQLite computes of numbers only."""

_CASTS: Final[Mapping[Kind, str]] = {
    DateTime: "date_trunc('microseconds', {})",
    Date: "day_of({})",
    Time: "time_of({})",
    Interval: "date_trunc('microseconds', {})",
}
_CASTABLE: Final[Mapping[Kind, frozenset[Kind]]] = {
    DateTime: frozenset({DateTime, Date, Time}),
    Date: frozenset({DateTime, Date}),
    Time: frozenset({Time}),
    Interval: frozenset({Interval, Time}),
}
"""What moments can be cast to, beside texts; numbers cannot be cast to any of them."""


def _names(elements: Iterable[Any]) -> list[str]:
    return [type(type_of(each)).__name__ for each in elements]


def _as_datetime(element: Any) -> Any:
    """Return a date as the moment that it begins at, and anything else as it is."""
    return sa.cast(element, DateTime) if kind(element) is Date else element


def _as_datetimes(values: Any) -> Any:
    """Return the list of IN, its dates as moments; raises CompileError where they are no plain values."""
    if not isinstance(values, BindParameter) or not values.unique:
        raise CompileError("a DateTime is looked for among datetimes, not dates; cast() gives DateTime of them")
    moments = values._clone(maintain_key=True)  # noqa: SLF001 - the key is what the values are found by
    moments.type = DateTime()
    return moments


def _listed(binary: BinaryExpression[Any]) -> list[Any]:
    """Return what the left of a comparison is compared with: the right, the two of BETWEEN, or those of IN's list."""
    right: Any = binary.right
    in_list: Any = right.element if isinstance(right, Grouping) else right
    return list(in_list.clauses) if binary.operator in _BETWEEN or isinstance(in_list, ClauseList) else [right]


def _comparable(binary: BinaryExpression[Any]) -> BinaryExpression[Any]:
    """Return a comparison whose sides are texts of one form; raises CompileError for one of what does not compare."""
    if binary.operator not in _COMPARISONS | _IN | _BETWEEN:
        return binary
    listed = _listed(binary)
    kinds = {kind(each) for each in (binary.left, *listed)} - {None}
    if len(kinds) < 2 or not MOMENTS & kinds:
        return binary
    if kinds != {DateTime, Date}:
        names = " and ".join(dict.fromkeys(_names([binary.left, *listed])))
        raise CompileError(f"{names} do not compare; cast() one to the type of the other")
    if binary.operator in _BETWEEN:
        right: Any = binary.right._clone()  # noqa: SLF001 - there is no public copy
        right.clauses = type(right.clauses)(_as_datetime(each) for each in listed)
    elif binary.operator in _IN and Date in {kind(each) for each in listed}:
        right = _as_datetimes(binary.right)
    else:
        right = _as_datetime(binary.right)
    left = _as_datetime(binary.left)
    return BinaryExpression(
        left, right, binary.operator, type_=binary.type, negate=binary.negate, modifiers=binary.modifiers
    )


class DatetimeCompiler(SQLiteCompiler):
    """Compile as for SQLite, but moments, dates, times of day and lengths of time so that they are computed right."""

    def visit_now_func(self, fn: Any, **kw: Any) -> str:
        """Compile `func.now()`; a default that a table keeps is SQLite's own, which other programs know too."""
        return _NOW if self._is_query() else "CURRENT_TIMESTAMP"

    def visit_current_timestamp_func(self, fn: Any, **kw: Any) -> str:
        """Compile `func.current_timestamp()`, which is the same."""
        return self.visit_now_func(fn, **kw)

    def visit_current_time_func(self, fn: Any, **kw: Any) -> str:
        """Compile `func.current_time()`, likewise."""
        return _TIME if self._is_query() else "CURRENT_TIME"

    def visit_binary(self, binary: BinaryExpression[Any], *args: Any, **kw: Any) -> str:
        """Compile arithmetic with moments, and comparisons of them; every other expression as for SQLite."""
        sides = binary.left, binary.right
        is_null = any(isinstance(side, Null) for side in sides)
        if binary.operator in _ARITHMETIC and not is_null and MOMENTS & {kind(side) for side in sides}:
            return self._computed(binary, **kw)
        sqlite: Any = super()
        return str(sqlite.visit_binary(_comparable(binary), *args, **kw))

    def visit_neg_unary_operator(self, unary: UnaryExpression[Any], operator: Any, **kw: Any) -> str:
        """Compile `-length`, and the negation of anything else as for SQLite."""
        if kind(unary.element) is Interval:
            return f"length_times({self.process(unary.element, **kw)}, -1)"
        sqlite: Any = self
        return str(sqlite._generate_generic_unary_operator(unary, "-", **kw))  # noqa: SLF001

    def visit_function(self, func: FunctionElement[Any], *args: Any, **kw: Any) -> str:
        """Compile a function; raises CompileError for one that is wrong for the moments that it is given."""
        name, kinds = getattr(func, "name", "").lower(), [kind(each) for each in func.clauses]
        if name in _AGGREGATES and MOMENTS & set(kinds):
            raise CompileError(f"{name}() is of numbers; give it extract('epoch', …), which gives seconds")
        if name == "date_trunc" and {Time, Interval} & set(kinds):
            raise CompileError(f"date_trunc() is of a DateTime, not of {_names(func.clauses)[1]}")
        sqlite: Any = super()
        return str(sqlite.visit_function(func, *args, **kw))

    def visit_extract(self, extract: Extract, **kw: Any) -> str:
        """Compile the part of a moment; of a length of time there is `epoch`, its seconds."""
        if kind(extract.expr) is Interval and extract.field != "epoch":
            raise CompileError(f"extract() gives the epoch of an Interval, its seconds, not the {extract.field}")
        sqlite: Any = super()
        return str(sqlite.visit_extract(extract, **kw))

    def visit_cast(self, cast: Cast[Any], **kw: Any) -> str:
        """Compile a cast; SQLite takes one to `Date` or `DateTime` for one to a number."""
        source, target = kind(cast.clause), kind_of(cast.type)
        if source and target and MOMENTS & {source, target} and target not in _CASTABLE.get(source, ()):
            hint = "; extract('epoch', …) gives seconds" if source in MOMENTS and target not in MOMENTS else ""
            raise CompileError(f"{source.__name__} cannot be cast to {target.__name__}{hint}")
        if target is not None and target in _CASTS:
            return _CASTS[target].format(self.process(cast.clause, **kw))
        return super().visit_cast(cast, **kw)  # type: ignore[no-untyped-call, no-any-return]

    def _is_query(self) -> bool:
        return getattr(self, "statement", None) is not None  # SQLAlchemy 1.4 has not even the name

    def _computed(
        self, binary: BinaryExpression[Any], from_linter: Any = None, lateral_from_linter: Any = None, **kw: Any
    ) -> str:
        found, sides = rule(binary)
        if found is None:
            expression = f" {_ARITHMETIC[binary.operator]} ".join(_names([binary.left, binary.right]))
            raise CompileError(f"there is no {expression}; cast() changes and type_coerce() tells the type of a side")
        return f"{found.function}({', '.join(self.process(side, **kw) for side in sides)})"

    def _add_to_result_map(self, keyname: str, name: str, objects: tuple[Any, ...], type_: Any) -> None:
        """Have the rows read by the types of their values."""
        shown = [each for each in objects if isinstance(each, sa.sql.ColumnElement) and each.type is type_]
        sqlite: Any = super()
        sqlite._add_to_result_map(keyname, name, objects, type_of(shown[0]) if shown else type_)  # noqa: SLF001
