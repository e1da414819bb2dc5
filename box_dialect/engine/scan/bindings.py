"""What a scan's arguments bind: keys to values, filters to what they select by, the scope of a walk."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from box_dialect.api.path import fits, places
from box_dialect.catalog.model import Bound, Filter, Op
from box_dialect.engine.plan.plan import compared, operands
from box_dialect.engine.plan.tree_scope import Scope, excludes_root, scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.engine.plan.plan import Plan


class Bindings:
    """The arguments of a plan, as its scan needs them."""

    def __init__(self, plan: Plan, arguments: tuple[Any, ...]) -> None:
        self._plan, self._arguments = plan, arguments

    @property
    def can_hold(self) -> bool:
        """Whether any row can fulfil the comparisons; none is equal to NULL."""
        return all(values for _, bound in self._bound for _, values in bound)

    def accepted(self, column: str) -> list[dict[str, None]]:
        """Return, for each comparison that binds a key, its values in their order."""
        path = self._plan.path
        accepts = path.accepting(column).fullmatch
        is_in_path = any(column in places(endpoint.path) for endpoint in path.asked)
        terms = [term for term in self._plan.keys if term.column == column]
        several = [self._values(term.argument, term.op) for term in terms]
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

    def selecting(self, keys: Mapping[str, str]) -> dict[str, Any]:
        """Return what the filters of the plan send."""
        parameters: dict[str, Any] = {}
        for narrow, bound in self._bound:
            parameters = {**narrow.render(bound, keys), **parameters}
        return parameters

    @cached_property
    def scope(self) -> Scope:
        """The folders that can hold a row."""
        return scope(self._scope_terms)

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
        return [
            (narrow, [(term.op, self._values(term.argument, term.op)) for term in terms])
            for narrow, terms in self._plan.filters
        ]

    def _values(self, argument: int, op: Op) -> tuple[Any, ...]:
        """Return the values of an argument as a TEXT column compares them; NULL equals nothing."""
        if op in {Op.EQ, Op.IN, Op.MATCH}:
            return compared(self._arguments[argument])
        return tuple(v for v in operands(self._arguments[argument]) if v is not None)
