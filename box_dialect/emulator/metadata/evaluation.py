"""Evaluate predicates: a condition on an item is true, false, or, where a value that it needs is absent, neither.

Source: https://developer.box.com/guides/metadata/queries/syntax
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeAlias

from box_dialect.emulator.search_index import words

from .instances import is_number, moment
from .predicate import Both, Comparison, Exists, Literal, Not, Parameter, PredicateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from box_dialect.emulator.model import Item

    from .predicate import Condition, Name, Value
    from .taxonomies import Taxonomy

_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_ORDERED: Final = frozenset({*_ORDERS, "IN", "IS NULL"})
_TAKEN: Final = {
    "string": _ORDERED | {"LIKE", "ILIKE", "~"},
    "float": _ORDERED,
    "date": _ORDERED,
    "enum": frozenset({"=", "<>", "IN", "IS NULL"}),
    "multiSelect": frozenset({"=", "HASANY", "HASALL", "IS NULL"}),
    "taxonomy": frozenset({"HASANCESTOR", "IS NULL"}),
    "words": frozenset({"~"}),
}
"""The operators that fields of a kind have."""

SORTABLE: Final = frozenset({"string", "float", "date"})


class _Fields(Protocol):
    def __getitem__(self, name: str, /) -> Any: ...


class Document(NamedTuple):
    """An item with its fields, and with the values of its instances by the scopes and keys of their templates."""

    item: Item
    fields: _Fields
    values: Mapping[tuple[str, str], Mapping[str, Any]]


Test: TypeAlias = "Callable[[Document], bool | None]"


class ParameterError(PredicateError):
    """A parameter that is missing, or of another type than the field has."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a name stands for: the kind of the field, what reads its value, and the taxonomy that values are of.

    The value is None where it is absent, and a datetime where the field is a date. `words` is what is only searched.
    """

    kind: str
    read: Callable[[Document], Any]
    taxonomy: Taxonomy | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """What names stand for in a query, and the values of its parameters.

    Both functions raise PredicateError, or BoxError, for what there is not.
    """

    field: Callable[[Name], Reference]
    template: Callable[[str], tuple[str, str]]
    parameters: Mapping[str, Any]

    def test(self, condition: Condition) -> Test:
        """Return what tells whether an item meets a condition; raise PredicateError for one that cannot be met."""
        if isinstance(condition, Not):
            of_operand = self.test(condition.operand)
            return lambda document: None if (met := of_operand(document)) is None else not met
        if isinstance(condition, Both):
            tests = [self.test(operand) for operand in condition.operands]
            decisive = condition.operator == "OR"
            return lambda document: _joined((test(document) for test in tests), decisive=decisive)
        if isinstance(condition, Exists):
            template = self.template(self._value(condition.template, "string"))
            return lambda document: template in document.values
        return self._compared(condition)

    def _compared(self, comparison: Comparison) -> Test:
        reference, sign = self.field(comparison.name), comparison.operator
        if sign not in _TAKEN[reference.kind]:
            raise PredicateError(f"{sign} cannot be used with {'.'.join(comparison.name.steps)}")
        read = reference.read
        if sign == "IS NULL":
            return lambda document: read(document) is None
        if sign in ("HASANY", "HASALL", "HASANCESTOR"):
            wanted = frozenset(self._value(value, "string") for value in comparison.values)
        else:
            values = [self._value(value, reference.kind) for value in comparison.values]
            return _known(read, _test_of(sign, values))
        if sign == "HASALL":
            return _known(read, lambda value: wanted <= set(value))
        of = _above(reference.taxonomy) if sign == "HASANCESTOR" else set
        return _known(read, lambda value: not wanted.isdisjoint(of(value)))

    def _value(self, value: Value, kind: str) -> Any:
        """Return a value of the predicate as what fields of a kind are compared with."""
        if isinstance(value, Parameter):
            if value.name not in self.parameters:
                raise ParameterError(f"There is no value for the parameter :{value.name}")
            given = self.parameters[value.name]
        else:
            given = value.value
        converted = _CONVERTED[kind](given)
        if converted is None:
            said = f":{value.name}" if isinstance(value, Parameter) else f"{given!r}"
            raise _refusal(value)(f"{said} is no value of the type {kind}")
        return converted


def _refusal(value: Value) -> type[PredicateError]:
    return PredicateError if isinstance(value, Literal) else ParameterError


def _text(given: Any) -> str | None:
    return given if isinstance(given, str) else None


def _texts(given: Any) -> list[str] | None:
    are_texts = isinstance(given, list) and all(isinstance(each, str) for each in given)
    return sorted(given) if are_texts else None


_CONVERTED: Final[dict[str, Callable[[Any], Any]]] = {
    "string": _text,
    "words": _text,
    "enum": _text,
    "float": lambda given: given if is_number(given) else None,
    "date": moment,
    "multiSelect": _texts,
}
"""Makes of a given value what fields of a kind are compared with, or None of what is of another type."""


def _test_of(sign: str, values: list[Any]) -> Callable[[Any], bool]:
    if sign == "IN":
        return lambda value: value in values
    (wanted,) = values
    if isinstance(wanted, list):
        return lambda value: sorted(value) == wanted
    if sign == "~":
        terms = frozenset(words(wanted))
        return lambda value: terms <= frozenset(words(value))
    if sign in _ORDERS:
        compare = _ORDERS[sign]
        return lambda value: compare(value, wanted)
    matches = _pattern(wanted, 0 if sign == "LIKE" else re.IGNORECASE).fullmatch
    return lambda value: matches(value) is not None


def _pattern(text: str, flags: int) -> re.Pattern[str]:
    """Return the expression for a pattern of LIKE: `%` is any text, `_` a character; a backslash escapes either."""
    parts = re.findall(r"\\.|%+|.", text, re.DOTALL)
    said = {"_": "."} | {part: ".*" for part in parts if part.startswith("%")}
    written = [said.get(part) or re.escape(part[1:] if len(part) > 1 else part) for part in parts]
    return re.compile("".join(written), flags | re.DOTALL)


def _known(read: Callable[[Document], Any], test: Callable[[Any], bool]) -> Test:
    """Return a test of a value, which is neither true nor false where there is no value."""
    return lambda document: None if (value := read(document)) is None else test(value)


def _joined(met: Iterable[bool | None], *, decisive: bool) -> bool | None:
    """Return what conditions come to: one that is decisive decides, or else one that is neither leaves it open."""
    joined: bool | None = not decisive
    for each in met:
        if each is decisive:
            return decisive
        joined = None if each is None else joined
    return joined


def _above(taxonomy: Taxonomy | None) -> Callable[[list[str]], set[str]]:
    """Return what tells the ids of all nodes above some nodes."""

    def above(identities: list[str]) -> set[str]:
        nodes = [node for each in identities if taxonomy and (node := taxonomy.node(each)) is not None]
        return {ancestor.id for node in nodes for ancestor in node.ancestors()}

    return above
