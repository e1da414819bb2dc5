"""Names for what `sqlalchemy.ext.automap` makes of Box's tables; what is not Box's gets automap's own names.

Base = automap_base(cls=BoxObject)
Base.prepare(autoload_with=engine, **AUTOMAP)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.ext import automap

from box_dialect.orm.models import class_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import sqlalchemy as sa

    from box_dialect.catalog.model import Reference


def _reference(constraint: sa.ForeignKeyConstraint) -> Reference | None:
    references: tuple[Reference, ...] = constraint.table.info.get("box", ())
    told = constraint.column_keys, constraint.referred_table.name.lower()
    return next((each for each in references if ([*each.constrained], each.target.lower()) == told), None)


def classname_for_table(base: Any, tablename: str, table: sa.Table) -> str:
    """Return `WebLink` for `web_links`."""
    return class_name(tablename) if "box" in table.info else automap.classname_for_table(base, tablename, table)


def name_for_scalar_relationship(
    base: Any, local_cls: type[Any], referred_cls: type[Any], constraint: sa.ForeignKeyConstraint
) -> str:
    """Return `parent` for `files.parent_id`."""
    reference = _reference(constraint)
    if reference is None:
        return automap.name_for_scalar_relationship(base, local_cls, referred_cls, constraint)
    return reference.name


def name_for_collection_relationship(
    base: Any, local_cls: type[Any], referred_cls: type[Any], constraint: sa.ForeignKeyConstraint
) -> str:
    """Return `files` for a folder's files."""
    reference = _reference(constraint)
    if reference is None or reference.reverse is None:
        return automap.name_for_collection_relationship(base, local_cls, referred_cls, constraint)
    return reference.reverse


def generate_relationship(
    base: Any, direction: Any, make: Any, name: str, local_cls: type[Any], referred_cls: type[Any], **options: Any
) -> Any:
    """Return a relationship as our models have it.

    One by a column that refers to one of several tables is read only, and none leads to rows that are found by id only.
    """
    tables = [cls.__table__ for cls in (local_cls, referred_cls)]
    names = {str.lower(table.name) for table in tables}
    references: list[Reference] = [each for table in tables for each in table.info.get("box", ())]
    if any(each.by is not None and {each.table.lower(), each.target} == names for each in references):
        options = {name: value for name, value in options.items() if name != "cascade"} | {"viewonly": True}
    columns = [column.name for column in options.get("foreign_keys", ())]
    if any([*each.constrained] == columns and each.reverse is None for each in local_cls.__table__.info.get("box", ())):
        options |= {"backref": None}
    return automap.generate_relationship(base, direction, make, name, local_cls, referred_cls, **options)


AUTOMAP: Final[Mapping[str, Callable[..., Any]]] = {
    "classname_for_table": classname_for_table,
    "name_for_scalar_relationship": name_for_scalar_relationship,
    "name_for_collection_relationship": name_for_collection_relationship,
    "generate_relationship": generate_relationship,
}
"""What `prepare()` takes."""
