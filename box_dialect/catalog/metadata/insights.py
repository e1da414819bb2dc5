"""What Box's query insights tell of templates and files: counts, and aggregates of float fields.

They are asked for where their answer is sure to be that of SQLite over the rows, but for the last digits of a sum.

Sources: https://developer.box.com/reference/v2026.0/post-query-insights and
https://developer.box.com/guides/query/insights
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api import Paging
from box_dialect.catalog.metadata.predicate import Field, Language, Said, joined, numbered, said
from box_dialect.catalog.model import Insights, Op

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from box_dialect.catalog.model import Comparison, Condition, Endpoint, Sent, Word

_WIDENED: Final = frozenset({Op.LIKE, Op.NOT_LIKE, Op.HAS_NONE})
"""The comparisons that are sent so that they find more rows than SQLite would."""


class _InexactError(Exception):
    """A condition that cannot be sent so that it finds just the rows of SQLite."""


def insights(
    query: Endpoint,
    language: Language,
    fields: Mapping[str, Field],
    *,
    keys: Collection[str] = (),
    numbers: Collection[str] = (),
    groups: Collection[str] = (),
) -> Insights:
    """Return the insights into what a query finds, by the columns that are fields; all rows have values of `keys`."""
    each = language.item.format(key="name")
    names = {column: field.name for column, field in fields.items()}
    return Insights(
        endpoint=replace(query, path="/query_insights", paging=Paging.ALL, takes_fields=False, rows=(), complete=None),
        exactly=_exactly(fields, language),
        each=each,
        counted={**names, **dict.fromkeys(keys, each)},
        numbers={column: names[column] for column in numbers},
        groups={column: names[column] for column in groups},
    )


def _exactly(
    fields: Mapping[str, Field], language: Language
) -> Callable[[Condition, Sequence[Any]], Mapping[str, Any] | None]:
    def render(condition: Condition, values: Sequence[Any]) -> Mapping[str, Any] | None:
        def compared(comparison: Comparison) -> Sent[Said]:
            field, given = fields.get(comparison.column), [values[number] for number in comparison.values]
            if field is None or not _is_exact(field, comparison.op, given):
                raise _InexactError
            return sure(said(field, comparison.op, given))

        def combined(word: Word, parts: list[Sent[Said]]) -> Sent[Said]:
            return sure(joined(word, parts))

        try:
            found = condition.folded(compared, combined)
        except _InexactError:
            return None
        return numbered(found.text, found.values, "c", language) if isinstance(found, Said) else None

    return render


def sure(found: Sent[Said]) -> Sent[Said]:
    """Return what is said; raises _InexactError where nothing would be sent, though some rows do not fulfil it."""
    if isinstance(found, bool):
        raise _InexactError
    return found


def _is_exact(field: Field, op: Op, given: Sequence[Any]) -> bool:
    """Tell whether Box compares values just as SQLite does: those that it tells from all others."""
    kind = field.kind
    known = [kind.compared(value) for value in given if value is not None]
    return op not in _WIDENED and all(kind.written(Op.NE, value) is not None for value in known)
