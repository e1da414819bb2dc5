"""The catalog of one connection: its tables and procedures, those too that are found while it is open."""

from __future__ import annotations

import functools
import re
from collections import ChainMap
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from box_dialect.catalog.model import DocumentRelation, Relation, SystemTable, Table, View
from box_dialect.catalog.model.procedure import Procedure
from box_dialect.catalog.procedures import PROCEDURES
from box_dialect.catalog.references import check_names, check_targets
from box_dialect.catalog.system import SYSTEM_TABLES
from box_dialect.catalog.tables import TABLES
from box_dialect.catalog.views import VIEWS
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

GROUP: Final = "box_dialect.tables"
"""The entry-point group by which a package adds tables; each entry names an iterable of `Table`, and of `Procedure`.

Source: https://packaging.python.org/en/latest/specifications/entry-points/
"""

Declared: TypeAlias = Relation | Procedure
"""What a catalog has: a table, a view or a procedure."""

_KINDS: Final = (Procedure, Table, SystemTable, View, DocumentRelation)
_NAME: Final = re.compile(r"(?!sqlite_|pragma_)[a-z_][a-z0-9_.-]*", re.IGNORECASE | re.ASCII)


class Catalog:
    """What a connection knows: Box's tables, views and procedures, those of installed packages, and what is added.

    It begins with what is `declared`, by default all but the last, which raises ProgrammingError where a package's
    cannot be used, and with what is `built_in` where it is read. `install` is called with what is added, before the
    catalog has it, and with whether that may be in a transaction; `uninstall` with tables that are dropped.
    """

    def __init__(
        self,
        declared: Iterable[Declared] | None = None,
        *,
        built_in: Iterable[Relation] = (),
        install: Callable[[Sequence[Relation], Sequence[Procedure], bool], None] = lambda *_: None,
        uninstall: Callable[[Sequence[Relation]], None] = lambda _: None,
    ) -> None:
        begun = installed()._declared if declared is None else _by_kind(declared)  # noqa: SLF001 - of the same class
        self._declared: Mapping[type, dict[str, Any]] = {kind: {**names} for kind, names in begun.items()}
        for each in built_in:
            self._declared[_kind(each)][each.name.lower()] = each
        self._install, self._uninstall = install, uninstall
        procedures, *relations = self._declared.values()
        self.tables: Mapping[str, Table] = MappingProxyType(self._declared[Table])
        """The tables of Box by their names in lower case."""
        self.views: Mapping[str, View] = MappingProxyType(self._declared[View])
        """The views by their names in lower case."""
        self.documents: Mapping[str, DocumentRelation] = MappingProxyType(self._declared[DocumentRelation])
        """The tables of documents by their names in lower case."""
        self.relations: Mapping[str, Relation] = ChainMap[str, Any](*reversed(relations))
        """Those three and the system tables, by their names in lower case."""
        self.procedures: Mapping[str, Procedure] = MappingProxyType(procedures)
        """The procedures by their names in lower case."""
        self.names: Mapping[str, Declared] = ChainMap[str, Any](procedures, *relations)
        """All of them by their names in lower case; none is that of two."""

    def add(self, *declared: Declared, amid_transaction: bool = False) -> None:
        """Add tables, views and procedures, all or none; with `amid_transaction` also while one is open.

        The transaction is one on local tables. Raises ProgrammingError for a name that is taken or is none, where a
        table refers to one that is not there, and where a row would have two things of one name: columns, or what it
        leads to.
        """
        added = _by_kind(())
        for each in _named(declared):
            name = self._new_name(each, {name for names in added.values() for name in names})
            added[_kind(each)][name] = each
        procedures, *relations = added.values()
        every_relation = {**self.relations, **ChainMap(*relations)}
        check_targets(every_relation)
        check_names(every_relation)
        self._install(
            [each for names in relations for each in names.values()], [*procedures.values()], amid_transaction
        )
        for kind, names in added.items():
            self._declared[kind].update(names)

    def change(self, tables: Iterable[Table], gone: Collection[str] = ()) -> None:
        """Have tables as they are now, new ones and others by their names, and know those that are gone no more.

        `gone` are names in lower case. A transaction may be open. Raises ProgrammingError as `add` does, of all that
        there is afterwards, and then nothing changes.
        """
        declared: dict[str, Table] = {}
        for table in tables:
            name = table.name.lower()
            declared[name if name in self.tables else self._new_name(table, declared)] = table
        left = {name: each for name, each in self.relations.items() if name not in gone}
        every_relation = {**left, **declared}
        check_targets(every_relation)
        check_names(every_relation)
        self._install([*declared.values()], [], True)
        self._declared[Table].update(declared)
        dropped = [self.relations[name] for name in gone]
        self._uninstall(dropped)
        for each in dropped:
            del self._declared[_kind(each)][each.name.lower()]

    def _new_name(self, declared: object, others: Iterable[str]) -> str:
        """Return the name of what is added, in lower case."""
        if not isinstance(declared, _KINDS):
            raise ProgrammingError(f"{str(declared)[:80]!r} is neither a table nor a procedure")
        name = declared.name.lower()
        if not _NAME.fullmatch(name) and not isinstance(declared, DocumentRelation):
            raise ProgrammingError(f"{declared.name[:80]!r} can be no name of a table or procedure: use letters and _")
        if name in self.names or name in others:
            raise ProgrammingError(f"there is a table or procedure {declared.name} already; choose another name")
        return name


def _named(declared: Iterable[Declared]) -> Iterator[Declared]:
    """Yield what is declared, a procedure by each of its names."""
    for each in declared:
        yield from each.spellings if isinstance(each, Procedure) else (each,)


def _by_kind(declared: Iterable[Declared]) -> dict[type, dict[str, Any]]:
    """Return what is declared by its class and its names in lower case."""
    found: dict[type, dict[str, Any]] = {kind: {} for kind in _KINDS}
    for each in _named(declared):
        found[_kind(each)][each.name.lower()] = each
    return found


def _kind(declared: Declared) -> type:
    return next(kind for kind in _KINDS if isinstance(declared, kind))


@functools.cache
def installed() -> Catalog:
    """Return what the catalog of every connection begins with: what Box has, and what installed packages add.

    Those are loaded once in a process. Raises ProgrammingError, which names the package and the entry point, for those
    that cannot be used.
    """
    catalog = Catalog([*TABLES.values(), *SYSTEM_TABLES.values(), *VIEWS.values(), *PROCEDURES.values()])
    for entry in sorted(entry_points(group=GROUP), key=_described):
        try:
            catalog.add(*entry.load())
        except Exception as error:
            raise ProgrammingError(
                f"the tables of {_described(entry)} cannot be used ({type(error).__name__}: {error}); "
                "correct the package, or uninstall it"
            ) from error
    return catalog


def _described(entry: EntryPoint) -> str:
    package = "an unknown package" if entry.dist is None else entry.dist.name
    return f"{package}, entry point {entry.name} = {entry.value},"
