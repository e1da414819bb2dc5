"""SQL of what computes with moments: SQLite has no type of them, so their texts take functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import types
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.sql.compiler import OPERATORS
from sqlalchemy.sql.functions import GenericFunction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.sql.elements import BinaryExpression, Cast

_NOW: Final = "(datetime('now', 'subsec') || '000')"
"""This moment in the form that moments are stored in, which CURRENT_TIMESTAMP has not."""

_MOMENT, _LENGTH = (types.DateTime, types.Date), types.Interval
_FUNCTIONS: Final[Mapping[tuple[str, bool, bool], str]] = {
    ("add", True, False): "moment_plus({0}, {1})",
    ("add", False, True): "moment_plus({1}, {0})",
    ("add", False, False): "moment_plus({0}, {1})",
    ("sub", True, False): "moment_minus({0}, {1})",
    ("sub", True, True): "moment_difference({0}, {1})",
    ("sub", False, False): "moment_minus({0}, {1})",
}
"""What stands for an operator, and whether a moment, not a length of time, is on its left and on its right."""


class date_trunc(GenericFunction[Any]):  # noqa: N801 - the name in SQL
    """`func.date_trunc("month", files.c.modified_at)`, of the type of the moment that it is given."""

    inherit_cache = True

    def __init__(self, field: Any, moment: Any, *zone: Any, **options: Any) -> None:
        given = getattr(moment, "type", None)
        self.type = given if isinstance(given, types.DateTime) else types.DateTime(timezone=True)
        super().__init__(field, moment, *zone, type_=self.type, **options)


class MomentCompiler(SQLiteCompiler):
    """Compile as for SQLite, and arithmetic with `DateTime` and `Interval` so that it is right for stored moments."""

    def visit_now_func(self, fn: Any, **kw: Any) -> str:
        """Compile `func.now()`; a default that a table keeps is SQLite's own, which other programs know too."""
        is_default = getattr(self, "statement", None) is None  # SQLAlchemy 1.4 has not even the name
        return "CURRENT_TIMESTAMP" if is_default else _NOW

    def visit_current_timestamp_func(self, fn: Any, **kw: Any) -> str:
        """Compile `func.current_timestamp()`, which is the same."""
        return self.visit_now_func(fn, **kw)

    def visit_add_binary(self, binary: BinaryExpression[Any], operator: Any, **kw: Any) -> str:
        """Compile `moment + length`, and every other sum as for SQLite."""
        return self._of_moments("add", binary, operator, **kw)

    def visit_sub_binary(self, binary: BinaryExpression[Any], operator: Any, **kw: Any) -> str:
        """Compile `moment - length` and `moment - moment`, and every other difference as for SQLite."""
        return self._of_moments("sub", binary, operator, **kw)

    def visit_cast(self, cast: Cast[Any], **kw: Any) -> str:
        """Compile a cast to `Date` or `DateTime`, which SQLite takes for one to a number."""
        if isinstance(cast.type, types.DateTime):
            return f"date_trunc('microseconds', {self.process(cast.clause, **kw)})"
        if isinstance(cast.type, types.Date):
            return f"date({self.process(cast.clause, **kw)})"
        return super().visit_cast(cast, **kw)  # type: ignore[no-untyped-call, no-any-return]

    def _of_moments(self, name: str, binary: BinaryExpression[Any], operator: Any, **kw: Any) -> str:
        sides = (binary.left, binary.right)
        if all(isinstance(side.type, (*_MOMENT, _LENGTH)) for side in sides):
            left, right = (isinstance(side.type, _MOMENT) for side in sides)
            function = _FUNCTIONS.get((name, left, right))
            if function is not None:
                return function.format(*(self.process(side, **kw) for side in sides))
        return self._generate_generic_binary(binary, OPERATORS[operator], **kw)
