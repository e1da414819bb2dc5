"""A class for each of Box's tables, made from the catalog, and what such a class is mapped by, for another base."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event
from sqlalchemy.orm import declarative_base, deferred, object_session

from box_dialect.catalog.metadata.names import may_be_template
from box_dialect.errors import NotSupportedError, ProgrammingError
from box_dialect.orm.objects import BoxObject
from box_dialect.orm.relationships import mapped, relate
from box_dialect.orm.tables import STATIC, columns, tables, version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from box_dialect.catalog.model import Relation


class BoxColumns:
    """Map the class that stands beside it to a table of Box: `class File(FileColumns, Base)`.

    It has to come before the base. Subclasses of the mapped class share its table.
    """

    __table__: Any
    __mapper_args__: Any
    box_table: Relation
    """The table or view, as the catalog declares it."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Set what SQLAlchemy maps the class by, unless it is not mapped itself or inherits a mapping."""
        if hasattr(cls, "metadata") and not hasattr(cls, "__table__") and not cls.__dict__.get("__abstract__"):
            table = tables(cls.metadata, cls.box_table)[cls.box_table.name]
            cls.__table__ = table
            cls.__mapper_args__ = _mapper_arguments(cls.box_table, table) | getattr(cls, "__mapper_args__", {})
            if cls.__repr__ is object.__repr__ and cls.__str__ is object.__str__:  # else the base has words of its own
                cls.__repr__, cls.__str__ = BoxObject.__repr__, BoxObject.__str__  # type: ignore[assignment, method-assign]
        super().__init_subclass__(**options)


def _mapper_arguments(table: Relation, mapped: Any) -> dict[str, Any]:
    """Return what the mapper is told: hidden columns come when asked for, the version tells of others' changes."""
    hidden = {column.name: deferred(mapped.c[column.name]) for column in columns(table) if column.hidden}
    name = version(table)
    counter = {} if name is None else {"version_id_col": mapped.c[name], "version_id_generator": False}
    return {"properties": hidden, **counter}


def _refuse_update(mapper: Any, connection: Any, row: Any) -> None:
    session = object_session(row)
    if session is not None and session.is_modified(row, include_collections=False):
        _refuse_without_etag(mapper, connection, row)


def _refuse_without_etag(mapper: Any, _connection: Any, row: Any) -> None:
    """Refuse to write the root folder, which has no etag; else it would be told to be changed by somebody else."""
    counter = mapper.version_id_col
    if counter is not None and getattr(row, mapper.get_property_by_column(counter).key) in {None, ""}:
        raise NotSupportedError(
            f"{mapper.local_table.name} {row.id} has no etag, and cannot be changed or deleted: it is the root folder, "
            "which belongs to Box"
        )


event.listen(BoxColumns, "before_update", _refuse_update, propagate=True)
event.listen(BoxColumns, "before_delete", _refuse_without_etag, propagate=True)


_PARTS: Final = re.compile(r"[_\W]+")

_ENDINGS: Final = (("ss", "ss"), ("ies", "y"), ("iases", "ias"), ("uses", "us"), ("s", ""), ("", ""))
"""How names of tables end in the plural, and in the singular."""


def class_name(table: str) -> str:
    """Return what the class of a table is called, after one of its rows: `WebLink`."""
    plural, singular = next(endings for endings in _ENDINGS if table.endswith(endings[0]))
    one = table.removesuffix(plural) + singular
    return "".join(word[:1].upper() + word[1:] for word in _PARTS.split(one))


def columns_of(table: Relation) -> type[BoxColumns]:
    """Return what a class of one's own base is mapped by to a table: `FileColumns` for `files`."""
    named = {"__doc__": table.doc, "__module__": __package__, "box_table": table}
    return type(f"{class_name(table.name)}Columns", (BoxColumns,), named)


Base: Final[Any] = declarative_base()
"""The base of the classes; its `metadata` has Box's tables."""


def map_tables(tables: Iterable[Relation], base: Any = Base) -> dict[str, Any]:
    """Return a class of `base` for each table with a key, by its name, with their relationships.

    One that is there already is it. Tables of documents may have no key.

    So `map_tables(connection.catalog.relations.values())` has classes for what a program has added to the catalog.
    Of metadata templates that would have the class of another table, later ones get a number: `EnterpriseHub2`. Raises
    ProgrammingError where two other tables would have one class.
    """
    there = mapped(base)
    found: dict[str, Any] = {}
    for table in (each for each in tables if each.keys):
        name = class_name(table.name)
        if name in found and may_be_template(table.name):
            name = next(each for n in itertools.count(2) if (each := f"{name}{n}") not in found)
        if name in found:
            raise ProgrammingError(f"{found[name].__table__.name} and {table.name} would both be the class {name}")
        named = {"__doc__": table.doc, "__module__": __package__}
        found[name] = there.get(table.name) or type(name, (columns_of(table), base), named)
    relate(base)
    return found


MODELS: Final[Mapping[str, Any]] = map_tables(STATIC)
"""The classes by their names, of the tables that every connection has."""

COLUMNS: Final[Mapping[str, type[BoxColumns]]] = {
    f"{name}Columns": model.__bases__[0] for name, model in MODELS.items()
}
"""What a class of one's own base is mapped by, by its name."""
