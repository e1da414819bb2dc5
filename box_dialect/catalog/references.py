"""How tables refer to each other: each reference leads to a key, and each name that it gives is new there."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from box_dialect.catalog.model import Table
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.catalog.model import Reference, Relation


def check_targets(tables: Mapping[str, Relation]) -> None:
    """Raise ProgrammingError where a column refers to what is not the key of one of these tables.

    Of the tables that one of several is referred to in, some need not be there.
    """
    for reference in (reference for table in tables.values() for reference in table.references):
        target = tables.get(reference.target.lower())
        is_optional = target is None and reference.by is not None
        if not is_optional and (target is None or not _is_key(reference.keys, target)):
            raise ProgrammingError(
                f"{_named(reference)} refers to {reference.target}.{', '.join(reference.keys)}, "
                "which is the key of no table"
            )


def check_names(tables: Mapping[str, Relation]) -> None:
    """Raise ProgrammingError where a row of these tables has two things of one name: columns, or what it leads to."""
    taken: dict[str, dict[str, str]] = defaultdict(dict)
    for table in tables.values():
        taken[table.name] |= {name: f"the column {name}" for name in table.numbers if name != table.name}
    for reference in (reference for table in tables.values() for reference in table.references):
        column = _named(reference)
        for owner, name, word in (
            (reference.table, reference.name, "relation"),
            (reference.target, reference.reverse, "reverse"),
        ):
            this = f"the {word} of {column}"
            other = this if name is None else taken[owner].setdefault(name, this)
            if other != this:
                raise ProgrammingError(f"{owner} has {other} called {name}: give {column} another {word}")


def names_at(tables: Mapping[str, Relation], *owners: str) -> set[str]:
    """Return the names, in lower case, of the columns of some tables and of what their rows lead to."""
    names = {name.lower() for owner in owners for name in tables[owner].numbers}
    for reference in (reference for table in tables.values() for reference in table.references):
        names |= {reference.name.lower()} if reference.table in owners else set()
        names |= {reference.reverse.lower()} if reference.reverse and reference.target in owners else set()
    return names


def _is_key(columns: tuple[str, ...], table: Relation) -> bool:
    """Tell whether columns are of the primary key of a table, or another key, by which an access path finds a row."""
    others = [{*path.keys} for path in table.paths if path.unique] if isinstance(table, Table) else []
    return {*columns} <= {*table.keys} or {*columns} in others


def _named(reference: Reference) -> str:
    return f"{reference.table}.{', '.join(reference.columns)}"
