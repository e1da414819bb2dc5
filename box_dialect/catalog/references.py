"""How tables refer to each other: each reference leads to a key, and each name that it gives is new there."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.catalog.model import Table


def check_targets(tables: Mapping[str, Table]) -> None:
    """Raise ProgrammingError where a column refers to what is not the key of one of these tables.

    Of the tables that one of several is referred to in, some need not be there.
    """
    for reference in (reference for table in tables.values() for reference in table.references):
        target = tables.get(reference.target)
        is_optional = target is None and reference.by is not None
        if not is_optional and (target is None or reference.key not in target.keys):
            raise ProgrammingError(
                f"{reference.table}.{reference.column} refers to {reference.target}.{reference.key}, "
                "which is the key of no table"
            )


def check_names(tables: Mapping[str, Table]) -> None:
    """Raise ProgrammingError where a row of these tables has two things of one name: columns, or what it leads to."""
    taken: dict[str, dict[str, str]] = defaultdict(dict)
    for table in tables.values():
        taken[table.name] |= {name: f"the column {name}" for name in table.numbers if name != table.name}
    for reference in (reference for table in tables.values() for reference in table.references):
        column = f"{reference.table}.{reference.column}"
        for owner, name, word in (
            (reference.table, reference.name, "relation"),
            (reference.target, reference.reverse, "reverse"),
        ):
            this = f"the {word} of {column}"
            other = taken[owner].setdefault(name, this)
            if other != this:
                raise ProgrammingError(f"{owner} has {other} called {name}: give {column} another {word}")
