"""What a predicate of polars says in SQL.

A predicate is read as polars writes it in JSON, of which it promises nothing: what is not known here is no matter of
SQL, as is what SQL would decide otherwise. Polars applies the whole predicate to the rows that come, so that a
condition may leave more rows than it, and never fewer.

Source: https://docs.pola.rs/api/python/stable/reference/expressions/api/polars.Expr.meta.serialize.html
"""

from __future__ import annotations

import datetime as dt
import io
import json
import math
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import polars as pl
from msgspec import Struct

from box_dialect.columnar import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PLACE: Final = "\0"
"""Stands for a parameter; no name has it."""

_MOST_VALUES: Final = 1_000
"""Parameters of a condition."""

_MOST_OF_PREFIX: Final = 1_000
"""Characters of the beginning of a text."""

_EXACT: Final = 1 << 53
"""The integers up to here are floating-point numbers too."""

_COMPARISONS: Final = {
    "Eq": "=",
    "EqValidity": "IS",
    "NotEq": "<>",
    "NotEqValidity": "IS NOT",
    "Lt": "<",
    "LtEq": "<=",
    "Gt": ">",
    "GtEq": ">=",
}
_MIRRORED: Final = {"Lt": "Gt", "LtEq": "GtEq", "Gt": "Lt", "GtEq": "LtEq"}
_LITERALS: Final = {
    Kind.BOOLEAN: (bool,),
    Kind.FLOAT: (float, int),
    Kind.INTEGER: (int,),
    Kind.STRING: (str,),
    Kind.TIMESTAMP: (dt.datetime,),
}
"""The values that a column of a type is compared with alike by polars and SQLite."""

Node: TypeAlias = Any
Kinds: TypeAlias = "Mapping[str, Kind]"


class Condition(Struct, frozen=True):
    """A condition in SQL, with the values of its parameters."""

    sql: str
    values: tuple[Any, ...] = ()

    def text(self, name: Callable[[int], str]) -> str:
        """Return the text, in which `name` gives what is written for the parameter of a number."""
        first, *others = self.sql.split(_PLACE)
        return first + "".join(f"{name(number)}{part}" for number, part in enumerate(others))


class _Untold(Exception):  # noqa: N818 - no failure
    """What is no matter of SQL."""


def condition(predicate: pl.Expr, kinds: Kinds) -> Condition | None:
    """Return a condition that holds for all rows for which the predicate does; None where there is none."""
    try:
        node = json.loads(predicate.meta.serialize(format="json"))
        found = _implied(node, kinds)
    except (pl.exceptions.PolarsError, RecursionError, ValueError):
        return None
    return None if found is None or len(found.values) > _MOST_VALUES else found


def quoted(name: str) -> str:
    """Return a name as SQL has it, whatever stands in it."""
    return '"{}"'.format(name.replace('"', '""'))


def _implied(node: Node, kinds: Kinds) -> Condition | None:
    """Return what follows of a node."""
    match node:
        case {"BinaryExpr": {"left": left, "op": "And" | "LogicalAnd", "right": right}}:
            sides = [side for side in (_implied(left, kinds), _implied(right, kinds)) if side is not None]
            return _joined("AND", *sides) if len(sides) > 1 else sides[0] if sides else None
        case {"BinaryExpr": {"left": left, "op": "Or" | "LogicalOr", "right": right}}:
            first, second = _implied(left, kinds), _implied(right, kinds)
            return None if first is None or second is None else _joined("OR", first, second)
    try:
        return _exact(node, kinds)
    except _Untold:
        return None


def _exact(node: Node, kinds: Kinds) -> Condition:
    """Return what is true, false and NULL where a node is; raises _Untold where there is nothing."""
    match node:
        case {"Column": str(name)} if kinds.get(name) is Kind.BOOLEAN:
            return Condition(quoted(name))
        case {"BinaryExpr": {"left": left, "op": "And" | "LogicalAnd", "right": right}}:
            return _joined("AND", _exact(left, kinds), _exact(right, kinds))
        case {"BinaryExpr": {"left": left, "op": "Or" | "LogicalOr", "right": right}}:
            return _joined("OR", _exact(left, kinds), _exact(right, kinds))
        case {"BinaryExpr": {"left": {"Column": str(name)}, "op": str(op), "right": value}} if op in _COMPARISONS:
            return _comparison(name, op, value, kinds)
        case {"BinaryExpr": {"left": value, "op": str(op), "right": {"Column": str(name)}}} if op in _COMPARISONS:
            return _comparison(name, _MIRRORED.get(op, op), value, kinds)
        case {"Function": {"input": arguments, "function": {"Boolean": function}}}:
            return _boolean(function, arguments, kinds)
        case {"Function": {"input": [{"Column": str(name)}, value], "function": {"StringExpr": "StartsWith"}}}:
            return _prefix(name, value, kinds)
    raise _Untold


