"""What each table gives of the emulator's default data, what that takes in calls, and how a row of it is written.

A module for each family of tables, as in `box_dialect/catalog/tables/`, has some of `ROWS`, `KEYS`, `CALLS` and
`WRITTEN`.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Written:
    """A row that is made, changed and removed. After each step its columns are read, by its key."""

    insert: Mapping[str, object] | None = None
    """The columns of the INSERT; without it, `key` is that of a row that is there."""
    updates: Sequence[Mapping[str, object]] = ()
    """The columns of each UPDATE."""
    reads: Mapping[str, object] = field(default_factory=dict)
    """What columns read where that is not what was written: `...` of one that cannot be read."""
    key: Mapping[str, object] = field(default_factory=dict)
    """The key of the row, where no INSERT makes it."""
    delete: bool = True
    """Whether it is removed at last; there is no such row then."""
    left: Mapping[str, object] = field(default_factory=dict)
    """What columns read of the row where Box keeps it for a while after that."""


def those_known(table: str) -> tuple[str, tuple[object, ...]]:
    """Return the condition that a statement has for the rows of a table, true where Box lists it, with its values."""
    key = KEYS.get(table, {})
    return " AND ".join(f"{column} = ?" for column in key) or "true", tuple(key.values())


def _collected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for module in pkgutil.iter_modules(__path__):
        entries = getattr(importlib.import_module(f"{__name__}.{module.name}"), name, {})
        assert not (twice := {*found} & {*entries}), f"{name} has {twice} in two modules"
        found |= entries
    return found


ROWS: dict[str, tuple[str, list[tuple[Any, ...]]]] = _collected("ROWS")
"""For each table, a query and what it gives, in any order."""

KEYS: dict[str, dict[str, object]] = _collected("KEYS")
"""For each table that Box does not list, the key of a row."""

CALLS: dict[str, int] = _collected("CALLS")
"""For each table, the calls of `SELECT *` without a WHERE."""

WRITTEN: dict[str, list[Written]] = _collected("WRITTEN")
"""For each table that can be written, rows that together write every column that can be."""
