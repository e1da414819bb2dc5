"""What SHOW and DESCRIBE stand for: queries over the system tables, once the tables are known of which they tell."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import apsw

from box_dialect.catalog.model import Table
from box_dialect.catalog.model.procedure import find
from box_dialect.dbapi.sqltext.show import SCHEMAS, Show, show
from box_dialect.engine import unguarded
from box_dialect.errors import SignInNeededError

if TYPE_CHECKING:
    from box_dialect.dbapi.backend import Backend

_LOCAL: Final = """
    SELECT 'main', name, type FROM main.sqlite_schema WHERE type IN ('table', 'view')
    UNION ALL SELECT 'temp', name, type FROM temp.sqlite_schema WHERE type IN ('table', 'view')
"""


def query_of_shown(backend: Backend, operation: str) -> str:
    """Return the query that a SHOW or DESCRIBE stands for, any other statement as it is.

    Metadata templates and documents are found for SHOW TABLES, and for DESCRIBE of a table that is not known. Raises
    ProgrammingError for a wrong one, and for a table or procedure that is not there, and what the calls for templates
    raise.
    """
    shown = show(operation)
    if shown is None:
        return operation
    with backend.translated():
        if shown.form.of == "schema":
            return _of_schema(backend, shown)
        if shown.form.of == "table":
            return _of_table(backend, shown, shown.name or "")
        if shown.form.of == "procedure":
            return shown.query(name=find(backend.session.procedures, shown.name or "").name)
        return shown.query()


def _of_schema(backend: Backend, shown: Show) -> str:
    """Return the query for the tables of a schema, or of both."""
    if has_box := shown.schema != "temp":
        with suppress(SignInNeededError):
            backend.find_tables()
    relations = backend.session.catalog.relations
    with unguarded(backend.sqlite):
        local = [
            (schema, name, kind)
            for schema, name, kind in backend.sqlite.execute(_LOCAL)
            if shown.schema in {None, schema} and name.lower() not in relations and not name.startswith("sqlite_")
        ]
    return shown.query(has_box="1" if has_box else "0", local=json.dumps(local))


def _of_table(backend: Backend, shown: Show, name: str) -> str:
    """Return the query for the columns of a table."""
    relation = None if shown.schema == "temp" else backend.find_table(name)
    if relation is not None:
        main = relation.alias_of if isinstance(relation, Table) else None
        return shown.query(name=main or relation.name, local_name=None, schema=None)
    own = () if name.lower() in backend.names else SCHEMAS[::-1] if shown.schema is None else (shown.schema,)
    with unguarded(backend.sqlite):
        for schema in own:
            if backend.sqlite.execute("SELECT 1 FROM pragma_table_xinfo(?, ?)", (name, schema)).get is not None:
                return shown.query(name=None, local_name=name, schema=schema)
    raise apsw.SQLError(f"no such table: {f'{shown.schema}.' if shown.schema else ''}{name}")
