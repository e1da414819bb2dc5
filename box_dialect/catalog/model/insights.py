"""Insights: aggregates that Box computes over the rows of an access path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from box_dialect.catalog.model.condition import Condition
    from box_dialect.catalog.model.endpoint import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Insights:
    """Declare that Box counts what an access path finds, and computes with the values of its columns, in one call.

    `endpoint` is asked for that, with the same keys as the path. `exactly` turns a condition and its values into what
    is sent, at places in the body, that selects just the rows which the statement does; None where that is not sure.
    `each` is a field that every row has a value of. `counted` are the fields of the columns whose values are counted,
    `numbers` those of the columns that are computed with, `groups` those by which rows are grouped.
    """

    endpoint: Endpoint
    exactly: Callable[[Condition, Sequence[Any]], Mapping[str, Any] | None]
    each: str
    counted: Mapping[str, str]
    numbers: Mapping[str, str]
    groups: Mapping[str, str]
