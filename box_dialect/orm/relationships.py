"""How Box's tables refer to each other, by the names that the catalog declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy
from sqlalchemy.orm import relationship

if TYPE_CHECKING:
    from box_dialect.catalog.model import Reference

_OPTIONS: Final = {"cascade_backrefs": False} if sqlalchemy.__version__.startswith("1.") else {}
"""SQLAlchemy 1.4 adds an object to the session of one that it refers to, unless it is told not to, as 2.0 does not."""


def mapped(base: Any) -> dict[str, Any]:
    """Return the classes of `base` that are mapped to Box's tables, by the names of these."""
    return {mapper.local_table.name: mapper.class_ for mapper in base.registry.mappers if _is_of_box(mapper)}


def relate(base: Any) -> None:
    """Give the classes of `base` that are mapped to Box's tables their relationships; call it once all are defined.

    A relationship joins two classes, so those to a table that no class of `base` is mapped to are left out, and so is
    one whose name the class uses itself. What a class has already it keeps.
    """
    classes = mapped(base)
    for many in classes.values():
        for reference in many.__table__.info["box"]:
            if reference.target in classes:
                _relate(reference, many, classes[reference.target])


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
