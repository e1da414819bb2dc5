"""The tables of metadata templates, which a connection finds when they are named or reflected.

The templates are listed once for all connections of this process with equal properties, and again where a name is
unknown, or Box knows a template no more. A statement whose names are all known makes no call for that. What one
connection has listed the others take over.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.metadata.item_columns import ITEM_TABLES, item_columns
from box_dialect.catalog.metadata.names import may_be_template, named
from box_dialect.catalog.metadata.template import OUTDATED, template_table
from box_dialect.catalog.references import names_at
from box_dialect.dbapi.sqlite_errors import names_unknown_column, unknown_table
from box_dialect.engine import InUseError, temporary_names
from box_dialect.errors import DatabaseError, DataError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    import apsw

    from box_dialect.catalog import Table
    from box_dialect.catalog.metadata.names import Named
    from box_dialect.catalog.metadata.predicate import Field
    from box_dialect.engine import Session

SECONDS_REFLECTED: Final = 5.0
"""Seconds for which the tables are told from one listing."""

_ONCE: Final = 0.0
"""The moment since which one listing is enough."""

_MOST_COLUMNS: Final = 2_000
"""Columns of a table. Source: https://www.sqlite.org/limits.html"""


class TemplateTables:
    """What the catalog of a connection has of the templates, by the names of their tables.

    With `IncludeCustomFields`, `files` and `folders` have their fields as columns too, once a statement names one of
    these two.
    """

    def __init__(self, session: Session, sqlite: apsw.Connection) -> None:
        self._session, self._sqlite = session, sqlite
        self._made: dict[str, dict[str, Any]] = {}
        self._aliases: dict[str, str] = {}
        self._queried: dict[str, Field] = {}
        self._listing: Sequence[dict[str, Any]] = ()
        shown_by = ITEM_TABLES if session.properties.include_custom_fields else ()
        self._items = {name: session.tables[name] for name in shown_by}
        self._shown: Sequence[dict[str, Any]] = ()
        self._has_fields = False
        self._widest = 0

    def resolve(self, error: BaseException, names: Collection[str], began: float) -> bool:
        """Tell whether a statement that failed may be run again, since what is known of templates has changed.

        So it may where SQLite did not know a table or a column, or Box a template or a field. `names` are those that
        stand in the statement, which began at a moment of the monotonic clock.
        """
        if (name := unknown_table(error)) is not None:
            return self.find(name, began)
        if not any(name in names for name in (*self._made, *self._aliases, *self._items)):
            return False
        if isinstance(error, DatabaseError):
            return error.diag.code in OUTDATED and self._find_changes()
        return names_unknown_column(error) and self._find_changes(began)

    def has_other(self, name: str) -> bool:
        """Tell whether the catalog has a table of a name that is no template's, such as `enterprise_hubs`."""
        key = name.lower()
        return key in self._session.tables and key not in self._made and key not in self._aliases

    def find(self, name: str, moment: float | None = None) -> bool:
        """Have the catalog know the table of a name; False where it does already, and where there is no such template.

        An unknown one is looked for in the templates as they were at a moment, by default now, or later. Raises what
        the calls for that raise.
        """
        key = may_be_template(name)
        if key is None or key in self._session.tables:
            return False
        self._take(self._session.client.templates.listed)
        if not self._is_found(key):
            self._take(self._listed_since(moment))
        return self._is_found(key)

    def find_all(self) -> None:
        """Have the catalog know the tables of all templates, as they were within the last seconds."""
        self._take(self._listed_since(time.monotonic() - SECONDS_REFLECTED))

    def is_new(self, name: str) -> bool:
        """Tell whether there is no table of a name, as the templates are now."""
        self._find_changes()
        return self._known(name) is None and name.lower() not in self._session.catalog.names

    def found(self, name: str) -> dict[str, Any] | None:
        """Return the template of the table that has a name, None where there is none."""
        self.find(name)
        return self._known(name)

    def is_in_use(self, name: str) -> bool:
        """Tell whether a result has rows of the table of a name to give, so that it cannot become another."""
        key = name.lower()
        main = self._aliases.get(key, key).lower()
        names = {main, *(alias for alias, of in self._aliases.items() if of.lower() == main)}
        try:
            for each in names & self._session.tables.keys():
                self._session.catalog.change([self._session.tables[each]])
        except InUseError:
            return True
        return False

    def _known(self, name: str) -> dict[str, Any] | None:
        key = name.lower()
        return self._made.get(self._aliases.get(key, key).lower())

    def reflect(self, name: str) -> None:
        """Have the catalog know the table of a name as it was within the last seconds, if it is a template's."""
        key = may_be_template(name)
        if key in self._made or key in self._aliases or name.lower() in self._items:
            self.find_all()
        self.find(name)

    def add_fields(self, names: Callable[[], Iterable[str]]) -> bool:
        """Have `files` and `folders` show fields, where a statement is the first one to name them; True where they do.

        `names` gives those that stand in the statement, or of the tables that it reads. Raises ProgrammingError where
        the fields are too many.
        """
        if not self._items or self._has_fields or not any(name.lower() in self._items for name in names()):
            return False
        listing = self._listed_since(_ONCE)
        has_changed = self._take(listing)
        if self._widest > _MOST_COLUMNS:
            raise ProgrammingError(
                f"a table has {_MOST_COLUMNS:,} columns at most, and with the fields of all metadata templates it is "
                f"{self._widest:,}: leave IncludeCustomFields out, and join the tables of the templates"
            )
        self._has_fields = self._listing is listing
        return has_changed

    def refresh(self) -> None:
        """List the templates now, and have the catalog know them as they are; other connections follow.

        The tables of those that are gone go, but for one that a result has rows of to give: it goes with a later
        statement.
        """
        self._take(self._listed_since())

    def newest(self, table: Table) -> Table:
        """Return a table as its template is now, which is listed anew once in a statement; another table as it is.

        The catalog is left as it is, since the statement that runs has the table in use.
        """
        made, found = self._made.get((table.alias_of or table.name).lower()), self._session.execution.newest
        if made is None:
            return table
        if not found:
            self._listed_since()
        if table.name not in found:
            now = (each for each in self._session.client.templates.listed if _key(each) == _key(made))
            found[table.name] = next((_table_of(each, table.name) for each in now), table)
        return found[table.name]

    def follow(self) -> None:
        """Have the catalog know what another connection has listed meanwhile, or this one while a table was in use.

        A listing that is not as Box's reference says is for who names a template, and no matter of other statements.
        """
        if self._made:
            with suppress(DataError):
                self._take(self._session.client.templates.listed)

    def _find_changes(self, moment: float | None = None) -> bool:
        """Tell whether tables that the catalog has are others now, since their templates were changed meanwhile."""
        return self._take(self._session.client.templates.listed) or self._take(self._listed_since(moment))

    def _is_found(self, key: str) -> bool:
        """Tell whether there is a table of a name, and have the catalog know a further name of one."""
        main = self._aliases.get(key)
        if main is not None and key not in self._session.tables:
            self._session.catalog.add(_alias(self._session.tables[main.lower()], key), amid_transaction=True)
        return key in self._session.tables

    def _listed_since(self, moment: float | None = None) -> Sequence[dict[str, Any]]:
        """Return the templates as they were at a moment, by default now, or later."""
        session, client = self._session, self._session.client
        moment = time.monotonic() if moment is None else moment
        if client.templates.are_known_since(moment):
            return client.templates.listed
        send = partial(client.send, count=session.execution.count)
        return session.run(client.templates.list_anew, send, moment)

    def _take(self, templates: Sequence[dict[str, Any]]) -> bool:
        """Have the catalog know templates as they are; True where that changes a table that it had.

        A table that a result has rows of to give stays, and so is taken again by the next statement.
        """
        if templates is self._listing:
            return False
        try:
            has_changed = self._apply(templates)
        except InUseError:
            return False
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DataError(f"Box listed a metadata template that is not as its reference says ({error!r})") from None
        self._listing = templates
        return has_changed

    def _apply(self, templates: Sequence[dict[str, Any]]) -> bool:
        """Add, replace and drop tables of the catalog, so that they are those of some templates."""
        catalog = self._session.catalog
        own = {*self._made, *self._aliases}
        taken = {name for name in catalog.names if name not in own}.union(temporary_names(self._sqlite))
        declared = {**catalog.tables, **self._items}
        others = names_at({name: table for name, table in declared.items() if name not in own}, *ITEM_TABLES)
        found = [*named(templates, taken)]
        new: list[Table] = []
        changed: list[Table] = []
        made: dict[str, dict[str, Any]] = {}
        aliases: dict[str, str] = {}
        self._queried.clear()
        for template, name, alias in found:
            table, key = template_table(template, name, others.__contains__, self._queried), name.lower()
            others.update(reference.reverse.lower() for reference in table.references if reference.reverse)
            made[key] = template
            if alias is not None:
                aliases[alias.lower()] = name
            known = catalog.tables.get(key)
            if known is None:
                new += [table, *self._known_alias(table, alias)]
            elif self._made.get(key) != template or known.references != table.references:
                changed += [table, *self._known_alias(table, alias)]
        gone = [name for name in own & catalog.tables.keys() if name not in made and name not in aliases]
        shown = [*self._shown_by(found, others)] if self._items and self._shown != templates else []
        try:
            catalog.change([*new, *changed, *shown], gone)
        except InUseError:
            catalog.change(new)
            self._made |= {name: made[name] for name in made if name not in own and name in catalog.tables}
            self._aliases |= aliases
            raise
        self._made, self._aliases, self._shown = made, aliases, templates
        return bool(changed or gone or shown)

    def _shown_by(self, templates: Sequence[Named], others: Collection[str]) -> Iterator[Table]:
        """Yield `files` and `folders` with the fields of templates as columns, unless these are too many."""
        columns = [*item_columns(templates, others)]
        shown = [replace(table, columns=(*table.columns, *columns)) for table in self._items.values()]
        self._widest = max(len(table.columns) for table in shown)
        yield from shown if self._widest <= _MOST_COLUMNS else ()

    def _known_alias(self, table: Table, alias: str | None) -> Sequence[Table]:
        """Return the table by its further name, where the catalog has it by that too."""
        is_known = alias is not None and alias.lower() in self._session.tables
        return (_alias(table, alias),) if is_known and alias is not None else ()


def _table_of(template: dict[str, Any], name: str) -> Table:
    """Return the table of a template, of which nothing is asked but what its columns hold."""
    try:
        return template_table(template, name, lambda _: False)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _odd(error) from None


def _odd(error: Exception) -> DataError:
    return DataError(f"Box listed a metadata template that is not as its reference says ({error!r})")


def _key(template: dict[str, Any]) -> tuple[Any, Any]:
    return template.get("scope"), template.get("templateKey")


def _alias(table: Table, name: str) -> Table:
    """Return a table by a further name."""
    columns = (replace(each, reverse=name) if each.target is not None else each for each in table.columns)
    return replace(table, name=name, columns=tuple(columns), alias_of=table.name)
