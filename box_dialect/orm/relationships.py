"""How Box's tables refer to each other, by the names that the catalog declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import relationship

if TYPE_CHECKING:
    from box_dialect.catalog.model import Reference

_OPTIONS: Final = {"cascade_backrefs": False} if sa.__version__.startswith("1.") else {}
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
    if reference.by is not None:
        _relate_one_of_several(reference, many, one)
        return
    joined, keys, columns = _joined(reference, many, one)
    reverse = _reverse(reference, one)
    options: dict[str, Any] = {"primaryjoin": joined, "foreign_keys": columns, **_OPTIONS}
    if not hasattr(many, reference.name):
        paired: dict[str, Any] = {} if reverse is None else {"back_populates": reverse}
        setattr(many, reference.name, relationship(one, remote_side=keys, **options, **paired))
        options["back_populates"] = reference.name
    if reverse is not None:
        setattr(one, reverse, relationship(many, passive_deletes="all", **options))


def _reverse(reference: Reference, one: Any) -> str | None:
    """Return what the rows that refer to a class are to be called there, None where it is to have none or has them."""
    return None if reference.reverse is None or hasattr(one, reference.reverse) else reference.reverse


def _joined(reference: Reference, many: Any, one: Any) -> tuple[Any, list[Any], list[Any]]:
    """Return the condition that joins two classes, the columns of the key, and those that refer to it."""
    keys = [one.__table__.c[name] for name in reference.keys]
    columns = [many.__table__.c[name] for name in reference.columns]
    return sa.and_(*(column == key for column, key in zip(columns, keys, strict=True))), keys, columns


def _relate_one_of_several(reference: Reference, many: Any, one: Any) -> None:
    """Join two classes by a column that refers to several tables; what is read so is written by the columns alone."""
    joined, keys, columns = _joined(reference, many, one)
    condition = joined & (many.__table__.c[reference.by] == reference.kind)
    options: dict[str, Any] = {"primaryjoin": condition, "foreign_keys": columns, "viewonly": True}
    if not hasattr(many, reference.name):
        setattr(many, reference.name, relationship(one, remote_side=keys, **options))
    reverse = _reverse(reference, one)
    if reverse is not None:
        is_key = {*many.__table__.primary_key.columns.keys()} == {*reference.constrained}
        setattr(one, reverse, relationship(many, uselist=not is_key, **options))
