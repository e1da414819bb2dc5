"""Alembic's migrations of local tables; Box's own are Box's, and no migration changes them.

Alembic 1.18 and later finds this by itself; for an older one, `env.py` has to `import box_dialect.alembic`.

Source: https://alembic.sqlalchemy.org/en/latest/api/ddl.html
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from alembic.ddl.sqlite import SQLiteImpl

from box_dialect.catalog import Catalog
from box_dialect.dialect.reflection import catalog_of, is_of_box
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Iterator


class BoxImpl(SQLiteImpl):
    """What Alembic does for `box://`: what it does for SQLite, with tables of Box left out of comparisons."""

    __dialect__ = "box"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._catalog = Catalog() if self.connection is None else catalog_of(self.connection)
        self.context_opts["include_object"] = _without_box(self._catalog, self.context_opts.get("include_object"))

    def prep_table_for_batch(self, batch_impl: Any, table: Any) -> None:
        """Make ready to copy a table; raises ProgrammingError for one of Box's before any row of it is read."""
        if is_of_box(table.name, self._catalog):
            raise ProgrammingError(f"{table.name} is a table of Box, which may not be altered")
        super().prep_table_for_batch(batch_impl, table)


def _without_box(catalog: Catalog, includes: Any) -> Any:
    """Return a filter for `include_object` that leaves out tables of Box, and what `includes` leaves out."""

    def include(item: Any, name: str | None, type_: str, *given: Any) -> bool:
        if type_ == "table" and name is not None and is_of_box(name, catalog):
            return False
        return includes is None or bool(includes(item, name, type_, *given))

    return include


class _Plugin(ModuleType):
    """What Alembic's entry point leads to: a module with `setup()`, and before 1.19.3 an iterable of such ones."""

    def __iter__(self) -> Iterator[ModuleType]:
        yield self

    def setup(self, _plugin: Any) -> None:
        """Do nothing: to have this module imported is what Alembic's plugins are asked for."""


plugin: Final = _Plugin(__name__)
"""What Alembic loads."""
