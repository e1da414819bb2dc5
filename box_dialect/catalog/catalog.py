"""The catalog of one connection: its tables and procedures, those too that are found while it is open."""

from __future__ import annotations

import functools
import re
from collections import ChainMap
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.model import Table
from box_dialect.catalog.model.procedure import Procedure
from box_dialect.catalog.procedures import PROCEDURES
from box_dialect.catalog.references import check_names, check_targets
from box_dialect.catalog.tables import TABLES
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

GROUP: Final = "box_dialect.tables"
"""The entry-point group by which a package adds tables; each entry names an iterable of `Table`, and of `Procedure`.

Source: https://packaging.python.org/en/latest/specifications/entry-points/
"""

_NAME: Final = re.compile(r"(?!sqlite_|pragma_)[a-z_][a-z0-9_]*", re.IGNORECASE | re.ASCII)


class Catalog:
    """What a connection knows: Box's tables and procedures, those of installed packages, and what is added to it.

    It begins with what is `declared`, by default all but the last, which raises ProgrammingError where a package's
    cannot be used. `install` is called with what is added, before the catalog has it.
    """

    def __init__(
        self,
        declared: Iterable[Table | Procedure] | None = None,
        *,
        install: Callable[[Sequence[Table], Sequence[Procedure]], None] = lambda _tables, _procedures: None,
    ) -> None:
        begins_with = [*(installed() if declared is None else declared)]
        self._tables = {each.name.lower(): each for each in begins_with if isinstance(each, Table)}
        self._procedures = {each.key: each for each in begins_with if isinstance(each, Procedure)}
        self._install = install
        self.tables: Mapping[str, Table] = MappingProxyType(self._tables)
        """The tables by their names in lower case."""
        self.procedures: Mapping[str, Procedure] = MappingProxyType(self._procedures)
        """The procedures by their names in lower case."""
        self.names: Mapping[str, Table | Procedure] = ChainMap[str, Any](self._procedures, self._tables)
        """Tables and procedures by their names in lower case; none is that of both."""

    def add(self, *declared: Table | Procedure) -> None:
        """Add tables and procedures, all or none.

        Raises ProgrammingError for a name that is taken or is none, where a table refers to one that is not there, and
        where a row would have two things of one name: columns, or what it leads to.
        """
        tables: dict[str, Table] = {}
        procedures: dict[str, Procedure] = {}
        for each in declared:
            name = self._new_name(each, {*tables, *procedures})
            if isinstance(each, Table):
                tables[name] = each
            else:
                procedures[name] = each
        every_table = {**self._tables, **tables}
        check_targets(every_table)
        check_names(every_table)
        self._install([*tables.values()], [*procedures.values()])
        self._tables.update(tables)
        self._procedures.update(procedures)

    def _new_name(self, declared: object, others: Iterable[str]) -> str:
        """Return the name of what is added, in lower case."""
        if not isinstance(declared, Table | Procedure):
            raise ProgrammingError(f"{str(declared)[:80]!r} is neither a table nor a procedure")
        name = declared.name.lower()
        if not _NAME.fullmatch(name):
            raise ProgrammingError(f"{declared.name[:80]!r} can be no name of a table or procedure: use letters and _")
        if name in self.names or name in others:
            raise ProgrammingError(f"there is a table or procedure {declared.name} already; choose another name")
        return name


@functools.cache
def installed() -> Sequence[Table | Procedure]:
    """Return Box's tables and procedures, and those that installed packages add; these are loaded once in a process.

    Raises ProgrammingError, which names the package and the entry point, for those that cannot be used.
    """
    catalog = Catalog([*TABLES.values(), *PROCEDURES.values()])
    for entry in sorted(entry_points(group=GROUP), key=_described):
        try:
            catalog.add(*entry.load())
        except Exception as error:
            raise ProgrammingError(
                f"the tables of {_described(entry)} cannot be used ({type(error).__name__}: {error}); "
                "correct the package, or uninstall it"
            ) from error
    return (*catalog.tables.values(), *catalog.procedures.values())


def _described(entry: EntryPoint) -> str:
    package = "an unknown package" if entry.dist is None else entry.dist.name
    return f"{package}, entry point {entry.name} = {entry.value},"
