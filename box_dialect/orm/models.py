"""A class for each of Box's tables, made from the catalog, and what such a class is mapped by, for another base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event
from sqlalchemy.orm import declarative_base, deferred, object_session

from box_dialect.catalog import TABLES, Table
from box_dialect.errors import NotSupportedError
from box_dialect.orm.objects import BoxObject
from box_dialect.orm.relationships import relate
from box_dialect.orm.tables import columns, tables, version

if TYPE_CHECKING:
    from collections.abc import Mapping


class BoxColumns:
    """Map the class that stands beside it to a table of Box: `class File(FileColumns, Base)`.

    It has to come before the base. Subclasses of the mapped class share its table.
    """

    __table__: Any
    __mapper_args__: Any
    box_table: Table
    """The table, as the catalog declares it."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Set what SQLAlchemy maps the class by, unless it is not mapped itself or inherits a mapping."""
        if hasattr(cls, "metadata") and not hasattr(cls, "__table__") and not cls.__dict__.get("__abstract__"):
            table = tables(cls.metadata)[cls.box_table.name]
            cls.__table__ = table
            cls.__mapper_args__ = _mapper_arguments(cls.box_table, table) | getattr(cls, "__mapper_args__", {})
            if cls.__repr__ is object.__repr__ and cls.__str__ is object.__str__:  # else the base has words of its own
                cls.__repr__, cls.__str__ = BoxObject.__repr__, BoxObject.__str__  # type: ignore[assignment, method-assign]
        super().__init_subclass__(**options)


def _mapper_arguments(table: Table, mapped: Any) -> dict[str, Any]:
    """Return what the mapper is told: hidden columns come when asked for, the etag tells of others' changes."""
    hidden = {column.name: deferred(mapped.c[column.name]) for column in columns(table) if column.hidden}
    etag = version(table)
    counter = {} if etag is None else {"version_id_col": mapped.c[etag], "version_id_generator": False}
    return {"properties": hidden, **counter}


def _refuse_update(mapper: Any, connection: Any, row: Any) -> None:
    session = object_session(row)
    if session is not None and session.is_modified(row, include_collections=False):
        _refuse_without_etag(mapper, connection, row)


def _refuse_without_etag(mapper: Any, _connection: Any, row: Any) -> None:
    """Refuse to write the root folder, which has no etag; else it would be told to be changed by somebody else."""
    counter = mapper.version_id_col
    if counter is not None and not getattr(row, mapper.get_property_by_column(counter).key):
        raise NotSupportedError(
            f"{mapper.local_table.name} {row.id} has no etag, and cannot be changed or deleted: it is the root folder, "
            "which belongs to Box"
        )


event.listen(BoxColumns, "before_update", _refuse_update, propagate=True)
event.listen(BoxColumns, "before_delete", _refuse_without_etag, propagate=True)


def class_name(table: Table) -> str:
    """Return what the class of a table is called: `WebLink`."""
    return "".join(word.capitalize() for word in table.singular.split("_"))


Base: Final[Any] = declarative_base()
"""The base of the classes; its `metadata` has Box's tables."""

COLUMNS: Final[Mapping[str, type[BoxColumns]]] = {
    f"{class_name(table)}Columns": type(
        f"{class_name(table)}Columns",
        (BoxColumns,),
        {"__doc__": table.doc, "__module__": __package__, "box_table": table},
    )
    for table in TABLES.values()
}
"""What a class of one's own base is mapped by, by its name."""

MODELS: Final[Mapping[str, Any]] = {
    class_name(part.box_table): type(
        class_name(part.box_table), (part, Base), {"__doc__": part.box_table.doc, "__module__": __package__}
    )
    for part in COLUMNS.values()
}
"""The classes by their names."""

relate(Base)