def _joined(word: str, *conditions: Condition) -> Condition:
    sql = f" {word} ".join(f"({each.sql})" for each in conditions)
    return Condition(sql, tuple(value for each in conditions for value in each.values))


def _comparison(name: str, op: str, value: Node, kinds: Kinds) -> Condition:
    return Condition(f"{_column(name, kinds)} {_COMPARISONS[op]} {_PLACE}", (_literal(value, kinds.get(name)),))


def _boolean(function: Any, arguments: list[Node], kinds: Kinds) -> Condition:
    match function, arguments:
        case "Not", [negated]:
            found = _exact(negated, kinds)
            return Condition(f"NOT ({found.sql})", found.values)
        case "IsNull", [{"Column": str(name)}]:
            return Condition(f"{quoted(name)} IS NULL")
        case "IsNotNull", [{"Column": str(name)}]:
            return Condition(f"{quoted(name)} IS NOT NULL")
        case {"IsIn": {"nulls_equal": False}}, [{"Column": str(name)}, values]:
            found_values = tuple(_checked(value, kinds.get(name)) for value in _listed(values))
            if not found_values or len(found_values) > _MOST_VALUES:
                raise _Untold
            return Condition(f"{_column(name, kinds)} IN ({', '.join(_PLACE for _ in found_values)})", found_values)
        case {"IsBetween": {"closed": "Both"}}, [{"Column": str(name)}, low, high]:
            return _joined("AND", _comparison(name, "GtEq", low, kinds), _comparison(name, "LtEq", high, kinds))
    raise _Untold


def _prefix(name: str, value: Node, kinds: Kinds) -> Condition:
    """Return what tells the beginning of a text; GLOB minds the case of letters as polars does."""
    prefix = _literal(value, kinds.get(name))
    if not isinstance(prefix, str) or "\0" in prefix or len(prefix) > _MOST_OF_PREFIX:
        raise _Untold
    pattern = "".join(f"[{sign}]" if sign in "*?[" else sign for sign in prefix)
    return Condition(f"{quoted(name)} GLOB {_PLACE}", (f"{pattern}*",))


def _column(name: str, kinds: Kinds) -> str:
    """Return a column as it is compared; polars compares texts by their bytes, whatever a local table declares."""
    return f"{quoted(name)} COLLATE BINARY" if kinds.get(name) is Kind.STRING else quoted(name)


def _literal(node: Node, kind: Kind | None) -> Any:
    """Return the value of a literal that a column is compared with."""
    match node:
        case {"Literal": {"Scalar": {"Datetime": [int(moment), "Microseconds", {"inner": "UTC"}]}}}:
            value: Any = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=moment)
        case {"Literal": {"Scalar": scalar} | {"Dyn": scalar}} if isinstance(scalar, dict) and len(scalar) == 1:
            (value,) = scalar.values()
        case _:
            raise _Untold
    return _checked(value, kind)


def _listed(node: Node) -> list[Any]:
    """Return the values of a literal that is a list, which polars writes as a stream of Arrow."""
    match node:
        case {"Alias": [inner, str()]}:
            return _listed(inner)
        case {"Literal": {"Scalar": {"List": octets}}} if isinstance(octets, list):
            return pl.read_ipc_stream(io.BytesIO(bytes(octets))).to_series().to_list()
    raise _Untold


def _checked(value: Any, kind: Kind | None) -> Any:
    """Return a value that is compared alike by polars and SQLite with a column of a type."""
    if kind not in _LITERALS or type(value) not in _LITERALS[kind]:
        raise _Untold
    if isinstance(value, dt.datetime) and value.utcoffset() != dt.timedelta(0):
        raise _Untold
    if isinstance(value, float) and not math.isfinite(value):
        raise _Untold
    if type(value) is int and abs(value) >= (_EXACT if kind is Kind.FLOAT else 1 << 63):
        raise _Untold
    return value
