"""Freshness: whether a statement may be answered out of Box's index, which lags behind what is."""

from __future__ import annotations

from typing import Any, Final

from box_dialect.catalog.model.column import Column, Derived
from box_dialect.errors import ProgrammingError

LIVE: Final = "live"
INDEXED: Final = "indexed"

FRESHNESS: Final = Column(
    "freshness",
    hidden=True,
    derived=Derived(function=lambda _, __: LIVE, fields=()),
    doc="`live`, or `indexed` where the row came out of Box's index. An input: "
    "`WHERE freshness = 'indexed'` is for the statement what the property `Freshness` is for the connection.",
)
"""The column by which a statement says it; an endpoint that reads the index has its rows say so, by `given`."""


def checked_freshness(value: Any) -> str:
    """Return a value that the column is compared with; raises ProgrammingError for one that it cannot have."""
    if value not in (LIVE, INDEXED):
        raise ProgrammingError(f"freshness is '{LIVE}' or '{INDEXED}', and is compared with one of these by = alone")
    return str(value)
