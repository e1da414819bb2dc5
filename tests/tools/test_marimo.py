"""marimo: `mo.sql`, and what the panel of data sources shows of an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from docs.pages import TOOLS, run
from marimo._sql.get_engines import engine_to_data_source_connection, get_engines_from_variables

from box_dialect.catalog import TABLES
from box_dialect.catalog.views import VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box


@pytest.fixture
def engine(fresh: Box) -> Iterator[sa.Engine]:
    engine = sa.create_engine(fresh.url.replace("/?", "/main?"))
    yield engine
    engine.dispose()


def seen_by_marimo(engine: sa.Engine) -> Any:
    ((name, found),) = get_engines_from_variables([("engine", engine)])
    assert name == "engine"
    return found


def test_the_page(small: Box) -> None:
    run(TOOLS, small.emulator.ready, "marimo")


def test_the_panel_unfolds_to_tables_and_columns(fresh: Box, engine: sa.Engine) -> None:
    found = seen_by_marimo(engine)
    source = engine_to_data_source_connection("engine", found)
    assert (source.dialect, source.display_name) == ("box", "box (engine)")
    assert [database.name for database in source.databases] == ["main"]
    (schema,) = found.get_schemas(database="main", include_tables=False, include_table_details=False)
    tables = found.get_tables_in_schema(schema=schema.name, database="main", include_table_details=False)
    assert {*TABLES, *VIEWS} <= {table.name for table in tables}
    details = found.get_table_details(table_name="files", schema_name=schema.name, database_name="main")
    kinds = {column.name: column.type for column in details.columns}
    assert (kinds["name"], kinds["size"], kinds["modified_at"]) == ("string", "integer", "datetime")
    assert details.primary_keys == ["id"]
    detailed = found.get_tables_in_schema(schema=schema.name, database="main", include_table_details=True)
    assert {table.name: len(table.columns) for table in detailed}["files"] == len(details.columns)
    assert {*fresh.stats()["by_operation"]} == {
        "get_metadata_templates_enterprise",
        "get_metadata_templates_global",
    }


def test_a_query_is_checked_as_it_is_typed_without_a_call(fresh: Box, engine: sa.Engine) -> None:
    found = seen_by_marimo(engine)
    checked, error = found.execute_in_explain_mode("SELECT name FROM files WHERE name LIKE 'a%'")
    assert (checked is None, error) == (False, None)
    _, error = found.execute_in_explain_mode("SELECT nam FROM files")
    assert "did you mean name?" in error
    assert fresh.stats()["calls"] == 0
