"""What type the values of an expression with moments have, also where SQLAlchemy does not know it.

It knows neither `date_trunc` nor `date_bin`, and takes a moment less a date for a moment.
"""

from __future__ import annotations

import operator as op
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from sqlalchemy.sql.elements import BinaryExpression, Grouping, Label, Over
from sqlalchemy.sql.functions import FunctionElement, ReturnTypeFromArgs
from sqlalchemy.types import Date, DateTime, Float, Integer, Interval, NullType, Numeric, Time, TypeEngine

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind: TypeAlias = type[TypeEngine[Any]]

MOMENTS: Final[frozenset[Kind | None]] = frozenset({DateTime, Date, Time, Interval})
"""The kinds of types that SQLite has none for."""

_NUMBERS: Final[Mapping[Any, Kind]] = {Integer: Integer, Numeric: Numeric, Float: Numeric}
_GIVE_A_VALUE: Final = frozenset({"first_value", "ifnull", "lag", "last_value", "lead", "nth_value", "nullif"})
"""Functions that give a value of their first argument, of which SQLAlchemy does not know it."""

COMMUTATIVE: Final = frozenset({op.add, op.mul})
"""The operators whose sides may stand the other way round."""


class Rule(NamedTuple):
    """What stands for an operator: the name of a function in SQL, and the kind of what it gives."""

    function: str
    gives: Kind


RULES: Final[Mapping[tuple[Any, Kind, Kind], Rule]] = {
    (op.add, DateTime, Interval): Rule("moment_plus", DateTime),
    (op.add, Date, Interval): Rule("moment_plus", DateTime),
    (op.add, Date, Time): Rule("moment_at", DateTime),
    (op.add, Date, Integer): Rule("day_plus", Date),
    (op.add, Time, Interval): Rule("time_plus", Time),
    (op.add, Interval, Interval): Rule("moment_plus", Interval),
    (op.sub, DateTime, Interval): Rule("moment_minus", DateTime),
    (op.sub, Date, Interval): Rule("moment_minus", DateTime),
    (op.sub, Date, Integer): Rule("day_minus", Date),
    (op.sub, Time, Interval): Rule("time_minus", Time),
    (op.sub, Interval, Interval): Rule("moment_minus", Interval),
    (op.sub, DateTime, DateTime): Rule("moment_difference", Interval),
    (op.sub, DateTime, Date): Rule("moment_difference", Interval),
    (op.sub, Date, DateTime): Rule("moment_difference", Interval),
    (op.sub, Date, Date): Rule("day_difference", Integer),
    (op.sub, Time, Time): Rule("time_difference", Interval),
    (op.mul, Interval, Integer): Rule("length_times", Interval),
    (op.mul, Interval, Numeric): Rule("length_times", Interval),
    (op.truediv, Interval, Integer): Rule("length_over", Interval),
    (op.truediv, Interval, Numeric): Rule("length_over", Interval),
}
"""The rules by operator and the kinds of its left and of its right."""


def kind_of(type_: TypeEngine[Any]) -> Kind | None:
    """Return which of the kinds that rules know a type is of, None for every other."""
    affinity: Any = type_._type_affinity  # noqa: SLF001 - as SQLAlchemy's dialects do
    return affinity if affinity in MOMENTS else _NUMBERS.get(affinity)


def kind(element: Any) -> Kind | None:
    """Return which of the kinds that rules know an expression is of, None for every other."""
    return kind_of(type_of(element))


def rule(binary: BinaryExpression[Any]) -> tuple[Rule | None, tuple[Any, Any]]:
    """Return the rule of an expression, None where there is none, and what its function takes in turn."""
    left, right = binary.left, binary.right
    kinds: Any = kind(left), kind(right)
    if binary.operator in COMMUTATIVE and (binary.operator, *kinds) not in RULES:
        return RULES.get((binary.operator, *reversed(kinds))), (right, left)
    return RULES.get((binary.operator, *kinds)), (left, right)


def type_of(element: Any) -> TypeEngine[Any]:
    """Return the type of an expression's values, which is SQLAlchemy's wherever that is known to be right."""
    given: TypeEngine[Any] = getattr(element, "type", None) or NullType()
    if not (isinstance(given, NullType) or kind_of(given) in {DateTime, Interval}):
        return given
    if isinstance(element, BinaryExpression):
        return _type_of_binary(element, given)
    if isinstance(element, FunctionElement):
        return _type_of_function(element, given)
    if isinstance(element, Label | Grouping | Over):
        within = [element.element]
    else:  # a column of a subquery comes from one there
        within = [each for each in getattr(element, "base_columns", ()) if each is not element]
    return next((type_of(each) for each in within if getattr(each, "type", None) is given), given)


def _type_of_binary(binary: BinaryExpression[Any], given: TypeEngine[Any]) -> TypeEngine[Any]:
    found, sides = rule(binary)
    if found is None or found.gives is kind_of(given):
        return given
    return next((type_ for type_ in map(type_of, sides) if kind_of(type_) is found.gives), found.gives())


def _type_of_function(function: FunctionElement[Any], given: TypeEngine[Any]) -> TypeEngine[Any]:
    arguments, name = function.clauses.clauses, getattr(function, "name", "").lower()
    if name in _GIVE_A_VALUE and isinstance(given, NullType) and arguments:
        return type_of(arguments[0])
    if isinstance(function, ReturnTypeFromArgs):
        return type_of(arguments[0]) if arguments and arguments[0].type is given else given
    if name in {"date_trunc", "date_bin"} and isinstance(given, NullType):
        moment = type_of(arguments[1]) if len(arguments) > 1 else given
        return moment if kind_of(moment) is DateTime else DateTime(timezone=True)
    return given
