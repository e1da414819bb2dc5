"""What a scan's arguments bind: keys to values, filters to what they select by, the scope of a walk."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api.path import fits, places
from box_dialect.catalog.model import Bound, Filter, Op, Type
from box_dialect.catalog.model.as_user import AS_USER, checked_user
from box_dialect.catalog.values import numeric
from box_dialect.engine.plan.plan import compared, operands
from box_dialect.engine.plan.tree_scope import Scope, excludes_root, named_folders, scope
from box_dialect.engine.sql.conditions import unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.catalog.model import Endpoint
    from box_dialect.engine.plan.plan import Plan, Term

_COMPARED: Final = frozenset({Op.EQ, Op.NE, Op.IN, Op.MATCH})
_OF_NULL: Final = frozenset({Op.IS_NULL, Op.NOT_NULL})
"""The comparisons that have no value."""


class Bindings:
    """The arguments of a plan, as its scan needs them."""

    def __init__(self, plan: Plan, arguments: tuple[Any, ...]) -> None:
        self._plan, self._arguments = plan, arguments

    @property
    def can_hold(self) -> bool:
        """Whether any row can fulfil the comparisons; none is equal to NULL."""
        return all(values or op in _OF_NULL for _, bound in self._bound for op, values in bound)

    def accepted(self, column: str) -> list[dict[str, None]]:
        """Return, for each comparison that binds a key, its values in their order.

        Raises ProgrammingError for a user who is none.
        """
        path = self._plan.path
        accepts = path.accepting(column).fullmatch
        is_in_path = any(column in places(endpoint.path) for endpoint in path.asked)
        terms = [term for term in self._plan.keys if term.column == column]
        several = [self._values(term.argument, term.op) for term in terms]
        if column == AS_USER.name:
            several = [tuple(map(checked_user, values)) for values in several]
        return [
            dict.fromkeys(v for v in values if isinstance(v, str) and accepts(v) and (not is_in_path or fits(v)))
            for values in several
        ]

    def combinations(self) -> list[dict[str, str]]:
        """Return the values of the keys, each combination once, without the alias of one."""
        path = self._plan.path
        combinations: list[dict[str, str]] = [{}]
        for column in path.keys:
            values = self.accepted(column)
            found = [value for value in values[0] if value != path.alias and all(value in each for each in values)]
            combinations = [{**keys, column: value} for keys in combinations for value in found]
        return combinations

    def by_alias(self) -> tuple[dict[str, str], frozenset[str] | None] | None:
        """Return the key as the alias, where it is bound to that, and the keys that its row may have."""
        path = self._plan.path
        values = self.accepted(path.keys[0]) if path.alias is not None else []
        others = [frozenset(each) for each in values if path.alias not in each]
        if len(others) == len(values) or path.alias is None:
            return None
        return {path.keys[0]: path.alias}, frozenset.intersection(*others) if others else None

    def selecting(self, endpoint: Endpoint, keys: Mapping[str, str]) -> dict[str, Any]:
        """Return what the filters of the plan send to an endpoint."""
        parameters: dict[str, Any] = {}
        for rendered in (*(narrow.render(bound, keys) for narrow, bound in self._bound), self._condition):
            sent = dict(rendered)
            for place in endpoint.joins.keys() & sent.keys() & parameters.keys():
                sent[place] = parameters.pop(place) + endpoint.joins[place] + sent[place]
            parameters = {**sent, **parameters}
        return parameters

    @property
    def _condition(self) -> Mapping[str, Any]:
        """What is sent of the condition that was read in the statement."""
        condition, predicate, given = self._plan.condition, self._plan.path.predicate, self._plan.given
        if condition is None or predicate is None:
            return {}
        values = (*condition.constants, *(() if given is None else unpacked(self._arguments[given])))
        return predicate.render(condition, values) if len(values) >= condition.needed else {}

    @cached_property
    def scope(self) -> Scope:
        """The folders that can hold a row."""
        return scope(self._scope_terms)

    @property
    def named_folders(self) -> int:
        """How many folders below the root are named, those on the way among them."""
        return named_folders(self._scope_terms)

    @property
    def excludes_root(self) -> bool:
        """Whether the root folder is surely no row."""
        return excludes_root(self._scope_terms)

    @cached_property
    def _scope_terms(self) -> list[tuple[str, Op, tuple[Any, ...]]]:
        return [(term.column, term.op, operands(self._arguments[term.argument])) for term in self._plan.scope]

    @cached_property
    def _bound(self) -> list[tuple[Filter, Bound]]:
        """What each filter of the plan is bound to."""
        return [(narrow, [(term.op, self._compared(term)) for term in terms]) for narrow, terms in self._plan.filters]

    def _compared(self, term: Term) -> tuple[Any, ...]:
        """Return the values of a comparison as its column compares them."""
        table = self._plan.table
        if table.columns[table.numbers[term.column]].type is Type.REAL:
            return tuple(numeric(v) for v in operands(self._arguments[term.argument]) if v is not None)
        return self._values(term.argument, term.op)

    def _values(self, argument: int, op: Op) -> tuple[Any, ...]:
        """Return the values of an argument as a TEXT column compares them; NULL equals nothing."""
        if op in _COMPARED:
            return compared(self._arguments[argument])
        return tuple(v for v in operands(self._arguments[argument]) if v is not None)
