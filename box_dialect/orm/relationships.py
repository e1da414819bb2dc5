"""How Box's tables refer to each other, by the names that the catalog declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy
from sqlalchemy.orm import relationship

from box_dialect.catalog import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPTIONS: Final = {"cascade_backrefs": False} if sqlalchemy.__version__.startswith("1.") else {}
"""SQLAlchemy 1.4 adds an object to the session of one that it refers to, unless it is told not to, as 2.0 does not."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that refers to a table's key.

    `name` is what the row there is called, `reverse` what the referring rows are called at it: `file`, `comments`.
    """

    table: str
    column: str
    target: str
    name: str
    reverse: str


def _references() -> Iterator[Reference]:
    for table in TABLES.values():
        for column in table.columns:
            if column.references is not None:
                target = column.references.partition(".")[0]
                yield Reference(table.name, column.name, target, column.relationship, column.reverse_of(table.name))


REFERENCES: Final = tuple(_references())
"""Every reference of the catalog."""


def relate(base: Any) -> None:
    """Give the classes of `base` that are mapped to Box's tables their relationships; call it once all are defined.

    A relationship joins two classes, so those to a table that no class of `base` is mapped to are left out, and so is
    one whose name the class uses itself.
    """
    classes = {mapper.local_table.name: mapper.class_ for mapper in base.registry.mappers if _is_of_box(mapper)}
    for reference in REFERENCES:
        if {reference.table, reference.target} <= set(classes):
            _relate(reference, classes[reference.table], classes[reference.target])


def _is_of_box(mapper: Any) -> bool:
    return mapper.inherits is None and "box" in mapper.local_table.info


def _relate(reference: Reference, many: Any, one: Any) -> None:
    """Join two classes. The rows of a deleted object are left to Box, which SQLAlchemy would change one by one else."""
    table, target = many.__table__, one.__table__
    key = target.primary_key.columns[0]
    column = table.c[reference.column]
    has_reverse = not hasattr(one, reference.reverse)
    options: dict[str, Any] = {"primaryjoin": column == key, "foreign_keys": column, **_OPTIONS}
    if not hasattr(many, reference.name):
        paired: dict[str, Any] = {"back_populates": reference.reverse} if has_reverse else {}
        setattr(many, reference.name, relationship(one, remote_side=key, **options, **paired))
        options["back_populates"] = reference.name
    if has_reverse:
        setattr(one, reference.reverse, relationship(many, passive_deletes="all", **options))
