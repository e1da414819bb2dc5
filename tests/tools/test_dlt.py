"""dlt with Box as its source and DuckDB as its destination."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dlt
import duckdb
import pytest
import sqlalchemy as sa
from dlt.sources.sql_database import sql_database, sql_table
from docs.pages import TOOLS, run

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep pipelines and databases of the test where nothing else is, and have nobody told of them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")


def pipeline() -> Any:
    return dlt.pipeline(
        "box", destination=dlt.destinations.duckdb("copy.duckdb"), dataset_name="box", pipelines_dir="pipelines"
    )


def loaded(statement: str) -> list[Any]:
    with duckdb.connect("copy.duckdb") as database:
        return database.execute(statement).fetchall()


def test_the_page(small: Box) -> None:
    run(TOOLS, small.emulator.ready, "dlt")


@pytest.mark.parametrize("backend", ["sqlalchemy", "pyarrow"])
def test_values_keep_their_types(small: Box, backend: str) -> None:
    pipeline().run(sql_database(small.url, table_names=["files"], backend=backend))
    types = {name: kind for name, kind, *_ in loaded("DESCRIBE box.files")}
    assert [types[name] for name in ("name", "size", "modified_at", "is_watermarked", "tags")] == [
        "VARCHAR",
        "BIGINT",
        "TIMESTAMP WITH TIME ZONE",
        "BOOLEAN",
        "JSON",
    ]
    assert loaded("SELECT name FROM box.files WHERE tags ->> 0 = 'todo'") == [("Notes.txt",)]


def test_a_table_that_needs_a_key_takes_a_condition(small: Box) -> None:
    def of_one(query: sa.Select[Any], table: sa.Table) -> sa.Select[Any]:
        return query.where(table.c.id == "1")

    pipeline().run(sql_table(small.url, table="invites", query_adapter_callback=of_one))
    with pytest.raises(Exception, match="invites needs a value of id"):
        pipeline().run(sql_table(small.url, table="invites"))


def test_a_run_loads_what_has_changed_and_lists_every_folder(fresh: Box) -> None:
    engine = sa.create_engine(fresh.url)

    def load() -> dict[str, int]:
        fresh.reset()
        changed = dlt.sources.incremental("modified_at")
        ran = pipeline()
        ran.run(sql_table(engine, table="files", incremental=changed, primary_key="id", write_disposition="merge"))
        return {operation: calls for operation, calls in fresh.stats()["by_operation"].items() if "items" in operation}

    queries: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *given: queries.append(given[2]))
    (folders,) = load().values()
    with engine.connect() as connection:
        connection.execute(sa.text("UPDATE files SET description = 'new' WHERE name = 'notes'"))
    assert [*load().values()] == [folders]
    assert "WHERE files.modified_at >= ?" in queries[-1]
    assert loaded("SELECT count(*), count(DISTINCT id) FROM box.files") == [(27, 27)]
    assert loaded("SELECT description FROM box.files WHERE name = 'notes'") == [("new",)]
    assert loaded("SELECT count(*) FROM box._dlt_loads") == [(2,)]
    engine.dispose()
